//! What the message is under a key that passed the cheap tests.

use super::super::modes::{BlockCipher, Mode, decipher, xor};
use super::shape::{PREFIX_START, Passed, Shape};
use super::{Authenticated, Family};
use crate::crack::derive::rank;
use crate::crack::evidence::ACCEPT;
use crate::crack::glance::{self, Glance};
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::Key;
use crate::crack::padding;
use crate::crack::selector::{Iv, Selector};
use crate::crack::trial;

/// Bytes behind the first block that are looked at before vectors are.
const SAMPLE: usize = 256;
/// Work per constant that is tried as a vector.
const CONSTANT: u64 = 15;
/// Rarer than CBC and ECB by so much, in tenths of a bit.
const STREAM_PRIOR: i64 = 20;
/// CFB8 is rarer still.
const CFB8_PRIOR: i64 = 40;

impl Family {
    /// Decipher the message in every mode that passed.
    #[inline(never)]
    pub(super) fn settle<const B: usize, C: BlockCipher<B>>(
        &self,
        shape: &Shape<B>,
        cipher: &C,
        key: Key<'_>,
        passed: &Passed,
        hunt: &mut Hunt<'_>,
        authenticated: Option<Authenticated>,
    ) {
        if passed.ecb {
            self.padded(Mode::Ecb, &[], cipher, key, hunt, Iv::None, None);
        }
        if passed.cbc || passed.cbc_end {
            self.cbc(shape, cipher, key, hunt, passed.cbc);
        }
        for (at, start) in shape.starts.iter().enumerate() {
            if passed.starts >> at & 1 == 0 {
                continue;
            }
            let iv = if start.from_key {
                Iv::Bytes(key.bytes.get(..B).unwrap_or_default().to_vec())
            } else {
                start.iv.clone()
            };
            for &mode in start.modes {
                let mut selector = Selector::key(key.bytes).with_iv(iv.clone());
                selector.counter.clone_from(&start.rest);
                selector.cut = start.cut;
                let label = start.label.as_deref();
                self.stream::<B, C>(mode, cipher, selector, key, hunt, label, STREAM_PRIOR);
            }
            // Behind the counter mode there may be a tag, which proves more.
            if start.cut > 0
                && let Some(authenticated) = authenticated
            {
                authenticated(hunt, key, &iv);
            }
        }
        if passed.starts >> PREFIX_START & 1 == 1 {
            self.cfb_constants(cipher, key, hunt);
        }
        if passed.cfb8 {
            let near = hunt.ivs;
            let fitting = near.iter().filter(|iv| iv.bytes.len() == B);
            let vectors = fitting
                .map(|near| (Iv::Bytes(near.bytes.clone()), Some(near.label.as_str())))
                .chain(
                    key.bytes
                        .get(..B)
                        .map(|iv| (Iv::Bytes(iv.to_vec()), Some("the key"))),
                )
                .chain([(Iv::Prefix(B), None)]);
            for (iv, label) in vectors {
                let selector = Selector::key(key.bytes).with_iv(iv);
                self.stream::<B, C>(Mode::Cfb8, cipher, selector, key, hunt, label, CFB8_PRIOR);
            }
        }
    }

