//! AES-GCM (SP 800-38D) where the tag is not behind the ciphertext, the nonce has another length than twelve bytes, or
//! data were authenticated besides: tag, nonce and data are among the few values that were proposed.
//!
//! The beginning of the plaintext tells the key and the nonce, as in counter mode; then a tag is looked for that proves
//! them. Without one the counter mode under it is offered, `aes-…-ctr` with the first counter block as its vector.

use ghash::GHash;
use ghash::universal_hash::UniversalHash;

use super::modes::{BlockCipher, xor};
use crate::crack::derive::{self, rank};
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::{HEAD, Key};
use crate::crack::selector::{Iv, Selector};
use crate::crack::trial;

/// Bytes of a tag and of a block.
const TAG: usize = 16;
/// Bytes of a nonce that is no hash.
const NONCE: usize = 12;
/// Lengths of nonces that are tried, besides none.
const NONCES: std::ops::RangeInclusive<usize> = 8..=64;
/// Nonces, tags and data that are tried.
const MOST: usize = 64;
/// Least ciphertext.
const SHORTEST: usize = 8;
/// What a right tag proves, in tenths of a bit.
const PROOF: i64 = 1280;
/// How much rarer it is than AES-128 in its usual modes: one in sixteen.
const PRIOR: i64 = 40;
/// Work per key and nonce, and per 16 bytes deciphered or hashed.
const PRICE: (u64, u64) = (400, 20);

/// A key set up.
struct Gcm<C> {
    cipher: C,
    hash: GHash,
}

impl<C: BlockCipher<16>> Gcm<C> {
    fn new(key: &[u8]) -> Option<Self> {
        let cipher = C::new(key)?;
        let mut zeros = [[0; TAG]];
        cipher.encrypt(&mut zeros);
        let [key] = zeros;
        Some(Gcm {
            cipher,
            hash: GHash::new(&key.into()),
        })
    }

    /// The block that the nonce stands for (section 7.1, step 2).
    fn first(&self, nonce: &[u8]) -> [u8; TAG] {
        let mut block = [0; TAG];
        if nonce.len() == NONCE {
            xor(&mut block, nonce);
            if let Some(last) = block.last_mut() {
                *last = 1;
            }
            return block;
        }
        self.hashed(&[], nonce)
    }

    /// GHASH of data and text, each filled with zeros, and their lengths in bits.
    fn hashed(&self, data: &[u8], text: &[u8]) -> [u8; TAG] {
        let mut hash = self.hash.clone();
        hash.update_padded(data);
        hash.update_padded(text);
        let bits = |bytes: &[u8]| (bytes.len() as u128) << 3;
        hash.update(&[(bits(data) << 64 | bits(text)).to_be_bytes().into()]);
        hash.finalize().into()
    }

    /// Decipher from the counter behind `first` on; it counts in its last four bytes.
    fn apply(&self, first: [u8; TAG], body: &[u8]) -> Vec<u8> {
        let mut counter = first;
        let mut stream: Vec<[u8; TAG]> = Vec::with_capacity(body.len().div_ceil(TAG));
        for _ in 0..body.len().div_ceil(TAG) {
            counter = next(counter);
            stream.push(counter);
        }
        self.cipher.encrypt(&mut stream);
        let mut plain = body.to_vec();
        xor(&mut plain, stream.as_flattened());
        plain
    }

    fn tag(&self, first: [u8; TAG], data: &[u8], body: &[u8]) -> [u8; TAG] {
        let mut tag = self.hashed(data, body);
        let mut mask = [first];
        self.cipher.encrypt(&mut mask);
        xor(&mut tag, mask.as_flattened());
        tag
    }
}

/// The counter behind a block.
fn next(block: [u8; TAG]) -> [u8; TAG] {
    let number = u128::from_be_bytes(block);
    let low = (number as u32).wrapping_add(1);
    (number >> 32 << 32 | u128::from(low)).to_be_bytes()
}

/// The values that were proposed, each as it is and with its digits undone.
pub(super) fn proposed(hunt: &Hunt<'_>) -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = Vec::new();
    for candidate in hunt.keys.candidates() {
        let forms = [
            Some(candidate.bytes.to_vec()),
            derive::from_hex(candidate.bytes),
            derive::from_base64(candidate.bytes),
        ];
        for form in forms.into_iter().flatten() {
            if values.len() < MOST && !values.contains(&form) {
                values.push(form);
            }
        }
    }
    values
}

