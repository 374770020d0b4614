//! Values of binary formats that name and type them: paths as JSON has them, numbers in decimal. One reader for
//! the formats whose items follow each other ([`items`]); nothing in it calls itself.

use std::ops::Range;

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Opened, Reached, Standing};
use super::text;
use super::tree::{LONGEST_WORD, push_member, push_number, push_word};
use crate::model::Limits;

/// Bytes of one path, as in JSON.
const LONGEST_PATH: usize = 1024;
/// Evidence asked over the prior, in tenths of a bit.
const ASKED: i64 = 200;
/// Asked more after a decompressor that proves nothing itself, in tenths of a bit.
const UNCHECKED: i64 = 60;

/// Evidence that must come from strings and names: numbers alone, mostly zeros, look like any of these formats.
const READABLE: i64 = 100;

/// Where an open container is.
struct Mark {
    path: usize,
    names: usize,
    name: Range<usize>,
}

/// Collects values under their paths.
pub(crate) struct Values {
    pub(crate) fields: Fields,
    /// Evidence so far, in tenths of a bit.
    pub(crate) evidence: i64,
    /// What of it strings and names gave.
    readable: i64,
    path: String,
    names: String,
    name: Range<usize>,
    marks: Vec<Mark>,
    limits: Limits,
    room: usize,
    reached: Reached,
}

impl Values {
    /// Nothing yet; `root` is how paths begin, `$` as in JSON or nothing.
    pub(crate) fn new(root: &str, input: usize, bench: &mut Bench) -> Self {
        let (room, reached) = bench.room(input);
        Values {
            fields: bench.fields(),
            evidence: 0,
            readable: 0,
            path: root.to_owned(),
            names: String::new(),
            name: 0..0,
            marks: vec![Mark {
                path: root.len(),
                names: 0,
                name: 0..0,
            }],
            limits: bench.limits.clone(),
            room,
            reached,
        }
    }

    /// Count the evidence of a string or a name, in tenths of a bit.
    pub(crate) fn read_text(&mut self, evidence: i64) {
        self.evidence += evidence;
        self.readable += evidence.max(0);
    }

    /// Count the evidence of a magic number, which needs no strings beside it.
    pub(crate) fn vouch(&mut self, evidence: i64) {
        self.evidence += evidence;
        self.readable += READABLE;
    }

    /// True when no more is taken; a flaw tells why.
    pub(crate) fn is_full(&self) -> bool {
        self.fields.flaw.is_some()
    }

    /// Take no more because of a limit.
    pub(crate) fn stop(&mut self, what: &'static str, limit: u64) {
        let flaw = Flaw::Limit(Reached { what, limit });
        self.fields.flaw.get_or_insert(flaw);
    }

    /// Enter the object or array at the current path.
    pub(crate) fn open(&mut self) {
        let most = self.limits.json_depth;
        if self.marks.len() > most as usize {
            self.stop("depth", u64::from(most));
        }
        self.marks.push(Mark {
            path: self.path.len(),
            names: self.names.len(),
            name: self.name.clone(),
        });
    }

    /// Leave it.
    pub(crate) fn close(&mut self) {
        self.back();
        if self.marks.len() > 1 {
            self.marks.pop();
        }
    }

    /// Back to the innermost container.
    fn back(&mut self) {
        if let Some(mark) = self.marks.last() {
            self.path.truncate(mark.path);
            self.names.truncate(mark.names);
            self.name = mark.name.clone();
        }
    }

    /// Go to a member of the innermost object.
    pub(crate) fn member(&mut self, name: &str) {
        self.back();
        let first = self.path.is_empty();
        push_member(&mut self.path, name);
        if first && self.path.starts_with('.') {
            self.path.remove(0);
        }
        let start = self.names.len();
        push_word(&mut self.names, name);
        self.name = start..self.names.len();
    }

    /// Go to an element of the innermost array.
    pub(crate) fn element(&mut self, index: u64) {
        self.back();
        self.path.push('[');
        push_number(&mut self.path, index);
        self.path.push(']');
    }

    /// Go to a field that has a number for a name.
    pub(crate) fn field(&mut self, number: i64) {
        use std::fmt::Write as _;
        self.back();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        // Writing to a String cannot fail.
        let _ = write!(self.path, "{number}");
    }

