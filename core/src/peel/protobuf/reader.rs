//! From bytes to the values of a message: level by level, so that all occurrences of a field are seen before
//! it is decided what the field holds. Nothing here calls itself.

use std::collections::VecDeque;
use std::ops::Range;

use super::evidence;
use super::path::LENGTH;
use super::typing::{Beside, Kind, PathHash, Tallies, Tally, Typing, Width, path};
use super::wire::{Field, Fields, Value, varint};
use crate::peel::layer::{Flaw, Reached};

/// Messages inside each other that are opened; protobuf libraries stop at 100, real schemas below 20.
const MOST_DEPTH: u32 = 40;
/// Fields recorded per leaf allowed.
const FIELDS_PER_LEAF: usize = 4;

/// No occurrence number: the field stands once.
const ONCE: u32 = u32::MAX;

/// A message in the input.
#[derive(Clone, Copy)]
struct Instance {
    /// The message it is in.
    parent: Option<u32>,
    number: u32,
    occurrence: u32,
    start: usize,
    end: usize,
    /// Its length stands before it.
    prefixed: bool,
}

/// All messages at one path.
struct Group {
    path: PathHash,
    depth: u32,
    instances: Range<usize>,
}

/// A field and the message it is in.
#[derive(Clone, Copy)]
struct Token {
    instance: u32,
    occurrence: u32,
    field: Field,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Raw(usize, usize),
    /// One of packed numbers of fixed width.
    Element(Width, u64),
}

