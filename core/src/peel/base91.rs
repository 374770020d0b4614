//! Layer `base91`: basE91 (<https://base91.sourceforge.net>), 13 or 14 bits in two of 91 characters.
//!
//! Nearly every text without spaces is made of such letters, so the child must prove the layer.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::proof::{opened, promising};

/// The layer.
pub(crate) struct Base91;

const ALPHABET: &[u8; 91] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,./:;<=>?@[]^_`{|}~\"";
/// Ten bytes.
const SHORTEST: usize = 13;
/// Different digits in it.
const VARIED: u32 = 6;
/// Digits of the shortest child that begins with anything but text or a magic number.
const COMPRESSED: usize = 30;
/// How rare it is (10 bits).
const PRIOR: i64 = 100;
/// Values of two digits up to here carry 14 bits.
const FOURTEEN: u32 = 88;
const NONE: u8 = 0xff;

const VALUES: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 91 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

const EVER: u32 = kind::ALNUM
    | kind::PUNCTUATION
    | kind::PERCENT
    | kind::AMPERSAND
    | kind::PLUS
    | kind::SLASH
    | kind::UNDERSCORE
    | kind::EQUAL
    | kind::DOT
    | kind::QUESTION
    | kind::COLON
    | kind::NOT_URI;

/// Undo it; what is left over must be what an encoder leaves.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let value = |digit: u8| match VALUES[usize::from(digit)] {
        NONE => None,
        value => Some(u32::from(value)),
    };
    let (mut bits, mut held) = (0u32, 0u32);
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        let &[low, high] = pair else { return None };
        let number = value(low)? + value(high)? * 91;
        bits |= number << held;
        held += if number & 0x1fff > FOURTEEN { 13 } else { 14 };
        while held >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    }
    if let [last] = pairs.remainder() {
        out.push((bits | value(*last)? << held) as u8);
    }
    Some(())
}

/// The inverse.
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let digit = |value: u32| ALPHABET.get(value as usize).copied().unwrap_or_default();
    let (mut bits, mut held) = (0u32, 0u32);
    for &byte in bytes {
        bits |= u32::from(byte) << held;
        held += 8;
        if held > 13 {
            let mut number = bits & 0x1fff;
            let taken = if number > FOURTEEN {
                13
            } else {
                number = bits & 0x3fff;
                14
            };
            bits >>= taken;
            held -= taken;
            out.extend([digit(number % 91), digit(number / 91)]);
        }
    }
    if held > 0 {
        out.push(digit(bits % 91));
        if held > 7 || bits > 90 {
            out.push(digit(bits / 91));
        }
    }
    out
}

impl Layer for Base91 {
    fn name(&self) -> &'static str {
        "base91"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        VALUES[usize::from(first)] != NONE
    }

    fn never(&self) -> u32 {
        !EVER
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        let mut first = Vec::with_capacity(8);
        look.only(EVER)
            && look.mixed_case()
            && !look.only(kind::ALNUM)
            && decode(look.bytes.get(..8).unwrap_or_default(), &mut first).is_some()
            && (promising(first.get(..6).unwrap_or_default()) || look.bytes.len() >= COMPRESSED)
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        // Encoding again gives the same, or it was none.
        if decode(look.bytes, &mut decoded).is_none() || encode(&decoded) != look.bytes {
            bench.give_back(decoded);
            return None;
        }
        opened(self.name(), decoded, context, bench, PRIOR)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        for length in 0..80usize {
            for step in [1, 37, 91, 255] {
                let bytes: Vec<u8> = (0..length).map(|n| (n * step) as u8).collect();
                let text = encode(&bytes);
                let mut out = Vec::new();
                assert_eq!(decode(&text, &mut out), Some(()));
                assert_eq!(out, bytes, "{length} {step}");
            }
        }
    }

    #[test]
    fn values_of_others() {
        // As the reference implementation writes it.
        assert_eq!(encode(b"test"), b"fPNKd");
        assert_eq!(encode(b"Hello, World!"), b">OwJh>}AQ;r@@Y?F");
    }
}
