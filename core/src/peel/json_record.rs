//! The nodes of a JSON text while it is read.

use super::alike::Beside;
use super::tree::{Kind, Node};

/// Records nodes up to the limits.
pub(super) struct Recorder {
    pub(super) nodes: Vec<Node>,
    pub(super) open: Vec<usize>,
    pub(super) scalars: u64,
    pub(super) most_scalars: u64,
    pub(super) most_nodes: usize,
    pub(super) full: bool,
    /// An earlier text that is like this one.
    pub(super) beside: Option<Beside>,
}

impl Recorder {
    pub(super) fn node(&mut self, kind: Kind, start: usize, end: usize) {
        if self.nodes.len() >= self.most_nodes {
            self.full = true;
        }
        if !self.full {
            // The length of the text fits in 32 bits; `can` and `parse` see to it.
            self.nodes.push(Node {
                kind,
                start: start as u32,
                end: end as u32,
            });
        }
    }

    pub(super) fn restart(&mut self) {
        self.nodes.clear();
        self.open.clear();
        self.scalars = 0;
        self.full = false;
        // Texts on lines are short, and each begins anew.
        if let Some(beside) = &mut self.beside {
            beside.leave();
        }
    }

    /// Nodes of the object or array that begins at `start`, from the earlier text; the answer is where it ends.
    pub(super) fn again(&mut self, bytes: &[u8], start: usize) -> Option<usize> {
        let beside = self.beside.as_mut()?;
        let scalars = usize::try_from(self.most_scalars - self.scalars).unwrap_or(usize::MAX);
        let room = scalars.min(self.most_nodes.saturating_sub(self.nodes.len()));
        let taken = beside.take(bytes, start, room)?;
        let moved = (start as u32).wrapping_sub(taken.first().map_or(0, |node| node.start));
        let first = self.nodes.len();
        self.nodes.extend(taken.iter().map(|node| match node.end {
            0 => *node, // an empty node only keeps the count
            _ => Node {
                kind: node.kind,
                start: node.start.wrapping_add(moved),
                end: node.end.wrapping_add(moved),
            },
        }));
        let is_scalar = |node: &&Node| matches!(node.kind, Kind::String | Kind::Scalar);
        self.scalars += taken.iter().filter(is_scalar).count() as u64;
        let first = self.nodes.get_mut(first)?;
        first.kind = Kind::Again;
        Some(first.end as usize)
    }

    pub(super) fn key(&mut self, start: usize, name: &[u8]) {
        if let Some(beside) = &mut self.beside {
            beside.key(name);
        }
        self.node(Kind::Key, start, start + name.len());
    }

    pub(super) fn open(&mut self, kind: Kind, start: usize, end: usize) {
        if let Some(beside) = &mut self.beside {
            beside.open();
        }
        self.open.push(self.nodes.len());
        self.node(kind, start, end);
    }

    pub(super) fn close(&mut self, start: usize, end: usize) {
        if let Some(beside) = &mut self.beside {
            beside.close();
        }
        if let Some(node) = self.open.pop().and_then(|at| self.nodes.get_mut(at)) {
            node.end = end as u32;
        }
        self.node(Kind::Close, start, end);
    }

    pub(super) fn scalar(&mut self, kind: Kind, start: usize, end: usize) {
        if start == end {
            self.skip_element();
            return;
        }
        if let Some(beside) = &mut self.beside {
            beside.scalar();
        }
        if self.scalars >= self.most_scalars {
            self.full = true;
        } else {
            self.scalars += 1;
        }
        self.node(kind, start, end);
    }

    /// `null` and `""` are no children, but in an array they have a place: an empty node keeps the count.
    pub(super) fn skip_element(&mut self) {
        if let Some(beside) = &mut self.beside {
            beside.scalar();
        }
        self.node(Kind::Array, 0, 0);
        self.node(Kind::Close, 0, 0);
    }
}
