//! TEA (Wheeler and Needham, 1994) and XTEA (1997), 32 cycles. Words are big-endian in the published
//! vectors; many programs read them little-endian, which is another layer (`tea-le-…`).

use super::Family;
use super::block::{Family as Block, Price};
use super::modes::BlockCipher;
use crate::crack::derive::rank;
use crate::crack::hunt::Hunt;
use crate::crack::selector::Selector;

/// ⌊2³² / golden ratio⌋
pub(super) const DELTA: u32 = 0x9e37_79b9;
const CYCLES: u32 = 32;

/// The words of a key.
pub(super) fn words<const LITTLE: bool>(key: &[u8]) -> Option<[u32; 4]> {
    let (words, rest) = key.as_chunks::<4>();
    let words: &[[u8; 4]; 4] = words.try_into().ok()?;
    rest.is_empty().then(|| words.map(word::<LITTLE>))
}

fn word<const LITTLE: bool>(bytes: [u8; 4]) -> u32 {
    if LITTLE {
        u32::from_le_bytes(bytes)
    } else {
        u32::from_be_bytes(bytes)
    }
}

fn load<const LITTLE: bool>([a, b, c, d, e, f, g, h]: [u8; 8]) -> (u32, u32) {
    (word::<LITTLE>([a, b, c, d]), word::<LITTLE>([e, f, g, h]))
}

fn store<const LITTLE: bool>(one: u32, two: u32) -> [u8; 8] {
    let bytes = |word: u32| {
        if LITTLE {
            word.to_le_bytes()
        } else {
            word.to_be_bytes()
        }
    };
    let ([a, b, c, d], [e, f, g, h]) = (bytes(one), bytes(two));
    [a, b, c, d, e, f, g, h]
}

/// TEA with a key.
struct TeaKey<const LITTLE: bool>([u32; 4]);

impl<const LITTLE: bool> TeaKey<LITTLE> {
    fn mix(value: u32, sum: u32, one: u32, two: u32) -> u32 {
        (value << 4).wrapping_add(one) ^ value.wrapping_add(sum) ^ (value >> 5).wrapping_add(two)
    }
}

impl<const LITTLE: bool> BlockCipher<8> for TeaKey<LITTLE> {
    fn new(key: &[u8]) -> Option<Self> {
        words::<LITTLE>(key).map(TeaKey)
    }

    fn encrypt(&self, blocks: &mut [[u8; 8]]) {
        let [a, b, c, d] = self.0;
        for block in blocks {
            let (mut one, mut two) = load::<LITTLE>(*block);
            let mut sum = 0u32;
            for _ in 0..CYCLES {
                sum = sum.wrapping_add(DELTA);
                one = one.wrapping_add(Self::mix(two, sum, a, b));
                two = two.wrapping_add(Self::mix(one, sum, c, d));
            }
            *block = store::<LITTLE>(one, two);
        }
    }

    fn decrypt(&self, blocks: &mut [[u8; 8]]) {
        let [a, b, c, d] = self.0;
        for block in blocks {
            let (mut one, mut two) = load::<LITTLE>(*block);
            let mut sum = DELTA.wrapping_mul(CYCLES);
            for _ in 0..CYCLES {
                two = two.wrapping_sub(Self::mix(one, sum, c, d));
                one = one.wrapping_sub(Self::mix(two, sum, a, b));
                sum = sum.wrapping_sub(DELTA);
            }
            *block = store::<LITTLE>(one, two);
        }
    }
}

/// XTEA with a key.
struct XteaKey<const LITTLE: bool>([u32; 4]);

impl<const LITTLE: bool> XteaKey<LITTLE> {
    fn mix(&self, value: u32, sum: u32, word: u32) -> u32 {
        let key = self.0.get((word & 3) as usize).copied().unwrap_or_default();
        ((value << 4) ^ (value >> 5)).wrapping_add(value) ^ sum.wrapping_add(key)
    }
}

impl<const LITTLE: bool> BlockCipher<8> for XteaKey<LITTLE> {
    fn new(key: &[u8]) -> Option<Self> {
        words::<LITTLE>(key).map(XteaKey)
    }

