//! What the closed values of one field tell without being opened.

use crate::crack::facts::{self, Fact};
use crate::solve::{self, keystream};

/// Steps that comparing the values of one field may take.
const STEPS: u64 = 2_000_000;
/// Values that are compared.
const MOST: usize = 64;

/// Blocks that are compared: those of AES.
const BLOCK: usize = 16;
/// Values that must begin alike.
const FEWEST: u64 = 3;
/// Bytes that differ between values, below which nothing is told of a keystream.
const DIFFERENT: u64 = 48;
/// Of so many bytes that differ one may differ in its highest bit.
const RARELY: u64 = 50;

/// A fact about ciphertexts, with how likely chance alone would show as much.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakness {
    /// `repeated-blocks` (in one value), `equal-first-blocks` or `same-keystream` (over several).
    pub kind: &'static str,
    /// Bytes of a block; 0 for a keystream.
    pub block: u64,
    /// Blocks that repeat one before them; values that begin alike; equal bytes.
    pub count: u64,
    /// Of so many.
    pub of: u64,
    /// log2 of the probability under chance.
    pub log2_chance: f64,
    /// Places of the values that it is about.
    pub values: Vec<usize>,
}

/// What these values of one field tell. The places are those in `values`.
pub fn weaknesses(values: &[&[u8]]) -> Vec<Weakness> {
    let values = values.get(..MOST).unwrap_or(values);
    let all = || (0..values.len()).collect::<Vec<usize>>();
    let repeated = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some((place, facts::repeated_blocks(value)?)))
        .filter_map(|(place, found)| weakness(&found, vec![place]))
        .max_by_key(|weakness| (weakness.count, std::cmp::Reverse(weakness.values.clone())));
    let first = of_blocks(values)
        .then(|| facts::equal_first_blocks(values))
        .flatten()
        .and_then(|found| weakness(&found, all()))
        .filter(|weakness| weakness.block == BLOCK as u64 && weakness.count >= FEWEST);
    let mut budget = solve::Budget::new(STEPS);
    let stream = keystream::recognise(values, &mut budget).and_then(|found| {
        Some(Weakness {
            kind: "same-keystream",
            block: 0,
            count: found.equal,
            of: found.compared,
            log2_chance: of_text(&found)?,
            values: all(),
        })
    });
    // Blocks that are equal for another reason say nothing more of a keystream.
    let stream = stream.filter(|_| repeated.is_none());
    [repeated, first, stream].into_iter().flatten().collect()
}

/// Values as a block cipher with padding makes them: whole blocks, and not all of one length. Tokens with a
/// fixed beginning are mostly of one length, or of any.
fn of_blocks(values: &[&[u8]]) -> bool {
    let first = values.first().map_or(0, |value| value.len());
    values.iter().all(|value| value.len().is_multiple_of(BLOCK))
        && values.iter().any(|value| value.len() != first)
}

/// log2 of the odds that bytes which differ would agree in their highest bit so often by chance; `None` when
/// they do not agree nearly always. Under one keystream the differences of two texts are those of their
/// letters, which have no highest bit; the parts of a structured token differ in all bits.
fn of_text(found: &keystream::Recognised) -> Option<f64> {
    let differ = found.compared.saturating_sub(found.equal);
    let high = found.compared.saturating_sub(found.high_equal);
    if differ < DIFFERENT || high.saturating_mul(RARELY) > differ {
        return None;
    }
    // Chernoff's bound for that many or fewer of fair coins.
    let rate = high as f64 / differ as f64;
    let entropy = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
    Some(-(differ as f64) * (1.0 - entropy(rate) - entropy(1.0 - rate)))
}

fn weakness(found: &facts::Found, values: Vec<usize>) -> Option<Weakness> {
    let (kind, block, count, of) = match found.fact {
        Fact::RepeatedBlocks {
            block,
            repeated,
            blocks,
        } => ("repeated-blocks", block, repeated, blocks),
        Fact::EqualFirstBlocks {
            block,
            equal,
            values,
        } => ("equal-first-blocks", block, equal, values),
        Fact::EqualAtSamePlace { .. } => return None,
    };
    Some(Weakness {
        kind,
        block: block as u64,
        count: count as u64,
        of: of as u64,
        log2_chance: found.log2_chance,
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crack::tests::encode::{cbc, ecb, pad, stream};

    const KEY: &[u8; 16] = b"0123456789abcdef";

    fn text(number: usize) -> Vec<u8> {
        let names = ["page", "click", "open", "close", "purchase"];
        let name = names[number % names.len()].repeat(1 + number % 3);
        format!(
            r#"{{"device":"869836900602677","event":"{name}","n":{number},"x":"{}"}}"#,
            "abc".repeat(number)
        )
        .into_bytes()
    }

    fn kinds(values: &[Vec<u8>]) -> Vec<&'static str> {
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        weaknesses(&values).iter().map(|found| found.kind).collect()
    }

    #[test]
    fn each_weakness_is_told_and_good_use_is_not() {
        let zeros = [[0u8; 48].as_slice(), &text(1)].concat();
        assert_eq!(
            kinds(&[ecb::<16, aes::Aes128>(KEY, &pad(&zeros, 16))]),
            ["repeated-blocks"]
        );
        let constant: Vec<_> = (1..9)
            .map(|n| cbc::<16, aes::Aes128>(KEY, KEY, &pad(&text(n), 16)))
            .collect();
        assert_eq!(kinds(&constant), ["equal-first-blocks"]);
        let streams: Vec<_> = (1..9)
            .map(|n| stream::<16, aes::Aes128>("ctr", KEY, KEY, &text(n)))
            .collect();
        assert_eq!(kinds(&streams), ["same-keystream"]);
        let fresh: Vec<_> = (1..9u8)
            .map(|n| cbc::<16, aes::Aes128>(KEY, &[n; 16], &pad(&text(n.into()), 16)))
            .collect();
        assert!(kinds(&fresh).is_empty());
    }

    #[test]
    fn tokens_with_a_fixed_beginning_tell_nothing() {
        let noise = |seed: u64, length: usize| -> Vec<u8> {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            (0..length)
                .map(|_| {
                    state ^= state >> 12;
                    state ^= state << 25;
                    state ^= state >> 27;
                    (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u8
                })
                .collect()
        };
        let header = noise(1, 16);
        let of_one_length: Vec<_> = (2..12)
            .map(|seed| [header.clone(), noise(seed, 48)].concat())
            .collect();
        assert!(kinds(&of_one_length).is_empty());
        let of_any: Vec<_> = (2..12)
            .map(|seed| [header.clone(), noise(seed, 40 + seed as usize)].concat())
            .collect();
        assert!(kinds(&of_any).is_empty());
    }
}
