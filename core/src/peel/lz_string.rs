//! Layer `lz-string`: text compressed by the JavaScript library LZString (<https://pieroxy.net/blog/pages/lz-string/>),
//! in its four spellings: base64, the alphabet for URIs (`+`, `-`, `$`), bytes (`Uint8Array`), and characters
//! with 15 bits each from U+0020 on (`compressToUTF16`).
//!
//! The format: LZ78 over UTF-16 units, codes in growing widths, the lowest bit of a code first in the highest
//! bit of a digit. Code 0 is followed by a new unit of 8 bits, 1 by one of 16, 2 ends the text; the others are
//! entries. There is no checksum: the end must be where the input ends, and the child must prove the layer.

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened, Reached, Standing};
use super::look::{Look, kind};
use super::proof::readable_units;
use super::{search, text};

/// The layer.
pub(crate) struct LzString;

/// `hello world` takes twenty digits; eight units of 15 bits take a byte or more each.
const SHORTEST: usize = 14;
/// How rare it is (8 bits).
const PRIOR: i64 = 80;
/// Widest code: more entries than any text allowed here has.
const WIDEST: u32 = 28;

/// How the bits are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Six bits a byte, of either alphabet.
    Digits,
    /// Fifteen bits a character.
    Characters,
    /// Eight bits a byte.
    Bytes,
}

/// What the end shows by itself: a bit for each bit of the code that ends the text, and for each bit of filling
/// that must be zero.
fn evidence(ending_bits: u32) -> i64 {
    10 * i64::from(ending_bits)
}

const NONE: u8 = 0xff;
/// Six bits for each digit of both alphabets; a form makes a space of `+`.
static DIGITS: [u8; 256] = {
    let mut table = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut i = 0;
    while i < 64 {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table[b' ' as usize] = 62;
    table[b'-' as usize] = 63;
    table
};

/// Bits, a code's lowest first.
struct Bits<I> {
    units: I,
    width: u32,
    unit: u32,
    left: u32,
}

impl<I: Iterator<Item = u32>> Bits<I> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for place in 0..count {
            if self.left == 0 {
                self.unit = self.units.next()?;
                self.left = self.width;
            }
            self.left -= 1;
            value |= (self.unit >> self.left & 1) << place;
        }
        Some(value)
    }

    /// After the end: at most two units of zeros. Returns how many bits that were.
    fn filling(mut self) -> Option<u32> {
        let mut count = self.left;
        let mut zero = self.unit & ((1 << self.left) - 1) == 0;
        for unit in self.units.by_ref().take(3) {
            count += self.width;
            zero &= unit == 0;
        }
        (zero && count <= 2 * self.width.max(8)).then_some(count)
    }
}

/// How decoding ended.
enum End {
    /// With what came out, and the bits of evidence in the end.
    Done(String, u32),
    Full,
}

fn form(look: &Look<'_>) -> Option<Form> {
    const BOTH: u32 = kind::ALNUM | kind::PLUS | kind::EQUAL | kind::SPACE;
    if look.only(BOTH | kind::SLASH) || look.only(BOTH | kind::MINUS | kind::PUNCTUATION) {
        return Some(Form::Digits);
    }
    if !look.has(kind::HIGH) && !look.has(kind::CONTROL) {
        return None;
    }
    if look.has(kind::HIGH) && std::str::from_utf8(look.bytes).is_ok() {
        return Some(Form::Characters);
    }
    Some(Form::Bytes)
}

fn digits(bytes: &[u8]) -> Option<&[u8]> {
    let signs = bytes.iter().rev().take_while(|b| b"=$".contains(b)).count();
    let bare = bytes.get(..bytes.len() - signs)?;
    let right = signs <= 3 && bare.iter().all(|&b| DIGITS[usize::from(b)] != NONE);
    right.then_some(bare)
}

fn decode(look: &Look<'_>, bench: &mut Bench) -> Option<End> {
    let (room, _) = bench.room(look.bytes.len());
    match form(look)? {
        Form::Digits => {
            let units = digits(look.bytes)?.iter();
            decompress(units.map(|&b| u32::from(DIGITS[usize::from(b)])), 6, room)
        }
        Form::Characters => {
            let text = std::str::from_utf8(look.bytes).ok()?;
            let unit = |c: char| (c as u32).checked_sub(32).filter(|&unit| unit < 1 << 15);
            if !text.chars().all(|c| unit(c).is_some()) {
                return None;
            }
            decompress(text.chars().filter_map(unit), 15, room)
        }
        Form::Bytes => decompress(look.bytes.iter().map(|&b| u32::from(b)), 8, room),
    }
}

/// The first unit of the text, from the first two codes.
fn first(look: &Look<'_>) -> Option<u16> {
    let start = |units: &mut dyn Iterator<Item = u32>, width| {
        let mut bits = Bits {
            units,
            width,
            unit: 0,
            left: 0,
        };
        literal(bits.take(2)?, &mut bits)
    };
    let bytes = look.bytes.get(..4)?;
    match form(look)? {
        Form::Digits => start(
            &mut bytes.iter().map(|&b| u32::from(DIGITS[usize::from(b)])),
            6,
        ),
        Form::Characters => {
            let text = std::str::from_utf8(look.bytes).ok()?;
            start(&mut text.chars().map(|c| (c as u32).wrapping_sub(32)), 15)
        }
        Form::Bytes => start(&mut bytes.iter().map(|&b| u32::from(b)), 8),
    }
}

