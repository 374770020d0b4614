//! Closed values of several fields of one audit, together: values that share a key or a keystream, keys and values of
//! the device beside them. What is opened comes out again when its chain is followed, no value is told both opened and
//! closed, the same case gives the same answer, and without work nothing is opened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::model::Limits;
use waakzaam_core::unlock::stage::{Sink, Target, Weakness, run};
use waakzaam_core::unlock::{Format, Opened, replay};
use waakzaam_fuzz::closed::case;

/// Work for all values, in nanoseconds of a typical core; one value more may be begun when it is spent.
const WORK: u64 = 20_000_000;

/// What was told, in order.
#[derive(Default, PartialEq)]
struct Told {
    lines: Vec<String>,
    ended: Vec<i64>,
}

impl Sink for Told {
    fn opened(&mut self, target: &Target, opened: &Opened) {
        self.ended.push(target.id);
        for leaf in opened.leaves.iter().take(20) {
            let again = replay(&target.bytes, &leaf.steps, &Limits::default())
                .unwrap_or_else(|error| panic!("{:?} cannot be followed: {error}", leaf.steps));
            assert!(
                again.last().map_or(&target.bytes, |last| last) == &leaf.value,
                "{:?} leads elsewhere",
                leaf.steps
            );
            assert!(!leaf.proofs.is_empty(), "opened by nothing");
        }
        self.lines.push(format!("{} {opened:?}", target.id));
    }

    fn shut(&mut self, target: &Target) {
        self.ended.push(target.id);
    }

    fn format(&mut self, target: &Target, format: &Format) {
        self.lines.push(format!("{} {}", target.id, format.id));
    }

    fn weakness(&mut self, targets: &[i64], digits: &'static str, weakness: &Weakness) {
        assert!(!targets.is_empty(), "a weakness of nothing");
        self.lines
            .push(format!("{targets:?} {digits} {weakness:?}"));
    }

    fn limit(&mut self, what: &str, limit: u64, target: i64, times: u64) {
        assert!(times > 0);
        self.lines.push(format!("{what} {limit} {target} {times}"));
    }

    fn problem(&mut self, target: i64, text: &str) {
        self.lines.push(format!("{target} {text}"));
    }
}

fuzz_target!(|input: &[u8]| {
    let case = case(input);
    let mut first = Told::default();
    run(&case, WORK, &mut first);
    let mut ended = first.ended.clone();
    ended.sort_unstable();
    ended.dedup();
    assert!(ended.len() == first.ended.len(), "a value ended twice");
    let mut second = Told::default();
    run(&case, WORK, &mut second);
    assert!(first == second, "not the same twice");
    let mut nothing = Told::default();
    run(&case, 0, &mut nothing);
    assert!(
        nothing.lines.iter().all(|line| !line.contains("Opened")),
        "work that there is not"
    );
});
