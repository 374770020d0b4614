//! A key that repeats: XOR, XOR with the index, and addition of bytes.
//!
//! The length of the key shows in bytes that are equal too often, the key in what telemetry looks like: first
//! single bytes, then pairs (exact over the candidates), then the whole model. The evidence is a likelihood
//! against noise; the key is paid for with eight bits a byte, so that a longer key never wins by being longer,
//! and on random bytes the odds of an acceptance are bounded by 2^−20 whatever is searched.

mod chain;
mod cipher;
mod columns;
mod letters;
mod margin;
mod packed;
mod polish;
#[cfg(test)]
mod tests;
mod utf16;
mod words;

use super::{ACCEPTED, Budget, Cribs, Solved, proof};
use chain::Known;
use cipher::{CIPHERS, Cipher};
use columns::Columns;
use polish::Reading;

/// Shorter texts (all together) prove nothing.
const SHORTEST: usize = 16;
/// Texts that are used; more change nothing.
const MOST_TEXTS: usize = 64;
/// Bytes of these texts together; the first is used however long it is.
const MOST_BYTES: usize = 1 << 20;
/// Bytes of all texts that show the key, and least and most of each: what comes after is only opened with it.
const SHOWING: usize = 32 << 10;
const LEAST_SHOWING: usize = 2048;
const MOST_SHOWING: usize = 4096;
/// Lengths of key for which a key is made.
const LENGTHS: usize = 3;
/// What a better model is trusted to add to the evidence of a simpler one, in tenths of a bit per byte: what
/// stays below even so is given up early.
const TO_COME: i64 = 5;
/// By so much the second best key must be worse, in tenths of a bit.
const MARGIN: i64 = 100;
/// Steps of the budget that mending a byte of the key takes.
const MENDING: u64 = 20_000;
/// log2 of variants and lengths of key, in tenths of a bit: 3 × 64.
const CHOICES: i64 = 76;

/// Solve texts of one endpoint that share a repeating key, each from its first byte to its last: the key shows in
/// their beginnings, and only a structure that is read to its end proves it.
///
/// `cribs` is what is expected inside. `None` when nothing is proven, and also when the texts are not hidden
/// at all: they have a structure as they are.
pub fn solve(texts: &[&[u8]], cribs: &Cribs, budget: &mut Budget) -> Option<Solved> {
    let mut length = 0;
    let together = texts.iter().take(MOST_TEXTS).take_while(|text| {
        length += text.len();
        length <= MOST_BYTES
    });
    let texts = texts.get(..together.count().max(1))?;
    let length: usize = texts.iter().map(|text| text.len()).sum();
    // What has no structure seldom looks so far.
    if length < SHORTEST || !budget.spend(length as u64 / 16) {
        return None;
    }
    if texts.iter().any(|text| proof::structure(text).is_some()) {
        return None;
    }
    // Letters and digits only: base64, hex, words. A key makes other signs of quotes and braces than of letters.
    if texts.iter().all(|text| {
        text.iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=-_.".contains(b))
    }) {
        return letters::solve(texts, budget);
    }
    if let Some(solved) = packed::solve(texts, budget) {
        return Some(solved);
    }
    if let Some(solved) = utf16::solve(texts, cribs, budget, bytes) {
        return Some(solved);
    }
    bytes(texts, cribs, budget).or_else(|| letters::solve(texts, budget))
}

/// The beginning of each text, in which the key shows.
fn beginnings<'a>(texts: &[&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    let each = (SHOWING / texts.len().max(1)).clamp(LEAST_SHOWING, MOST_SHOWING);
    texts
        .iter()
        .map(move |text| text.get(..each).unwrap_or(text))
}

/// Texts of which a key is sought.
struct Texts<'a> {
    whole: &'a [&'a [u8]],
    /// Their beginnings without what does not depend on the key.
    prepared: Vec<Vec<u8>>,
}

