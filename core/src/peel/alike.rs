//! Texts of one endpoint are alike: of two crash reports, batches of events or settings most is the same. An object
//! or array that stands in a text as it stood at the same place of an earlier one is not tokenized again, and who
//! takes its leaves is asked first whether they are known.
//!
//! "The same place" is found by walking both texts side by side: members by their names, elements by their order.
//! Whatever does not fit costs time and nothing else, for only equal bytes are taken over.

use std::ops::Range;

use super::tree::{Kind, Node};

/// Bytes of a text that is remembered: a shorter one is read as fast, a longer one costs memory. Where made-up
/// texts are compared (fuzzing), short ones must do.
const TEXT_BYTES: Range<usize> = if cfg!(feature = "seal") {
    8..1 << 20
} else {
    4 << 10..1 << 20
};
/// Nodes of a text that is remembered.
const MOST_NODES: usize = 1 << 16;
/// Texts remembered.
const KEPT: usize = 8;
/// Texts that begin with the same bytes are compared: as a rule that is the name of the first member.
const BEGINNING: usize = 10;
/// Bytes of an object or array that is taken over; a smaller one is read as fast.
const SMALLEST: usize = if cfg!(feature = "seal") { 8 } else { 96 };
/// Members looked at for one of the same name.
const MEMBERS: usize = 16;
/// Bytes compared at once.
const PIECE: usize = 64;

/// An earlier text.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    nodes: Vec<Node>,
    /// For the node of an object or array, the number of its last one.
    closes: Vec<u32>,
}

