//! Layer `flatbuffers` (flatbuffers.dev, "Internals"): recognised, and not read.
//!
//! Without its schema a field tells neither its kind nor its name, so nothing is taken apart: the value stays whole
//! and is searched as it is; strings stand in it as plain UTF-8. It is said what it is.
//!
//! A buffer with its length before it is a message of layer `length-prefixed`.
//!
//! What is checked: the offset of the root table, the table's distance to its vtable, the sizes in it, every field
//! inside its table, and strings with their length and the zero behind them.

use super::bench::Bench;
use super::fields::Fields;
use super::layer::{Context, Flaw, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::text;

/// The layer.
pub(crate) struct FlatBuffers;

/// An offset, a vtable of one field, a table of one field and a string of four bytes.
const SHORTEST: usize = 28;
/// Evidence asked, in tenths of a bit; the prior is in it (one in 2¹⁰ values).
const ASKED: i64 = 300;
/// Asked more after a decompressor that proves nothing itself.
const UNCHECKED: i64 = 60;
/// Part of it that strings give.
const READABLE: i64 = 100;
/// Fields of a table that are looked at.
const MOST_FIELDS: usize = 512;
/// Tables that are looked at.
const MOST_TABLES: usize = 16;

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?).into())
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

fn log2(value: usize) -> i64 {
    i64::from(value.max(1).ilog2()) * 10
}

/// Evidence of a string at `at`; `None` when there is none.
fn string(bytes: &[u8], at: usize) -> Option<i64> {
    let length = u32_at(bytes, at)?;
    let start = at.checked_add(4)?;
    let end = start.checked_add(length)?;
    if length == 0 || !at.is_multiple_of(4) || bytes.get(end) != Some(&0) {
        return None;
    }
    let found = text::evidence(bytes.get(start..end)?)?;
    // A length that fits, and the zero.
    Some(found.max(0) + 320 - log2(bytes.len()) + 80)
}

/// Evidence of the table at `at` and of the strings it points to; tables that it may point to are put on `rest`.
fn table(bytes: &[u8], at: usize, rest: &mut Vec<usize>) -> Option<(i64, i64)> {
    let distance = i32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?);
    let vtable = i64::try_from(at).ok()?.checked_sub(distance.into())?;
    let vtable = usize::try_from(vtable).ok().filter(|&at| at >= 4)?;
    let (size, inline) = (u16_at(bytes, vtable)?, u16_at(bytes, vtable + 2)?);
    let sound = at.is_multiple_of(4)
        && vtable.is_multiple_of(2)
        && size >= 6
        && size.is_multiple_of(2)
        && vtable.checked_add(size)? <= bytes.len()
        && inline >= 5
        && at.checked_add(inline)? <= bytes.len();
    if !sound {
        return None;
    }
    let fields = (size - 4) / 2;
    if fields > MOST_FIELDS {
        return None;
    }
    // The distance, and two sizes that are small.
    let mut structure = 320 - log2(bytes.len()) - 10 + 320 - 2 * log2(size) - 2 * log2(inline) - 60;
    let mut strings = 0;
    let mut used = 0usize;
    for place in 0..fields {
        let offset = u16_at(bytes, vtable + 4 + 2 * place)?;
        if offset == 0 {
            structure += 20;
            continue;
        }
        if offset < 4 || offset >= inline {
            return None;
        }
        used += 1;
        structure += 160 - log2(inline) - 20;
        let field = at + offset;
        if let Some(distance) = u32_at(bytes, field).filter(|distance| *distance >= 4)
            && let Some(target) = field.checked_add(distance)
            && target < bytes.len()
        {
            match string(bytes, target) {
                Some(found) => strings += found,
                None => rest.push(target),
            }
        }
    }
    (used > 0).then_some((structure.min(640), strings))
}

/// Evidence in tenths of a bit: of the structure, and of strings.
fn evidence(bytes: &[u8]) -> Option<(i64, i64)> {
    let root = u32_at(bytes, 0)?;
    if root < 4 || root >= bytes.len() {
        return None;
    }
    let mut rest = Vec::new();
    let (mut structure, mut strings) = table(bytes, root, &mut rest)?;
    structure += 320 - log2(bytes.len());
    let mut deeper = Vec::new();
    for at in rest.into_iter().take(MOST_TABLES) {
        if let Some((_, more)) = table(bytes, at, &mut deeper) {
            strings += more;
        }
    }
    Some((structure, strings))
}

impl Layer for FlatBuffers {
    fn name(&self) -> &'static str {
        "flatbuffers"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_multiple_of(4)
    }

    fn needs(&self) -> u32 {
        kind::CONTROL
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.has(kind::CONTROL)
    }

    fn open(&self, look: &Look<'_>, context: Context, _bench: &mut Bench) -> Option<Opened> {
        let asked = match context.standing {
            Standing::Unchecked => ASKED + UNCHECKED,
            Standing::Given | Standing::Encoded => ASKED,
        };
        let (structure, strings) = evidence(look.bytes)?;
        let proven = strings >= READABLE && structure + strings >= asked;
        proven.then(|| Opened::Many {
            layer: self.name(),
            fields: Fields {
                flaw: Some(Flaw::Unread),
                ..Fields::default()
            },
        })
    }

    /// It has no children.
    fn follow(&self, _bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        None
    }
}

/// A writer for tests: a root table of strings and numbers, as the common builders lay it out.
#[cfg(test)]
pub(crate) fn encode(strings: &[&str], numbers: &[u32]) -> Vec<u8> {
    let fields = strings.len() + numbers.len();
    let size = 4 + 2 * fields;
    let vtable = 4usize;
    let table = (vtable + size).next_multiple_of(4);
    let inline = 4 + 4 * fields;
    let mut out = vec![0u8; table + inline];
    let put = |out: &mut Vec<u8>, at: usize, bytes: &[u8]| {
        out[at..at + bytes.len()].copy_from_slice(bytes)
    };
    put(&mut out, 0, &(table as u32).to_le_bytes());
    put(&mut out, vtable, &(size as u16).to_le_bytes());
    put(&mut out, vtable + 2, &(inline as u16).to_le_bytes());
    put(&mut out, table, &((table - vtable) as i32).to_le_bytes());
    for field in 0..fields {
        put(
            &mut out,
            vtable + 4 + 2 * field,
            &((4 + 4 * field) as u16).to_le_bytes(),
        );
    }
    for (place, number) in numbers.iter().enumerate() {
        let at = table + 4 + 4 * (strings.len() + place);
        put(&mut out, at, &number.to_le_bytes());
    }
    for (place, string) in strings.iter().enumerate() {
        let at = table + 4 + 4 * place;
        let distance = (out.len() - at) as u32;
        put(&mut out, at, &distance.to_le_bytes());
        out.extend((string.len() as u32).to_le_bytes());
        out.extend(string.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}
