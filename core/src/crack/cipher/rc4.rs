//! RC4 (as in RFC 6229), from the first byte of the keystream.

use super::Family;
use super::modes::xor;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::HEAD;
use crate::crack::selector::Selector;
use crate::crack::trial;
use crate::secure::protection;

/// RC4.
pub(crate) struct Rc4;

const LAYER: &str = "rc4";
const PRIOR: i64 = 20;
/// Work per key, whose keystream is prepared, and per byte deciphered.
const PRICE: (u64, u64) = (70, 4);
/// Least ciphertext.
const SHORTEST: usize = 8;

impl Family for Rc4 {
    fn layers(&self) -> &'static [&'static str] {
        &[LAYER]
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        let bytes = hunt.bytes;
        let keys = hunt.keys;
        let (once, per_byte) = PRICE;
        let start = bytes.get(..HEAD).unwrap_or(bytes);
        if start.len() < SHORTEST {
            return;
        }
        for (key, head) in keys.with_rc4() {
            if !hunt.spend(once, LAYER) {
                return;
            }
            hunt.tries(1);
            let mut head = *head;
            xor(&mut head, start);
            if !trial::head(head.get(..start.len()).unwrap_or_default()) {
                continue;
            }
            if !hunt.spend(per_byte.saturating_mul(bytes.len() as u64), LAYER) {
                return;
            }
            let selector = Selector::key(key.bytes);
            if let Some(plain) = self.follow(LAYER, &selector, bytes) {
                hunt.offer(Find {
                    layer: LAYER,
                    selector,
                    plain,
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

    fn follow(&self, _layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut plain = selector.body(bytes)?.to_vec();
        protection::Rc4::new(&selector.key)?.apply(&mut plain);
        Some(plain)
    }
}
