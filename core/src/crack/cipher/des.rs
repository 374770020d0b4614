//! DES (FIPS 46-3, withdrawn) and triple DES (SP 800-67, withdrawn), with two keys or three.

use std::sync::OnceLock;

use super::Family;
use super::block::{Family as Block, Price};
use super::modes::{BlockCipher, rustcrypto};
use crate::crack::derive::rank;
use crate::crack::hunt::Hunt;
use crate::crack::keys::Schedules;
use crate::crack::selector::Selector;

rustcrypto!(::des::Des, 8, kept as des);

/// DES.
pub(crate) struct Des;
/// Triple DES, encipher-decipher-encipher.
pub(crate) struct TripleDes;

const DES: Block = Block {
    layers: &[
        "des-ecb", "des-cbc", "des-ctr", "des-cfb", "des-cfb8", "des-ofb",
    ],
    lengths: &[8],
    other_lengths: 0..0,
    prior: 30,
    price: Price {
        key: 300,
        set_up: 450,
        kept: 1 << 15,
        block: 150,
    },
    most: rank::COMMON,
    near: usize::MAX,
    streams: false,
    end_first: true,
};
const TRIPLE: Block = Block {
    layers: &[
        "3des-ecb",
        "3des-cbc",
        "3des-ctr",
        "3des-cfb",
        "3des-cfb8",
        "3des-ofb",
    ],
    lengths: &[24, 16],
    other_lengths: 0..0,
    prior: 40,
    price: Price {
        key: 1000,
        set_up: 1300,
        kept: 1 << 13,
        block: 450,
    },
    most: rank::KEY,
    near: usize::MAX,
    streams: false,
    end_first: true,
};

impl Family for Des {
    fn layers(&self) -> &'static [&'static str] {
        DES.layers
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        DES.search::<8, ::des::Des>(hunt, None);
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        DES.follow::<8, ::des::Des>(layer, selector, bytes)
    }
}

/// A key of 16 bytes is K1 ‖ K2, and K1 again.
pub(crate) struct Ede(::des::TdesEde3);

impl BlockCipher<8> for Ede {
    fn kept(schedules: &Schedules) -> Option<&OnceLock<Vec<Self>>> {
        Some(&schedules.triple_des)
    }

    fn new(key: &[u8]) -> Option<Self> {
        use aes::cipher::KeyInit;
        let mut whole = [0u8; 24];
        whole.get_mut(..key.len())?.copy_from_slice(key);
        if key.len() == 16 {
            whole.copy_within(..8, 16);
        } else if key.len() != whole.len() {
            return None;
        }
        ::des::TdesEde3::new_from_slice(&whole).ok().map(Ede)
    }

    fn encrypt(&self, blocks: &mut [[u8; 8]]) {
        let blocks = aes::cipher::Block::<::des::TdesEde3>::cast_slice_from_core_mut(blocks);
        aes::cipher::BlockCipherEncrypt::encrypt_blocks(&self.0, blocks);
    }

    fn decrypt(&self, blocks: &mut [[u8; 8]]) {
        let blocks = aes::cipher::Block::<::des::TdesEde3>::cast_slice_from_core_mut(blocks);
        aes::cipher::BlockCipherDecrypt::decrypt_blocks(&self.0, blocks);
    }
}

impl Family for TripleDes {
    fn layers(&self) -> &'static [&'static str] {
        TRIPLE.layers
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        TRIPLE.search::<8, Ede>(hunt, None);
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        TRIPLE.follow::<8, Ede>(layer, selector, bytes)
    }
}
