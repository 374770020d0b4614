//! Counts of n-grams and the table of the longer ones.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{ANY, Before, CLASSES, LINE, START, class};

/// Followers of contexts: how often each class came next.
type Followers = HashMap<u64, HashMap<u8, u32, FixedState>, FixedState>;

/// Counts by length of context.
pub(super) struct Counts {
    alone: [u32; CLASSES],
    by_context: [Followers; 4],
}

fn pack(context: &[u8]) -> u64 {
    context
        .iter()
        .fold(1, |key, &class| key << 7 | u64::from(class))
}

impl Counts {
    /// Count the n-grams of texts that are each ended by a zero byte.
    pub(super) fn of(texts: &[u8]) -> Self {
        let mut counts = Counts {
            alone: [0; CLASSES],
            by_context: Default::default(),
        };
        for text in texts.split(|&byte| byte == 0) {
            let mut before = Before::START;
            for &byte in text {
                let class = class(byte);
                if let Some(count) = counts.alone.get_mut(usize::from(class)) {
                    *count += 1;
                }
                for (length, followers) in (1..).zip(&mut counts.by_context) {
                    let context = &before.0[4 - length..];
                    *followers
                        .entry(pack(context))
                        .or_default()
                        .entry(class)
                        .or_default() += 1;
                }
                before = before.then(byte);
            }
        }
        counts
    }

    /// Probability of each class when nothing is known. What was never seen is still possible.
    pub(super) fn unigram(&self) -> Vec<f32> {
        let all: u32 = self.alone.iter().sum();
        let most = |class: usize| class != usize::from(START) && class != usize::from(ANY);
        let size = self.alone.len() as f32;
        self.alone
            .iter()
            .enumerate()
            .map(|(class, &count)| {
                let floor = if class <= usize::from(LINE) { 2.0 } else { 0.2 };
                if most(class) {
                    (count as f32 + floor) / (all as f32 + 2.0 * size)
                } else {
                    1e-6
                }
            })
            .collect()
    }

    /// Probabilities after `context`, from those after one class less; false when it was never seen.
    pub(super) fn interpolate(&self, context: &[u8], lower: &[f32], to: &mut [f32]) -> bool {
        let followers = context
            .len()
            .checked_sub(1)
            .and_then(|index| self.by_context.get(index))
            .and_then(|followers| followers.get(&pack(context)));
        let Some(followers) = followers else {
            to.copy_from_slice(lower);
            return false;
        };
        let kinds = followers.len() as f32;
        let all = followers.values().sum::<u32>() as f32 + kinds;
        for ((class, to), &lower) in (0u8..).zip(to).zip(lower) {
            let count = followers.get(&class).copied().unwrap_or(0) as f32;
            *to = (count + kinds * lower) / all;
        }
        true
    }

    /// The table of n-grams of four and five; `third` is the cost by the last two classes alone.
    pub(super) fn higher(&self, seen: u32, third: impl Fn(u8, u8, u8) -> i32) -> Grams {
        let mut grams = Grams::with_room(1 << 18);
        let [_, _, three, four] = &self.by_context;
        let unpack = |key: u64, place: u32| (key >> (7 * place) & 0x7f) as u8;
        for (length, followers) in [(3u32, three), (4, four)] {
            // In the order of their keys, so that the table is the same on every run.
            let mut contexts: Vec<_> = followers.iter().collect();
            contexts.sort_unstable_by_key(|(key, _)| **key);
            for (&key, followers) in contexts {
                let kept = || followers.iter().filter(|(_, count)| **count >= seen);
                let all: u32 = kept().map(|(_, count)| count).sum();
                if all < 2 * seen {
                    continue;
                }
                let kinds = followers.len() as f64;
                let total = f64::from(followers.values().sum::<u32>()) + kinds;
                // What was seen too seldom is left to the shorter contexts.
                let left = (total - f64::from(all)) / total;
                grams.put(key << 7 | 0x7f, cost(left));
                let mut next: Vec<_> = kept().collect();
                next.sort_unstable();
                for (&class, &count) in next {
                    let lower = if length == 3 {
                        third(unpack(key, 1), unpack(key, 0), class)
                    } else {
                        let context = [
                            unpack(key, 3),
                            unpack(key, 2),
                            unpack(key, 1),
                            unpack(key, 0),
                        ];
                        match grams.level(context, class, 3) {
                            Ok(found) => found,
                            Err(missing) => missing + third(unpack(key, 1), unpack(key, 0), class),
                        }
                    };
                    let lower = f64::from(-lower) / 10.0;
                    let probability = f64::from(count) / total + left * lower.exp2();
                    grams.put(key << 7 | u64::from(class), cost(probability));
                }
            }
        }
        grams
    }
}

fn cost(probability: f64) -> i32 {
    (-10.0 * probability.max(1e-6).log2()).round() as i32
}

/// Costs of n-grams of four and five, open addressing.
pub(super) struct Grams {
    /// Key above 16 bits of cost and one that says the slot is taken.
    slots: Vec<u64>,
    mask: usize,
}

impl Grams {
    fn with_room(room: usize) -> Self {
        let size = room.next_power_of_two();
        Grams {
            slots: vec![0; size],
            mask: size - 1,
        }
    }

    /// Never 0, which is an empty slot.
    fn key(key: u64) -> u64 {
        key << 1 | 1
    }

    fn first(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & self.mask
    }

    fn put(&mut self, key: u64, cost: i32) {
        let key = Self::key(key);
        let mut at = self.first(key);
        // A table that is full keeps what it has.
        for _ in 0..64 {
            match self.slots.get_mut(at) {
                Some(slot) if *slot == 0 || *slot >> 16 == key => {
                    *slot = key << 16 | u64::from(cost.clamp(0, 0xffff) as u16);
                    return;
                }
                _ => at = (at + 1) & self.mask,
            }
        }
    }

    fn get(&self, key: u64) -> Option<i32> {
        let key = Self::key(key);
        let mut at = self.first(key);
        for _ in 0..64 {
            let slot = *self.slots.get(at)?;
            if slot >> 16 == key {
                return Some(i32::from(slot as u16));
            }
            if slot == 0 {
                return None;
            }
            at = (at + 1) & self.mask;
        }
        None
    }

    /// Cost of a class after four, or what to add to the cost after two.
    pub(super) fn cost(&self, before: [u8; 4], class: u8) -> Result<i32, i32> {
        self.level(before, class, 4)
    }

    fn level(&self, before: [u8; 4], class: u8, longest: u32) -> Result<i32, i32> {
        let mut missing = 0;
        if longest == 4 {
            let key = pack(&before);
            if let Some(left) = self.get(key << 7 | 0x7f) {
                if let Some(found) = self.get(key << 7 | u64::from(class)) {
                    return Ok(found);
                }
                missing += left;
            }
        }
        let [_, rest @ ..] = before;
        let key = pack(&rest);
        if let Some(left) = self.get(key << 7 | 0x7f) {
            if let Some(found) = self.get(key << 7 | u64::from(class)) {
                return Ok(missing + found);
            }
            missing += left;
        }
        Err(missing)
    }
}
