//! Layer `base64-offset`: base64 (RFC 4648 sections 4 and 5) that stands behind a few other characters, or of
//! which the first or last characters are missing.
//!
//! Selector: how many characters come before the first whole group. The value stays a leaf too, because what
//! stands before is not explained.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding};

use super::base64::prove;
use super::base64_alphabet::add_only;
use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened};
use super::look::{Look, kind};
use super::text;

/// The layer.
pub(crate) struct Base64Offset;

/// Fifteen bytes and a character before them.
const SHORTEST: usize = 21;
/// Digits of which something can be proven.
const SHORTEST_REST: usize = 20;
/// Different digits in it.
const VARIED: u32 = 8;
/// Most characters before the first whole group.
const LONGEST_PREFIX: usize = 16;
/// How rare it is (8 bits), and log2 of the offsets tried.
const PRIOR: i64 = 80 + 41;

/// Signs that are in one of the two alphabets.
const DIGITS: u32 =
    kind::ALNUM | kind::PLUS | kind::SLASH | kind::MINUS | kind::UNDERSCORE | kind::EQUAL;

/// What the spelling shows by itself: a prefix that ends in a sign outside the alphabet fixes the offset, so
/// the others need not be counted.
fn evidence(bytes: &[u8], skip: usize) -> i64 {
    let fixed = skip
        .checked_sub(1)
        .and_then(|last| bytes.get(last))
        .is_some_and(|&sign| !is_digit(sign));
    if fixed { 41 } else { 0 }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

/// Offsets worth a look: after the last sign that is in no alphabet, or all small ones.
fn offsets(bytes: &[u8]) -> std::ops::RangeInclusive<usize> {
    let bare = bytes.len() - bytes.iter().rev().take_while(|&&b| b == b'=').count();
    let fixed = bytes
        .get(..bare)
        .and_then(|bare| bare.iter().rposition(|&b| !is_digit(b)));
    match fixed {
        Some(last) => last + 1..=last + 1,
        None => 0..=LONGEST_PREFIX,
    }
}

/// The alphabet, when the rest is of only one.
fn encoding(rest: &[u8]) -> Option<Encoding> {
    let standard = memchr::memchr2(b'+', b'/', rest).is_some();
    let url_safe = memchr::memchr2(b'-', b'_', rest).is_some();
    match (standard, url_safe) {
        (true, true) => None,
        (_, true) => Some(BASE64URL_NOPAD),
        _ => Some(BASE64_NOPAD),
    }
}

/// What comes out from this offset; a cut-off end is dropped.
fn decode(bytes: &[u8], skip: usize, out: &mut Vec<u8>) -> Option<()> {
    let rest = bytes.get(skip..)?;
    let padded = rest.iter().rev().take_while(|&&b| b == b'=').count();
    let bare = rest.get(..rest.len() - padded)?;
    let encoding = encoding(bare)?;
    // Whole groups, then two or three digits, of which the last may be cut in the middle.
    let (groups, last) = bare.split_at(bare.len() - bare.len() % 4);
    out.resize(encoding.decode_len(groups.len()).ok()?, 0);
    let length = encoding.decode_mut(groups, out).ok()?;
    out.truncate(length);
    let mut filled = *b"AAAA";
    filled.get_mut(..last.len())?.copy_from_slice(last);
    let mut tail = [0; 3];
    encoding.decode_mut(&filled, &mut tail).ok()?;
    out.extend_from_slice(tail.get(..last.len() * 6 / 8)?);
    // A text that was cut in the middle of a character ends before it.
    if let Err(error) = std::str::from_utf8(out)
        && error.error_len().is_none()
    {
        out.truncate(error.valid_up_to());
    }
    Some(())
}

/// Value of each digit of either alphabet; more than 63 for other bytes.
static VALUES: [u8; 256] = {
    let mut table = [0xff; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut i = 0;
    while i < letters.len() {
        table[letters[i] as usize] = i as u8;
        i += 1;
    }
    table[b'+' as usize] = 62;
    table[b'-' as usize] = 62;
    table[b'/' as usize] = 63;
    table[b'_' as usize] = 63;
    table
};

/// A look at the first eight digits: the high bits of six ASCII characters are zero, or it is gzip.
fn could_begin(bytes: &[u8], skip: usize) -> bool {
    let Some(digits) = bytes.get(skip..skip + 8) else {
        return false;
    };
    let mut ascii = digits.iter().zip([32, 8, 2, 0, 32, 8, 2, 0]);
    let zero = |(digit, high): (&u8, u8)| {
        let value = VALUES[usize::from(*digit)];
        value < 64 && value & high == 0
    };
    ascii.all(zero) || digits.starts_with(b"H4sI")
}

/// Kinds of bytes that are never in it.
const NEVER: u32 = kind::SPACE | kind::LINE | kind::CONTROL | kind::HIGH;

impl Layer for Base64Offset {
    fn name(&self) -> &'static str {
        "base64-offset"
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

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        if look.has(NEVER) || !look.mixed_case() || !context.given() {
            return false;
        }
        // Another sign may stand in the prefix only.
        let tail = look.bytes.get(LONGEST_PREFIX..).unwrap_or_default();
        let offsets = if look.only(DIGITS) {
            0..=LONGEST_PREFIX
        } else {
            offsets(look.bytes)
        };
        *offsets.start() <= LONGEST_PREFIX
            && tail.len() >= 4
            && offsets.clone().any(|skip| could_begin(look.bytes, skip))
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        for skip in offsets(look.bytes) {
            let rest = look.bytes.len().saturating_sub(skip);
            if rest < SHORTEST_REST || !could_begin(look.bytes, skip) {
                continue;
            }
            let mut decoded = bench.buffer();
            if decode(look.bytes, skip, &mut decoded).is_some() {
                bench.spend(decoded.len());
                let missing = PRIOR - evidence(look.bytes, skip);
                let proof = prove(&decoded, context, bench, text::READABLE + missing.max(0));
                if let Some(inner) = proof {
                    if let Inner::Known(inner) = inner {
                        bench.discard(*inner);
                    }
                    let mut fields = bench.fields();
                    fields.keep = true;
                    add_only(&mut fields, &skip.to_string(), &decoded);
                    bench.give_back(decoded);
                    return Some(Opened::Many {
                        layer: self.name(),
                        fields,
                    });
                }
            }
            bench.give_back(decoded);
        }
        None
    }

    fn follow(&self, bytes: &[u8], selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, selector.parse().ok()?, &mut out).map(|()| out)
    }
}
