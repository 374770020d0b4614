//! Layer `utf-16` (RFC 2781): text in units of two bytes, with a byte order mark or with the zero bytes that
//! Latin letters have; the child is the same text in UTF-8.

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::proof::readable_units;
use super::{search, text};

/// The layer.
pub(crate) struct Utf16;

/// Eight units.
const SHORTEST: usize = 16;
/// How rare it is: one of some 60 encoded fields (6 bits).
const PRIOR: i64 = 60;
/// Evidence asked.
const ASKED: i64 = 200;

/// The order of the bytes: by the mark, or by where the zeros are in the first two units.
fn big_endian(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some(true),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some(false),
        _ => None,
    }
}

/// What the spelling shows by itself: 8 bits for every zero byte beside an ASCII character, 16 for the mark,
/// and from this 2 bits for every character that could as well be a small number (a list of numbers has no
/// fewer zeros).
fn evidence(bytes: &[u8], out: &str) -> i64 {
    let mark = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let ascii = out.bytes().filter(u8::is_ascii).count();
    160 * i64::from(mark) + 60 * ascii.min(1 << 20) as i64
}

/// Undo it strictly: every unit in its place, no controls but line ends and tabs.
fn decode(bytes: &[u8]) -> Option<String> {
    let big = big_endian(bytes)?;
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let units = pairs.iter().map(|&pair| match big {
        true => u16::from_be_bytes(pair),
        false => u16::from_le_bytes(pair),
    });
    let mut out = String::with_capacity(bytes.len() / 2);
    for c in char::decode_utf16(units) {
        let c = c.ok()?;
        if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
            return None;
        }
        out.push(c);
    }
    Some(match out.strip_prefix('\u{feff}') {
        Some(bare) => bare.to_owned(),
        None => out,
    })
}

impl Layer for Utf16 {
    fn name(&self) -> &'static str {
        "utf-16"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, 0..=0x7f | 0xfe | 0xff)
    }

    fn needs(&self) -> u32 {
        kind::CONTROL | kind::HIGH
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.len().is_multiple_of(2)
            && look.has(kind::CONTROL | kind::HIGH)
            && big_endian(look.bytes).is_some()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let decoded = decode(look.bytes)?;
        bench.spend(decoded.len());
        let shown = evidence(look.bytes, &decoded) - PRIOR;
        let decoded = decoded.into_bytes();
        let standing = match context.standing {
            Standing::Given => Standing::Encoded,
            other => other,
        };
        let inner = match search::open(&decoded, context.child(standing), bench) {
            Some(inner) => Inner::Known(Box::new(inner)),
            // Zeros alone are met in lists of small numbers too: what they leave must read well.
            None if shown >= ASKED && readable_units(&decoded, text::READABLE) => Inner::Unknown,
            None => {
                bench.give_back(decoded);
                return None;
            }
        };
        Some(Opened::One {
            layer: self.name(),
            bytes: decoded,
            inner,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        decode(bytes).map(String::into_bytes)
    }
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}
