//! Modes of operation of block ciphers (NIST SP 800-38A), the deciphering way.

use std::sync::OnceLock;

use super::lanes::LANES;
use crate::crack::keys::Schedules;

/// A block cipher with its key. Blocks are ciphered where they stand, many at a time.
pub(crate) trait BlockCipher<const B: usize>: Sized + 'static {
    /// Set up a key; `None` when it has the wrong length.
    fn new(key: &[u8]) -> Option<Self>;
    /// Set up a key and use it where it lies: keys that are set up are large, and moving them takes time.
    #[inline(always)]
    fn with<R>(key: &[u8], then: impl FnOnce(&Self) -> R) -> Option<R> {
        Some(then(&Self::new(key)?))
    }
    /// Where keys of a group are kept once they are set up, for ciphers in which that takes long.
    fn kept(_schedules: &Schedules) -> Option<&OnceLock<Vec<Self>>> {
        None
    }
    /// A block deciphered with each of [`LANES`] keys, for ciphers that can go through it at once.
    fn decrypt_with_each(_keys: &[u8], _block: [u8; B]) -> Option<[[u8; B]; LANES]> {
        None
    }
    /// Encipher every block.
    fn encrypt(&self, blocks: &mut [[u8; B]]);
    /// Decipher every block.
    fn decrypt(&self, blocks: &mut [[u8; B]]);
}

/// A mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Every block alone.
    Ecb,
    /// Every block after the one before it.
    Cbc,
    /// Keystream from a counter (big-endian, over the whole block).
    Ctr,
    /// Keystream from the ciphertext, a block at a time.
    Cfb,
    /// Keystream from the ciphertext, a byte at a time.
    Cfb8,
    /// Keystream from itself.
    Ofb,
}

impl Mode {
    /// All, in the order of the names of a family.
    pub(crate) const ALL: [Mode; 6] = [
        Mode::Ecb,
        Mode::Cbc,
        Mode::Ctr,
        Mode::Cfb,
        Mode::Cfb8,
        Mode::Ofb,
    ];

    /// True when only whole blocks can be deciphered.
    pub(crate) fn is_padded(self) -> bool {
        matches!(self, Mode::Ecb | Mode::Cbc)
    }

    /// Applications of the cipher per block.
    pub(crate) fn work(self, block: usize) -> u64 {
        if self == Mode::Cfb8 { block as u64 } else { 1 }
    }
}

/// Decipher; `None` when the vector has the wrong length or a block is incomplete where it must not be.
pub(crate) fn decipher<const B: usize>(
    mode: Mode,
    cipher: &impl BlockCipher<B>,
    iv: &[u8],
    body: &[u8],
) -> Option<Vec<u8>> {
    if mode == Mode::Ecb {
        return whole(cipher, body).map(|blocks| blocks.as_flattened().to_vec());
    }
    let iv: [u8; B] = iv.try_into().ok()?;
    match mode {
        Mode::Ecb | Mode::Cbc => {
            let mut blocks = whole(cipher, body)?;
            let (given, _) = body.as_chunks::<B>();
            for (block, before) in blocks.iter_mut().zip(std::iter::once(&iv).chain(given)) {
                xor(block, before);
            }
            Some(blocks.as_flattened().to_vec())
        }
        Mode::Cfb8 => {
            let mut register = iv;
            let mut out = Vec::with_capacity(body.len());
            for &byte in body {
                let mut block = [register];
                cipher.encrypt(&mut block);
                let [block] = block;
                let first = *block.first()?;
                out.push(byte ^ first);
                register.rotate_left(1);
                *register.last_mut()? = byte;
            }
            Some(out)
        }
        Mode::Ctr | Mode::Cfb | Mode::Ofb => {
            let mut stream: Vec<[u8; B]> = Vec::with_capacity(body.len() / B + 1);
            let count = body.len().div_ceil(B);
            match mode {
                Mode::Ctr => {
                    let mut counter = iv;
                    for _ in 0..count {
                        stream.push(counter);
                        increment(&mut counter);
                    }
                    cipher.encrypt(&mut stream);
                }
                Mode::Cfb => {
                    stream.push(iv);
                    stream.extend_from_slice(body.as_chunks::<B>().0);
                    stream.truncate(count);
                    cipher.encrypt(&mut stream);
                }
                _ => {
                    let mut block = [iv];
                    for _ in 0..count {
                        cipher.encrypt(&mut block);
                        stream.extend_from_slice(&block);
                    }
                }
            }
            let mut out = body.to_vec();
            xor(&mut out, stream.as_flattened());
            Some(out)
        }
    }
}

fn whole<const B: usize>(cipher: &impl BlockCipher<B>, body: &[u8]) -> Option<Vec<[u8; B]>> {
    let (blocks, rest) = body.as_chunks::<B>();
    if blocks.is_empty() || !rest.is_empty() {
        return None;
    }
    let mut blocks = blocks.to_vec();
    cipher.decrypt(&mut blocks);
    Some(blocks)
}

/// `to ^= from`, as far as both go.
pub(crate) fn xor(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to ^= from;
    }
}

/// Add one to a big-endian counter.
fn increment(counter: &mut [u8]) {
    for byte in counter.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            return;
        }
    }
}

/// A cipher of RustCrypto as a [`BlockCipher`].
macro_rules! rustcrypto {
    ($type:ty, $bytes:literal $(, kept as $field:ident)?) => {
        impl crate::crack::cipher::modes::BlockCipher<$bytes> for $type {
            $(fn kept(
                schedules: &crate::crack::keys::Schedules,
            ) -> Option<&std::sync::OnceLock<Vec<Self>>> {
                Some(&schedules.$field)
            })?

            fn new(key: &[u8]) -> Option<Self> {
                <$type as aes::cipher::KeyInit>::new_from_slice(key).ok()
            }

            #[inline(always)]
            fn with<R>(key: &[u8], then: impl FnOnce(&Self) -> R) -> Option<R> {
                // Only Blowfish takes keys of other lengths than one.
                let Ok(whole) = aes::cipher::Key::<$type>::try_from(key) else {
                    return Some(then(&Self::new(key)?));
                };
                let cipher = <$type as aes::cipher::KeyInit>::new(&whole);
                Some(then(&cipher))
            }

            fn encrypt(&self, blocks: &mut [[u8; $bytes]]) {
                let blocks = aes::cipher::Block::<$type>::cast_slice_from_core_mut(blocks);
                aes::cipher::BlockCipherEncrypt::encrypt_blocks(self, blocks);
            }

            fn decrypt(&self, blocks: &mut [[u8; $bytes]]) {
                let blocks = aes::cipher::Block::<$type>::cast_slice_from_core_mut(blocks);
                aes::cipher::BlockCipherDecrypt::decrypt_blocks(self, blocks);
            }
        }
    };
}
pub(crate) use rustcrypto;
