//! Problems and limits of a file, counted so that a thousand equal ones are one row.

use crate::model::{LimitHit, Problem, Sink, Stopped};

/// Where in the file something is: an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Entry number, from 0.
    pub entry: i64,
    /// Byte offset of the entry in the (decompressed) file.
    pub offset: u64,
    /// Bytes of the entry.
    pub length: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "entry {} at byte {}", self.entry, self.offset)
    }
}

/// What was noted so far. The texts are fixed, so there are never more rows than kinds of problems.
#[derive(Default)]
pub(crate) struct Notes {
    problems: Vec<Problem>,
    limits: Vec<LimitHit>,
}

impl Notes {
    /// Count a problem; the place of the first one is kept.
    pub fn problem(&mut self, code: &'static str, text: &str, place: impl std::fmt::Display) {
        match self
            .problems
            .iter_mut()
            .find(|p| p.code == code && p.text == text)
        {
            Some(known) => known.count += 1,
            None => {
                self.problems.push(Problem {
                    code,
                    text: text.to_owned(),
                    place: place.to_string(),
                    count: 1,
                });
            }
        }
    }

    /// Note that a limit was met; the place of the first time is kept.
    pub fn limit(&mut self, what: &'static str, limit: u64, place: impl std::fmt::Display) {
        if !self.limits.iter().any(|l| l.what == what) {
            self.limits.push(LimitHit {
                what,
                limit,
                place: place.to_string(),
            });
        }
    }

    /// Hand everything over.
    pub fn flush(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.problems.drain(..).try_for_each(|p| sink.problem(p))?;
        self.limits.drain(..).try_for_each(|l| sink.limit(l))
    }
}
