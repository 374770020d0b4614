//! What all trials of a value share, and the cheap tests.

use super::super::modes::{BlockCipher, Mode, xor};
use super::Family;
use crate::crack::glance::{self, Glance};
use crate::crack::hunt::Hunt;
use crate::crack::padding::{self, Padding};
use crate::crack::selector::Iv;
use crate::crack::trial;

/// Keystreams that are begun per key.
const STARTS: usize = 12;
/// Which of them has the key itself as its vector.
const KEY_START: usize = 0;
/// Which of them has the first block as its vector.
pub(super) const PREFIX_START: usize = 1;
/// Bytes of a keystream needed for a test.
const SHORTEST: usize = 8;
/// Keystreams that are begun with proposed vectors when there are many keys.
const BULK_IVS: usize = 3;
/// Modes that are the same for the first block.
const STREAMS: &[Mode] = &[Mode::Ctr, Mode::Cfb, Mode::Ofb];
/// Bytes of a nonce in front of a counter of four (SP 800-38D section 7.1), and of the tag.
const NONCE: usize = 12;
const TAG: usize = 16;
/// Bytes that the test of CFB8 looks at.
const CFB8_TEST: usize = 12;

/// One way to begin a keystream.
pub(super) struct Start<const B: usize> {
    /// First block to encipher; for the key as vector it is filled in per key.
    counter: [u8; B],
    /// Bytes of ciphertext in the first block.
    length: usize,
    /// The counter is the beginning of the key.
    pub(super) from_key: bool,
    /// Where the ciphertext begins.
    at: usize,
    pub(super) iv: Iv,
    /// What follows the nonce.
    pub(super) rest: Vec<u8>,
    /// Bytes behind the ciphertext.
    pub(super) cut: usize,
    pub(super) modes: &'static [Mode],
    pub(super) label: Option<String>,
}

/// What all trials of a value share.
pub(super) struct Shape<const B: usize> {
    /// Whole blocks only.
    padded: bool,
    /// Number of whole blocks.
    pub(super) blocks: usize,
    /// First, second (or first again) and last block.
    pub(super) probe: [[u8; B]; 3],
    before_last: [u8; B],
    /// Proposed vectors of the right length.
    vectors: Vec<[u8; B]>,
    /// Ways to begin a keystream.
    pub(super) starts: Vec<Start<B>>,
    /// Their first counters.
    counters: [[u8; B]; STARTS],
    /// Their first blocks of ciphertext.
    bodies: [[u8; B]; STARTS],
    /// Some of them are not whole.
    any_short: bool,
    /// The cipher is slow: the last block is looked at first.
    end_first: bool,
    /// There is enough behind the first block to tell CFB8.
    cfb8: bool,
}

/// What passed for a key.
#[derive(Default)]
pub(super) struct Passed {
    pub(super) ecb: bool,
    pub(super) cbc: bool,
    /// Only the padding of the last block speaks for it.
    pub(super) cbc_end: bool,
    pub(super) cfb8: bool,
    /// One bit for each way to begin a keystream.
    pub(super) starts: u32,
}

