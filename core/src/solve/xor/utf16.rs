//! UTF-16 below XOR: one byte of each character is almost always zero, and so shows its bytes of the key as they are.
//!
//! The other bytes are text under a key of their own, which is solved as such. That covers a key over the bytes and
//! one over the 16-bit units, of which only the low bytes are touched (as Java does with `char ^ char`).

use super::super::{Budget, Cribs, Solved};
use super::cipher::{Cipher, LONGEST_KEY};

/// Bytes of a text that are looked at for the period.
const LOOKED_AT: usize = 1024;
/// Of so many of these bytes one may be another: a character outside Latin-1.
const RARELY: usize = 12;
/// Times that a period must be seen beyond the first.
const AGAIN: usize = 16;

/// Solve texts that are UTF-16; `inner` solves what is left of them.
pub(super) fn solve(
    texts: &[&[u8]],
    cribs: &Cribs,
    budget: &mut Budget,
    inner: fn(&[&[u8]], &Cribs, &mut Budget) -> Option<Solved>,
) -> Option<Solved> {
    let even = |text: &&[u8]| text.len().is_multiple_of(2);
    if !texts.iter().all(even) {
        return None;
    }
    // Little-endian has its zeros behind, big-endian before.
    [1, 0]
        .into_iter()
        .find_map(|zeros| with(texts, zeros, cribs, budget, inner))
}

fn with(
    texts: &[&[u8]],
    zeros: usize,
    cribs: &Cribs,
    budget: &mut Budget,
    inner: fn(&[&[u8]], &Cribs, &mut Budget) -> Option<Solved>,
) -> Option<Solved> {
    let every_second = |text: &[u8], from: usize| -> Vec<u8> {
        text.iter().skip(from).step_by(2).copied().collect()
    };
    let longest = texts.iter().max_by_key(|text| text.len())?;
    let shown = every_second(longest.get(..2 * LOOKED_AT).unwrap_or(longest), zeros);
    let shown = shown.as_slice();
    let mut period = None;
    for length in 1..=(LONGEST_KEY / 2).min(shown.len().saturating_sub(AGAIN)) {
        if !budget.spend(shown.len() as u64) {
            return None;
        }
        let pairs = shown.iter().zip(shown.get(length..).unwrap_or_default());
        let count = shown.len() - length;
        let other = pairs.filter(|(a, b)| a != b).count();
        // A byte that differs is seen twice.
        if other * RARELY <= count * 2 {
            period = Some(length);
            break;
        }
    }
    let period = period?;
    let high: Vec<u8> = (0..period).map(|at| commonest(shown, at, period)).collect();
    let halves: Vec<Vec<u8>> = texts.iter().map(|t| every_second(t, 1 - zeros)).collect();
    let halves: Vec<&[u8]> = halves.iter().map(Vec::as_slice).collect();
    let found = inner(&halves, cribs, budget)?;
    let (Cipher::Xor, low) = Cipher::parse(&found.selector)? else {
        return None;
    };
    let length = multiple(low.len(), period);
    if length * 2 > LONGEST_KEY {
        return None;
    }
    let mut key = Vec::with_capacity(length * 2);
    for (low, high) in low.iter().cycle().zip(high.iter().cycle()).take(length) {
        key.extend(if zeros == 1 {
            [*low, *high]
        } else {
            [*high, *low]
        });
    }
    let key = super::shortened(&key);
    Some(Solved {
        selector: Cipher::Xor.selector(key),
        plain: texts
            .iter()
            .map(|text| Cipher::Xor.open(text, key))
            .collect(),
        // That the bytes between repeat is worth more than their part of the key.
        evidence: found.evidence + 80 * (shown.len() - period) as i64 / 2,
        tried: found.tried + 80 * period as i64,
        margin: found.margin,
    })
}

/// The commonest byte of a column.
fn commonest(bytes: &[u8], at: usize, period: usize) -> u8 {
    let mut counts = [0u32; 256];
    for &byte in bytes.iter().skip(at).step_by(period) {
        counts[usize::from(byte)] += 1;
    }
    let most = (0..=u8::MAX).rev().max_by_key(|&b| counts[usize::from(b)]);
    most.unwrap_or(0)
}

/// The least common multiple.
fn multiple(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x.max(1) * b
}
