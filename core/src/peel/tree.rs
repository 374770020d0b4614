//! Trees of values (JSON now; any self-describing format fits) as a flat list of nodes, and a walk to the
//! scalars with RFC 9535 paths. Nothing here calls itself, however deep the tree.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::HashMap;

use super::layer::Reached;
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
    /// The innermost object or array closes.
    Close,
    /// Name of the member that follows, with JSON escapes.
    Key,
    /// A string value, with JSON escapes.
    String,
    /// A value that stands as it is.
    Scalar,
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
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Bytes of one name that go into a path; longer names are cut, and told apart by ordinals.
pub(crate) const LONGEST_WORD: usize = 256;
/// Bytes of one path: 100,000 leaves must not carry a megabyte of path each.
const LONGEST_PATH: usize = 1024;

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

/// A scalar that the walk came to.
pub(crate) struct Scalar<'a> {
    /// Its path.
    pub(crate) path: &'a str,
    /// The nearest member name around it, in lower case.
    pub(crate) name: Option<&'a str>,
    /// Its value.
    pub(crate) value: &'a [u8],
    /// False for numbers and the like, in which no layer can be.
    pub(crate) string: bool,
}

/// What the walk tells.
pub(crate) trait Visitor {
    /// A scalar; the answer is whether to go on.
    fn scalar(&mut self, scalar: Scalar<'_>) -> bool;
    /// A subtree of middling size begins; true: it need not be walked.
    fn enter(&mut self, _path: &str, _raw: &[u8]) -> bool {
        false
    }
    /// The subtree that was entered ends; `whole`: every scalar of it was visited.
    fn leave(&mut self, _whole: bool) {}
}

/// Bytes of a subtree that is offered whole: smaller ones cost as much to recognise as to walk, larger ones
/// seldom come again without a change in them.
const SUBTREE_BYTES: Range<usize> = 96..1024;

/// One open object or array.
struct Frame {
    array: bool,
    index: u64,
    path: usize,
    names: usize,
    name: Option<usize>,
}

/// Walks trees; its buffers are used again.
#[derive(Default)]
pub(crate) struct Walker {
    path: String,
    names: String,
    name: Option<usize>,
    frames: Vec<Frame>,
    seen: HashMap<u64, u32, foldhash::fast::FixedState>,
}

impl Walker {
    /// True when it is cheap to keep.
    pub(crate) fn is_small(&self) -> bool {
        self.seen.capacity() <= 1 << 14 && self.names.capacity() <= 1 << 16
    }

    /// Visit every scalar in order.
    ///
    /// Returns the limit that kept some scalars from being visited, if one did.
    pub(crate) fn walk(
        &mut self,
        nodes: &[Node],
        bytes: &[u8],
        visitor: &mut dyn Visitor,
    ) -> Option<Reached> {
        self.path.clear();
        self.path.push('$');
        self.names.clear();
        self.name = None;
        self.frames.clear();
        self.seen.clear();
        let mut reached = None;
        // Frames below the subtree that was entered.
        let mut entered = None;
        let mut rest = nodes.iter();
        while let Some(node) = rest.next() {
            match node.kind {
                Kind::Line => {
                    self.frames.clear();
                    self.names.clear();
                    self.name = None;
                    self.path.clear();
                    push_number(&mut self.path, u64::from(node.start));
                    self.path.push_str(":$");
                }
                Kind::Object | Kind::Array => {
                    self.element();
                    if entered.is_none()
                        && SUBTREE_BYTES.contains(&node.range().len())
                        && self.path.len() <= LONGEST_PATH
                    {
                        let raw = bytes.get(node.range()).unwrap_or_default();
                        if visitor.enter(&self.path, raw) {
                            skip_to_close(&mut rest);
                            continue;
                        }
                        entered = Some(self.frames.len());
                    }
                    self.frames.push(Frame {
                        array: node.kind == Kind::Array,
                        index: 0,
                        path: self.path.len(),
                        names: self.names.len(),
                        name: self.name,
                    });
                }
                Kind::Close => {
                    self.frames.pop();
                    if entered == Some(self.frames.len()) {
                        visitor.leave(reached.is_none());
                        entered = None;
                    }
                }
                Kind::Key => self.member(bytes.get(node.range()).unwrap_or_default()),
                Kind::String | Kind::Scalar => {
                    self.element();
                    if self.path.len() > LONGEST_PATH {
                        reached = Some(Reached {
                            what: "path bytes",
                            limit: LONGEST_PATH as u64,
                        });
                        continue;
                    }
                    let raw = bytes.get(node.range()).unwrap_or_default();
                    let string = node.kind == Kind::String;
                    let value = if string {
                        unescape(raw)
                    } else {
                        Cow::Borrowed(raw)
                    };
                    let length = self.path.len();
                    self.number_repeated();
                    let name = self.name.map(|start| &self.names[start..]);
                    let go_on = visitor.scalar(Scalar {
                        path: &self.path,
                        name,
                        value: &value,
                        string,
                    });
                    self.path.truncate(length);
                    if !go_on {
                        break;
                    }
                }
            }
        }
        if entered.is_some() {
            visitor.leave(false);
        }
        reached
    }

    /// In an array: the path to the next element.
    fn element(&mut self) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.array) {
            self.path.truncate(frame.path);
            self.names.truncate(frame.names);
            self.name = frame.name;
            self.path.push('[');
            push_number(&mut self.path, frame.index);
            self.path.push(']');
            frame.index += 1;
        }
    }

    /// In an object: the path to the member.
    fn member(&mut self, raw: &[u8]) {
        if let Some(frame) = self.frames.last() {
            self.path.truncate(frame.path);
            self.names.truncate(frame.names);
        }
        let key = unescape(raw);
        let key = text(&key);
        self.name = Some(self.names.len());
        push_lower(&mut self.names, &key);
        // A path that is too long is never shown, so it need not grow further.
        if self.path.len() <= LONGEST_PATH {
            push_member(&mut self.path, &key);
        }
    }

    /// A member name given twice in one object (RFC 8259 section 4 leaves it open) would give two values
    /// one path: the second gets `#2`.
    fn number_repeated(&mut self) {
        let hash = self.seen.hasher().hash_one(self.path.as_bytes());
        let count = self.seen.entry(hash).and_modify(|n| *n += 1).or_insert(1);
        if *count > 1 {
            self.path.push('#');
            let count = u64::from(*count);
            push_number(&mut self.path, count);
        }
    }
}

/// Go to the end of the object or array that has just begun.
fn skip_to_close(rest: &mut std::slice::Iter<'_, Node>) {
    let mut open = 1usize;
    for node in rest {
        match node.kind {
            Kind::Object | Kind::Array => open += 1,
            Kind::Close => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
}

/// A string without its escapes; with them where they are malformed.
fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    json::unescape(raw).unwrap_or(Cow::Borrowed(raw))
}

/// As text; `from_utf8_lossy` alone is slower on what nearly always is text.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn push_number(out: &mut String, number: u64) {
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
fn push_member(out: &mut String, key: &str) {
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
