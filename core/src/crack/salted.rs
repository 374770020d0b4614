//! `Salted__`: what `openssl enc` and CryptoJS write before a ciphertext made with a passphrase.

use md5::Md5;
use sha2::Sha256;

use super::cipher::{Mode, decipher};
use super::derive::{Base, Derivation, Fit, evp_bytes_to_key};
use super::hunt::{Find, Hunt};
use super::padding::{self, Padding};
use super::selector::{Iv, Selector};

const MAGIC: &[u8] = b"Salted__";
/// Magic and salt.
const HEADER: usize = 16;
/// Work per passphrase and digest, in nanoseconds.
const PRICE: u64 = 1500;
const LAYER: &str = "aes-256-cbc";

/// Try every candidate as the passphrase of AES-256-CBC with PKCS #7.
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
        for (base, made) in [
            (Base::EvpMd5, evp_bytes_to_key::<Md5>(candidate.bytes, salt)),
            (
                Base::EvpSha256,
                evp_bytes_to_key::<Sha256>(candidate.bytes, salt),
            ),
        ] {
            if !hunt.spend(PRICE, LAYER) {
                return;
            }
            hunt.tries(1);
            let (key, iv) = made.split_at(32);
            let Some(cipher) = <aes::Aes256 as super::cipher::BlockCipher<16>>::new(key) else {
                continue;
            };
            let Some(mut plain) = decipher(Mode::Cbc, &cipher, iv, body) else {
                return;
            };
            let count = padding::pkcs7(&plain, 16);
            if count == 0 {
                continue;
            }
            plain.truncate(plain.len().saturating_sub(count));
            let mut selector = Selector::key(key)
                .with_iv(Iv::Bytes(iv.to_vec()))
                .with_pad(Padding::Pkcs7);
            selector.skip = HEADER;
            let mut key = candidate;
            key.derivation = Derivation {
                base,
                fit: Fit::Exact,
            };
            hunt.offer(Find {
                layer: LAYER,
                selector,
                plain,
                proof: padding::evidence(count, 16),
                prior: 0,
                key,
                iv: None,
                bytewise: false,
            });
            if hunt.found() {
                return;
            }
        }
    }
}
