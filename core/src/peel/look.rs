//! One pass over a value tells which kinds of bytes are in it; most layers need no more to say no.

use std::cell::OnceCell;

/// Kinds of bytes, one bit each.
pub(crate) mod kind {
    /// `0`–`9`
    pub(crate) const DIGIT: u32 = 1;
    /// `a`–`f`
    pub(crate) const LOWER_HEX: u32 = 1 << 1;
    /// `g`–`z`
    pub(crate) const LOWER: u32 = 1 << 2;
    /// `A`–`F`
    pub(crate) const UPPER_HEX: u32 = 1 << 3;
    /// `G`–`Z`
    pub(crate) const UPPER: u32 = 1 << 4;
    /// `+`
    pub(crate) const PLUS: u32 = 1 << 5;
    /// `/`
    pub(crate) const SLASH: u32 = 1 << 6;
    /// `-`
    pub(crate) const MINUS: u32 = 1 << 7;
    /// `_`
    pub(crate) const UNDERSCORE: u32 = 1 << 8;
    /// `=`
    pub(crate) const EQUAL: u32 = 1 << 9;
    /// `%`
    pub(crate) const PERCENT: u32 = 1 << 10;
    /// `&`
    pub(crate) const AMPERSAND: u32 = 1 << 11;
    /// `.`
    pub(crate) const DOT: u32 = 1 << 12;
    /// `?`
    pub(crate) const QUESTION: u32 = 1 << 13;
    /// `:`
    pub(crate) const COLON: u32 = 1 << 14;
    /// A space.
    pub(crate) const SPACE: u32 = 1 << 15;
    /// CR, LF, tab.
    pub(crate) const LINE: u32 = 1 << 16;
    /// `"`, `<`, `>`, `\`, `^`, `` ` ``: never raw in a URI (RFC 3986).
    pub(crate) const NOT_URI: u32 = 1 << 17;
    /// Other ASCII punctuation.
    pub(crate) const PUNCTUATION: u32 = 1 << 18;
    /// Other control characters and DEL.
    pub(crate) const CONTROL: u32 = 1 << 19;
    /// Bytes from 0x80.
    pub(crate) const HIGH: u32 = 1 << 20;

    /// Of these plain ASCII text has none.
    pub(crate) const BINARY: u32 = CONTROL | HIGH;
    /// Letters and digits.
    pub(crate) const ALNUM: u32 = DIGIT | LOWER_HEX | LOWER | UPPER_HEX | UPPER;
}

const KINDS: [u32; 256] = kinds();

const fn kinds() -> [u32; 256] {
    let mut table = [kind::HIGH; 256];
    let mut i = 0;
    while i < 128 {
        table[i] = match i as u8 {
            b'0'..=b'9' => kind::DIGIT,
            b'a'..=b'f' => kind::LOWER_HEX,
            b'g'..=b'z' => kind::LOWER,
            b'A'..=b'F' => kind::UPPER_HEX,
            b'G'..=b'Z' => kind::UPPER,
            b'+' => kind::PLUS,
            b'/' => kind::SLASH,
            b'-' => kind::MINUS,
            b'_' => kind::UNDERSCORE,
            b'=' => kind::EQUAL,
            b'%' => kind::PERCENT,
            b'&' => kind::AMPERSAND,
            b'.' => kind::DOT,
            b'?' => kind::QUESTION,
            b':' => kind::COLON,
            b' ' => kind::SPACE,
            b'\r' | b'\n' | b'\t' => kind::LINE,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' => kind::NOT_URI,
            0..=0x1f | 0x7f => kind::CONTROL,
            _ => kind::PUNCTUATION,
        };
        i += 1;
    }
    table
}

fn kinds_in(bytes: &[u8]) -> u32 {
    // Four independent unions, because one would wait for its own last step.
    let mut unions = [0u32; 4];
    let mut chunks = bytes.chunks_exact(4);
    for chunk in &mut chunks {
        for (union, &byte) in unions.iter_mut().zip(chunk) {
            *union |= KINDS[usize::from(byte)];
        }
    }
    let rest = chunks
        .remainder()
        .iter()
        .fold(0, |union, &byte| union | KINDS[usize::from(byte)]);
    unions.iter().fold(rest, |all, union| all | union)
}

/// A value and the kinds of bytes in it.
pub(crate) struct Look<'a> {
    /// The value.
    pub(crate) bytes: &'a [u8],
    kinds: OnceCell<u32>,
}

impl<'a> Look<'a> {
    /// Look at `bytes`: at every one of them once, when somebody asks for their kinds.
    pub(crate) fn at(bytes: &'a [u8]) -> Self {
        Look {
            bytes,
            kinds: OnceCell::new(),
        }
    }

    /// Union of [`kind`] bits over all bytes.
    pub(crate) fn kinds(&self) -> u32 {
        *self.kinds.get_or_init(|| kinds_in(self.bytes))
    }

    /// True when no byte is of a kind outside `allowed`.
    pub(crate) fn only(&self, allowed: u32) -> bool {
        self.kinds() & !allowed == 0
    }

    /// True when some byte is of one of these kinds.
    pub(crate) fn has(&self, kinds: u32) -> bool {
        self.kinds() & kinds != 0
    }

    /// True when both upper and lower case letters are in it, as in any codec of a large alphabet.
    pub(crate) fn mixed_case(&self) -> bool {
        self.has(kind::UPPER | kind::UPPER_HEX) && self.has(kind::LOWER | kind::LOWER_HEX)
    }

    /// True when at least `asked` different ASCII characters are in it: runs of a few are rulers and fillers.
    pub(crate) fn varied(&self, asked: u32) -> bool {
        let mut seen = 0u128;
        self.bytes.iter().any(|&byte| {
            seen |= 1u128.checked_shl(u32::from(byte)).unwrap_or(0);
            seen.count_ones() >= asked
        })
    }

    /// True for UTF-8 without control characters other than CR, LF and tab.
    pub(crate) fn is_text(&self) -> bool {
        !self.has(kind::CONTROL)
            && (!self.has(kind::HIGH) || std::str::from_utf8(self.bytes).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_kinds() {
        let look = Look::at(b"abcdef0123");
        assert!(look.only(kind::DIGIT | kind::LOWER_HEX));
        assert!(!Look::at(b"abcdefg").only(kind::LOWER_HEX));
        assert!(Look::at("naïef\r\n".as_bytes()).is_text());
        assert!(!Look::at(b"na\xefef").is_text());
        assert!(!Look::at(b"a\0").is_text());
        assert!(Look::at(b"").is_text());
        assert!(Look::at(b"abcabcd").varied(4));
        assert!(!Look::at(b"abcabc").varied(4));
    }
}
