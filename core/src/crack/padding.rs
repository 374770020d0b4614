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
    /// Zeros and how many bytes it is (ANSI X9.23).
    X923,
    /// 0x80 and zeros (ISO/IEC 7816-4).
    Iso7816,
    /// Any bytes and how many it is (ISO 10126).
    Iso10126,
}

impl Padding {
    /// The word in selectors.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Padding::None => "none",
            Padding::Pkcs7 => "pkcs7",
            Padding::Zero => "zero",
            Padding::X923 => "x923",
            Padding::Iso7816 => "iso7816",
            Padding::Iso10126 => "iso10126",
        }
    }

    /// The padding with this word.
    pub(crate) fn by_word(word: &str) -> Option<Self> {
        [
            Padding::None,
            Padding::Pkcs7,
            Padding::Zero,
            Padding::X923,
            Padding::Iso7816,
            Padding::Iso10126,
        ]
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
            Padding::X923 => {
                let count = counted(plain, block)?;
                let (_, pad) = plain.split_at_checked(plain.len().checked_sub(count)?)?;
                let (_, zeros) = pad.split_last()?;
                zeros
                    .iter()
                    .all(|&byte| byte == 0)
                    .then(|| plain.len() - count)
            }
            Padding::Iso7816 => {
                let zeros = plain.iter().rev().take_while(|&&byte| byte == 0).count();
                let mark = plain.len().checked_sub(zeros + 1)?;
                (zeros < block && plain.get(mark) == Some(&0x80)).then_some(mark)
            }
            Padding::Iso10126 => Some(plain.len() - counted(plain, block)?),
        }
    }
}

/// The ways in which a plaintext may be padded, each with what it proves in tenths of a bit: one, or two where a last
/// byte that is a number may belong to the text.
pub(crate) fn ways(plain: &[u8], block: usize) -> impl Iterator<Item = (Padding, i64)> {
    let count = pkcs7(plain, block);
    if count > 0 {
        return [Some((Padding::Pkcs7, evidence(count, block))), None]
            .into_iter()
            .flatten();
    }
    let length = |way: Padding| Some(plain.len() - way.strip(plain, block)?);
    let ways = match plain.last() {
        Some(0 | 0x80) => match length(Padding::Iso7816) {
            Some(count) => [Some((Padding::Iso7816, evidence(count, block))), None],
            None => [Some((Padding::Zero, 0)), None],
        },
        Some(_) => match (length(Padding::X923), length(Padding::Iso10126)) {
            (Some(count), _) => [Some((Padding::X923, evidence(count, block))), None],
            (None, Some(_)) => [
                Some((Padding::None, 0)),
                Some((Padding::Iso10126, evidence(1, block))),
            ],
            (None, None) => [Some((Padding::None, 0)), None],
        },
        None => [Some((Padding::None, 0)), None],
    };
    ways.into_iter().flatten()
}

/// The last byte, where it can be the number of bytes of a padding.
fn counted(plain: &[u8], block: usize) -> Option<usize> {
    let count = usize::from(*plain.last()?);
    ((1..=block).contains(&count) && count <= plain.len()).then_some(count)
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
        assert_eq!(Padding::X923.strip(b"ab\0\x02", 8), Some(2));
        assert_eq!(Padding::X923.strip(b"ab\x01\x02", 8), None);
        assert_eq!(Padding::X923.strip(b"\x02", 8), None);
        assert_eq!(Padding::Iso7816.strip(b"ab\x80\0", 8), Some(2));
        assert_eq!(Padding::Iso7816.strip(b"ab\x80", 8), Some(2));
        assert_eq!(Padding::Iso7816.strip(b"ab\0\0", 8), None);
        assert_eq!(Padding::Iso7816.strip(b"\0\0", 8), None);
        assert_eq!(Padding::Iso10126.strip(b"abc\x02", 8), Some(2));
        assert_eq!(Padding::Iso10126.strip(b"abc\x09", 8), None);
        let ways = |plain: &[u8]| ways(plain, 8).map(|(way, _)| way).collect::<Vec<_>>();
        assert_eq!(ways(b"ab\x02\x02"), [Padding::Pkcs7]);
        assert_eq!(ways(b"ab\0\0"), [Padding::Zero]);
        assert_eq!(ways(b"a\x80\0\0"), [Padding::Iso7816]);
        assert_eq!(ways(b"a\0\0\x03"), [Padding::X923]);
        assert_eq!(ways(b"a\x07q\x03"), [Padding::None, Padding::Iso10126]);
        assert_eq!(ways(b"abcd"), [Padding::None]);
        for word in ["none", "pkcs7", "zero", "x923", "iso7816", "iso10126"] {
            assert_eq!(Padding::by_word(word).unwrap().word(), word);
        }
        assert_eq!(evidence(1, 16), 40);
        assert_eq!(evidence(16, 16), 640);
        assert_eq!(evidence(0, 16), 0);
    }
}
