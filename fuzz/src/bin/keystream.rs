//! Messages that may share a keystream, and values that are expected inside: the budget holds, what is claimed lies
//! inside the messages, and the same input gives the same answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::crack::facts;
use waakzaam_core::solve::keystream;
use waakzaam_fuzz::solver::{Texts, budget};

const STEPS: u64 = 1_000_000;

fuzz_target!(|input: &[u8]| {
    let texts = Texts::of(input);
    let all = texts.all();
    let mut first = budget(STEPS);
    let recognised = keystream::recognise(&all, &mut first);
    assert!(
        recognised == keystream::recognise(&all, &mut budget(STEPS)),
        "not the same twice"
    );
    let places = keystream::places(&all, &texts.cribs, &mut first);
    assert!(first.spent() <= STEPS, "the budget does not hold");
    for place in places {
        let message = all[place.message];
        assert!(
            place.offset + place.plain.len() <= message.len(),
            "outside of its message"
        );
    }
    // What ciphertexts tell without being opened.
    for value in &all {
        let _ = facts::repeated_blocks(value);
    }
    let _ = facts::equal_first_blocks(&all);
    let _ = facts::equal_at_same_place(&all);
});
