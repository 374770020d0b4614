//! How sure each byte of a key is: by how much the best other key is worse.

use super::super::Budget;
use super::MARGIN;
use super::columns::likeliest;
use super::polish::{Change, FAR, Look, NEAR, Reading};

/// Alternatives of each byte of the key that are compared with it by the whole model.
const CLOSER: usize = 48;
/// Bytes of a key from which words are looked at: a word seldom stands under the same byte twice.
const OF_WORDS: usize = 16;

impl Reading<'_> {
    /// What takes a change back.
    fn as_it_is(&self, change: Change) -> Change {
        change.map(|(column, _)| (column, self.key.get(column).copied().unwrap_or(0)))
    }

    /// What words say for the bytes of the key as they are, against others, in tenths of a bit.
    fn words_against(&mut self, change: Change) -> i64 {
        if self.key.len() < OF_WORDS {
            return 0;
        }
        let old = self.as_it_is(change);
        let worth = |it: &Self| change.map(|(column, _)| it.words_of(column));
        let here = worth(self);
        self.change(change);
        let there = worth(self);
        self.change(old);
        let each = here.iter().zip(there).map(|(here, there)| here - there);
        // One word may stand across both.
        each.max_by_key(|difference| difference.abs()).unwrap_or(0)
    }

    /// By how much the best other key is worse that differs in one byte or in two neighbours, in tenths of a bit; and
    /// which bytes these are.
    ///
    /// `rough` are the costs of all bytes of the key by single bytes: what they already exclude is not
    /// looked at again.
    pub(super) fn margin(&mut self, rough: &[[i32; 256]], budget: &mut Budget) -> (i64, Change) {
        let mut nearest = (i64::MAX, [(0, 0); 2]);
        for column in 0..self.key.len() {
            let (Some(&old), Some(costs)) = (self.key.get(column), rough.get(column)) else {
                continue;
            };
            let limit = costs[usize::from(old)].saturating_add(FAR);
            let mut others = likeliest(costs, CLOSER);
            others.retain(|&key| key != old && costs[usize::from(key)] < limit);
            let here = self.cost_of(column, Look::CAREFUL, i64::MAX);
            for key in others {
                self.set(column, key);
                let worse = self.cost_of(column, Look::CAREFUL, here.saturating_add(NEAR)) - here;
                self.set(column, old);
                self.nearer(&mut nearest, (worse, [(column, key); 2]), budget);
            }
        }
        for column in 0..self.key.len() {
            if nearest.0 < MARGIN {
                break; // it is not taken anyway
            }
            let two = self.two_others(column, rough, Look::CAREFUL_TWO);
            self.nearer(&mut nearest, two, budget);
        }
        nearest
    }

    /// Takes the other key if it is nearer, and an answer at all.
    fn nearer(
        &mut self,
        nearest: &mut (i64, Change),
        (mut worse, change): (i64, Change),
        budget: &mut Budget,
    ) {
        if worse < NEAR {
            worse += self.words_against(change);
        }
        if worse >= nearest.0 {
            return;
        }
        // What breaks the structure is no answer; it counts only where all else is near.
        if worse < MARGIN {
            let old = self.as_it_is(change);
            self.change(change);
            let structured = self.structured(budget);
            self.change(old);
            if structured == Some(false) {
                return;
            }
        }
        *nearest = (worse, change);
    }
}
