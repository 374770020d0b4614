//! Nothing opens that was not enciphered with one of the keys; no input makes it panic.

use proptest::prelude::*;

use super::judge;
use crate::crack::wire::{Surroundings, recognise};
use crate::crack::{Budget, Extra, Keys, follow, layers, open};

/// xorshift64*
fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

#[test]
fn noise_small_numbers_and_constants_stay_shut() {
    let mut state = 1u64;
    let candidates: Vec<Vec<u8>> = (0..12)
        .map(|_| {
            (0..16)
                .map(|_| b'a' + (random(&mut state) >> 32) as u8 % 26)
                .collect()
        })
        .collect();
    let keys = Keys::new(candidates.iter().map(|key| ("", key.as_slice())));
    let mut values: Vec<Vec<u8>> = Vec::new();
    for length in [0usize, 1, 7, 16, 17, 32, 33, 64, 512] {
        values.push(vec![0; length]);
        values.push(vec![b'a'; length]);
        values.push((0..length).map(|at| at as u8 % 26).collect());
        values.push((0..length).map(|at| (at / 9) as u8).collect());
        for _ in 0..6 {
            values.push(
                (0..length)
                    .map(|_| (random(&mut state) >> 32) as u8)
                    .collect(),
            );
            // Small numbers, as of sensors, and random letters.
            values.push(
                (0..length)
                    .map(|_| (random(&mut state) >> 32) as u8 & 0x1f)
                    .collect(),
            );
            values.push(
                (0..length)
                    .map(|_| b' ' + (random(&mut state) >> 32) as u8 % 95)
                    .collect(),
            );
        }
    }
    for value in &values {
        let found = open(
            value,
            &keys,
            &Extra::default(),
            &mut judge,
            &mut Budget::default(),
        );
        assert_eq!(found, None, "{value:?}");
    }
}

#[test]
fn a_spent_budget_is_told() {
    let keys = Keys::new([("", &b"0123456789abcdef"[..])]);
    let mut budget = Budget::new(100);
    let found = open(&[7; 64], &keys, &Extra::default(), &mut judge, &mut budget);
    assert_eq!(found, None);
    assert!(!budget.met().is_empty());
    budget.begin();
    assert!(budget.met().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_selectors_and_values(
        bytes in proptest::collection::vec(any::<u8>(), 0..80),
        selector in "key=[0-9a-f]{0,64}(,iv=(prefix[0-9]{1,3}|[0-9a-f]{0,32}))?(,pad=(none|zero|pkcs7|length))?(,skip=[0-9]{1,3})?",
    ) {
        for layer in layers() {
            let _ = follow(layer, &selector, &bytes);
        }
    }

    #[test]
    fn hostile_messages(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        let fields: [(&str, &[u8]); 3] = [("time", b"99999999999"), ("sid", &value), ("app_id", &value)];
        for path in ["/mistats/v2", "/mistats/v3", "/v1/stat/", "/common/common2"] {
            let around = Surroundings { host: "pinyin.voicecloud.cn", path, headers: &[], fields: &fields };
            let _ = recognise(&around, "", &value);
            let _ = recognise(&around, "p", &value);
        }
        let siblings: [(&str, &[u8]); 1] = [("value", &value)];
        let extra = Extra { ivs: &siblings, siblings: &siblings };
        let _ = open(&value, &Keys::default(), &extra, &mut judge, &mut Budget::default());
    }
}
