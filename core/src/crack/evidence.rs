//! How much a plaintext is worth, in tenths of a bit.

/// What is left of the evidence, in tenths of a bit, when the prior of the cipher and the logarithm of the
/// hypotheses tried are taken off, must be this much: one false plaintext in a million values.
pub const ACCEPT: i64 = 200;

/// The number of hypotheses as tenths of a bit, rounded up to whole bits.
pub(crate) fn hypotheses(tried: u64) -> i64 {
    i64::from(u64::BITS - tried.leading_zeros()) * 10
}
