//! The way down: from a part of a message through its layers to the leaves.
//!
//! Calls nest as deep as layers do, which [`MOST_DEPTH`] bounds.

use std::borrow::Cow;

use super::bench::Bench;
use super::chain::Chain;
use super::content_encoding::{Removed, listed};
use super::endpoint::Endpoints;
use super::fields::{Field, Fields};
use super::hint::hint;
use super::layer::{Context, Flaw, Hint, Inner, Opened, Standing};
use super::part::Part;
use super::search::open;
use super::sink::LeafSink;
use super::tree::Node;
use super::walk::{PathKey, Scalar, Visitor};
use crate::model::{Limits, Problem};

/// Layers on top of each other, whatever [`Limits::depth`] says: calls nest as deep.
const MOST_DEPTH: u32 = 32;

/// Takes layers off the parts of messages. One per thread; its buffers are used again.
pub struct Peeler {
    pub(super) bench: Bench,
    pub(super) chain: Chain,
    pub(super) leaves: u32,
    /// A leaf was too large to be cut out.
    oversized: bool,
    pub(super) endpoints: Endpoints,
    /// Messages of this part that wait for others of their endpoint.
    pub(super) waiting: u32,
}

impl Peeler {
    /// A peeler with these limits.
    pub fn new(limits: Limits) -> Self {
        let limits = Limits {
            depth: limits.depth.min(MOST_DEPTH),
            ..limits
        };
        Peeler {
            bench: Bench::new(limits),
            chain: Chain::default(),
            leaves: 0,
            oversized: false,
            endpoints: Endpoints::default(),
            waiting: 0,
        }
    }

    /// Peel one part. Leaves come in the order in which they stand in the part.
    pub fn peel(&mut self, part: &Part<'_>, sink: &mut dyn LeafSink) {
        self.bench.begin();
        self.leaves = 0;
        self.oversized = false;
        self.endpoints.begin();
        self.chain.begin(&part.name);
        let header = part
            .name
            .strip_prefix("header:")
            .map(|name| name.split('#').next().unwrap_or_default());
        if let Some(header) = header {
            self.chain.push_name(header);
        }
        let hint = hint(&part.name, header, part.content_type.as_deref());
        match part.content_encoding.as_deref() {
            Some(codings) => {
                let content = self.decode_content(&part.bytes, codings, sink);
                self.value(&content, hint, sink);
            }
            None => self.value(&part.bytes, hint, sink),
        }
        self.endpoints.end(self.leaves, self.bench.spent());
    }

