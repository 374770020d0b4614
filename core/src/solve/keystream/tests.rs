//! Messages under one keystream, and messages that are not.

use super::super::random::Random;
use super::super::samples::telemetry;
use super::*;

fn messages(
    random: &mut Random,
    count: usize,
    fresh: bool,
) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, String) {
    let fixed: Vec<u8> = (0..1024).map(|_| random.bits() as u8).collect();
    let template = random.clone();
    let mut first = String::new();
    let plain: Vec<Vec<u8>> = (0..count)
        .map(|_| {
            let other: String = (0..16)
                .map(|_| char::from(*random.pick(b"0123456789abcdef").unwrap()))
                .collect();
            first.clone_from(&other);
            let mut text = telemetry(&mut template.clone(), "0000000000000000", 200);
            for byte in &mut text {
                if byte.is_ascii_digit() && *byte != b'0' && random.below(2) == 0 {
                    *byte = b'1' + random.below(9) as u8;
                }
            }
            let text = String::from_utf8(text).unwrap();
            text.replace("0000000000000000", &other).into_bytes()
        })
        .collect();
    let hidden = plain
        .iter()
        .map(|plain| {
            plain
                .iter()
                .zip(&fixed)
                .map(|(a, b)| a ^ if fresh { random.bits() as u8 } else { *b })
                .collect()
        })
        .collect();
    (plain, hidden, first)
}

fn slices(messages: &[Vec<u8>]) -> Vec<&[u8]> {
    messages.iter().map(Vec::as_slice).collect()
}

#[test]
fn recognises_a_keystream_used_again() {
    for seed in 0..20 {
        let (_, hidden, _) = messages(&mut Random::new(seed), 3, false);
        let found = recognise(&slices(&hidden), &mut Budget::new(1 << 20)).unwrap();
        assert!(found.evidence > 300 && found.messages == 3, "{found:?}");
    }
}

#[test]
fn does_not_see_it_elsewhere() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let (plain, hidden, _) = messages(&mut random, 4, true);
        assert_eq!(recognise(&slices(&hidden), &mut Budget::new(1 << 20)), None);
        // Plain messages share much and are no ciphertext.
        assert_eq!(recognise(&slices(&plain), &mut Budget::new(1 << 20)), None);
        // A fixed header, then blocks, some of them equal (ECB).
        let header: Vec<u8> = (0..13).map(|_| random.bits() as u8).collect();
        let blocks: Vec<Vec<u8>> = (0..6)
            .map(|_| (0..16).map(|_| random.bits() as u8).collect())
            .collect();
        let ecb: Vec<Vec<u8>> = (0..4)
            .map(|_| {
                let mut message = Vec::new();
                for _ in 0..12 {
                    message.extend_from_slice(&blocks[random.below(6)]);
                }
                message
            })
            .collect();
        assert_eq!(recognise(&slices(&ecb), &mut Budget::new(1 << 20)), None);
        let headed: Vec<Vec<u8>> = (0..4)
            .map(|_| {
                let mut message = header.clone();
                message.extend((0..100).map(|_| random.bits() as u8));
                message
            })
            .collect();
        assert_eq!(recognise(&slices(&headed), &mut Budget::new(1 << 20)), None);
    }
}

#[test]
fn a_known_value_proves_its_places_only() {
    let mut proven = 0;
    for seed in 0..20 {
        let (plain, hidden, known) = messages(&mut Random::new(seed), 12, false);
        let mut cribs = Cribs::new();
        cribs.add(known.as_bytes());
        for place in places(&slices(&hidden), &cribs, &mut Budget::new(1 << 24)) {
            let right = &plain[place.message][place.offset..place.offset + place.plain.len()];
            assert_eq!(place.plain, right);
            proven += 1;
        }
        let mut wrong = Cribs::new();
        wrong.add(b"0123456789abcdef");
        assert!(places(&slices(&hidden), &wrong, &mut Budget::new(1 << 24)).is_empty());
    }
    assert!(proven > 100, "{proven}");
}

#[test]
fn takes_anything() {
    assert_eq!(recognise(&[], &mut Budget::new(1)), None);
    assert_eq!(recognise(&[b"", b"a"], &mut Budget::new(1 << 20)), None);
    assert!(places(&[b"short"], &Cribs::new(), &mut Budget::new(1)).is_empty());
}

#[test]
#[ignore = "measurement, by hand in release"]
fn many_streams() {
    let runs: usize = std::env::var("RUNS").map_or(20_000, |text| text.parse().unwrap());
    for (count, least) in [(2, 0), (4, 0), (8, 0), (32, 0)] {
        let (mut hits, mut alarms) = (0, 0);
        let mut random = Random::new(99 + count as u64);
        for run in 0..runs {
            let budget = || Budget::new(1 << 22);
            // Independent streams, as many as there is time for; streams used again, one in twenty.
            let noise: Vec<Vec<u8>> = (0..count)
                .map(|_| {
                    let length = 48 + least + random.below(400);
                    (0..length).map(|_| random.bits() as u8).collect()
                })
                .collect();
            alarms += usize::from(recognise(&slices(&noise), &mut budget()).is_some());
            if run % 20 == 0 {
                let (_, hidden, _) = messages(&mut Random::new(run as u64), count, false);
                hits += usize::from(recognise(&slices(&hidden), &mut budget()).is_some());
            }
        }
        eprintln!(
            "{count} messages: {alarms} of {runs} independent, {hits} of {} of one stream",
            runs.div_ceil(20)
        );
    }
}
