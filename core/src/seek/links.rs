//! Values whose digest was sent as well: every digest in the evidence is learnt first, then every short
//! value is hashed and looked up. A hit cannot be luck.

use hashbrown::HashSet;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

/// Shorter values are words and numbers; longer ones are texts.
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 6..=128;
/// Different digests remembered per evidence.
const MAX_DIGESTS: usize = 1 << 20;

/// Digests that were sent, by their bytes.
#[derive(Default)]
pub struct Linker {
    digests: HashSet<Box<[u8]>>,
    /// Whether a digest of the length of MD5, SHA-1, SHA-256 was learnt: others need not be computed.
    lengths: [bool; 3],
}

impl Linker {
    /// How many digests were learnt.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// True when no digest was learnt: nothing can be linked.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Remember every hexadecimal token of the length of an MD5, SHA-1 or SHA-256 digest.
    pub fn learn(&mut self, value: &[u8]) {
        for token in value.split(|b| !b.is_ascii_hexdigit()) {
            if matches!(token.len(), 32 | 40 | 64)
                && self.digests.len() < MAX_DIGESTS
                && let Ok(bytes) = data_encoding::HEXLOWER_PERMISSIVE.decode(token)
            {
                for (seen, length) in self.lengths.iter_mut().zip([16, 20, 32]) {
                    *seen |= bytes.len() == length;
                }
                self.digests.insert(bytes.into());
            }
        }
    }

    /// True when a digest of this value, or of it in another case or without separators, was sent.
    pub fn links(&self, value: &[u8]) -> bool {
        if self.digests.is_empty() || !VALUE_BYTES.contains(&value.len()) {
            return false;
        }
        let mut buffer = [0; *VALUE_BYTES.end()];
        let mut length = 0;
        for (place, &byte) in buffer
            .iter_mut()
            .zip(value.iter().filter(|b| !is_separator(b)))
        {
            *place = byte;
            length += 1;
        }
        let bare = &buffer[..length];
        self.any_case(value) || (bare.len() < value.len() && self.any_case(bare))
    }

    /// As [`Linker::links`], separators and all. Most spellings are the same bytes, and each costs three digests.
    fn any_case(&self, value: &[u8]) -> bool {
        let mut buffer = [0; *VALUE_BYTES.end()];
        let other = &mut buffer[..value.len()];
        self.known(value)
            || [<[u8]>::make_ascii_lowercase, <[u8]>::make_ascii_uppercase]
                .into_iter()
                .any(|change| {
                    other.copy_from_slice(value);
                    change(other);
                    other != value && self.known(other)
                })
    }

    fn known(&self, value: &[u8]) -> bool {
        let [md5, sha1, sha256] = self.lengths;
        (md5 && self.digests.contains(&Md5::digest(value)[..]))
            || (sha1 && self.digests.contains(&Sha1::digest(value)[..]))
            || (sha256 && self.digests.contains(&Sha256::digest(value)[..]))
    }
}

fn is_separator(byte: &u8) -> bool {
    matches!(byte, b'-' | b':' | b' ' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_and_its_digest_are_linked() {
        let mut linker = Linker::default();
        // MD5 of the RFC 1321 test string, in the middle of other text.
        linker.learn(b"x=c3fcd3d76192e4007dfb496cca67e13b&y=1");
        assert_eq!(linker.len(), 1);
        assert!(linker.links(b"abcdefghijklmnopqrstuvwxyz"));
        assert!(linker.links(b"ABCDEFGHIJKLM-nopqrstuvwxyz"));
        assert!(!linker.links(b"abcdefghijklmnopqrstuvwxyy"));
    }

    #[test]
    fn without_digests_nothing_is_hashed() {
        let mut linker = Linker::default();
        linker.learn(b"0123456789abcdef and no digest");
        assert!(linker.is_empty());
        assert!(!linker.links(b"abcdef"));
    }
}
