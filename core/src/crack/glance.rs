//! One look at a block: could it be plaintext? The same answers as [`super::trial`] gives, but nearly all
//! noise is told by a few comparisons of sixteen bytes at once.

use wide::u8x16;

use super::trial;

/// A block of 8 or 16 bytes. What is missing is filled with spaces, which decide nothing.
#[derive(Clone, Copy)]
pub(crate) struct Glance(u8x16);

/// Bytes that compressed data and archives begin with.
static BEGINS: [bool; 256] = begins();

const fn begins() -> [bool; 256] {
    let mut table = [false; 256];
    let mut place = 0;
    let bytes = [0x1f, 0x78, 0x28, b'P', b'b'];
    while place < bytes.len() {
        table[bytes[place] as usize] = true;
        place += 1;
    }
    table
}

impl Glance {
    /// At a block.
    #[inline(always)]
    pub(crate) fn at<const B: usize>(block: &[u8; B]) -> Self {
        Glance(u8x16::new(filled(block)))
    }

    /// At two blocks, one XOR the other.
    #[inline(always)]
    pub(crate) fn xor<const B: usize>(self, other: &[u8; B]) -> Self {
        if let Some(whole) = other.first_chunk::<16>() {
            return Glance(self.0 ^ u8x16::new(*whole));
        }
        let mut mask = [0; 16];
        if let (Some(to), Some(half)) = (mask.first_chunk_mut::<8>(), other.first_chunk::<8>()) {
            *to = *half;
        }
        Glance(self.0 ^ u8x16::new(mask))
    }

    /// True when [`trial::text`] is. Noise is told without a branch that depends on it.
    #[inline(always)]
    pub(crate) fn text<const B: usize>(self) -> bool {
        let bytes = self.0;
        let equal = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        let low = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let line = equal(b'\t') | equal(b'\n') | equal(b'\r');
        // Lanes of comparisons are all ones or zeros.
        let control = (low ^ (low & line)) | equal(0x7f);
        // Bytes of UTF-8 characters must follow each other, as far as their kinds tell: each first byte before
        // a further one, each further one behind one from 0x80. Doubled, the second highest bit is the highest.
        let high = bytes.to_bitmask();
        let leads = high & (bytes + bytes).to_bitmask();
        let further = high ^ leads;
        let inside = (1u32 << (B - 1)) - 1;
        let alone = leads & !(further >> 1) & inside;
        let lost = further & !(high << 1) & !1;
        let wrong = control.to_bitmask() | alone | lost;
        wrong == 0 && (high == 0 || trial::text(self.bytes().get(..B).unwrap_or_default()))
    }

    /// True when [`trial::magic`] is.
    #[inline(always)]
    pub(crate) fn magic<const B: usize>(self) -> bool {
        let [first, _, _, _, fifth, ..] = self.bytes();
        (BEGINS[usize::from(first)] | (fifth == 0x1f))
            && trial::magic(self.bytes().get(..B).unwrap_or_default())
    }

    /// True when [`trial::head`] is.
    #[inline(always)]
    pub(crate) fn head<const B: usize>(self) -> bool {
        self.magic::<B>() || self.text::<B>()
    }

    /// The block.
    #[inline(always)]
    pub(crate) fn block<const B: usize>(self) -> [u8; B] {
        let mut block = [0; B];
        if let Some(bytes) = self.bytes().get(..B) {
            block.copy_from_slice(bytes);
        }
        block
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 16] {
        self.0.to_array()
    }
}

/// Copied whole: the length is known to the compiler.
#[inline(always)]
fn filled<const B: usize>(block: &[u8; B]) -> [u8; 16] {
    if let Some(whole) = block.first_chunk::<16>() {
        return *whole;
    }
    let mut filled = [b' '; 16];
    if let (Some(to), Some(half)) = (filled.first_chunk_mut::<8>(), block.first_chunk::<8>()) {
        *to = *half;
    }
    filled
}

/// True when [`trial::text`] is.
#[inline(always)]
pub(crate) fn text<const B: usize>(block: &[u8; B]) -> bool {
    Glance::at(block).text::<B>()
}

/// True when [`trial::magic`] is.
#[inline(always)]
pub(crate) fn magic<const B: usize>(block: &[u8; B]) -> bool {
    Glance::at(block).magic::<B>()
}

/// True when [`trial::head`] is.
#[inline(always)]
pub(crate) fn head<const B: usize>(block: &[u8; B]) -> bool {
    Glance::at(block).head::<B>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Bytes of all kinds, then mostly those that stand in text.
        #[test]
        fn says_what_trials_say(
            any in any::<[u8; 16]>(),
            picked in proptest::array::uniform16(proptest::sample::select(
                "a\t\n\r ~\u{7f}\u{1f}é我😀\u{80}\u{e000}졶Ж".as_bytes().to_vec(),
            )),
            magic_at in 0usize..5,
        ) {
            for block in [any, picked] {
                prop_assert_eq!(text(&block), trial::text(&block));
                prop_assert_eq!(head(&block), trial::head(&block));
                let both = Glance::at(&any).xor(&picked);
                let whole: [u8; 16] = std::array::from_fn(|at| any[at] ^ picked[at]);
                prop_assert_eq!(both.head::<16>(), trial::head(&whole));
                let both = Glance::at(whole.first_chunk::<8>().unwrap()).xor(any.first_chunk::<8>().unwrap());
                prop_assert_eq!(both.head::<8>(), trial::head(&picked[..8]));
                let half: [u8; 8] = block[..8].try_into().unwrap();
                prop_assert_eq!(text(&half), trial::text(&half));
                prop_assert_eq!(head(&half), trial::head(&half));
                let mut begun = block;
                begun[magic_at..magic_at + 4].copy_from_slice(b"\x1f\x8b\x08\x00");
                prop_assert_eq!(magic(&begun), trial::magic(&begun));
            }
        }

        #[test]
        fn text_of_many_scripts_passes(words in "[a-zé我졶Ж ]{16,24}", cut in 0usize..3) {
            let bytes = &words.as_bytes()[cut..];
            let block: [u8; 16] = bytes[..16].try_into().unwrap();
            prop_assert_eq!(text(&block), trial::text(&block));
        }
    }

    #[test]
    fn beginnings_pass() {
        for beginning in trial::BEGINNINGS {
            let mut block = [0x0fu8; 16];
            block[..beginning.len()].copy_from_slice(beginning);
            block[3..5].copy_from_slice(&[2, 2]);
            assert_eq!(magic(&block), trial::magic(&block));
        }
        assert!(magic(b"PK\x03\x04\0\0\0\0"));
        assert!(magic(b"bplist00\0\0\0\0\0\0\0\0"));
        assert!(magic(b"\x28\xb5\x2f\xfd\0\0\0\0"));
    }
}
