//! Many patterns at once, ASCII case aside: a bit per hash of eight bytes says whether to look closer.
//!
//! An automaton slows down with the number of its patterns, as it leaves the processor's caches (458 MB/s
//! at 1,000 patterns, 16 MB/s at 100,000); this does not, and browsing histories are long. Each pattern is found by the
//! window that it shares with the fewest others, so that `https://` wakes nobody up.

use hashbrown::HashMap;

type Map<V> = HashMap<u64, V, foldhash::fast::RandomState>;

/// Multiplier of the hash: 2^64 divided by the golden ratio (Fibonacci hashing, Knuth, TAOCP 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits of the table per pattern: about one position in this many is looked at in vain.
const BITS_PER_PATTERN: usize = 128;
/// Smallest and largest table, as powers of two of bits: 4 KiB and 2 MiB.
const TABLE_BITS: std::ops::RangeInclusive<u32> = 15..=24;

/// A window of `Q` bytes (8 or 4) over the text.
pub(super) struct Windows<const Q: usize> {
    table: Vec<u64>,
    shift: u32,
    /// For each window: pattern numbers and where in the pattern the window is.
    entries: Map<Vec<(u32, u32)>>,
}

/// Bytes with ASCII case folded away. It also folds a few other pairs (`@` and a backtick), which does
/// not matter: it only decides where to look closer.
#[inline]
fn key<const Q: usize>(window: &[u8]) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    // Whole words at once; the size is known when this is compiled.
    match (Q, window.first_chunk::<8>(), window.first_chunk::<4>()) {
        (8, Some(eight), _) => u64::from_le_bytes(*eight) | FOLD,
        (4, _, Some(four)) => u64::from(u32::from_le_bytes(*four) | FOLD as u32),
        _ => 0,
    }
}

impl<const Q: usize> Windows<Q> {
    /// For these patterns, each at least `Q` bytes long; the number is its index as the caller counts.
    pub fn new<'a>(patterns: impl Iterator<Item = (u32, &'a [u8])> + Clone) -> Self {
        let mut shared: Map<u32> = Map::default();
        for (_, pattern) in patterns.clone() {
            for window in pattern.windows(Q) {
                *shared.entry(key::<Q>(window)).or_default() += 1;
            }
        }
        let mut entries: Map<Vec<(u32, u32)>> = Map::default();
        for (number, pattern) in patterns {
            let middle = pattern.len().saturating_sub(Q) / 2;
            let rarest = pattern.windows(Q).enumerate().min_by_key(|(at, window)| {
                (
                    shared.get(&key::<Q>(window)).copied().unwrap_or_default(),
                    at.abs_diff(middle),
                )
            });
            if let Some((at, window)) = rarest {
                entries
                    .entry(key::<Q>(window))
                    .or_default()
                    .push((number, u32::try_from(at).unwrap_or(u32::MAX)));
            }
        }
        let bits = (entries.len() * BITS_PER_PATTERN)
            .next_power_of_two()
            .trailing_zeros();
        let bits = bits.clamp(*TABLE_BITS.start(), *TABLE_BITS.end());
        let mut this = Windows {
            table: vec![0; 1 << (bits - 6)],
            shift: 64 - bits,
            entries,
        };
        for key in this.entries.keys() {
            let hash = key.wrapping_mul(GOLDEN) >> this.shift;
            if let Some(word) = this.table.get_mut((hash >> 6) as usize) {
                *word |= 1 << (hash & 63);
            }
        }
        this
    }

    /// Call `candidate(pattern number, start)` wherever a pattern may begin.
    #[inline]
    pub fn scan(&self, text: &[u8], mut candidate: impl FnMut(u32, usize)) {
        if self.entries.is_empty() {
            return;
        }
        for (at, window) in text.windows(Q).enumerate() {
            let key = key::<Q>(window);
            let hash = key.wrapping_mul(GOLDEN) >> self.shift;
            let word = self
                .table
                .get((hash >> 6) as usize)
                .copied()
                .unwrap_or_default();
            if word >> (hash & 63) & 1 == 0 {
                continue;
            }
            for (number, before) in self.entries.get(&key).into_iter().flatten() {
                if let Some(start) = at.checked_sub(*before as usize) {
                    candidate(*number, start);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_starts_whatever_the_case() {
        let patterns: [&[u8]; 3] = [
            b"https://a.example/one",
            b"https://a.example/two",
            b"12345678",
        ];
        let windows = Windows::<8>::new(patterns.iter().enumerate().map(|(i, p)| (i as u32, *p)));
        let mut found = Vec::new();
        windows.scan(b"x HTTPS://A.example/Two 12345678", |n, at| {
            found.push((n, at))
        });
        assert_eq!(found, [(1, 2), (2, 24)]);
        Windows::<8>::new(std::iter::empty()).scan(b"123456789", |_, _| panic!());
    }
}
