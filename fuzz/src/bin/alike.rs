//! Two JSON texts that are alike, one after the other: the second gives what it gives by itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::model::{LimitHit, Limits, Problem};
use waakzaam_core::peel::{LeafSink, Part, Peeler, Step, chain_text};

/// All that is told of a text.
#[derive(Debug, Default, PartialEq)]
struct Told(
    Vec<(String, Option<String>, Vec<u8>)>,
    Vec<LimitHit>,
    Vec<String>,
);

impl LeafSink for Told {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let name = name.map(str::to_owned);
        self.0.push((chain_text(part, steps), name, value.to_vec()));
    }

    fn limit(&mut self, hit: LimitHit) {
        self.1.push(hit);
    }

    fn problem(&mut self, problem: Problem) {
        self.2.push(problem.text);
    }
}

fn told(peeler: &mut Peeler, text: &[u8]) -> Told {
    let mut told = Told::default();
    peeler.peel(&Part::new("body", text), &mut told);
    told
}

// Where the texts differ: place, bytes taken away, bytes put in; then how many leaves are allowed; then the text.
fuzz_target!(|input: &[u8]| {
    let Some((&[high, low, away, new, most], text)) = input.split_first_chunk() else {
        return;
    };
    let start = (usize::from(high) << 8 | usize::from(low)).min(text.len());
    let end = (start + usize::from(away)).min(text.len());
    let put_in = &text[..usize::from(new).min(text.len())];
    let changed = [&text[..start], put_in, &text[end..]].concat();
    let limits = Limits {
        leaves: if most < 128 {
            u32::from(most) * 8 + 1
        } else {
            Limits::default().leaves
        },
        ..Limits::default()
    };
    let mut peeler = Peeler::new(limits.clone());
    for text in [text, &changed, text] {
        assert_eq!(
            told(&mut peeler, text),
            told(&mut Peeler::new(limits.clone()), text)
        );
    }
});
