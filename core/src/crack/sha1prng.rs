//! The generator "SHA1PRNG" of Android's provider "Crypto" (gone in Android 9), with which programs made
//! keys of passwords: `SecureRandom.getInstance("SHA1PRNG", "Crypto")`, `setSeed(password)`,
//! `KeyGenerator.init(bits, random)`.
//!
//! It hashes seed ‖ 64-bit counter, but puts the counter at word ⌊(length + 7) / 4⌋ and not directly behind
//! the seed; the gap is zero and the length field of SHA-1 ignores it. Android kept the slip so that old data
//! stayed readable (its class `InsecureSHA1PRNGKeyDerivator` says so).

use sha1::block_api::compress;

/// State of SHA-1 before the first block (FIPS 180-4 section 5.3.1).
const START: [u32; 5] = [
    0x6745_2301,
    0xefcd_ab89,
    0x98ba_dcfe,
    0x1032_5476,
    0xc3d2_e1f0,
];
/// Longest seed for which all fits one block of SHA-1.
const LONGEST: usize = 32;

/// The first `N` bytes after this seed; `None` for seeds of no or more than 32 bytes.
pub(crate) fn derive<const N: usize>(seed: &[u8]) -> Option<[u8; N]> {
    if seed.is_empty() || seed.len() > LONGEST {
        return None;
    }
    let mut block = [0u8; 64];
    block.get_mut(..seed.len())?.copy_from_slice(seed);
    let counter_at = (seed.len() + 7) / 4 * 4 + seed.len() % 4;
    *block.get_mut(counter_at.checked_add(8)?)? = 0x80;
    let bits = (seed.len() as u64 + 8) * 8;
    block.get_mut(56..)?.copy_from_slice(&bits.to_be_bytes());
    let mut out = [0u8; N];
    for (counter, part) in (0u64..).zip(out.chunks_mut(20)) {
        block
            .get_mut(counter_at..counter_at.checked_add(8)?)?
            .copy_from_slice(&counter.to_be_bytes());
        let mut state = START;
        compress(&mut state, &[block]);
        for (to, from) in part
            .iter_mut()
            .zip(state.iter().flat_map(|word| word.to_be_bytes()))
        {
            *to = from;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_steady_and_bounded() {
        let short = derive::<16>(b"password").unwrap();
        let long = derive::<32>(b"password").unwrap();
        assert_eq!(short[..], long[..16]);
        assert_ne!(derive::<16>(b"passwore"), Some(short));
        assert_eq!(derive::<16>(b""), None);
        assert_eq!(derive::<16>(&[0; 33]), None);
        assert!(derive::<32>(&[1; 32]).is_some());
    }

    /// A seed of one byte: the counter begins at word 2, byte 1.
    #[test]
    fn counter_stands_behind_a_gap() {
        let mut block = [0u8; 64];
        block[0] = b'a';
        block[17] = 0x80;
        block[63] = 72;
        let mut state = START;
        compress(&mut state, &[block]);
        let first = state[0].to_be_bytes();
        assert_eq!(derive::<4>(b"a"), Some(first));
    }
}
