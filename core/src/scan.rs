//! Finding and copying up to the next of a few bytes. In JSON they come every ten bytes or so: looking at
//! sixteen bytes at once in a register is quicker there than starting a vector search each time.

use std::ops::Range;

use wide::u8x16;

/// Bytes of a block.
pub const BLOCK: usize = 16;
/// Blocks looked at one by one before the vector search takes over.
const BLOCKS: usize = 4;
/// Bytes looked at together where many are to be passed.
pub const LONG: usize = 64;

/// Sixteen bytes in a register.
#[derive(Clone, Copy)]
struct Block(u8x16);

impl Block {
    #[inline(always)]
    fn of(bytes: &[u8; BLOCK]) -> Self {
        Block(u8x16::new(*bytes))
    }

    /// One bit for every byte that is `byte`.
    #[inline(always)]
    fn mask(self, byte: u8) -> u32 {
        self.0.simd_eq(u8x16::splat(byte)).to_bitmask()
    }
}

#[inline(always)]
fn block(bytes: &[u8], at: usize) -> Option<&[u8; BLOCK]> {
    bytes.get(at..)?.first_chunk()
}

/// Place of the first `a` or `b` at or after `from`.
#[inline]
pub fn find2(a: u8, b: u8, bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..BLOCKS {
        let Some(next) = block(bytes, at) else {
            break;
        };
        let next = Block::of(next);
        let hits = next.mask(a) | next.mask(b);
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    memchr::memchr2(a, b, bytes.get(at..)?).map(|n| at + n)
}

/// Place of the first `"` at or after `from` that no backslash escapes (RFC 8259 section 7); `from` itself is
/// not escaped.
#[inline]
pub fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let first = Block::of(block(bytes, from).unwrap_or(&[0; BLOCK]));
    let (quotes, escapes) = (first.mask(b'"'), first.mask(b'\\'));
    // No backslash below the lowest quote.
    if quotes != 0 && (escapes == 0 || quotes.trailing_zeros() < escapes.trailing_zeros()) {
        return Some(from + quotes.trailing_zeros() as usize);
    }
    far_string_end(bytes, from)
}

