//! Certificates that were read before: a phone meets the same few servers again and again.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::certificate::{self, Certificate};

/// Bytes of certificates remembered; beyond, all are forgotten.
const REMEMBERED_BYTES: usize = 1 << 20;

/// Certificates by their bytes.
#[derive(Debug, Default)]
pub struct Certificates {
    read: HashMap<Box<[u8]>, Option<Arc<Certificate>>, RandomState>,
    bytes: usize,
}

impl Certificates {
    /// As [`certificate::read`], which takes some ten times longer.
    pub fn read(&mut self, der: &[u8]) -> Option<Arc<Certificate>> {
        if let Some(known) = self.read.get(der) {
            return known.clone();
        }
        let read = certificate::read(der).map(Arc::new);
        if self.bytes.saturating_add(der.len()) > REMEMBERED_BYTES {
            self.read.clear();
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(der.len());
        self.read.insert(der.into(), read.clone());
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_remembered_as_such() {
        let mut known = Certificates::default();
        assert_eq!(known.read(b"nothing"), None);
        assert_eq!(known.read(b"nothing"), None);
        assert_eq!(known.read.len(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let mut known = Certificates::default();
        for number in 0..100u8 {
            known.read(&vec![number; 100 << 10]);
            assert!(known.bytes <= REMEMBERED_BYTES);
            assert_eq!(
                known.bytes,
                known.read.keys().map(|k| k.len()).sum::<usize>()
            );
        }
    }
}
