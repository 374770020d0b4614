//! Texts in columns: bytes that were made with the same byte of the key, each kind counted once.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::super::language::model;
use super::cipher::{Cipher, LONGEST_KEY};

/// Bytes of all texts together that are looked at: more adds time and no knowledge.
const LOOKED_AT: usize = 4096;
/// Bytes in which equal ones are counted.
const COMPARED: usize = 1536;
/// Key lengths that are looked at more closely.
const CLOSER: usize = 6;
/// Equal bytes in columns exceed chance by this, in hundredths of a standard deviation: text does by five and
/// more even with three rows, noise seldom.
const UNUSUAL: i64 = 300;
/// Fewer bytes in a column say nothing.
const ROWS: usize = 3;

/// What the texts of one endpoint say, every repetition left out: telemetry is templated, and the same byte
/// at the same place a second time is no second piece of evidence.
pub(super) struct Columns {
    /// Place and byte.
    pub(super) single: Vec<(u32, u8)>,
    /// Place of the first, and both bytes.
    pub(super) pairs: Vec<(u32, u8, u8)>,
}

impl Columns {
    /// Of prepared texts.
    pub(super) fn of(texts: &[Vec<u8>]) -> Self {
        let mut columns = Columns {
            single: Vec::new(),
            pairs: Vec::new(),
        };
        let several = texts.len() > 1;
        let mut seen = HashSet::with_hasher(FixedState::default());
        let mut seen_pairs = HashSet::with_hasher(FixedState::default());
        let each = LOOKED_AT / texts.len().max(1);
        for text in texts {
            let text = text.get(..each.max(64)).unwrap_or(text);
            for (at, &byte) in (0u32..).zip(text) {
                if !several || seen.insert((at, byte)) {
                    columns.single.push((at, byte));
                }
            }
            for (at, pair) in (0u32..).zip(text.windows(2)) {
                if let &[a, b] = pair
                    && (!several || seen_pairs.insert((at, a, b)))
                {
                    columns.pairs.push((at, a, b));
                }
            }
        }
        columns
    }

    /// Longest key about which so many bytes can say anything.
    pub(super) fn longest_key(&self) -> usize {
        (self.single.len() / ROWS).min(LONGEST_KEY)
    }

    /// Lengths of key, likeliest first, by how often bytes of a column are equal.
    pub(super) fn lengths(&self) -> Vec<usize> {
        let mut scored: Vec<(i64, usize)> = (1..=self.longest_key())
            .map(|length| (self.coincidences(length), length))
            .filter(|(score, _)| *score >= UNUSUAL)
            .collect();
        scored.sort_unstable_by_key(|&(score, length)| (-score, length));
        scored.truncate(CLOSER);
        scored.into_iter().map(|(_, length)| length).collect()
    }

    /// How far equal bytes in columns exceed chance, in hundredths of a standard deviation.
    fn coincidences(&self, length: usize) -> i64 {
        let mut counts = vec![[0u16; 256]; length];
        let mut rows = vec![0u32; length];
        let (mut equal, mut all) = (0u64, 0u64);
        let mut column = 0;
        let mut last = 0;
        for &(at, byte) in self.single.iter().take(COMPARED) {
            // Places come in order within a text: no division is needed.
            column = if at == last + 1 {
                let next = column + 1;
                if next == length { 0 } else { next }
            } else {
                at as usize % length
            };
            last = at;
            let (Some(counts), Some(rows)) = (counts.get_mut(column), rows.get_mut(column)) else {
                continue;
            };
            let count = &mut counts[usize::from(byte)];
            equal += u64::from(*count);
            all += u64::from(*rows);
            *count = count.saturating_add(1);
            *rows += 1;
        }
        let expected = all as f64 / 256.0 + 0.1;
        ((equal as f64 - expected) / expected.sqrt() * 100.0) as i64
    }

    /// Costs of every byte of the key in every column, by single bytes.
    pub(super) fn costs(&self, cipher: Cipher, length: usize) -> Vec<[i32; 256]> {
        let table = cipher.table();
        let mut costs = vec![[0i32; 256]; length];
        for &(at, byte) in &self.single {
            let row = usize::from(byte) << 8;
            if let (Some(sums), Some(row)) = (
                costs.get_mut(at as usize % length),
                table.get(row..row + 256),
            ) {
                for (sum, &cost) in sums.iter_mut().zip(row) {
                    *sum += i32::from(cost);
                }
            }
        }
        costs
    }

    /// Evidence by single bytes for the best key of this length, with the key paid for, in tenths of a bit.
    pub(super) fn evidence(&self, costs: &[[i32; 256]]) -> i64 {
        let least: i64 = costs
            .iter()
            .map(|column| i64::from(column.iter().copied().min().unwrap_or(0)))
            .sum();
        80 * (self.single.len() as i64 - costs.len() as i64) - least
    }

    /// Cost of the pairs whose first byte is in each column, for each two candidates of that column and the next.
    pub(super) fn pair_costs(&self, cipher: Cipher, candidates: &[Vec<u8>]) -> Vec<Vec<i32>> {
        let length = candidates.len();
        let model = model();
        let mut costs: Vec<Vec<i32>> = (0..length)
            .map(|column| {
                let next = candidates.get((column + 1) % length).map_or(0, Vec::len);
                vec![0; candidates.get(column).map_or(0, Vec::len) * next]
            })
            .collect();
        for &(at, a, b) in &self.pairs {
            let column = at as usize % length;
            let (Some(first), Some(second), Some(sums)) = (
                candidates.get(column),
                candidates.get((column + 1) % length),
                costs.get_mut(column),
            ) else {
                continue;
            };
            for (&one, sums) in first.iter().zip(sums.chunks_exact_mut(second.len().max(1))) {
                let row = model.row(cipher.plain(a, one));
                for (&two, sum) in second.iter().zip(sums) {
                    *sum += i32::from(row[usize::from(cipher.plain(b, two))]);
                }
            }
        }
        costs
    }
}

/// The likeliest bytes of the key in a column, by the costs of single bytes, cheapest first.
pub(super) fn likeliest(costs: &[i32; 256], most: usize) -> Vec<u8> {
    let mut keys: Vec<u8> = (0..=u8::MAX).collect();
    let cost = |key: &u8| (costs[usize::from(*key)], *key);
    if most < keys.len() {
        keys.select_nth_unstable_by_key(most, cost);
        keys.truncate(most);
    }
    keys.sort_unstable_by_key(cost);
    keys
}