    /// CBC: block 1 under every proposed vector, then without block 1. The vector in front comes last, for it
    /// always looks right: it drops the only block that depends on it.
    fn cbc<const B: usize, C: BlockCipher<B>>(
        &self,
        shape: &Shape<B>,
        cipher: &C,
        key: Key<'_>,
        hunt: &mut Hunt<'_>,
        passed: bool,
    ) {
        let mut first = [shape.probe[0]];
        cipher.decrypt(&mut first);
        let [first] = first;
        // The rest of the message does not depend on the vector: noise there is noise under all of them.
        if !passed && shape.blocks > 2 && !hunt.near {
            let rest = hunt.bytes.get(..SAMPLE).unwrap_or(hunt.bytes);
            let rest = rest.get(..rest.len() / B * B).unwrap_or(rest);
            let (iv, body) = rest.split_at(B.min(rest.len()));
            let plain = decipher(Mode::Cbc, cipher, iv, body).unwrap_or_default();
            if !trial::promising(&plain) {
                self.constants(cipher, key, hunt, &first, passed);
                return;
            }
        }
        let near = hunt.ivs;
        for near in near.iter().filter(|iv| iv.bytes.len() == B) {
            let iv = Iv::Bytes(near.bytes.clone());
            self.padded(
                Mode::Cbc,
                &near.bytes,
                cipher,
                key,
                hunt,
                iv,
                Some(&near.label),
            );
        }
        if let Some(iv) = key.bytes.get(..B) {
            let vector = Iv::Bytes(iv.to_vec());
            self.padded(Mode::Cbc, iv, cipher, key, hunt, vector, Some("the key"));
        }
        self.constants(cipher, key, hunt, &first, passed);
        if shape.blocks > 1 {
            self.padded(Mode::Cbc, &[], cipher, key, hunt, Iv::Prefix(B), None);
        }
    }

