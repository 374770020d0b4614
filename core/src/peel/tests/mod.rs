//! Tests of the whole search: vectors, stacks of layers, noise, limits.

mod alike;
mod binary;
mod bombs;
mod encode;
mod encode_binary;
mod encode_compressed;
mod encode_text;
mod endpoints;
mod framed;
mod inverses;
mod limits;
mod noise;
mod protobuf;
mod rare;
mod stacks;
mod text_layers;
mod text_noise;
mod vectors;

use super::{LeafSink, OwnedStep, Part, Peeler, Step, chain_text, replay};
use crate::model::{LimitHit, Limits, Problem};

/// One leaf as the sink saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Leaf {
    chain: String,
    steps: Vec<OwnedStep>,
    name: Option<String>,
    value: Vec<u8>,
}

/// Keeps everything.
#[derive(Default)]
struct Keep {
    leaves: Vec<Leaf>,
    limits: Vec<LimitHit>,
    problems: Vec<Problem>,
}

impl LeafSink for Keep {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        self.leaves.push(Leaf {
            chain: chain_text(part, steps),
            steps: steps.iter().map(|&step| step.into()).collect(),
            name: name.map(str::to_owned),
            value: value.to_vec(),
        });
    }

    fn limit(&mut self, hit: LimitHit) {
        self.limits.push(hit);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

impl Keep {
    /// `chain = value` of every leaf.
    fn shown(&self) -> Vec<String> {
        self.leaves
            .iter()
            .map(|leaf| format!("{} = {}", leaf.chain, String::from_utf8_lossy(&leaf.value)))
            .collect()
    }

    /// The value of the leaf with this chain.
    fn value(&self, chain: &str) -> Option<&[u8]> {
        self.leaves
            .iter()
            .find(|leaf| leaf.chain == chain)
            .map(|leaf| leaf.value.as_slice())
    }

    fn has_value(&self, value: &[u8]) -> bool {
        self.leaves.iter().any(|leaf| leaf.value == value)
    }
}

/// Peel a part, twice with the same peeler, and replay every leaf.
fn peel_part(part: &Part<'_>, limits: &Limits) -> Keep {
    let mut peeler = Peeler::new(limits.clone());
    let (mut first, mut second) = (Keep::default(), Keep::default());
    peeler.peel(part, &mut first);
    peeler.peel(part, &mut second);
    assert_eq!(first.leaves, second.leaves, "the same answer on every run");
    for leaf in &first.leaves {
        let trail = replay(&part.bytes, &leaf.steps, limits)
            .unwrap_or_else(|error| panic!("{} does not replay: {error}", leaf.chain));
        assert_eq!(
            trail.last().map_or(part.bytes.as_ref(), Vec::as_slice),
            leaf.value,
            "{}",
            leaf.chain
        );
    }
    first
}

fn peel_named(name: &str, bytes: &[u8]) -> Keep {
    peel_part(&Part::new(name, bytes), &Limits::default())
}

fn peel(bytes: &[u8]) -> Keep {
    peel_named("body", bytes)
}
