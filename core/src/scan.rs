//! Finding and copying up to the next of a few bytes. In JSON they come every ten bytes or so: looking at
//! eight bytes at once in a register is quicker there than starting a vector search each time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// Bytes of a word.
pub const WORD: usize = 8;
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

/// Copies the bytes from `from` up to the first `stop`, or all that is left, to `at` in `out`, which has
/// [`WORD`] bytes more room than is ever copied. Returns the places after it in both.
#[inline]
pub fn copy_until(
    stop: u8,
    bytes: &[u8],
    mut from: usize,
    out: &mut [u8],
    mut at: usize,
) -> (usize, usize) {
    let every = ONES * u64::from(stop);
    while let (Some(source), Some(target)) = (
        bytes
            .get(from..)
            .and_then(|rest| rest.first_chunk::<WORD>()),
        out.get_mut(at..)
            .and_then(|rest| rest.first_chunk_mut::<WORD>()),
    ) {
        // All eight are written; what is beyond the stop is written over later.
        *target = *source;
        let hits = zeros(u64::from_le_bytes(*source) ^ every);
        if hits != 0 {
            let kept = hits.trailing_zeros() as usize / 8;
            return (from + kept, at + kept);
        }
        from += WORD;
        at += WORD;
    }
    while let (Some(&byte), Some(target)) = (bytes.get(from), out.get_mut(at)) {
        if byte == stop {
            break;
        }
        *target = byte;
        from += 1;
        at += 1;
    }
    (from, at)
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
            let mut out = vec![0; 6 + bytes.len() + WORD];
            prop_assert_eq!(copy_until(b'\\', &bytes, from, &mut out, 6), (end, 6 + end - from));
            prop_assert_eq!(&out[6..6 + end - from], &bytes[from..end]);
        }
    }
}
