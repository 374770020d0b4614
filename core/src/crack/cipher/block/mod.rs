//! Block ciphers in all modes: which keys pass the cheap tests, and what the message is under those.
//!
//! No test needs the initialisation vector. In CBC the second block is D(c₂) ⊕ c₁, in ECB D(c₂); in CFB it is
//! E(c₁) ⊕ c₂, which is also the first block of CTR and OFB when the vector is sent in front. Padding is in
//! the last block. Only keys that pass decipher the whole message.

mod settle;
mod shape;

use super::modes::{BlockCipher, Mode, decipher};
use crate::crack::hunt::Hunt;
use crate::crack::keys::Key;
use crate::crack::selector::{Iv, Selector};
use shape::Shape;

/// Work, in nanoseconds of a typical core.
#[derive(Clone, Copy)]
pub(crate) struct Price {
    /// Per key: schedule and trial.
    pub(crate) key: u64,
    /// Per block deciphered.
    pub(crate) block: u64,
}

/// A block cipher and its modes.
pub(crate) struct Family {
    /// Names of the layers in the order of [`Mode::ALL`]; others may follow.
    pub(crate) layers: &'static [&'static str],
    /// Lengths of keys.
    pub(crate) lengths: &'static [usize],
    /// How much rarer than AES-128 it is, in tenths of a bit.
    pub(crate) prior: i64,
    /// Its price.
    pub(crate) price: Price,
    /// Highest rank of keys that are tried when there are many.
    pub(crate) most: u8,
    /// Whether modes that make a keystream are tried when there are many keys.
    pub(crate) streams: bool,
}

/// What tries the authenticated mode with a key and a nonce.
pub(crate) type Authenticated = fn(&mut Hunt<'_>, Key<'_>, &Iv);

impl Family {
    /// Try all keys that are due.
    pub(crate) fn search<const B: usize, C: BlockCipher<B>>(
        &self,
        hunt: &mut Hunt<'_>,
        authenticated: Option<Authenticated>,
    ) {
        let Some(shape) = Shape::<B>::new(hunt, self, authenticated.is_some()) else {
            return;
        };
        let name = self.layers.first().copied().unwrap_or_default();
        let keys = hunt.keys;
        let most = hunt.most(self.most);
        for &length in self.lengths {
            for key in keys.of_length(length, most) {
                if !hunt.spend(self.price.key, name) {
                    return;
                }
                let Some(cipher) = C::new(key.bytes) else {
                    continue;
                };
                let passed = shape.trial(&cipher, key.bytes, hunt);
                if let Some(passed) = passed {
                    self.settle(&shape, &cipher, key, &passed, hunt);
                }
                if hunt.near
                    && let Some(authenticated) = authenticated
                {
                    authenticated(hunt, key, &Iv::Prefix(12));
                    let ivs = hunt.ivs;
                    for near in ivs.iter().filter(|iv| matches!(iv.bytes.len(), 12 | 16)) {
                        authenticated(hunt, key, &Iv::Bytes(near.bytes.clone()));
                    }
                }
                if hunt.found() {
                    return;
                }
            }
        }
    }

    /// Take a layer off again.
    pub(crate) fn follow<const B: usize, C: BlockCipher<B>>(
        &self,
        layer: &str,
        selector: &Selector,
        bytes: &[u8],
    ) -> Option<Vec<u8>> {
        let at = self.layers.iter().position(|&name| name == layer)?;
        let mode = *Mode::ALL.get(at)?;
        let cipher = C::new(&selector.key)?;
        let (iv, body) = selector.split(bytes)?;
        let mut plain = decipher(mode, &cipher, &iv, body)?;
        if let Some(pad) = selector.pad
            && mode.is_padded()
        {
            plain.truncate(pad.strip(&plain, B)?);
        }
        Some(plain)
    }
}
