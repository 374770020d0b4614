//! What a layer is: something that can be taken off bytes, and how the search hears of it.

use std::hash::BuildHasher;
use std::ops::Range;

use flate2::Decompress;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::look::Look;
use super::tree::{Node, Walker, push_word};
use crate::model::Limits;

/// One kind of wrapping. Each has its own file and its own place in [`super::REGISTRY`].
pub(crate) trait Layer: Sync {
    /// The name in chains.
    fn name(&self) -> &'static str;

    /// The hint without which the layer is not there; `None` when it needs none.
    fn hint(&self) -> Option<Hint> {
        None
    }

    /// Bytes below which nothing can be it.
    fn shortest(&self) -> usize;

    /// Whether it can begin with this byte.
    fn begins_with(&self, first: u8) -> bool;

    /// A cheap test that is never wrong when it says no: kinds of bytes, length, magic number, hints.
    fn can(&self, look: &Look<'_>, context: Context) -> bool;

    /// Take the layer off, if what comes out proves that it was there.
    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened>;

    /// Take the layer off again without asking for proof, and choose one child: for a replay.
    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>>;
}

/// What is known about bytes from around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Nothing.
    None,
    /// A query, or a body declared `application/x-www-form-urlencoded`.
    Form,
    /// Value of a Cookie or Set-Cookie header.
    Cookie,
    /// Path of a URL.
    Path,
    /// Value of an Authorization header.
    Credentials,
}

impl Hint {
    /// How many there are.
    pub(crate) const COUNT: usize = Hint::Credentials as usize + 1;
}

/// How sure it is that the bytes are what they seem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They stand in the message, or a checksum vouches for them.
    Given,
    /// They come out of base64 or hex and must prove that this was right.
    Encoded,
    /// They come out of a decompressor without a checksum: only structure proves it.
    Unchecked,
}

/// Where in the search a layer is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// What the surroundings say.
    pub(crate) hint: Hint,
    /// How sure the bytes are.
    pub(crate) standing: Standing,
    /// Layers that may still be taken off.
    pub(crate) depth_left: u32,
}

impl Context {
    /// The context of the child of a layer that must be proven by it.
    pub(crate) fn child(self, standing: Standing) -> Self {
        Context {
            hint: Hint::None,
            standing,
            depth_left: self.depth_left.saturating_sub(1),
        }
    }

    /// True when nothing has to be proven.
    pub(crate) fn given(self) -> bool {
        self.standing == Standing::Given
    }
}

/// A limit of [`Limits`], by name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Its name, as in [`crate::model::LimitHit::what`].
    pub(crate) what: &'static str,
    /// Its value.
    pub(crate) limit: u64,
}

/// Why a layer was not fully opened although it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The bytes end before the layer does.
    Truncated,
    /// It breaks off in the middle.
    Malformed,
    /// A limit ended it.
    Limit(Reached),
}

/// What is known about the one child of a layer.
pub(crate) enum Inner {
    /// Nothing yet.
    Unknown,
    /// It was opened to prove the layer around it.
    Known(Box<Opened>),
    /// It is a leaf.
    Leaf,
}

/// A layer that was taken off.
pub(crate) enum Opened {
    /// One child.
    One {
        /// The layer.
        layer: &'static str,
        /// The child.
        bytes: Vec<u8>,
        /// What is in it.
        inner: Inner,
        /// What is missing.
        flaw: Option<Flaw>,
    },
    /// A flat list of named children.
    Many {
        /// The layer.
        layer: &'static str,
        /// The children.
        fields: Fields,
    },
    /// A tree of values, walked to its scalars.
    Tree {
        /// The layer.
        layer: &'static str,
        /// The tree, over the bytes that were opened.
        nodes: Vec<Node>,
        /// What is missing.
        flaw: Option<Flaw>,
    },
    /// The layer is there, but a limit forbids to take it off.
    Stopped {
        /// The layer.
        layer: &'static str,
        /// The limit.
        reached: Reached,
    },
}

impl Opened {
    /// The layer.
    pub(crate) fn layer(&self) -> &'static str {
        match self {
            Opened::One { layer, .. }
            | Opened::Many { layer, .. }
            | Opened::Tree { layer, .. }
            | Opened::Stopped { layer, .. } => layer,
        }
    }
}

/// Where the bytes of a field are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the bytes that were opened.
    Input(Range<usize>),
    /// In [`Fields::arena`].
    Arena(Range<usize>),
}

