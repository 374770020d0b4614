//! Block ciphers in all modes: which keys pass the cheap tests, and what the message is under those.
//!
//! No test needs the initialisation vector. In CBC the second block is D(c₂) ⊕ c₁, in ECB D(c₂); in CFB it is
//! E(c₁) ⊕ c₂, which is also the first block of CTR and OFB when the vector is sent in front. Padding is in
//! the last block. Only keys that pass decipher the whole message.

use super::modes::{BlockCipher, Mode, decipher, xor};
use crate::crack::derive::rank;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::Key;
use crate::crack::padding::{self, Padding};
use crate::crack::selector::{Iv, Selector};
use crate::crack::trial;

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

/// Keystreams that are begun per key.
const STARTS: usize = 12;
/// Bytes of a keystream needed for a test.
const SHORTEST: usize = 8;
/// Keystreams that are begun with proposed vectors when there are many keys.
const BULK_IVS: usize = 3;
/// Modes that are the same for the first block.
const STREAMS: &[Mode] = &[Mode::Ctr, Mode::Cfb, Mode::Ofb];
/// Bytes that the test of CFB8 looks at.
const CFB8_TEST: usize = 12;
/// Bytes behind the first block that are looked at before vectors are.
const SAMPLE: usize = 256;
/// Work per constant that is tried as a vector.
const CONSTANT: u64 = 15;
/// Rarer than CBC and ECB by so much, in tenths of a bit.
const STREAM_PRIOR: i64 = 20;
/// CFB8 is rarer still.
const CFB8_PRIOR: i64 = 40;

/// One way to begin a keystream.
struct Start<const B: usize> {
    /// First block to encipher; for the key as vector it is filled in per key.
    counter: [u8; B],
    /// The counter is the beginning of the key.
    from_key: bool,
    /// Where the ciphertext begins.
    at: usize,
    iv: Iv,
    /// What follows the nonce.
    rest: Vec<u8>,
    /// Bytes behind the ciphertext.
    cut: usize,
    modes: &'static [Mode],
    label: Option<String>,
}

/// What all trials of a value share.
struct Shape<const B: usize> {
    /// Whole blocks only.
    padded: bool,
    /// Number of whole blocks.
    blocks: usize,
    /// First, second (or first again) and last block.
    probe: [[u8; B]; 3],
    before_last: [u8; B],
    starts: Vec<Start<B>>,
}

/// What passed for a key.
#[derive(Default)]
struct Passed {
    ecb: bool,
    cbc: bool,
    /// Only the padding of the last block speaks for it.
    cbc_end: bool,
    cfb8: bool,
    starts: [bool; STARTS],
}

impl<const B: usize> Shape<B> {
    fn new(hunt: &Hunt<'_>, family: &Family, authenticated: bool) -> Option<Self> {
        let bytes = hunt.bytes;
        let (blocks, rest) = bytes.as_chunks::<B>();
        let first = *blocks.first()?;
        let last = *blocks.last()?;
        let second = blocks.get(1).copied().unwrap_or(first);
        let before_last = blocks
            .len()
            .checked_sub(2)
            .and_then(|at| blocks.get(at))
            .copied()
            .unwrap_or([0; B]);
        let mut shape = Shape {
            padded: rest.is_empty(),
            blocks: blocks.len(),
            probe: [first, second, last],
            before_last,
            starts: Vec::new(),
        };
        if hunt.near || family.streams {
            shape.streams(hunt, authenticated);
        }
        (shape.padded || !shape.starts.is_empty()).then_some(shape)
    }

    fn start(&mut self, hunt: &Hunt<'_>, start: Start<B>) {
        let left = hunt
            .bytes
            .len()
            .saturating_sub(start.at.saturating_add(start.cut));
        if left >= SHORTEST && self.starts.len() < STARTS {
            self.starts.push(start);
        }
    }

