//! Keys per second, by hand: `cargo test --release -p waakzaam-core speed_of -- --ignored --nocapture`.

use std::time::Duration;

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

#[test]
#[ignore = "measures"]
fn speed_of_families() {
    let candidates: Vec<Vec<u8>> = (0u64..30_000)
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
        .collect();
    let start = clock();
    let keys = Keys::new(candidates.iter().map(|key| ("", key.as_slice())));
    println!(
        "{} keys prepared in {:?}",
        keys.keys(),
        clock().saturating_sub(start)
    );
    let value: Vec<u8> = (0..512u32)
        .map(|n| {
            (n.wrapping_mul(0x9e37_79b9)
                .rotate_left(13)
                .wrapping_mul(0x85eb_ca6b)
                >> 24) as u8
        })
        .collect();
    for family in CIPHERS {
        for round in 0..2 {
            let mut budget = Budget::new(u64::MAX);
            let mut asked = 0u32;
            // The judge is not what is measured.
            let mut weigh = |_: &[u8]| {
                asked += 1;
                None
            };
            let start = clock();
            let ivs = proposed(&Extra::default());
            let mut hunt = Hunt::new(&value, &keys, &ivs, &mut weigh, &mut budget);
            family.search(&mut hunt);
            let tried = hunt.tried();
            let took = clock().saturating_sub(start);
            if round == 1 {
                println!(
                    "{:14} {took:?}, counted {:.1} ms, {tried} tried, judge asked {asked} times",
                    family.layers()[0],
                    budget.spent() as f64 / 1e6
                );
            }
        }
    }
    println!("keys of 16 bytes: {}", keys.count(16, 3));
}
