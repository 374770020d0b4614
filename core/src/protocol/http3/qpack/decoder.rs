//! Encoder instructions (RFC 9204 section 4.3) and field sections (section 4.5).

use super::dynamic::Dynamic;
use super::fixed::ENTRIES;
use super::integer::{Wrong, integer, string};
use crate::protocol::http2::hpack::FieldList;
use crate::protocol::varint::Reader;

/// Largest dynamic table that is kept. Browsers allow 64 KiB.
pub const TABLE_BYTES: u64 = 1 << 20;
/// Longest name or value.
const STRING_BYTES: usize = 256 << 10;
/// What an entry of the dynamic table costs at least (section 3.2.1).
const ENTRY: u64 = 32;

/// How reading a field section ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was read; what was missing is counted in the list.
    Done,
    /// Instructions it needs have not come yet; nothing was read.
    Blocked,
    /// It cannot be read to its end.
    Wrong,
}

/// The decoder of one direction: of the field sections that one side sends.
#[derive(Debug, Default)]
pub struct Decoder {
    table: Dynamic,
    /// Largest table the receiver of the sections allows, once its SETTINGS came.
    allowed: Option<u64>,
    /// Bytes of an instruction that is not whole.
    part: Vec<u8>,
    /// Instructions are missing: later ones mean something else.
    lost: bool,
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Decoder {
    /// SETTINGS_QPACK_MAX_TABLE_CAPACITY of the receiver of the sections.
    pub fn allow(&mut self, capacity: u64) {
        self.allowed = Some(capacity);
    }

    /// Instructions are missing.
    pub fn lose(&mut self) {
        self.lost = true;
        self.part = Vec::new();
    }

    /// Bytes of the encoder stream. True: sections that were blocked may be readable now.
    pub fn instructions(&mut self, bytes: &[u8]) -> bool {
        if self.lost {
            return false;
        }
        let mut held = std::mem::take(&mut self.part);
        held.extend_from_slice(bytes);
        let before = self.table.inserted();
        let mut rest = Reader(&held);
        while !rest.0.is_empty() {
            let mut at = rest;
            match self.instruction(&mut at) {
                Ok(()) => rest = at,
                Err(Wrong::Short) if rest.0.len() <= 2 * STRING_BYTES + 32 => break,
                Err(_) => {
                    self.lose();
                    return self.table.inserted() > before;
                }
            }
        }
        let used = held.len().saturating_sub(rest.0.len());
        held.drain(..used);
        self.part = held;
        self.table.inserted() > before
    }

    /// True once an instruction could not be read or is missing.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    fn instruction(&mut self, at: &mut Reader<'_>) -> Result<(), Wrong> {
        let first = at.byte().ok_or(Wrong::Short)?;
        let relative = |table: &Dynamic, index: u64| {
            table
                .inserted()
                .checked_sub(index.saturating_add(1))
                .ok_or(Wrong::Broken)
        };
        match first {
            // Insert with Name Reference.
            0x80.. => {
                let index = integer(first, 6, at)?;
                let head = at.byte().ok_or(Wrong::Short)?;
                string(head, 7, at, &mut self.value, STRING_BYTES)?;
                let name = if first & 0x40 != 0 {
                    fixed(index).ok_or(Wrong::Broken)?.0.as_bytes()
                } else {
                    let absolute = relative(&self.table, index)?;
                    self.table.get(absolute).ok_or(Wrong::Broken)?.0
                };
                self.name.clear();
                self.name.extend_from_slice(name);
            }
            // Insert with Literal Name.
            0x40..=0x7f => {
                string(first, 5, at, &mut self.name, STRING_BYTES)?;
                let head = at.byte().ok_or(Wrong::Short)?;
                string(head, 7, at, &mut self.value, STRING_BYTES)?;
            }
            // Set Dynamic Table Capacity.
            0x20..=0x3f => {
                let capacity = integer(first, 5, at)?;
                if capacity > TABLE_BYTES {
                    return Err(Wrong::Broken);
                }
                self.table
                    .resize(usize::try_from(capacity).unwrap_or(usize::MAX));
                return Ok(());
            }
            // Duplicate.
            _ => {
                let absolute = relative(&self.table, integer(first, 5, at)?)?;
                let (name, value) = self.table.get(absolute).ok_or(Wrong::Broken)?;
                self.name.clear();
                self.name.extend_from_slice(name);
                self.value.clear();
                self.value.extend_from_slice(value);
            }
        }
        match self.table.insert(&self.name, &self.value) {
            true => Ok(()),
            false => Err(Wrong::Broken),
        }
    }