    fn streams(&mut self, hunt: &Hunt<'_>, authenticated: bool) {
        let bytes = hunt.bytes;
        let plain = |counter, at, iv, modes| Start {
            counter,
            from_key: false,
            at,
            iv,
            rest: Vec::new(),
            cut: 0,
            modes,
            label: None,
        };
        let [first, ..] = self.probe;
        self.start(hunt, plain(first, B, Iv::Prefix(B), STREAMS));
        self.start(
            hunt,
            Start {
                from_key: true,
                ..plain([0; B], 0, Iv::None, STREAMS)
            },
        );
        // A nonce in front and a counter from 0 or 1 behind it; in GCM the plaintext begins with 2 and a
        // tag of 16 bytes follows it.
        let nonces: &[(usize, u8, usize)] = match (B, authenticated) {
            (16, true) => &[(12, 2, 16), (12, 1, 0), (12, 0, 0), (8, 0, 0), (8, 1, 0)],
            (16, false) => &[(12, 1, 0), (12, 0, 0), (8, 0, 0)],
            _ => &[],
        };
        for &(length, from, cut) in nonces {
            let mut counter = [0; B];
            let (Some(to), Some(nonce)) = (counter.get_mut(..length), bytes.get(..length)) else {
                continue;
            };
            to.copy_from_slice(nonce);
            if let Some(last) = counter.last_mut() {
                *last = from;
            }
            let rest = counter.get(length..).unwrap_or_default().to_vec();
            self.start(
                hunt,
                Start {
                    rest,
                    cut,
                    ..plain(counter, length, Iv::Prefix(length), &[Mode::Ctr])
                },
            );
        }
        let most = if hunt.near { STARTS } else { BULK_IVS };
        let fitting = hunt.ivs.iter().filter(|iv| iv.bytes.len() == B).take(most);
        for near in fitting {
            if let Ok(counter) = near.bytes.as_slice().try_into() {
                self.start(
                    hunt,
                    Start {
                        label: Some(near.label.clone()),
                        ..plain(counter, 0, Iv::Bytes(near.bytes.clone()), STREAMS)
                    },
                );
            }
        }
    }

    /// True when the last block ends with PKCS #7, or what is before it is text.
    fn ends(last: &[u8; B]) -> bool {
        padding::pkcs7(last, B) > 0
    }

