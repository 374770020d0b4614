//! `Salted__`: what `openssl enc` and CryptoJS write before a ciphertext made with a passphrase.

use std::num::NonZeroU32;

use md5::Md5;
use ring::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use sha2::Sha256;

use super::cipher::take_off;
use super::derive::{Base, Derivation, Fit, evp_bytes_to_key};
use super::hunt::{Find, Hunt};
use super::keys::Key;
use super::padding::{self, Padding};
use super::selector::{Iv, Selector};

const MAGIC: &[u8] = b"Salted__";
/// Magic and salt.
const HEADER: usize = 16;
/// Work per passphrase and digest, in nanoseconds.
const PRICE: u64 = 3000;
/// Work per passphrase with PBKDF2: 10,000 rounds, twice.
const SLOW_PRICE: u64 = 4_000_000;
/// Rounds that `openssl enc -pbkdf2` makes when it is not told how many.
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).unwrap();
/// Ciphers, with the bytes of their keys and blocks, and how rare they are here in tenths of a bit.
const CIPHERS: [(&str, usize, usize, i64); 5] = [
    ("aes-256-cbc", 32, 16, 0),
    ("aes-128-cbc", 16, 16, 20),
    ("aes-192-cbc", 24, 16, 50),
    ("3des-cbc", 24, 8, 40),
    ("des-cbc", 8, 8, 50),
];

/// Try every candidate as the passphrase of a block cipher in CBC with PKCS #7.
pub(crate) fn search(hunt: &mut Hunt<'_>) {
    let bytes = hunt.bytes;
    let Some((header, body)) = bytes.split_at_checked(HEADER) else {
        return;
    };
    let Some(salt) = header.strip_prefix(MAGIC) else {
        return;
    };
    let keys = hunt.keys;
    for candidate in keys.candidates() {
        for base in [Base::EvpMd5, Base::EvpSha256] {
            if !hunt.spend(PRICE, "passphrases") {
                return;
            }
            let made = match base {
                Base::EvpMd5 => evp_bytes_to_key::<Md5>(candidate.bytes, salt),
                _ => evp_bytes_to_key::<Sha256>(candidate.bytes, salt),
            };
            attempt(hunt, candidate, base, &made, body);
            if hunt.found() {
                return;
            }
        }
    }
    for candidate in keys.candidates() {
        if !hunt.spend(SLOW_PRICE, "passphrases with PBKDF2") {
            return;
        }
        let mut made = [0; 48];
        pbkdf2::derive(PBKDF2_HMAC_SHA256, ROUNDS, salt, candidate.bytes, &mut made);
        attempt(hunt, candidate, Base::Pbkdf2, &made, body);
        if hunt.found() {
            return;
        }
    }
}

/// The key and the vector behind it, in every cipher: first the last block, then the message.
fn attempt(hunt: &mut Hunt<'_>, candidate: Key<'_>, base: Base, made: &[u8], body: &[u8]) {
    for (layer, key_length, block, prior) in CIPHERS {
        hunt.tries(1);
        let Some((key, rest)) = made.split_at_checked(key_length) else {
            continue;
        };
        let Some(iv) = rest.get(..block) else {
            continue;
        };
        let end = body.len().saturating_sub(block);
        let (Some(before), Some(last)) = (
            end.checked_sub(block)
                .map_or(Some(iv), |at| body.get(at..end)),
            body.get(end..),
        ) else {
            continue;
        };
        let with = |iv: &[u8]| Selector::key(key).with_iv(Iv::Bytes(iv.to_vec()));
        let padding =
            take_off(layer, &with(before), last).map_or(0, |plain| padding::pkcs7(&plain, block));
        if padding == 0 {
            continue;
        }
        let mut selector = with(iv).with_pad(Padding::Pkcs7);
        selector.skip = HEADER;
        let Some(plain) = take_off(layer, &selector, hunt.bytes) else {
            continue;
        };
        let mut key = candidate;
        key.derivation = Derivation {
            base,
            fit: Fit::Exact,
        };
        hunt.offer(Find {
            layer,
            selector,
            plain,
            proof: padding::evidence(padding, block),
            prior,
            key,
            iv: None,
            bytewise: false,
        });
    }
}
