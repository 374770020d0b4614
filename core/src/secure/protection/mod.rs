//! Record protection: what opens the records of one direction once its keys are known.

mod aead;
mod cbc;
mod mac;
mod rc4;
#[cfg(any(test, feature = "seal"))]
pub mod seal;
mod seed;
mod ssl3;
mod stream;

use std::ops::Range;

use super::hmac::{Hash, Hmac, expand_label, prf};
use super::suites::{Cipher, Suite};
use mac::Mac;
pub(crate) use rc4::Rc4;

/// The five bytes before a record, as far as they are authenticated.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Content type (RFC 8446 section 5.1).
    pub kind: u8,
    /// `legacy_record_version`.
    pub version: [u8; 2],
    /// Bytes of the fragment.
    pub length: u16,
}

/// Opens the records of one direction under one set of keys.
pub trait Open: Send {
    /// Opens a fragment in place and returns where its plaintext is, or `None` when it does not
    /// authenticate; the fragment is then destroyed and this stays as it was.
    ///
    /// `sequence`: records before it under these keys.
    fn open(&mut self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Range<usize>>;

    /// A record passes that cannot be opened.
    fn skip(&mut self, _fragment: &[u8]) {}

    /// Bytes a record has beyond its plaintext; the least where it varies.
    fn overhead(&self) -> usize;

    /// True when a record needs the last block of the one before it (TLS 1.0).
    fn is_chained(&self) -> bool {
        false
    }

    /// `lost` bytes of the stream, with the headers of `records` records among them, passed unseen.
    /// Returns what opens the next record where that makes a difference.
    fn after(&self, _lost: u64, _records: u64) -> Option<Box<dyn Open>> {
        None
    }
}

impl std::fmt::Debug for dyn Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("keys")
    }
}

/// What both sides agreed on, up to TLS 1.2.
#[derive(Clone, Copy, Debug)]
pub struct Agreed {
    /// The suite.
    pub suite: Suite,
    /// The version, such as 0x0303.
    pub version: u16,
    /// Encrypt-then-MAC (RFC 7366).
    pub encrypt_then_mac: bool,
    /// Random value of the client's hello.
    pub client: [u8; 32],
    /// Random value of the server's.
    pub server: [u8; 32],
}

impl Agreed {
    /// The hash of the pseudo-random function; `None` before TLS 1.2.
    pub fn prf(&self) -> Option<Hash> {
        (self.version >= 0x0303).then_some(self.suite.prf)
    }

    fn is_ssl3(&self) -> bool {
        self.version == 0x0300
    }

    /// The master secret of a pre-master secret (RFC 5246 section 8.1), with `transcript`, the messages up to the
    /// client's key exchange, for an extended one (RFC 7627).
    pub fn master(&self, premaster: &[u8], transcript: Option<&[&[u8]]>) -> Vec<u8> {
        match transcript {
            _ if self.is_ssl3() => ssl3::derive(premaster, [&self.client, &self.server], 48),
            Some(parts) => {
                let digest = match self.prf() {
                    Some(hash) => hash.digest(parts),
                    None => [Hash::Md5.digest(parts), Hash::Sha1.digest(parts)].concat(),
                };
                prf(
                    self.prf(),
                    premaster,
                    "extended master secret",
                    &[&digest],
                    48,
                )
            }
            None => {
                let seed: [&[u8]; 2] = [&self.client, &self.server];
                prf(self.prf(), premaster, "master secret", &seed, 48)
            }
        }
    }

    /// Key and initialisation vector of a suite that export rules weakened (RFC 2246 section 6.3.1, RFC 6101
    /// section 6.2.2).
    fn exported(&self, key: &[u8], client: bool) -> (Vec<u8>, Vec<u8>) {
        let cipher = self.suite.cipher;
        let (key_bytes, iv_bytes) = (cipher.key_bytes(), cipher.iv_bytes());
        if self.is_ssl3() {
            let (one, two) = if client {
                (&self.client, &self.server)
            } else {
                (&self.server, &self.client)
            };
            let mut key = Hash::Md5.digest(&[key, one, two]);
            let mut iv = Hash::Md5.digest(&[one, two]);
            key.truncate(key_bytes);
            iv.truncate(iv_bytes);
            return (key, iv);
        }
        let label = if client {
            "client write key"
        } else {
            "server write key"
        };
        let seed: [&[u8]; 2] = [&self.client, &self.server];
        let key = prf(self.prf(), key, label, &seed, key_bytes);
        let both = prf(self.prf(), b"", "IV block", &seed, 2 * iv_bytes);
        let (of_client, of_server) = both.split_at(iv_bytes);
        (key, if client { of_client } else { of_server }.to_vec())
    }

    /// What reads records of a suite that does not encrypt, without the key of their MAC.
    pub fn unchecked(&self) -> Option<Box<dyn Open>> {
        (self.suite.cipher == Cipher::Null)
            .then(|| stream::null(Mac::Unchecked, self.suite.mac.bytes()))
    }

    fn mac_bytes(&self) -> usize {
        if self.suite.cipher.is_aead() {
            0
        } else {
            self.suite.mac.bytes()
        }
    }