    /// The required insert count of a section (section 4.5.1.1).
    fn required(&self, encoded: u64) -> Option<u64> {
        if encoded == 0 {
            return Some(0);
        }
        let inserted = self.table.inserted();
        let allowed = match self.allowed.filter(|n| *n > 0) {
            Some(allowed) => allowed,
            // Early data uses the SETTINGS of an earlier connection. Until the count wraps, it does not
            // matter what they were; after that, the table's own size is the best guess.
            None => {
                let size = self.table.capacity() as u64;
                if inserted <= 2 * (size / ENTRY) {
                    return encoded.checked_sub(1);
                }
                size
            }
        };
        let most = allowed / ENTRY;
        let full = most.checked_mul(2).filter(|full| *full > 0)?;
        if encoded > full {
            return None;
        }
        let highest = inserted.saturating_add(most);
        let wrapped = (highest / full).saturating_mul(full);
        let count = wrapped.saturating_add(encoded).saturating_sub(1);
        let count = match count > highest {
            true => count.checked_sub(full)?,
            false => count,
        };
        (count > 0).then_some(count)
    }

    /// Reads a field section into `list`. `last`: what it needs will not come any more. `limit`: size of
    /// the list.
    pub fn section(
        &mut self,
        section: &[u8],
        list: &mut FieldList,
        last: bool,
        limit: usize,
    ) -> Outcome {
        let mut at = Reader(section);
        let Some(first) = at.byte() else {
            return Outcome::Wrong;
        };
        let Ok(encoded) = integer(first, 8, &mut at) else {
            return Outcome::Wrong;
        };
        let required = self.required(encoded);
        let short = required.is_none_or(|count| count > self.table.inserted());
        if short && !last {
            return Outcome::Blocked;
        }
        let Some(sign) = at.byte() else {
            return Outcome::Wrong;
        };
        let Ok(delta) = integer(sign, 7, &mut at) else {
            return Outcome::Wrong;
        };
        let base = required.and_then(|count| match sign & 0x80 {
            0 => count.checked_add(delta),
            _ => count.checked_sub(delta.checked_add(1)?),
        });
        while !at.0.is_empty() {
            if self.field(&mut at, base, list, limit).is_err() {
                return Outcome::Wrong;
            }
        }
        Outcome::Done
    }

    /// One field line.
    fn field(
        &mut self,
        at: &mut Reader<'_>,
        base: Option<u64>,
        list: &mut FieldList,
        limit: usize,
    ) -> Result<(), Wrong> {
        let first = at.byte().ok_or(Wrong::Short)?;
        let before = |index: u64| base?.checked_sub(index.checked_add(1)?);
        let after = |index: u64| base?.checked_add(index);
        // Indexed: static, relative to the base, or after it.
        let indexed = match first {
            0xc0.. => {
                let (name, value) = fixed(integer(first, 6, at)?).ok_or(Wrong::Broken)?;
                list.push(name.as_bytes(), value.as_bytes(), limit);
                return Ok(());
            }
            0x80.. => Some(before(integer(first, 6, at)?)),
            0x10..=0x1f => Some(after(integer(first, 4, at)?)),
            _ => None,
        };
        if let Some(absolute) = indexed {
            match absolute.and_then(|absolute| self.table.get(absolute)) {
                Some((name, value)) => list.push(name, value, limit),
                None => list.missing = list.missing.saturating_add(1),
            }
            return Ok(());
        }
        let literal = first & 0xe0 == 0x20;
        let mut name: Option<&[u8]> = None;
        if literal {
            string(first, 3, at, &mut self.name, STRING_BYTES)?;
        } else if first & 0x50 == 0x50 {
            let (fixed, _) = fixed(integer(first, 4, at)?).ok_or(Wrong::Broken)?;
            name = Some(fixed.as_bytes());
        } else {
            let absolute = match first & 0x40 {
                0 => after(integer(first, 3, at)?),
                _ => before(integer(first, 4, at)?),
            };
            name = absolute
                .and_then(|absolute| self.table.get(absolute))
                .map(|(name, _)| name);
            if name.is_none() {
                list.missing = list.missing.saturating_add(1);
            }
        }
        let head = at.byte().ok_or(Wrong::Short)?;
        string(head, 7, at, &mut self.value, STRING_BYTES)?;
        if literal {
            name = Some(&self.name);
        }
        // A name that is missing is empty; its value is shown.
        list.push(name.unwrap_or_default(), &self.value, limit);
        Ok(())
    }
}

/// An entry of the static table.
fn fixed(index: u64) -> Option<(&'static str, &'static str)> {
    ENTRIES.get(usize::try_from(index).ok()?).copied()
}
