//! AES (FIPS 197) in the modes of SP 800-38A and in GCM (SP 800-38D), with keys of 16, 24 and 32 bytes.

use super::block::{Family as Block, Price};
use super::modes::rustcrypto;
use super::{Family, gcm, gcm_apart};
use crate::crack::derive::rank;
use crate::crack::hunt::Hunt;
use crate::crack::selector::Selector;

rustcrypto!(aes::Aes128, 16, kept as aes_128);
rustcrypto!(aes::Aes192, 16, kept as aes_192);
rustcrypto!(aes::Aes256, 16, kept as aes_256);

/// Work per key: schedule and about ten blocks; per 16 bytes after that.
const PRICE: Price = Price {
    key: 120,
    set_up: 0,
    kept: 1 << 14,
    block: 6,
};
/// The same with 14 rounds.
const LONG_PRICE: Price = Price { key: 150, ..PRICE };

/// AES with keys of 16 bytes.
pub(crate) struct Aes128;
/// AES with keys of 24 bytes.
pub(crate) struct Aes192;
/// AES with keys of 32 bytes.
pub(crate) struct Aes256;

const BLOCK_128: Block = Block {
    layers: &[
        "aes-128-ecb",
        "aes-128-cbc",
        "aes-128-ctr",
        "aes-128-cfb",
        "aes-128-cfb8",
        "aes-128-ofb",
        gcm::AES_128,
    ],
    lengths: &[16],
    other_lengths: 0..0,
    prior: 0,
    price: PRICE,
    most: rank::ODD,
    near: usize::MAX,
    streams: true,
    end_first: false,
};
const BLOCK_192: Block = Block {
    layers: &[
        "aes-192-ecb",
        "aes-192-cbc",
        "aes-192-ctr",
        "aes-192-cfb",
        "aes-192-cfb8",
        "aes-192-ofb",
        gcm::AES_192,
    ],
    lengths: &[24],
    prior: 40,
    price: LONG_PRICE,
    most: rank::COMMON,
    ..BLOCK_128
};
const BLOCK_256: Block = Block {
    layers: &[
        "aes-256-ecb",
        "aes-256-cbc",
        "aes-256-ctr",
        "aes-256-cfb",
        "aes-256-cfb8",
        "aes-256-ofb",
        gcm::AES_256,
    ],
    lengths: &[32],
    prior: 10,
    price: LONG_PRICE,
    most: rank::RARE,
    ..BLOCK_128
};

macro_rules! family {
    ($family:ty, $cipher:ty, $block:ident, $length:literal, $gcm:path, $ctr:literal) => {
        impl Family for $family {
            fn layers(&self) -> &'static [&'static str] {
                $block.layers
            }

            fn search(&self, hunt: &mut Hunt<'_>) {
                // A tag proves more than a text: it is looked for first.
                gcm_apart::search::<$cipher>(hunt, ($gcm, $ctr), $length);
                if !hunt.found() {
                    $block.search::<16, $cipher>(hunt, Some(gcm::settle));
                }
            }

            fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
                if layer == $gcm && gcm_apart::is_apart(selector) {
                    return gcm_apart::follow::<$cipher>(selector, bytes);
                }
                if layer == $gcm {
                    return gcm::follow(layer, selector, bytes);
                }
                $block.follow::<16, $cipher>(layer, selector, bytes)
            }
        }
    };
}
family!(
    Aes128,
    aes::Aes128,
    BLOCK_128,
    16,
    gcm::AES_128,
    "aes-128-ctr"
);
family!(
    Aes192,
    aes::Aes192,
    BLOCK_192,
    24,
    gcm::AES_192,
    "aes-192-ctr"
);
family!(
    Aes256,
    aes::Aes256,
    BLOCK_256,
    32,
    gcm::AES_256,
    "aes-256-ctr"
);