    fn key_bytes(&self) -> usize {
        let cipher = self.suite.cipher;
        self.suite.export.unwrap_or(cipher.key_bytes())
    }

    /// What the keys of both directions are cut from (RFC 5246 section 6.3).
    pub fn block(&self, master: &[u8]) -> Vec<u8> {
        let iv_bytes = self.suite.cipher.iv_bytes();
        let total = 2 * (self.mac_bytes() + self.key_bytes() + iv_bytes);
        let seed: [&[u8]; 2] = [&self.server, &self.client];
        if self.is_ssl3() {
            ssl3::derive(master, seed, total)
        } else {
            prf(self.prf(), master, "key expansion", &seed, total)
        }
    }

    /// Keys of the MAC and of the cipher, and initialisation vector, of the client or of the server (RFC 5246
    /// section 6.3).
    fn material(&self, block: &[u8], client: bool) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let (mac_bytes, key_bytes) = (self.mac_bytes(), self.key_bytes());
        let iv_bytes = self.suite.cipher.iv_bytes();
        let mut at = 0;
        let mut take = |bytes: usize| {
            let both = block.get(at..at + 2 * bytes).unwrap_or_default();
            at += 2 * bytes;
            let (of_client, of_server) = both.split_at(bytes.min(both.len()));
            if client { of_client } else { of_server }
        };
        let (mac, key, iv) = (take(mac_bytes), take(key_bytes), take(iv_bytes));
        let (mut key, mut iv) = (key.to_vec(), iv.to_vec());
        if self.suite.export.is_some() {
            (key, iv) = self.exported(&key, client);
        }
        (mac.to_vec(), key, iv)
    }

    /// What opens the records of the client or of the server; `block`: see [`Agreed::block`].
    pub fn keys(&self, block: &[u8], client: bool) -> Option<Box<dyn Open>> {
        let cipher = self.suite.cipher;
        let (mac, key, iv) = self.material(block, client);
        let mac_bytes = mac.len();
        let mac = if self.is_ssl3() {
            Mac::Ssl3(self.suite.mac, mac)
        } else {
            Mac::Hmac(Box::new(Hmac::new(self.suite.mac, &mac)?))
        };
        match cipher {
            Cipher::Null => Some(stream::null(mac, mac_bytes)),
            Cipher::Rc4 => stream::rc4(&key, mac, mac_bytes),
            Cipher::Cbc(block) => cbc::open(
                block,
                &key,
                &iv,
                mac,
                cbc::Form {
                    mac_bytes,
                    free_padding: self.is_ssl3(),
                    explicit: self.version >= 0x0302,
                    encrypt_then_mac: self.encrypt_then_mac,
                },
            ),
            Cipher::Gcm(_) | Cipher::Ccm(..) => {
                let salt = iv.as_slice().try_into().ok()?;
                aead::open(cipher, &key, aead::Form::Explicit(salt))
            }
            Cipher::ChaCha => {
                let iv = iv.as_slice().try_into().ok()?;
                aead::open(cipher, &key, aead::Form::Mixed(iv))
            }
        }
    }
}

/// How TLS 1.3, or a draft of it, derives keys.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The suite.
    pub suite: Suite,
    /// Label prefix of HKDF-Expand-Label.
    pub prefix: &'static str,
    /// Headers are authenticated (since draft 25).
    pub header: bool,
}

impl Schedule {
    /// The schedule of a version; `None` when it is not TLS 1.3 or a draft of it.
    pub fn new(version: u16, suite: Suite) -> Option<Schedule> {
        let draft = match version {
            0x0304 => 100,
            0x7f00..=0x7fff => version & 0xff,
            // Facebook's own builds: of draft 23, later of draft 26.
            0xfb17..=0xfb19 => 23,
            0xfb1a => 26,
            _ => return None,
        };
        Some(Schedule {
            suite,
            prefix: if draft < 20 { "TLS 1.3, " } else { "tls13 " },
            header: draft >= 25,
        })
    }

    fn derive(&self, secret: &[u8], label: &str, bytes: usize) -> Vec<u8> {
        let bytes = u8::try_from(bytes).unwrap_or(u8::MAX);
        expand_label(self.suite.prf, secret, self.prefix, label, bytes)
    }

    /// What opens records under a traffic secret (RFC 8446 section 7.3).
    pub fn keys(&self, secret: &[u8]) -> Option<Box<dyn Open>> {
        if secret.len() != self.suite.prf.bytes() || !self.suite.cipher.is_aead() {
            return None;
        }
        let key = self.derive(secret, "key", self.suite.cipher.key_bytes());
        let iv = self.derive(secret, "iv", 12);
        let iv = iv.as_slice().try_into().ok()?;
        let form = if self.header {
            aead::Form::Inner(iv)
        } else {
            aead::Form::Bare(iv)
        };
        aead::open(self.suite.cipher, &key, form)
    }

    /// The next generation of a traffic secret (RFC 8446 section 7.2).
    pub fn update(&self, secret: &[u8]) -> Vec<u8> {
        self.derive(secret, "traffic upd", self.suite.prf.bytes())
    }
}
