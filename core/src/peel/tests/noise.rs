//! What must stay as it is.

use super::encode::{gzip, json};
use super::*;
use crate::peel::bench::Bench;
use crate::peel::layer::{Context, Hint, Opened, Standing};
use crate::peel::search::open;

/// A small generator (xorshift*), so that a failure can be repeated.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 40) as u8).collect()
    }

    fn word(&mut self, alphabet: &[u8], length: usize) -> Vec<u8> {
        (0..length)
            .map(|_| alphabet[self.below(alphabet.len())])
            .collect()
    }
}

fn opened(bytes: &[u8], bench: &mut Bench) -> Option<&'static str> {
    bench.begin();
    let context = Context {
        hint: Hint::None,
        standing: Standing::Given,
        depth_left: 12,
    };
    let found = open(bytes, context, bench)?;
    let layer = found.layer();
    if !matches!(found, Opened::Stopped { .. }) {
        bench.discard(found);
    }
    Some(layer)
}

/// Blobs and tokens of each kind; the long run is for the optimised build.
const ROUNDS: usize = if cfg!(debug_assertions) {
    20_000
} else {
    200_000
};

#[test]
fn random_bytes_are_no_layer() {
    let (mut noise, mut bench) = (Noise(1), Bench::new(Limits::default()));
    for round in 0..ROUNDS {
        // Mostly short, where chance is greatest.
        let most = if round % 8 == 0 { 4096 } else { 256 };
        let length = 16 + noise.below(most - 15);
        let blob = noise.bytes(length);
        assert_eq!(
            opened(&blob, &mut bench),
            None,
            "{}",
            data_encoding::HEXLOWER.encode(&blob)
        );
    }
}

#[test]
fn random_tokens_are_no_layer() {
    let alphabets: [&[u8]; 8] = [
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        b"0123456789abcdef",
        b"0123456789ABCDEF",
        b"0123456789",
        b"abcdefghijklmnopqrstuvwxyz",
        b"abcdefghijklmnopqrstuvwxyz0123456789-_./",
    ];
    let (mut noise, mut bench) = (Noise(2), Bench::new(Limits::default()));
    for round in 0..ROUNDS {
        let alphabet = alphabets[round % alphabets.len()];
        let length = 8 + noise.below(if round % 16 == 0 { 600 } else { 90 });
        let token = noise.word(alphabet, length);
        assert_eq!(
            opened(&token, &mut bench),
            None,
            "{}",
            String::from_utf8_lossy(&token)
        );
    }
}

#[test]
fn rows_of_small_numbers_are_no_trees() {
    let alphabets: [&[u8]; 2] = [
        b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
        b"\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x08\x0a\x12\x18\x20\x80\xff\x7f",
    ];
    let (mut noise, mut bench) = (Noise(3), Bench::new(Limits::default()));
    for round in 0..ROUNDS {
        let length = 8 + noise.below(120);
        let row = noise.word(alphabets[round % 2], length);
        let found = opened(&row, &mut bench);
        // Lengths of gRPC are all there is to see.
        assert!(
            found.is_none_or(|layer| layer == "grpc"),
            "{found:?} {}",
            data_encoding::HEXLOWER.encode(&row)
        );
    }
}

#[test]
fn words_and_identifiers_stay() {
    let values: [&str; 36] = [
        "find/early",
        "keepalive",
        "internationalization",
        "ApplicationVersion",
        "com.android.settings",
        "page_load_event_start",
        "accept-language",
        "d41d8cd98f00b204e9800998ecf8427e",
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        "550e8400e29b41d4a716446655440000",
        "550e8400-e29b-41d4-a716-446655440000",
        "869836900602677",
        "20231114221320",
        "1700000000000000",
        "3333333333333333333333333333333333",
        "--------------------------------",
        "AAAAAAAAAAAAAAAAAAAAAAAA",
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        "PHPSESSID=l2k9c7kq3h1d1t0b5i6v4m8r20",
        "text/html; charset=utf-8",
        "Mozilla/5.0 (Linux; Android 13; M2101K6G) AppleWebKit/537.36",
        "50%20 off today",
        "100%",
        "q=0.9",
        "a & b = c",
        "{not json}",
        "[INFO] started",
        "[]",
        "{}",
        "Mon, 01 Jan 2024 10:00:00 GMT",
        "W/\"5e15153d-120f\"",
        "Basic",
        "2001:db8::1",
        "https://example.be/prive",
        "max-age=31536000; includeSubDomains",
        "--boundary",
    ];
    for value in values {
        let found = peel(value.as_bytes());
        assert_eq!(found.shown(), [format!("body = {value}")]);
    }
}

#[test]
fn a_bare_gzip_name_is_no_gzip() {
    let mut damaged = gzip(&json("k", b"some value that is long enough"));
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    let found = peel(&damaged);
    assert_eq!(found.leaves.len(), 1);
    assert_eq!(found.leaves[0].chain, "body");
}
