//! The way down: from a part of a message through its layers to the leaves.
//!
//! Calls nest as deep as layers do, which [`MOST_DEPTH`] bounds.

use std::borrow::Cow;

use super::bench::Bench;
use super::chain::{Chain, Step};
use super::content_encoding::{Removed, listed};
use super::fields::{Field, Fields};
use super::layer::{Context, Flaw, Hint, Inner, Opened, Standing};
use super::multipart::is_form;
use super::part::Part;
use super::search::open;
use super::tree::Node;
use super::walk::{PathKey, Scalar, Visitor};
use crate::model::{LimitHit, Limits, Problem};

/// Takes what the peeler finds.
pub trait LeafSink {
    /// A value at the end of a chain: the part, the layers taken off (outermost first), the name of the
    /// innermost field in lower case, and the bytes.
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]);
    /// A limit that was met; what it kept closed is a leaf as it is.
    fn limit(&mut self, hit: LimitHit);
    /// A layer that breaks off or is damaged; what could be read of it has been peeled.
    fn problem(&mut self, problem: Problem);
    /// A subtree of a tree (an object or array of middling size) begins, with its raw bytes. Who has seen the
    /// same bytes under the same key before answers true, and its leaves are not given again.
    fn enter(&mut self, _key: PathKey, _raw: &[u8]) -> bool {
        false
    }
    /// A value in a tree whose chain has this key. Who was told by [`LeafSink::learn`] that it is a leaf there
    /// takes it again and answers true.
    fn again(&mut self, _key: PathKey, _value: &[u8]) -> bool {
        false
    }
    /// A leaf whose chain has this key. Who has learnt the chain takes it and answers true.
    fn under(&mut self, _key: PathKey, _value: &[u8]) -> bool {
        false
    }
    /// The leaf that was just given is this value, and its chain has this key.
    fn learn(&mut self, _key: PathKey, _value: &[u8]) {}
    /// The subtree that was entered ends; `whole`: all its leaves were given.
    fn leave(&mut self, _whole: bool) {}
}

/// Layers on top of each other, whatever [`Limits::depth`] says: calls nest as deep.
const MOST_DEPTH: u32 = 32;

/// Takes layers off the parts of messages. One per thread; its buffers are used again.
pub struct Peeler {
    bench: Bench,
    chain: Chain,
    leaves: u32,
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
        }
    }

    /// Peel one part. Leaves come in the order in which they stand in the part.
    pub fn peel(&mut self, part: &Part<'_>, sink: &mut dyn LeafSink) {
        self.bench.begin();
        self.leaves = 0;
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

    fn context(&self, hint: Hint) -> Context {
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
        if self.leaves < most && !bytes.is_empty() {
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
        };
        sink.problem(Problem {
            code,
            text,
            place: self.chain.place(),
            count: 1,
        });
    }

    /// Go on inside an opened layer; `bytes` is what it was opened from.
    fn emit(&mut self, opened: Opened, bytes: &[u8], sink: &mut dyn LeafSink) {
        if self.full() {
            self.bench.discard(opened);
            return;
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
            Opened::Many { layer, fields } => self.emit_fields(layer, fields, bytes, sink),
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
        if flaw.is_some() || empty {
            self.leaf(bytes, sink);
        }
    }

    fn emit_fields(
        &mut self,
        layer: &'static str,
        fields: Fields,
        bytes: &[u8],
        sink: &mut dyn LeafSink,
    ) {
        if fields.keep {
            self.leaf(bytes, sink);
        }
        let before = self.leaves;
        self.chain.push(layer);
        for field in &fields.list {
            if self.full() {
                break;
            }
            self.emit_field(&fields, field, bytes, sink);
        }
        self.chain.select("");
        let empty = !fields.keep && self.leaves == before;
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
        let before = self.leaves;
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
        let empty = self.leaves == before && !known;
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
        let takes = peeler.leaves < peeler.bench.limits.leaves && !value.is_empty();
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

/// Does a media type begin so? `application/grpc` is continued by `+proto`, `-web-text` and the like.
fn declared(content_type: Option<&str>, start: &str) -> bool {
    content_type
        .and_then(|media_type| media_type.trim_start().get(..start.len()))
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// Media types under which protobuf messages are sent; none is registered, these are in use.
const PROTOBUF: [&str; 4] = [
    "application/x-protobuf",
    "application/protobuf",
    "application/vnd.google.protobuf",
    "application/x-google-protobuf",
];

/// Is a body declared to be a protobuf message?
fn is_protobuf(content_type: Option<&str>) -> bool {
    PROTOBUF.iter().any(|name| declared(content_type, name))
}

/// What name and media type of a part say about its bytes.
fn hint(part: &str, header: Option<&str>, content_type: Option<&str>) -> Hint {
    let any = |names: &[&str]| {
        header.is_some_and(|header| names.iter().any(|name| name.eq_ignore_ascii_case(header)))
    };
    match part {
        "path" => Hint::Path,
        "query" => Hint::Form,
        "body" if content_type.is_some_and(|media_type| is_form(media_type.as_bytes())) => {
            Hint::Form
        }
        "body" if declared(content_type, "text/event-stream") => Hint::Events,
        "body" if declared(content_type, "application/grpc") => Hint::Grpc,
        "body" if is_protobuf(content_type) => Hint::Protobuf,
        _ if any(&["cookie", "set-cookie"]) => Hint::Cookie,
        _ if any(&["authorization", "proxy-authorization"]) => Hint::Credentials,
        _ => Hint::None,
    }
}
