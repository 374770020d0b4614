//! ChaCha20 (RFC 8439; with a nonce of 8 bytes as first published) and ChaCha20-Poly1305 with its tag.

use aes::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use chacha20::{ChaCha20, ChaCha20Legacy};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::Family;
use super::gcm_apart::proposed;
use crate::crack::derive::rank;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::{HEAD, Key};
use crate::crack::selector::{Iv, Selector};
use crate::crack::trial;

/// ChaCha20.
pub(crate) struct ChaCha;

const LAYER: &str = "chacha20";
const SEALED: &str = "chacha20-poly1305";

const PRIOR: i64 = 50;
/// What a right tag proves, in tenths of a bit.
const PROOF: i64 = 1280;
const TAG: usize = 16;
/// Work per key and nonce, and per byte deciphered.
const PRICE: (u64, u64) = (900, 2);
/// Least ciphertext.
const SHORTEST: usize = 8;

fn stream(key: &[u8], nonce: &[u8], counter: u32, body: &mut [u8]) -> Option<()> {
    let at = u64::from(counter).checked_mul(64)?;
    match nonce.len() {
        12 => {
            let mut cipher = ChaCha20::new_from_slices(key, nonce).ok()?;
            cipher.try_seek(at).ok()?;
            cipher.try_apply_keystream(body).ok()
        }
        8 => {
            let mut cipher = ChaCha20Legacy::new_from_slices(key, nonce).ok()?;
            cipher.try_seek(at).ok()?;
            cipher.try_apply_keystream(body).ok()
        }
        _ => None,
    }
}

/// Open what is sealed, with the tag behind it and data that were authenticated besides.
fn unseal(key: &[u8], nonce: &[u8], sealed: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut plain = sealed.to_vec();
    let length = key
        .open_in_place(nonce, Aad::from(data), &mut plain)
        .ok()?
        .len();
    plain.truncate(length);
    Some(plain)
}

/// What a tag has proven.
fn offer(
    hunt: &mut Hunt<'_>,
    selector: Selector,
    plain: Vec<u8>,
    key: Key<'_>,
    label: Option<&str>,
) {
    hunt.offer(Find {
        layer: SEALED,
        selector,
        plain,
        proof: PROOF,
        prior: PRIOR,
        key,
        iv: label,
        bytewise: false,
    });
}

/// Where the plaintext begins as text: look for the tag and for data that were authenticated besides among the few
/// values that were proposed. False when there is no work left.
fn apart(hunt: &mut Hunt<'_>, plain: &Selector, key: Key<'_>, label: Option<&str>) -> bool {
    let bytes = hunt.bytes;
    let values = proposed(hunt);
    let tags = values.iter().filter(|value| value.len() == TAG);
    let tags = std::iter::once(Vec::new()).chain(tags.cloned());
    for tag in tags {
        for data in std::iter::once(Vec::new()).chain(values.iter().cloned()) {
            let (once, per_byte) = PRICE;
            let price = per_byte.saturating_mul(bytes.len() as u64);
            if !hunt.spend(price.saturating_add(once), SEALED) {
                return false;
            }
            hunt.tries(1);
            let mut selector = plain.clone();
            selector.tag.clone_from(&tag);
            selector.data = data;
            if let Some(opened) = follow_sealed(&selector, bytes) {
                offer(hunt, selector, opened, key, label);
                return true;
            }
        }
    }
    true
}

fn follow_sealed(selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = selector.split(bytes)?;
    let sealed = [body, &selector.tag].concat();
    unseal(&selector.key, &nonce, &sealed, &selector.data)
}

impl ChaCha {
    /// One key and one nonce: the first bytes with the counter from 0 and from 1, then the rest. In the
    /// authenticated form the plaintext begins with 1, so its tag is looked at when that passes.
    fn attempt(&self, hunt: &mut Hunt<'_>, key: Key<'_>, iv: &Iv, label: Option<&str>) -> bool {
        let (once, per_byte) = PRICE;
        if !hunt.spend(once, LAYER) {
            return false;
        }
        let selector = Selector::key(key.bytes).with_iv(iv.clone());
        let Some((nonce, body)) = selector.split(hunt.bytes) else {
            return true;
        };
        if body.len() < SHORTEST {
            return true;
        }
        let bytes = hunt.bytes;
        for counter in [0u32, 1] {
            hunt.tries(1);
            let mut head = [0u8; HEAD];
            let count = body.len().min(HEAD);
            let (Some(head), Some(start)) = (head.get_mut(..count), body.get(..count)) else {
                return true;
            };
            head.copy_from_slice(start);
            if stream(key.bytes, &nonce, counter, head).is_none() {
                continue;
            }
            let passed = trial::head(head);
            if (passed || hunt.near) && counter == 1 && nonce.len() == 12 && body.len() > TAG {
                let price = per_byte
                    .saturating_mul(body.len() as u64)
                    .saturating_add(once);
                if !hunt.spend(price, LAYER) {
                    return false;
                }
                if let Some(plain) = unseal(key.bytes, &nonce, body, &[]) {
                    offer(hunt, selector.clone(), plain, key, label);
                } else if passed && hunt.near && !apart(hunt, &selector, key, label) {
                    return false;
                }
            }
            if passed {
                let mut selector = selector.clone();
                selector.counter = counter.to_be_bytes().to_vec();
                if !hunt.spend(per_byte.saturating_mul(body.len() as u64), LAYER) {
                    return false;
                }
                if let Some(plain) = self.follow(LAYER, &selector, bytes) {
                    hunt.offer(Find {
                        layer: LAYER,
                        selector,
                        plain,
                        proof: 0,
                        prior: PRIOR,
                        key,
                        iv: label,
                        bytewise: false,
                    });
                }
            }
        }
        true
    }
}

impl Family for ChaCha {
    fn layers(&self) -> &'static [&'static str] {
        &[LAYER, SEALED]
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        let keys = hunt.keys;
        let near = hunt.ivs;
        for key in keys.of_length(32, hunt.most(rank::KEY)) {
            let mut vectors = vec![
                (Iv::Prefix(12), None),
                (Iv::Bytes(vec![0; 12]), Some("zeros")),
                (Iv::Prefix(8), None),
            ];
            if hunt.near {
                vectors.extend(
                    near.iter()
                        .filter(|iv| matches!(iv.bytes.len(), 8 | 12))
                        .map(|iv| (Iv::Bytes(iv.bytes.clone()), Some(iv.label.as_str()))),
                );
            }
            for (iv, label) in vectors {
                if !self.attempt(hunt, key, &iv, label) {
                    return;
                }
            }
            if hunt.found() {
                return;
            }
        }
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut nonce_only = selector.clone();
        nonce_only.counter.clear();
        let (nonce, body) = nonce_only.split(bytes)?;
        if layer == SEALED {
            return follow_sealed(&nonce_only, bytes);
        }
        let counter = u32::from_be_bytes(selector.counter.as_slice().try_into().ok()?);
        let mut plain = body.to_vec();
        stream(&selector.key, &nonce, counter, &mut plain)?;
        Some(plain)
    }
}
