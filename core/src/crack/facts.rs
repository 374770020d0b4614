//! What ciphertexts tell without being opened: facts to report, each with its probability under chance.
//!
//! None of this says what is inside. Equal blocks show that the same plaintext was enciphered in the same
//! way; a good cipher used well would show nothing.

use hashbrown::HashMap;

/// A fact about values that stay shut.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Blocks of one value that are equal: every block is enciphered alone (ECB).
    RepeatedBlocks {
        /// Bytes of a block, 16 or 8.
        block: usize,
        /// Blocks that equal one before them.
        repeated: usize,
        /// Blocks in all.
        blocks: usize,
    },
    /// Values that differ begin with the same block: one initialisation vector for all.
    EqualFirstBlocks {
        /// Bytes of a block.
        block: usize,
        /// Values that begin with the commonest first block.
        equal: usize,
        /// Values in all.
        values: usize,
    },
    /// Different values have the same bytes at the same places more often than by chance: one keystream for
    /// all.
    EqualAtSamePlace {
        /// Pairs of bytes that are equal.
        equal: u64,
        /// Pairs of bytes compared.
        compared: u64,
    },
}

/// A fact and how likely chance alone would show as much.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The fact.
    pub fact: Fact,
    /// log2 of an upper bound of the probability under chance; −40 is one in 10¹².
    pub log2_chance: f64,
}

/// A fact is told when chance shows as much less often than 2 to this power: one in a billion.
const TELL: f64 = -30.0;
/// Bytes of one value that are looked at.
const SAMPLE: usize = 1 << 20;
/// Values that are compared with each other.
const VALUES: usize = 64;
/// Places that are compared.
const PLACES: usize = 4096;
/// Share of equal bytes that is much more than 1/256, so that values with a common plaintext header only are
/// not told as a keystream.
const SHARE: f64 = 0.03;

/// Equal blocks within a value, of 16 bytes or else of 8. `None` for values that are no ciphertext of a block
/// cipher (not a whole number of blocks), or whose bytes repeat so much that they are not enciphered at all.
pub fn repeated_blocks(value: &[u8]) -> Option<Found> {
    let value = value.get(..SAMPLE).unwrap_or(value);
    if !is_noise(value) {
        return None;
    }
    blocks::<16>(value).or_else(|| blocks::<8>(value))
}

fn blocks<const B: usize>(value: &[u8]) -> Option<Found> {
    let (blocks, rest) = value.as_chunks::<B>();
    if !rest.is_empty() {
        return None;
    }
    let mut seen: HashMap<[u8; B], (), foldhash::fast::RandomState> = HashMap::default();
    let repeated = blocks
        .iter()
        .filter(|block| seen.insert(**block, ()).is_some())
        .count();
    let pairs = (blocks.len() as f64) * (blocks.len() as f64) / 2.0;
    // At least one pair of equal blocks: by the union bound, pairs / 2^(8 B).
    let log2_chance = pairs.max(1.0).log2() - 8.0 * B as f64;
    (repeated > 0 && log2_chance <= TELL).then_some(Found {
        fact: Fact::RepeatedBlocks {
            block: B,
            repeated,
            blocks: blocks.len(),
        },
        log2_chance,
    })
}

/// Bytes are spread as in ciphertext: among the distinct blocks no byte stands out. Plain tables and pictures
/// repeat blocks too.
fn is_noise(value: &[u8]) -> bool {
    let mut seen: HashMap<&[u8], (), foldhash::fast::RandomState> = HashMap::default();
    let mut counts = [0u32; 256];
    let mut total = 0u32;
    for block in value.chunks(8) {
        if seen.insert(block, ()).is_some() {
            continue;
        }
        for &byte in block {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                *count = count.saturating_add(1);
                total = total.saturating_add(1);
            }
        }
    }
    // Chi-square with 255 degrees of freedom: mean 255, standard deviation 22.6; six of them.
    let expected = f64::from(total) / 256.0;
    let chi: f64 = counts
        .iter()
        .map(|&count| (f64::from(count) - expected).powi(2) / expected.max(f64::MIN_POSITIVE))
        .sum();
    total >= 24 && chi < 255.0 + 6.0 * 22.6
}

/// Equal first blocks over different values of one endpoint. Values that are equal as a whole count once.
pub fn equal_first_blocks(values: &[&[u8]]) -> Option<Found> {
    first::<16>(values).or_else(|| first::<8>(values))
}

/// Different values that are ciphertext, at most [`VALUES`].
fn different<'a>(values: &[&'a [u8]], least: usize) -> Vec<&'a [u8]> {
    let mut chosen: Vec<&[u8]> = Vec::new();
    for value in values {
        if chosen.len() < VALUES
            && value.len() >= least
            && is_noise(value)
            && !chosen.contains(value)
        {
            chosen.push(value);
        }
    }
    chosen
}

