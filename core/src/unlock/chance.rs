//! Where an exclusive-or proves nothing, whatever comes out.

use crate::crack::ACCEPT;

/// Zero bytes in a ciphertext, one in so many, from which an exclusive-or is chance: where a plaintext is zero
/// it shows the key, so that any key that is text makes text of a structure with many zeros.
const ZEROS: usize = 8;

/// Tenths of a bit a byte that a text loses as evidence where no byte of the ciphertext has its highest bit: any
/// key that is text leaves it so.
const HIGHEST_BIT: i64 = 10;

/// True where an exclusive-or makes text of the bytes with any key that is text: what it gives is mostly the
/// key itself, or it proves no more than that both are ASCII.
pub(super) fn is_chance(layer: &str, bytes: &[u8], evidence: i64) -> bool {
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    let given = if bytes.is_ascii() {
        HIGHEST_BIT.saturating_mul(bytes.len() as i64)
    } else {
        0
    };
    layer.starts_with("xor")
        && (zeros.saturating_mul(ZEROS) > bytes.len() || evidence.saturating_sub(given) < ACCEPT)
}
