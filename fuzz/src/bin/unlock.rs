//! Values with candidates for keys: nothing may break or run away, what is opened must come out again when its
//! steps are followed, and the same input must give the same answer.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use waakzaam_core::crack::{Budget, Extra, Keys, follow, open};
use waakzaam_core::model::Limits;
use waakzaam_core::peel::{Judge, OwnedStep};
use waakzaam_core::unlock::{Around, Unlocker, replay};

/// Work for one value, in nanoseconds of a typical core: a tenth of what the program gives it, so that a processor
/// sees more inputs.
const WORK: u64 = 4_000_000;

thread_local! {
    // Its models are made once.
    static JUDGE: RefCell<Judge> = RefCell::new(Judge::new(Limits::default()));
}

fn label(place: usize) -> &'static str {
    [
        "key", "iv", "secret", "device", "time", "token", "salt", "id",
    ][place % 8]
}

fuzz_target!(|input: &[u8]| {
    let Some((&mode, rest)) = input.split_first() else {
        return;
    };
    // Up to seven candidates before the value, each behind its length.
    let mut rest = rest;
    let mut candidates: Vec<(&str, &[u8])> = Vec::new();
    for place in 0..usize::from(mode & 7) {
        let Some((&length, after)) = rest.split_first() else {
            break;
        };
        let Some((candidate, after)) = after.split_at_checked(usize::from(length & 63)) else {
            break;
        };
        candidates.push((label(place), candidate));
        rest = after;
    }
    let value = rest;
    // Seldom: it makes its models anew.
    if mode & 0x88 == 0x88 {
        let owned: Vec<(String, Vec<u8>)> = candidates
            .iter()
            .map(|(label, bytes)| ((*label).to_owned(), bytes.to_vec()))
            .collect();
        let (keys, known) = owned.split_at(owned.len() / 2);
        let mut unlocker = Unlocker::new(keys.to_vec(), known, Limits::default());
        let around = Around {
            field: Some("field"),
            name: "data",
            siblings: &candidates,
            ..Around::default()
        };
        let first = unlocker.unlock(value, &around);
        // What opened a value opens it again, and nothing else does.
        let second = unlocker.unlock(value, &around);
        let opened = |outcome: &waakzaam_core::unlock::Outcome| {
            outcome
                .unlocked
                .as_ref()
                .map(|unlocked| unlocked.steps.clone())
        };
        if first.unlocked.is_some() {
            assert!(opened(&first) == opened(&second), "not the same twice");
        }
        if let Some(unlocked) = first.unlocked {
            for leaf in unlocked.leaves.iter().take(20) {
                let again = replay(value, &leaf.steps, &Limits::default())
                    .unwrap_or_else(|error| panic!("{:?} cannot be followed: {error}", leaf.steps));
                assert!(
                    again.last().map_or(value, Vec::as_slice) == leaf.value,
                    "{:?} leads elsewhere",
                    leaf.steps
                );
            }
        }
        return;
    }
    let (beside, keys) = candidates.split_at(usize::from(mode >> 4) % (candidates.len() + 1));
    let keys = Keys::new(keys.iter().copied());
    let extra = Extra {
        ivs: beside,
        siblings: beside,
    };
    JUDGE.with_borrow_mut(|judge| {
        let mut ask = |plain: &[u8]| judge.evidence(plain);
        let mut budget = Budget::new(WORK);
        let found = open(value, &keys, &extra, &mut ask, &mut budget);
        assert!(budget.spent() <= WORK, "the budget does not hold");
        if let Some(found) = found {
            let plain = follow(found.layer, &found.selector, value);
            assert!(
                plain.as_ref() == Some(&found.plain),
                "{}:{} leads elsewhere",
                found.layer,
                found.selector
            );
            let step = OwnedStep {
                layer: found.layer.to_owned(),
                selector: found.selector.clone(),
            };
            let again = replay(value, &[step], &Limits::default());
            assert!(again.is_ok_and(|trail| trail.last() == Some(&found.plain)));
            let mut twice = Budget::new(WORK);
            assert!(
                open(value, &keys, &extra, &mut ask, &mut twice) == Some(found),
                "not the same twice"
            );
        }
    });
});
