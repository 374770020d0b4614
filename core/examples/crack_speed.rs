//! How many values open with a file of candidate keys, how fast, and how many that should not.
//!
//! `crack_speed KEYS VALUES… [--random N]`: KEYS has one candidate per line; each VALUES is JSON lines with
//! `"hex"` (a value, perhaps in base64) and `"cat"`.

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use waakzaam_core::crack::{Budget, Extra, Keys, follow, open};
use waakzaam_core::model::Limits;
use waakzaam_core::peel::Judge;

fn field(line: &str, name: &str) -> Option<String> {
    let start = line.find(&format!("\"{name}\": \""))? + name.len() + 5;
    let rest = line.get(start..)?;
    Some(rest.get(..rest.find('"')?)?.to_owned())
}

#[derive(Default)]
struct Tally {
    values: u32,
    opened: u32,
    time: Duration,
    longest: Duration,
    layers: BTreeMap<String, u32>,
    met: BTreeMap<&'static str, u32>,
}

/// Processor time of this process, as other work on the machine does not count; wall time elsewhere.
fn clock() -> Duration {
    let ticks = std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok());
    ticks.map_or_else(
        || std::time::UNIX_EPOCH.elapsed().unwrap_or_default(),
        Duration::from_nanos,
    )
}

fn attempt(bytes: &[u8], keys: &Keys, tally: &mut Tally, show: bool) {
    let mut budget = Budget::default();
    let start = clock();
    let mut judge = Judge::new(Limits::default());
    let mut evidence = |plain: &[u8]| judge.evidence(plain);
    let found = open(bytes, keys, &Extra::default(), &mut evidence, &mut budget);
    let took = clock().saturating_sub(start);
    tally.values += 1;
    tally.time += took;
    tally.longest = tally.longest.max(took);
    for met in budget.met() {
        *tally.met.entry(met.what).or_default() += 1;
    }
    if let Some(cracked) = found {
        tally.opened += 1;
        *tally.layers.entry(cracked.layer.to_owned()).or_default() += 1;
        let again = follow(cracked.layer, &cracked.selector, bytes);
        assert_eq!(again.as_deref(), Some(cracked.plain.as_slice()));
        if show {
            println!(
                "  {} {} [{} {}] {} bits after {} tried: {:?}",
                cracked.layer,
                cracked.selector,
                cracked.key_label,
                cracked.derivation,
                cracked.evidence / 10,
                cracked.tried,
                String::from_utf8_lossy(cracked.plain.get(..60).unwrap_or(&cracked.plain))
            );
        }
    }
}

fn report(name: &str, tally: &Tally) {
    println!(
        "{name}: {} of {} opened, {:?} each, longest {:?}, {:?}, limits {:?}",
        tally.opened,
        tally.values,
        tally.time / tally.values.max(1),
        tally.longest,
        tally.layers,
        tally.met
    );
}

/// xorshift64*
fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let text = std::fs::read_to_string(arguments.next().unwrap_or_default())?;
    let start = clock();
    let keys = Keys::new(text.lines().map(|line| ("file", line.as_bytes())));
    println!(
        "{} candidates, {} keys, prepared in {:?}",
        keys.len(),
        keys.keys(),
        clock().saturating_sub(start)
    );
    let mut all = BTreeMap::<String, Tally>::new();
    while let Some(argument) = arguments.next() {
        if argument == "--random" {
            let count: u64 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let mut state = 0x9e37_79b9_7f4a_7c15;
            let mut tally = Tally::default();
            for _ in 0..count {
                // Half of them a whole number of blocks, from 16 bytes to 4 kB.
                let mut length =
                    16 + (random(&mut state) as usize % (1 << (5 + random(&mut state) % 8)));
                if random(&mut state).is_multiple_of(2) {
                    length = length / 16 * 16;
                }
                let value: Vec<u8> = (0..length)
                    .map(|_| (random(&mut state) >> 32) as u8)
                    .collect();
                attempt(&value, &keys, &mut tally, true);
            }
            report("random", &tally);
            continue;
        }
        for line in std::fs::read_to_string(argument)?.lines() {
            let (Some(hex), Some(cat)) = (field(line, "hex"), field(line, "cat")) else {
                continue;
            };
            let Ok(mut value) = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()) else {
                continue;
            };
            if let Ok(inner) = BASE64.decode(&value) {
                value = inner;
            }
            attempt(&value, &keys, all.entry(cat).or_default(), true);
        }
    }
    for (name, tally) in &all {
        report(name, tally);
    }
    Ok(())
}
