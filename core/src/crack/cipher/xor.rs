//! XOR with a key that repeats (`xor`), also with the number of the byte (`xor-index`: key\[i mod n\] ⊕ i).

use std::cell::OnceCell;

use super::Family;
use super::modes::xor;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::HEAD;
use crate::crack::selector::Selector;
use crate::crack::trial;

/// XOR with a repeating key.
pub(crate) struct Xor;

/// The layer, also of keys of one byte.
pub(super) const LAYER: &str = "xor";
const INDEXED: &str = "xor-index";
/// Rarer than AES by so much, in tenths of a bit.
const PRIOR: i64 = 40;
const INDEXED_PRIOR: i64 = 80;
/// Work per key, and per byte deciphered.
const PRICE: (u64, u64) = (200, 2);
/// Least ciphertext: shorter than this every key of its length gives every plaintext.
const SHORTEST: usize = 24;
/// A key must come round so often, or it could have been made to fit.
const ROUNDS: usize = 2;

fn apply(bytes: &[u8], key: &[u8], indexed: bool) -> Option<Vec<u8>> {
    let mut plain = bytes.to_vec();
    stream(&mut plain, key, indexed)?;
    Some(plain)
}

fn stream(data: &mut [u8], key: &[u8], indexed: bool) -> Option<()> {
    let mut chunks = data.chunks_mut((!key.is_empty()).then_some(key.len())?);
    chunks.by_ref().for_each(|chunk| xor(chunk, key));
    if indexed {
        for (at, byte) in data.iter_mut().enumerate() {
            *byte ^= at as u8;
        }
    }
    Some(())
}

/// True when plaintext and key are of the same kind nearly everywhere (four of five upper three bits): small
/// numbers leave the text of a key text, whatever they are, before and after the index is taken off.
fn shows_key(plain: &[u8], key: &[u8]) -> bool {
    let mut counts = [0usize; 8];
    for (plain, key) in plain.iter().zip(key.iter().cycle()) {
        if let Some(count) = counts.get_mut(usize::from((plain ^ key) >> 5)) {
            *count = count.saturating_add(1);
        }
    }
    counts
        .iter()
        .any(|count| count.saturating_mul(5) >= plain.len().saturating_mul(4))
}

impl Family for Xor {
    fn layers(&self) -> &'static [&'static str] {
        &[LAYER, INDEXED]
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        let bytes = hunt.bytes;
        let keys = hunt.keys;
        let (once, per_byte) = PRICE;
        if bytes.len() < SHORTEST {
            return;
        }
        let start = bytes.get(..HEAD).unwrap_or(bytes);
        // Numbers that count up repeat themselves once the index is taken off.
        let counted = OnceCell::new();
        let counted = || {
            *counted
                .get_or_init(|| trial::repetition(&apply(bytes, &[0], true).unwrap_or_default()))
        };
        for key in keys.of_any_length() {
            if !hunt.spend(once, LAYER) {
                return;
            }
            if key.bytes.len().saturating_mul(ROUNDS) > bytes.len() {
                continue;
            }
            for (indexed, layer) in [(false, LAYER), (true, INDEXED)] {
                let mut head = [0u8; HEAD];
                let Some(head) = head.get_mut(..start.len()) else {
                    return;
                };
                head.copy_from_slice(start);
                hunt.tries(1);
                if stream(head, key.bytes, indexed).is_none() || !trial::head(head) {
                    continue;
                }
                if !hunt.spend(per_byte.saturating_mul(bytes.len() as u64), LAYER) {
                    return;
                }
                if let Some(plain) = apply(bytes, key.bytes, indexed)
                    && !shows_key(&plain, key.bytes)
                    && !shows_key(bytes, &[0])
                {
                    let prior = if indexed {
                        INDEXED_PRIOR.saturating_add(counted())
                    } else {
                        PRIOR
                    };
                    hunt.offer(Find {
                        layer,
                        selector: Selector::key(key.bytes),
                        plain,
                        proof: 0,
                        prior,
                        key,
                        iv: None,
                        bytewise: false,
                    });
                }
            }
            if hunt.found() {
                return;
            }
        }
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        apply(selector.body(bytes)?, &selector.key, layer == INDEXED)
    }
}
