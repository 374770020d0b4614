//! Layer `bson` (bsonspec.org 1.1): a document whose length is that of the input.
//!
//! Selector: a path as in layer `json`; elements of arrays by their place. An ObjectId is in hex, a date in
//! milliseconds since 1970; binary values are children with their bytes; null and empty values are none.

use std::ops::Range;

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::values::{Values, span, string};

/// The layer.
pub(crate) struct Bson;

/// Length, an element of type, name and boolean, end.
const SHORTEST: usize = 10;
/// Layers are seldom BSON: one in 2¹⁰ values that are no text.
const PRIOR: i64 = 100;
/// Evidence of a length that must be right: 32 bits, less what a small number costs.
const LENGTH: i64 = 200;
/// Evidence of a type: 8 bits, less that of one in four, the usual share of a string.
const TYPE: i64 = 40;

impl Layer for Bson {
    fn name(&self) -> &'static str {
        "bson"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.has(kind::CONTROL)
            && look.bytes.ends_with(b"\0")
            && length(look.bytes, 0) == Some(look.bytes.len())
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        read(look.bytes, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = read(bytes, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

fn fixed<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn length(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(i32::from_le_bytes(fixed(bytes, at)?)).ok()
}

/// An open document.
struct Level {
    /// Where its last byte, 0, stands.
    last: usize,
    /// Index of the next element, in an array.
    array: Option<u64>,
}

/// The document that begins at `at`.
fn enter(bytes: &[u8], at: usize, end: usize, array: bool) -> Option<Level> {
    let last = at.checked_add(length(bytes, at)?)?.checked_sub(1)?;
    (last >= at + 4 && last < end && bytes.get(last) == Some(&0)).then_some(Level {
        last,
        array: array.then_some(0),
    })
}

fn read(bytes: &[u8], bench: &mut Bench) -> Option<Values> {
    let mut values = Values::new("$", bytes.len(), bench);
    values.evidence = LENGTH;
    let read = document(bytes, &mut values);
    if read.is_none() {
        bench.give_back_fields(values.fields);
        return None;
    }
    Some(values)
}

fn document(bytes: &[u8], values: &mut Values) -> Option<()> {
    let mut levels = vec![enter(bytes, 0, bytes.len(), false)?];
    if levels.first()?.last + 1 != bytes.len() {
        return None;
    }
    let mut at = 4;
    while let Some(level) = levels.last_mut() {
        if values.is_full() {
            return Some(());
        }
        if at == level.last {
            levels.pop();
            values.close();
            at += 1;
            continue;
        }
        let end = level.last;
        let kind = *bytes.get(at)?;
        let name = text(bytes, at + 1, end)?;
        at = name.end + 1;
        let name = std::str::from_utf8(bytes.get(name)?).ok()?;
        values.evidence += TYPE;
        match &mut level.array {
            Some(index) => {
                values.element(*index);
                *index += 1;
            }
            None => {
                values.read_text(string(name.as_bytes())?);
                values.member(name);
            }
        }
        match kind {
            3 | 4 => {
                levels.push(enter(bytes, at, end, kind == 4)?);
                values.evidence += LENGTH;
                values.open();
                at += 4;
            }
            // Code with its scope has its length, a string and a document; the whole is one value.
            15 => {
                let range = at..at.checked_add(length(bytes, at)?)?;
                at = range.end;
                values.bytes(range);
            }
            _ => at = scalar(bytes, kind, at, end, values)?,
        }
        if at > end {
            return None;
        }
    }
    (at == bytes.len()).then_some(())
}

/// A text that ends with 0.
fn text(bytes: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let length = memchr::memchr(0, bytes.get(at..end)?)?;
    Some(at..at + length)
}

/// Record a value; returns where the next element begins.
fn scalar(bytes: &[u8], kind: u8, at: usize, end: usize, values: &mut Values) -> Option<usize> {
    let wide = || fixed::<8>(bytes, at);
    Some(match kind {
        1 => {
            values.scalar(format_args!("{}", f64::from_le_bytes(wide()?)));
            at + 8
        }
        // Strings, code and symbols: a length that counts the 0 at the end.
        2 | 13 | 14 => {
            let length = length(bytes, at)?.checked_sub(1)?;
            let range = span(bytes, at + 4, length as u64)?;
            if range.end >= end || bytes.get(range.end) != Some(&0) {
                return None;
            }
            values.evidence += LENGTH;
            values.read_text(string(bytes.get(range.clone())?)?);
            let after = range.end + 1;
            values.bytes(range);
            after
        }
        5 => {
            let range = span(bytes, at + 5, length(bytes, at)? as u64)?;
            let after = range.end;
            values.bytes(range);
            after
        }
        7 => {
            let id = data_encoding::HEXLOWER.encode(&fixed::<12>(bytes, at)?);
            values.scalar(format_args!("{id}"));
            at + 12
        }
        8 => {
            let truth = *bytes.get(at)?;
            if truth > 1 {
                return None;
            }
            values.evidence += 60;
            values.scalar(format_args!("{}", truth == 1));
            at + 1
        }
        9 | 18 => {
            values.scalar(format_args!("{}", i64::from_le_bytes(wide()?)));
            at + 8
        }
        16 => {
            values.scalar(format_args!("{}", i32::from_le_bytes(fixed(bytes, at)?)));
            at + 4
        }
        17 => {
            values.scalar(format_args!("{}", u64::from_le_bytes(wide()?)));
            at + 8
        }
        // A decimal of 128 bits stays as it is.
        19 => {
            values.bytes(span(bytes, at, 16)?);
            at + 16
        }
        // A pattern and its options.
        11 => {
            let pattern = text(bytes, at, end)?;
            let options = text(bytes, pattern.end + 1, end)?;
            values.bytes(pattern);
            options.end + 1
        }
        // Undefined, null, the least and the greatest key.
        6 | 10 | 0x7f | 0xff => at,
        _ => return None,
    })
}
