//! Layer `quoted-printable` (RFC 2045 section 6.7): `=C3=A9` and soft line breaks.
//!
//! Every `=` begins an escape with capital digits or ends a line. What comes out is a structure, or a text in
//! which escapes stand only where the encoding needs them.

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::search;

/// The layer.
pub(crate) struct QuotedPrintable;

/// `=C3=A9`
const SHORTEST: usize = 6;
/// Longest line of an encoder, and a little for those that count otherwise (section 6.7, rule 5: 76).
const LONGEST_LINE: usize = 80;
/// An encoder breaks a line when it is full, not before; base64 that ends in `=` is shorter or longer.
const SHORTEST_BROKEN: usize = 70;
/// How rare it is: one of some 250 encoded fields (8 bits).
const PRIOR: i64 = 80;
/// Evidence asked where nothing but the escapes themselves speaks for them.
const ASKED: i64 = 200;

/// What came out, and how it was written.
#[derive(Default)]
struct Decoded {
    bytes: Vec<u8>,
    /// Escapes of bytes from 0x80.
    high: usize,
    /// Other escapes that the encoding needs: of `=`, controls, and a space at the end of a line.
    needed: usize,
    /// Escapes that it does not need, and soft breaks in short lines.
    needless: usize,
    soft_breaks: usize,
}

/// What the spelling shows by itself, when the bytes from 0x80 are well-formed UTF-8: 14 bits for each of them
/// (sign, capital digits, the pattern of UTF-8), 4 for `=3D` and the like, and 4 for a soft break, which looks
/// like the end of base64.
fn evidence(decoded: &Decoded) -> i64 {
    let bits = |count: usize, each: i64| each * count.min(16) as i64;
    bits(decoded.high, 140) + bits(decoded.soft_breaks, 40) + bits(decoded.needed, 40)
}

/// Undo it strictly.
fn decode(bytes: &[u8]) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if line.len() > LONGEST_LINE {
            return None;
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        let end = line.get(bare.len()..)?;
        // Space at the end of a line was added on the way (rule 3).
        let soft = if end.is_empty() {
            None
        } else {
            bare.trim_ascii_end().strip_suffix(b"=")
        };
        let content = soft.unwrap_or(bare);
        let mut rest = content;
        while let Some(at) = memchr::memchr(b'=', rest) {
            decoded.bytes.extend_from_slice(rest.get(..at)?);
            let value = escape(rest.get(at + 1..at + 3)?)?;
            decoded.bytes.push(value);
            rest = rest.get(at + 3..)?;
            match value {
                0x80.. => decoded.high += 1,
                b'=' | 0..=0x1f | 0x7f => decoded.needed += 1,
                b' ' if rest.is_empty() => decoded.needed += 1,
                _ => decoded.needless += 1,
            }
        }
        decoded.bytes.extend_from_slice(rest);
        match soft {
            Some(_) if content.len() < SHORTEST_BROKEN => decoded.needless += 1,
            Some(_) => decoded.soft_breaks += 1,
            None => decoded.bytes.extend_from_slice(end),
        }
    }
    (decoded.high + decoded.needed + decoded.needless + decoded.soft_breaks > 0).then_some(decoded)
}

fn escape(digits: &[u8]) -> Option<u8> {
    let value = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    match digits {
        [high, low] => Some(value(high)? << 4 | value(low)?),
        _ => None,
    }
}

impl Layer for QuotedPrintable {
    fn name(&self) -> &'static str {
        "quoted-printable"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_graphic() || first.is_ascii_whitespace()
    }

    fn never(&self) -> u32 {
        kind::HIGH | kind::CONTROL
    }

    fn needs(&self) -> u32 {
        kind::EQUAL
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // A soft break needs a line end; otherwise the first `=` tells most forms from escapes.
        look.has(kind::EQUAL)
            && !look.has(kind::HIGH | kind::CONTROL)
            && memchr::memchr(b'=', look.bytes).is_some_and(|at| {
                let after = look.bytes.get(at + 1..).unwrap_or_default();
                matches!(after.first(), Some(b'\r' | b'\n' | b' ' | b'\t'))
                    || after
                        .get(..2)
                        .is_some_and(|digits| escape(digits).is_some())
            })
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let decoded = decode(look.bytes)?;
        if decoded.high + decoded.needed + decoded.soft_breaks == 0 {
            // A line of another codec that happens to end in `=`.
            return None;
        }
        bench.spend(decoded.bytes.len());
        let standing = match context.standing {
            Standing::Given => Standing::Encoded,
            other => other,
        };
        // `a=3D&b=3D` is a form, and lines of base64 end in `=`: one alone does not speak for the layer.
        let alone = decoded.high == 0 && (decoded.needed == 0 || decoded.soft_breaks == 0);
        let inner = match search::open(&decoded.bytes, context.child(standing), bench) {
            Some(inner) => Inner::Known(Box::new(inner)),
            None => {
                let speaks = context.given()
                    && !alone
                    && decoded.needless == 0
                    && evidence(&decoded) - PRIOR >= ASKED
                    && Look::at(&decoded.bytes).is_text();
                if !speaks {
                    bench.give_back(decoded.bytes);
                    return None;
                }
                Inner::Unknown
            }
        };
        Some(Opened::One {
            layer: self.name(),
            bytes: decoded.bytes,
            inner,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        decode(bytes).map(|decoded| decoded.bytes)
    }
}

/// The inverse, for tests and the fuzzer. Line ends stay what they are, which RFC 2045 leaves to whoever sends.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let last = matches!(bytes.get(at + 1), None | Some(b'\n'));
        let plain = (byte.is_ascii_graphic() && byte != b'=') || (byte == b' ' && !last);
        let piece = match byte {
            b'\n' => {
                out.push(byte);
                column = 0;
                continue;
            }
            _ if plain => vec![byte],
            _ => format!("={byte:02X}").into_bytes(),
        };
        if column + piece.len() > 75 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        column += piece.len();
        out.extend_from_slice(&piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_soft_breaks() {
        let shown = |text: &str| decode(text.as_bytes()).map(|decoded| decoded.bytes);
        assert_eq!(
            shown("caf=C3=A9 =\r\nx=3D1"),
            Some("café x=1".as_bytes().to_vec())
        );
        assert_eq!(shown("a= \t\nb"), Some(b"ab".to_vec()));
        assert_eq!(shown("a=c3"), None);
        assert_eq!(shown("a=1&b=22"), None);
        assert_eq!(shown("trailing="), None);
        assert_eq!(shown("plain"), None);
    }
}