    /// Remove declared content codings, the last applied first.
    fn decode_content<'b>(
        &mut self,
        bytes: &'b [u8],
        codings: &str,
        sink: &mut dyn LeafSink,
    ) -> Cow<'b, [u8]> {
        let mut content = Cow::Borrowed(bytes);
        for coding in listed(codings) {
            let coding = match coding {
                Ok(coding) => coding,
                Err(name) => {
                    let text = format!(
                        "The content coding {name:?} is not known; the content stays as it is."
                    );
                    sink.problem(Problem {
                        code: "unsupported",
                        text,
                        place: self.chain.place(),
                        count: 1,
                    });
                    break;
                }
            };
            if self.chain.len() >= self.bench.limits.depth as usize {
                sink.limit(
                    self.chain
                        .limit("depth", u64::from(self.bench.limits.depth)),
                );
                break;
            }
            let removed = coding.remove(&content, &mut self.bench);
            match removed {
                Removed::Absent => {}
                Removed::Content(inner, flaw) => {
                    self.chain.push(coding.layer());
                    content = Cow::Owned(inner);
                    if let Some(flaw) = flaw {
                        self.flaw(flaw, coding.layer(), sink);
                    }
                }
                Removed::Unreadable(flaw) => {
                    self.flaw(flaw, coding.layer(), sink);
                    break;
                }
            }
        }
        content
    }

    pub(super) fn context(&self, hint: Hint) -> Context {
        let depth = self.bench.limits.depth;
        let used = u32::try_from(self.chain.len()).unwrap_or(u32::MAX);
        Context {
            hint,
            standing: Standing::Given,
            depth_left: depth.saturating_sub(used),
        }
    }

    fn value(&mut self, bytes: &[u8], hint: Hint, sink: &mut dyn LeafSink) {
        match open(bytes, self.context(hint), &mut self.bench) {
            Some(opened) => self.emit(opened, bytes, sink),
            None => self.leaf(bytes, sink),
        }
    }

    fn leaf(&mut self, bytes: &[u8], sink: &mut dyn LeafSink) {
        let most = self.bench.limits.leaves;
        let longest = self.bench.limits.output_bytes;
        if bytes.len() as u64 > longest && self.chain.len() > 0 {
            // The container stands for it.
            sink.limit(self.chain.limit("output bytes", longest));
            self.oversized = true;
        } else if self.leaves < most && !bytes.is_empty() {
            self.chain
                .with(|part, steps, name| sink.leaf(part, steps, name, bytes));
            self.leaves += 1;
        } else if self.leaves == most {
            sink.limit(self.chain.limit("leaves", u64::from(most)));
            self.leaves = most.saturating_add(1);
        }
    }

    /// True when no more leaves are taken.
    fn full(&self) -> bool {
        self.leaves > self.bench.limits.leaves
    }

    fn flaw(&mut self, flaw: Flaw, layer: &str, sink: &mut dyn LeafSink) {
        let (code, text) = match flaw {
            Flaw::Limit(reached) => {
                if reached.what == "leaves" {
                    // Told once; from here on the part is full.
                    if self.full() {
                        return;
                    }
                    self.leaves = self.bench.limits.leaves.saturating_add(1);
                }
                sink.limit(self.chain.limit(reached.what, reached.limit));
                return;
            }
            Flaw::Truncated => (
                "truncated",
                format!("{layer} ends early; what is there was read."),
            ),
            Flaw::Malformed => (
                "malformed",
                format!("{layer} is damaged; what comes before was read."),
            ),
            Flaw::Unread => (
                "unsupported",
                format!("{layer} is recognised and not taken apart; it is searched as it stands."),
            ),
        };
        sink.problem(Problem {
            code,
            text,
            place: self.chain.place(),
            count: 1,
        });
    }

    /// Go on inside an opened layer; `bytes` is what it was opened from.
    pub(super) fn emit(&mut self, opened: Opened, bytes: &[u8], sink: &mut dyn LeafSink) {
        if self.full() {
            self.bench.discard(opened);
            return;
        }
        if sink.wants_readings() {
            self.tell_readings(&opened, bytes, sink);
        }
        match opened {
            Opened::One {
                layer,
                bytes: child,
                inner,
                flaw,
            } => {
                self.chain.push(layer);
                match inner {
                    Inner::Unknown => self.value(&child, Hint::None, sink),
                    Inner::Known(inner) => self.emit(*inner, &child, sink),
                    Inner::Leaf => self.leaf(&child, sink),
                }
                self.bench.give_back(child);
                self.end(flaw, layer, false, bytes, sink);
            }
            Opened::Many { layer, fields } => {
                if let Some(fields) = self.wait(layer, fields, bytes, sink) {
                    self.emit_fields(layer, fields, bytes, sink);
                }
            }
            Opened::Tree { layer, nodes, flaw } => self.emit_tree(layer, nodes, flaw, bytes, sink),
            Opened::Stopped { layer, reached } => {
                self.chain.push(layer);
                self.end(Some(Flaw::Limit(reached)), layer, false, bytes, sink);
            }
        }
    }

    /// Leave a layer: tell its flaw, and give the container as a leaf where it is not fully explained.
    fn end(
        &mut self,
        flaw: Option<Flaw>,
        layer: &str,
        empty: bool,
        bytes: &[u8],
        sink: &mut dyn LeafSink,
    ) {
        if let Some(flaw) = flaw {
            self.flaw(flaw, layer, sink);
        }
        self.chain.pop();
        let oversized = std::mem::take(&mut self.oversized);
        if flaw.is_some() || empty || oversized {
            self.leaf(bytes, sink);
        }
    }

    pub(super) fn emit_fields(
        &mut self,
        layer: &'static str,
        fields: Fields,
        bytes: &[u8],
        sink: &mut dyn LeafSink,
    ) {
        if fields.keep {
            self.leaf(bytes, sink);
        }
        let before = (self.leaves, self.waiting);
        self.chain.push(layer);
        for field in &fields.list {
            if self.full() {
                break;
            }
            self.emit_field(&fields, field, bytes, sink);
        }
        self.chain.select("");
        let empty = !fields.keep && (self.leaves, self.waiting) == before;
        self.end(fields.flaw, layer, empty, bytes, sink);
        self.bench.give_back_fields(fields);
    }

    fn emit_field(
        &mut self,
        fields: &Fields,
        field: &Field,
        bytes: &[u8],
        sink: &mut dyn LeafSink,
    ) {
        self.chain.select(&fields.words[field.selector.clone()]);
        if let Some(name) = &field.name {
            self.chain.push_name(&fields.words[name.clone()]);
        }
        let value = fields.value(field, bytes);
        if field.scalar {
            self.leaf(value, sink);
        } else if field.only_if_opened {
            if let Some(opened) = open(value, self.context(field.hint), &mut self.bench) {
                self.emit(opened, value, sink);
            }
        } else {
            self.value(value, field.hint, sink);
        }
        if field.name.is_some() {
            self.chain.pop_name();
        }
    }

    fn emit_tree(
        &mut self,
        layer: &'static str,
        nodes: Vec<Node>,
        flaw: Option<Flaw>,
        bytes: &[u8],
        sink: &mut dyn LeafSink,
    ) {
        let before = (self.leaves, self.waiting);
        self.chain.push(layer);
        let mut walker = self.bench.walker();
        let root = self
            .chain
            .with(|part, steps, _| self.bench.keys.of((part, steps)));
        let mut inside = Inside {
            peeler: self,
            sink: &mut *sink,
            known: false,
        };
        let reached = walker.walk(root, &nodes, bytes, &mut inside);
        let known = inside.known;
        self.bench.give_back_walker(walker);
        self.bench.give_back_tree(nodes);
        self.chain.select("");
        let flaw = flaw.or(reached.map(Flaw::Limit));
        let empty = (self.leaves, self.waiting) == before && !known;
        self.end(flaw, layer, empty, bytes, sink);
    }
}