    fn accepts(&mut self) -> bool {
        if self.is_full() || self.fields.is_full(&self.limits) {
            return false;
        }
        if self.path.len() > LONGEST_PATH {
            self.stop("path bytes", LONGEST_PATH as u64);
            return false;
        }
        if self.fields.words.len() + self.fields.arena.len() > self.room {
            self.fields.flaw = Some(Flaw::Limit(self.reached));
            return false;
        }
        true
    }

    fn named(&self) -> Option<&str> {
        self.names
            .get(self.name.clone())
            .filter(|name| !name.is_empty())
    }

    /// A string or bytes, in the input; empty ones say nothing.
    pub(crate) fn bytes(&mut self, range: Range<usize>) {
        self.place(Place::Input(range.clone()), range.is_empty());
    }

    /// A string that had to be decoded.
    pub(crate) fn decoded(&mut self, bytes: &[u8]) {
        if self.accepts() {
            let place = self.fields.store(bytes);
            self.place(place, bytes.is_empty());
        }
    }

    fn place(&mut self, place: Place, empty: bool) {
        if empty || !self.accepts() {
            return;
        }
        self.fields.add_unnamed(&self.path, place, Hint::None);
        let start = self.fields.words.len();
        if let Some(name) = self
            .names
            .get(self.name.clone())
            .filter(|name| !name.is_empty())
        {
            self.fields.words.push_str(name);
            if let Some(field) = self.fields.list.last_mut() {
                field.name = Some(start..start + name.len());
            }
        }
    }

    /// A number or the like.
    pub(crate) fn scalar(&mut self, value: std::fmt::Arguments<'_>) {
        if self.accepts() {
            let name = self.named().map(str::to_owned);
            self.fields.add_scalar(&self.path, name.as_deref(), value);
        }
    }

    /// The children, every selector given once.
    pub(crate) fn finish(mut self, bench: &mut Bench) -> Fields {
        bench.spend(self.fields.words.len() + self.fields.arena.len());
        self.fields.number_repeated();
        self.fields
    }

    /// The layer, if its evidence reaches what is asked of one with this prior (tenths of a bit: how rarely a
    /// value is of the format).
    pub(crate) fn prove(
        self,
        layer: &'static str,
        prior: i64,
        context: Context,
        bench: &mut Bench,
    ) -> Option<Opened> {
        let more = match context.standing {
            Standing::Unchecked => UNCHECKED,
            Standing::Given | Standing::Encoded => 0,
        };
        let proven = self.readable >= READABLE && self.evidence >= ASKED + prior + more;
        let fields = self.finish(bench);
        if !proven || fields.list.is_empty() {
            bench.give_back_fields(fields);
            return None;
        }
        Some(Opened::Many { layer, fields })
    }
}

/// An item of a format in which containers tell how many items follow.
#[derive(Debug)]
pub(crate) enum Item {
    /// A whole number.
    Int(i128),
    /// A number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// No value.
    Nothing,
    /// UTF-8.
    Text(Range<usize>),
    /// Anything.
    Bytes(Range<usize>),
    /// UTF-8 (`text`) or anything that was written in pieces, put together.
    Pieces {
        /// It is UTF-8.
        text: bool,
        /// The whole.
        bytes: Vec<u8>,
    },
    /// So many members follow; `None`: up to [`Item::Break`].
    Map(Option<u64>),
    /// So many elements follow; `None`: up to [`Item::Break`].
    Array(Option<u64>),
    /// Says something about the item that follows.
    Tag,
    /// Ends a container of unknown length.
    Break,
}

/// An item, where the next begins, and the evidence of its head in tenths of a bit.
pub(crate) type Next = (Item, usize, i64);

/// An open container.
struct Level {
    map: bool,
    left: Option<u64>,
    index: u64,
    /// The next item is the name of a member.
    key: bool,
}

/// Read one item with all that is in it from all of `bytes`; `None` when they are not that.
pub(crate) fn items(
    bytes: &[u8],
    next: impl Fn(&[u8], usize) -> Option<Next>,
    bench: &mut Bench,
) -> Option<Values> {
    let mut values = Values::new("$", bytes.len(), bench);
    let read = read(bytes, next, &mut values);
    if read.is_none() {
        bench.give_back_fields(values.fields);
        return None;
    }
    Some(values)
}

