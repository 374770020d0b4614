//! Counts of n-grams and the table of the longer ones.
//!
//! All n-grams of the training text stand in one vector, as numbers of seven bits to a class, the newest class
//! lowest. Sorting it class by class from the newest on (a radix sort) brings together first what ends with the
//! same class, then the same two, and so on to five: each pass of the sort yields the counts of one length.

use super::{ANY, Before, CLASSES, LINE, START, class};

/// Bits of a class in a key.
const BITS: u32 = 7;

/// The n-grams of a text, sorted by their last classes.
pub(super) struct Counts {
    keys: Vec<u64>,
    spare: Vec<u64>,
    /// Classes by which the keys are sorted.
    sorted: u32,
}

/// How often each class followed one context.
pub(super) struct Followers<'a> {
    /// The classes before, oldest first, seven bits each.
    pub(super) context: u64,
    counts: &'a [(u8, u32)],
    all: u32,
}

fn pack(context: &[u8]) -> u64 {
    context
        .iter()
        .fold(1, |key, &class| key << BITS | u64::from(class))
}

impl Counts {
    /// The n-grams of texts that are each ended by a zero byte.
    pub(super) fn of(texts: &[u8]) -> Self {
        let mut keys = Vec::with_capacity(texts.len());
        for text in texts.split(|&byte| byte == 0) {
            let mut before = Before::START;
            for &byte in text {
                keys.push(
                    before
                        .0
                        .iter()
                        .chain([&class(byte)])
                        .fold(0, |key, &class| key << BITS | u64::from(class)),
                );
                before = before.then(byte);
            }
        }
        let spare = vec![0; keys.len()];
        Counts {
            keys,
            spare,
            sorted: 0,
        }
    }

    /// One more pass: bring together what is equal in one class more.
    fn sort(&mut self) {
        let place = |key: u64| (key >> (BITS * self.sorted) & 0x7f) as usize;
        let mut starts = [0usize; 1 << BITS];
        for &key in &self.keys {
            starts[place(key)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for &key in &self.keys {
            let at = &mut starts[place(key)];
            if let Some(to) = self.spare.get_mut(*at) {
                *to = key;
            }
            *at += 1;
        }
        std::mem::swap(&mut self.keys, &mut self.spare);
        self.sorted += 1;
    }

    /// All contexts of `length` classes in the order of their keys, each with its followers. The length must be
    /// one more on each call, from 0 to 4.
    pub(super) fn each(&mut self, length: u32, mut take: impl FnMut(Followers<'_>)) {
        while self.sorted <= length {
            self.sort();
        }
        let mask = (1u64 << (BITS * (length + 1))) - 1;
        let mut counts: Vec<(u8, u32)> = Vec::with_capacity(CLASSES);
        for group in self
            .keys
            .chunk_by(|a, b| (a & mask) >> BITS == (b & mask) >> BITS)
        {
            counts.clear();
            for run in group.chunk_by(|a, b| a & 0x7f == b & 0x7f) {
                let class = run.first().map_or(0, |key| (key & 0x7f) as u8);
                counts.push((class, run.len() as u32));
            }
            take(Followers {
                context: group.first().map_or(0, |key| (key & mask) >> BITS),
                counts: &counts,
                all: group.len() as u32,
            });
        }
    }

    /// Probability of each class when nothing is known. What was never seen is still possible.
    pub(super) fn unigram(&mut self) -> Vec<f32> {
        let mut alone = [0; CLASSES];
        let mut all = 0;
        self.each(0, |followers| {
            all = followers.all;
            for &(class, count) in followers.counts {
                if let Some(to) = alone.get_mut(usize::from(class)) {
                    *to = count;
                }
            }
        });
        let most = |class: usize| class != usize::from(START) && class != usize::from(ANY);
        let size = alone.len() as f32;
        alone
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

    /// The table of n-grams of four and five; `third` is the cost by the last two classes alone.
    pub(super) fn higher(&mut self, seen: u32, third: impl Fn(u8, u8, u8) -> i32) -> Grams {
        let mut grams = Grams::with_room(1 << 18);
        let unpack = |key: u64, place: u32| (key >> (BITS * place) & 0x7f) as u8;
        for length in [3, 4] {
            self.each(length, |followers| {
                let kept = || followers.counts.iter().filter(|(_, count)| *count >= seen);
                let all: u32 = kept().map(|(_, count)| count).sum();
                if all < 2 * seen {
                    return;
                }
                let key = followers.context;
                let kinds = followers.counts.len() as f64;
                let total = f64::from(followers.all) + kinds;
                // What was seen too seldom is left to the shorter contexts.
                let left = (total - f64::from(all)) / total;
                let marked = 1 << (BITS * length) | key;
                grams.put(marked << BITS | 0x7f, cost(left));
                for &(class, count) in kept() {
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
                    grams.put(marked << BITS | u64::from(class), cost(probability));
                }
            });
        }
        grams
    }
}

impl Followers<'_> {
    /// Probabilities after this context, from those after one class less.
    pub(super) fn interpolate(&self, lower: &[f32], to: &mut [f32]) {
        let kinds = self.counts.len() as f32;
        let all = self.all as f32 + kinds;
        for (to, &lower) in to.iter_mut().zip(lower) {
            *to = kinds * lower / all;
        }
        for &(class, count) in self.counts {
            if let Some(to) = to.get_mut(usize::from(class)) {
                *to += count as f32 / all;
            }
        }
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

    /// How many there are, for tests.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots.iter().filter(|slot| **slot != 0).count()
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
