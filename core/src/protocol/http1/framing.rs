//! How long a body is (RFC 9112 section 6.3).

use super::head::Head;

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After this many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

/// The framing of a request body.
pub fn of_request(head: &Head, bytes: &[u8]) -> Framing {
    match coded(head, bytes) {
        Some(true) => Framing::Chunked,
        _ => Framing::Length(length(head, bytes).unwrap_or(0)),
    }
}

/// The framing of a response body. `bodiless`: it answers HEAD, or a successful CONNECT.
pub fn of_response(head: &Head, bytes: &[u8], bodiless: bool) -> Framing {
    if bodiless || matches!(head.status, 100..=199 | 204 | 304) {
        return Framing::Length(0);
    }
    match coded(head, bytes) {
        Some(true) => Framing::Chunked,
        Some(false) => Framing::UntilClose,
        None => length(head, bytes).map_or(Framing::UntilClose, Framing::Length),
    }
}

/// Is there a transfer coding, and is the last one `chunked`?
fn coded(head: &Head, bytes: &[u8]) -> Option<bool> {
    let last = head.values(bytes, b"transfer-encoding").last()?;
    let last = last.rsplit(|&b| b == b',').next()?.trim_ascii();
    if last.eq_ignore_ascii_case(b"identity") {
        return None; // RFC 2616 had it as "no coding"; some servers still send it.
    }
    Some(last.eq_ignore_ascii_case(b"chunked"))
}

/// The first readable Content-Length; proxies repeat it as `5, 5` or as two fields.
fn length(head: &Head, bytes: &[u8]) -> Option<u64> {
    head.values(bytes, b"content-length")
        .flat_map(|value| value.split(|&b| b == b','))
        .find_map(|value| std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok())
}