/// Solve texts of single bytes.
fn bytes(whole: &[&[u8]], cribs: &Cribs, budget: &mut Budget) -> Option<Solved> {
    let mut lengths = Vec::new();
    for cipher in CIPHERS {
        let prepared = beginnings(whole).map(|text| cipher.prepare(text)).collect();
        let texts = Texts { whole, prepared };
        let columns = Columns::of(&texts.prepared);
        // Which bytes are equal is the same for XOR and addition.
        if cipher != Cipher::Add {
            if !budget.spend(columns.single.len() as u64 * columns.longest_key() as u64 / 4) {
                return None;
            }
            lengths.push(columns.lengths());
        }
        let lengths = match cipher {
            Cipher::XorIndex => lengths.last(),
            Cipher::Xor | Cipher::Add => lengths.first(),
        };
        let lengths = lengths.map_or(&[][..], Vec::as_slice);
        if let Some(solved) = by_statistics(cipher, &texts, &columns, lengths, budget) {
            return Some(solved);
        }
        if cipher == Cipher::Xor
            && let Some(solved) = by_cribs(cipher, &texts, &columns, cribs, budget)
        {
            return Some(solved);
        }
    }
    None
}

/// Take it off again: `selector` is that of [`Solved::selector`]. `None` when it is none of these.
#[must_use]
pub fn follow(selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    if let Some((cipher, key)) = Cipher::parse(selector) {
        return Some(cipher.open(&cipher.prepare(bytes), &key));
    }
    letters::follow(selector, bytes)
}

fn by_statistics(
    cipher: Cipher,
    texts: &Texts<'_>,
    columns: &Columns,
    lengths: &[usize],
    budget: &mut Budget,
) -> Option<Solved> {
    let size = columns.single.len() as u64;
    if !budget.spend(size * lengths.len() as u64 * 8) {
        return None;
    }
    let mut rough: Vec<(i64, Vec<[i32; 256]>)> = lengths
        .iter()
        .map(|&length| {
            let costs = columns.costs(cipher, length);
            (columns.evidence(&costs), costs)
        })
        .filter(|(evidence, _)| evidence + TO_COME * size as i64 >= ACCEPTED + CHOICES)
        .collect();
    rough.sort_by_key(|(evidence, costs)| (-evidence, costs.len()));
    rough.truncate(LENGTHS);
    rough
        .iter()
        .find_map(|(_, costs)| with_length(cipher, texts, columns, costs, &[], CHOICES, budget))
}

/// The key of one length, if it is proven; `known` bytes of it are kept.
fn with_length(
    cipher: Cipher,
    texts: &Texts<'_>,
    columns: &Columns,
    costs: &[[i32; 256]],
    known: &[Known],
    choices: i64,
    budget: &mut Budget,
) -> Option<Solved> {
    if !budget.spend(columns.pairs.len() as u64 * 300) {
        return None;
    }
    let (by_pairs, key, candidates) = chain::best_key(columns, cipher, costs, known);
    if by_pairs + TO_COME * (columns.pairs.len() as i64) < ACCEPTED + choices {
        return None;
    }
    let mut reading = Reading::new(cipher, texts, key);
    reading.polish(&candidates, costs);
    let tried = choices + 80 * costs.len() as i64;
    if reading.evidence() - tried < ACCEPTED {
        return None;
    }
    let margin = proven(&mut reading, costs, budget)?;
    let evidence = reading.evidence();
    if evidence - tried < ACCEPTED {
        return None;
    }
    let (key, plain) = reading.into_plain();
    if shortened(&key).len() == 1 && key.first() == Some(&0) && cipher != Cipher::XorIndex {
        return None;
    }
    Some(Solved {
        selector: cipher.selector(shortened(&key)),
        plain,
        evidence,
        tried,
        margin,
    })
}

/// Times that a key is looked at; in between some of its bytes change, or it is mended.
const CHANGES: usize = 4;

