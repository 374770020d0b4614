//! What all trials of a value share, and the cheap tests.

use super::super::modes::{BlockCipher, Mode, xor};
use super::Family;
use crate::crack::hunt::Hunt;
use crate::crack::padding::{self, Padding};
use crate::crack::selector::Iv;
use crate::crack::trial;

/// Keystreams that are begun per key.
const STARTS: usize = 12;
/// Which of them has the key itself as its vector.
const KEY_START: usize = 0;
/// Bytes of a keystream needed for a test.
const SHORTEST: usize = 8;
/// Keystreams that are begun with proposed vectors when there are many keys.
const BULK_IVS: usize = 3;
/// Modes that are the same for the first block.
const STREAMS: &[Mode] = &[Mode::Ctr, Mode::Cfb, Mode::Ofb];
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
            self.padded(cipher, key, &mut passed);
        }
        let count = self.starts.len();
        if count > 0 {
            hunt.tries(count as u64);
            self.begun(cipher, key, count, &mut passed);
            passed.cfb8 = cfb8(cipher, hunt.bytes);
        }
        let any = passed.ecb | passed.cbc | passed.cbc_end | passed.cfb8 | (passed.starts != 0);
        any.then_some(passed)
    }

    /// ECB and CBC.
    #[inline(always)]
    fn padded(&self, cipher: &impl BlockCipher<B>, key: &[u8], passed: &mut Passed) {
        let mut blocks = self.probe;
        cipher.decrypt(&mut blocks);
        let [first, mut second, mut last] = blocks;
        let more = self.blocks > 1;
        passed.ecb = trial::magic(&first)
            || (trial::text(&first) && (B > 8 || !more || self.inner(&second)))
            || padding::pkcs7(&last, B) > 0;
        if more {
            let [c1, ..] = &self.probe;
            xor(&mut second, c1);
            xor(&mut last, &self.before_last);
            passed.cbc = trial::magic(&second) || self.inner(&second);
            passed.cbc_end = padding::pkcs7(&last, B) > 0;
        }
        // The first block under the proposed vectors, and under the key as vector.
        let own = key.first_chunk::<B>();
        for iv in self.vectors.iter().chain(own) {
            let mut block = first;
            xor(&mut block, iv);
            passed.cbc |= trial::magic(&block) || (!more && padding::pkcs7(&block, B) > 0);
        }
    }

    /// Modes that make a keystream.
    #[inline(always)]
    fn begun(&self, cipher: &impl BlockCipher<B>, key: &[u8], count: usize, passed: &mut Passed) {
        let mut blocks = self.counters;
        if let (Some(counter), Some(own)) = (blocks.get_mut(KEY_START), key.first_chunk::<B>()) {
            *counter = *own;
        }
        let Some(begun) = blocks.get_mut(..count) else {
            return;
        };
        cipher.encrypt(begun);
        for (at, (block, body)) in begun.iter_mut().zip(&self.bodies).enumerate() {
            xor(block, body);
            let full = trial::head(&block[..]);
            passed.starts |= u32::from(full) << at;
        }
        if self.any_short {
            self.short(begun, passed);
        }
    }

    /// Keystreams whose ciphertext is shorter than a block.
    #[cold]
    fn short(&self, begun: &[[u8; B]], passed: &mut Passed) {
        for (at, (block, start)) in begun.iter().zip(&self.starts).enumerate() {
            if start.length < B && trial::head(block.get(..start.length).unwrap_or_default()) {
                passed.starts |= 1 << at;
            }
        }
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
