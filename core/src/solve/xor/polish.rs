//! From the key that pairs suggest to the key that the whole model prefers, and how sure each byte of it is.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::super::language::{Before, model};
use super::super::{Budget, proof};
use super::cipher::Cipher;
use super::{MARGIN, Texts};

/// Passes over the key.
const PASSES: usize = 3;
/// Bytes behind a changed one whose cost changes with it.
const REACH: usize = 4;
/// Alternatives of each byte of the key that are compared with it by the whole model.
const CLOSER: usize = 24;
/// What is worse by so much by single bytes, in tenths of a bit, is out of the question.
const FAR: i32 = 400;
/// Rows of a column that are looked at: enough to be sure.
const ROWS: usize = 64;

/// Texts under a key.
pub(super) struct Reading<'a> {
    cipher: Cipher,
    texts: &'a Texts<'a>,
    /// Bytes that count as evidence: those not seen before at their place after the same byte.
    counted: Vec<Vec<bool>>,
    /// Plaintexts of the beginnings.
    plain: Vec<Vec<u8>>,
    /// The key.
    pub(super) key: Vec<u8>,
}

impl<'a> Reading<'a> {
    /// The texts under a key that is not empty.
    pub(super) fn new(cipher: Cipher, texts: &'a Texts<'a>, key: Vec<u8>) -> Self {
        let mut seen = HashSet::with_hasher(FixedState::default());
        let several = texts.prepared.len() > 1;
        let counted = texts
            .prepared
            .iter()
            .map(|text| {
                let mut last = 0;
                text.iter()
                    .enumerate()
                    .map(|(at, &byte)| {
                        let new = !several || seen.insert((at, last, byte));
                        last = byte;
                        new
                    })
                    .collect()
            })
            .collect();
        let prepared = texts.prepared.iter();
        let plain = prepared.map(|text| cipher.open(text, &key)).collect();
        Reading {
            cipher,
            texts,
            counted,
            plain,
            key,
        }
    }

    /// The whole plaintext of a text of which the beginning is known.
    fn whole<'p>(&self, plain: &'p [u8], text: &[u8]) -> Cow<'p, [u8]> {
        if plain.len() == text.len() {
            return plain.into();
        }
        self.cipher
            .open(&self.cipher.prepare(text), &self.key)
            .into()
    }

    /// The key and the whole plaintexts.
    pub(super) fn into_plain(self) -> (Vec<u8>, Vec<Vec<u8>>) {
        let each = self.plain.iter().zip(self.texts.whole);
        let whole = each.map(|(plain, text)| self.whole(plain, text).into_owned());
        let whole = whole.collect();
        (self.key, whole)
    }

    fn set(&mut self, column: usize, key: u8) {
        let length = self.key.len().max(1);
        if let Some(to) = self.key.get_mut(column) {
            *to = key;
        }
        for (plain, text) in self.plain.iter_mut().zip(&self.texts.prepared) {
            for (to, &byte) in plain
                .iter_mut()
                .zip(text.iter())
                .skip(column)
                .step_by(length)
            {
                *to = self.cipher.plain(byte, key);
            }
        }
    }

    /// Cost of all that a column touches, in tenths of a bit; by the cautious view or the plain one.
    fn cost_of(&self, column: usize, careful: bool) -> i64 {
        let model = model();
        let length = self.key.len().max(1);
        let mut sum = 0;
        let mut rows = 0;
        for (plain, counted) in self.plain.iter().zip(&self.counted) {
            let mut done = 0;
            for at in (column..plain.len()).step_by(length) {
                if counted.get(at) != Some(&true) {
                    continue;
                }
                rows += 1;
                if rows > ROWS {
                    return sum;
                }
                let from = at.max(done);
                done = (at + 1 + REACH).min(plain.len());
                let mut before = Before::of(plain.get(..from).unwrap_or_default());
                for &byte in plain.get(from..done).unwrap_or_default() {
                    sum += i64::from(if careful {
                        model.cautious(before, byte)
                    } else {
                        model.cost(before, byte)
                    });
                    before = before.then(byte);
                }
            }
        }
        sum
    }

    /// Evidence of all texts, each repetition left out; the key is not yet paid for. Tenths of a bit.
    pub(super) fn evidence(&self) -> i64 {
        let model = model();
        let mut sum = 0;
        for (plain, counted) in self.plain.iter().zip(&self.counted) {
            let mut before = Before::START;
            for (&byte, &counts) in plain.iter().zip(counted) {
                if counts {
                    sum += i64::from(80 - model.cost(before, byte));
                }
                before = before.then(byte);
            }
        }
        sum
    }

    /// Whether every whole plaintext has a structure; `None` when the budget is too small to look.
    pub(super) fn structured(&self, budget: &mut Budget) -> Option<bool> {
        for (plain, text) in self.plain.iter().zip(self.texts.whole) {
            if plain.len() < text.len() && !budget.spend(text.len() as u64 / 2) {
                return None;
            }
            if proof::structure(&self.whole(plain, text)).is_none() {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Take the better of the candidates, byte by byte, until nothing changes.
    pub(super) fn polish(&mut self, candidates: &[Vec<u8>], rough: &[[i32; 256]]) {
        for _ in 0..PASSES {
            let mut changed = false;
            for column in 0..self.key.len() {
                let Some(&old) = self.key.get(column) else {
                    continue;
                };
                let mut best = (self.cost_of(column, false), old);
                let Some(rough) = rough.get(column) else {
                    continue;
                };
                let limit = rough[usize::from(old)].saturating_add(FAR);
                for &key in candidates.get(column).into_iter().flatten() {
                    if key != old && rough[usize::from(key)] < limit {
                        self.set(column, key);
                        best = best.min((self.cost_of(column, false), key));
                    }
                }
                self.set(column, best.1);
                changed |= best.1 != old;
            }
            if !changed {
                break;
            }
        }
    }

    /// By how much the best other key is worse that differs in one byte, in tenths of a bit.
    ///
    /// `rough` are the costs of all bytes of the key by single bytes: what they already exclude is not
    /// looked at again.
    pub(super) fn margin(&mut self, rough: &[[i32; 256]], budget: &mut Budget) -> i64 {
        let mut nearest = i64::MAX;
        for column in 0..self.key.len() {
            let (Some(&old), Some(rough)) = (self.key.get(column), rough.get(column)) else {
                continue;
            };
            let limit = rough[usize::from(old)].saturating_add(FAR);
            let mut others: Vec<u8> = (0..=u8::MAX)
                .filter(|&key| key != old && rough[usize::from(key)] < limit)
                .collect();
            others.sort_unstable_by_key(|&key| rough[usize::from(key)]);
            others.truncate(CLOSER);
            let here = self.cost_of(column, true);
            for key in others {
                self.set(column, key);
                let worse = self.cost_of(column, true) - here;
                // What breaks the structure is no answer at all; it counts only where all else is near.
                if worse < nearest && (worse >= MARGIN || self.structured(budget) != Some(false)) {
                    nearest = worse;
                }
            }
            self.set(column, old);
        }
        nearest
    }
}
