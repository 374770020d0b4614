//! From header blocks to fields (RFC 7541 sections 3 and 6).

use super::dynamic::Dynamic;
use super::fields::FieldList;
use super::fixed::ENTRIES;
use super::integer;
use crate::protocol::huffman;

/// Size of a dynamic table before anything is agreed (RFC 9113 section 6.5.2).
const FIRST_SIZE: usize = 4096;
/// Largest dynamic table kept, in bytes; browsers and servers use at most this.
pub const TABLE_BYTES: usize = 64 << 10;
/// Longest name or value that is decoded, in bytes.
const STRING_BYTES: usize = 1 << 20;

/// Why a header block cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockError {
    /// It ends within a field.
    Truncated,
    /// An integer is too large (RFC 7541 section 5.1).
    Integer,
    /// A string is not valid Huffman code (RFC 7541 section 5.2), or too long.
    String,
    /// A size of the dynamic table above what the other side allows (RFC 7541 section 6.3).
    TableSize,
}

/// The decoder of one direction.
#[derive(Debug)]
pub struct Decoder {
    table: Dynamic,
    /// Insertions may have been missed.
    unsure: bool,
    /// What the other side allows, as far as seen.
    allowed: usize,
}

impl Decoder {
    /// A decoder at the start of a connection. `unsure`: not at its start.
    pub fn new(unsure: bool) -> Decoder {
        let mut decoder = Decoder {
            table: Dynamic::new(FIRST_SIZE),
            unsure: false,
            allowed: FIRST_SIZE,
        };
        if unsure {
            decoder.lose();
        }
        decoder
    }

    /// The other side's SETTINGS_HEADER_TABLE_SIZE. The encoder tells in a header block when it makes use
    /// of it; until then nothing changes. A size that was allowed before may still be on its way, so
    /// the largest counts.
    pub fn allow(&mut self, size: u32) {
        self.allowed = self.allowed.max(size as usize);
    }

    /// A part was missed: forgets what was known. The size is not known either, and a table that is too
    /// large never yields a wrong entry.
    pub fn lose(&mut self) {
        self.table.clear();
        self.table.resize(TABLE_BYTES);
        self.allowed = TABLE_BYTES;
        self.unsure = true;
    }

    /// Reads a block and appends its fields, as many as fit into `limit` bytes. After an error the table
    /// is unsure.
    pub fn decode(
        &mut self,
        block: &[u8],
        fields: &mut FieldList,
        limit: usize,
    ) -> Result<(), BlockError> {
        let mut rest = block;
        while let Some((&first, after)) = rest.split_first() {
            match self.step(first, after, fields, limit) {
                Ok(after) => rest = after,
                Err(error) => {
                    self.lose();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn step<'b>(
        &mut self,
        first: u8,
        rest: &'b [u8],
        fields: &mut FieldList,
        limit: usize,
    ) -> Result<&'b [u8], BlockError> {
        let start = fields.bytes.len();
        if first & 0x80 != 0 {
            let (index, rest) = integer::read(first, 7, rest)?;
            if let Some((name, named)) = self.name(index, &mut fields.bytes) {
                self.value(index, &mut fields.bytes);
                if !named {
                    fields.missing = fields.missing.saturating_add(1);
                }
                fields.close(start, name, limit);
            } else {
                self.unknown(fields);
            }
            return Ok(rest);
        }
        if first & 0xe0 == 0x20 {
            let (size, rest) = integer::read(first, 5, rest)?;
            if size > self.allowed.max(TABLE_BYTES) {
                return Err(BlockError::TableSize);
            }
            // Above what is kept, the oldest entries are missing later on.
            if size > TABLE_BYTES {
                self.unsure = true;
            }
            self.table.resize(size.min(TABLE_BYTES));
            return Ok(rest);
        }
        let insert = first & 0x40 != 0;
        let (index, mut rest) = integer::read(first, if insert { 6 } else { 4 }, rest)?;
        let mut named = true;
        let name = if index == 0 {
            rest = string(rest, &mut fields.bytes).inspect_err(|_| fields.bytes.truncate(start))?;
            fields.bytes.len()
        } else if let Some((end, known)) = self.name(index, &mut fields.bytes) {
            named = known;
            end
        } else {
            named = false;
            fields.wrong |= !self.unsure;
            self.unsure = true;
            start
        };
        if !named {
            fields.missing = fields.missing.saturating_add(1);
        }
        rest = string(rest, &mut fields.bytes).inspect_err(|_| fields.bytes.truncate(start))?;
        if insert {
            let (before, value) = fields.bytes.split_at(name);
            self.table
                .insert(before.get(start..).unwrap_or_default(), value, named);
        }
        fields.close(start, name, limit);
        Ok(rest)
    }

    /// Appends the name of an entry: where it ends, and whether it is known.
    fn name(&self, index: usize, out: &mut Vec<u8>) -> Option<(usize, bool)> {
        let at = index.checked_sub(1)?;
        let named = if let Some((name, _)) = ENTRIES.get(at) {
            out.extend_from_slice(name.as_bytes());
            true
        } else {
            let entry = self.table.get(at - ENTRIES.len())?;
            out.extend_from_slice(entry.name);
            entry.named
        };
        Some((out.len(), named))
    }

    /// Appends the value of an entry that is there.
    fn value(&self, index: usize, out: &mut Vec<u8>) {
        let at = index.saturating_sub(1);
        if let Some((_, value)) = ENTRIES.get(at) {
            out.extend_from_slice(value.as_bytes());
        } else if let Some(entry) = self.table.get(at - ENTRIES.len()) {
            out.extend_from_slice(entry.value);
        }
    }

    /// A reference to an entry that is not there.
    fn unknown(&mut self, fields: &mut FieldList) {
        fields.wrong |= !self.unsure;
        fields.missing = fields.missing.saturating_add(1);
        self.unsure = true;
    }

    #[cfg(test)]
    pub(super) fn table(&self) -> &Dynamic {
        &self.table
    }
}

/// Appends a string literal (RFC 7541 section 5.2) and gives what follows it.
fn string<'b>(bytes: &'b [u8], out: &mut Vec<u8>) -> Result<&'b [u8], BlockError> {
    let (&first, rest) = bytes.split_first().ok_or(BlockError::Truncated)?;
    let (length, rest) = integer::read(first, 7, rest)?;
    let text = rest.get(..length).ok_or(BlockError::Truncated)?;
    if first & 0x80 != 0 {
        huffman::decode(text, out, STRING_BYTES).map_err(|_| BlockError::String)?;
    } else if length <= STRING_BYTES {
        out.extend_from_slice(text);
    } else {
        return Err(BlockError::String);
    }
    Ok(rest.get(length..).unwrap_or_default())
}
