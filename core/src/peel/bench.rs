//! What layers work with: limits, what was spent of them, and buffers that are used again.

use flate2::Decompress;

use super::alike::Earlier;
use super::fields::Fields;
use super::layer::{Inner, Opened, Reached};
use super::tree::Node;
use super::walk::{Keys, Walker};
use crate::model::Limits;

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
    pub(super) spent: u64,
    /// One inflater for all layers that need one; it is big to make and cheap to reset.
    pub(crate) inflater: Option<Decompress>,
    buffers: Vec<Vec<u8>>,
    trees: Vec<Vec<Node>>,
    walkers: Vec<Walker>,
    fields: Vec<Fields>,
    /// Keys of paths.
    pub(crate) keys: Keys,
    /// JSON texts read before.
    pub(crate) earlier: Earlier,
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
            keys: Keys::default(),
            earlier: Earlier::default(),
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

    /// What was spent in this part.
    pub(crate) fn spent(&self) -> u64 {
        self.spent
    }

    /// Go on with a part in which so much was spent.
    pub(crate) fn go_on(&mut self, spent: u64) {
        self.spent = spent;
    }

    /// True while what was spent in this part limits no layer: the same bytes then give the same answer in
    /// every part.
    pub(crate) fn is_roomy(&self) -> bool {
        self.limits.part_bytes.saturating_sub(self.spent) >= self.limits.output_bytes
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
        match self.walkers.pop() {
            Some(walker) => walker,
            None => Walker::new(self.keys.clone()),
        }
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
            fields.tallies.clear();
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