/// One named child.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its selector, in [`Fields::words`].
    pub(crate) selector: Range<usize>,
    /// Its name, in [`Fields::words`].
    pub(crate) name: Option<Range<usize>>,
    /// Its value.
    pub(crate) value: Place,
    /// What its place says about it.
    pub(crate) hint: Hint,
    /// True when it is no leaf by itself (the container is one already).
    pub(crate) only_if_opened: bool,
}

/// A flat list of named children.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// The children, in order.
    pub(crate) list: Vec<Field>,
    /// Selectors and names.
    pub(crate) words: String,
    /// Values that had to be decoded.
    pub(crate) arena: Vec<u8>,
    /// True when the container itself is a leaf too.
    pub(crate) keep: bool,
    /// What is missing.
    pub(crate) flaw: Option<Flaw>,
}

impl Fields {
    /// Append a child whose selector is its name.
    pub(crate) fn add(&mut self, name: &[u8], value: Place, hint: Hint) {
        let start = self.words.len();
        push_word(&mut self.words, &String::from_utf8_lossy(name));
        let end = self.words.len();
        let name = (end > start).then_some(start..end);
        self.list.push(Field {
            selector: start..end,
            name,
            value,
            hint,
            only_if_opened: false,
        });
    }

    /// Append a child that has a selector but no name and is no leaf by itself.
    pub(crate) fn add_quiet(&mut self, selector: &str, value: Place, hint: Hint) {
        let start = self.words.len();
        self.words.push_str(selector);
        let selector = start..self.words.len();
        self.list.push(Field {
            selector,
            name: None,
            value,
            hint,
            only_if_opened: true,
        });
    }

    /// Copy decoded bytes to the arena.
    pub(crate) fn store(&mut self, bytes: &[u8]) -> Place {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        Place::Arena(start..self.arena.len())
    }

    /// The value of a child.
    pub(crate) fn value<'a>(&'a self, field: &Field, input: &'a [u8]) -> &'a [u8] {
        match &field.value {
            Place::Input(range) => input.get(range.clone()),
            Place::Arena(range) => self.arena.get(range.clone()),
        }
        .unwrap_or_default()
    }

    /// Make every selector name one child only: `name`, `name#2`, `name#3`. A name that itself ends in
    /// `#` and digits always gets an ordinal.
    pub(crate) fn number_repeated(&mut self) {
        /// Up to here comparing all pairs is faster than hashing.
        const FEW: usize = 24;
        let few = self.list.len() <= FEW;
        let mut seen = HashMap::<u64, usize, FixedState>::default();
        // From the back, so that the selectors before are still as they were.
        if !few {
            for field in &self.list {
                let hash = seen.hasher().hash_one(&self.words[field.selector.clone()]);
                *seen.entry(hash).or_insert(0) += 1;
            }
        }
        for index in (0..self.list.len()).rev() {
            let word = &self.words[self.list[index].selector.clone()];
            let ordinal = if few {
                let same = |field: &&Field| self.words[field.selector.clone()] == *word;
                1 + self.list[..index].iter().filter(same).count()
            } else {
                let hash = seen.hasher().hash_one(word);
                seen.get_mut(&hash)
                    .map_or(1, |left| std::mem::replace(left, left.saturating_sub(1)))
            };
            if ordinal > 1 || ends_in_ordinal(word) {
                let numbered = format!("{word}#{ordinal}");
                let start = self.words.len();
                self.words.push_str(&numbered);
                self.list[index].selector = start..self.words.len();
            }
        }
    }

    /// The value of the child with this selector.
    pub(crate) fn select(&self, selector: &str, input: &[u8]) -> Option<Vec<u8>> {
        let field = self
            .list
            .iter()
            .find(|field| self.words[field.selector.clone()] == *selector)?;
        Some(self.value(field, input).to_vec())
    }
}

/// True for `a#2`: a name that looks like a numbered selector.
pub(crate) fn ends_in_ordinal(word: &str) -> bool {
    word.rsplit_once('#')
        .is_some_and(|(_, tail)| !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit()))
}

/// Bytes kept in a buffer that is used again.
const KEPT_BUFFER: usize = 1 << 20;
/// Buffers kept for use again.
const KEPT: usize = 16;
/// Growth of a layer is not looked at below this size: short repeated texts shrink a lot.
const RATIO_FREE: u64 = 1 << 20;