    fn encrypt(&self, blocks: &mut [[u8; 8]]) {
        for block in blocks {
            let (mut one, mut two) = load::<LITTLE>(*block);
            let mut sum = 0u32;
            for _ in 0..CYCLES {
                one = one.wrapping_add(self.mix(two, sum, sum));
                sum = sum.wrapping_add(DELTA);
                two = two.wrapping_add(self.mix(one, sum, sum >> 11));
            }
            *block = store::<LITTLE>(one, two);
        }
    }

    fn decrypt(&self, blocks: &mut [[u8; 8]]) {
        for block in blocks {
            let (mut one, mut two) = load::<LITTLE>(*block);
            let mut sum = DELTA.wrapping_mul(CYCLES);
            for _ in 0..CYCLES {
                two = two.wrapping_sub(self.mix(one, sum, sum >> 11));
                sum = sum.wrapping_sub(DELTA);
                one = one.wrapping_sub(self.mix(two, sum, sum));
            }
            *block = store::<LITTLE>(one, two);
        }
    }
}

const BASE: Block = Block {
    layers: &[],
    lengths: &[16],
    prior: 60,
    price: Price {
        key: 700,
        block: 110,
    },
    most: rank::COMMON,
    streams: false,
};

macro_rules! family {
    ($(#[$doc:meta])* $family:ident, $cipher:ty, $block:ident, $layers:expr) => {
        $(#[$doc])*
        pub(crate) struct $family;

        const $block: Block = Block { layers: $layers, ..BASE };

        impl Family for $family {
            fn layers(&self) -> &'static [&'static str] {
                $block.layers
            }

            fn search(&self, hunt: &mut Hunt<'_>) {
                $block.search::<8, $cipher>(hunt, None);
            }

            fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
                $block.follow::<8, $cipher>(layer, selector, bytes)
            }
        }
    };
}
family!(
    /// TEA, words big-endian.
    Tea, TeaKey<false>, TEA,
    &["tea-ecb", "tea-cbc", "tea-ctr", "tea-cfb", "tea-cfb8", "tea-ofb"]
);
family!(
    /// TEA, words little-endian.
    TeaLe, TeaKey<true>, TEA_LE,
    &["tea-le-ecb", "tea-le-cbc", "tea-le-ctr", "tea-le-cfb", "tea-le-cfb8", "tea-le-ofb"]
);
family!(
    /// XTEA, words big-endian.
    Xtea, XteaKey<false>, XTEA,
    &["xtea-ecb", "xtea-cbc", "xtea-ctr", "xtea-cfb", "xtea-cfb8", "xtea-ofb"]
);
family!(
    /// XTEA, words little-endian.
    XteaLe, XteaKey<true>, XTEA_LE,
    &["xtea-le-ecb", "xtea-le-cbc", "xtea-le-ctr", "xtea-le-cfb", "xtea-le-cfb8", "xtea-le-ofb"]
);

#[cfg(test)]
mod tests {
    use super::*;

    fn both<C: BlockCipher<8>>(key: &[u8], plain: [u8; 8], cipher: [u8; 8]) {
        let with = C::new(key).unwrap();
        let mut block = [plain];
        with.encrypt(&mut block);
        assert_eq!(block, [cipher]);
        with.decrypt(&mut block);
        assert_eq!(block, [plain]);
    }

    /// Published vectors: TEA of zeros under zeros; XTEA of `ABCDEFGH` under 00…0f and of zeros under zeros.
    #[test]
    fn vectors() {
        both::<TeaKey<false>>(
            &[0; 16],
            [0; 8],
            [0x41, 0xea, 0x3a, 0x0a, 0x94, 0xba, 0xa9, 0x40],
        );
        let counted: Vec<u8> = (0..16).collect();
        both::<XteaKey<false>>(
            &counted,
            *b"ABCDEFGH",
            [0x49, 0x7d, 0xf3, 0xd0, 0x72, 0x61, 0x2c, 0xb5],
        );
        both::<XteaKey<false>>(
            &[0; 16],
            [0; 8],
            [0xde, 0xe9, 0xd4, 0xd8, 0xf7, 0x13, 0x1e, 0xd9],
        );
    }
}
