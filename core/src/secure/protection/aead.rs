//! Authenticated encryption. AES-GCM and ChaCha20-Poly1305 by `ring`, the rest by RustCrypto.

use std::ops::Range;

use aes_gcm::AesGcm;
use ccm::Ccm;
use ccm::aead::consts::{U8, U12, U16};
use ccm::aead::{AeadInOut, KeyInit};
use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};

use super::super::suites::{Block, Cipher};
use super::{Header, Open};

/// Where the nonce comes from, and what is authenticated.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Four secret bytes and eight in the record (RFC 5288 section 3).
    Explicit([u8; 4]),
    /// Twelve secret bytes mixed with the sequence number (RFC 7905).
    Mixed([u8; 12]),
    /// The same for TLS 1.3, which authenticates the header (RFC 8446 section 5.2).
    Inner([u8; 12]),
    /// The same for drafts, which authenticated nothing.
    Bare([u8; 12]),
}

/// One cipher with its key.
trait Key: Send {
    /// Opens in place; the plaintext is at the front. Returns its length.
    fn open(&self, nonce: [u8; 12], aad: &[u8], data: &mut [u8]) -> Option<usize>;
}

impl Key for LessSafeKey {
    fn open(&self, nonce: [u8; 12], aad: &[u8], data: &mut [u8]) -> Option<usize> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = self.open_in_place(nonce, Aad::from(aad), data).ok()?;
        Some(plain.len())
    }
}

struct Soft<C, const TAG: usize>(C);

impl<C, const TAG: usize> Key for Soft<C, TAG>
where
    C: AeadInOut<NonceSize = U12> + Send,
{
    fn open(&self, nonce: [u8; 12], aad: &[u8], data: &mut [u8]) -> Option<usize> {
        let length = data.len().checked_sub(TAG)?;
        let (text, tag) = data.split_at_mut(length);
        let tag = ccm::aead::Tag::<C>::try_from(&*tag).ok()?;
        self.0
            .decrypt_inout_detached(&nonce.into(), aad, text.into(), &tag)
            .ok()?;
        Some(length)
    }
}

fn soft<C, const TAG: usize>(key: &[u8]) -> Option<Box<dyn Key>>
where
    C: AeadInOut<NonceSize = U12> + KeyInit + Send + 'static,
{
    Some(Box::new(Soft::<C, TAG>(C::new_from_slice(key).ok()?)))
}

struct Aead {
    key: Box<dyn Key>,
    form: Form,
    tag: usize,
}

/// What opens records of an AEAD cipher.
pub(super) fn open(cipher: Cipher, key: &[u8], form: Form) -> Option<Box<dyn Open>> {
    let fast = |algorithm| -> Option<Box<dyn Key>> {
        let key = UnboundKey::new(algorithm, key).ok()?;
        Some(Box::new(LessSafeKey::new(key)))
    };
    let (key, tag) = match cipher {
        Cipher::Gcm(Block::Aes128) => (fast(&AES_128_GCM)?, 16),
        Cipher::Gcm(Block::Aes256) => (fast(&AES_256_GCM)?, 16),
        Cipher::ChaCha => (fast(&CHACHA20_POLY1305)?, 16),
        Cipher::Gcm(Block::Camellia128) => {
            (soft::<AesGcm<camellia::Camellia128, U12>, 16>(key)?, 16)
        }
        Cipher::Gcm(Block::Camellia256) => {
            (soft::<AesGcm<camellia::Camellia256, U12>, 16>(key)?, 16)
        }
        Cipher::Gcm(Block::Aria128) => (soft::<AesGcm<aria::Aria128, U12>, 16>(key)?, 16),
        Cipher::Gcm(Block::Aria256) => (soft::<AesGcm<aria::Aria256, U12>, 16>(key)?, 16),
        Cipher::Ccm(Block::Aes128, 16) => (soft::<Ccm<aes::Aes128, U16, U12>, 16>(key)?, 16),
        Cipher::Ccm(Block::Aes256, 16) => (soft::<Ccm<aes::Aes256, U16, U12>, 16>(key)?, 16),
        Cipher::Ccm(Block::Aes128, 8) => (soft::<Ccm<aes::Aes128, U8, U12>, 8>(key)?, 8),
        Cipher::Ccm(Block::Aes256, 8) => (soft::<Ccm<aes::Aes256, U8, U12>, 8>(key)?, 8),
        _ => return None,
    };
    Some(Box::new(Aead { key, form, tag }))
}

fn mix(iv: [u8; 12], sequence: u64) -> [u8; 12] {
    let mut nonce = iv;
    let (_, low) = nonce.split_at_mut(4);
    for (to, from) in low.iter_mut().zip(sequence.to_be_bytes()) {
        *to ^= from;
    }
    nonce
}

impl Open for Aead {
    fn open(&mut self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Range<usize>> {
        let (nonce, begin) = match self.form {
            Form::Explicit([a, b, c, d]) => {
                let [e, f, g, h, i, j, k, l] = *fragment.first_chunk::<8>()?;
                ([a, b, c, d, e, f, g, h, i, j, k, l], 8)
            }
            Form::Mixed(iv) | Form::Inner(iv) | Form::Bare(iv) => (mix(iv, sequence), 0),
        };
        let data = fragment.get_mut(begin..)?;
        let length = data.len().checked_sub(self.tag)?;
        let [high, low] = header.version;
        let authenticated: [u8; 13];
        let (aad, before) = match self.form {
            Form::Bare(_) => (&[][..], 0),
            Form::Inner(_) => {
                let [a, b] = header.length.to_be_bytes();
                authenticated = [header.kind, high, low, a, b, 0, 0, 0, 0, 0, 0, 0, 0];
                (authenticated.get(..5)?, 0)
            }
            Form::Explicit(_) | Form::Mixed(_) => {
                let [s0, s1, s2, s3, s4, s5, s6, s7] = sequence.to_be_bytes();
                let [a, b] = u16::try_from(length).ok()?.to_be_bytes();
                authenticated = [s0, s1, s2, s3, s4, s5, s6, s7, header.kind, high, low, a, b];
                (&authenticated[..], begin)
            }
        };
        let length = self.key.open(nonce, aad, data)?;
        Some(before..before.saturating_add(length))
    }

    fn overhead(&self) -> usize {
        match self.form {
            Form::Explicit(_) => 8 + self.tag,
            Form::Mixed(_) => self.tag,
            // The type of the content is inside.
            Form::Inner(_) | Form::Bare(_) => 1 + self.tag,
        }
    }
}
