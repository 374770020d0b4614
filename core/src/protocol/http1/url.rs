//! The URL a request asks for, put together from target and Host field (RFC 9112 section 3.3).

use super::head::Head;
use crate::protocol::output::Peers;

/// (absolute URL, host in lower case without port).
pub fn of_request(
    head: &Head,
    bytes: &[u8],
    scheme: &str,
    peers: &Peers,
) -> (String, Option<String>) {
    let target = text(head.target.of(bytes));
    if head.method.of(bytes) == b"CONNECT" {
        let host = host_of(&target);
        return (format!("{scheme}://{target}"), host);
    }
    if let Some((own, rest)) = target.split_once("://")
        && !own.is_empty()
        && own.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        let host = host_of(rest.split(['/', '?', '#']).next().unwrap_or_default());
        return (target, host);
    }
    let field = head
        .values(bytes, b"host")
        .next()
        .and_then(|v| std::str::from_utf8(v).ok())
        .filter(|v| is_authority(v));
    let mut url = String::with_capacity(scheme.len() + 40 + target.len());
    url.push_str(scheme);
    url.push_str("://");
    let host = match field {
        Some(authority) => {
            url.push_str(authority);
            host_of(authority)
        }
        None => {
            let (address, port) = (&peers.server.0, peers.server.1);
            let colon = address.contains(':');
            url.extend(colon.then_some('['));
            url.push_str(address);
            url.extend(colon.then_some(']'));
            if port != if scheme == "https" { 443 } else { 80 } {
                url.push_str(&format!(":{port}"));
            }
            Some(address.clone())
        }
    };
    if target != "*" {
        if !target.starts_with('/') {
            url.push('/');
        }
        url.push_str(&target);
    }
    (url, host)
}

/// Bytes as text. Bytes that are not UTF-8 are percent-encoded, so that nothing is lost.
pub(crate) fn text(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        if byte.is_ascii() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn is_authority(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~:[]%!$&'()*+,;=".contains(&b) || b >= 0x80)
}

/// The host of `host[:port]`, lower case, without the brackets of an IPv6 address.
pub(crate) fn host_of(authority: &str) -> Option<String> {
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let host = if let Some(rest) = authority.strip_prefix('[') {
        rest.split(']').next().unwrap_or(rest)
    } else {
        authority.split(':').next().unwrap_or(authority)
    };
    let host = host.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}
