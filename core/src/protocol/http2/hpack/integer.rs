//! Integers with a prefix (RFC 7541 section 5.1).

use super::BlockError;

/// Bytes after the prefix that are read; five hold 35 bits, more than any length or index needs.
const CONTINUED: usize = 5;

/// Reads an integer whose first `bits` bits are in `first`: the value and the rest.
pub(super) fn read(first: u8, bits: u32, rest: &[u8]) -> Result<(usize, &[u8]), BlockError> {
    let mask = (1u64 << bits) - 1;
    let mut value = u64::from(first) & mask;
    if value < mask {
        return Ok((usize::try_from(value).unwrap_or(usize::MAX), rest));
    }
    for (index, byte) in rest.iter().enumerate().take(CONTINUED) {
        value += u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let value = u32::try_from(value).map_err(|_| BlockError::Integer)?;
            let rest = rest.get(index + 1..).unwrap_or_default();
            return Ok((value as usize, rest));
        }
    }
    Err(if rest.len() < CONTINUED {
        BlockError::Truncated
    } else {
        BlockError::Integer
    })
}
