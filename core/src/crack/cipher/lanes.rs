//! Words of 32 bits, one or eight at a time: the ciphers made of additions and shifts go through a message under
//! eight keys at once.

use std::ops::BitXor;

use wide::u32x8;

/// Keys that are tried at once.
pub(crate) const LANES: usize = 8;

/// One word, or one for each of several keys. Sums wrap.
pub(super) trait Word: Copy + BitXor<Output = Self> {
    fn of(word: u32) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn left(self, bits: u32) -> Self;
    fn right(self, bits: u32) -> Self;
}

impl Word for u32 {
    #[inline(always)]
    fn of(word: u32) -> Self {
        word
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }
    #[inline(always)]
    fn left(self, bits: u32) -> Self {
        self << bits
    }
    #[inline(always)]
    fn right(self, bits: u32) -> Self {
        self >> bits
    }
}

impl Word for u32x8 {
    #[inline(always)]
    fn of(word: u32) -> Self {
        u32x8::splat(word)
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self - other
    }
    #[inline(always)]
    fn left(self, bits: u32) -> Self {
        self << bits
    }
    #[inline(always)]
    fn right(self, bits: u32) -> Self {
        self >> bits
    }
}

/// Eight keys of sixteen bytes, by words. `None` when there are not so many.
pub(super) fn keys(bytes: &[u8], word: fn([u8; 4]) -> u32) -> Option<[u32x8; 4]> {
    let (words, rest) = bytes.as_chunks::<4>();
    let words: &[[u8; 4]; 4 * LANES] = words.try_into().ok()?;
    let at = |place: usize| -> [u32; LANES] {
        std::array::from_fn(|lane| words.get(lane * 4 + place).copied().map_or(0, word))
    };
    rest.is_empty()
        .then(|| std::array::from_fn(|place| u32x8::new(at(place))))
}
