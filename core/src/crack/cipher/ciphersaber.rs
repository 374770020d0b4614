//! CipherSaber (A. Reinhold, 1999; version 2, 2003): RC4 under a passphrase with ten bytes behind it that stand in front
//! of the message. Version 2 mixes the key twenty times over (or more, as agreed; twenty are tried).

use super::Family;
use super::modes::xor;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::HEAD;
use crate::crack::selector::{Iv, Selector};
use crate::crack::trial;

/// CipherSaber.
pub(crate) struct CipherSaber;

/// Names, with how often the key is mixed.
const VERSIONS: [(&str, usize); 2] = [("ciphersaber", 1), ("ciphersaber-2", 20)];
/// Bytes in front of the message.
const NONCE: usize = 10;
/// Longest passphrase.
const LONGEST: usize = 256 - NONCE;
const PRIOR: i64 = 70;
/// Work each time the key is mixed, and per byte deciphered.
const PRICE: (u64, u64) = (700, 4);
/// Least ciphertext.
const SHORTEST: usize = NONCE + 8;

/// As much of the keystream as there are bytes, applied.
fn apply(passphrase: &[u8], nonce: &[u8], times: usize, body: &[u8]) -> Vec<u8> {
    let key = [passphrase, nonce].concat();
    let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
    let mut j = 0u8;
    for _ in 0..times {
        for (at, key) in (0..=u8::MAX).zip(key.iter().cycle()) {
            j = j.wrapping_add(state[usize::from(at)]).wrapping_add(*key);
            state.swap(usize::from(at), usize::from(j));
        }
    }
    let (mut i, mut j) = (0u8, 0u8);
    let mut stream = Vec::with_capacity(body.len());
    for _ in body {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        let sum = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
        stream.push(state[usize::from(sum)]);
    }
    xor(&mut stream, body);
    stream
}

impl Family for CipherSaber {
    fn layers(&self) -> &'static [&'static str] {
        &["ciphersaber", "ciphersaber-2"]
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        let bytes = hunt.bytes;
        // The key is mixed anew for every message, so that only few can be tried.
        if !hunt.near || bytes.len() < SHORTEST {
            return;
        }
        let (nonce, body) = bytes.split_at(NONCE);
        let start = body.get(..HEAD).unwrap_or(body);
        let (once, per_byte) = PRICE;
        let keys = hunt.keys;
        for key in keys.candidates().filter(|key| key.bytes.len() <= LONGEST) {
            for (layer, times) in VERSIONS {
                if !hunt.spend(once.saturating_mul(times as u64), layer) {
                    return;
                }
                hunt.tries(1);
                if !trial::head(&apply(key.bytes, nonce, times, start)) {
                    continue;
                }
                if !hunt.spend(per_byte.saturating_mul(bytes.len() as u64), layer) {
                    return;
                }
                hunt.offer(Find {
                    layer,
                    selector: Selector::key(key.bytes).with_iv(Iv::Prefix(NONCE)),
                    plain: apply(key.bytes, nonce, times, body),
                    proof: 0,
                    prior: PRIOR,
                    key,
                    iv: None,
                    bytewise: false,
                });
            }
            if hunt.found() {
                return;
            }
        }
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = selector.split(bytes)?;
        let (_, times) = VERSIONS.iter().find(|(name, _)| *name == layer)?;
        let fits = !selector.key.is_empty() && selector.key.len() + nonce.len() <= 256;
        fits.then(|| apply(&selector.key, &nonce, *times, body))
    }
}
