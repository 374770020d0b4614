//! Trees of values (JSON now; any self-describing format fits) as a flat list of nodes, and the spelling of
//! RFC 9535 paths to them.

use std::borrow::Cow;
use std::ops::Range;

use crate::json;

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text of several begins (JSON lines); `start` is its number.
    Line,
    /// An object or map opens.
    Object,
    /// An array opens.
    Array,
    /// An object or array opens that stood at the same place of an earlier text, byte for byte.
    Again,
    /// The innermost object or array closes.
    Close,
    /// Name of the member that follows, with JSON escapes.
    Key,
    /// A string value, with JSON escapes.
    String,
    /// A value that stands as it is.
    Scalar,
}

impl Kind {
    /// Does an object or array begin here?
    pub(crate) fn opens(self) -> bool {
        matches!(self, Kind::Object | Kind::Array | Kind::Again)
    }
}

/// One token of a tree; `start..end` is its place in the bytes that were opened. For an object or array that
/// is the whole of it, brackets included, once its end is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Node {
    /// Its place in the bytes.
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Bytes of one name that go into a path; longer names are cut, and told apart by ordinals.
pub(crate) const LONGEST_WORD: usize = 256;
/// Append `word`, cut to [`LONGEST_WORD`].
pub(crate) fn push_word(out: &mut String, word: &str) {
    if word.len() <= LONGEST_WORD {
        out.push_str(word);
    } else {
        let end = (0..=LONGEST_WORD)
            .rev()
            .find(|&at| word.is_char_boundary(at))
            .unwrap_or(0);
        out.push_str(&word[..end]);
        out.push('…');
    }
}

/// Append `word` in lower case, cut to [`LONGEST_WORD`].
pub(crate) fn push_lower(out: &mut String, word: &str) {
    let start = out.len();
    if word.is_ascii() {
        push_word(out, word);
        out[start..].make_ascii_lowercase();
    } else {
        let mut cut = String::new();
        push_word(&mut cut, word);
        out.extend(cut.chars().flat_map(char::to_lowercase));
    }
}

/// A string without its escapes; with them where they are malformed.
pub(crate) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    json::unescape(raw).unwrap_or(Cow::Borrowed(raw))
}

/// As text; `from_utf8_lossy` alone is slower on what nearly always is text.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Append a number.
pub(crate) fn push_number(out: &mut String, number: u64) {
    if number < 10 {
        out.push(char::from(b'0' + number as u8));
    } else {
        use std::fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(out, "{number}");
    }
}

/// Bytes of a name that may stand after a dot (RFC 9535 section 2.5.1.1, `name-char`).
static SHORTHAND: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = byte >= 0x80 || byte == b'_' as usize || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Append `.name` or `['odd name']` (RFC 9535 sections 2.5.1.1 and 2.7).
pub(crate) fn push_member(out: &mut String, key: &str) {
    let bytes = key.as_bytes();
    if bytes.first().is_some_and(|first| !first.is_ascii_digit())
        && bytes.iter().all(|&b| SHORTHAND[usize::from(b)])
    {
        out.push('.');
        push_word(out, key);
        return;
    }
    out.push_str("['");
    let mut room = LONGEST_WORD;
    for c in key.chars() {
        let Some(left) = room.checked_sub(c.len_utf8()) else {
            out.push('…');
            break;
        };
        room = left;
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                use std::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push_str("']");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_written_as_in_rfc_9535() {
        let shown = |key: &str| {
            let mut out = String::new();
            push_member(&mut out, key);
            out
        };
        assert_eq!(shown("url"), ".url");
        assert_eq!(shown("$os"), "['$os']");
        assert_eq!(shown("1a"), "['1a']");
        assert_eq!(shown("odd name"), "['odd name']");
        assert_eq!(shown("a'b\\c\n\u{1}"), "['a\\'b\\\\c\\n\\u0001']");
        assert_eq!(shown("naïef"), ".naïef");
        assert_eq!(shown(""), "['']");
        assert!(shown(&"x".repeat(5000)).len() < 300);
    }
}
