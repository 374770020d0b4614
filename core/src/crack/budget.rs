//! How much work one value may cost.

/// A limit that was met, by name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// What ended: the name of the family of ciphers whose keys were not all tried.
    pub what: &'static str,
    /// The work allowed, in nanoseconds of a typical core.
    pub limit: u64,
}

/// Work that is left. It is counted, not measured: every trial has a fixed price, so the answer is the same
/// on a slow machine.
#[derive(Clone, Debug)]
pub struct Budget {
    most: u64,
    spent: u64,
    met: Vec<Met>,
}

/// Work for one value: 40 ms.
const VALUE: u64 = 40_000_000;
/// Names of limits that are kept.
const MET: usize = 32;

impl Default for Budget {
    fn default() -> Self {
        Budget::new(VALUE)
    }
}

impl Budget {
    /// A budget of so many nanoseconds of a typical core of 2020.
    pub fn new(nanoseconds: u64) -> Self {
        Budget {
            most: nanoseconds,
            spent: 0,
            met: Vec::new(),
        }
    }

    /// Begin another value: nothing is spent, nothing was met.
    pub fn begin(&mut self) {
        self.spent = 0;
        self.met.clear();
    }

    /// Work done so far, in nanoseconds of a typical core.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// The limits that were met since [`Budget::begin`], in the order in which they were.
    pub fn met(&self) -> &[Met] {
        &self.met
    }

    /// Spend if there is enough; otherwise note who had to stop.
    pub(crate) fn spend(&mut self, nanoseconds: u64, what: &'static str) -> bool {
        let after = self.spent.saturating_add(nanoseconds);
        if after <= self.most {
            self.spent = after;
            return true;
        }
        self.meet(what);
        false
    }

    /// Note that something was not tried in full.
    pub(crate) fn meet(&mut self, what: &'static str) {
        let limit = self.most;
        if self.met.len() < MET && !self.met.iter().any(|met| met.what == what) {
            self.met.push(Met { what, limit });
        }
    }
}
