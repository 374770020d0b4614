//! Random alphabets over telemetry made here.

use super::super::random::Random;
use super::super::samples::{identifier, telemetry};
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

fn env(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
#[ignore]
fn many_alphabets() {
    let (runs, least, most, texts) = (
        env("RUNS", 50),
        env("LEAST", 120),
        env("MOST", 500),
        env("TEXTS", 1),
    );
    let (mut solved, mut refused, mut wrong) = (0, 0, 0);
    let mut slowest = 0.0f64;
    super::super::language::model();
    let begun = std::time::Instant::now();
    for seed in 0..runs {
        let mut random = Random::new(1000 + seed as u64);
        let known = identifier(&mut random);
        let plain: Vec<Vec<u8>> = (0..texts)
            .map(|_| {
                let size = least + random.below(most - least + 1);
                telemetry(&mut random, &known, size)
            })
            .collect();
        let alphabet = shuffled(&mut random);
        let encoded: Vec<Vec<u8>> = plain
            .iter()
            .map(|p| encode(p, &alphabet, Some(b'=')))
            .collect();
        let encoded: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
        let mut cribs = Cribs::new();
        cribs.add(known.as_bytes());
        let one = std::time::Instant::now();
        if env("SHOW", 0) > 0 {
            eprintln!("{}", String::from_utf8_lossy(&plain[0]));
        }
        match solve(&encoded, &cribs, &mut Budget::new(u64::MAX)) {
            Some(found) if found.plain == plain => solved += 1,
            Some(found) => {
                wrong += 1;
                eprintln!(
                    "WRONG seed {seed} margin {}\n {}\n {}",
                    found.margin,
                    String::from_utf8_lossy(&plain[0]),
                    String::from_utf8_lossy(&found.plain[0])
                );
            }
            None => refused += 1,
        }
        slowest = slowest.max(one.elapsed().as_secs_f64());
    }
    eprintln!(
        "{least}-{most} B x {texts}: solved {solved} refused {refused} wrong {wrong}; mean {:.1} ms, slowest {:.1} ms",
        begun.elapsed().as_secs_f64() * 1000.0 / runs as f64,
        slowest * 1000.0
    );
}