fn read(
    bytes: &[u8],
    next: impl Fn(&[u8], usize) -> Option<Next>,
    values: &mut Values,
) -> Option<()> {
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    loop {
        let (item, end, evidence) = next(bytes, at)?;
        at = end;
        values.evidence += evidence;
        let mut close = false;
        match (&item, levels.last_mut()) {
            (Item::Tag, _) => continue,
            (Item::Break, Some(level)) if level.left.is_none() && (level.key || !level.map) => {
                close = true;
            }
            (Item::Break, _) => return None,
            (_, Some(level)) if level.key => {
                level.key = false;
                name(bytes, &item, values)?;
                continue;
            }
            (_, Some(level)) => {
                if !level.map {
                    values.element(level.index);
                    level.index += 1;
                }
                level.key = level.map;
                if let Some(left) = &mut level.left {
                    *left -= 1;
                }
            }
            (_, None) => {}
        }
        if !close {
            value(bytes, &item, values, &mut levels)?;
        }
        if values.is_full() {
            return Some(());
        }
        while close || levels.last().is_some_and(|level| level.left == Some(0)) {
            close = false;
            levels.pop();
            values.close();
        }
        if levels.is_empty() {
            return (at == bytes.len()).then_some(());
        }
    }
}

/// Go to the member that an item names.
fn name(bytes: &[u8], item: &Item, values: &mut Values) -> Option<()> {
    match item {
        Item::Text(range) => {
            let name = std::str::from_utf8(bytes.get(range.clone())?).ok()?;
            values.read_text(string(name.as_bytes())?);
            values.member(name);
        }
        Item::Pieces { text: true, bytes } => {
            let name = std::str::from_utf8(bytes).ok()?;
            values.read_text(string(bytes)?);
            values.member(name);
        }
        Item::Int(number) => values.member(&number.to_string()),
        Item::Bool(name) => values.member(&name.to_string()),
        Item::Bytes(range) => {
            let raw = bytes.get(range.clone())?;
            let raw = raw.get(..LONGEST_WORD / 2).unwrap_or(raw);
            values.member(&data_encoding::HEXLOWER.encode(raw));
        }
        _ => return None,
    }
    Some(())
}

/// Record an item, or enter it.
fn value(bytes: &[u8], item: &Item, values: &mut Values, levels: &mut Vec<Level>) -> Option<()> {
    match *item {
        Item::Int(number) => values.scalar(format_args!("{number}")),
        Item::Float(number) => values.scalar(format_args!("{number}")),
        Item::Bool(truth) => values.scalar(format_args!("{truth}")),
        Item::Text(ref range) => {
            values.read_text(string(bytes.get(range.clone())?)?);
            values.bytes(range.clone());
        }
        Item::Bytes(ref range) => values.bytes(range.clone()),
        Item::Pieces { text, ref bytes } => {
            if text {
                values.read_text(string(bytes)?);
            }
            values.decoded(bytes);
        }
        Item::Map(left) | Item::Array(left) => {
            let map = matches!(item, Item::Map(_));
            // Every item has a byte at least.
            if left.is_some_and(|left| left > bytes.len() as u64) {
                return None;
            }
            values.open();
            levels.push(Level {
                map,
                left,
                index: 0,
                key: map,
            });
        }
        Item::Nothing | Item::Tag | Item::Break => {}
    }
    Some(())
}

/// Evidence of a string, in tenths of a bit; `None` when it is not UTF-8. Control characters are no evidence,
/// and neither is one character over and over, as fillers are.
pub(crate) fn string(bytes: &[u8]) -> Option<i64> {
    match text::evidence(bytes) {
        Some(found) if found > 0 && is_filler(bytes) => Some(0),
        Some(found) => Some(found.max(-100)),
        None => std::str::from_utf8(bytes).is_ok().then_some(-100),
    }
}

/// One byte over and over?
pub(crate) fn is_filler(bytes: &[u8]) -> bool {
    bytes.len() > 3 && bytes.windows(2).all(|pair| pair.first() == pair.last())
}

/// The range of `length` bytes from `at`, if they are there.
pub(crate) fn span(bytes: &[u8], at: usize, length: u64) -> Option<Range<usize>> {
    let end = at.checked_add(usize::try_from(length).ok()?)?;
    (end <= bytes.len()).then_some(at..end)
}

/// An unsigned number of up to eight bytes, most significant first.
pub(crate) fn big_endian(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(size)?)?;
    Some(
        digits
            .iter()
            .fold(0, |value, &byte| value << 8 | u64::from(byte)),
    )
}

/// log2 of 1 and above in tenths.
pub(crate) fn log2(value: usize) -> i64 {
    i64::from((value.max(1) as u64).ilog2()) * 10
}
