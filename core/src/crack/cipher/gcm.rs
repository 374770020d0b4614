//! AES-GCM (SP 800-38D): the tag of 16 bytes behind the ciphertext proves the key alone. Without additional
//! data; where there are some, the counter mode under it is found instead (`aes-…-ctr` with a `cut`), or they are among
//! the few values that were proposed ([`super::gcm_apart`]).

use aes::cipher::consts::{U12, U16};
use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};

use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::Key;
use crate::crack::selector::{Iv, Selector};

/// With keys of 16 bytes.
pub(super) const AES_128: &str = "aes-128-gcm";
/// With keys of 24 bytes.
pub(super) const AES_192: &str = "aes-192-gcm";
/// With keys of 32 bytes.
pub(super) const AES_256: &str = "aes-256-gcm";

/// Bytes of a tag.
const TAG: usize = 16;
/// What a right tag proves, in tenths of a bit.
const PROOF: i64 = 1280;
/// Work per key, and per 16 bytes.
const PRICE: (u64, u64) = (600, 30);

/// Try a key; what opens is offered.
pub(super) fn settle(hunt: &mut Hunt<'_>, key: Key<'_>, nonce: &Iv) {
    let layer = match key.bytes.len() {
        16 => AES_128,
        24 => AES_192,
        32 => AES_256,
        _ => return,
    };
    let (once, per_block) = PRICE;
    let blocks = (hunt.bytes.len() / TAG) as u64;
    if !hunt.spend(per_block.saturating_mul(blocks).saturating_add(once), layer) {
        return;
    }
    hunt.tries(1);
    let selector = Selector::key(key.bytes).with_iv(nonce.clone());
    if let Some(plain) = follow(layer, &selector, hunt.bytes)
        && !plain.is_empty()
    {
        hunt.offer(Find {
            layer,
            selector,
            plain,
            proof: PROOF,
            prior: 0,
            key,
            iv: None,
            bytewise: false,
        });
    }
}

/// Take the layer off; `None` when the tag is wrong.
pub(super) fn follow(layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = selector.split(bytes)?;
    let open = match (layer, nonce.len()) {
        (AES_128, 12) => open::<AesGcm<aes::Aes128, U12>>,
        (AES_192, 12) => open::<AesGcm<aes::Aes192, U12>>,
        (AES_256, 12) => open::<AesGcm<aes::Aes256, U12>>,
        (AES_128, 16) => open::<AesGcm<aes::Aes128, U16>>,
        (AES_192, 16) => open::<AesGcm<aes::Aes192, U16>>,
        (AES_256, 16) => open::<AesGcm<aes::Aes256, U16>>,
        _ => return None,
    };
    open(&selector.key, &nonce, sealed)
}

fn open<C: AeadInOut + KeyInit>(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (body, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG)?)?;
    let cipher = C::new_from_slice(key).ok()?;
    let nonce = Nonce::<C>::try_from(nonce).ok()?;
    let tag = Tag::<C>::try_from(tag).ok()?;
    let mut plain = body.to_vec();
    cipher
        .decrypt_inout_detached(&nonce, &[], plain.as_mut_slice().into(), &tag)
        .ok()?;
    Some(plain)
}
