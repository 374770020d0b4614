//! Layer `percent` (RFC 3986 section 2.1) over a whole value; no selector.

use std::borrow::Cow;

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::search;

/// The layer.
pub(crate) struct Percent;

/// `%20`
const SHORTEST: usize = 3;

/// A text with raw spaces, quotes or bytes from 0x80 was not percent-encoded: `50%20 off`.
const NEVER: u32 = kind::SPACE | kind::LINE | kind::CONTROL | kind::HIGH | kind::NOT_URI;

impl Layer for Percent {
    fn name(&self) -> &'static str {
        "percent"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_graphic()
    }

    fn never(&self) -> u32 {
        NEVER
    }

    fn needs(&self) -> u32 {
        kind::PERCENT
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.has(kind::PERCENT) && !look.has(NEVER) && only_escapes(look.bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let decoded = decode(look.bytes, false).into_owned();
        bench.spend(decoded.len());
        if context.given() && Look::at(&decoded).is_text() {
            return Some(Opened::One {
                layer: self.name(),
                bytes: decoded,
                inner: Inner::Unknown,
                flaw: None,
            });
        }
        // Escaped binary, or something that must prove a layer around it: only when there is more in it.
        let standing = if context.given() {
            Standing::Encoded
        } else {
            context.standing
        };
        let inner = search::open(&decoded, context.child(standing), bench)?;
        Some(Opened::One {
            layer: self.name(),
            bytes: decoded,
            inner: Inner::Known(Box::new(inner)),
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        Some(decode(bytes, false).into_owned())
    }
}

/// True when every `%` begins an escape.
fn only_escapes(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'%', bytes).all(|at| escape(bytes, at).is_some())
}

fn escape(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (high, low) = (digit(bytes.get(at + 1)?)?, digit(bytes.get(at + 2)?)?);
    u8::try_from(high * 16 + low).ok()
}

/// Undo escapes; what is no escape stays (WHATWG URL section 1.3). With `plus`, `+` is a space.
pub(crate) fn decode(bytes: &[u8], plus: bool) -> Cow<'_, [u8]> {
    let special = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        let found = if plus {
            memchr::memchr2(b'%', b'+', rest)
        } else {
            memchr::memchr(b'%', rest)
        };
        found.map(|at| from + at)
    };
    let Some(first) = special(0) else {
        return Cow::Borrowed(bytes);
    };
    let mut out = Vec::with_capacity(bytes.len());
    let (mut done, mut next) = (0, Some(first));
    while let Some(at) = next {
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        if bytes[at] == b'+' {
            out.push(b' ');
        } else if let Some(value) = escape(bytes, at) {
            out.push(value);
            done = at + 3;
        } else {
            out.push(b'%');
        }
        next = special(done);
    }
    out.extend_from_slice(&bytes[done..]);
    Cow::Owned(out)
}

/// Escape everything that is not unreserved: the inverse for tests.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        assert_eq!(decode(b"a%20b%2fc", false).as_ref(), b"a b/c");
        assert_eq!(decode(b"a+b%2B", true).as_ref(), b"a b+");
        assert_eq!(decode(b"100%", false).as_ref(), b"100%");
        assert_eq!(decode(b"%zz%4", false).as_ref(), b"%zz%4");
        assert!(matches!(decode(b"plain", true), Cow::Borrowed(_)));
        assert!(only_escapes(b"%41%7a"));
        assert!(!only_escapes(b"%d%20"));
    }
}
