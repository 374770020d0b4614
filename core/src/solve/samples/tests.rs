//! The samples are what they are said to be.

use super::super::{language, proof};
use super::*;

#[test]
fn has_a_structure() {
    for seed in 0..800 {
        let mut random = Random::new(seed);
        let known = identifier(&mut random);
        let size = 120 << (seed % 6);
        let sample = Endpoint::new(&mut random, size).message(&mut random, &known);
        assert!(sample.text.len() + 1 >= size);
        assert_eq!(sample.text.len(), sample.kinds.len());
        assert!(
            proof::structure(&sample.text).is_some(),
            "{}",
            String::from_utf8_lossy(&sample.text)
        );
    }
}

#[test]
fn no_name_was_learnt() {
    let learnt = language::names();
    let own = fields();
    let own = own.iter().flat_map(|(names, ..)| names.iter().copied());
    let others = [vocabulary::GROUPS, vocabulary::LISTS, vocabulary::KNOWN];
    let others = others.iter().flat_map(|list| list.split_ascii_whitespace());
    let both: Vec<&str> = own
        .chain(others)
        .filter(|name| learnt.contains(name))
        .collect();
    assert_eq!(both, Vec::<&str>::new());
}

#[test]
fn the_model_knows_the_names_that_it_should_and_no_others() {
    use language::Known;
    let as_known = |name: &str| language::known_name(name.as_bytes());
    let lists = [realistic::GROUPS, realistic::LISTS, realistic::IDS];
    let names = realistic::FIELDS.lines().map(|line| {
        let (names, _) = line.split_once(": ").unwrap();
        names.trim_start_matches('*')
    });
    for names in names.chain(lists) {
        let (known, others) = names.split_once(';').unwrap();
        let split = |names: &'static str| names.split([',', ' ']);
        for name in split(known) {
            assert_eq!(as_known(name), Some(Known::Exactly), "{name}");
        }
        for name in split(others) {
            assert_ne!(as_known(name), Some(Known::Exactly), "{name}");
        }
    }
}

#[test]
fn realistic_messages_have_a_structure() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let known = identifier(&mut random);
        let endpoint = Endpoint::realistic(&mut random, 120 << (seed % 5), &mut Cribs::new());
        let sample = endpoint.message(&mut random, &known);
        assert_eq!(sample.text.len(), sample.kinds.len());
        assert!(
            proof::structure(&sample.text).is_some(),
            "{}",
            String::from_utf8_lossy(&sample.text)
        );
    }
}
