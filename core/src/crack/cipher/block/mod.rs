//! Block ciphers in all modes: which keys pass the cheap tests, and what the message is under those.
//!
//! No test needs the initialisation vector. In CBC the second block is D(c₂) ⊕ c₁, in ECB D(c₂); in CFB it is
//! E(c₁) ⊕ c₂, which is also the first block of CTR and OFB when the vector is sent in front. Padding is in
//! the last block. Only keys that pass decipher the whole message.

mod settle;
mod shape;

use std::ops::Range;

use super::lanes::LANES;
use super::modes::{BlockCipher, Mode, decipher};
use crate::crack::hunt::Hunt;
use crate::crack::keys::Key;
use crate::crack::selector::{Iv, Selector};
use shape::Shape;

/// Work, in nanoseconds of a typical core.
#[derive(Clone, Copy)]
pub(crate) struct Price {
    /// Per key: the trial.
    pub(crate) key: u64,
    /// Per key, where it was not set up before.
    pub(crate) set_up: u64,
    /// Keys of one length that are set up once for all values.
    pub(crate) kept: usize,
    /// Per block deciphered.
    pub(crate) block: u64,
}

/// A block cipher and its modes.
pub(crate) struct Family {
    /// Names of the layers in the order of [`Mode::ALL`]; others may follow.
    pub(crate) layers: &'static [&'static str],
    /// Lengths of keys.
    pub(crate) lengths: &'static [usize],
    /// Other lengths, tried with few keys only; none for most.
    pub(crate) other_lengths: Range<usize>,
    /// How much rarer than AES-128 it is, in tenths of a bit.
    pub(crate) prior: i64,
    /// Its price.
    pub(crate) price: Price,
    /// Highest rank of keys that are tried when there are many.
    pub(crate) most: u8,
    /// Keys of each length that are tried where they stand beside the value, the commonest forms first.
    pub(crate) near: usize,
    /// Whether modes that make a keystream are tried when there are many keys.
    pub(crate) streams: bool,
    /// Whether it is so slow that the last block is looked at before the others.
    pub(crate) end_first: bool,
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
            // Few keys are set up for one value, many once for all values.
            let set_up: &[C] = if hunt.near {
                &[]
            } else {
                keys.set_up(length, most, self.price.kept)
            };
            let count = if hunt.near { self.near } else { usize::MAX };
            let mut each = None;
            for (at, key) in keys.of_length(length, most).take(count).enumerate() {
                let ready = set_up.get(at);
                let mut price = self.price.key;
                if hunt.near || (ready.is_none() && !set_up.is_empty()) {
                    price = price.saturating_add(self.price.set_up);
                }
                if !hunt.spend(price, name) {
                    return;
                }
                if at % LANES == 0 && !hunt.near && shape.end_first() {
                    each = keys
                        .run(length, at, LANES)
                        .and_then(|run| C::decrypt_with_each(run, shape.last()));
                }
                if let Some(ends) = &each
                    && let Some(end) = ends.get(at % LANES)
                    && !shape.ends_with(end)
                {
                    hunt.tries(2);
                    continue;
                }
                let bytes = key.bytes;
                let passed = match ready {
                    Some(cipher) => shape.trial(cipher, bytes, hunt),
                    None => C::with(bytes, |cipher| shape.trial(cipher, bytes, hunt)).flatten(),
                };
                if let Some(passed) = passed {
                    let made = if ready.is_none() { C::new(bytes) } else { None };
                    if let Some(cipher) = ready.or(made.as_ref()) {
                        self.settle(&shape, cipher, key, &passed, hunt, authenticated);
                    }
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
        if hunt.near {
            self.other_lengths::<B, C>(&shape, name, hunt);
        }
    }

    /// Candidates as they are of other lengths.
    fn other_lengths<const B: usize, C: BlockCipher<B>>(
        &self,
        shape: &Shape<B>,
        name: &'static str,
        hunt: &mut Hunt<'_>,
    ) {
        let keys = hunt.keys;
        let fits = |key: &Key<'_>| {
            let length = key.bytes.len();
            self.other_lengths.contains(&length)
                && !self.lengths.contains(&length)
                && key.derivation.is_spelling()
        };
        for key in keys.of_any_length().filter(fits) {
            if !hunt.spend(self.price.key.saturating_add(self.price.set_up), name) {
                return;
            }
            if let Some(cipher) = C::new(key.bytes)
                && let Some(passed) = shape.trial(&cipher, key.bytes, hunt)
            {
                self.settle(shape, &cipher, key, &passed, hunt, None);
            }
            if hunt.found() {
                return;
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