/// Goes on inside the scalars of a tree.
struct Inside<'a> {
    peeler: &'a mut Peeler,
    sink: &'a mut dyn LeafSink,
    /// The sink knew a subtree.
    known: bool,
}

impl Visitor for Inside<'_> {
    fn scalar(&mut self, scalar: Scalar<'_>) -> bool {
        let peeler = &mut *self.peeler;
        let Scalar {
            key, path, value, ..
        } = scalar;
        let takes = peeler.leaves < peeler.bench.limits.leaves
            && !value.is_empty()
            && value.len() as u64 <= peeler.bench.limits.output_bytes;
        if takes && self.sink.again(key, value) {
            peeler.leaves += 1;
            return true;
        }
        let opened = match scalar.string {
            true => open(value, peeler.context(Hint::None), &mut peeler.bench),
            false => None,
        };
        if opened.is_none() && takes && self.sink.under(key, value) {
            peeler.leaves += 1;
            return true;
        }
        let named = peeler.chain.select_path(&path);
        match opened {
            Some(opened) => peeler.emit(opened, value, self.sink),
            None => {
                peeler.leaf(value, self.sink);
                if takes && peeler.bench.is_roomy() {
                    self.sink.learn(key, value);
                }
            }
        }
        if named {
            peeler.chain.pop_name();
        }
        !peeler.full()
    }

    fn enter(&mut self, key: PathKey, raw: &[u8]) -> bool {
        let known = self.sink.enter(key, raw);
        self.known |= known;
        known
    }

    fn leave(&mut self, whole: bool) {
        self.sink.leave(whole && self.peeler.bench.is_roomy());
    }
}
