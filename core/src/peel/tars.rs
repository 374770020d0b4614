//! Layer `tars`: structs of the TARS protocol (TarsCloud, "The Tars protocol"; JCE before), that fill the input, with
//! or without four bytes before them that tell the length of the whole.
//!
//! Selector: tags with dots between them, `7.2`; `[n]` for elements of lists, `[n].key` and `[n].value` for those
//! of maps. Numbers must be in their shortest form and tags ascend, as all writers write them.

use std::ops::Range;

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::media;
use super::values::{Values, big_endian, log2, span, string};

/// The layer.
pub(crate) struct Tars;

/// Fields that prove anything.
const SHORTEST: usize = 12;
/// Fewer values prove nothing: a piece of ASN.1 with a string and a number looks the same.
const FEWEST: usize = 3;
/// Layers are seldom TARS: one in 2¹⁰ values that are no text.
const PRIOR: i64 = 100;

impl Layer for Tars {
    fn name(&self) -> &'static str {
        "tars"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        // The length of the whole, or the head of a field with a small tag.
        first == 0 || (first >> 4 <= 2 && matches!(first & 15, 0..=10 | 12 | 13))
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.has(kind::CONTROL | kind::HIGH)
            && !look.is_text()
            && (look.bytes.first() != Some(&0)
                || prefixed(look.bytes)
                || look.bytes.get(1).is_some_and(|byte| *byte >> 4 <= 2))
            && !media::known(look.bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let values = read(look.bytes, bench)?;
        if values.fields.list.len() < FEWEST {
            bench.give_back_fields(values.fields);
            return None;
        }
        values.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = read(bytes, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// Is there a length of the whole before the struct?
fn prefixed(bytes: &[u8]) -> bool {
    big_endian(bytes, 0, 4) == Some(bytes.len() as u64)
}

/// An open container.
enum Level {
    /// A struct, and the tag below which none may follow.
    Struct {
        next: u16,
        /// The outermost one ends with the input, all others with a mark.
        outermost: bool,
    },
    List {
        left: u64,
        index: u64,
    },
    Map {
        left: u64,
        index: u64,
        inside: bool,
    },
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

fn read(bytes: &[u8], bench: &mut Bench) -> Option<Values> {
    let mut values = Values::new("", bytes.len(), bench);
    let mut reader = Reader { bytes, at: 0 };
    if prefixed(bytes) {
        reader.at = 4;
        values.evidence = 200;
    }
    if reader.all(&mut values).is_none() {
        bench.give_back_fields(values.fields);
        return None;
    }
    Some(values)
}

impl Reader<'_> {
    /// Tag and type of the next field.
    fn head(&mut self) -> Option<(u16, u8)> {
        let head = *self.bytes.get(self.at)?;
        self.at += 1;
        let tag = match head >> 4 {
            15 => {
                let tag = *self.bytes.get(self.at)?;
                self.at += 1;
                // Smaller tags fit into the head.
                (tag >= 15).then_some(tag)?
            }
            tag => tag,
        };
        Some((tag.into(), head & 15))
    }

    fn all(&mut self, values: &mut Values) -> Option<()> {
        let mut levels = vec![Level::Struct {
            next: 0,
            outermost: true,
        }];
        while let Some(level) = levels.last_mut() {
            if values.is_full() {
                return Some(());
            }
            match level {
                Level::Struct { outermost, .. } if *outermost && self.at == self.bytes.len() => {
                    return Some(());
                }
                Level::Struct { next, outermost } => {
                    let (tag, kind) = self.head()?;
                    if kind == 11 && tag == 0 && !*outermost {
                        values.evidence += 50;
                        levels.pop();
                        values.close();
                        continue;
                    }
                    let step = tag.checked_sub(*next)?;
                    *next = tag + 1;
                    // 8 bits, less the type and the step from the last tag.
                    let frequent = matches!(kind, 0 | 2 | 3 | 6 | 12);
                    values.evidence +=
                        65 - 2 * log2(usize::from(step) + 1) - if frequent { 25 } else { 45 };
                    values.field(tag.into());
                    self.value(kind, &mut levels, values)?;
                }
                Level::List { left, index } => {
                    if *left == 0 {
                        levels.pop();
                        values.close();
                        continue;
                    }
                    *left -= 1;
                    values.element(*index);
                    *index += 1;
                    let kind = self.tagged(0, values)?;
                    self.value(kind, &mut levels, values)?;
                }
                Level::Map {
                    left,
                    index,
                    inside,
                } => {
                    if *inside {
                        *inside = false;
                        values.member("value");
                        let kind = self.tagged(1, values)?;
                        self.value(kind, &mut levels, values)?;
                        continue;
                    }
                    if *index > 0 {
                        values.close();
                    }
                    if *left == 0 {
                        levels.pop();
                        values.close();
                        continue;
                    }
                    *left -= 1;
                    values.element(*index);
                    values.open();
                    *index += 1;
                    *inside = true;
                    values.member("key");
                    let kind = self.tagged(0, values)?;
                    self.value(kind, &mut levels, values)?;
                }
            }
        }
        None
    }

    /// The type of the item that follows, which must have this tag.
    fn tagged(&mut self, wanted: u16, values: &mut Values) -> Option<u8> {
        let (tag, kind) = self.head()?;
        values.evidence += 40;
        (tag == wanted).then_some(kind)
    }

    /// A count or length, written as a number with tag 0.
    fn count(&mut self) -> Option<u64> {
        let (tag, kind) = self.head()?;
        let count = self.integer(kind)?;
        let count = u64::try_from(count).ok()?;
        (tag == 0 && count <= self.bytes.len() as u64).then_some(count)
    }

    /// A whole number in its shortest form.
    fn integer(&mut self, kind: u8) -> Option<i64> {
        let size = match kind {
            0 => 1usize,
            1 => 2,
            2 => 4,
            3 => 8,
            12 => return Some(0),
            _ => return None,
        };
        let unused = 64 - 8 * size as u32;
        let value = big_endian(self.bytes, self.at, size)?;
        self.at += size;
        let value = (value << unused).cast_signed() >> unused;
        let shorter = match kind {
            0 => value == 0,
            1 => i8::try_from(value).is_ok(),
            2 => i16::try_from(value).is_ok(),
            _ => i32::try_from(value).is_ok(),
        };
        (!shorter).then_some(value)
    }

    fn take(&mut self, length: u64) -> Option<Range<usize>> {
        let range = span(self.bytes, self.at, length)?;
        self.at = range.end;
        Some(range)
    }

    fn value(&mut self, kind: u8, levels: &mut Vec<Level>, values: &mut Values) -> Option<()> {
        match kind {
            0..=3 | 12 => {
                let value = self.integer(kind)?;
                values.evidence += match kind {
                    0 if (1..=16).contains(&value) => 15,
                    0 => -10,
                    // Zeros above.
                    2 if value > 0 && value < 1 << 24 => 40,
                    3 if value > 0 && value < 1 << 48 => 130,
                    _ => 0,
                };
                values.scalar(format_args!("{value}"));
            }
            4 => {
                let bits = big_endian(self.bytes, self.at, 4)? as u32;
                self.at += 4;
                values.scalar(format_args!("{}", f32::from_bits(bits)));
            }
            5 => {
                let bits = big_endian(self.bytes, self.at, 8)?;
                self.at += 8;
                values.scalar(format_args!("{}", f64::from_bits(bits)));
            }
            6 | 7 => {
                let size = if kind == 6 { 1 } else { 4 };
                let length = big_endian(self.bytes, self.at, size)?;
                self.at += size;
                if kind == 7 && length <= u8::MAX.into() {
                    return None;
                }
                let range = self.take(length)?;
                let held = string(self.bytes.get(range.clone())?);
                values.evidence += 80 * size as i64 - log2(self.bytes.len()) - 20;
                values.evidence -= 10;
                values.read_text(held.unwrap_or(0).max(0));
                values.bytes(range);
            }
            8 => {
                let left = self.count()?;
                values.evidence += 60;
                values.open();
                levels.push(Level::Map {
                    left,
                    index: 0,
                    inside: false,
                });
            }
            9 => {
                let left = self.count()?;
                values.evidence += 60;
                values.open();
                levels.push(Level::List { left, index: 0 });
            }
            10 => {
                values.open();
                levels.push(Level::Struct {
                    next: 0,
                    outermost: false,
                });
            }
            // Bytes: the head of an element, then how many.
            13 => {
                if self.head()? != (0, 0) {
                    return None;
                }
                let length = self.count()?;
                values.evidence += 100;
                let range = self.take(length)?;
                values.bytes(range);
            }
            _ => return None,
        }
        Some(())
    }
}
