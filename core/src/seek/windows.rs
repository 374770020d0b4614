//! Many patterns at once, ASCII case aside: a bit per hash of a few bytes says whether to look closer.
//!
//! An automaton slows down with the number of its patterns, as it leaves the processor's caches (measured:
//! 458 MB/s at 1,000 patterns, 16 MB/s at 100,000); this does not, and browsing histories are long. Each
//! pattern is found by the windows that it shares with the fewest others, so that `https://` wakes nobody.

use hashbrown::HashMap;

type Map<V> = HashMap<u64, V, foldhash::fast::RandomState>;

/// Multiplier of the hash: 2^64 divided by the golden ratio (Fibonacci hashing, Knuth, TAOCP 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits of the table per window: about one position in this many is looked at in vain.
const BITS_PER_WINDOW: usize = 32;
/// Smallest and largest table, as powers of two of bits: 4 KiB and 2 MiB.
const TABLE_BITS: std::ops::RangeInclusive<u32> = 15..=24;

/// Windows of `Q` bytes (8, 5 or 4), of which the text shows every `S`th. A pattern is entered with `S`
/// neighbouring windows, so that one of them is looked at wherever it stands; it must be at least
/// `Q + S - 1` bytes long.
pub(super) struct Windows<const Q: usize, const S: usize> {
    table: Vec<u64>,
    shift: u32,
    /// For each window: its last place in `entries`.
    last: Map<u32>,
    /// Where windows are in patterns.
    entries: Vec<Entry>,
}

/// One window of a pattern.
struct Entry {
    /// The pattern.
    number: u32,
    /// Bytes of the pattern before the window.
    before: u32,
    /// The entry of the same window before this one, or [`NONE`].
    earlier: u32,
}

/// No entry.
const NONE: u32 = u32::MAX;
/// Counters of how many patterns share a window, as a power of two. Two windows may share a counter: it only
/// decides which window of a pattern is the rarest.
const COUNTER_BITS: u32 = 18;

/// The first `Q` bytes with ASCII case folded away. It also folds a few other pairs (`@` and a backtick),
/// which does not matter: it only decides where to look closer.
#[inline(always)]
fn key<const Q: usize>(text: &[u8]) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    // Whole words at once; the size is known when this is compiled.
    match (Q, text.first_chunk::<8>(), text.first_chunk::<4>()) {
        (8, Some(eight), _) => u64::from_le_bytes(*eight) | FOLD,
        (5, _, Some(four)) => {
            let fifth = text.get(4).copied().unwrap_or_default();
            (u64::from(u32::from_le_bytes(*four)) | u64::from(fifth) << 32) | FOLD
        }
        (4, _, Some(four)) => u64::from(u32::from_le_bytes(*four)) | FOLD,
        _ => 0,
    }
}

impl<const Q: usize, const S: usize> Windows<Q, S> {
    /// Shortest pattern.
    pub const SHORTEST: usize = Q + S - 1;

    /// For these patterns, each at least [`Self::SHORTEST`] bytes long; the number is its index as the
    /// caller counts.
    pub fn new<'a>(patterns: impl Iterator<Item = (u32, &'a [u8])> + Clone) -> Self {
        let slot = |window| (key::<Q>(window).wrapping_mul(GOLDEN) >> (64 - COUNTER_BITS)) as usize;
        let mut shared = vec![0u32; 1 << COUNTER_BITS];
        for (_, pattern) in patterns.clone() {
            for window in pattern.windows(Q) {
                if let Some(count) = shared.get_mut(slot(window)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let mut last: Map<u32> = Map::default();
        let mut entries: Vec<Entry> = Vec::new();
        let mut counts = Vec::new();
        for (number, pattern) in patterns {
            let count = |window| shared.get(slot(window)).copied().unwrap_or_default();
            counts.clear();
            counts.extend(pattern.windows(Q).map(count));
            let middle = pattern.len().saturating_sub(Self::SHORTEST) / 2;
            let rarest = counts.windows(S).enumerate().min_by_key(|(at, counts)| {
                let sum = counts.iter().fold(0u32, |sum, n| sum.saturating_add(*n));
                (sum, at.abs_diff(middle))
            });
            let Some((first, _)) = rarest else { continue };
            for (at, window) in pattern.windows(Q).enumerate().skip(first).take(S) {
                let here = u32::try_from(entries.len()).unwrap_or(NONE);
                let earlier = last.insert(key::<Q>(window), here).unwrap_or(NONE);
                entries.push(Entry {
                    number,
                    before: u32::try_from(at).unwrap_or(u32::MAX),
                    earlier,
                });
            }
        }
        let bits = (last.len() * BITS_PER_WINDOW)
            .next_power_of_two()
            .trailing_zeros();
        let bits = bits.clamp(*TABLE_BITS.start(), *TABLE_BITS.end());
        let mut this = Windows {
            table: vec![0; 1 << (bits - 6)],
            shift: 64 - bits,
            last,
            entries,
        };
        for key in this.last.keys() {
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
        let mut at = 0;
        while let Some(window) = text.get(at..at + Q) {
            let key = key::<Q>(window);
            let hash = key.wrapping_mul(GOLDEN) >> self.shift;
            let word = self
                .table
                .get((hash >> 6) as usize)
                .copied()
                .unwrap_or_default();
            if word >> (hash & 63) & 1 == 1 {
                let mut next = self.last.get(&key).copied().unwrap_or(NONE);
                while let Some(entry) = self.entries.get(next as usize) {
                    if let Some(start) = at.checked_sub(entry.before as usize) {
                        candidate(entry.number, start);
                    }
                    next = entry.earlier;
                }
            }
            at += S;
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
            b"12345678901",
        ];
        let windows = Windows::<8, 4>::new((0..).zip(patterns));
        for before in 0..9 {
            let text = format!("{}HTTPS://A.example/Two 12345678901", "x".repeat(before));
            let mut found = Vec::new();
            windows.scan(text.as_bytes(), |n, at| found.push((n, at)));
            assert!(found.contains(&(1, before)), "{found:?}");
            assert!(found.contains(&(2, before + 22)), "{found:?}");
            assert!(found.len() < 5, "{found:?}");
        }
        let mut found = Vec::new();
        let short = Windows::<4, 1>::new([(0, &b"abcd"[..])].into_iter());
        short.scan(b"ABCabcd", |n, at| found.push((n, at)));
        assert_eq!(found, [(0, 3)]);
        Windows::<5, 4>::new(std::iter::empty()).scan(b"123456789", |_, _| panic!());
    }
}
