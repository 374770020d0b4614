//! Suites with a MAC and a stream cipher, or no cipher at all (RFC 5246 section 6.2.3.1).

use std::ops::Range;

use super::mac::Mac;
use super::rc4::Rc4;
use super::{Header, Open};

#[derive(Clone)]
struct Stream {
    /// `None`: not encrypted.
    key: Option<Rc4>,
    mac: Mac,
    mac_bytes: usize,
}

/// What opens records of a suite with RC4.
pub(super) fn rc4(key: &[u8], mac: Mac, mac_bytes: usize) -> Option<Box<dyn Open>> {
    let key = Some(Rc4::new(key)?);
    Some(Box::new(Stream {
        key,
        mac,
        mac_bytes,
    }))
}

/// What opens records of a suite that does not encrypt.
pub(super) fn null(mac: Mac, mac_bytes: usize) -> Box<dyn Open> {
    Box::new(Stream {
        key: None,
        mac,
        mac_bytes,
    })
}

impl Open for Stream {
    fn open(&mut self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Range<usize>> {
        let key = self.key.as_ref().map(|key| {
            let mut key = key.clone();
            key.apply(fragment);
            key
        });
        let length = fragment.len().checked_sub(self.mac_bytes)?;
        let (content, tag) = fragment.split_at(length);
        if !self.mac.is_right(sequence, header, content, tag) {
            return None;
        }
        self.key = key;
        Some(0..length)
    }

    fn skip(&mut self, fragment: &[u8]) {
        if let Some(key) = &mut self.key {
            key.skip(fragment.len() as u64);
        }
    }

    fn overhead(&self) -> usize {
        self.mac_bytes
    }

    fn after(&self, lost: u64, records: u64) -> Option<Box<dyn Open>> {
        let mut next = self.clone();
        next.key
            .as_mut()?
            .skip(lost.checked_sub(records.checked_mul(5)?)?);
        Some(Box::new(next))
    }
}
