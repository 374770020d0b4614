//! The search: which layer is on these bytes, and on what is in them, down to the leaves.
//!
//! Layers are asked in the order of the registry and the first that proves itself is taken, so the answer is
//! the same on every run. Calls nest as deep as layers do, which [`MOST_DEPTH`] bounds.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::REGISTRY;
use super::chain::{Chain, Step};
use super::content_encoding::{Removed, listed};
use super::layer::{Bench, Context, Field, Fields, Flaw, Hint, Inner, Opened, Reached, Standing};
use super::look::Look;
use super::multipart::is_form;
use super::part::Part;
use super::tree::Node;
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
}

/// Layers on top of each other, whatever [`Limits::depth`] says: calls nest as deep.
const MOST_DEPTH: u32 = 32;

/// Takes layers off the parts of messages. One per thread; its buffers are used again.
pub struct Peeler {
    bench: Bench,
    chain: Chain,
    leaves: u32,
}

/// Length from which every layer is possible.
const LONG: usize = 32;

/// Layers, one bit each in the order of the registry, that are possible for a hint, first byte and length.
struct Gates {
    by_first: [[u32; 256]; Hint::COUNT],
    by_length: [u32; LONG + 1],
}

static GATES: LazyLock<Gates> = LazyLock::new(|| {
    let mut gates = Gates {
        by_first: [[0; 256]; Hint::COUNT],
        by_length: [0; LONG + 1],
    };
    for (index, layer) in REGISTRY.iter().enumerate() {
        for (hint, by_first) in gates.by_first.iter_mut().enumerate() {
            if layer.hint().is_none_or(|needed| needed as usize == hint) {
                for (first, layers) in (0..=u8::MAX).zip(by_first) {
                    *layers |= u32::from(layer.begins_with(first)) << index;
                }
            }
        }
        for layers in gates.by_length.iter_mut().skip(layer.shortest()) {
            *layers |= 1 << index;
        }
    }
    gates
});

/// Most values of a message are ruled out here, before anything looks at them.
fn candidates(bytes: &[u8], hint: Hint) -> u32 {
    bytes.first().map_or(0, |&first| {
        GATES.by_first[hint as usize][usize::from(first)] & GATES.by_length[bytes.len().min(LONG)]
    })
}

/// The outermost layer on `bytes`, if one proves itself.
pub(crate) fn open(bytes: &[u8], context: Context, bench: &mut Bench) -> Option<Opened> {
    let candidates = candidates(bytes, context.hint);
    if candidates == 0 {
        return None;
    }
    let look = Look::at(bytes);
    let opened = REGISTRY
        .iter()
        .enumerate()
        .filter(|(index, layer)| candidates >> index & 1 == 1 && layer.can(&look, context))
        .find_map(|(_, layer)| layer.open(&look, context, bench))?;
    if context.depth_left > 0 {
        return Some(opened);
    }
    let layer = opened.layer();
    bench.discard(opened);
    let limit = u64::from(bench.limits.depth);
    Some(Opened::Stopped {
        layer,
        reached: Reached {
            what: "depth",
            limit,
        },
    })
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
        if field.only_if_opened {
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
        let reached = walker.walk(&nodes, bytes, &mut |scalar| {
            self.chain.select(scalar.path);
            if let Some(name) = scalar.name {
                self.chain.push_name(name);
            }
            if scalar.string {
                self.value(scalar.value, Hint::None, sink);
            } else {
                self.leaf(scalar.value, sink);
            }
            if scalar.name.is_some() {
                self.chain.pop_name();
            }
            !self.full()
        });
        self.bench.give_back_walker(walker);
        self.bench.give_back_tree(nodes);
        self.chain.select("");
        let flaw = flaw.or(reached.map(Flaw::Limit));
        self.end(flaw, layer, self.leaves == before, bytes, sink);
    }
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
        _ if any(&["cookie", "set-cookie"]) => Hint::Cookie,
        _ if any(&["authorization", "proxy-authorization"]) => Hint::Credentials,
        _ => Hint::None,
    }
}
