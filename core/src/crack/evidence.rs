//! How much a plaintext is worth, in tenths of a bit.

use std::io::Read;

use super::trial;
use crate::json::{Token, Tokenizer};
use crate::peel::text_evidence;

/// What is left of the evidence, in tenths of a bit, when the prior of the cipher and the logarithm of the
/// hypotheses tried are taken off, must be this much: one false plaintext in a million values.
pub const ACCEPT: i64 = 200;

/// A gzip member to its end: CRC-32 and length.
const GZIP: i64 = 640;
/// A zlib stream to its end: header check and Adler-32.
const ZLIB: i64 = 370;
/// A JSON text to its end, besides what its characters say.
const JSON: i64 = 100;
/// Output of a decompressor that is looked at.
const INFLATED: u64 = 1 << 20;
/// Text: least evidence, and least evidence per byte.
const TEXT: (i64, i64) = (280, 12);
const DEPTH: u32 = 64;

/// The number of hypotheses as tenths of a bit, rounded up to whole bits.
pub(crate) fn hypotheses(tried: u64) -> i64 {
    i64::from(u64::BITS - tried.leading_zeros()) * 10
}

/// A simple judge for those who have no better one: gzip and zlib by their checks, JSON by its grammar, text
/// by its characters. `None`: nothing speaks for it.
pub fn judge(plain: &[u8]) -> Option<i64> {
    if trial::magic(plain) {
        let mut sink = std::io::sink();
        let gzip = flate2::read::GzDecoder::new(plain).take(INFLATED);
        if matches!(read(gzip, &mut sink), Some(1..)) {
            return Some(GZIP);
        }
        let zlib = flate2::read::ZlibDecoder::new(plain).take(INFLATED);
        if matches!(read(zlib, &mut sink), Some(1..)) {
            return Some(ZLIB);
        }
    }
    let text = text_evidence(plain)?;
    if is_json(plain) {
        return Some(text.max(0) + JSON);
    }
    let (least, per_byte) = TEXT;
    (text >= least && text >= per_byte * plain.len() as i64).then_some(text)
}

fn read(mut from: impl Read, sink: &mut impl std::io::Write) -> Option<u64> {
    std::io::copy(&mut from, sink).ok()
}

/// An object or an array with something in it, and nothing behind it.
fn is_json(text: &[u8]) -> bool {
    let mut tokens = Tokenizer::new(text, DEPTH);
    let mut count = 0u32;
    let open = |byte: Option<&u8>| matches!(byte, Some(b'{' | b'['));
    if !open(text.trim_ascii_start().first()) {
        return false;
    }
    loop {
        match tokens.next_token() {
            Ok(Token::End) => return count > 3,
            Ok(_) => count = count.saturating_add(1),
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges() {
        assert!(judge(br#"{"imei":"869836900602677","a":1}"#).unwrap() > 400);
        assert!(judge(b"https://example.be/prive?q=test").is_some());
        assert_eq!(judge(&[0x9a; 40]), None);
        assert_eq!(judge(b"k#9Z!q(7"), None);
        assert_eq!(hypotheses(0), 0);
        assert_eq!(hypotheses(1 << 20), 210);
    }
}