    /// A second block that is text; the last of the message may be padded.
    fn inner(&self, block: &[u8; B]) -> bool {
        if self.blocks > 2 {
            return trial::text(block);
        }
        let count = padding::pkcs7(block, B);
        let end = Padding::Zero
            .strip(block, B)
            .unwrap_or(B)
            .min(B.saturating_sub(count));
        block
            .get(..end)
            .is_some_and(|text| !text.is_empty() && trial::text(text))
    }
}

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
                let passed = self.trial(&shape, &cipher, key, hunt);
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

    /// The cheap tests. `None` when nothing passed, which is nearly always.
    #[inline(always)]
    fn trial<const B: usize, C: BlockCipher<B>>(
        &self,
        shape: &Shape<B>,
        cipher: &C,
        key: Key<'_>,
        hunt: &mut Hunt<'_>,
    ) -> Option<Passed> {
        let mut passed = Passed::default();
        let mut any = false;
        if shape.padded {
            let mut blocks = shape.probe;
            cipher.decrypt(&mut blocks);
            let [first, mut second, mut last] = blocks;
            hunt.tries(2);
            let more = shape.blocks > 1;
            passed.ecb = trial::magic(&first)
                || (trial::text(&first) && (B > 8 || !more || shape.inner(&second)))
                || padding::pkcs7(&last, B) > 0;
            if more {
                let [c1, ..] = &shape.probe;
                xor(&mut second, c1);
                xor(&mut last, &shape.before_last);
                passed.cbc = trial::magic(&second) || shape.inner(&second);
                passed.cbc_end = Shape::ends(&last);
            }
            // The first block under the proposed vectors.
            if !passed.cbc {
                for iv in hunt.ivs.iter().filter(|iv| iv.bytes.len() == B) {
                    let mut block = first;
                    xor(&mut block, &iv.bytes);
                    passed.cbc |= trial::magic(&block) || (!more && Shape::ends(&block));
                }
                let mut block = first;
                xor(&mut block, key.bytes);
                passed.cbc |= trial::magic(&block) || (!more && Shape::ends(&block));
            }
            any = passed.ecb | passed.cbc | passed.cbc_end;
        }
        if !shape.starts.is_empty() {
            let mut counters = [[0u8; B]; STARTS];
            for (counter, start) in counters.iter_mut().zip(&shape.starts) {
                *counter = start.counter;
                if start.from_key {
                    xor(counter, key.bytes.get(..B).unwrap_or_default());
                }
            }
            let Some(counters) = counters.get_mut(..shape.starts.len()) else {
                return None;
            };
            cipher.encrypt(counters);
            hunt.tries(shape.starts.len() as u64);
            let all = shape.starts.iter().zip(counters).zip(&mut passed.starts);
            for ((start, block), passed) in all {
                let bytes = hunt.bytes;
                let end = bytes.len().saturating_sub(start.cut);
                let body = bytes.get(start.at..end).unwrap_or_default();
                *passed = match body.first_chunk::<B>() {
                    Some(body) => {
                        xor(block, body);
                        trial::head(&block[..])
                    }
                    None => {
                        xor(block, body);
                        trial::head(block.get(..body.len()).unwrap_or_default())
                    }
                };
                any |= *passed;
            }
            passed.cfb8 = cfb8(cipher, hunt.bytes);
            any |= passed.cfb8;
        }
        any.then_some(passed)
    }

    /// Decipher the message in every mode that passed.
    #[inline(never)]
    fn settle<const B: usize, C: BlockCipher<B>>(
        &self,
        shape: &Shape<B>,
        cipher: &C,
        key: Key<'_>,
        passed: &Passed,
        hunt: &mut Hunt<'_>,
    ) {
        if passed.ecb {
            self.padded(Mode::Ecb, &[], cipher, key, hunt, Iv::None, None);
        }
        if passed.cbc || passed.cbc_end {
            self.cbc(shape, cipher, key, hunt, passed.cbc);
        }
        for (start, _) in shape
            .starts
            .iter()
            .zip(&passed.starts)
            .filter(|(_, passed)| **passed)
        {
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
        }
        if passed.cfb8 {
            let near = hunt.ivs;
            let fitting = near.iter().filter(|iv| iv.bytes.len() == B);
            let vectors = fitting
                .map(|near| (Iv::Bytes(near.bytes.clone()), Some(near.label.as_str())))
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
                vectors.extend(set.beginning_with(B, &start));
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
        if !self.pay(mode, body, B, hunt) {
            return;
        }
        let Some(mut plain) = decipher(mode, cipher, iv, body) else {
            return;
        };
        let count = padding::pkcs7(&plain, B);
        let pad = match plain.last() {
            _ if count > 0 => Padding::Pkcs7,
            Some(0) => Padding::Zero,
            _ => Padding::None,
        };
        plain.truncate(pad.strip(&plain, B).unwrap_or(plain.len()));
        hunt.offer(Find {
            layer: self.layer(mode),
            selector: Selector::key(key.bytes).with_iv(vector).with_pad(pad),
            plain,
            proof: padding::evidence(count, B),
            prior: self.prior,
            key,
            iv: label,
            bytewise: false,
        });
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
        if !self.pay(mode, body, B, hunt) {
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

/// CFB8 mends itself after a block: the bytes behind the first block need no vector. Text in ASCII and gzip
/// are told; every byte costs a block, and noise fails at the second.
#[inline(always)]
fn cfb8<const B: usize>(cipher: &impl BlockCipher<B>, bytes: &[u8]) -> bool {
    let mut count = 0usize;
    let mut magic = true;
    let mut text = true;
    for (register, &byte) in bytes.windows(B).zip(bytes.iter().skip(B)).take(CFB8_TEST) {
        let Ok(register) = register.try_into() else {
            return false;
        };
        let mut block = [register];
        cipher.encrypt(&mut block);
        let [block] = block;
        let plain = byte ^ block.first().copied().unwrap_or_default();
        text &= trial::ascii(plain);
        magic &= b"\x1f\x8b\x08"
            .get(count)
            .is_none_or(|&known| known == plain);
        count = count.saturating_add(1);
        if !magic && !text {
            return false;
        }
    }
    count >= SHORTEST
}
