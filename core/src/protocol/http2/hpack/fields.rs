//! The fields of one header block, all in one buffer.

use crate::model::Header;
use std::borrow::Cow;

/// What a field costs beside its bytes (RFC 9113 section 6.5.2).
const OVERHEAD: usize = 32;

/// Header fields in order.
#[derive(Debug, Default)]
pub struct FieldList {
    /// Names and values, one after the other.
    pub(super) bytes: Vec<u8>,
    /// Ends of name and value of each field.
    ends: Vec<(u32, u32)>,
    /// Size as RFC 9113 section 6.5.2 counts it.
    size: usize,
    /// Fields, or names of fields, that are missing from the evidence.
    pub missing: u32,
    /// Fields left out because of the limit.
    pub cut: u32,
    /// An index that no encoder could have sent was met.
    pub wrong: bool,
}

impl FieldList {
    /// Forgets all fields, keeps the buffers.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.size = 0;
        self.missing = 0;
        self.cut = 0;
        self.wrong = false;
    }

    /// The fields: name, value. A name that is missing is empty.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |&(name, value)| {
            let (name, value) = (name as usize, value as usize);
            let field = (
                self.bytes.get(start..name).unwrap_or_default(),
                self.bytes.get(name..value).unwrap_or_default(),
            );
            start = value;
            field
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The first value of a field.
    pub fn value(&self, wanted: &[u8]) -> Option<&[u8]> {
        self.iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    }

    /// The fields as a message carries them, without those that begin with a colon: these carry what
    /// the start line of HTTP/1 does (RFC 9113 section 8.3).
    pub fn headers(&self) -> Vec<Header<'_>> {
        let mut headers = Vec::with_capacity(self.ends.len());
        headers.extend(
            self.iter()
                .filter(|(name, _)| name.first() != Some(&b':'))
                .map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))),
        );
        headers
    }

    /// Makes the bytes from `start` on a field whose name ends at `name`, unless the list is full.
    pub(super) fn close(&mut self, start: usize, name: usize, limit: usize) {
        let end = self.bytes.len();
        let size = self
            .size
            .saturating_add(end.saturating_sub(start))
            .saturating_add(OVERHEAD);
        let places = (u32::try_from(name), u32::try_from(end));
        match places {
            (Ok(name), Ok(end)) if size <= limit => {
                self.size = size;
                self.ends.push((name, end));
            }
            _ => {
                self.cut = self.cut.saturating_add(1);
                self.bytes.truncate(start);
            }
        }
    }

    /// Appends the fields of another list.
    pub fn extend(&mut self, other: &FieldList, limit: usize) {
        for (name, value) in other.iter() {
            self.push(name, value, limit);
        }
        self.missing = self.missing.saturating_add(other.missing);
        self.cut = self.cut.saturating_add(other.cut);
    }

    /// Appends one field.
    pub fn push(&mut self, name: &[u8], value: &[u8], limit: usize) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.close(start, middle, limit);
    }

    /// Bytes it holds in memory.
    pub fn held(&self) -> usize {
        self.bytes.len().saturating_add(self.ends.len() * 8)
    }
}
