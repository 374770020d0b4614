//! Blowfish (Schneier, 1993). Setting up a key enciphers 521 blocks and fills 4 KiB, so only the first keys of
//! each length are tried.

use super::Family;
use super::block::{Family as Block, Price};
use super::modes::rustcrypto;
use crate::crack::derive::rank;
use crate::crack::hunt::Hunt;
use crate::crack::selector::Selector;

rustcrypto!(::blowfish::Blowfish, 8, kept as blowfish);

/// Blowfish.
pub(crate) struct Blowfish;

const BLOWFISH: Block = Block {
    layers: &[
        "blowfish-ecb",
        "blowfish-cbc",
        "blowfish-ctr",
        "blowfish-cfb",
        "blowfish-cfb8",
        "blowfish-ofb",
    ],
    lengths: &[16, 8, 24, 32],
    other_lengths: 4..57,
    prior: 70,
    price: Price {
        key: 250,
        set_up: 35_000,
        kept: 128,
        block: 100,
    },
    most: rank::KEY,
    near: 32,
    streams: false,
    end_first: true,
};

impl Family for Blowfish {
    fn layers(&self) -> &'static [&'static str] {
        BLOWFISH.layers
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        BLOWFISH.search::<8, ::blowfish::Blowfish>(hunt, None);
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        BLOWFISH.follow::<8, ::blowfish::Blowfish>(layer, selector, bytes)
    }
}
