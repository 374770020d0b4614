//! Layer `percent` (RFC 3986 section 2.1) over a whole value; no selector.

use std::borrow::Cow;

use super::layer::{Bench, Context, Inner, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::search;

/// The layer.
pub(crate) struct Percent;

/// `%20`
const SHORTEST: usize = 3;

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

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        // A text with raw spaces, quotes or bytes from 0x80 was not percent-encoded: `50%20 off`.
        const NEVER: u32 = kind::SPACE | kind::LINE | kind::CONTROL | kind::HIGH | kind::NOT_URI;
        context.given() && look.has(kind::PERCENT) && !look.has(NEVER) && only_escapes(look.bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let decoded = decode(look.bytes, false).into_owned();
        bench.spend(decoded.len());
        if Look::at(&decoded).is_text() {
            return Some(Opened::One {
                layer: self.name(),
                bytes: decoded,
                inner: Inner::Unknown,
                flaw: None,
            });
        }
        // Escaped binary: only when it is something.
        let inner = search::open(&decoded, context.child(Standing::Encoded), bench)?;
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
    let special = |b: &u8| *b == b'%' || (plus && *b == b'+');
    let Some(first) = bytes.iter().position(special) else {
        return Cow::Borrowed(bytes);
    };
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&bytes[..first]);
    let mut at = first;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'%' => match escape(bytes, at) {
                Some(value) => {
                    out.push(value);
                    at += 2;
                }
                None => out.push(b'%'),
            },
            b'+' if plus => out.push(b' '),
            other => out.push(other),
        }
        at += 1;
    }
    Cow::Owned(out)
}

/// Escape everything that is not unreserved: the inverse for tests.
#[cfg(test)]
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
