//! The MAC of records that are not protected by an AEAD cipher.

use super::super::hmac::{Hash, Hmac};
use super::Header;

/// One MAC with its key.
#[derive(Clone)]
pub(super) enum Mac {
    /// HMAC (RFC 5246 section 6.2.3.1).
    Hmac(Hmac),
    /// What came before it (RFC 6101 section 5.2.3.1).
    Ssl3(Hash, Vec<u8>),
    /// Its key is not known: nothing is checked.
    Unchecked,
}

impl Mac {
    /// Is this the tag of a record?
    pub fn is_right(&self, sequence: u64, header: Header, content: &[u8], tag: &[u8]) -> bool {
        let Ok(length) = u16::try_from(content.len()) else {
            return false;
        };
        let [a, b] = length.to_be_bytes();
        let sequence = sequence.to_be_bytes();
        match self {
            Mac::Hmac(mac) => {
                let [high, low] = header.version;
                let pseudo = [header.kind, high, low, a, b];
                mac.tag(&[&sequence, &pseudo, content]).as_ref() == tag
            }
            Mac::Ssl3(hash, secret) => {
                let pad = if *hash == Hash::Md5 { 48 } else { 40 };
                let (one, two) = ([0x36; 48], [0x5c; 48]);
                let (one, two) = (one.get(..pad), two.get(..pad));
                let (one, two) = (one.unwrap_or_default(), two.unwrap_or_default());
                let pseudo = [header.kind, a, b];
                let inner = hash.digest(&[secret, one, &sequence, &pseudo, content]);
                hash.digest(&[secret, two, &inner]) == tag
            }
            Mac::Unchecked => true,
        }
    }
}
