//! The best key of a length: candidates for each byte, and the cheapest closed chain through them.

use super::cipher::Cipher;
use super::columns::{Columns, likeliest};

/// Candidates of each byte of the key.
const CANDIDATES: usize = 16;

/// A byte of a key that is known, or not.
pub(super) type Known = Option<u8>;

/// Candidates of each byte, cheapest first.
fn candidates(costs: &[[i32; 256]], known: &[Known]) -> Vec<Vec<u8>> {
    costs
        .iter()
        .enumerate()
        .map(|(column, costs)| match known.get(column) {
            Some(&Some(key)) => vec![key],
            _ => likeliest(costs, CANDIDATES),
        })
        .collect()
}

/// The cheapest key by pairs of neighbouring bytes: exact over the candidates (Viterbi's algorithm, once for
/// each candidate of the first byte because the chain closes). Returns the evidence by pairs with the key paid
/// for (tenths of a bit), the key, and the candidates of each of its bytes.
pub(super) fn best_key(
    columns: &Columns,
    cipher: Cipher,
    costs: &[[i32; 256]],
    known: &[Known],
) -> (i64, Vec<u8>, Vec<Vec<u8>>) {
    let candidates = candidates(costs, known);
    let pairs = columns.pair_costs(cipher, &candidates);
    let Some(first) = candidates.first() else {
        return (i64::MIN, Vec::new(), candidates);
    };
    let mut best: Option<(i32, Vec<usize>)> = None;
    for start in 0..first.len() {
        let mut sums = vec![i32::MAX / 2; first.len()];
        if let Some(sum) = sums.get_mut(start) {
            *sum = 0;
        }
        let mut from: Vec<Vec<u8>> = Vec::with_capacity(candidates.len());
        for (column, pairs) in pairs.iter().enumerate() {
            let size = candidates
                .get((column + 1) % candidates.len())
                .map_or(0, Vec::len);
            let mut next = vec![i32::MAX; size];
            let mut back = vec![0u8; size];
            for ((index, &sum), row) in (0u8..).zip(&sums).zip(pairs.chunks_exact(size.max(1))) {
                for ((next, back), &cost) in next.iter_mut().zip(&mut back).zip(row) {
                    let cost = sum.saturating_add(cost);
                    if cost < *next {
                        *next = cost;
                        *back = index;
                    }
                }
            }
            sums = next;
            from.push(back);
        }
        let Some(&total) = sums.get(start) else {
            continue;
        };
        if best.as_ref().is_none_or(|(least, _)| total < *least) {
            let mut path = vec![start; candidates.len()];
            let mut at = start;
            for (column, back) in from.iter().enumerate().rev() {
                at = back.get(at).map_or(0, |&index| usize::from(index));
                if let Some(place) = path.get_mut(column) {
                    *place = at;
                }
            }
            best = Some((total, path));
        }
    }
    let (total, path) = best.unwrap_or((i32::MAX, Vec::new()));
    let evidence = 80 * (columns.pairs.len() as i64 - costs.len() as i64) - i64::from(total);
    let key = path
        .iter()
        .zip(&candidates)
        .filter_map(|(&index, keys)| keys.get(index).copied())
        .collect();
    (evidence, key, candidates)
}
