//! Fernet (the specification at <https://github.com/fernet/spec>): version, time, vector, AES-128 in CBC with PKCS #7,
//! and HMAC-SHA-256 over all of it. A key of 32 bytes is one half for the HMAC and one for the cipher.
//!
//! The HMAC proves the key. What is found is the cipher inside: the layer is `aes-128-cbc`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::cipher::take_off;
use super::derive::rank;
use super::hunt::{Find, Hunt};
use super::padding::Padding;
use super::selector::{Iv, Selector};

const VERSION: u8 = 0x80;
/// Version and time; then the vector.
const HEADER: usize = 9;
const BLOCK: usize = 16;
const MAC: usize = 32;
/// Bytes of the key, and of each half.
const KEY: usize = 32;
const HALF: usize = 16;
/// Times before this have two zeros in front (year 36812 in seconds).
const ZEROS: usize = 3;
/// What a right HMAC proves, in tenths of a bit.
const PROOF: i64 = 2560;
/// Work per key, and per 64 bytes, in nanoseconds.
const PRICE: (u64, u64) = (1200, 300);
const LAYER: &str = "aes-128-cbc";

/// Try every candidate of 32 bytes.
pub(crate) fn search(hunt: &mut Hunt<'_>) {
    let bytes = hunt.bytes;
    let Some((signed, mac)) = bytes
        .len()
        .checked_sub(MAC)
        .and_then(|at| bytes.split_at_checked(at))
    else {
        return;
    };
    let is_token = signed.first() == Some(&VERSION)
        && signed
            .get(1..=ZEROS)
            .is_some_and(|zeros| zeros.iter().all(|&byte| byte == 0))
        && signed.len() >= HEADER + 2 * BLOCK
        && (signed.len() - HEADER).is_multiple_of(BLOCK);
    if !is_token {
        return;
    }
    let keys = hunt.keys;
    for key in keys.of_length(KEY, rank::KEY) {
        let (once, per_64) = PRICE;
        if !hunt.spend(
            once.saturating_add(per_64.saturating_mul(signed.len() as u64 / 64)),
            "Fernet",
        ) {
            return;
        }
        hunt.tries(1);
        let Some((signing, cipher)) = key.bytes.split_at_checked(HALF) else {
            continue;
        };
        if !is_signed(signing, signed, mac) {
            continue;
        }
        let mut selector = Selector::key(cipher)
            .with_iv(Iv::Prefix(BLOCK))
            .with_pad(Padding::Pkcs7);
        (selector.skip, selector.cut) = (HEADER, MAC);
        if let Some(plain) = take_off(LAYER, &selector, bytes) {
            hunt.offer(Find {
                layer: LAYER,
                selector,
                plain,
                proof: PROOF,
                prior: 0,
                key,
                iv: None,
                bytewise: false,
            });
        }
        return;
    }
}

fn is_signed(key: &[u8], signed: &[u8], mac: &[u8]) -> bool {
    Hmac::<Sha256>::new_from_slice(key).is_ok_and(|mut made| {
        made.update(signed);
        made.verify_slice(mac).is_ok()
    })
}
