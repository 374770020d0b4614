//! Random alphabets over telemetry made here.

mod ceiling;
mod measure;

use super::super::samples::{Endpoint, identifier};
use super::*;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn shuffled(random: &mut Random) -> Vec<u8> {
    let mut alphabet = STANDARD.to_vec();
    for index in (1..64).rev() {
        alphabet.swap(index, random.below(index + 1));
    }
    alphabet
}

fn encode(bytes: &[u8], alphabet: &[u8], pad: Option<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let mut word = 0u32;
        for index in 0..3 {
            word = word << 8 | u32::from(chunk.get(index).copied().unwrap_or(0));
        }
        for place in 0..4usize {
            if place <= chunk.len() {
                out.push(alphabet[(word >> (18 - 6 * place) & 63) as usize]);
            } else if let Some(pad) = pad {
                out.push(pad);
            }
        }
    }
    out
}

/// Texts of one endpoint under `alphabet`, with the cribs for them.
fn case(seed: u64, alphabet: &[u8], pad: u8, size: usize) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, Cribs) {
    let mut random = Random::new(seed);
    let known = identifier(&mut random);
    let endpoint = Endpoint::new(&mut random, size);
    let plain: Vec<Vec<u8>> = (0..2)
        .map(|_| endpoint.message(&mut random, &known).text)
        .collect();
    let encoded = plain
        .iter()
        .map(|p| encode(p, alphabet, Some(pad)))
        .collect();
    let mut cribs = Cribs::new();
    assert!(cribs.add(known.as_bytes()));
    (plain, encoded, cribs)
}

fn slices(texts: &[Vec<u8>]) -> Vec<&[u8]> {
    texts.iter().map(Vec::as_slice).collect()
}

#[test]
fn alphabets_without_a_secret_need_nothing_known() {
    let mut reversed = STANDARD.to_vec();
    reversed.reverse();
    let mut turned = STANDARD.to_vec();
    turned.rotate_left(13);
    let crypt = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".to_vec();
    for alphabet in [reversed, turned, crypt] {
        for pad in *b"=*" {
            let (plain, encoded, _) = case(3, &alphabet, pad, 120);
            let mut budget = Budget::new(1 << 20);
            let found = solve(&slices(&encoded), &Cribs::new(), &mut budget).unwrap();
            assert_eq!(found.plain, plain);
            assert!(found.proven() >= ACCEPTED);
            for (encoded, plain) in encoded.iter().zip(&plain) {
                assert_eq!(follow(&found.selector, encoded).as_ref(), Some(plain));
            }
        }
    }
}

#[test]
fn the_common_alphabets_are_no_answer() {
    let (_, encoded, cribs) = case(4, STANDARD, b'=', 120);
    let texts = Texts::read(&slices(&encoded), Some(b'=')).unwrap();
    assert!(cheap::solve(&texts, &mut Budget::new(1 << 20)).is_none());
    assert_eq!(cribs.values().count(), 1);
}

#[test]
fn a_known_value_opens_a_shuffled_alphabet() {
    // Without optimisation one takes seconds.
    let (runs, size) = if cfg!(debug_assertions) {
        (1, 160)
    } else {
        (12, 400)
    };
    let mut solved = 0;
    for seed in 0..runs {
        let alphabet = shuffled(&mut Random::new(seed));
        let (plain, encoded, cribs) = case(seed, &alphabet, b'=', size);
        let mut budget = Budget::new(u64::MAX);
        let Some(found) = solve_partly(&slices(&encoded), &cribs, &mut budget) else {
            continue;
        };
        let pairs = || found.plain.iter().flatten().zip(plain.iter().flatten());
        assert!(pairs().all(|(found, right)| found.is_none_or(|found| found == *right)));
        // The selector alone gives the same again, what is open marked.
        for (text, plain) in encoded.iter().zip(&found.plain) {
            let marked: Vec<u8> = plain.iter().map(|b| b.unwrap_or(UNDECIDED)).collect();
            assert_eq!(follow(&found.selector, text), Some(marked));
            let open = plain.iter().any(Option::is_none);
            assert_eq!(evidence_with_gaps(plain).is_some(), open);
        }
        let known = pairs().filter(|(found, _)| found.is_some()).count();
        solved += u64::from(known * 100 >= pairs().count() * 90);
    }
    assert!(solved * 4 >= runs * 3, "{solved} of {runs}");
}

#[test]
fn noise_and_wrong_values_prove_nothing() {
    let mut random = Random::new(9);
    for _ in 0..30 {
        let length = 90 + random.below(300);
        let noise: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
        let text = encode(&noise, STANDARD, Some(b'='));
        let mut cribs = Cribs::new();
        cribs.add(identifier(&mut random).as_bytes());
        cribs.add(identifier(&mut random).as_bytes());
        assert_eq!(
            solve_partly(&[&text], &cribs, &mut Budget::new(1 << 24)),
            None
        );
    }
    for text in ["", "=", "====", "abc", "a b c", "\u{e9}\u{e9}\u{e9}"] {
        let mut cribs = Cribs::new();
        cribs.add(b"0123456789abcdef");
        assert_eq!(
            solve(&[text.as_bytes()], &cribs, &mut Budget::new(1 << 20)),
            None
        );
    }
    assert_eq!(solve(&[], &Cribs::new(), &mut Budget::new(1 << 20)), None);
}

#[test]
fn a_budget_ends_it_and_says_so() {
    let (_, encoded, cribs) = case(1, &shuffled(&mut Random::new(1)), b'=', 300);
    let mut budget = Budget::new(5000);
    assert_eq!(solve(&slices(&encoded), &cribs, &mut budget), None);
    assert!(budget.exhausted());
}

#[test]
fn a_text_with_gaps_is_told_from_noise() {
    assert!(is_text_with_gaps(b"5f2\xff8a91-c0\xff7"));
    assert!(!is_text_with_gaps("über".as_bytes()));
    assert!(is_text_with_gaps(&["für".as_bytes(), b"\xff"].concat()));
    assert!(!is_text_with_gaps(b"no gap"));
    assert!(!is_text_with_gaps(b"\xff\x01\x93\xf7"));
    let mut random = Random::new(5);
    let noise: Vec<Option<u8>> = (0..200)
        .map(|at| (at % 7 > 0).then(|| random.bits() as u8))
        .collect();
    assert_eq!(evidence_with_gaps(&noise), None);
}

#[test]
fn follows_only_what_is_an_alphabet() {
    let standard = String::from_utf8(STANDARD.to_vec()).unwrap();
    let selector = format!("base64-custom:{standard}");
    assert_eq!(
        follow(&selector, b"aGVsbG8=").as_deref(),
        Some(&b"hello"[..])
    );
    assert_eq!(
        follow(&format!("{selector},pad=*"), b"aGVsbG8*").as_deref(),
        Some(&b"hello"[..])
    );
    assert_eq!(follow(&selector, b"aGVs\xff"), None);
    for wrong in ["", "base64-custom:", "base64-custom:abc", "xor:key=00"] {
        assert_eq!(follow(wrong, b"aGVsbG8="), None);
    }
    assert_eq!(follow(&format!("{selector},pad="), b"aGVsbG8="), None);
}
