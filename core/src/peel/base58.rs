//! Layers `base58check` and `base58`: bytes as one number to the base 58, in the alphabet of Bitcoin
//! (digits and letters without `0`, `O`, `I`, `l`), leading zero bytes as `1`
//! (<https://datatracker.ietf.org/doc/html/draft-msporny-base58-03>).
//!
//! `base58check` ends in the first four bytes of SHA-256 of SHA-256 of what is before them, and is proven by it;
//! its child is what is before. `base58` is proven by its child only.

use sha2::{Digest, Sha256};

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened};
use super::look::{Look, kind};
use super::proof::opened;

/// The layer `base58`.
pub(crate) struct Base58;
/// The layer `base58check`.
pub(crate) struct Base58Check;

/// Eleven bytes or so.
const SHORTEST: usize = 16;
/// Undoing it takes time that grows with the square of the length.
const LONGEST: usize = 2048;
/// Different digits in it.
const VARIED: u32 = 6;
/// Bytes of the check value.
const CHECK: usize = 4;
/// Bytes before a check value worth computing: an address has 21, an extended key 78.
const CHECKED: std::ops::RangeFrom<usize> = 16..;
/// How rare `base58` is: one of some 250 encoded fields (8 bits).
const PRIOR: i64 = 80;
/// How rare `base58check` is (10 bits).
const PRIOR_CHECK: i64 = 100;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const NONE: u8 = 0xff;
static VALUES: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < ALPHABET.len() {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// A right check value is 32 bits, a wrong one nothing.
fn evidence(decoded: &[u8]) -> i64 {
    let Some((payload, check)) = decoded.split_last_chunk::<CHECK>() else {
        return 0;
    };
    if !CHECKED.contains(&payload.len()) {
        return 0;
    }
    let digest = Sha256::digest(Sha256::digest(payload));
    if digest.starts_with(check) { 320 } else { 0 }
}

fn can(look: &Look<'_>) -> bool {
    look.bytes.len() <= LONGEST
        && look.only(kind::ALNUM)
        && look.mixed_case()
        && look.varied(VARIED)
        && look.bytes.iter().all(|&b| VALUES[usize::from(b)] != NONE)
}

/// Digits taken in one step: 58⁵ fits in 32 bits.
const STEP: usize = 5;

/// Undo it; `None` beyond [`LONGEST`] or outside the alphabet.
fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > LONGEST {
        return None;
    }
    let zeros = bytes.iter().take_while(|&&b| b == b'1').count();
    // The number in limbs of 32 bits, the lowest first.
    let mut limbs: Vec<u32> = Vec::with_capacity(bytes.len() / STEP + 1);
    for digits in bytes.get(zeros..)?.chunks(STEP) {
        let (mut factor, mut carry) = (1u64, 0u64);
        for &digit in digits {
            let value = VALUES[usize::from(digit)];
            if value == NONE {
                return None;
            }
            carry = carry * 58 + u64::from(value);
            factor *= 58;
        }
        for limb in &mut limbs {
            carry += u64::from(*limb) * factor;
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let mut out = vec![0; zeros];
    let number = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes());
    out.extend(number.skip_while(|&byte| byte == 0));
    Some(out)
}

impl Layer for Base58 {
    fn name(&self) -> &'static str {
        "base58"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        VALUES[usize::from(first)] != NONE
    }

    fn never(&self) -> u32 {
        !kind::ALNUM
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        can(look)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let decoded = decode(look.bytes)?;
        opened(self.name(), decoded, context, bench, PRIOR)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        decode(bytes)
    }
}

impl Layer for Base58Check {
    fn name(&self) -> &'static str {
        "base58check"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        VALUES[usize::from(first)] != NONE
    }

    fn never(&self) -> u32 {
        !kind::ALNUM
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        can(look)
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let bytes = checked(look.bytes)?;
        bench.spend(bytes.len());
        Some(Opened::One {
            layer: self.name(),
            bytes,
            inner: Inner::Unknown,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        checked(bytes)
    }
}

/// What a right check value vouches for.
fn checked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = decode(bytes)?;
    if evidence(&decoded) - PRIOR_CHECK < 200 {
        return None;
    }
    decoded.truncate(decoded.len().saturating_sub(CHECK));
    Some(decoded)
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    let mut digits: Vec<u8> = Vec::new();
    for &byte in &bytes[zeros..] {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let ones = std::iter::repeat_n(b'1', zeros);
    ones.chain(digits.iter().rev().map(|&d| ALPHABET[usize::from(d)]))
        .collect()
}

/// The inverse of `base58check` for tests.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode_checked(bytes: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(Sha256::digest(bytes));
    encode(&[bytes, &digest[..CHECK]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        assert_eq!(decode(b"StV1DL6CwTryKyV"), Some(b"hello world".to_vec()));
        assert_eq!(
            decode(b"111D7LMXYjHjTu"),
            Some(b"\0\0\0Hello\0\0\0".to_vec())
        );
        // The address of the first block of the Bitcoin chain: version 0 and a hash of 20 bytes.
        let address = checked(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa").unwrap();
        assert_eq!(address.len(), 21);
        assert_eq!(checked(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), None);
        assert_eq!(decode(b"0OIl"), None);
    }
}