impl<const B: usize> Shape<B> {
    pub(super) fn new(hunt: &Hunt<'_>, family: &Family, authenticated: bool) -> Option<Self> {
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
            vectors: hunt
                .ivs
                .iter()
                .filter_map(|iv| iv.bytes.as_slice().try_into().ok())
                .collect(),
            starts: Vec::new(),
            counters: [[0; B]; STARTS],
            bodies: [[0; B]; STARTS],
            any_short: false,
            end_first: family.end_first,
            cfb8: bytes.len() >= B + SHORTEST,
        };
        if hunt.near || family.streams {
            shape.streams(hunt, authenticated);
        }
        (shape.padded || !shape.starts.is_empty()).then_some(shape)
    }

    fn start(&mut self, hunt: &Hunt<'_>, mut start: Start<B>) {
        let bytes = hunt.bytes;
        let end = bytes.len().saturating_sub(start.cut);
        let body = bytes.get(start.at..end).unwrap_or_default();
        let at = self.starts.len();
        let (Some(counter), Some(first)) = (self.counters.get_mut(at), self.bodies.get_mut(at))
        else {
            return;
        };
        if body.len() < SHORTEST {
            return;
        }
        *counter = start.counter;
        xor(first, body);
        start.length = body.len().min(B);
        self.any_short |= start.length < B;
        self.starts.push(start);
    }

    fn streams(&mut self, hunt: &Hunt<'_>, authenticated: bool) {
        let bytes = hunt.bytes;
        let plain = |counter, at, iv, modes| Start {
            counter,
            from_key: false,
            length: B,
            at,
            iv,
            rest: Vec::new(),
            cut: 0,
            modes,
            label: None,
        };
        let [first, ..] = self.probe;
        self.start(
            hunt,
            Start {
                from_key: true,
                ..plain([0; B], 0, Iv::None, STREAMS)
            },
        );
        self.start(hunt, plain(first, B, Iv::Prefix(B), STREAMS));
        // A nonce in front and a counter from 0 or 1 behind it; in GCM the plaintext begins with 2 and a
        // tag of 16 bytes follows it.
        let nonces: &[(usize, u8, usize)] = match (B, authenticated) {
            (16, true) => &[
                (NONCE, 2, TAG),
                (NONCE, 1, 0),
                (NONCE, 0, 0),
                (8, 0, 0),
                (8, 1, 0),
            ],
            (16, false) => &[(NONCE, 1, 0), (NONCE, 0, 0), (8, 0, 0)],
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
        if authenticated && B == 16 {
            // A nonce of zeros is in no message.
            let mut counter = [0; B];
            if let Some(last) = counter.last_mut() {
                *last = 2;
            }
            self.start(
                hunt,
                Start {
                    rest: counter.get(NONCE..).unwrap_or_default().to_vec(),
                    cut: TAG,
                    ..plain(counter, 0, Iv::Bytes(vec![0; NONCE]), &[Mode::Ctr])
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

    /// A second block that is text; the last of the message may be padded.
    fn inner(&self, block: &[u8; B]) -> bool {
        if self.blocks > 2 {
            return glance::text(block);
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

    /// The cheap tests. `None` when nothing passed, which is nearly always.
    #[inline(always)]
    pub(super) fn trial(
        &self,
        cipher: &impl BlockCipher<B>,
        key: &[u8],
        hunt: &mut Hunt<'_>,
    ) -> Option<Passed> {
        let mut passed = Passed::default();
        if self.padded {
            hunt.tries(2);
            if !self.end_first || self.ends(cipher) {
                self.padded(cipher, key, &mut passed);
            }
        }
        let count = self.starts.len();
        if count > 0 {
            hunt.tries(count as u64);
            self.begun(cipher, key, hunt.bytes, &mut passed);
        }
        let any = passed.ecb | passed.cbc | passed.cbc_end | passed.cfb8 | (passed.starts != 0);
        any.then_some(passed)
    }

    /// True when keys that do not fit the last block are not looked at further.
    pub(super) fn end_first(&self) -> bool {
        self.end_first && self.padded && self.starts.is_empty()
    }

    /// The last block.
    pub(super) fn last(&self) -> [u8; B] {
        let [_, _, last] = self.probe;
        last
    }

    /// The last block alone: every plaintext ends as text does, or with zeros, or with padding. (Compressed
    /// data that fill their last block to the end by chance are missed, but those of gzip end with the high
    /// byte of a length, which is zero.)
    #[inline(always)]
    fn ends(&self, cipher: &impl BlockCipher<B>) -> bool {
        let mut blocks = [self.last()];
        cipher.decrypt(&mut blocks);
        let [last] = blocks;
        self.ends_with(&last)
    }

    /// The same for the last block as it was deciphered.
    #[inline(always)]
    pub(super) fn ends_with(&self, ecb: &[u8; B]) -> bool {
        let seen = Glance::at(ecb);
        self.blocks == 1 || ending::<B>(seen) || ending::<B>(seen.xor(&self.before_last))
    }

    /// ECB and CBC.
    #[inline(always)]
    fn padded(&self, cipher: &impl BlockCipher<B>, key: &[u8], passed: &mut Passed) {
        let mut blocks = self.probe;
        cipher.decrypt(&mut blocks);
        let [first, second, last] = blocks;
        let more = self.blocks > 1;
        let seen = Glance::at(&first);
        passed.ecb = seen.magic::<B>()
            || (seen.text::<B>() && (B > 8 || !more || self.inner(&second)))
            || padding::pkcs7(&last, B) > 0;
        if more {
            let [c1, ..] = &self.probe;
            let second = Glance::at(&second).xor(c1).block::<B>();
            let last = Glance::at(&last).xor(&self.before_last).block::<B>();
            passed.cbc = glance::magic(&second) || self.inner(&second);
            passed.cbc_end = padding::pkcs7(&last, B) > 0;
        }
        // The first block under the proposed vectors, and under the key as vector.
        let own = key.first_chunk::<B>();
        for iv in self.vectors.iter().chain(own) {
            let block = seen.xor(iv);
            passed.cbc |=
                block.magic::<B>() || (!more && padding::pkcs7(&block.block::<B>(), B) > 0);
        }
    }

    /// Modes that make a keystream.
    #[inline(always)]
    fn begun(&self, cipher: &impl BlockCipher<B>, key: &[u8], bytes: &[u8], passed: &mut Passed) {
        let count = self.starts.len();
        let mut blocks = self.counters;
        if let (Some(counter), Some(own)) = (blocks.get_mut(KEY_START), key.first_chunk::<B>()) {
            *counter = *own;
        }
        let Some(begun) = blocks.get_mut(..count) else {
            return;
        };
        cipher.encrypt(begun);
        for (at, (block, body)) in begun.iter().zip(&self.bodies).enumerate() {
            let full = Glance::at(block).xor(body).head::<B>();
            passed.starts |= u32::from(full) << at;
        }
        // In CFB8 the first block of ciphertext gives the byte behind it, as it does in CFB.
        let next = begun.get(PREFIX_START).and_then(|block| block.first());
        if let (Some(next), Some(byte)) = (next, bytes.get(B))
            && self.cfb8
        {
            let next = next ^ byte;
            if trial::ascii(next) || next == 0x1f {
                passed.cfb8 = cfb8(cipher, bytes, next);
            }
        }
        if self.any_short {
            self.short(begun, passed);
        }
    }

    /// Keystreams whose ciphertext is shorter than a block.
    #[cold]
    fn short(&self, begun: &[[u8; B]], passed: &mut Passed) {
        for (at, ((block, body), start)) in
            begun.iter().zip(&self.bodies).zip(&self.starts).enumerate()
        {
            let plain = Glance::at(block).xor(body).block::<B>();
            if start.length < B && trial::head(plain.get(..start.length).unwrap_or_default()) {
                passed.starts |= 1 << at;
            }
        }
    }
}

/// True when a plaintext can end so: as text does, with zeros, or with any padding that tells its length.
#[inline(always)]
fn ending<const B: usize>(seen: Glance) -> bool {
    let block = seen.block::<B>();
    block.last().is_some_and(|&last| usize::from(last) <= B) || seen.text::<B>()
}

/// CFB8 mends itself after a block: the bytes behind the first block need no vector. Text in ASCII and gzip
/// are told; every byte costs a block, and noise fails soon. `first`: the byte behind the first block.
#[inline(never)]
fn cfb8<const B: usize>(cipher: &impl BlockCipher<B>, bytes: &[u8], first: u8) -> bool {
    let mut count = 1usize;
    let mut magic = first == 0x1f;
    let mut text = trial::ascii(first);
    let registers = bytes.windows(B).zip(bytes.iter().skip(B)).skip(1);
    for (register, &byte) in registers.take(CFB8_TEST - 1) {
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
