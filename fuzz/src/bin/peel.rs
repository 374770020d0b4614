//! All layers, and the way back: what a leaf says of its chain leads to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::model::{LimitHit, Limits, Problem};
use waakzaam_core::peel::{LeafSink, OwnedStep, Part, Peeler, Step, replay};

/// Leaves whose chain is followed again.
const FOLLOWED: usize = 50;
const KINDS: [(&str, Option<&str>, Option<&str>); 8] = [
    ("body", None, None),
    ("body", Some("application/x-www-form-urlencoded"), None),
    ("body", Some("application/json"), None),
    ("body", Some("multipart/form-data; boundary=b"), None),
    ("body", Some("text/event-stream"), Some("gzip, br")),
    ("body", Some("application/grpc"), Some("zstd")),
    ("query", None, None),
    ("header:Cookie", None, None),
];

#[derive(Default)]
struct Leaves(Vec<(Vec<OwnedStep>, Vec<u8>)>);

impl LeafSink for Leaves {
    fn leaf(&mut self, _part: &str, steps: &[Step<'_>], _name: Option<&str>, value: &[u8]) {
        if self.0.len() < FOLLOWED {
            self.0.push((
                steps.iter().map(|step| OwnedStep::from(*step)).collect(),
                value.to_vec(),
            ));
        }
    }

    fn limit(&mut self, _hit: LimitHit) {}

    fn problem(&mut self, _problem: Problem) {}
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, bytes)) = input.split_first() else {
        return;
    };
    let (name, kind, coding) = KINDS[usize::from(first) % KINDS.len()];
    let mut part = Part::new(name, bytes);
    part.content_type = kind.map(Into::into);
    part.content_encoding = coding.map(Into::into);
    let mut leaves = Leaves::default();
    Peeler::new(Limits::default()).peel(&part, &mut leaves);
    for (steps, value) in &leaves.0 {
        let again = replay(bytes, steps, &Limits::default())
            .unwrap_or_else(|error| panic!("{steps:?} cannot be followed: {error}"));
        assert!(
            again.last().map_or(bytes, Vec::as_slice) == value,
            "{steps:?} leads elsewhere"
        );
    }
});
