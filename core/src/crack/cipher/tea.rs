//! TEA (Wheeler and Needham, 1994) and XTEA (1997), 32 cycles. Words are big-endian in the published
//! vectors; many programs read them little-endian, which is another layer (`tea-le-…`).

use std::marker::PhantomData;

use wide::u32x8;

use super::Family;
use super::block::{Family as Block, Price};
use super::lanes::{self, LANES, Word};
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

pub(super) fn word<const LITTLE: bool>(bytes: [u8; 4]) -> u32 {
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

/// The rounds of one of the two ciphers.
trait Rounds {
    fn encrypt<W: Word>(key: &[W; 4], block: (W, W)) -> (W, W);
    fn decrypt<W: Word>(key: &[W; 4], block: (W, W)) -> (W, W);
}

/// Those of TEA.
struct First;
/// Those of XTEA.
struct Second;

impl First {
    #[inline(always)]
    fn mix<W: Word>(value: W, sum: u32, one: W, two: W) -> W {
        value.left(4).plus(one) ^ value.plus(W::of(sum)) ^ value.right(5).plus(two)
    }
}

impl Rounds for First {
    #[inline(always)]
    fn encrypt<W: Word>(&[a, b, c, d]: &[W; 4], (mut one, mut two): (W, W)) -> (W, W) {
        let mut sum = 0u32;
        for _ in 0..CYCLES {
            sum = sum.wrapping_add(DELTA);
            one = one.plus(Self::mix(two, sum, a, b));
            two = two.plus(Self::mix(one, sum, c, d));
        }
        (one, two)
    }

    #[inline(always)]
    fn decrypt<W: Word>(&[a, b, c, d]: &[W; 4], (mut one, mut two): (W, W)) -> (W, W) {
        let mut sum = DELTA.wrapping_mul(CYCLES);
        for _ in 0..CYCLES {
            two = two.minus(Self::mix(one, sum, c, d));
            one = one.minus(Self::mix(two, sum, a, b));
            sum = sum.wrapping_sub(DELTA);
        }
        (one, two)
    }
}

impl Second {
    #[inline(always)]
    fn mix<W: Word>(key: &[W; 4], value: W, sum: u32, place: u32) -> W {
        let [first, ..] = *key;
        let word = key.get((place & 3) as usize).copied().unwrap_or(first);
        (value.left(4) ^ value.right(5)).plus(value) ^ W::of(sum).plus(word)
    }
}

impl Rounds for Second {
    #[inline(always)]
    fn encrypt<W: Word>(key: &[W; 4], (mut one, mut two): (W, W)) -> (W, W) {
        let mut sum = 0u32;
        for _ in 0..CYCLES {
            one = one.plus(Self::mix(key, two, sum, sum));
            sum = sum.wrapping_add(DELTA);
            two = two.plus(Self::mix(key, one, sum, sum >> 11));
        }
        (one, two)
    }

    #[inline(always)]
    fn decrypt<W: Word>(key: &[W; 4], (mut one, mut two): (W, W)) -> (W, W) {
        let mut sum = DELTA.wrapping_mul(CYCLES);
        for _ in 0..CYCLES {
            two = two.minus(Self::mix(key, one, sum, sum >> 11));
            sum = sum.wrapping_sub(DELTA);
            one = one.minus(Self::mix(key, two, sum, sum));
        }
        (one, two)
    }
}

/// A key of a cipher, with the order of the bytes in its words.
struct WithKey<R, const LITTLE: bool>([u32; 4], PhantomData<R>);

type TeaKey<const LITTLE: bool> = WithKey<First, LITTLE>;
type XteaKey<const LITTLE: bool> = WithKey<Second, LITTLE>;

impl<R: Rounds + 'static, const LITTLE: bool> BlockCipher<8> for WithKey<R, LITTLE> {
    fn new(key: &[u8]) -> Option<Self> {
        words::<LITTLE>(key).map(|words| WithKey(words, PhantomData))
    }

    fn encrypt(&self, blocks: &mut [[u8; 8]]) {
        for block in blocks {
            let (one, two) = R::encrypt(&self.0, load::<LITTLE>(*block));
            *block = store::<LITTLE>(one, two);
        }
    }

    fn decrypt(&self, blocks: &mut [[u8; 8]]) {
        for block in blocks {
            let (one, two) = R::decrypt(&self.0, load::<LITTLE>(*block));
            *block = store::<LITTLE>(one, two);
        }
    }

    fn decrypt_with_each(keys: &[u8], block: [u8; 8]) -> Option<[[u8; 8]; LANES]> {
        let keys = lanes::keys(keys, word::<LITTLE>)?;
        let (one, two) = load::<LITTLE>(block);
        let (one, two) = R::decrypt(&keys, (u32x8::of(one), u32x8::of(two)));
        let (one, two) = (one.to_array(), two.to_array());
        let mut out = [[0; 8]; LANES];
        for (to, (one, two)) in out.iter_mut().zip(one.into_iter().zip(two)) {
            *to = store::<LITTLE>(one, two);
        }
        Some(out)
    }
}

const BASE: Block = Block {
    layers: &[],
    lengths: &[16],
    other_lengths: 0..0,
    prior: 60,
    price: Price {
        key: 70,
        set_up: 350,
        kept: 0,
        block: 110,
    },
    most: rank::COMMON,
    near: usize::MAX,
    streams: false,
    end_first: true,
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
        let other: Vec<u8> = (0u8..16).rev().collect();
        let mut keys = other.repeat(LANES);
        keys[5 * 16..6 * 16].copy_from_slice(key);
        let each = C::decrypt_with_each(&keys, cipher).unwrap();
        assert_eq!(each[5], plain);
        let mut block = [cipher];
        C::new(&other).unwrap().decrypt(&mut block);
        assert_eq!((each[0], each[7]), (block[0], block[0]));
        assert!(C::decrypt_with_each(&keys[16..], cipher).is_none());
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
