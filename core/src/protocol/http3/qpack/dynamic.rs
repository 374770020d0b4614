//! The dynamic table (RFC 9204 section 3.2).

use std::collections::VecDeque;

/// What an entry costs beside its bytes.
const OVERHEAD: usize = 32;

#[derive(Debug)]
struct Entry {
    bytes: Box<[u8]>,
    name: usize,
}

impl Entry {
    fn size(&self) -> usize {
        self.bytes.len().saturating_add(OVERHEAD)
    }
}

/// Entries by absolute index: the first inserted is 0.
#[derive(Debug, Default)]
pub(super) struct Dynamic {
    entries: VecDeque<Entry>,
    size: usize,
    capacity: usize,
    inserted: u64,
}

impl Dynamic {
    /// How many entries were inserted.
    pub fn inserted(&self) -> u64 {
        self.inserted
    }

    /// Bytes it may hold.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Sets how many bytes it may hold.
    pub fn resize(&mut self, capacity: usize) {
        self.capacity = capacity;
        self.evict(0);
    }

    fn evict(&mut self, room: usize) {
        while self.size.saturating_add(room) > self.capacity
            && let Some(old) = self.entries.pop_front()
        {
            self.size = self.size.saturating_sub(old.size());
        }
    }

    /// An entry: name and value. `None`: not inserted yet, or evicted.
    pub fn get(&self, absolute: u64) -> Option<(&[u8], &[u8])> {
        let back = self.inserted.checked_sub(absolute)?;
        let back = usize::try_from(back).ok().filter(|back| *back > 0)?;
        let entry = self.entries.get(self.entries.len().checked_sub(back)?)?;
        entry.bytes.split_at_checked(entry.name)
    }

    /// Inserts an entry. False: it is larger than the table.
    pub fn insert(&mut self, name: &[u8], value: &[u8]) -> bool {
        let entry = Entry {
            bytes: [name, value].concat().into(),
            name: name.len(),
        };
        if entry.size() > self.capacity {
            return false;
        }
        self.evict(entry.size());
        self.size = self.size.saturating_add(entry.size());
        self.entries.push_back(entry);
        self.inserted = self.inserted.saturating_add(1);
        true
    }
}
