//! Layer `cbor` (RFC 8949): maps and arrays, tagged or not, that fill the input. Arguments must be in their
//! shortest form, as all common writers write them; strings in pieces (of indefinite length) are put together.
//!
//! Selector: a path as in layer `json`, `$.device['os version'][0]`; a name that is a number or bytes is
//! written in decimal or hex. Tags say nothing here; null, undefined and empty values are no children.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::values::{Item, Next, big_endian, items, log2, span};

/// The layer.
pub(crate) struct Cbor;

/// A map with a name and a value that prove anything.
const SHORTEST: usize = 8;
/// Layers are seldom CBOR: one in 2⁸ values that are no text.
const PRIOR: i64 = 80;

impl Layer for Cbor {
    fn name(&self) -> &'static str {
        "cbor"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, 0x81..=0x9b | 0x9f | 0xa1..=0xbb | 0xbf | 0xc0..=0xdb)
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.has(kind::HIGH) && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        items(look.bytes, item, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = items(bytes, item, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// The argument of a head (RFC 8949 section 3), shortest form only; `None` inside for an indefinite length.
fn argument(bytes: &[u8], at: usize, info: u8) -> Option<(Option<u64>, usize)> {
    let size = match info {
        0..=23 => return Some((Some(info.into()), at)),
        24..=27 => 1usize << (info - 24),
        31 => return Some((None, at)),
        _ => return None,
    };
    let value = big_endian(bytes, at, size)?;
    let least = match size {
        1 => 24,
        2 => 1 << 8,
        4 => 1 << 16,
        _ => 1 << 32,
    };
    (value >= least).then_some((Some(value), at + size))
}

/// The item at `at` and the evidence of its head: 8 bits a byte, less −log2 of its share among items (small
/// numbers 40 %, strings and maps an eighth each, …); a length costs log2 of what fits.
fn item(bytes: &[u8], at: usize) -> Option<Next> {
    let first = *bytes.get(at)?;
    let (major, info, from) = (first >> 5, first & 0x1f, at + 1);
    if major == 7 {
        let float = |size: usize| big_endian(bytes, from, size);
        return Some(match info {
            20 | 21 => (Item::Bool(info == 21), from, 30),
            22 | 23 => (Item::Nothing, from, 20),
            25 => (Item::Float(half(float(2)? as u16)), from + 2, 5),
            26 => (
                Item::Float(f32::from_bits(float(4)? as u32).into()),
                from + 4,
                5,
            ),
            27 => (Item::Float(f64::from_bits(float(8)?)), from + 8, 5),
            31 => (Item::Break, from, 40),
            _ => return None,
        });
    }
    let (argument, after) = argument(bytes, from, info)?;
    let size = after - from;
    let length = 80 * size as i64 - if size == 0 { 0 } else { log2(bytes.len()) + 10 };
    Some(match (major, argument) {
        (0, Some(value)) => {
            let evidence = match value {
                0 | 1 => 50,
                2..=16 => 10,
                _ => 0,
            };
            (Item::Int(value.into()), after, evidence)
        }
        (1, Some(value)) => (Item::Int(-1 - i128::from(value)), after, -20),
        (2, Some(value)) => {
            let range = span(bytes, after, value)?;
            (Item::Bytes(range.clone()), range.end, length - 10)
        }
        (3, Some(value)) => {
            let range = span(bytes, after, value)?;
            (Item::Text(range.clone()), range.end, length + 5)
        }
        (2 | 3, None) => {
            let text = major == 3;
            let (whole, end, heads) = pieces(bytes, after, text)?;
            (Item::Pieces { text, bytes: whole }, end, heads - 10)
        }
        (4, count) => (Item::Array(count), after, length - 5),
        (5, count) => (Item::Map(count), after, length),
        (6, Some(_)) => (Item::Tag, after, -10),
        _ => return None,
    })
}

/// A string in pieces from `at` (RFC 8949 section 3.2.3): the whole, where the next item begins, and the evidence
/// of the heads of its pieces. Every piece of a text is UTF-8 by itself.
fn pieces(bytes: &[u8], mut at: usize, text: bool) -> Option<(Vec<u8>, usize, i64)> {
    let major = if text { 3 } else { 2 };
    let (mut whole, mut evidence) = (Vec::new(), 40);
    loop {
        let first = *bytes.get(at)?;
        if first == 0xff {
            return Some((whole, at + 1, evidence));
        }
        if first >> 5 != major {
            return None;
        }
        let (Some(length), after) = argument(bytes, at + 1, first & 0x1f)? else {
            return None;
        };
        let range = span(bytes, after, length)?;
        let piece = bytes.get(range.clone())?;
        if text && std::str::from_utf8(piece).is_err() {
            return None;
        }
        whole.extend_from_slice(piece);
        // The kind of the piece is known: three bits, and the bytes of a length that fits.
        evidence += 30 + 80 * (after - at - 1) as i64 - log2(bytes.len());
        at = range.end;
    }
}

/// A number of 16 bits (IEEE 754 binary16; RFC 8949 appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    }
}
