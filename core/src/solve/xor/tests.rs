//! Keys over telemetry made here, and noise.

use super::super::random::Random;
use super::super::samples::{cpu, identifier, telemetry};
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

/// Seeds of runs.
struct Runs(std::ops::Range<usize>);

impl From<usize> for Runs {
    fn from(count: usize) -> Self {
        Runs(0..count)
    }
}

/// Solved right, refused, wrong, of so many runs or of these; slowest in milliseconds.
fn count(
    cipher: Cipher,
    runs: impl Into<Runs>,
    key: usize,
    size: usize,
    texts: usize,
    devices: bool,
    crib: bool,
) -> (usize, usize, usize, f64) {
    let (mut solved, mut refused, mut wrong, mut slowest) = (0, 0, 0, 0.0f64);
    super::super::language::model();
    for seed in runs.into().0 {
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
        let begun = cpu();
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
        slowest = slowest.max(cpu() - begun);
    }
    (solved, refused, wrong, slowest)
}

#[test]
fn opens_repeating_keys() {
    let runs = if cfg!(debug_assertions) { 3 } else { 20 };
    for (cipher, key, size, texts) in [
        (Cipher::Xor, 1, 64, 1),
        (Cipher::Xor, 8, 96, 1),
        (Cipher::Xor, 16, 256, 1),
        (Cipher::Xor, 32, 300, 2),
        (Cipher::XorIndex, 8, 128, 1),
        (Cipher::Add, 8, 128, 1),
    ] {
        let (solved, _, wrong, _) = count(cipher, runs, key, size, texts, true, false);
        assert_eq!(wrong, 0);
        assert!(
            solved * 3 >= runs * 2,
            "{cipher:?} {key}: {solved} of {runs}"
        );
    }
}

#[test]
fn two_bytes_of_a_key_that_hold_each_other_are_mended_and_never_taken() {
    // Texts, many devices, and the runs: in the first the key was refused, in the others a wrong one was taken.
    let mended = [
        (4, true, 7),
        (4, true, 91),
        (17, false, 37),
        (17, false, 85),
    ];
    let wrong = [
        (8, true, 143),
        (8, true, 764),
        (17, false, 311),
        (17, false, 374),
    ];
    for (texts, devices, seed) in mended {
        let runs = Runs(seed..seed + 1);
        let (solved, ..) = count(Cipher::Xor, runs, 48, 300, texts, devices, false);
        assert_eq!(solved, 1, "{texts} {devices} {seed}");
    }
    for (texts, devices, seed) in wrong {
        let runs = Runs(seed..seed + 1);
        let (_, _, wrong, _) = count(Cipher::Xor, runs, 48, 300, texts, devices, false);
        assert_eq!(wrong, 0, "{texts} {devices} {seed}");
    }
}

#[test]
fn opens_compressed_data_below_a_short_key() {
    use std::io::Write;
    let text = telemetry(&mut Random::new(3), "0123456789abcdef", 300);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&text).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&text).unwrap();
    let zlib = zlib.finish().unwrap();
    for (plain, key) in [
        (&gzip, &b"k"[..]),
        (&gzip, b"secret"),
        (&gzip, b"tenletters"),
        (&zlib, b"\x5a"),
        (&zlib, b"ab"),
    ] {
        let hidden = hide(Cipher::Xor, plain, key);
        let found = solve(&[&hidden], &Cribs::new(), &mut Budget::new(1 << 24)).unwrap();
        assert_eq!(&found.plain[0], plain);
        assert_eq!(follow(&found.selector, &hidden).as_ref(), Some(plain));
        assert!(found.proven() >= ACCEPTED);
    }
}

/// UTF-16 of a text under a key over its bytes, or over its units: then each byte of the key has a zero beside it.
fn wide(text: &[u8], big: bool, units: bool, key: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let unit = |byte: u8| if big { [0, byte] } else { [byte, 0] };
    let plain: Vec<u8> = text.iter().flat_map(|&byte| unit(byte)).collect();
    let key: Vec<u8> = match units {
        true => key.iter().flat_map(|&byte| unit(byte)).collect(),
        false => key.to_vec(),
    };
    (hide(Cipher::Xor, &plain, &key), plain)
}

