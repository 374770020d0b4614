//! The walk over a tree to its scalars. Nothing here calls itself, however deep the tree.
//!
//! A path is known by a key that grows with it, member by member; its text is only written when somebody
//! asks for it, because nearly all paths of telemetry have been seen before.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::quality::RandomState;
use hashbrown::HashMap;

use super::layer::Reached;
use super::tree::{Kind, LONGEST_WORD, Node, push_lower, push_member, push_number, text, unescape};

/// Longest string whose escapes are undone, as a layer may yield by default; no body that is kept is longer.
const LONGEST_STRING: usize = 64 << 20;
/// Bytes of one path: 100,000 leaves must not carry a megabyte of path each.
const LONGEST_PATH: usize = 1024;
/// Bytes of a subtree that is offered whole: smaller ones cost as much to recognise as to walk, larger ones
/// seldom come again without a change in them, unless they have come again already ([`Kind::Again`]).
const SUBTREE_BYTES: Range<usize> = 96..1024;
/// Most bytes that one byte of a name becomes in a path (`\u0001`), and what stands around it.
const SPELLED: usize = 6;

/// A path by 128 bits of hash with random keys, which nobody can aim at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PathKey(pub u64, pub u64);

/// Makes [`PathKey`]s; copies of one make the same.
#[derive(Clone, Default)]
pub(crate) struct Keys(RandomState, RandomState);

impl Keys {
    /// The key of anything.
    #[inline]
    pub(crate) fn of(&self, value: impl std::hash::Hash) -> PathKey {
        PathKey(self.0.hash_one(&value), self.1.hash_one(&value))
    }

    /// The key one step further.
    #[inline]
    fn step(&self, from: PathKey, word: impl std::hash::Hash) -> PathKey {
        PathKey(
            self.0.hash_one((from.0, &word)),
            self.1.hash_one((from.1, &word)),
        )
    }
}

/// A scalar that the walk came to.
pub(crate) struct Scalar<'a> {
    /// Its path.
    pub(crate) key: PathKey,
    /// Its path in words.
    pub(crate) path: Path<'a>,
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
    fn enter(&mut self, _key: PathKey, _raw: &[u8]) -> bool {
        false
    }
    /// The subtree that was entered ends; `whole`: every scalar of it was visited.
    fn leave(&mut self, _whole: bool) {}
}

/// What leads from an open object or array to the child that is walked now.
#[derive(Clone, Copy)]
enum Word {
    None,
    Member { start: u32, end: u32 },
    Element(u64),
}

/// One open object or array.
struct Frame {
    array: bool,
    next: u64,
    key: PathKey,
    word: Word,
    /// No path to this frame is written with more bytes.
    longest: usize,
}

/// Where the walk is, in words.
pub(crate) struct Path<'a> {
    line: Option<u32>,
    frames: &'a [Frame],
    bytes: &'a [u8],
    count: u32,
}

impl Path<'_> {
    /// Append the path, `$.a[0]['odd name']` (RFC 9535 section 2.7).
    pub(crate) fn write(&self, out: &mut String) {
        let start = out.len();
        if let Some(line) = self.line {
            push_number(out, u64::from(line));
            out.push(':');
        }
        out.push('$');
        for frame in self.frames {
            // A path that is too long is never shown, so it need not grow further.
            if out.len().saturating_sub(start) > LONGEST_PATH {
                return;
            }
            match frame.word {
                Word::None => {}
                Word::Member { start, end } => push_member(out, &name(self.bytes, start, end)),
                Word::Element(index) => {
                    out.push('[');
                    push_number(out, index);
                    out.push(']');
                }
            }
        }
        if self.count > 1 {
            out.push('#');
            push_number(out, u64::from(self.count));
        }
    }

    /// Append the nearest member name around the value, in lower case; false if there is none.
    pub(crate) fn write_name(&self, out: &mut String) -> bool {
        let word = self.frames.iter().rev().find_map(|frame| match frame.word {
            Word::Member { start, end } => Some((start, end)),
            _ => None,
        });
        if let Some((start, end)) = word {
            push_lower(out, &name(self.bytes, start, end));
        }
        word.is_some()
    }
}

fn name(bytes: &[u8], start: u32, end: u32) -> Cow<'_, str> {
    let raw = bytes.get(start as usize..end as usize).unwrap_or_default();
    match unescape(raw) {
        Cow::Borrowed(raw) => text(raw),
        Cow::Owned(key) => Cow::Owned(text(&key).into_owned()),
    }
}

/// Walks trees; its buffers are used again.
pub(crate) struct Walker {
    keys: Keys,
    line: Option<u32>,
    here: PathKey,
    frames: Vec<Frame>,
    seen: HashMap<u64, u32, foldhash::fast::FixedState>,
    long: String,
}

impl Walker {
    /// A walker whose keys are made with `keys`.
    pub(crate) fn new(keys: Keys) -> Self {
        Walker {
            keys,
            line: None,
            here: PathKey::default(),
            frames: Vec::new(),
            seen: HashMap::default(),
            long: String::new(),
        }
    }

