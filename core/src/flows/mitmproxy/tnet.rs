//! Typed netstrings (tnetstrings.info) as mitmproxy writes them: `length:data` and one byte for the type.
//!
//! Nothing is decoded ahead: an element is a slice, looking into it steps over what is not asked for. So
//! neither nesting nor numbers of elements cost memory. `;` marks text in UTF-8 and `,` bytes.

use std::borrow::Cow;

/// Digits of a length; more would be above any file.
const LENGTH_DIGITS: usize = 12;

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    kind: u8,
    data: &'a [u8],
}

/// Take the first element off.
pub(super) fn take(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (length, head) = length(bytes)?;
    let data = bytes.get(head..head.checked_add(length)?)?;
    let rest = bytes.get(head + length..)?;
    let (&kind, rest) = rest.split_first()?;
    Some((Element { kind, data }, rest))
}

/// The length that `bytes` begin with, and how many bytes it and its colon take.
pub(super) fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let colon = memchr::memchr(b':', bytes.get(..bytes.len().min(LENGTH_DIGITS + 1))?)?;
    let digits = bytes.get(..colon)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((length, colon + 1))
}

impl<'a> Element<'a> {
    /// Is it a dictionary?
    pub fn is_dictionary(self) -> bool {
        self.kind == b'}'
    }

    /// Is it null?
    pub fn is_null(self) -> bool {
        self.kind == b'~'
    }

    /// The elements of a list (of a dictionary: keys and values by turns).
    pub fn items(self) -> Items<'a> {
        Items {
            rest: match self.kind {
                b']' | b'}' => self.data,
                _ => &[],
            },
        }
    }

    /// The member of a dictionary with this name; null counts as missing.
    pub fn get(self, name: &str) -> Option<Element<'a>> {
        self.member(name).filter(|e| !e.is_null())
    }

    /// The member of a dictionary with this name.
    pub fn member(self, name: &str) -> Option<Element<'a>> {
        if !self.is_dictionary() {
            return None;
        }
        let mut items = self.items();
        loop {
            let (key, value) = (items.next()?, items.next()?);
            if key.data == name.as_bytes() {
                return Some(value);
            }
        }
    }

    /// The first of these members that is there.
    pub fn any(self, names: &[&str]) -> Option<Element<'a>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The bytes of a text or byte string.
    pub fn bytes(self) -> Option<&'a [u8]> {
        matches!(self.kind, b',' | b';').then_some(self.data)
    }

    /// The same as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(self) -> Option<Cow<'a, str>> {
        self.bytes().map(String::from_utf8_lossy)
    }

    /// A number, whole or not.
    pub fn number(self) -> Option<f64> {
        let text = std::str::from_utf8(self.data).ok()?;
        matches!(self.kind, b'#' | b'^')
            .then(|| text.parse().ok())
            .flatten()
            .filter(|n: &f64| n.is_finite())
    }

    /// A whole number.
    pub fn integer(self) -> Option<i64> {
        let text = std::str::from_utf8(self.data).ok()?;
        (self.kind == b'#').then(|| text.parse().ok()).flatten()
    }

    /// A truth value.
    pub fn truth(self) -> Option<bool> {
        match (self.kind, self.data) {
            (b'!', b"true") => Some(true),
            (b'!', b"false") => Some(false),
            _ => None,
        }
    }

    /// A time in seconds, as microseconds since 1970-01-01 UTC.
    pub fn time(self) -> Option<i64> {
        let micros = (self.number()? * 1e6).round();
        (micros > 0.0 && micros < 9e18).then_some(micros as i64)
    }
}

/// See [`Element::items`]. Damage ends it.
pub(super) struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (element, rest) = take(self.rest)?;
        self.rest = rest;
        Some(element)
    }
}
