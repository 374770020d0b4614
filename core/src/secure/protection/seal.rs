//! The other way, for tests and the fuzzer: protects records of every suite.

use aes_gcm::AesGcm;
use cbc::cipher::{Array, BlockCipherEncrypt};
use ccm::Ccm;
use ccm::aead::consts::{U8, U12, U16};
use ccm::aead::{AeadInOut, KeyInit};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::super::hmac::Hmac;
use super::super::suites::{Block, Cipher};
use super::rc4::Rc4;
use super::seed::Seed;
use super::{Agreed, Schedule};

/// Protects the records of one direction.
pub struct Sealer {
    cipher: Cipher,
    mac: Option<Hmac>,
    key: Vec<u8>,
    iv: Vec<u8>,
    stream: Option<Rc4>,
    version: u16,
    encrypt_then_mac: bool,
    /// Bytes of padding in TLS 1.3.
    pub padding: usize,
    /// Records before the next one.
    pub sequence: u64,
}

fn aead<C: AeadInOut<NonceSize = U12> + KeyInit>(
    key: &[u8],
    nonce: [u8; 12],
    aad: &[u8],
    data: &mut Vec<u8>,
) {
    let cipher = C::new_from_slice(key).unwrap();
    let tag = cipher
        .encrypt_inout_detached(&nonce.into(), aad, data.as_mut_slice().into())
        .unwrap();
    data.extend(tag);
}

fn block<C: BlockCipherEncrypt + KeyInit>(key: &[u8], data: &mut [u8]) {
    let cipher = C::new_from_slice(key).unwrap();
    cipher.encrypt_block(<&mut Array<u8, C::BlockSize>>::try_from(data).unwrap());
}

fn one_block(kind: Block, key: &[u8], data: &mut [u8]) {
    match kind {
        Block::Aes128 => block::<aes::Aes128>(key, data),
        Block::Aes256 => block::<aes::Aes256>(key, data),
        Block::Camellia128 => block::<camellia::Camellia128>(key, data),
        Block::Camellia256 => block::<camellia::Camellia256>(key, data),
        Block::Aria128 => block::<aria::Aria128>(key, data),
        Block::Aria256 => block::<aria::Aria256>(key, data),
        Block::Des => block::<des::Des>(key, data),
        Block::TripleDes => block::<des::TdesEde3>(key, data),
        Block::Idea => block::<idea::Idea>(key, data),
        Block::Rc2 => block::<rc2::Rc2>(key, data),
        Block::Seed => {
            let sealed = Seed::new(key)
                .unwrap()
                .encrypt((&*data).try_into().unwrap());
            data.copy_from_slice(&sealed);
        }
    }
}

impl Sealer {
    /// Up to TLS 1.2.
    pub fn new(agreed: &Agreed, master: &[u8], client: bool) -> Sealer {
        let (mac, key, iv) = agreed.material(&agreed.block(master), client);
        let cipher = agreed.suite.cipher;
        Sealer {
            cipher,
            mac: (!cipher.is_aead()).then(|| Hmac::new(agreed.suite.mac, &mac).unwrap()),
            stream: (cipher == Cipher::Rc4).then(|| Rc4::new(&key).unwrap()),
            key,
            iv,
            version: agreed.version,
            encrypt_then_mac: agreed.encrypt_then_mac && matches!(cipher, Cipher::Cbc(_)),
            padding: 0,
            sequence: 0,
        }
    }

    /// TLS 1.3.
    pub fn modern(schedule: &Schedule, secret: &[u8]) -> Sealer {
        let cipher = schedule.suite.cipher;
        Sealer {
            cipher,
            mac: None,
            stream: None,
            key: schedule.derive(secret, "key", cipher.key_bytes()),
            iv: schedule.derive(secret, "iv", 12),
            version: 0x0304,
            encrypt_then_mac: false,
            padding: 0,
            sequence: 0,
        }
    }

    /// The same for DTLS of this version, after its handshake.
    pub fn for_datagrams(mut self, version: u16) -> Sealer {
        self.version = version;
        self.sequence = 1 << 48;
        self
    }

    /// One record of DTLS with its header.
    pub fn datagram(&mut self, kind: u8, plain: &[u8]) -> Vec<u8> {
        let number = self.sequence.to_be_bytes();
        let sealed = self.record(kind, plain).split_off(3);
        let mut record = vec![kind];
        record.extend(self.version.to_be_bytes());
        record.extend(number);
        record.extend(sealed);
        record
    }

    fn authenticated(&self, kind: u8, length: usize) -> Vec<u8> {
        let mut all = self.sequence.to_be_bytes().to_vec();
        all.push(kind);
        all.extend(self.version.to_be_bytes());
        all.extend((length as u16).to_be_bytes());
        all
    }

