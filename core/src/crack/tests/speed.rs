//! Keys per second, by hand: `cargo test --release -p waakzaam-core speed_of -- --ignored --nocapture`.
//!
//! A key counts as tested when every mode of its cipher was: of AES, ECB and CBC (the last two blocks and the
//! first two, without a vector, with zeros and with the key as vector) and CTR, CFB, CFB8, OFB and GCM (with the
//! key, zeros, or 8, 12 or 16 bytes in front as vector or nonce), with what that leads to for keys that pass by
//! chance. The value is 512 bytes of noise; processor time over all rounds but the first.

use std::time::{Duration, Instant};

use crate::crack::budget::Budget;
use crate::crack::cipher::CIPHERS;
use crate::crack::hunt::{Extra, Hunt, proposed};
use crate::crack::keys::Keys;

/// Processor time of this process: other work on the machine does not count.
fn clock() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let time = text.split(' ').next().and_then(|time| time.parse().ok());
    Duration::from_nanos(time.unwrap_or_default())
}

/// Rounds, of which the first is not counted.
const ROUNDS: u32 = 26;

fn candidates(count: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| {
            let mut key = [0u8; 16];
            for (at, byte) in key.iter_mut().enumerate() {
                *byte = (n
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .rotate_left(at as u32 * 7)
                    >> 24) as u8;
            }
            key.to_vec()
        })
        .collect()
}

fn noise(length: u32) -> Vec<u8> {
    (0..length)
        .map(|n| {
            (n.wrapping_mul(0x9e37_79b9)
                .rotate_left(13)
                .wrapping_mul(0x85eb_ca6b)
                >> 24) as u8
        })
        .collect()
}

/// AES by length of key: so few keys that a round is shorter than what the system gives a process at once, and
/// the best of many rounds, so that other work on the machine does not count.
#[test]
#[ignore = "measures"]
fn speed_of_aes() {
    println!(
        "bytes of a key that is set up: {}, {}, {}",
        size_of::<aes::Aes128>(),
        size_of::<aes::Aes192>(),
        size_of::<aes::Aes256>()
    );
    let candidates = candidates(100);
    let keys = Keys::new(candidates.iter().map(|key| ("", key.as_slice())));
    for length in [512, 509] {
        let value = noise(length);
        let mut all = (0, Duration::ZERO);
        for (name, bits, most) in [
            ("aes-128-ecb", 128, 3),
            ("aes-192-ecb", 192, 1),
            ("aes-256-ecb", 256, 2),
        ] {
            let family = CIPHERS
                .iter()
                .find(|family| family.layers()[0] == name)
                .unwrap();
            let mut best = Duration::MAX;
            for _ in 0..2000 {
                let mut budget = Budget::new(u64::MAX);
                let mut weigh = |_: &[u8]| None;
                let ivs = proposed(&Extra::default());
                let mut hunt = Hunt::new(&value, &keys, &ivs, &mut weigh, &mut budget);
                let start = Instant::now();
                family.search(&mut hunt);
                best = best.min(start.elapsed());
            }
            let count = keys.count(bits / 8, most);
            all = (all.0 + count, all.1 + best);
            println!(
                "{length} bytes, {bits} bits: {:.1} million keys a second",
                count as f64 / best.as_secs_f64() / 1e6
            );
        }
        println!(
            "{length} bytes, all sizes: {:.1} million keys a second, in hardware: {}",
            all.0 as f64 / all.1.as_secs_f64() / 1e6,
            aes::hardware_accelerated()
        );
    }
}

#[test]
#[ignore = "measures"]
fn speed_of_families() {
    let candidates = candidates(5_000);
    let start = clock();
    let keys = Keys::new(candidates.iter().map(|key| ("", key.as_slice())));
    println!(
        "{} keys prepared in {:?}",
        keys.keys(),
        clock().saturating_sub(start)
    );
    let value = noise(512);
    for family in CIPHERS {
        let mut start = clock();
        let mut counted = 0;
        let mut tried = 0;
        let mut asked = 0u32;
        for round in 0..ROUNDS {
            let mut budget = Budget::new(u64::MAX);
            asked = 0;
            // The judge is not what is measured.
            let mut weigh = |_: &[u8]| {
                asked += 1;
                None
            };
            let ivs = proposed(&Extra::default());
            let mut hunt = Hunt::new(&value, &keys, &ivs, &mut weigh, &mut budget);
            family.search(&mut hunt);
            tried = hunt.tried();
            if round == 0 {
                // Here keys are set up.
                start = clock();
            }
            counted = budget.spent();
        }
        let each = clock().saturating_sub(start) / (ROUNDS - 1);
        println!(
            "{:14} {each:?}, counted {:.1} ms, {tried} hypotheses, judge asked {asked} times",
            family.layers()[0],
            counted as f64 / 1e6
        );
    }
}