/// Nonces: those beside, nothing, zeros, and what stands in front.
fn nonces(hunt: &Hunt<'_>, values: &[Vec<u8>]) -> Vec<Iv> {
    let beside = values
        .iter()
        .filter(|value| NONCES.contains(&value.len()))
        .map(|value| Iv::Bytes(value.clone()));
    [
        Iv::Bytes(Vec::new()),
        Iv::Bytes(vec![0; NONCE]),
        Iv::Prefix(NONCE),
        Iv::Prefix(TAG),
    ]
    .into_iter()
    .chain(beside)
    .filter(|iv| !matches!(iv, Iv::Prefix(length) if hunt.bytes.len() < length + SHORTEST))
    .collect()
}

/// Try the keys beside; only there are so few of them.
pub(super) fn search<C: BlockCipher<16>>(
    hunt: &mut Hunt<'_>,
    layers: (&'static str, &'static str),
    length: usize,
) {
    if !hunt.near || hunt.found() || hunt.bytes.len() < SHORTEST {
        return;
    }
    let values = proposed(hunt);
    let nonces = nonces(hunt, &values);
    let keys = hunt.keys;
    for key in keys.of_length(length, rank::KEY) {
        let Some(gcm) = Gcm::<C>::new(key.bytes) else {
            continue;
        };
        for iv in &nonces {
            if !hunt.spend(PRICE.0, layers.0) {
                return;
            }
            hunt.tries(1);
            attempt(hunt, &gcm, key, iv, &values, layers);
            if hunt.found() {
                return;
            }
        }
    }
}

/// One key and one nonce: the beginning, then the tag, then the whole.
fn attempt<C: BlockCipher<16>>(
    hunt: &mut Hunt<'_>,
    gcm: &Gcm<C>,
    key: Key<'_>,
    iv: &Iv,
    values: &[Vec<u8>],
    (sealed, counter): (&'static str, &'static str),
) {
    let mut selector = Selector::key(key.bytes).with_iv(iv.clone());
    let Some((nonce, body)) = selector.split(hunt.bytes) else {
        return;
    };
    let first = gcm.first(&nonce);
    let start = body.get(..HEAD).unwrap_or(body);
    if !trial::head(&gcm.apply(first, start)) {
        return;
    }
    let blocks = (body.len() / TAG) as u64 + 1;
    let behind = body
        .len()
        .checked_sub(TAG)
        .and_then(|at| body.split_at_checked(at));
    let tags = values.iter().filter(|value| value.len() == TAG);
    let places = behind
        .into_iter()
        .map(|(body, tag)| (body, tag, true))
        .chain(tags.map(|tag| (body, tag.as_slice(), false)));
    for (text, tag, is_behind) in places {
        let nothing: &[u8] = &[];
        let data = std::iter::once(nothing).chain(values.iter().map(Vec::as_slice));
        for data in data {
            if !hunt.spend(PRICE.1.saturating_mul(blocks), sealed) {
                return;
            }
            hunt.tries(1);
            if gcm.tag(first, data, text) != tag {
                continue;
            }
            selector.data = data.to_vec();
            if !is_behind {
                selector.tag = tag.to_vec();
            }
            hunt.offer(Find {
                layer: sealed,
                selector,
                plain: gcm.apply(first, text),
                proof: PROOF,
                prior: PRIOR,
                key,
                iv: None,
                bytewise: false,
            });
            return;
        }
    }
    // With these nonces the counter mode is tried anyhow.
    let usual =
        *iv == Iv::Prefix(NONCE) || nonce.len() == NONCE && nonce.iter().all(|&byte| byte == 0);
    if usual || !hunt.spend(PRICE.1.saturating_mul(blocks), counter) {
        return;
    }
    let mut selector = Selector::key(key.bytes).with_iv(Iv::Bytes(next(first).to_vec()));
    if let Iv::Prefix(length) = iv {
        selector.skip = *length;
    }
    hunt.offer(Find {
        layer: counter,
        selector,
        plain: gcm.apply(first, body),
        proof: 0,
        prior: PRIOR,
        key,
        iv: None,
        bytewise: false,
    });
}

/// Take the layer off; `None` when the tag is wrong.
pub(super) fn follow<C: BlockCipher<16>>(selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = selector.split(bytes)?;
    let (text, tag) = if selector.tag.is_empty() {
        body.split_at_checked(body.len().checked_sub(TAG)?)?
    } else {
        (body, selector.tag.as_slice())
    };
    let gcm = Gcm::<C>::new(&selector.key)?;
    let first = gcm.first(&nonce);
    (gcm.tag(first, &selector.data, text) == tag).then(|| gcm.apply(first, text))
}

/// True for what only [`follow`] here takes off.
pub(super) fn is_apart(selector: &Selector) -> bool {
    let nonce = match &selector.iv {
        Iv::None => 0,
        Iv::Prefix(length) => *length,
        Iv::Bytes(nonce) => nonce.len(),
    };
    !selector.tag.is_empty() || !selector.data.is_empty() || (nonce != NONCE && nonce != TAG)
}