/// A look at the first two digits: a code and, where it is 0, a character of eight bits.
fn could_begin(bytes: &[u8]) -> bool {
    let Some(&[first, second]) = bytes.first_chunk::<2>() else {
        return false;
    };
    let bits = u32::from(DIGITS[usize::from(first)]) << 6 | u32::from(DIGITS[usize::from(second)]);
    match bits >> 10 {
        0 => is_text(u16::from(((bits >> 2) as u8).reverse_bits())),
        2 => true,
        _ => false,
    }
}

/// What a text begins with: a printable character, or one from U+0100 that is no private one.
fn is_text(unit: u16) -> bool {
    matches!(unit, 0x09 | 0x0a | 0x20..=0x7e | 0x100..=0xdbff)
}

fn literal<I: Iterator<Item = u32>>(code: u32, bits: &mut Bits<I>) -> Option<u16> {
    let width = match code {
        0 => 8,
        1 => 16,
        _ => return None,
    };
    u16::try_from(bits.take(width)?).ok()
}

fn decompress<I: Iterator<Item = u32>>(units: I, width: u32, room: usize) -> Option<End> {
    let mut bits = Bits {
        units,
        width,
        unit: 0,
        left: 0,
    };
    let code = bits.take(2)?;
    let mut out = vec![literal(code, &mut bits)?];
    // Every entry stands somewhere in what came out: where, and how long it is. The first three are reserved.
    let mut entries: Vec<(usize, usize)> = vec![(0, 0), (0, 0), (0, 0), (0, 1)];
    let mut before = (0usize, 1usize);
    let (mut code_bits, mut left) = (3u32, 4u64);
    loop {
        if code_bits > WIDEST {
            return None;
        }
        let code = bits.take(code_bits)?;
        let start = out.len();
        let length = match code {
            0 | 1 => {
                out.push(literal(code, &mut bits)?);
                entries.push((start, 1));
                left -= 1;
                1
            }
            2 => break,
            _ => {
                let code = usize::try_from(code).ok()?;
                let (from, length) = match entries.get(code) {
                    Some(&entry) => entry,
                    // The entry that is being made: the last text and its own first unit.
                    None if code == entries.len() => (before.0, before.1 + 1),
                    None => return None,
                };
                if start + length > room {
                    return Some(End::Full);
                }
                for at in from..from + length {
                    out.push(*out.get(at)?);
                }
                length
            }
        };
        if left == 0 {
            left = 1 << code_bits;
            code_bits += 1;
        }
        entries.push((before.0, before.1 + 1));
        before = (start, length);
        left -= 1;
        if left == 0 {
            left = 1 << code_bits;
            code_bits += 1;
        }
    }
    let ending = code_bits + bits.filling()?;
    let text: Option<String> = char::decode_utf16(out).map(Result::ok).collect();
    Some(End::Done(text?, ending))
}

impl Layer for LzString {
    fn name(&self) -> &'static str {
        "lz-string"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        // The first two bits are a code of 0 or 1: `A` to `P`, or `g` to `v`, where one is new; any for bytes.
        first < 0xfe
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // Digits are as good as random, so nearly all words and sentences end here.
        const OTHER: u32 = kind::HIGH | kind::CONTROL;
        if !(look.has(OTHER) || look.mixed_case() && could_begin(look.bytes)) {
            return false;
        }
        first(look).is_some_and(is_text)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let (_, reached): (usize, Reached) = bench.room(look.bytes.len());
        let (decoded, ending) = match decode(look, bench)? {
            End::Done(text, ending) => (text.into_bytes(), ending),
            // Noise ends long before: a code that is no entry turns up within a few bytes.
            End::Full => {
                return Some(Opened::Stopped {
                    layer: self.name(),
                    reached,
                });
            }
        };
        bench.spend(decoded.len());
        let missing = (PRIOR - evidence(ending)).max(0);
        let inner = match search::open(&decoded, context.child(Standing::Unchecked), bench) {
            Some(inner) => Inner::Known(Box::new(inner)),
            None if readable_units(&decoded, text::READABLE + missing) => Inner::Unknown,
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

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        match decode(&Look::at(bytes), bench)? {
            End::Done(text, _) => Some(text.into_bytes()),
            End::Full => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Limits;

    #[test]
    fn published_values() {
        let mut bench = Bench::new(Limits::default());
        let mut shown = |text: &str| match decode(&Look::at(text.as_bytes()), &mut bench) {
            Some(End::Done(text, _)) => Some(text),
            _ => None,
        };
        // From the tests of other ports of the library.
        assert_eq!(
            shown("BYUwNmD2AEDukCcwBMg=").as_deref(),
            Some("hello world")
        );
        assert_eq!(
            shown("BIUwNmD2AEDukCcwBMCEQ===").as_deref(),
            Some("Hello world!")
        );
        assert_eq!(shown("BYUwNmD2AEDukCcwBMh"), None);
    }
}