    /// CBC under all constants as vectors. Where only the padding spoke, those under which the first block
    /// begins as compressed data are looked up; where the second block is text, all are tried.
    fn constants<const B: usize, C: BlockCipher<B>>(
        &self,
        cipher: &C,
        key: Key<'_>,
        hunt: &mut Hunt<'_>,
        first: &[u8; B],
        passed: bool,
    ) {
        let (keys, bulk) = (hunt.keys, hunt.constants);
        let sets: &[_] = if std::ptr::eq(keys, bulk) {
            &[keys]
        } else {
            &[keys, bulk]
        };
        for set in sets {
            let mut vectors = Vec::new();
            for beginning in trial::BEGINNINGS {
                hunt.tries(1);
                let mut start = beginning.to_vec();
                xor(&mut start, first);
                let begins = |constant: &Key<'_>| {
                    let vector = constant.bytes.first_chunk::<B>();
                    vector.is_some_and(|vector| Glance::at(first).xor(vector).magic::<B>())
                };
                vectors.extend(set.beginning_with(B, &start).filter(begins));
            }
            if passed {
                let count = set.count(B, rank::KEY) as u64;
                hunt.tries(count);
                if !hunt.spend(count.saturating_mul(CONSTANT), "vectors") {
                    return;
                }
                vectors.extend(set.of_length(B, rank::KEY).filter(|constant| {
                    let mut block = *first;
                    xor(&mut block, constant.bytes);
                    trial::text(&block)
                }));
            }
            for constant in vectors {
                let iv = Iv::Bytes(constant.bytes.to_vec());
                let label = set.label(constant.candidate);
                self.padded(
                    Mode::Cbc,
                    constant.bytes,
                    cipher,
                    key,
                    hunt,
                    iv,
                    Some(label),
                );
            }
        }
    }

    /// CFB under all constants as vectors: its second block is text whatever the vector is, and the first tells
    /// which. (CTR and OFB do not tell anything without the vector.)
    fn cfb_constants<const B: usize, C: BlockCipher<B>>(
        &self,
        cipher: &C,
        key: Key<'_>,
        hunt: &mut Hunt<'_>,
    ) {
        let Some(first) = hunt.bytes.first_chunk::<B>() else {
            return;
        };
        // What follows the first block does not depend on the vector: noise there is noise under all of them.
        let rest = hunt.bytes.get(..SAMPLE).unwrap_or(hunt.bytes);
        let (iv, body) = rest.split_at(B);
        if !decipher(Mode::Cfb, cipher, iv, body).is_some_and(|plain| trial::promising(&plain)) {
            return;
        }
        let constants = hunt.constants;
        let count = constants.count(B, rank::KEY) as u64;
        hunt.tries(count);
        if !hunt.spend(count.saturating_mul(CONSTANT), "vectors") {
            return;
        }
        for constant in constants.of_length(B, rank::KEY) {
            let Ok(vector) = constant.bytes.try_into() else {
                return;
            };
            let mut block = [vector];
            cipher.encrypt(&mut block);
            let [mut block] = block;
            xor(&mut block, first);
            if glance::head(&block) {
                let selector = Selector::key(key.bytes).with_iv(Iv::Bytes(constant.bytes.to_vec()));
                let label = Some(constants.label(constant.candidate));
                self.stream::<B, C>(Mode::Cfb, cipher, selector, key, hunt, label, STREAM_PRIOR);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn padded<const B: usize, C: BlockCipher<B>>(
        &self,
        mode: Mode,
        iv: &[u8],
        cipher: &C,
        key: Key<'_>,
        hunt: &mut Hunt<'_>,
        vector: Iv,
        label: Option<&str>,
    ) {
        let bytes = hunt.bytes;
        let (iv, body) = match vector {
            Iv::Prefix(count) => match bytes.split_at_checked(count) {
                Some(halves) => halves,
                None => return,
            },
            _ => (iv, bytes),
        };
        if !self.may_be(mode, iv, cipher, body) || !self.pay(mode, body, B, hunt) {
            return;
        }
        let Some(plain) = decipher(mode, cipher, iv, body) else {
            return;
        };
        for (pad, proof) in padding::ways(&plain, B) {
            let length = pad.strip(&plain, B).unwrap_or(plain.len());
            hunt.offer(Find {
                layer: self.layer(mode),
                selector: Selector::key(key.bytes)
                    .with_iv(vector.clone())
                    .with_pad(pad),
                plain: plain.get(..length).unwrap_or_default().to_vec(),
                proof,
                prior: self.prior,
                key,
                iv: label,
                bytewise: false,
            });
        }
    }

    /// False when beginning and end of a long message show that it is noise, before all of it is deciphered.
    fn may_be<const B: usize, C: BlockCipher<B>>(
        &self,
        mode: Mode,
        iv: &[u8],
        cipher: &C,
        body: &[u8],
    ) -> bool {
        let (Some(start), Some(last)) = (body.get(..SAMPLE), body.last_chunk::<B>()) else {
            return true;
        };
        let before = body
            .get(..body.len().saturating_sub(B))
            .and_then(|front| front.last_chunk::<B>());
        let end = decipher(mode, cipher, before.map_or(&[][..], |before| before), last);
        let padded = end.map_or(0, |end| padding::evidence(padding::pkcs7(&end, B), B));
        padded >= ACCEPT
            || decipher(mode, cipher, iv, start).is_none_or(|plain| trial::promising(&plain))
    }

    #[allow(clippy::too_many_arguments)]
    fn stream<const B: usize, C: BlockCipher<B>>(
        &self,
        mode: Mode,
        cipher: &C,
        selector: Selector,
        key: Key<'_>,
        hunt: &mut Hunt<'_>,
        label: Option<&str>,
        prior: i64,
    ) {
        let Some((iv, body)) = selector.split(hunt.bytes) else {
            return;
        };
        // The beginning of a long message tells noise.
        let start = body
            .get(..SAMPLE)
            .map(|start| decipher(mode, cipher, &iv, start));
        if start.is_some_and(|plain| !plain.is_some_and(|plain| trial::promising(&plain)))
            || !self.pay(mode, body, B, hunt)
        {
            return;
        }
        if let Some(plain) = decipher(mode, cipher, &iv, body) {
            hunt.offer(Find {
                layer: self.layer(mode),
                selector,
                plain,
                proof: 0,
                prior: self.prior.saturating_add(prior),
                key,
                iv: label,
                bytewise: false,
            });
        }
    }

    fn pay(&self, mode: Mode, body: &[u8], block: usize, hunt: &mut Hunt<'_>) -> bool {
        let blocks = (body.len() / block.max(1)) as u64;
        let price = blocks
            .saturating_mul(self.price.block)
            .saturating_mul(mode.work(block));
        hunt.spend(price, self.layers.first().copied().unwrap_or_default())
    }

    fn layer(&self, mode: Mode) -> &'static str {
        Mode::ALL
            .iter()
            .position(|&known| known == mode)
            .and_then(|at| self.layers.get(at))
            .copied()
            .unwrap_or_default()
    }
}
