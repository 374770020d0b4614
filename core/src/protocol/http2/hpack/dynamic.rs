//! The dynamic table (RFC 7541 sections 2.3.2 and 4).

use std::collections::VecDeque;

/// What an entry costs beside its bytes (RFC 7541 section 4.1).
const OVERHEAD: usize = 32;

/// Room for the first entries; a table that grew from nothing would be moved several times.
const FIRST_BYTES: usize = 1024;

/// One entry.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where it begins, counted from the first byte ever inserted.
    start: u64,
    name: u32,
    value: u32,
    /// False: its name is missing from the evidence.
    named: bool,
}

impl Entry {
    fn size(&self) -> usize {
        (self.name as usize)
            .saturating_add(self.value as usize)
            .saturating_add(OVERHEAD)
    }
}

/// An entry as it is read.
pub(super) struct Found<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
    pub named: bool,
}

/// Entries, the newest first, in one buffer that is compacted now and then.
#[derive(Debug, Default)]
pub(super) struct Dynamic {
    bytes: Vec<u8>,
    /// Count of the bytes removed before `bytes`.
    removed: u64,
    entries: VecDeque<Entry>,
    size: usize,
    most: usize,
}

impl Dynamic {
    /// An empty table of this maximum size in bytes.
    pub fn new(most: usize) -> Dynamic {
        Dynamic {
            most,
            ..Dynamic::default()
        }
    }

    /// Changes the maximum size and evicts what does not fit any more (RFC 7541 section 4.3).
    pub fn resize(&mut self, most: usize) {
        self.most = most;
        self.evict(0);
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
        self.size = 0;
        self.removed = 0;
    }

    /// The entry with this index, 0 the newest.
    pub fn get(&self, index: usize) -> Option<Found<'_>> {
        let entry = self.entries.get(index)?;
        let start = usize::try_from(entry.start.checked_sub(self.removed)?).ok()?;
        let middle = start.checked_add(entry.name as usize)?;
        let end = middle.checked_add(entry.value as usize)?;
        Some(Found {
            name: self.bytes.get(start..middle)?,
            value: self.bytes.get(middle..end)?,
            named: entry.named,
        })
    }

    /// Inserts an entry; one that is larger than the table empties it (RFC 7541 section 4.4).
    pub fn insert(&mut self, name: &[u8], value: &[u8], named: bool) {
        let (Ok(name_length), Ok(value_length)) =
            (u32::try_from(name.len()), u32::try_from(value.len()))
        else {
            self.clear();
            return;
        };
        let mut entry = Entry {
            start: 0,
            name: name_length,
            value: value_length,
            named,
        };
        self.evict(entry.size());
        if entry.size() > self.most {
            return;
        }
        // Only now: making room moves the bytes.
        entry.start = self.removed.saturating_add(self.bytes.len() as u64);
        self.size = self.size.saturating_add(entry.size());
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(FIRST_BYTES.min(self.most));
        }
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        self.entries.push_front(entry);
    }

    /// Makes room for `more` bytes.
    fn evict(&mut self, more: usize) {
        while self.size.saturating_add(more) > self.most {
            let Some(entry) = self.entries.pop_back() else {
                break;
            };
            self.size = self.size.saturating_sub(entry.size());
        }
        let Some(oldest) = self.entries.back() else {
            self.clear();
            return;
        };
        let dead = usize::try_from(oldest.start.saturating_sub(self.removed)).unwrap_or(0);
        // Moved only when at least as much is dead as lives: each byte is moved once on average.
        if dead > self.bytes.len() / 2 {
            self.bytes.drain(..dead.min(self.bytes.len()));
            self.removed = oldest.start;
        }
    }
}
