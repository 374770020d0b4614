//! Layers `base32` and `base32hex` (RFC 4648 sections 6 and 7) and `base32crockford`
//! (<https://www.crockford.com/base32.html>), in one case, with or without padding, with line ends.
//!
//! Licence keys, one-time secrets and sortable identifiers are written like this, so the child must prove it.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::proof::{opened, promising};

/// One of the alphabets.
pub(crate) struct Base32 {
    name: &'static str,
    /// Value of each byte, [`NONE`] for bytes outside the alphabet.
    values: [u8; 256],
}

/// `A`–`Z`, `2`–`7`.
pub(crate) static STANDARD: Base32 = Base32 {
    name: "base32",
    values: values(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
};
/// `0`–`9`, `A`–`V`.
pub(crate) static HEX: Base32 = Base32 {
    name: "base32hex",
    values: values(b"0123456789ABCDEFGHIJKLMNOPQRSTUV"),
};
/// Digits and letters without I, L, O, U. Only canonical digits are read, no aliases and no check symbol.
pub(crate) static CROCKFORD: Base32 = Base32 {
    name: "base32crockford",
    values: values(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
};

const NONE: u8 = 0xff;
/// Ten bytes: the shortest text that proves the layer has eight.
const SHORTEST: usize = 16;
/// Different digits in it.
const VARIED: u32 = 6;
/// Digits of the shortest child that begins with anything but text or a magic number.
const COMPRESSED: usize = 40;
/// How rare it is: one of some 60 encoded fields (6 bits).
const PRIOR: i64 = 60;

const fn values(alphabet: &[u8; 32]) -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 32 {
        table[alphabet[i] as usize] = i as u8;
        table[alphabet[i].to_ascii_lowercase() as usize] = i as u8;
        i += 1;
    }
    table
}

/// What the spelling shows by itself: correct padding is a byte or more that other alphabets do not end with,
/// 4 bits for each sign.
fn evidence(bytes: &[u8]) -> i64 {
    let signs = bytes.iter().rev().take_while(|&&b| b == b'=').count();
    40 * signs.min(6) as i64
}

impl Base32 {
    /// Undo it strictly: right padding or none, no bits left over, so that encoding again gives the same.
    fn decode(&self, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let end = bytes.iter().rposition(|b| *b != b'=')?;
        let mut digits = 0usize;
        let (mut bits, mut held) = (0u32, 0u32);
        for &byte in bytes.get(..=end)? {
            if matches!(byte, b'\r' | b'\n') {
                continue;
            }
            let value = self.values[usize::from(byte)];
            if value == NONE {
                return None;
            }
            digits += 1;
            bits = bits << 5 | u32::from(value);
            held += 5;
            if held >= 8 {
                held -= 8;
                out.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        let padding = bytes.len() - end - 1;
        let whole = padding == 0 || (padding < 8 && (digits + padding).is_multiple_of(8));
        (held < 5 && bits == 0 && whole).then_some(())
    }
}

impl Layer for Base32 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        self.values[usize::from(first)] != NONE
    }

    fn never(&self) -> u32 {
        !(kind::ALNUM | kind::EQUAL | kind::LINE)
    }

    fn needs(&self) -> u32 {
        kind::UPPER | kind::LOWER
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.only(kind::ALNUM | kind::EQUAL | kind::LINE)
            && !look.mixed_case()
            // Hexadecimal, which in base32 would be half of the digits only.
            && look.has(kind::UPPER | kind::LOWER)
            && self.could_begin(look.bytes)
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if self.decode(look.bytes, &mut decoded).is_none() {
            bench.give_back(decoded);
            return None;
        }
        let missing = PRIOR - evidence(look.bytes);
        opened(self.name, decoded, context, bench, missing)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        self.decode(bytes, &mut out).map(|()| out)
    }
}

impl Base32 {
    fn could_begin(&self, bytes: &[u8]) -> bool {
        let Some(digits) = bytes.first_chunk::<8>() else {
            return false;
        };
        let mut bits = 0u64;
        for &digit in digits {
            let value = self.values[usize::from(digit)];
            if value == NONE {
                return false;
            }
            bits = bits << 5 | u64::from(value);
        }
        bytes.len() >= COMPRESSED || promising(&bits.to_be_bytes()[3..])
    }
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8], alphabet: &[u8; 32], padded: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for group in bytes.chunks(5) {
        let mut all = [0u8; 8];
        all[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(all);
        for digit in 0..(group.len() * 8).div_ceil(5) {
            out.push(alphabet[(bits >> (35 - 5 * digit)) as usize & 31]);
        }
    }
    while padded && !out.len().is_multiple_of(8) {
        out.push(b'=');
    }
    out
}
