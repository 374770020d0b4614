//! SM4 (GB/T 32907-2016, ISO/IEC 18033-3).

use super::Family;
use super::block::{Family as Block, Price};
use super::modes::rustcrypto;
use crate::crack::derive::rank;
use crate::crack::hunt::Hunt;
use crate::crack::selector::Selector;

rustcrypto!(::sm4::Sm4, 16, kept as sm4);

/// SM4.
pub(crate) struct Sm4;

const SM4: Block = Block {
    layers: &[
        "sm4-ecb", "sm4-cbc", "sm4-ctr", "sm4-cfb", "sm4-cfb8", "sm4-ofb",
    ],
    lengths: &[16],
    other_lengths: 0..0,
    prior: 40,
    price: Price {
        key: 300,
        set_up: 500,
        kept: 1 << 14,
        block: 150,
    },
    most: rank::KEY,
    near: usize::MAX,
    streams: false,
    end_first: true,
};

impl Family for Sm4 {
    fn layers(&self) -> &'static [&'static str] {
        SM4.layers
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        SM4.search::<16, ::sm4::Sm4>(hunt, None);
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        SM4.follow::<16, ::sm4::Sm4>(layer, selector, bytes)
    }
}
