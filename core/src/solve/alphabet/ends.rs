//! Where runs of the search ended.

use super::place::Mapping;

/// Two runs whose ends differ by less than this, in tenths of a bit, have found the same.
const SAME: i64 = 50;

/// What runs of the search ended with.
#[derive(Default)]
pub(super) struct Found {
    /// What each costs word by word, and the mapping; only those under which every text has a structure.
    pub(super) ends: Vec<(i64, i64, Mapping)>,
    /// What each costs by the n-grams.
    pub(super) totals: Vec<i64>,
}

impl Found {
    pub(super) fn add(&mut self, price: Option<i64>, total: i64, mapping: &Mapping) {
        self.totals.push(total);
        if let Some(price) = price {
            self.ends.push((price, total, mapping.clone()));
            self.ends.sort_by_key(|(price, ..)| *price);
        }
    }

    /// True when two runs ended in what is as good as the best by the n-grams: they do not tell numbers apart.
    pub(super) fn confirmed(&self) -> bool {
        let Some(best) = self.ends.iter().map(|(_, total, _)| *total).min() else {
            return false;
        };
        let near = |total: &&i64| (**total - best).abs() < SAME;
        self.totals.iter().filter(near).count() > 1
    }

    /// The mappings, the best one first.
    pub(super) fn mappings(&self) -> Vec<Mapping> {
        self.ends
            .iter()
            .map(|(.., mapping)| mapping.clone())
            .collect()
    }
}
