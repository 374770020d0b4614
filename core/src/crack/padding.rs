//! Padding of the last block.

/// How the last block was filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Not at all, or not recognised: every byte counts.
    None,
    /// n bytes of value n, 1 to the block size (PKCS #7, RFC 5652 section 6.3; also called PKCS #5).
    Pkcs7,
    /// Zeros up to the end of the block.
    Zero,
}

impl Padding {
    /// The word in selectors.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Padding::None => "none",
            Padding::Pkcs7 => "pkcs7",
            Padding::Zero => "zero",
        }
    }

    /// The padding with this word.
    pub(crate) fn by_word(word: &str) -> Option<Self> {
        [Padding::None, Padding::Pkcs7, Padding::Zero]
            .into_iter()
            .find(|padding| padding.word() == word)
    }

    /// Length of `plain` without the padding; `None` when the padding is not there.
    pub(crate) fn strip(self, plain: &[u8], block: usize) -> Option<usize> {
        match self {
            Padding::None => Some(plain.len()),
            Padding::Pkcs7 => {
                let count = pkcs7(plain, block);
                (count > 0).then(|| plain.len().saturating_sub(count))
            }
            Padding::Zero => {
                let zeros = plain
                    .iter()
                    .rev()
                    .take(block)
                    .take_while(|&&byte| byte == 0)
                    .count();
                Some(plain.len().saturating_sub(zeros))
            }
        }
    }
}

/// Bytes of PKCS #7 padding at the end; 0 when there is none.
pub(crate) fn pkcs7(plain: &[u8], block: usize) -> usize {
    let Some(&count) = plain.last() else { return 0 };
    let count = usize::from(count);
    if count == 0 || count > block {
        return 0;
    }
    let Some(start) = plain.len().checked_sub(count) else {
        return 0;
    };
    let right = plain
        .get(start..)
        .is_some_and(|pad| pad.iter().all(|&byte| usize::from(byte) == count));
    if right { count } else { 0 }
}

/// What so many right bytes of padding prove, in tenths of a bit: eight bits a byte, less the choice of the
/// length (log2 of the block), and never more than 64 bits, so that constant blocks prove no key alone.
pub(crate) fn evidence(count: usize, block: usize) -> i64 {
    if count == 0 {
        return 0;
    }
    let bits = 8 * count.min(16) as i64 - i64::from(block.max(1).ilog2());
    bits.clamp(0, 64) * 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads() {
        assert_eq!(pkcs7(b"abc\x01", 16), 1);
        assert_eq!(pkcs7(&[16; 16], 16), 16);
        assert_eq!(pkcs7(&[9; 9], 8), 0);
        assert_eq!(pkcs7(b"\x03\x03", 8), 0);
        assert_eq!(pkcs7(b"a\x02\x03\x03", 8), 0);
        assert_eq!(pkcs7(b"", 8), 0);
        assert_eq!(Padding::Zero.strip(b"ab\0\0", 8), Some(2));
        assert_eq!(Padding::Pkcs7.strip(b"ab\0\0", 8), None);
        assert_eq!(Padding::None.strip(b"ab\0\0", 8), Some(4));
        assert_eq!(evidence(1, 16), 40);
        assert_eq!(evidence(16, 16), 640);
        assert_eq!(evidence(0, 16), 0);
    }
}