fn far_string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // 1 where the first byte of the next piece is escaped.
    let mut escaped_first = 0;
    while let Some(piece) = bytes.get(at..).and_then(|rest| rest.first_chunk::<LONG>()) {
        let (escaped, over) = escaped(piece_mask(b'\\', piece), escaped_first);
        escaped_first = over;
        let ends = piece_mask(b'"', piece) & !escaped;
        if ends != 0 {
            return Some(at + ends.trailing_zeros() as usize);
        }
        at += LONG;
    }
    at += escaped_first as usize;
    loop {
        at = find2(b'"', b'\\', bytes, at)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// One bit for every byte that is `byte`.
#[inline(always)]
fn piece_mask(byte: u8, piece: &[u8; LONG]) -> u64 {
    let mut mask = 0;
    for (index, sixteen) in piece.as_chunks::<BLOCK>().0.iter().enumerate() {
        mask |= u64::from(Block::of(sixteen).mask(byte)) << (BLOCK * index);
    }
    mask
}

/// Which of 64 bytes are escaped, given which are backslashes and whether (1) the first is escaped; and
/// whether the byte after them is.
///
/// In a run of backslashes every second byte after its first is escaped. Subtracting the starts from a row of
/// bits at odd places turns over all bits of a run at once (Langdale and Lemire, "Parsing gigabytes of JSON per
/// second", VLDB Journal 28, 2019, section 3.1.1, has the idea).
#[inline(always)]
fn escaped(backslashes: u64, first: u64) -> (u64, u64) {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    if backslashes == 0 {
        return (first, 0);
    }
    // A backslash that is escaped itself escapes nothing.
    let may_escape = backslashes & !first;
    let turned = ((may_escape << 1) | ODD).wrapping_sub(may_escape) ^ ODD;
    (turned ^ (backslashes | first), (turned & backslashes) >> 63)
}

/// Which of the bytes from `at` on (64, or as many as there are) are backslashes that begin an escape, one bit
/// each, given whether (1) the first byte is escaped; and whether the byte after them is.
#[inline(always)]
pub fn escapes(bytes: &[u8], at: usize, first: u64) -> (u64, u64) {
    let rest = bytes.get(at..).unwrap_or_default();
    let backslashes = match rest.first_chunk::<LONG>() {
        Some(piece) => piece_mask(b'\\', piece),
        None => rest_mask(b'\\', rest),
    };
    let (escaped, over) = escaped(backslashes, first);
    (backslashes & !escaped, over)
}

/// As [`piece_mask`] for fewer bytes.
#[inline(always)]
fn rest_mask(byte: u8, rest: &[u8]) -> u64 {
    let (blocks, last) = rest.as_chunks::<BLOCK>();
    let mut mask = 0;
    for (index, sixteen) in blocks.iter().enumerate() {
        mask |= u64::from(Block::of(sixteen).mask(byte)) << (BLOCK * index);
    }
    for (index, &other) in last.iter().enumerate() {
        mask |= u64::from(other == byte) << (BLOCK * blocks.len() + index);
    }
    mask
}

/// Bytes that [`copy`] writes at once where there are so many; room for them must be behind what is written.
pub const ROOM: usize = 2 * BLOCK;

/// Writes a range of `bytes` to `out` from `at` on, where room for it is, and answers with what comes after it.
#[inline(always)]
pub fn copy(bytes: &[u8], range: Range<usize>, out: &mut [u8], at: usize) -> usize {
    let count = range.len();
    let from = bytes.get(range.start..).unwrap_or_default();
    let to = out.get_mut(at..).unwrap_or_default();
    match (from.first_chunk::<ROOM>(), to.first_chunk_mut::<ROOM>()) {
        // All are written; what is too much is written over by what follows.
        (Some(from), Some(to)) if count <= ROOM => *to = *from,
        _ => {
            if let (Some(from), Some(to)) = (from.get(..count), to.get_mut(..count)) {
                to.copy_from_slice(from);
            }
        }
    }
    at + count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow_end(bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            match bytes.get(at)? {
                b'"' => return Some(at),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    proptest! {
        #[test]
        fn finds_what_a_loop_finds(
            bytes in prop::collection::vec(prop::sample::select(&b"\"\\ax\x21\x23\xa2\xdc\0"[..]), 0..190),
            from in 0usize..200,
        ) {
            let slow = (from..bytes.len()).find(|&i| matches!(bytes[i], b'"' | b'\\'));
            prop_assert_eq!(find2(b'"', b'\\', &bytes, from), slow);
            prop_assert_eq!(string_end(&bytes, from), slow_end(&bytes, from));
            let from = from.min(bytes.len());
            for to in from..bytes.len() {
                let mut out = vec![1; 6 + bytes.len()];
                let end = copy(&bytes, from..to, &mut out, 6);
                prop_assert_eq!(&out[..6], &[1; 6]);
                prop_assert_eq!(&out[6..end], &bytes[from..to]);
            }
        }

        #[test]
        fn ends_of_strings_full_of_escapes(
            bytes in prop::collection::vec(prop::sample::select(&b"\\\\\\\\\\a\""[..]), 0..300),
            from in 0usize..80,
        ) {
            prop_assert_eq!(string_end(&bytes, from), slow_end(&bytes, from));
        }

        #[test]
        fn escapes_begin_where_a_loop_says(
            bytes in prop::collection::vec(prop::sample::select(&b"\\\\\\a\""[..]), 0..200),
        ) {
            let mut slow = Vec::new();
            let mut at = 0;
            while at < bytes.len() {
                if bytes[at] == b'\\' {
                    slow.push(at);
                    at += 1;
                }
                at += 1;
            }
            let mut quick = Vec::new();
            let mut first = 0;
            for at in (0..bytes.len()).step_by(LONG) {
                let (mask, over) = escapes(&bytes, at, first);
                quick.extend((0..LONG).filter(|bit| mask >> bit & 1 == 1).map(|bit| at + bit));
                first = over;
            }
            prop_assert_eq!(quick, slow);
        }

        #[test]
        fn ends_of_long_strings(
            runs in prop::collection::vec((0usize..150, 1usize..140), 0..6),
        ) {
            let mut bytes = Vec::new();
            for (letters, backslashes) in runs {
                bytes.extend(std::iter::repeat_n(b'x', letters));
                bytes.extend(std::iter::repeat_n(b'\\', backslashes));
                bytes.push(b'"');
            }
            prop_assert_eq!(string_end(&bytes, 0), slow_end(&bytes, 0));
        }
    }
}
