//! From the key that pairs suggest to the key that the whole model prefers.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::super::language::{Before, class, model};
use super::super::{Budget, proof};
use super::cipher::Cipher;
use super::columns::likeliest;
use super::{Texts, words};

/// Passes over the key.
const PASSES: usize = 3;
/// Bytes behind a changed one whose cost changes with it.
const REACH: usize = 4;
/// Alternatives of each byte of the key that are looked at where it is mended, and of two neighbours at once; and the
/// rows that are looked at then.
const WIDE: usize = 40;
const OF_TWO: usize = 12;
const FEW_ROWS: usize = 24;
/// What is worse by so much by single bytes, in tenths of a bit, is not one of two neighbours that hold each other.
const APART: i32 = 120;
/// What is worse by more, in tenths of a bit, is not near.
pub(super) const NEAR: i64 = 200;
/// What is worse by so much by single bytes, in tenths of a bit, is out of the question.
pub(super) const FAR: i32 = 400;
/// Rows of a column that are looked at: enough to be sure.
const ROWS: usize = 64;

/// Bytes of the key that become others: columns and bytes, where it is one byte both are the same.
pub(super) type Change = [(usize, u8); 2];

/// How closely a key is looked at.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// Columns that change, from the first on.
    columns: usize,
    rows: usize,
    /// By the cautious view.
    careful: bool,
}

impl Look {
    const ALL: Look = Look {
        columns: 1,
        rows: ROWS,
        careful: false,
    };
    const FEW: Look = Look {
        rows: FEW_ROWS,
        ..Look::ALL
    };
    const TWO: Look = Look {
        columns: 2,
        ..Look::FEW
    };
    pub(super) const CAREFUL: Look = Look {
        careful: true,
        ..Look::ALL
    };
    pub(super) const CAREFUL_TWO: Look = Look {
        columns: 2,
        ..Look::CAREFUL
    };
}

