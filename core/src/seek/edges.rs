//! What may stand right before and right after a match: short values must stand alone.

/// Classes of bytes that a neighbour must not be in.
pub(super) type Mask = u8;

/// `0`–`9`.
pub(super) const DIGIT: Mask = 1;
/// ASCII letters and digits.
pub(super) const ALNUM: Mask = 2;
/// `-`
pub(super) const DASH: Mask = 4;
/// `_`, and bytes of characters outside ASCII.
pub(super) const WORD: Mask = 8;
/// What continues the path of a URL: `/`, `~`, `%`, `+`, `=`, `@`, `:`, `!`, `$`, `*`, `(`, `'`.
pub(super) const PATH: Mask = 16;
/// `.` with a letter or digit on its other side (a dot that ends a sentence is no part of a value).
pub(super) const DOT: Mask = 32;
/// `+`
pub(super) const PLUS: Mask = 64;
/// Anything: the match must be the whole leaf on this side.
pub(super) const ANY: Mask = 128;

const CLASSES: [Mask; 256] = {
    let mut classes = [ANY; 256];
    let mut i = 0;
    while i < 256 {
        classes[i] |= match i as u8 {
            b'0'..=b'9' => DIGIT | ALNUM,
            b'a'..=b'z' | b'A'..=b'Z' => ALNUM,
            b'-' => DASH,
            b'_' | 0x80..=0xff => WORD,
            b'+' => PLUS | PATH,
            b'.' => DOT,
            b'/' | b'~' | b'%' | b'=' | b'@' | b':' | b'!' | b'$' | b'*' | b'(' | b'\'' => PATH,
            _ => 0,
        };
        i += 1;
    }
    classes
};

/// Rules for both sides of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edges {
    pub left: Mask,
    pub right: Mask,
}

impl Edges {
    /// True when `value[from..to]` may be a match. A percent-encoded neighbour (RFC 3986 section 2.1)
    /// counts as the byte it stands for.
    #[inline]
    pub fn allow(self, value: &[u8], from: usize, to: usize) -> bool {
        (self.left == 0 || !self.forbidden_left(value, from))
            && (self.right == 0 || !self.forbidden_right(value, to))
    }

    fn forbidden_left(self, value: &[u8], from: usize) -> bool {
        let before = value.get(..from).unwrap_or_default();
        let (byte, rest) = match before {
            [rest @ .., b'%', a, b] if escape(*a, *b).is_some() => {
                (escape(*a, *b).unwrap_or_default(), rest)
            }
            [rest @ .., byte] => (*byte, rest),
            [] => return false,
        };
        let classes = class(byte);
        if byte == b'.' && self.left & DOT != 0 {
            return self.left & ANY != 0 || rest.last().is_some_and(u8::is_ascii_alphanumeric);
        }
        classes & self.left != 0
    }

    fn forbidden_right(self, value: &[u8], to: usize) -> bool {
        let after = value.get(to..).unwrap_or_default();
        let (byte, rest) = match after {
            [b'%', a, b, rest @ ..] if escape(*a, *b).is_some() => {
                (escape(*a, *b).unwrap_or_default(), rest)
            }
            [byte, rest @ ..] => (*byte, rest),
            [] => return false,
        };
        if byte == b'.' && self.right & DOT != 0 {
            return self.right & ANY != 0 || rest.first().is_some_and(u8::is_ascii_alphanumeric);
        }
        class(byte) & self.right != 0
    }
}

#[inline]
fn class(byte: u8) -> Mask {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(ANY)
}

fn escape(a: u8, b: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(a)? * 16 + digit(b)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours() {
        let allow = |left, right, text: &str| {
            let at = text.find("XX").unwrap();
            Edges { left, right }.allow(text.as_bytes(), at, at + 2)
        };
        assert!(allow(ALNUM, ALNUM, "XX"));
        assert!(allow(ALNUM, ALNUM, "=XX&"));
        assert!(!allow(ALNUM, ALNUM, "=XX1"));
        assert!(!allow(ALNUM, 0, "aXX1"));
        assert!(allow(DIGIT, DIGIT, "aXXa") && !allow(DIGIT, 0, "1XX"));
        assert!(allow(ALNUM, ALNUM, "%3AXX%26") && !allow(0, ALNUM, "XX%41"));
        assert!(allow(DOT, DOT, "a. XX. b") && !allow(0, DOT, "XX.b") && !allow(DOT, 0, "a.XX"));
        assert!(!allow(0, PATH, "XX%2Fy") && !allow(0, PATH, "XX/y") && allow(0, PATH, "XX?y"));
        assert!(!allow(ANY, ANY, " XX") && !allow(ANY, ANY, "XX.") && allow(ANY, ANY, "XX"));
    }
}
