//! Texts that may share a repeating key of XOR, and values that are expected inside: the budget holds, what is solved comes
//! out again when its selector is followed, and the same input gives the same answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::solve::{follow, xor};
use waakzaam_fuzz::solver::{Texts, budget};

/// A part of what the program allows, so that a processor sees more inputs.
const STEPS: u64 = 400_000;

fuzz_target!(|input: &[u8]| {
    let texts = Texts::of(input);
    let all = texts.all();
    let mut first = budget(STEPS);
    let solved = xor::solve(&all, &texts.cribs, &mut first);
    assert!(first.spent() <= STEPS, "the budget does not hold");
    if let Some(solved) = solved {
        for (text, plain) in all.iter().zip(&solved.plain) {
            assert!(
                follow(&solved.selector, text).as_ref() == Some(plain),
                "{} leads elsewhere",
                solved.selector
            );
        }
        let mut second = budget(STEPS);
        assert!(
            xor::solve(&all, &texts.cribs, &mut second)
                .is_some_and(|again| again.selector == solved.selector),
            "not the same twice"
        );
    }
});