/// Texts under a key.
pub(super) struct Reading<'a> {
    cipher: Cipher,
    texts: &'a Texts<'a>,
    /// Bytes that count as evidence: those not seen before at their place after the same byte.
    counted: Vec<Vec<bool>>,
    /// Bytes that count behind a changed one: as yet all.
    behind: Vec<Vec<bool>>,
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
        let behind = texts
            .prepared
            .iter()
            .map(|text| vec![true; text.len()])
            .collect();
        Reading {
            cipher,
            texts,
            counted,
            behind,
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

    /// Sets a byte of the key.
    pub(super) fn set(&mut self, column: usize, key: u8) {
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

    /// Count again, now that nearly all can be read: other digits at a place are nothing new for what follows them.
    pub(super) fn recount(&mut self) {
        if self.plain.len() < 2 {
            return;
        }
        let mut seen = HashSet::with_hasher(FixedState::default());
        let mut kinds = HashSet::with_hasher(FixedState::default());
        let counts = self.counted.iter_mut().zip(&mut self.behind);
        for (plain, (counted, behind)) in self.plain.iter().zip(counts) {
            let mut before = Before::START;
            let counts = counted.iter_mut().zip(behind);
            for ((at, &byte), (counted, behind)) in plain.iter().enumerate().zip(counts) {
                *counted = seen.insert((at, before, byte));
                *behind = kinds.insert((at, before, class(byte)));
                before = before.then(byte);
            }
        }
    }

    /// Cost of all that a column touches, in tenths of a bit; what is above `most` is not told exactly.
    pub(super) fn cost_of(&self, column: usize, look: Look, most: i64) -> i64 {
        let model = model();
        let length = self.key.len().max(1);
        let mut sum = 0;
        let mut rows = 0;
        let counts = self.counted.iter().zip(&self.behind);
        for (plain, (counted, behind)) in self.plain.iter().zip(counts) {
            let mut done = 0;
            for at in (column..plain.len()).step_by(length) {
                let end = (at + look.columns + REACH).min(plain.len());
                let own = counted.get(at) == Some(&true);
                let news = behind.get(at + 1..end).unwrap_or_default();
                if !own && !news.contains(&true) {
                    continue;
                }
                rows += 1;
                if rows > look.rows || sum > most {
                    return sum;
                }
                let from = at.max(done);
                done = end;
                let mut before = Before::of(plain.get(..from).unwrap_or_default());
                let bytes = plain.get(from..done).unwrap_or_default();
                let counts = behind.get(from..done).unwrap_or_default();
                for (place, (&byte, &new)) in bytes.iter().zip(counts).enumerate() {
                    if new || own && from + place == at {
                        sum += i64::from(if look.careful {
                            model.cautious(before, byte)
                        } else {
                            model.cost(before, byte)
                        });
                    }
                    before = before.then(byte);
                }
            }
        }
        sum
    }

    /// What the words are worth that a column touches.
    pub(super) fn words_of(&self, column: usize) -> i64 {
        let each = self.plain.iter().zip(&self.counted);
        each.map(|(plain, counted)| -> i64 {
            (column..plain.len())
                .step_by(self.key.len().max(1))
                .filter(|&at| counted.get(at) == Some(&true))
                .map(|at| words::worth(plain, at))
                .sum()
        })
        .sum()
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
        self.polish_by(Look::ALL, candidates, rough);
    }

    fn polish_by(&mut self, look: Look, candidates: &[Vec<u8>], rough: &[[i32; 256]]) {
        for _ in 0..PASSES {
            let mut changed = false;
            for column in 0..self.key.len() {
                let Some(&old) = self.key.get(column) else {
                    continue;
                };
                let mut best = (self.cost_of(column, look, i64::MAX), old);
                let Some(rough) = rough.get(column) else {
                    continue;
                };
                let limit = rough[usize::from(old)].saturating_add(FAR);
                for &key in candidates.get(column).into_iter().flatten() {
                    if key != old && rough[usize::from(key)] < limit {
                        self.set(column, key);
                        best = best.min((self.cost_of(column, look, best.0), key));
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

    /// Look further than [`Reading::polish`]: at bytes of the key that single bytes make unlikely, because digits of
    /// many messages stand in their column, and at two neighbours at once, of which each holds the other in its place.
    pub(super) fn mend(&mut self, rough: &[[i32; 256]]) {
        let likeliest = |most| rough.iter().map(|costs| likeliest(costs, most)).collect();
        let (wide, narrow): (Vec<_>, Vec<_>) = (likeliest(WIDE), likeliest(OF_TWO));
        self.polish_by(Look::FEW, &wide, rough);
        for column in 0..self.key.len() {
            let (worse, change) = self.two_others(column, rough, Look::TWO);
            if worse < 0 {
                self.change(change);
            }
        }
        self.polish(&narrow, rough);
    }

    /// Sets bytes of the key.
    pub(super) fn change(&mut self, bytes: Change) {
        for (column, key) in bytes {
            self.set(column, key);
        }
    }

    /// By how much the best other bytes of a column and the next are worse, both of them others.
    pub(super) fn two_others(
        &mut self,
        column: usize,
        rough: &[[i32; 256]],
        look: Look,
    ) -> (i64, Change) {
        let next = (column + 1) % self.key.len().max(1);
        let (Some(&one), Some(&two)) = (self.key.get(column), self.key.get(next)) else {
            return (i64::MAX, [(column, 0); 2]);
        };
        let mut best = (i64::MAX, [(column, one), (next, two)]);
        if column == next {
            return best;
        }
        let here = self.cost_of(column, look, i64::MAX);
        let others = |column: usize, old: u8| -> Vec<u8> {
            let Some(rough) = rough.get(column) else {
                return Vec::new();
            };
            let limit = rough[usize::from(old)].saturating_add(APART);
            let mut keys = likeliest(rough, OF_TWO);
            keys.retain(|&key| key != old && rough[usize::from(key)] < limit);
            keys
        };
        let others_of_two = others(next, two);
        for key in others(column, one) {
            self.set(column, key);
            for &other in &others_of_two {
                self.set(next, other);
                let most = here.saturating_add(best.0.min(NEAR));
                let worse = self.cost_of(column, look, most) - here;
                best = best.min((worse, [(column, key), (next, other)]));
            }
            self.set(next, two);
        }
        self.set(column, one);
        best
    }
}
