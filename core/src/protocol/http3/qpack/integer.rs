//! Integers with a prefix (RFC 7541 section 5.1) and strings (section 5.2), as RFC 9204 section 4.1 uses them.

use crate::protocol::huffman;
use crate::protocol::varint::Reader;

/// Bytes after the prefix that are read: 62 bits, as RFC 9204 section 4.1.1 asks for.
const CONTINUED: usize = 9;

/// Why something cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// More bytes are needed.
    Short,
    /// No encoder sends this.
    Broken,
}

/// Reads an integer whose first `bits` bits are in `first`.
pub(super) fn integer(first: u8, bits: u32, rest: &mut Reader<'_>) -> Result<u64, Wrong> {
    let mask = (1u64 << bits) - 1;
    let mut value = u64::from(first) & mask;
    if value < mask {
        return Ok(value);
    }
    for index in 0..CONTINUED {
        let byte = rest.byte().ok_or(Wrong::Short)?;
        let part = u64::from(byte & 0x7f)
            .checked_shl(7 * u32::try_from(index).unwrap_or(0))
            .unwrap_or(0);
        value = value.saturating_add(part);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Wrong::Broken)
}

/// Reads a string: length in the low `bits` bits of `first`, the Huffman flag in the bit above them.
/// `limit`: bytes it may have.
pub(super) fn string(
    first: u8,
    bits: u32,
    rest: &mut Reader<'_>,
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Wrong> {
    out.clear();
    let length = usize::try_from(integer(first, bits, rest)?).map_err(|_| Wrong::Broken)?;
    if length > limit {
        return Err(Wrong::Broken);
    }
    let bytes = rest.take(length).ok_or(Wrong::Short)?;
    if first & (1 << bits) != 0 {
        return huffman::decode(bytes, out, limit).map_err(|_| Wrong::Broken);
    }
    out.extend_from_slice(bytes);
    Ok(())
}
