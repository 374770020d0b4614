//! What a URL tells about the way: scheme, host and port (RFC 3986 section 3).

use std::borrow::Cow;
use std::net::IpAddr;

use crate::model::Transport;

/// Scheme, host and port of an absolute URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// Lower case, no port, no IPv6 brackets. `None` where the URL names none.
    pub host: Option<Cow<'a, str>>,
    /// From the URL, else the scheme's own; 0 if neither tells.
    pub port: u16,
    /// From the scheme.
    pub transport: Transport,
    /// True for URLs that no network is asked for (`data:`, `blob:`, `about:`, files, extensions).
    pub local: bool,
}

/// Schemes that are answered inside the browser.
const LOCAL: [&str; 9] = [
    "data",
    "blob",
    "about",
    "file",
    "javascript",
    "chrome-extension",
    "moz-extension",
    "safari-web-extension",
    "resource",
];

/// Read the scheme, the host and the port of a URL.
pub(crate) fn target(url: &str) -> Target<'_> {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    let (transport, port) = match scheme {
        s if s.eq_ignore_ascii_case("https") || s.eq_ignore_ascii_case("wss") => {
            (Transport::Tls, 443)
        }
        s if s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("ws") => {
            (Transport::Clear, 80)
        }
        _ => (Transport::Unknown, 0),
    };
    let local = LOCAL.iter().any(|s| s.eq_ignore_ascii_case(scheme));
    let Some(rest) = rest.strip_prefix("//").filter(|_| !local) else {
        return Target {
            host: None,
            port: 0,
            transport,
            local,
        };
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let address = authority
        .rsplit_once('@')
        .map_or(authority, |(_, address)| address);
    let (host, after) = match address
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((host, after)) => (host, after),
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let port = after
        .strip_prefix(':')
        .and_then(|p| p.parse().ok())
        .unwrap_or(port);
    Target {
        host: (!host.is_empty()).then(|| lower(host)),
        port,
        transport,
        local,
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// `serverIPAddress` as text without IPv6 brackets, if it is an address at all (browsers leave it empty,
/// some exporters write a name).
pub(crate) fn server(text: &str) -> Option<&str> {
    let text = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    text.parse::<IpAddr>().is_ok().then_some(text)
}

/// The protocol word for HAR's free-text `httpVersion`.
pub(crate) fn protocol(version: &[u8]) -> &'static str {
    let after_slash = version
        .iter()
        .position(|&b| b == b'/')
        .map_or(version, |at| &version[at + 1..]);
    match (version.first(), after_slash) {
        (_, v) if v.starts_with(b"1.0") => "http/1.0",
        (_, v) if v.starts_with(b"1") => "http/1.1",
        // Chrome's name for gQUIC, which became HTTP/3.
        (_, v) if v.starts_with(b"3") || v.starts_with(b"2+quic") => "http/3",
        (_, v) if v.starts_with(b"2") => "http/2",
        (Some(b'h' | b'H'), [_, b'3', ..]) => "http/3",
        (Some(b'h' | b'H'), [_, b'2', ..]) => "http/2",
        _ => "http",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_targets() {
        let t = |url| {
            let t = target(url);
            (t.host.unwrap_or_default().into_owned(), t.port, t.transport)
        };
        assert_eq!(
            t("https://User:p@WWW.Example.com:8443/a?b=c:d@e"),
            ("www.example.com".into(), 8443, Transport::Tls)
        );
        assert_eq!(
            t("http://[2001:DB8::1]/"),
            ("2001:db8::1".into(), 80, Transport::Clear)
        );
        assert_eq!(t("wss://h?x=/"), ("h".into(), 443, Transport::Tls));
        assert_eq!(t("ws://[::1]:9/"), ("::1".into(), 9, Transport::Clear));
        assert_eq!(t("ftp://h/"), ("h".into(), 0, Transport::Unknown));
        for url in [
            "",
            ":",
            "://",
            "https:",
            "https://",
            "/path",
            "https://[::1",
            "http://:80",
        ] {
            let _ = target(url);
        }
        assert!(target("data:text/html,<p>//x").local);
        assert_eq!(target("data://x/").host, None);
    }

    #[test]
    fn reads_versions_and_addresses() {
        for (text, word) in [
            ("HTTP/1.1", "http/1.1"),
            ("http/1.0", "http/1.0"),
            ("HTTP/2.0", "http/2"),
            ("HTTP/2", "http/2"),
            ("h2", "http/2"),
            ("h2c", "http/2"),
            ("h3", "http/3"),
            ("h3-29", "http/3"),
            ("HTTP/3", "http/3"),
            ("http/2+quic/46", "http/3"),
            ("", "http"),
            ("unknown", "http"),
        ] {
            assert_eq!(protocol(text.as_bytes()), word, "{text}");
        }
        assert_eq!(server("[2a00::1]"), Some("2a00::1"));
        assert_eq!(server(""), None);
        assert_eq!(server("example.com"), None);
    }
}