/// By how much any other key is worse once the plaintexts have a structure; a key that is nearly right is mended.
fn proven(reading: &mut Reading<'_>, costs: &[[i32; 256]], budget: &mut Budget) -> Option<i64> {
    let mut mended = false;
    reading.recount();
    for _ in 0..CHANGES {
        if reading.structured(budget)? {
            let (margin, nearest) = reading.margin(costs, budget);
            if margin >= MARGIN {
                return Some(margin);
            }
            if margin < 0 {
                reading.change(nearest);
                continue;
            }
        }
        if mended || !budget.spend(MENDING * costs.len() as u64) {
            return None;
        }
        reading.mend(costs);
        mended = true;
    }
    None
}

/// A key that repeats itself is the shorter one.
fn shortened(key: &[u8]) -> &[u8] {
    (1..key.len())
        .filter(|length| key.len().is_multiple_of(*length))
        .filter_map(|length| key.get(..length))
        .find(|part| key.chunks(part.len()).all(|chunk| chunk == *part))
        .unwrap_or(key)
}

/// Placements of known values that are worth a closer look.
const PLACEMENTS: usize = 4;

/// A known value at some place gives bytes of the key; where they make text of the other rows too, the rest
/// of the key follows.
fn by_cribs(
    cipher: Cipher,
    texts: &Texts<'_>,
    columns: &Columns,
    cribs: &Cribs,
    budget: &mut Budget,
) -> Option<Solved> {
    let longest = columns.single.len().min(cipher::LONGEST_KEY);
    let mut placed: Vec<(i64, usize, Vec<Known>)> = Vec::new();
    let mut looked = 0u64;
    for value in cribs.values() {
        for text in &texts.prepared {
            for at in 0..(text.len() + 1).saturating_sub(value.len()) {
                if !budget.spend(longest as u64 * 3) {
                    return None;
                }
                for length in 1..=longest {
                    looked += 1;
                    if let Some(key) = key_at(cipher, text, at, value, length)
                        && let Some(evidence) = fits(cipher, &texts.prepared, &key)
                    {
                        placed.push((evidence, length, key));
                    }
                }
            }
        }
    }
    placed.sort_by_key(|(evidence, length, _)| (-evidence, *length));
    placed.dedup();
    placed.truncate(PLACEMENTS);
    let choices = CHOICES + (10.0 * (looked.max(1) as f64).log2()) as i64;
    placed.iter().find_map(|(_, length, known)| {
        let costs = columns.costs(cipher, *length);
        with_length(cipher, texts, columns, &costs, known, choices, budget)
    })
}

/// Bytes of the key when `value` stands at `at`; `None` when they contradict each other.
fn key_at(
    cipher: Cipher,
    text: &[u8],
    at: usize,
    value: &[u8],
    length: usize,
) -> Option<Vec<Known>> {
    // The commonest contradiction first, without making anything.
    let key = |index: usize| Some(cipher.key(*text.get(at + index)?, *value.get(index)?));
    if length < value.len() && key(0)? != key(length)? {
        return None;
    }
    // The row after, or before, must be text too.
    let next = (at + length, at.wrapping_sub(length));
    for index in 0..value.len().min(4) {
        for place in [next.0, next.1] {
            if let Some(&byte) = text.get(place.wrapping_add(index))
                && !possible(cipher.plain(byte, key(index)?))
            {
                return None;
            }
        }
    }
    let mut found: Vec<Known> = vec![None; length];
    for index in 0..value.len() {
        let key = key(index)?;
        match found.get_mut((at + index) % length)? {
            Some(known) if *known != key => return None,
            place => *place = Some(key),
        }
    }
    Some(found)
}

/// What stands in text.
fn possible(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..)
}

/// Evidence of what a partial key opens, in tenths of a bit; `None` when a byte of it is no text.
fn fits(cipher: Cipher, texts: &[Vec<u8>], key: &[Known]) -> Option<i64> {
    let model = super::language::model();
    let mut sum = 0;
    for text in texts {
        for (&byte, known) in text.iter().zip(key.iter().cycle()) {
            if let Some(known) = known {
                let plain = cipher.plain(byte, *known);
                if !possible(plain) {
                    return None;
                }
                sum += i64::from(80 - model.alone(plain));
            }
        }
    }
    Some(sum)
}
