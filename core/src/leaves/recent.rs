//! What was seen lately.

/// A memory of fixed size that stays in the processor's cache: a new entry takes the place of an old one.
/// What is forgotten costs a repeated row, never a result.
#[derive(Default)]
pub(super) struct Recent<T> {
    slots: Vec<((u64, u64), T)>,
}

impl<T: Copy + Default> Recent<T> {
    /// Entries; a power of two.
    const SLOTS: usize = 1 << 15;

    fn slot(key: (u64, u64)) -> usize {
        key.0 as usize & (Self::SLOTS - 1)
    }

    pub(super) fn get(&self, key: (u64, u64)) -> Option<T> {
        let (known, value) = self.slots.get(Self::slot(key))?;
        (*known == key).then_some(*value)
    }

    pub(super) fn insert(&mut self, key: (u64, u64), value: T) {
        if self.slots.is_empty() {
            self.slots = vec![((0, 0), T::default()); Self::SLOTS];
        }
        if let Some(slot) = self.slots.get_mut(Self::slot(key)) {
            *slot = (key, value);
        }
    }

    pub(super) fn remove(&mut self, key: (u64, u64)) {
        if let Some(slot) = self.slots.get_mut(Self::slot(key))
            && slot.0 == key
        {
            *slot = Default::default();
        }
    }
}
