//! A memory of fixed size for what comes again in the same order, as the fields of telemetry do.

/// Entries; a power of two.
const SLOTS: usize = 1 << 15;

/// A memory of fixed size: a new entry takes the place of the oldest. What is forgotten costs a repeated row,
/// never a result.
///
/// Entries stand in the order in which they were put in, and the one after the last that was found is looked at
/// first: it is in the processor's cache already, which a place that a hash tells is not. Room is taken when
/// something is put in.
#[derive(Default)]
pub(super) struct Recent<T> {
    entries: Vec<((u64, u64), T)>,
    /// Places in `entries` by a part of the key.
    places: Vec<u16>,
    /// Where the next new entry goes.
    end: usize,
    /// The entry that is looked at first.
    likely: usize,
}

impl<T: Copy + Default> Recent<T> {
    fn slot(key: (u64, u64)) -> usize {
        key.0 as usize & (SLOTS - 1)
    }

    fn holds(&self, at: usize, key: (u64, u64)) -> bool {
        self.entries.get(at).is_some_and(|(known, _)| *known == key)
    }

    fn place(&self, key: (u64, u64)) -> Option<usize> {
        if self.holds(self.likely, key) {
            return Some(self.likely);
        }
        let at = usize::from(*self.places.get(Self::slot(key))?);
        self.holds(at, key).then_some(at)
    }

    /// What was put in for a key.
    pub(super) fn get(&mut self, key: (u64, u64)) -> Option<T> {
        let at = self.place(key)?;
        self.likely = (at + 1) % SLOTS;
        self.entries.get(at).map(|(_, value)| *value)
    }

    /// Remember a value for a key.
    pub(super) fn insert(&mut self, key: (u64, u64), value: T) {
        if self.entries.is_empty() {
            self.entries = vec![((0, 0), T::default()); SLOTS];
            self.places = vec![0; SLOTS];
        }
        if let (Some(entry), Some(place)) = (
            self.entries.get_mut(self.end),
            self.places.get_mut(Self::slot(key)),
        ) {
            *entry = (key, value);
            // Below `SLOTS`, which 16 bits hold.
            *place = self.end as u16;
        }
        self.end = (self.end + 1) % SLOTS;
        // Most new entries are another value in the place of one that was there before.
        self.likely = (self.likely + 1) % SLOTS;
    }

    /// Forget what was put in last for a key.
    pub(super) fn remove(&mut self, key: (u64, u64)) {
        let last = self.places.get(Self::slot(key)).copied().map(usize::from);
        if let Some(at) = last.filter(|&at| self.holds(at, key))
            && let Some(entry) = self.entries.get_mut(at)
        {
            *entry = Default::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_comes_again_in_order_is_known() {
        let mut recent = Recent::default();
        let keys: Vec<(u64, u64)> = (1..2000).map(|n| (n * 0x9e37_79b9, n)).collect();
        for &key in &keys {
            assert_eq!(recent.get(key), None);
            recent.insert(key, key.1);
        }
        for &key in &keys {
            assert_eq!(recent.get(key), Some(key.1));
        }
        // The oldest are forgotten, and nothing else is found in their place.
        for n in 0..SLOTS as u64 {
            recent.insert((n | 1 << 40, 7), 0);
        }
        assert!(keys.iter().all(|&key| recent.get(key).is_none()));
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        let mut recent = Recent::default();
        for n in 1..100 {
            recent.insert((n, n), n);
            recent.remove((n, n));
            assert_eq!(recent.get((n, n)), None);
        }
    }

    proptest! {
        #[test]
        fn what_it_gives_was_put_in_for_the_key(
            steps in prop::collection::vec((any::<bool>(), 0u64..40), 0..400),
        ) {
            let mut recent = Recent::default();
            let mut put: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
            for (step, (forget, number)) in steps.into_iter().enumerate() {
                // Some keys share a slot.
                let key = (number % 16, number + 1);
                match recent.get(key) {
                    Some(found) => prop_assert!(put[&key].contains(&found)),
                    None => {
                        recent.insert(key, step);
                        if forget {
                            recent.remove(key);
                        } else {
                            put.entry(key).or_default().push(step);
                        }
                    }
                }
            }
        }
    }
}
