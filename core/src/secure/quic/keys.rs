//! Keys of packet protection (RFC 9001 section 5).

use ccm::Ccm;
use ccm::aead::consts::{U12, U16};
use ccm::aead::{AeadInOut, KeyInit};
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey, quic as header};
use ring::hkdf;

use super::version::{Labels, Salt};

/// A cipher suite of TLS 1.3 that QUIC uses and that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// `TLS_AES_128_GCM_SHA256`.
    Aes128Gcm,
    /// `TLS_AES_256_GCM_SHA384`.
    Aes256Gcm,
    /// `TLS_CHACHA20_POLY1305_SHA256`.
    ChaCha20Poly1305,
    /// `TLS_AES_128_CCM_SHA256`. Its variant with a short tag must not be used (RFC 9001 section 5.3).
    Aes128Ccm,
}

impl Suite {
    /// By its number in the hello of the server.
    pub fn of(cipher: u16) -> Option<Suite> {
        match cipher {
            0x1301 => Some(Suite::Aes128Gcm),
            0x1302 => Some(Suite::Aes256Gcm),
            0x1303 => Some(Suite::ChaCha20Poly1305),
            0x1304 => Some(Suite::Aes128Ccm),
            _ => None,
        }
    }

    /// The suites a secret of this length may belong to, the most used first.
    pub fn of_secret(length: usize) -> &'static [Suite] {
        match length {
            32 => &[Suite::Aes128Gcm, Suite::ChaCha20Poly1305, Suite::Aes128Ccm],
            48 => &[Suite::Aes256Gcm],
            _ => &[],
        }
    }

    fn hash(self) -> hkdf::Algorithm {
        match self {
            Suite::Aes256Gcm => hkdf::HKDF_SHA384,
            Suite::Aes128Gcm | Suite::ChaCha20Poly1305 | Suite::Aes128Ccm => hkdf::HKDF_SHA256,
        }
    }

    fn key_bytes(self) -> usize {
        match self {
            Suite::Aes128Gcm | Suite::Aes128Ccm => 16,
            Suite::Aes256Gcm | Suite::ChaCha20Poly1305 => 32,
        }
    }

    fn cipher(self, key: &[u8]) -> Option<Cipher> {
        let algorithm = match self {
            Suite::Aes128Gcm => &aead::AES_128_GCM,
            Suite::Aes256Gcm => &aead::AES_256_GCM,
            Suite::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
            Suite::Aes128Ccm => {
                let key = Ccm::new_from_slice(key).ok()?;
                return Some(Cipher::Ccm(Box::new(key)));
            }
        };
        let key = UnboundKey::new(algorithm, key).ok()?;
        Some(Cipher::Ring(LessSafeKey::new(key)))
    }

    fn header(self) -> &'static header::Algorithm {
        match self {
            Suite::Aes128Gcm | Suite::Aes128Ccm => &header::AES_128,
            Suite::Aes256Gcm => &header::AES_256,
            Suite::ChaCha20Poly1305 => &header::CHACHA20,
        }
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label without context (RFC 8446 section 7.1).
fn expand(secret: &hkdf::Prk, label: &str, out: &mut [u8]) -> Option<()> {
    let length = u16::try_from(out.len()).ok()?.to_be_bytes();
    let whole = u8::try_from(label.len().checked_add(6)?).ok()?;
    let info = [&length[..], &[whole], b"tls13 ", label.as_bytes(), &[0]];
    secret.expand(&info, Length(out.len())).ok()?.fill(out).ok()
}

/// The secrets of Initial packets, client's and server's (RFC 9001 section 5.2).
pub fn initial_secrets(salt: &Salt, id: &[u8]) -> Option<[[u8; 32]; 2]> {
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(id);
    let mut secrets = [[0; 32]; 2];
    let [client, server] = &mut secrets;
    expand(&secret, "client in", client)?;
    expand(&secret, "server in", server)?;
    Some(secrets)
}

/// What removes header protection (RFC 9001 section 5.4).
pub struct HeaderKey(header::HeaderProtectionKey);

/// What opens packets of one generation (RFC 9001 section 5.3).
pub struct PacketKey {
    cipher: Cipher,
    iv: [u8; 12],
}

/// Bytes of the tag of all suites.
const TAG_BYTES: usize = 16;

/// A cipher with its key; `ring` has no CCM. Nearly all keys are of `ring`, and a packet should not follow a pointer
/// to its key.
#[allow(clippy::large_enum_variant)]
enum Cipher {
    Ring(LessSafeKey),
    Ccm(Box<Ccm<aes::Aes128, U16, U12>>),
}

/// Longest key of the suites.
const KEY_BYTES: usize = 32;

impl HeaderKey {
    /// From a traffic secret.
    pub fn new(suite: Suite, secret: &[u8], labels: &Labels) -> Option<HeaderKey> {
        let secret = hkdf::Prk::new_less_safe(suite.hash(), secret);
        let mut bytes = [0; KEY_BYTES];
        let key = bytes.get_mut(..suite.header().key_len())?;
        expand(&secret, labels.hp, key)?;
        header::HeaderProtectionKey::new(suite.header(), key)
            .ok()
            .map(HeaderKey)
    }

