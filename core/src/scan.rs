//! Finding and copying up to the next of a few bytes. In JSON they come every ten bytes or so: looking at
//! eight bytes at once in a register is quicker there than starting a vector search each time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// Words looked at before the vector search takes over.
const WORDS: usize = 4;

/// Marks the high bit of every byte of `word` that is zero; the lowest mark is always right.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk: &[u8; 8] = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*chunk))
}

/// Place of the first `a` or `b` at or after `from`.
#[inline]
pub fn find2(a: u8, b: u8, bytes: &[u8], from: usize) -> Option<usize> {
    let (every_a, every_b) = (ONES * u64::from(a), ONES * u64::from(b));
    let mut at = from;
    for _ in 0..WORDS {
        let Some(word) = word(bytes, at) else {
            break;
        };
        let hits = zeros(word ^ every_a) | zeros(word ^ every_b);
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(a, b, bytes.get(at..)?).map(|n| at + n)
}

/// Appends the bytes from `from` up to the first `stop`, or all that is left. Returns the place of the stop
/// or the end.
#[inline]
pub fn copy_until(stop: u8, bytes: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
    let every = ONES * u64::from(stop);
    let mut at = from;
    for _ in 0..WORDS {
        let Some(word) = word(bytes, at) else {
            break;
        };
        let hits = zeros(word ^ every);
        // All eight are written, and what is beyond the stop taken back: cheaper than a copy of odd length.
        out.extend_from_slice(&word.to_le_bytes());
        if hits != 0 {
            let kept = hits.trailing_zeros() as usize / 8;
            out.truncate(out.len() - (8 - kept));
            return at + kept;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let length = memchr::memchr(stop, rest).unwrap_or(rest.len());
    out.extend_from_slice(rest.get(..length).unwrap_or_default());
    at + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_loop_finds(
            bytes in prop::collection::vec(prop::sample::select(&b"\"\\ax\x21\x23\xa2\xdc\0"[..]), 0..90),
            from in 0usize..100,
        ) {
            let slow = (from..bytes.len()).find(|&i| matches!(bytes[i], b'"' | b'\\'));
            prop_assert_eq!(find2(b'"', b'\\', &bytes, from), slow);
            let from = from.min(bytes.len());
            let end = (from..bytes.len()).find(|&i| bytes[i] == b'\\').unwrap_or(bytes.len());
            let mut out = b"before".to_vec();
            prop_assert_eq!(copy_until(b'\\', &bytes, from, &mut out), end);
            prop_assert_eq!(&out[6..], &bytes[from..end]);
        }
    }
}
