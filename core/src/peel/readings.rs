//! Several readings of an ambiguous value, side by side.
//!
//! The search follows the first layer that proves itself. A value on which another layer proves itself too is
//! ambiguous; who looks at single values gets that reading as well, with what speaks for each.

use super::chain::Step;
use super::judge;
use super::layer::{Context, Hint, Opened, Standing};
use super::peeler::Peeler;
use super::search;
use super::sink::LeafSink;
use crate::model::{LimitHit, Problem};
use crate::peel::OwnedStep;

/// Leaves of a reading that are kept; a longer one is told by its beginning.
const MOST_LEAVES: usize = 64;

/// A leaf in a reading that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingLeaf {
    /// All steps that lead to it, outermost first.
    pub steps: Vec<OwnedStep>,
    /// Name of the innermost field, in lower case.
    pub name: Option<String>,
    /// Its bytes.
    pub value: Vec<u8>,
}

/// One way to read a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The layer that is taken off.
    pub layer: &'static str,
    /// What speaks for it, in tenths of a bit.
    pub evidence: i64,
    /// What is inside, of a reading that is not followed; at most its first 64 leaves.
    pub leaves: Vec<ReadingLeaf>,
}

impl Peeler {
    /// Tell the readings of a value that is read as `taken`, if there are others.
    pub(super) fn tell_readings(&mut self, taken: &Opened, bytes: &[u8], sink: &mut dyn LeafSink) {
        let context = Context {
            standing: Standing::Encoded,
            ..self.context(Hint::None)
        };
        if context.depth_left == 0 {
            return;
        }
        // What other readings cost is not charged to the one that is followed.
        let (spent, leaves) = (self.bench.spent, self.leaves);
        let others = search::others(bytes, context, &mut self.bench, taken.layer());
        if others.is_empty() {
            return;
        }
        let mut readings = vec![Reading {
            layer: taken.layer(),
            evidence: judge::reading(taken, bytes),
            leaves: Vec::new(),
        }];
        for other in others {
            let (layer, evidence) = (other.layer(), judge::reading(&other, bytes));
            let mut inside = Inside(Vec::new());
            self.leaves = 0;
            self.emit(other, bytes, &mut inside);
            readings.push(Reading {
                layer,
                evidence,
                leaves: inside.0,
            });
        }
        (self.bench.spent, self.leaves) = (spent, leaves);
        if let [_, others @ ..] = &mut readings[..] {
            others.sort_by_key(|reading| -reading.evidence);
        }
        self.chain
            .with(|part, steps, _| sink.readings(part, steps, readings));
    }
}

/// Takes the leaves of a reading.
struct Inside(Vec<ReadingLeaf>);

impl LeafSink for Inside {
    fn leaf(&mut self, _part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        if self.0.len() < MOST_LEAVES {
            self.0.push(ReadingLeaf {
                steps: steps.iter().map(|&step| step.into()).collect(),
                name: name.map(str::to_owned),
                value: value.to_vec(),
            });
        }
    }

    fn limit(&mut self, _hit: LimitHit) {}

    fn problem(&mut self, _problem: Problem) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Limits;
    use crate::peel::{Part, replay};

    #[derive(Default)]
    struct Told {
        leaves: Vec<Vec<u8>>,
        readings: Vec<(usize, Vec<Reading>)>,
    }

    impl LeafSink for Told {
        fn leaf(&mut self, _: &str, _: &[Step<'_>], _: Option<&str>, value: &[u8]) {
            self.leaves.push(value.to_vec());
        }
        fn limit(&mut self, _: LimitHit) {}
        fn problem(&mut self, _: Problem) {}
        fn wants_readings(&self) -> bool {
            true
        }
        fn readings(&mut self, _: &str, steps: &[Step<'_>], readings: Vec<Reading>) {
            self.readings.push((steps.len(), readings));
        }
    }

    fn told(bytes: &[u8]) -> Told {
        let mut told = Told::default();
        Peeler::new(Limits::default()).peel(&Part::new("body", bytes), &mut told);
        told
    }

    #[test]
    fn a_value_that_two_layers_prove_is_told_with_both() {
        // A form is a percent-encoded text too.
        let bytes = b"a=hello%20world&b=x%2Fy";
        let told = told(bytes);
        let (depth, readings) = &told.readings[0];
        assert_eq!(*depth, 0);
        assert!(readings.len() >= 2, "{readings:?}");
        let other = &readings[1];
        assert_ne!(other.layer, readings[0].layer);
        for leaf in &other.leaves {
            let trail = replay(bytes, &leaf.steps, &Limits::default()).unwrap();
            assert_eq!(trail.last().unwrap(), &leaf.value);
        }
    }

    #[test]
    fn other_readings_change_nothing_of_the_one_that_is_followed() {
        let bytes =
            br#"{"a":"aHR0cHM6Ly9leGFtcGxlLm9yZy9hP2I9Yw==","b":"x=1&y=%7B%22k%22%3A%22v%22%7D"}"#;
        let mut plain = Told::default();
        struct Plain<'a>(&'a mut Told);
        impl LeafSink for Plain<'_> {
            fn leaf(&mut self, _: &str, _: &[Step<'_>], _: Option<&str>, value: &[u8]) {
                self.0.leaves.push(value.to_vec());
            }
            fn limit(&mut self, _: LimitHit) {}
            fn problem(&mut self, _: Problem) {}
        }
        Peeler::new(Limits::default()).peel(&Part::new("body", bytes), &mut Plain(&mut plain));
        assert_eq!(plain.leaves, told(bytes).leaves);
        assert!(plain.leaves.len() >= 4);
    }

    #[test]
    fn a_plain_value_has_no_other_reading() {
        assert!(told(br#"{"imei":"869836900602677"}"#).readings.is_empty());
        assert!(told(b"just a sentence").readings.is_empty());
    }
}
