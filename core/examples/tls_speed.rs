//! How fast records are opened, in place in a reused buffer, by cipher and size of record; for AES-GCM with the
//! other implementation beside it.

use std::time::Instant;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ring::aead::UnboundKey;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce};
use waakzaam_core::secure::hmac::expand_label;
use waakzaam_core::secure::protection::{Agreed, Header, Schedule};
use waakzaam_core::secure::suites;

const TOTAL: usize = 400 << 20;

fn told(name: &str, size: usize, rounds: usize, started: Instant) {
    let bytes = (rounds * size) as f64;
    let speed = bytes / started.elapsed().as_secs_f64() / 1e6;
    println!("{name:48} {size:6} bytes {speed:8.0} MB/s");
}

fn modern(id: u16, algorithm: &'static Algorithm, size: usize) {
    let schedule = Schedule::new(0x0304, suites::suite(id).expect("known")).expect("1.3");
    let hash = schedule.suite.prf;
    let secret = vec![1; hash.bytes()];
    let length = u8::try_from(algorithm.key_len()).expect("short");
    let key = expand_label(hash, &secret, schedule.prefix, "key", length);
    let iv = expand_label(hash, &secret, schedule.prefix, "iv", 12);
    let nonce: [u8; 12] = iv.as_slice().try_into().expect("12");
    let mut sealed = vec![0x2e; size];
    sealed.push(23);
    let header = Header {
        kind: 23,
        version: [3, 3],
        length: u16::try_from(size + 17).expect("short"),
    };
    let [high, low] = header.length.to_be_bytes();
    let aad = [23, 3, 3, high, low];
    LessSafeKey::new(UnboundKey::new(algorithm, &key).expect("a key"))
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut sealed,
        )
        .expect("sealed");
    let mut open = schedule.keys(&secret).expect("keys");
    let mut buffer = Vec::with_capacity(sealed.len());
    let rounds = TOTAL / size;
    let started = Instant::now();
    for _ in 0..rounds {
        buffer.clear();
        buffer.extend_from_slice(&sealed);
        open.open(0, header, &mut buffer).expect("opened");
    }
    told(&suites::name(id).expect("known"), size, rounds, started);
    let started = Instant::now();
    let other: Box<dyn Fn(&mut Vec<u8>) -> bool> = match id {
        0x1301 => {
            let key = Aes128Gcm::new_from_slice(&key).expect("a key");
            Box::new(move |data| key.decrypt_in_place(&nonce.into(), &aad, data).is_ok())
        }
        0x1302 => {
            let key = Aes256Gcm::new_from_slice(&key).expect("a key");
            Box::new(move |data| key.decrypt_in_place(&nonce.into(), &aad, data).is_ok())
        }
        _ => return,
    };
    for _ in 0..rounds {
        buffer.clear();
        buffer.extend_from_slice(&sealed);
        assert!(other(&mut buffer));
    }
    told("  the same with the crate aes-gcm", size, rounds, started);
}

/// Ciphers without fast hardware: speed is the same whether the record authenticates, so it need not be sealed.
fn classic(id: u16, size: usize) {
    let agreed = Agreed {
        suite: suites::suite(id).expect("known"),
        version: 0x0303,
        encrypt_then_mac: false,
        client: [1; 32],
        server: [2; 32],
    };
    let mut open = agreed.keys(&[3; 48], true).expect("keys");
    let header = Header {
        kind: 23,
        version: [3, 3],
        length: u16::try_from(size).expect("short"),
    };
    let sealed = vec![0x2e; size];
    let mut buffer = Vec::with_capacity(size);
    let rounds = TOTAL / size / 20;
    let started = Instant::now();
    for _ in 0..rounds {
        buffer.clear();
        buffer.extend_from_slice(&sealed);
        let _ = open.open(0, header, &mut buffer);
    }
    told(&suites::name(id).expect("known"), size, rounds, started);
}

fn main() {
    for size in [16_384, 1_400] {
        modern(0x1301, &AES_128_GCM, size);
        modern(0x1302, &AES_256_GCM, size);
        modern(0x1303, &CHACHA20_POLY1305, size);
    }
    // CCM, CBC (decryption and padding only: the MAC is not reached), Camellia, 3DES, RC4 with its MAC.
    for id in [
        0xc09c, 0xc0a0, 0xc027, 0xc07a, 0xc050, 0x0041, 0x000a, 0x0096, 0x0005,
    ] {
        classic(id, 16_384);
    }
}
