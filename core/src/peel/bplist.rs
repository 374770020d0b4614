//! Layer `bplist`: binary property lists of Apple, version `00` (the format is described in the public source of
//! CoreFoundation, CFBinaryPList.c): magic number, objects, a table of their places, a trailer.
//!
//! Selector: a path as in layer `json`. Dates are in seconds since 1970, with fractions; UTF-16 is given as UTF-8.
//! An object that several containers refer to is a child of each.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::Look;
use super::values::{Values, big_endian, span};

/// The layer.
pub(crate) struct Bplist;

const MAGIC: &[u8] = b"bplist00";
const TRAILER: usize = 32;
/// Magic number and trailer vouch for it; what is asked of other formats is far below.
const EVIDENCE: i64 = 800;
/// Layers are seldom property lists: one in 2¹⁰ values that are no text.
const PRIOR: i64 = 100;
/// Characters of a name that are decoded.
const LONGEST_NAME: u64 = 300;
/// Seconds from 1970 to 2001, where Apple counts from.
const EPOCH: f64 = 978_307_200.0;

impl Layer for Bplist {
    fn name(&self) -> &'static str {
        "bplist"
    }

    fn shortest(&self) -> usize {
        MAGIC.len() + TRAILER
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'b'
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(MAGIC)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        read(look.bytes, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = read(bytes, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// What the trailer says.
struct Table<'a> {
    bytes: &'a [u8],
    offset_size: usize,
    reference_size: usize,
    count: u64,
    /// Where the table of places begins; objects are before it.
    start: usize,
}

impl<'a> Table<'a> {
    fn of(bytes: &'a [u8]) -> Option<(Self, u64)> {
        let at = bytes.len().checked_sub(TRAILER)?;
        let number = |from: usize, size: usize| big_endian(bytes, at + from, size);
        let table = Table {
            bytes,
            offset_size: usize::try_from(number(6, 1)?).ok()?,
            reference_size: usize::try_from(number(7, 1)?).ok()?,
            count: number(8, 8)?,
            start: usize::try_from(number(24, 8)?).ok()?,
        };
        let sizes = 1..=8;
        let length = usize::try_from(table.count)
            .ok()?
            .checked_mul(table.offset_size)?;
        let fits = sizes.contains(&table.offset_size)
            && sizes.contains(&table.reference_size)
            && table.start >= MAGIC.len()
            && table.start.checked_add(length)? == at;
        fits.then_some((table, number(16, 8)?))
    }

    /// Where an object begins.
    fn place(&self, object: u64) -> Option<usize> {
        if object >= self.count {
            return None;
        }
        let entry = usize::try_from(object)
            .ok()?
            .checked_mul(self.offset_size)?;
        let place = big_endian(self.bytes, self.start.checked_add(entry)?, self.offset_size)?;
        let place = usize::try_from(place).ok()?;
        (place >= MAGIC.len() && place < self.start).then_some(place)
    }

    fn reference(&self, at: usize, index: u64) -> Option<u64> {
        let from = usize::try_from(index)
            .ok()?
            .checked_mul(self.reference_size)?;
        big_endian(self.bytes, at.checked_add(from)?, self.reference_size)
    }

    /// Type, count or size, and where the content begins.
    fn head(&self, object: u64) -> Option<(u8, u64, usize)> {
        let place = self.place(object)?;
        let marker = *self.bytes.get(place)?;
        let (kind, low) = (marker >> 4, marker & 0x0f);
        let counted = matches!(kind, 4..=6 | 0xa | 0xc | 0xd);
        if !counted || low != 0x0f {
            return Some((kind, low.into(), place + 1));
        }
        // The count is an integer object that follows.
        let size = *self.bytes.get(place + 1)?;
        if size & 0xf0 != 0x10 || size & 0x0f > 3 {
            return None;
        }
        let size = 1usize << (size & 0x0f);
        let count = big_endian(self.bytes, place + 2, size)?;
        Some((kind, count, place + 2 + size))
    }

    /// A string, as UTF-8.
    fn string(&self, kind: u8, count: u64, at: usize) -> Option<String> {
        if kind == 5 {
            let range = span(self.bytes, at, count)?;
            return Some(String::from_utf8_lossy(self.bytes.get(range)?).into_owned());
        }
        let range = span(self.bytes, at, count.checked_mul(2)?)?;
        let units = self
            .bytes
            .get(range)?
            .chunks_exact(2)
            .map(|pair| match *pair {
                [high, low] => u16::from_be_bytes([high, low]),
                _ => 0,
            });
        Some(
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        )
    }
}

/// An open array, set or dictionary.
struct Level {
    object: u64,
    dictionary: bool,
    count: u64,
    next: u64,
    /// Where its references begin.
    at: usize,
}

fn read(bytes: &[u8], bench: &mut Bench) -> Option<Values> {
    let (table, top) = Table::of(bytes)?;
    let mut values = Values::new("$", bytes.len(), bench);
    values.vouch(EVIDENCE);
    // Containers may refer to one another any number of times, so the visits are counted.
    let most = u64::from(bench.limits.leaves).saturating_mul(4);
    if objects(&table, top, most, &mut values).is_none() {
        bench.give_back_fields(values.fields);
        return None;
    }
    Some(values)
}

fn objects(table: &Table<'_>, top: u64, most: u64, values: &mut Values) -> Option<()> {
    let mut levels = Vec::new();
    object(table, top, values, &mut levels)?;
    let mut visited = 0u64;
    while let Some(level) = levels.last_mut() {
        visited += 1;
        if visited > most {
            values.stop("leaves", most / 4);
        }
        if values.is_full() {
            return Some(());
        }
        if level.next == level.count {
            levels.pop();
            values.close();
            continue;
        }
        let (at, index) = (level.at, level.next);
        level.next += 1;
        let reference = if level.dictionary {
            let (kind, count, from) = table.head(table.reference(at, index)?)?;
            if !matches!(kind, 5 | 6) {
                return None;
            }
            // Longer names are cut anyway, and many dictionaries may share one.
            let name = table.string(kind, count.min(LONGEST_NAME), from)?;
            values.member(&name);
            table.reference(at, level.count.checked_add(index)?)?
        } else {
            values.element(index);
            table.reference(at, index)?
        };
        // A container in itself has no end.
        if levels.iter().any(|level| level.object == reference) {
            return None;
        }
        object(table, reference, values, &mut levels)?;
    }
    Some(())
}

/// Record an object, or enter it.
fn object(
    table: &Table<'_>,
    object: u64,
    values: &mut Values,
    levels: &mut Vec<Level>,
) -> Option<()> {
    let (kind, count, at) = table.head(object)?;
    let number = |size: usize| big_endian(table.bytes, at, size);
    match (kind, count) {
        (0, 8 | 9) => values.scalar(format_args!("{}", count == 9)),
        (0, _) => {}
        // Eight bytes are signed; sixteen hold what is above that.
        (1, 0..=2) => values.scalar(format_args!("{}", number(1 << count)?)),
        (1, 3) => values.scalar(format_args!("{}", number(8)?.cast_signed())),
        (1, 4) => values.scalar(format_args!("{}", big_endian(table.bytes, at + 8, 8)?)),
        (2, 2) => values.scalar(format_args!("{}", f32::from_bits(number(4)? as u32))),
        (2, 3) => values.scalar(format_args!("{}", f64::from_bits(number(8)?))),
        (3, 3) => values.scalar(format_args!("{}", f64::from_bits(number(8)?) + EPOCH)),
        (4 | 5, _) => values.bytes(span(table.bytes, at, count)?),
        (6, _) => values.decoded(table.string(kind, count, at)?.as_bytes()),
        (8, 0..=7) => values.scalar(format_args!("{}", number(count as usize + 1)?)),
        (0xa | 0xc | 0xd, _) => {
            let dictionary = kind == 0xd;
            let references = count.checked_mul(if dictionary { 2 } else { 1 })?;
            let size = references.checked_mul(table.reference_size as u64)?;
            span(table.bytes, at, size)?;
            values.open();
            levels.push(Level {
                object,
                dictionary,
                count,
                next: 0,
                at,
            });
        }
        _ => return None,
    }
    Some(())
}