#[test]
fn opens_utf_16() {
    for (seed, big, units, key) in [
        (1, false, false, &b"k3y!"[..]),
        (2, true, false, b"sevench"),
        (3, false, true, b"00:1a:2b:3c:4d:5e"),
        (4, true, true, b"\x9c"),
        (5, false, false, b"0123456789abcdef"),
    ] {
        let text = telemetry(&mut Random::new(seed), "0123456789abcdef", 500);
        let (hidden, plain) = wide(&text, big, units, key);
        let found = solve(&[&hidden], &Cribs::new(), &mut Budget::new(1 << 24)).unwrap();
        assert_eq!(found.plain[0], plain, "{seed}");
        assert_eq!(follow(&found.selector, &hidden), Some(plain));
        assert!(found.proven() >= ACCEPTED);
    }
}

#[test]
fn opens_texts_of_any_length_and_reads_them_to_their_end() {
    use std::io::Write;
    let text = telemetry(&mut Random::new(7), "0123456789abcdef", 20_000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(&text).unwrap();
    let gzip = gzip.finish().unwrap();
    let key = b"\xa7\x3c\xe1\x58\x92\x0d\xf4\x6b";
    let solved = |hidden: &[u8], steps| solve(&[hidden], &Cribs::new(), &mut Budget::new(steps));
    let mut all: Vec<(Vec<u8>, Vec<u8>)> = CIPHERS
        .iter()
        .map(|&cipher| (hide(cipher, &text, key), text.clone()))
        .collect();
    all.push((hide(Cipher::Xor, &gzip, b"tenletters"), gzip.clone()));
    all.push(wide(&text, false, false, b"k3y!"));
    all.push((follow("ascii-rot:47", &text).unwrap(), text.clone()));
    for (hidden, plain) in &all {
        let found = solved(hidden, 1 << 24).unwrap();
        assert!(found.plain[0] == *plain, "{}", found.selector);
        assert!(follow(&found.selector, hidden).as_ref() == Some(plain));
        // The end counts: without it there is no structure.
        assert_eq!(solved(&hidden[..hidden.len() - 2], 1 << 24), None);
    }
    let short = solved(&all[0].0, 1 << 24).unwrap();
    let beginning = solved(&all[0].0[..2000], 1 << 24);
    assert_eq!((beginning, short.margin >= MARGIN), (None, true));
}

#[test]
fn opens_turned_letters() {
    let text = telemetry(&mut Random::new(5), "0123456789abcdef", 200);
    for selector in ["letters-rot:13", "ascii-rot:47"] {
        // Half of the ring: turning it once more gives the text back.
        let hidden = follow(selector, &text).unwrap();
        let plain = follow(selector, &hidden).unwrap();
        assert_eq!(plain, text);
    }
    let hidden = follow("ascii-rot:47", &text).unwrap();
    let found = solve(&[&hidden], &Cribs::new(), &mut Budget::new(1 << 24)).unwrap();
    assert_eq!(found.plain[0], text);
    assert_eq!(follow(&found.selector, &hidden), Some(text));
}

/// Values as they stand in messages, that hide nothing.
fn token(random: &mut Random) -> Vec<u8> {
    let length = 16 + random.below(200);
    let mut from = |alphabet: &[u8]| -> Vec<u8> {
        (0..length)
            .map(|_| *random.pick(alphabet).unwrap())
            .collect()
    };
    let printable: Vec<u8> = (0x20..0x7f).collect();
    match length % 9 {
        0 => from(b"0123456789abcdef"),
        1 => from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
        2 => from(b"0123456789"),
        3 => from(&printable),
        4 => from(b"\0\0\0\x01\x02\x08\x10\xff"),
        5 => b"function(a,b){var c=a.length;for(var d=0;d<c;d++)b(a[d])}".repeat(1 + length / 60),
        6 => format!(
            "/{}/{}?v={}",
            "path/to".repeat(length % 7),
            length,
            length * 3
        )
        .into_bytes(),
        7 => b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/99.0".to_vec(),
        _ => b"some words of a sentence that hides nothing at all, twice ".repeat(2),
    }
}

#[test]
fn what_hides_nothing_stays_as_it_is() {
    let runs = if cfg!(debug_assertions) { 200 } else { 20_000 };
    let mut random = Random::new(11);
    for _ in 0..env("RUNS", runs) {
        let token = token(&mut random);
        let found = solve(&[&token], &Cribs::new(), &mut Budget::new(1 << 26));
        assert_eq!(found, None, "{}", String::from_utf8_lossy(&token));
    }
    for text in [
        &b""[..],
        b"a",
        b"{\"a\":\"b\",\"c\":[1,2,3]}",
        &[0; 64],
        &[7; 300],
    ] {
        assert_eq!(
            solve(&[text], &Cribs::new(), &mut Budget::new(1 << 26)),
            None
        );
    }
}

#[test]
fn noise_proves_nothing() {
    assert_eq!(noise(if cfg!(debug_assertions) { 60 } else { 5000 }).0, 0);
}

#[test]
fn follows_only_what_is_a_key() {
    assert_eq!(
        follow("xor:key=01ff", b"abc").as_deref(),
        Some(&b"`\x9db"[..])
    );
    for wrong in [
        "",
        "xor:key=",
        "xor:key=0",
        "xor:key=zz",
        "letters-rot:0",
        "letters-rot:26",
        "ascii-rot:94",
    ] {
        assert_eq!(follow(wrong, b"abc"), None);
    }
    assert_eq!(
        follow(&format!("xor:key={}", "00".repeat(65)), b"abc"),
        None
    );
}

#[test]
#[ignore = "measurement, by hand in release"]
fn table() {
    let runs = env("RUNS", 1000);
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
        (64, 1500, 1, true, false),
        (32, 300, 2, true, false),
        (32, 300, 2, false, false),
        (48, 300, 4, true, false),
        (48, 300, 8, true, false),
        (48, 300, 17, false, false),
        (16, 96, 8, true, false),
        (16, 96, 8, false, false),
        (16, 96, 8, true, true),
        (16, 96, 4, true, false),
        (8, 96, 2, true, false),
    ] {
        let (solved, refused, wrong, slowest) =
            count(Cipher::Xor, runs, key, size, texts, devices, crib);
        eprintln!(
            "key {key} B, {texts} x {size} B, devices {devices}, crib {crib}: solved {solved} refused {refused} wrong {wrong}, slowest {slowest:.1} ms of CPU"
        );
    }
    for cipher in [Cipher::XorIndex, Cipher::Add] {
        for (key, size) in [(1, 64), (8, 96), (16, 256)] {
            let (solved, refused, wrong, slowest) = count(cipher, runs, key, size, 1, true, false);
            eprintln!(
                "{cipher:?} key {key} B, {size} B: solved {solved} refused {refused} wrong {wrong}, slowest {slowest:.1} ms of CPU"
            );
        }
    }
}

fn noise(blobs: usize) -> (usize, f64) {
    let mut random = Random::new(5);
    let mut accepted = 0;
    super::super::language::model();
    let begun = cpu();
    let mut slowest = 0.0f64;
    for _ in 0..blobs {
        let scale = 16usize << random.below(9);
        let length = scale.min(4096) + random.below(scale.min(2048));
        let blob: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
        let one = cpu();
        accepted +=
            usize::from(solve(&[&blob], &Cribs::new(), &mut Budget::new(u64::MAX)).is_some());
        slowest = slowest.max(cpu() - one);
    }
    eprintln!(
        "{blobs} blobs: accepted {accepted}, CPU mean {:.3} ms, slowest {slowest:.1} ms of CPU",
        (cpu() - begun) / blobs as f64
    );
    (accepted, slowest)
}

#[test]
#[ignore = "measurement, by hand in release"]
fn much_noise() {
    assert_eq!(noise(env("RUNS", 100_000)).0, 0);
}
