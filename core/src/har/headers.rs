//! Header fields of an entry, and what must be put together from them where an exporter left it out.

use std::borrow::Cow;

use super::entry::Pair;
use crate::model::Header;

/// Header fields without HTTP/2 pseudo-header fields, which are not header fields (RFC 9113 section 8.3)
/// and say what method and URL say.
pub(super) fn headers<'a>(pairs: &[Pair<'a>]) -> Vec<Header<'a>> {
    let real = pairs
        .iter()
        .filter(|(name, _)| name.0.first() != Some(&b':'));
    let mut out = Vec::with_capacity(pairs.len() + 1);
    out.extend(real.map(|(name, value)| (name.bytes(), value.bytes())));
    out
}

pub(super) fn find<'h>(headers: &'h [Header<'_>], name: &[u8]) -> Option<&'h [u8]> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_ref())
}

/// RFC 6265 section 4.2.1, for exporters that list cookies but not the header.
pub(super) fn cookie_header(cookies: &[Pair<'_>]) -> Vec<u8> {
    let all: Vec<Vec<u8>> = cookies
        .iter()
        .map(|(n, v)| [&n.bytes()[..], b"=", &v.bytes()[..]].concat())
        .collect();
    all.join(&b"; "[..])
}

/// A URL from its pieces, for exporters that write only the path.
pub(super) fn absolute(path: &str, headers: &[Pair<'_>]) -> String {
    let get = |name: &[u8]| {
        headers
            .iter()
            .find(|(n, _)| n.0.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.text())
    };
    let Some(authority) = get(b":authority").or_else(|| get(b"host")) else {
        return path.to_owned();
    };
    let path = if path.is_empty() {
        get(b":path").unwrap_or("/".into())
    } else {
        Cow::Borrowed(path)
    };
    match get(b":scheme") {
        Some(scheme) => format!("{scheme}://{authority}{path}"),
        None => format!("//{authority}{path}"),
    }
}
