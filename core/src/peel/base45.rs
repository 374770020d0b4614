//! Layer `base45` (RFC 9285), with or without the `HC1:` of health certificates before it.
//!
//! Identifiers in capitals are made of such letters, so the child must prove the layer.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::proof::{opened, promising};

/// The layer.
pub(crate) struct Base45;

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// What stands before the digits in a health certificate of the EU.
const CERTIFICATE: &[u8] = b"HC1:";
/// Eight bytes.
const SHORTEST: usize = 12;
/// Different digits in it.
const VARIED: u32 = 6;
/// Digits of the shortest child that begins with anything but text or a magic number.
const COMPRESSED: usize = 36;
/// How rare it is (8 bits).
const PRIOR: i64 = 80;
const NONE: u8 = 0xff;

const VALUES: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 45 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

const EVER: u32 = kind::DIGIT
    | kind::UPPER_HEX
    | kind::UPPER
    | kind::SPACE
    | kind::PUNCTUATION
    | kind::PERCENT
    | kind::PLUS
    | kind::MINUS
    | kind::DOT
    | kind::SLASH
    | kind::COLON;

/// Undo it strictly: encoding again gives the same.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let digits = bytes.strip_prefix(CERTIFICATE).unwrap_or(bytes);
    for group in digits.chunks(3) {
        let mut number = 0u32;
        for &digit in group.iter().rev() {
            let value = VALUES[usize::from(digit)];
            if value == NONE {
                return None;
            }
            number = number * 45 + u32::from(value);
        }
        match group.len() {
            3 => out.extend_from_slice(&u16::try_from(number).ok()?.to_be_bytes()),
            2 => out.push(u8::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(())
}

impl Layer for Base45 {
    fn name(&self) -> &'static str {
        "base45"
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

    fn needs(&self) -> u32 {
        kind::UPPER_HEX | kind::UPPER
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        let digits = look.bytes.strip_prefix(CERTIFICATE).unwrap_or(look.bytes);
        let mut first = Vec::with_capacity(4);
        look.only(EVER)
            && digits.len() % 3 != 1
            && decode(digits.get(..6).unwrap_or_default(), &mut first).is_some()
            && (promising(&first) || digits.len() >= COMPRESSED)
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if decode(look.bytes, &mut decoded).is_none() {
            bench.give_back(decoded);
            return None;
        }
        let declared = 320 * i64::from(look.bytes.starts_with(CERTIFICATE));
        opened(self.name(), decoded, context, bench, PRIOR - declared)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for pair in bytes.chunks(2) {
        let mut number = pair
            .iter()
            .fold(0usize, |number, &byte| number << 8 | usize::from(byte));
        for _ in 0..=pair.len() {
            out.push(ALPHABET[number % 45]);
            number /= 45;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(text, &mut out).map(|()| out)
    }

    #[test]
    fn published_values() {
        // RFC 9285, sections 4.3 and 4.4.
        for (text, bytes) in [
            (&b"BB8"[..], &b"AB"[..]),
            (b"%69 VD92EX0", b"Hello!!"),
            (b"UJCLQE7W581", b"base-45"),
            (b"QED8WEX0", b"ietf!"),
        ] {
            assert_eq!(decoded(text).as_deref(), Some(bytes));
            assert_eq!(encode(bytes), text);
        }
        for text in [&b"GGW"[..], b":::", b"A", b"bb8", b"ZZ"] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
        assert_eq!(decoded(b"HC1:QED8WEX0").as_deref(), Some(&b"ietf!"[..]));
    }

    #[test]
    fn every_length_comes_back() {
        for length in 0..40usize {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37) as u8).collect();
            assert_eq!(decoded(&encode(&bytes)), Some(bytes));
        }
    }
}