    /// Copies `packet` into `scratch` and removes its header protection there. `at`: where the packet
    /// number begins. Returns the first byte, the packet number as sent and how many bytes it has.
    #[inline]
    pub fn remove(&self, packet: &[u8], at: usize, scratch: &mut Vec<u8>) -> Option<Unmasked> {
        let sample = packet.get(at.checked_add(4)?..at.checked_add(20)?)?;
        let mask = self.0.new_mask(sample).ok()?;
        let [mask_first, mask_number @ ..] = mask;
        scratch.clear();
        scratch.extend_from_slice(packet);
        let first = scratch.first_mut()?;
        let bits = if *first & 0x80 == 0 { 0x1f } else { 0x0f };
        *first ^= mask_first & bits;
        let first = *first;
        let length = usize::from(first & 3) + 1;
        let mut number = 0;
        let end = at.checked_add(length)?;
        for (byte, mask) in scratch.get_mut(at..end)?.iter_mut().zip(mask_number) {
            *byte ^= mask;
            number = number << 8 | u64::from(*byte);
        }
        Some(Unmasked {
            first,
            number,
            length,
            end,
        })
    }
}

/// A header without its protection.
#[derive(Clone, Copy, Debug)]
pub struct Unmasked {
    /// First byte.
    pub first: u8,
    /// The low bytes of the packet number.
    pub number: u64,
    /// How many they are.
    pub length: usize,
    /// Where the header ends.
    pub end: usize,
}

impl Unmasked {
    /// The whole packet number, given the largest one seen (RFC 9000 section 17.1 and appendix A.3).
    pub fn whole(&self, largest: Option<u64>) -> u64 {
        let expected = largest.map_or(0, |n| n.saturating_add(1));
        let window = 1u64 << (8 * self.length.clamp(1, 4));
        let candidate = (expected & !(window - 1)) | self.number;
        let half = window / 2;
        if candidate.saturating_add(half) <= expected && candidate < (1 << 62) - window {
            candidate + window
        } else if candidate > expected.saturating_add(half) && candidate >= window {
            candidate - window
        } else {
            candidate
        }
    }
}

impl PacketKey {
    /// From a traffic secret.
    pub fn new(suite: Suite, secret: &[u8], labels: &Labels) -> Option<PacketKey> {
        let secret = hkdf::Prk::new_less_safe(suite.hash(), secret);
        let mut bytes = [0; KEY_BYTES];
        let key = bytes.get_mut(..suite.key_bytes())?;
        expand(&secret, labels.key, key)?;
        let cipher = suite.cipher(key)?;
        let mut iv = [0; 12];
        expand(&secret, labels.iv, &mut iv)?;
        Some(PacketKey { cipher, iv })
    }

    fn nonce(&self, number: u64) -> [u8; 12] {
        let mut nonce = self.iv;
        for (byte, n) in nonce.iter_mut().skip(4).zip(number.to_be_bytes()) {
            *byte ^= n;
        }
        nonce
    }

    /// Opens `packet` where it lies: the first `header` bytes are authenticated, the rest is decrypted.
    /// Returns the payload. On failure the bytes are of no more use.
    #[inline]
    pub fn open<'p>(&self, packet: &'p mut [u8], header: usize, number: u64) -> Option<&'p [u8]> {
        let nonce = self.nonce(number);
        let (header, payload) = packet.split_at_mut_checked(header)?;
        match &self.cipher {
            Cipher::Ring(key) => {
                let nonce = Nonce::assume_unique_for_key(nonce);
                let opened = key.open_in_place(nonce, Aad::from(&*header), payload);
                opened.ok().map(|plain| &*plain)
            }
            Cipher::Ccm(key) => {
                let length = payload.len().checked_sub(TAG_BYTES)?;
                let (text, tag) = payload.split_at_mut(length);
                let tag: &[u8; TAG_BYTES] = tag.first_chunk()?;
                key.decrypt_inout_detached(
                    &nonce.into(),
                    header,
                    (&mut *text).into(),
                    &(*tag).into(),
                )
                .ok()?;
                Some(text)
            }
        }
    }

    /// Protects a payload; for tests and the fuzzer, which write their own packets.
    #[cfg(any(test, feature = "seal"))]
    pub fn seal(&self, header: &[u8], payload: &mut Vec<u8>, number: u64) {
        let nonce = self.nonce(number);
        match &self.cipher {
            Cipher::Ring(key) => {
                let nonce = Nonce::assume_unique_for_key(nonce);
                key.seal_in_place_append_tag(nonce, Aad::from(header), payload)
                    .expect("fits");
            }
            Cipher::Ccm(key) => {
                let text = payload.as_mut_slice().into();
                let tag = key.encrypt_inout_detached(&nonce.into(), header, text);
                payload.extend_from_slice(&tag.expect("fits"));
            }
        }
    }
}

#[cfg(any(test, feature = "seal"))]
impl HeaderKey {
    /// The mask of a sample; for tests and the fuzzer.
    pub fn mask(&self, sample: &[u8]) -> [u8; 5] {
        self.0.new_mask(sample).expect("sixteen bytes")
    }
}

/// The secret of the next generation (RFC 9001 section 6.1).
pub fn next_secret(suite: Suite, secret: &[u8], labels: &Labels) -> Option<Vec<u8>> {
    let mut next = vec![0; secret.len()];
    let secret = hkdf::Prk::new_less_safe(suite.hash(), secret);
    expand(&secret, labels.ku, &mut next)?;
    Some(next)
}