    fn tag(&self, kind: u8, content: &[u8]) -> Vec<u8> {
        let pseudo = self.authenticated(kind, content.len());
        let mac = self.mac.as_ref().unwrap();
        mac.tag(&[&pseudo, content]).as_ref().to_vec()
    }

    /// One record with its header.
    pub fn record(&mut self, kind: u8, plain: &[u8]) -> Vec<u8> {
        let modern = self.version == 0x0304;
        let mut data = plain.to_vec();
        let mut before = Vec::new();
        match self.cipher {
            Cipher::Null => data.extend(self.tag(kind, plain)),
            Cipher::Rc4 => {
                data.extend(self.tag(kind, plain));
                self.stream.as_mut().unwrap().apply(&mut data);
            }
            Cipher::Cbc(kind_of_block) => {
                if !self.encrypt_then_mac {
                    data.extend(self.tag(kind, plain));
                }
                let size = kind_of_block.block_bytes();
                let padding = size - data.len() % size;
                data.resize(data.len() + padding, padding as u8 - 1);
                let mut last = if self.version >= 0x0302 {
                    before = vec![self.sequence as u8 ^ 0x5a; size];
                    before.clone()
                } else {
                    self.iv.clone()
                };
                for chunk in data.chunks_mut(size) {
                    chunk
                        .iter_mut()
                        .zip(&last)
                        .for_each(|(to, from)| *to ^= from);
                    one_block(kind_of_block, &self.key, chunk);
                    last = chunk.to_vec();
                }
                self.iv = last;
                if self.encrypt_then_mac {
                    let sealed = [before.as_slice(), &data].concat();
                    data.extend(self.tag(kind, &sealed));
                }
            }
            _ => self.aead(kind, &mut data, &mut before),
        }
        self.sequence += 1;
        let outer = if modern { 23 } else { kind };
        let mut record = vec![outer];
        record.extend(self.version.min(0x0303).to_be_bytes());
        record.extend(((before.len() + data.len()) as u16).to_be_bytes());
        record.extend(before);
        record.extend(data);
        record
    }

    fn aead(&self, kind: u8, data: &mut Vec<u8>, before: &mut Vec<u8>) {
        let modern = self.version == 0x0304;
        let tag = match self.cipher {
            Cipher::Ccm(_, tag) => tag,
            _ => 16,
        };
        if modern {
            data.push(kind);
            data.resize(data.len() + self.padding, 0);
        }
        let aad = if modern {
            let [a, b] = ((data.len() + tag) as u16).to_be_bytes();
            vec![23, 3, 3, a, b]
        } else {
            self.authenticated(kind, data.len())
        };
        let mut nonce = [0; 12];
        if self.iv.len() == 4 {
            *before = (self.sequence ^ 0x0102_0304_0506_0708)
                .to_be_bytes()
                .to_vec();
            nonce[..4].copy_from_slice(&self.iv);
            nonce[4..].copy_from_slice(before);
        } else {
            nonce.copy_from_slice(&self.iv);
            let sequence = self.sequence.to_be_bytes();
            nonce[4..]
                .iter_mut()
                .zip(sequence)
                .for_each(|(to, from)| *to ^= from);
        }
        let key = self.key.as_slice();
        match self.cipher {
            Cipher::Gcm(Block::Aes128) => aead::<AesGcm<aes::Aes128, U12>>(key, nonce, &aad, data),
            Cipher::Gcm(Block::Aes256) => aead::<AesGcm<aes::Aes256, U12>>(key, nonce, &aad, data),
            Cipher::Gcm(Block::Camellia128) => {
                aead::<AesGcm<camellia::Camellia128, U12>>(key, nonce, &aad, data);
            }
            Cipher::Gcm(Block::Camellia256) => {
                aead::<AesGcm<camellia::Camellia256, U12>>(key, nonce, &aad, data);
            }
            Cipher::Gcm(Block::Aria128) => {
                aead::<AesGcm<aria::Aria128, U12>>(key, nonce, &aad, data)
            }
            Cipher::Gcm(_) => aead::<AesGcm<aria::Aria256, U12>>(key, nonce, &aad, data),
            Cipher::Ccm(Block::Aes128, 16) => {
                aead::<Ccm<aes::Aes128, U16, U12>>(key, nonce, &aad, data)
            }
            Cipher::Ccm(_, 16) => aead::<Ccm<aes::Aes256, U16, U12>>(key, nonce, &aad, data),
            Cipher::Ccm(Block::Aes128, _) => {
                aead::<Ccm<aes::Aes128, U8, U12>>(key, nonce, &aad, data)
            }
            Cipher::Ccm(..) => aead::<Ccm<aes::Aes256, U8, U12>>(key, nonce, &aad, data),
            _ => {
                let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).unwrap());
                let nonce = Nonce::assume_unique_for_key(nonce);
                key.seal_in_place_append_tag(nonce, Aad::from(&aad), data)
                    .unwrap();
            }
        }
    }
}
