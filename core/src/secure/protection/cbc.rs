//! Cipher block chaining with a MAC (RFC 5246 section 6.2.3.2, RFC 7366).

use std::ops::Range;

use cbc::Decryptor;
use cbc::cipher::{Block as Bytes, BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};

use super::super::suites::Block;
use super::mac::Mac;
use super::seed::Seed;
use super::{Header, Open};

/// What differs between versions and extensions.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub mac_bytes: usize,
    /// Padding may have any value (SSL 3.0).
    pub free_padding: bool,
    /// Each record carries its initialisation vector (since TLS 1.1).
    pub explicit: bool,
    pub encrypt_then_mac: bool,
}

/// One block cipher with its key.
trait Chain: Send {
    /// Decrypts whole blocks in place.
    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()>;
}

struct With<C>(C);

impl<C: BlockCipherDecrypt + Send> Chain for With<C> {
    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()> {
        let mut chain = Decryptor::<&C>::inner_iv_slice_init(&self.0, iv).ok()?;
        let (blocks, rest) = Bytes::<C>::slice_as_chunks_mut(data);
        if !rest.is_empty() {
            return None;
        }
        chain.decrypt_blocks(blocks);
        Some(())
    }
}

impl Chain for Seed {
    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Option<()> {
        self.decrypt_chain(iv, data)
    }
}

fn with<C: BlockCipherDecrypt + KeyInit + Send + 'static>(key: &[u8]) -> Option<Box<dyn Chain>> {
    Some(Box::new(With(C::new_from_slice(key).ok()?)))
}

struct Cbc {
    chain: Box<dyn Chain>,
    block: usize,
    mac: Mac,
    form: Form,
    /// Before TLS 1.1: the last block of the record before.
    last: [u8; 16],
}

/// What opens records of a CBC suite.
pub(super) fn open(
    block: Block,
    key: &[u8],
    iv: &[u8],
    mac: Mac,
    form: Form,
) -> Option<Box<dyn Open>> {
    let chain = match block {
        Block::Aes128 => with::<aes::Aes128>(key)?,
        Block::Aes256 => with::<aes::Aes256>(key)?,
        Block::Camellia128 => with::<camellia::Camellia128>(key)?,
        Block::Camellia256 => with::<camellia::Camellia256>(key)?,
        Block::Aria128 => with::<aria::Aria128>(key)?,
        Block::Aria256 => with::<aria::Aria256>(key)?,
        Block::Des => with::<des::Des>(key)?,
        Block::TripleDes => with::<des::TdesEde3>(key)?,
        Block::Idea => with::<idea::Idea>(key)?,
        Block::Rc2 => with::<rc2::Rc2>(key)?,
        Block::Seed => Box::new(Seed::new(key)?),
    };
    let mut cbc = Cbc {
        chain,
        block: block.block_bytes(),
        mac,
        form,
        last: [0; 16],
    };
    cbc.remember(iv);
    Some(Box::new(cbc))
}

impl Cbc {
    fn remember(&mut self, ciphertext: &[u8]) {
        let Some(from) = ciphertext.len().checked_sub(self.block) else {
            return;
        };
        let last = ciphertext.get(from..).unwrap_or_default();
        for (to, from) in self.last.iter_mut().zip(last) {
            *to = *from;
        }
    }
}

/// Bytes before the padding, if all of it has the right value.
fn unpad(data: &[u8], free: bool) -> Option<usize> {
    let padding = *data.last()?;
    let length = data.len().checked_sub(usize::from(padding) + 1)?;
    let right = free || data.get(length..)?.iter().all(|b| *b == padding);
    right.then_some(length)
}

impl Open for Cbc {
    fn open(&mut self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Range<usize>> {
        let sealed = if self.form.encrypt_then_mac {
            let length = fragment.len().checked_sub(self.form.mac_bytes)?;
            let (sealed, tag) = fragment.split_at(length);
            if !self.mac.is_right(sequence, header, sealed, tag) {
                return None;
            }
            length
        } else {
            fragment.len()
        };
        let sealed = fragment.get_mut(..sealed)?;
        let before = if self.form.explicit { self.block } else { 0 };
        let mut last = self.last;
        if !self.form.explicit {
            let from = sealed.len().checked_sub(self.block)?;
            for (to, from) in last.iter_mut().zip(sealed.get(from..)?) {
                *to = *from;
            }
        }
        let (iv, data) = sealed.split_at_mut_checked(before)?;
        let iv = if self.form.explicit {
            &*iv
        } else {
            self.last.get(..self.block)?
        };
        self.chain.decrypt(iv, data)?;
        let mut length = unpad(data, self.form.free_padding)?;
        if !self.form.encrypt_then_mac {
            length = length.checked_sub(self.form.mac_bytes)?;
            let (content, rest) = data.split_at_checked(length)?;
            let tag = rest.get(..self.form.mac_bytes)?;
            if !self.mac.is_right(sequence, header, content, tag) {
                return None;
            }
        }
        self.last = last;
        Some(before..before.saturating_add(length))
    }

    fn skip(&mut self, fragment: &[u8]) {
        let sealed = if self.form.encrypt_then_mac {
            fragment.len().saturating_sub(self.form.mac_bytes)
        } else {
            fragment.len()
        };
        self.remember(fragment.get(..sealed).unwrap_or_default());
    }

    fn overhead(&self) -> usize {
        let iv = if self.form.explicit { self.block } else { 0 };
        iv + self.form.mac_bytes + 1
    }

    fn is_chained(&self) -> bool {
        !self.form.explicit
    }
}
