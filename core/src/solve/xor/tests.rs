//! Keys over telemetry made here, and noise.

use super::super::random::Random;
use super::super::samples::{identifier, telemetry};
use super::*;

fn env(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(otherwise)
}

fn hide(cipher: Cipher, plain: &[u8], key: &[u8]) -> Vec<u8> {
    let mixed: Vec<u8> = plain
        .iter()
        .zip(key.iter().cycle())
        .map(|(&byte, &key)| match cipher {
            Cipher::Add => byte.wrapping_add(key),
            _ => byte ^ key,
        })
        .collect();
    cipher.prepare(&mixed)
}

/// Solved right, refused, wrong; slowest in milliseconds.
fn count(
    cipher: Cipher,
    runs: usize,
    key: usize,
    size: usize,
    texts: usize,
    devices: bool,
    crib: bool,
) -> (usize, usize, usize, f64) {
    let (mut solved, mut refused, mut wrong, mut slowest) = (0, 0, 0, 0.0f64);
    super::super::language::model();
    for seed in 0..runs {
        let mut random = Random::new(77 + seed as u64 * 1000 + key as u64);
        let mut known = identifier(&mut random);
        let template = random.clone();
        let mut plain = Vec::new();
        for _ in 0..texts {
            if devices {
                known = identifier(&mut random);
            }
            let mut fields = if texts > 1 {
                template.clone()
            } else {
                random.clone()
            };
            let mut text = telemetry(&mut fields, &known, size);
            if texts > 1 {
                // Other digits in the same template.
                for byte in &mut text {
                    if byte.is_ascii_digit() && random.below(4) == 0 {
                        *byte = b'1' + random.below(9) as u8;
                    }
                }
            }
            random.bits();
            plain.push(text);
        }
        let key: Vec<u8> = (0..key).map(|_| random.bits() as u8).collect();
        let hidden: Vec<Vec<u8>> = plain.iter().map(|p| hide(cipher, p, &key)).collect();
        let hidden: Vec<&[u8]> = hidden.iter().map(Vec::as_slice).collect();
        let mut cribs = Cribs::new();
        if crib {
            cribs.add(known.as_bytes());
        }
        let begun = std::time::Instant::now();
        match solve(&hidden, &cribs, &mut Budget::new(u64::MAX)) {
            Some(found) if found.plain == plain => {
                solved += 1;
                for (hidden, plain) in hidden.iter().zip(&plain) {
                    assert_eq!(follow(&found.selector, hidden).as_ref(), Some(plain));
                }
            }
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
        slowest = slowest.max(begun.elapsed().as_secs_f64() * 1000.0);
    }
    (solved, refused, wrong, slowest)
}

#[test]
#[ignore = "measurement, by hand in release"]
fn table() {
    let runs = env("RUNS", 100);
    for (key, size, texts, devices, crib) in [
        (1, 32, 1, true, false),
        (1, 64, 1, true, false),
        (4, 64, 1, true, false),
        (8, 64, 1, true, false),
        (8, 64, 1, true, true),
        (8, 96, 1, true, false),
        (16, 128, 1, true, false),
        (16, 128, 1, true, true),
        (16, 256, 1, true, false),
        (32, 512, 1, true, false),
        (32, 256, 1, true, true),
        (48, 1024, 1, true, false),
        (32, 300, 2, true, false),
        (32, 300, 2, false, false),
        (48, 300, 4, true, false),
        (48, 300, 8, true, false),
        (16, 96, 8, true, false),
        (16, 96, 8, false, false),
        (16, 96, 8, true, true),
    ] {
        let (solved, refused, wrong, slowest) =
            count(Cipher::Xor, runs, key, size, texts, devices, crib);
        eprintln!(
            "key {key} B, {texts} x {size} B, devices {devices}, crib {crib}: solved {solved} refused {refused} wrong {wrong}, slowest {slowest:.1} ms"
        );
    }
    for cipher in [Cipher::XorIndex, Cipher::Add] {
        for (key, size) in [(1, 64), (8, 96), (16, 256)] {
            let (solved, refused, wrong, slowest) = count(cipher, runs, key, size, 1, true, false);
            eprintln!(
                "{cipher:?} key {key} B, {size} B: solved {solved} refused {refused} wrong {wrong}, slowest {slowest:.1} ms"
            );
        }
    }
}

fn noise(blobs: usize) -> (usize, f64) {
    let mut random = Random::new(5);
    let mut accepted = 0;
    super::super::language::model();
    let begun = std::time::Instant::now();
    let mut slowest = 0.0f64;
    for _ in 0..blobs {
        let scale = 16usize << random.below(9);
        let length = scale.min(4096) + random.below(scale.min(2048));
        let blob: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
        let one = std::time::Instant::now();
        accepted +=
            usize::from(solve(&[&blob], &Cribs::new(), &mut Budget::new(u64::MAX)).is_some());
        slowest = slowest.max(one.elapsed().as_secs_f64() * 1000.0);
    }
    eprintln!(
        "{blobs} blobs: accepted {accepted}, mean {:.3} ms, slowest {slowest:.1} ms",
        begun.elapsed().as_secs_f64() * 1000.0 / blobs as f64
    );
    (accepted, slowest)
}

#[test]
#[ignore = "measurement, by hand in release"]
fn much_noise() {
    assert_eq!(noise(env("RUNS", 100_000)).0, 0);
}