    /// True when it is cheap to keep.
    pub(crate) fn is_small(&self) -> bool {
        self.seen.capacity() <= 1 << 14
    }

    /// Visit every scalar in order; the key of the tree itself is `root`.
    ///
    /// Returns the limit that kept some scalars from being visited, if one did.
    pub(crate) fn walk(
        &mut self,
        root: PathKey,
        nodes: &[Node],
        bytes: &[u8],
        visitor: &mut dyn Visitor,
    ) -> Option<Reached> {
        self.line = None;
        self.here = root;
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
                    self.line = Some(node.start);
                    self.here = self.keys.step(root, node.start);
                }
                Kind::Object | Kind::Array | Kind::Again => {
                    self.element();
                    let raw = bytes.get(node.range()).unwrap_or_default();
                    if entered.is_none()
                        && (node.kind == Kind::Again || SUBTREE_BYTES.contains(&raw.len()))
                        && self.is_short(bytes)
                    {
                        if visitor.enter(self.here, raw) {
                            skip_to_close(&mut rest);
                            continue;
                        }
                        entered = Some(self.frames.len());
                    }
                    self.frames.push(Frame {
                        array: node.kind == Kind::Array || raw.first() == Some(&b'['),
                        next: 0,
                        key: self.here,
                        word: Word::None,
                        longest: self.longest(),
                    });
                }
                Kind::Close => {
                    self.frames.pop();
                    if entered == Some(self.frames.len()) {
                        visitor.leave(reached.is_none());
                        entered = None;
                    }
                }
                Kind::Key => self.member(node, bytes),
                Kind::String | Kind::Scalar => {
                    self.element();
                    if !self.is_short(bytes) {
                        reached = Some(Reached {
                            what: "path bytes",
                            limit: LONGEST_PATH as u64,
                        });
                        continue;
                    }
                    let raw = bytes.get(node.range()).unwrap_or_default();
                    if raw.len() > LONGEST_STRING && raw.contains(&b'\\') {
                        reached = Some(Reached {
                            what: "output bytes",
                            limit: LONGEST_STRING as u64,
                        });
                        continue;
                    }
                    let string = node.kind == Kind::String;
                    let value = if string {
                        unescape(raw)
                    } else {
                        Cow::Borrowed(raw)
                    };
                    let count = self.count();
                    let key = match count {
                        1 => self.here,
                        _ => self.keys.step(self.here, ("#", count)),
                    };
                    let go_on = visitor.scalar(Scalar {
                        key,
                        path: Path {
                            line: self.line,
                            frames: &self.frames,
                            bytes,
                            count,
                        },
                        value: &value,
                        string,
                    });
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

    /// In an array: go to the next element.
    fn element(&mut self) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.array) {
            self.here = self.keys.step(frame.key, frame.next);
            frame.word = Word::Element(frame.next);
            frame.next += 1;
        }
    }

    /// In an object: go to the member.
    fn member(&mut self, node: &Node, bytes: &[u8]) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.word = Word::Member {
            start: node.start,
            end: node.end,
        };
        let raw = bytes.get(node.range()).unwrap_or_default();
        // Two spellings of one name are one path, and names that are cut alike are written alike.
        self.here = if raw.len() <= LONGEST_WORD && raw.is_ascii() && !raw.contains(&b'\\') {
            self.keys.step(frame.key, raw)
        } else {
            let mut shown = String::new();
            push_member(&mut shown, &name(bytes, node.start, node.end));
            self.keys.step(frame.key, (".", shown))
        };
    }

    /// No path to where the walk is now is written with more bytes.
    fn longest(&self) -> usize {
        let Some(frame) = self.frames.last() else {
            return 16;
        };
        let word = match frame.word {
            Word::None => 0,
            Word::Member { start, end } => {
                let raw = end.saturating_sub(start) as usize;
                raw.min(LONGEST_WORD)
                    .saturating_add(1)
                    .saturating_mul(SPELLED)
            }
            Word::Element(_) => 22,
        };
        frame.longest.saturating_add(word)
    }

    /// Is the path to where the walk is now short enough to be shown?
    fn is_short(&mut self, bytes: &[u8]) -> bool {
        if self.longest() <= LONGEST_PATH {
            return true;
        }
        self.long.clear();
        let path = Path {
            line: self.line,
            frames: &self.frames,
            bytes,
            count: 1,
        };
        path.write(&mut self.long);
        self.long.len() <= LONGEST_PATH
    }

    /// A member name given twice in one object (RFC 8259 section 4 leaves it open) would give two values
    /// one path: the second gets `#2`.
    fn count(&mut self) -> u32 {
        let count = self.seen.entry(self.here.0).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }
}

/// Go to the end of the object or array that has just begun.
fn skip_to_close(rest: &mut std::slice::Iter<'_, Node>) {
    let mut open = 1usize;
    for node in rest {
        match node.kind {
            Kind::Object | Kind::Array | Kind::Again => open += 1,
            Kind::Close => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
}
