//! HMAC (RFC 2104) over the hashes TLS uses, and what is derived with it.

use hmac::{KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};

/// A hash of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl Hash {
    /// Bytes of a digest.
    pub fn bytes(self) -> usize {
        match self {
            Hash::Md5 => 16,
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
        }
    }

    /// The digest of parts, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        fn all<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            for part in parts {
                digest.update(part);
            }
            digest.finalize().to_vec()
        }
        match self {
            Hash::Md5 => all::<Md5>(parts),
            Hash::Sha1 => all::<Sha1>(parts),
            Hash::Sha256 => all::<Sha256>(parts),
            Hash::Sha384 => all::<Sha384>(parts),
        }
    }
}

/// A digest or tag; at most 48 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    bytes: [u8; 48],
    length: usize,
}

impl Tag {
    fn new(from: &[u8]) -> Tag {
        let mut bytes = [0; 48];
        let length = from.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(from) {
            *to = *from;
        }
        Tag { bytes, length }
    }
}

impl AsRef<[u8]> for Tag {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// A key that was set up once and is used for many messages.
#[derive(Clone)]
pub enum Hmac {
    /// With MD5.
    Md5(hmac::Hmac<Md5>),
    /// With SHA-1.
    Sha1(hmac::Hmac<Sha1>),
    /// With SHA-256.
    Sha256(hmac::Hmac<Sha256>),
    /// With SHA-384.
    Sha384(hmac::Hmac<Sha384>),
}

impl Hmac {
    /// Sets up a key of any length.
    pub fn new(hash: Hash, key: &[u8]) -> Option<Hmac> {
        Some(match hash {
            Hash::Md5 => Hmac::Md5(KeyInit::new_from_slice(key).ok()?),
            Hash::Sha1 => Hmac::Sha1(KeyInit::new_from_slice(key).ok()?),
            Hash::Sha256 => Hmac::Sha256(KeyInit::new_from_slice(key).ok()?),
            Hash::Sha384 => Hmac::Sha384(KeyInit::new_from_slice(key).ok()?),
        })
    }

    /// The tag of parts, one after the other.
    pub fn tag(&self, parts: &[&[u8]]) -> Tag {
        fn all<M: Mac + Clone>(mac: &M, parts: &[&[u8]]) -> Tag {
            let mut mac = mac.clone();
            for part in parts {
                mac.update(part);
            }
            Tag::new(&mac.finalize().into_bytes())
        }
        match self {
            Hmac::Md5(mac) => all(mac, parts),
            Hmac::Sha1(mac) => all(mac, parts),
            Hmac::Sha256(mac) => all(mac, parts),
            Hmac::Sha384(mac) => all(mac, parts),
        }
    }
}

/// `P_hash` (RFC 5246 section 5), mixed into `out` by exclusive or.
fn expand_into(out: &mut [u8], hash: Hash, secret: &[u8], seed: &[&[u8]]) {
    let Some(key) = Hmac::new(hash, secret) else {
        return;
    };
    let mut a = key.tag(seed);
    for chunk in out.chunks_mut(hash.bytes()) {
        let mut parts = vec![a.as_ref()];
        parts.extend(seed);
        let block = key.tag(&parts);
        for (to, from) in chunk.iter_mut().zip(block.as_ref()) {
            *to ^= from;
        }
        a = key.tag(&[a.as_ref()]);
    }
}

/// The pseudo-random function of TLS 1.2 (RFC 5246 section 5) or, without a hash, that of TLS 1.0 and 1.1
/// (RFC 2246 section 5).
pub fn prf(
    hash: Option<Hash>,
    secret: &[u8],
    label: &str,
    seed: &[&[u8]],
    length: usize,
) -> Vec<u8> {
    let mut out = vec![0; length];
    let mut parts = vec![label.as_bytes()];
    parts.extend(seed);
    match hash {
        Some(hash) => expand_into(&mut out, hash, secret, &parts),
        None => {
            // Two halves that share the middle byte of an odd length.
            let half = secret.len().div_ceil(2);
            let first = secret.get(..half).unwrap_or_default();
            let second = secret.get(secret.len() - half..).unwrap_or_default();
            expand_into(&mut out, Hash::Md5, first, &parts);
            expand_into(&mut out, Hash::Sha1, second, &parts);
        }
    }
    out
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) without context. `prefix`: `"tls13 "`, or what drafts had.
pub fn expand_label(hash: Hash, secret: &[u8], prefix: &str, label: &str, length: u8) -> Vec<u8> {
    let mut info = vec![0, length];
    info.push(u8::try_from(prefix.len() + label.len()).unwrap_or(u8::MAX));
    info.extend_from_slice(prefix.as_bytes());
    info.extend_from_slice(label.as_bytes());
    info.push(0);
    let Some(key) = Hmac::new(hash, secret) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut last: Option<Tag> = None;
    for count in 1..=u8::MAX {
        let before = last.as_ref().map_or(&[][..], AsRef::as_ref);
        let tag = key.tag(&[before, &info, &[count]]);
        out.extend_from_slice(tag.as_ref());
        if out.len() >= usize::from(length) {
            break;
        }
        last = Some(tag);
    }
    out.truncate(usize::from(length));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    /// Keys of the first example of RFC 8448 section 3.
    #[test]
    fn expand_label_as_in_rfc_8448() {
        let secret = hex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
        let key = expand_label(Hash::Sha256, &secret, "tls13 ", "key", 16);
        let iv = expand_label(Hash::Sha256, &secret, "tls13 ", "iv", 12);
        assert_eq!(key, hex("dbfaa693d1762c5b666af5d950258d01"));
        assert_eq!(iv, hex("5bd3c71b836e0b76bb73265f"));
    }

    /// The vector for P_SHA256 that the TLS working group circulated with RFC 5246.
    #[test]
    fn prf_of_tls_1_2() {
        let secret = hex("9bbe436ba940f017b17652849a71db35");
        let seed = hex("a0ba9f936cda311827a6f796ffd5198c");
        let out = prf(Some(Hash::Sha256), &secret, "test label", &[&seed], 100);
        assert_eq!(out[..16], hex("e3f229ba727be17b8d122620557cd453")[..]);
        assert_eq!(out.len(), 100);
    }
}