fn first<const B: usize>(values: &[&[u8]]) -> Option<Found> {
    let values = different(values, 2 * B);
    if values.iter().any(|value| value.len() % B != 0) {
        return None;
    }
    let mut counts: HashMap<[u8; B], usize, foldhash::fast::RandomState> = HashMap::default();
    for block in values.iter().filter_map(|value| value.first_chunk::<B>()) {
        *counts.entry(*block).or_default() += 1;
    }
    let equal = counts.values().copied().max().unwrap_or(0);
    let pairs = (values.len() as f64) * (values.len() as f64) / 2.0;
    let log2_chance = pairs.max(1.0).log2() - 8.0 * B as f64 * equal.saturating_sub(1) as f64;
    (equal > 1 && log2_chance <= TELL).then_some(Found {
        fact: Fact::EqualFirstBlocks {
            block: B,
            equal,
            values: values.len(),
        },
        log2_chance,
    })
}

/// Equal bytes at equal places over different values of one endpoint: with a fresh keystream for each value
/// one in 256 is equal.
pub fn equal_at_same_place(values: &[&[u8]]) -> Option<Found> {
    let values = different(values, 24);
    let (mut equal, mut compared) = (0u64, 0u64);
    for (at, one) in values.iter().enumerate() {
        for other in values.iter().skip(at.saturating_add(1)) {
            for (a, b) in one.iter().zip(*other).take(PLACES) {
                compared = compared.saturating_add(1);
                equal = equal.saturating_add(u64::from(a == b));
            }
        }
    }
    if compared == 0 {
        return None;
    }
    // Pairs share values, so only as many are independent as there are values less one; Chernoff's bound.
    let share = equal as f64 / compared as f64;
    let independent = compared as f64 * 2.0 / values.len().max(2) as f64;
    let chance = 1.0_f64 / 256.0;
    if share <= chance.max(SHARE) {
        return None;
    }
    let rest = (1.0 - share).max(f64::MIN_POSITIVE);
    let divergence = share * (share / chance).log2() + rest * (rest / (1.0 - chance)).log2();
    let log2_chance = -independent * divergence;
    (log2_chance <= TELL).then_some(Found {
        fact: Fact::EqualAtSamePlace { equal, compared },
        log2_chance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crack::tests::encode::{cbc, ecb, pad, stream};

    const KEY: &[u8; 16] = b"0123456789abcdef";

    fn text(number: usize) -> Vec<u8> {
        let row = format!(r#"{{"device":"869836900602{number:03}","event":"page","n":{number}}}"#);
        row.repeat(4).into_bytes()
    }

    fn noise(length: usize, mut state: u64) -> Vec<u8> {
        (0..length)
            .map(|_| {
                state ^= state >> 12;
                state ^= state << 25;
                state ^= state >> 27;
                (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u8
            })
            .collect()
    }

    #[test]
    fn ecb_shows() {
        let plain = [&[0u8; 48][..], &text(1)].concat();
        let sealed = ecb::<16, aes::Aes128>(KEY, &pad(&plain, 16));
        let found = repeated_blocks(&sealed).unwrap();
        assert!(matches!(
            found.fact,
            Fact::RepeatedBlocks {
                block: 16,
                repeated: 2..,
                ..
            }
        ));
        assert!(found.log2_chance < -100.0);
        let sealed = cbc::<16, aes::Aes128>(KEY, KEY, &pad(&plain, 16));
        assert_eq!(repeated_blocks(&sealed), None);
        assert_eq!(repeated_blocks(&plain), None);
        assert_eq!(repeated_blocks(&[]), None);
    }

    #[test]
    fn constant_vectors_show() {
        let sealed: Vec<Vec<u8>> = (1..5)
            .map(|number| {
                let plain = [&b"{\"a fixed beginning\":1,"[..], &text(number)].concat();
                cbc::<16, aes::Aes128>(KEY, KEY, &pad(&plain, 16))
            })
            .collect();
        let values: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
        let found = equal_first_blocks(&values).unwrap();
        assert!(matches!(
            found.fact,
            Fact::EqualFirstBlocks {
                equal: 4,
                values: 4,
                ..
            }
        ));
        let fresh: Vec<Vec<u8>> = (1..9).map(|seed| noise(320, seed)).collect();
        let values: Vec<&[u8]> = fresh.iter().map(Vec::as_slice).collect();
        assert_eq!(equal_first_blocks(&values), None);
        assert_eq!(equal_first_blocks(&[values[0], values[0]]), None);
    }

    #[test]
    fn static_keystreams_show() {
        let sealed: Vec<Vec<u8>> = (1..6)
            .map(|number| stream::<16, aes::Aes128>("ctr", KEY, KEY, &text(number)))
            .collect();
        let values: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
        let found = equal_at_same_place(&values).unwrap();
        assert!(found.log2_chance < -200.0, "{found:?}");
        let fresh: Vec<Vec<u8>> = (1..40).map(|seed| noise(300, seed * 77)).collect();
        let values: Vec<&[u8]> = fresh.iter().map(Vec::as_slice).collect();
        assert_eq!(equal_at_same_place(&values), None);
        assert_eq!(equal_at_same_place(&[]), None);
        let plain: Vec<Vec<u8>> = (1..6).map(text).collect();
        let values: Vec<&[u8]> = plain.iter().map(Vec::as_slice).collect();
        assert_eq!(equal_at_same_place(&values), None);
    }
}