impl Held {
    /// Readings of one field stand in this order.
    fn order(self) -> u32 {
        match self {
            Held::Raw(..) => 0,
            Held::Element(..) => 2,
            _ => 1,
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    instance: u32,
    number: u32,
    occurrence: u32,
    /// Index in packed numbers, or [`ONCE`].
    element: u32,
    start: usize,
    pub(super) held: Held,
}

/// Everything in a message, or in a stream of messages.
pub(super) struct Reading {
    instances: Vec<Instance>,
    pub(super) leaves: Vec<Leaf>,
    /// What each path showed, for [`Typing`].
    pub(super) tallies: Tallies,
    /// Evidence of tags, lengths and numbers, in tenths of a bit.
    pub(super) structure: i64,
    /// Evidence of strings, in tenths of a bit.
    pub(super) strings: i64,
    /// What was not read.
    pub(super) flaw: Option<Flaw>,
}

/// How much may be read.
pub(super) struct Bounds {
    pub(super) leaves: usize,
    pub(super) depth: u32,
}

/// Read all of `bytes` as one message, or as messages each with its length before it. What an endpoint's
/// messages showed before (`known`) counts with what these show.
pub(super) fn read(bytes: &[u8], known: Option<&Typing>, bounds: &Bounds) -> Option<Reading> {
    let mut reading = Reading {
        instances: Vec::new(),
        leaves: Vec::new(),
        tallies: Vec::new(),
        structure: 0,
        strings: 0,
        flaw: None,
    };
    if is_message(bytes, 0, bytes.len()) {
        reading.instances.push(Instance {
            parent: None,
            number: 0,
            occurrence: ONCE,
            start: 0,
            end: bytes.len(),
            prefixed: false,
        });
    } else {
        reading.delimited(bytes, bounds)?;
    }
    reading.levels(bytes, known, bounds);
    reading
        .leaves
        .sort_unstable_by_key(|leaf| (leaf.start, leaf.held.order(), leaf.element));
    Some(reading)
}

fn is_message(bytes: &[u8], start: usize, end: usize) -> bool {
    start < end && Fields::of(bytes, start, end).all(|field| field.is_ok())
}

impl Reading {
    /// Messages each with its length before it, as `writeDelimitedTo` writes them, that fill the input.
    fn delimited(&mut self, bytes: &[u8], bounds: &Bounds) -> Option<()> {
        let mut at = 0;
        while at < bytes.len() {
            let (length, digits) = varint(bytes, at, bytes.len())?;
            let start = at + digits;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            if end > bytes.len()
                || self.instances.len() >= bounds.leaves
                || !is_message(bytes, start, end)
            {
                return None;
            }
            self.structure += evidence::length(end - start, digits, bytes.len() - start);
            self.instances.push(Instance {
                parent: None,
                number: 0,
                occurrence: u32::try_from(self.instances.len()).ok()?,
                start,
                end,
                prefixed: false,
            });
            at = end;
        }
        (!self.instances.is_empty()).then_some(())
    }

    fn levels(&mut self, bytes: &[u8], known: Option<&Typing>, bounds: &Bounds) {
        let mut groups = VecDeque::from([Group {
            path: 0,
            depth: 1,
            instances: 0..self.instances.len(),
        }]);
        let most = bounds.leaves.saturating_mul(FIELDS_PER_LEAF);
        let mut recorded = 0usize;
        let mut tokens = Vec::new();
        while let Some(group) = groups.pop_front() {
            tokens.clear();
            self.tokens(bytes, &group, most.saturating_sub(recorded), &mut tokens);
            recorded += tokens.len();
            tokens.sort_unstable_by_key(|token| {
                (token.field.number, token.instance, token.field.start)
            });
            number_occurrences(&mut tokens);
            for run in tokens.chunk_by(|a, b| a.field.number == b.field.number) {
                self.run(bytes, &group, run, known, bounds, &mut groups);
            }
            if recorded >= most || self.leaves.len() > bounds.leaves {
                self.limit("leaves", bounds.leaves as u64);
                return;
            }
        }
    }

    fn limit(&mut self, what: &'static str, limit: u64) {
        self.flaw
            .get_or_insert(Flaw::Limit(Reached { what, limit }));
    }

    /// All fields of all messages of a group, and the evidence of their heads.
    fn tokens(&mut self, bytes: &[u8], group: &Group, most: usize, tokens: &mut Vec<Token>) {
        for index in group.instances.clone() {
            let Some(&instance) = self.instances.get(index) else {
                return;
            };
            let (mut last, mut total) = (0, 0);
            for field in Fields::of(bytes, instance.start, instance.end).flatten() {
                if tokens.len() >= most {
                    return;
                }
                total += evidence::head(&field, last, instance.end);
                last = field.number;
                tokens.push(Token {
                    // There are fewer messages than fields, and their number is limited.
                    instance: index as u32,
                    occurrence: ONCE,
                    field,
                });
            }
            self.structure += total;
        }
    }

    /// Decide what one field of a group holds, and record it.
    fn run(
        &mut self,
        bytes: &[u8],
        group: &Group,
        run: &[Token],
        known: Option<&Typing>,
        bounds: &Bounds,
        groups: &mut VecDeque<Group>,
    ) {
        let Some(first) = run.first() else { return };
        let path = path(group.path, first.field.number);
        let mut tally = Tally::default();
        let mut delimited = 0i64;
        for token in run {
            if let Value::Delimited(start, end) = token.field.value {
                tally.add(bytes.get(start..end).unwrap_or_default());
                delimited += 1;
            }
        }
        let mut kind = Kind::Bytes;
        let mut beside = Beside::default();
        if delimited > 0 {
            let joint = known.map_or(tally, |known| known.at(path, tally));
            kind = joint.kind();
            beside = joint.beside(kind);
            self.tallies.push((path, tally));
            let (strings, numbers) = tally.content(kind);
            self.strings += strings;
            self.structure += numbers - delimited * evidence::CHOICE;
        }
        let deeper = group.depth < bounds.depth.min(MOST_DEPTH);
        let before = self.instances.len();
        for token in run {
            match token.field.value {
                Value::Varint(value) => self.leaf(token, ONCE, Held::Varint(value)),
                Value::Fixed64(value) => self.leaf(token, ONCE, Held::Fixed64(value)),
                Value::Fixed32(value) => self.leaf(token, ONCE, Held::Fixed32(value)),
                Value::Group(start, end) => {
                    self.message(token, start..end, false, deeper, bounds);
                }
                Value::Delimited(start, end) => {
                    self.beside(bytes, token, start..end, beside, bounds);
                    match kind {
                        Kind::String | Kind::Bytes => self.leaf(token, ONCE, Held::Raw(start, end)),
                        Kind::Message => self.message(token, start..end, false, deeper, bounds),
                        Kind::PrefixedMessage => {
                            let digits = varint(bytes, start, end).map_or(0, |(_, digits)| digits);
                            self.message(token, start + digits..end, true, deeper, bounds);
                        }
                        Kind::Packed => self.packed(bytes, token, start..end, bounds),
                    }
                }
            }
        }
        if self.instances.len() > before {
            groups.push_back(Group {
                path,
                depth: group.depth + 1,
                instances: before..self.instances.len(),
            });
        }
    }

    fn leaf(&mut self, token: &Token, element: u32, held: Held) {
        let empty = matches!(held, Held::Raw(start, end) if start == end);
        if !empty {
            self.leaves.push(Leaf {
                instance: token.instance,
                number: token.field.number,
                occurrence: token.occurrence,
                element,
                start: token.field.start,
                held,
            });
        }
    }

    fn message(
        &mut self,
        token: &Token,
        Range { start, end }: Range<usize>,
        prefixed: bool,
        deeper: bool,
        bounds: &Bounds,
    ) {
        if start >= end {
            return;
        }
        if !deeper {
            self.limit("depth", u64::from(bounds.depth.min(MOST_DEPTH)));
            if let Value::Delimited(start, end) = token.field.value {
                self.leaf(token, ONCE, Held::Raw(start, end));
            }
            return;
        }
        self.instances.push(Instance {
            parent: Some(token.instance),
            number: token.field.number,
            occurrence: token.occurrence,
            start,
            end,
            prefixed,
        });
    }

    /// The readings that a field has beside the one that explains it best.
    fn beside(
        &mut self,
        bytes: &[u8],
        token: &Token,
        range: Range<usize>,
        beside: Beside,
        bounds: &Bounds,
    ) {
        if beside.raw {
            self.leaf(token, ONCE, Held::Raw(range.start, range.end));
        }
        if beside.packed {
            self.packed(bytes, token, range.clone(), bounds);
        }
        let Some(width) = beside.fixed else { return };
        let packed = bytes.get(range).unwrap_or_default();
        for (element, number) in (0..ONCE).zip(packed.chunks_exact(width.bytes())) {
            if self.leaves.len() >= bounds.leaves {
                self.limit("leaves", bounds.leaves as u64);
                return;
            }
            let value = number
                .iter()
                .rev()
                .fold(0, |value, &byte| value << 8 | u64::from(byte));
            self.leaf(token, element, Held::Element(width, value));
        }
    }

    fn packed(
        &mut self,
        bytes: &[u8],
        token: &Token,
        Range { start, end }: Range<usize>,
        bounds: &Bounds,
    ) {
        let mut at = start;
        for element in 0..ONCE {
            let Some((value, length)) = varint(bytes, at, end) else {
                return;
            };
            if self.leaves.len() >= bounds.leaves {
                self.limit("leaves", bounds.leaves as u64);
                return;
            }
            self.leaf(token, element, Held::Varint(value));
            at += length;
        }
    }

    /// Append the path of a leaf: field numbers with dots between them, `[n]` after a number that its message
    /// has more than once.
    pub(super) fn write_path(&self, leaf: &Leaf, out: &mut String) {
        let mut parents = [None; MOST_DEPTH as usize + 1];
        let mut next = Some(leaf.instance);
        let mut used = 0;
        while let (Some(index), Some(slot)) = (next, parents.get_mut(used)) {
            let instance = self.instances.get(index as usize);
            *slot = instance;
            used += 1;
            next = instance.and_then(|instance| instance.parent);
        }
        for instance in parents.iter().take(used).rev().flatten() {
            push(out, instance.number, instance.occurrence);
            if instance.prefixed {
                out.push('.');
                out.push_str(LENGTH);
            }
        }
        push(out, leaf.number, leaf.occurrence);
        if let Held::Element(width, _) = leaf.held {
            out.push('.');
            out.push_str(width.word());
        }
        push(out, 0, leaf.element);
    }
}

/// Append a step of a path; number 0 is no field.
fn push(out: &mut String, number: u32, index: u32) {
    use crate::peel::tree::push_number;
    if number != 0 {
        if !out.is_empty() {
            out.push('.');
        }
        push_number(out, u64::from(number));
    }
    if index != ONCE {
        out.push('[');
        push_number(out, u64::from(index));
        out.push(']');
    }
}

/// Give each of several fields with one number in one message its place among them.
fn number_occurrences(tokens: &mut [Token]) {
    for run in
        tokens.chunk_by_mut(|a, b| (a.field.number, a.instance) == (b.field.number, b.instance))
    {
        if run.len() > 1 {
            for (token, occurrence) in run.iter_mut().zip(0..) {
                token.occurrence = occurrence;
            }
        }
    }
}