/// What layers work with: limits, what was spent of them, and buffers that are used again.
pub(crate) struct Bench {
    /// The limits of the run.
    pub(crate) limits: Limits,
    /// Bytes that layers yielded in this part, kept or not.
    spent: u64,
    /// One inflater for all layers that need one; it is big to make and cheap to reset.
    pub(crate) inflater: Option<Decompress>,
    buffers: Vec<Vec<u8>>,
    trees: Vec<Vec<Node>>,
    walkers: Vec<Walker>,
    fields: Vec<Fields>,
}

impl Bench {
    /// A bench with these limits.
    pub(crate) fn new(limits: Limits) -> Self {
        Bench {
            limits,
            spent: 0,
            inflater: None,
            buffers: Vec::new(),
            trees: Vec::new(),
            walkers: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// Begin a part: nothing is spent.
    pub(crate) fn begin(&mut self) {
        self.spent = 0;
    }

    /// How many bytes a layer may yield from `input` bytes, and the limit that says so.
    pub(crate) fn room(&self, input: usize) -> (usize, Reached) {
        let limits = &self.limits;
        let ratio = RATIO_FREE.max(limits.ratio.saturating_mul(input as u64));
        let part = limits.part_bytes.saturating_sub(self.spent);
        let (room, reached) = [
            (
                limits.output_bytes,
                Reached {
                    what: "output bytes",
                    limit: limits.output_bytes,
                },
            ),
            (
                ratio,
                Reached {
                    what: "ratio",
                    limit: limits.ratio,
                },
            ),
            (
                part,
                Reached {
                    what: "part bytes",
                    limit: limits.part_bytes,
                },
            ),
        ]
        .into_iter()
        .min_by_key(|&(room, _)| room)
        .unwrap_or((
            0,
            Reached {
                what: "output bytes",
                limit: 0,
            },
        ));
        (usize::try_from(room).unwrap_or(usize::MAX), reached)
    }

    /// Charge bytes that a layer yielded.
    pub(crate) fn spend(&mut self, bytes: usize) {
        self.spent = self.spent.saturating_add(bytes as u64);
    }

    /// An empty buffer.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Give a buffer back.
    pub(crate) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT_BUFFER && self.buffers.len() < KEPT {
            buffer.clear();
            self.buffers.push(buffer);
        }
    }

    /// An empty tree.
    pub(crate) fn tree(&mut self) -> Vec<Node> {
        self.trees.pop().unwrap_or_default()
    }

    /// Give a tree back.
    pub(crate) fn give_back_tree(&mut self, mut tree: Vec<Node>) {
        if tree.capacity() * size_of::<Node>() <= KEPT_BUFFER && self.trees.len() < KEPT {
            tree.clear();
            self.trees.push(tree);
        }
    }

    /// A walker over trees.
    pub(crate) fn walker(&mut self) -> Walker {
        self.walkers.pop().unwrap_or_default()
    }

    /// Give a walker back.
    pub(crate) fn give_back_walker(&mut self, walker: Walker) {
        if walker.is_small() && self.walkers.len() < KEPT {
            self.walkers.push(walker);
        }
    }

    /// An empty list of children.
    pub(crate) fn fields(&mut self) -> Fields {
        self.fields.pop().unwrap_or_default()
    }

    /// Give a list of children back.
    pub(crate) fn give_back_fields(&mut self, mut fields: Fields) {
        if fields.arena.capacity() <= KEPT_BUFFER
            && fields.list.capacity() <= 4096
            && self.fields.len() < KEPT
        {
            fields.list.clear();
            fields.words.clear();
            fields.arena.clear();
            fields.keep = false;
            fields.flaw = None;
            self.fields.push(fields);
        }
    }

    /// Give everything in an opened layer back that will not be used.
    pub(crate) fn discard(&mut self, opened: Opened) {
        // As deep as layers go, so bounded by the depth limit.
        let mut next = Some(opened);
        while let Some(opened) = next.take() {
            match opened {
                Opened::One { bytes, inner, .. } => {
                    self.give_back(bytes);
                    if let Inner::Known(inner) = inner {
                        next = Some(*inner);
                    }
                }
                Opened::Many { fields, .. } => self.give_back_fields(fields),
                Opened::Tree { nodes, .. } => self.give_back_tree(nodes),
                Opened::Stopped { .. } => {}
            }
        }
    }
}