impl Text {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.nodes.get(at).map(|node| node.kind)
    }

    /// The node after the value at a node.
    fn after_value(&self, at: usize) -> usize {
        self.closes.get(at).map_or(at, |&close| close as usize) + 1
    }

    fn remember(&mut self, bytes: &[u8], nodes: &[Node]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.nodes.clear();
        self.nodes.extend_from_slice(nodes);
        self.closes.clear();
        self.closes.extend(0..nodes.len() as u32);
        let mut open = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            match node.kind {
                kind if kind.opens() => open.push(at),
                Kind::Close => {
                    if let Some(close) = open.pop().and_then(|from| self.closes.get_mut(from)) {
                        *close = at as u32;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Earlier texts, the one that was used last at the end.
#[derive(Default)]
pub(crate) struct Earlier(Vec<Text>);

impl Earlier {
    /// The earlier text to read this one beside.
    pub(crate) fn beside(&mut self, bytes: &[u8]) -> Option<Beside> {
        if !TEXT_BYTES.contains(&bytes.len()) {
            return None;
        }
        let alike = |text: &Text| text.bytes.get(..BEGINNING) == bytes.get(..BEGINNING);
        let text = self.0.iter().rposition(alike).map(|at| self.0.remove(at));
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        Some(Beside {
            at: text.as_ref().map(|_| 0),
            text: text.unwrap_or_default(),
            open: Vec::new(),
            run: Run::default(),
            to_compare: bytes.len().saturating_mul(2),
            taken: 0,
            left: false,
        })
    }

    /// Remember a text that was read to its end; where it has much of the earlier one, that will do again.
    pub(crate) fn keep(&mut self, beside: Beside, whole: bool, bytes: &[u8], nodes: &[Node]) {
        let mut text = beside.text;
        let much = beside.taken >= bytes.len() / 2;
        if whole && !beside.left && !much && nodes.len() <= MOST_NODES {
            text.remember(bytes, nodes);
        }
        if !text.bytes.is_empty() && self.0.len() < KEPT {
            self.0.push(text);
        }
    }
}

/// Bytes that are the same in both texts, from a place in each.
#[derive(Clone, Copy, Default)]
struct Run {
    here: usize,
    there: usize,
    length: usize,
}

/// An earlier text beside the one that is read, and the place in it.
pub(crate) struct Beside {
    text: Text,
    /// The node beside the next token; none where the texts differ too much.
    at: Option<usize>,
    /// The nodes beside the objects and arrays that are open.
    open: Vec<Option<usize>>,
    run: Run,
    /// Bytes that may still be compared: a text can be such that every object of it must be compared anew.
    to_compare: usize,
    /// Bytes taken over.
    taken: usize,
    /// It is no text of one value.
    left: bool,
}

impl Beside {
    /// What is read is no text of one value after all: nothing is beside it.
    pub(crate) fn leave(&mut self) {
        self.at = None;
        self.open.clear();
        self.left = true;
    }

    /// A member of this name begins.
    pub(crate) fn key(&mut self, name: &[u8]) {
        let mut next = self.at;
        self.at = None;
        for _ in 0..MEMBERS {
            let Some((at, node)) = next.and_then(|at| Some((at, self.text.nodes.get(at)?))) else {
                return;
            };
            if node.kind != Kind::Key {
                return;
            }
            if self.text.bytes.get(node.range()) == Some(name) {
                self.at = Some(at + 1);
                return;
            }
            next = Some(self.text.after_value(at + 1));
        }
    }

    /// A value that is no object or array with something in it.
    pub(crate) fn scalar(&mut self) {
        self.at = self.at.and_then(|at| match self.text.kind(at)? {
            Kind::Close | Kind::Key | Kind::Line => None,
            _ => Some(self.text.after_value(at)),
        });
    }

    /// An object or array begins.
    pub(crate) fn open(&mut self) {
        let opens = |at: &usize| self.text.kind(*at).is_some_and(Kind::opens);
        self.at = self.at.filter(opens);
        self.open.push(self.at);
        self.at = self.at.map(|at| at + 1);
    }

    /// The innermost object or array ends.
    pub(crate) fn close(&mut self) {
        let begun = self.open.pop().flatten();
        self.at = begun.map(|at| self.text.after_value(at));
    }

    /// Nodes of the object or array that begins at `start`, if it stood here in the earlier text too and has not
    /// more than `most`.
    pub(crate) fn take(&mut self, bytes: &[u8], start: usize, most: usize) -> Option<&[Node]> {
        let at = self.at?;
        let node = *self.text.nodes.get(at)?;
        let length = node.range().len();
        let after = self.text.after_value(at);
        if length < SMALLEST
            || !node.kind.opens()
            || after - at > most
            || !self.is_same(bytes, start, node.start as usize, length)
        {
            return None;
        }
        self.at = Some(after);
        self.taken += length;
        self.text.nodes.get(at..after)
    }

    /// Are `length` bytes from `here` on the same as those of the earlier text from `there` on?
    fn is_same(&mut self, bytes: &[u8], here: usize, there: usize, length: usize) -> bool {
        let run = self.run;
        let inside = here >= run.here
            && here < run.here + run.length
            && here - run.here == there.wrapping_sub(run.there);
        if !inside {
            let (new, old) = (bytes.get(here..), self.text.bytes.get(there..));
            let same = common(
                new.unwrap_or_default(),
                old.unwrap_or_default(),
                self.to_compare,
            );
            self.to_compare -= same;
            self.run = Run {
                here,
                there,
                length: same,
            };
        }
        here + length <= self.run.here + self.run.length
    }
}

/// How many bytes two slices begin with that are the same, at most `most`.
fn common(a: &[u8], b: &[u8], most: usize) -> usize {
    let length = a.len().min(b.len()).min(most);
    let (a, b) = (&a[..length], &b[..length]);
    let pieces = a.as_chunks::<PIECE>().0.iter();
    let whole = pieces
        .zip(b.as_chunks::<PIECE>().0)
        .take_while(|(a, b)| a == b)
        .count()
        * PIECE;
    let rest = a[whole..].iter().zip(&b[whole..]);
    whole + rest.take_while(|(a, b)| a == b).count()
}
