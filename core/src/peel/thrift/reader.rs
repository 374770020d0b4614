//! From bytes to the values of a struct, in either protocol. Nothing here calls itself.

use crate::peel::protobuf::{length_evidence, number_evidence, varint};
use crate::peel::values::{Values, big_endian, log2, span, string};

/// Magic number of messages in the compact protocol,
pub(super) const COMPACT_MESSAGE: u8 = 0x82;
/// …in the binary protocol.
pub(super) const BINARY_MESSAGE: &[u8] = b"\x80\x01\x00";
/// Evidence of the byte that ends a struct: 8 bits, less that of one in eight fields being the last.
const STOP: i64 = 50;

/// Types, numbered as in the compact protocol.
mod ty {
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const I16: u8 = 4;
    pub(super) const I32: u8 = 5;
    pub(super) const I64: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const MAP: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
}

/// A type of the binary protocol, numbered as in the compact one.
fn from_binary(code: u8) -> Option<u8> {
    Some(match code {
        2 => ty::TRUE,
        3 => ty::BYTE,
        4 => ty::DOUBLE,
        6 => ty::I16,
        8 => ty::I32,
        10 => ty::I64,
        11 => ty::BINARY,
        12 => ty::STRUCT,
        13 => ty::MAP,
        14 => ty::SET,
        15 => ty::LIST,
        _ => return None,
    })
}

/// An open container.
enum Level {
    Struct {
        last: i64,
    },
    List {
        element: u8,
        left: u64,
        index: u64,
    },
    Map {
        key: u8,
        value: u8,
        left: u64,
        index: u64,
        /// The next item is a value; the path is inside its pair.
        inside: bool,
    },
}

fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// Reads one protocol.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    compact: bool,
}

impl<'a> Reader<'a> {
    /// At the beginning.
    pub(super) fn of(bytes: &'a [u8], compact: bool) -> Self {
        Reader {
            bytes,
            at: 0,
            compact,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<(u64, usize)> {
        let (value, size) = varint(self.bytes, self.at, self.bytes.len())?;
        self.at += size;
        Some((value, size))
    }

    fn fixed(&mut self, size: usize) -> Option<u64> {
        let value = big_endian(self.bytes, self.at, size)?;
        self.at += size;
        Some(value)
    }

    /// A length or count, and its evidence.
    fn length(&mut self) -> Option<(u64, i64)> {
        let (value, evidence) = if self.compact {
            let (value, size) = self.varint()?;
            let left = self.bytes.len().saturating_sub(self.at);
            (
                value,
                length_evidence(usize::try_from(value).ok()?, size, left),
            )
        } else {
            (self.fixed(4)?, 300 - log2(self.bytes.len()))
        };
        // Everything counted has a byte at least.
        (value <= self.bytes.len() as u64).then_some((value, evidence))
    }

    /// Read all of the input; `None` when it is not one struct or message.
    pub(super) fn message(&mut self, values: &mut Values) -> Option<()> {
        if self
            .envelope(values)?
            .is_some_and(|kind| !(1..=4).contains(&kind))
        {
            return None;
        }
        let mut levels = vec![Level::Struct { last: 0 }];
        while !levels.is_empty() {
            if values.is_full() {
                return Some(());
            }
            self.next(&mut levels, values)?;
        }
        (self.at == self.bytes.len()).then_some(())
    }

    /// The envelope of a call, an answer, an exception or a call without answer, if there is one: its type.
    fn envelope(&mut self, values: &mut Values) -> Option<Option<u8>> {
        let kind = if self.compact && self.bytes.first() == Some(&COMPACT_MESSAGE) {
            let version = *self.bytes.get(1)?;
            self.at = 2;
            let (_sequence, _) = self.varint()?;
            if version & 0x1f != 1 {
                return None;
            }
            version >> 5
        } else if !self.compact && self.bytes.starts_with(BINARY_MESSAGE) {
            self.at = 4;
            *self.bytes.get(3)?
        } else {
            return Some(None);
        };
        let (length, evidence) = self.length()?;
        let name = span(self.bytes, self.at, length)?;
        self.at = name.end;
        values.evidence += evidence + 100;
        values.read_text(string(self.bytes.get(name.clone())?)?);
        values.member("method");
        values.bytes(name);
        if !self.compact {
            self.fixed(4)?;
        }
        Some(Some(kind))
    }

    /// One field, element, or end.
    fn next(&mut self, levels: &mut Vec<Level>, values: &mut Values) -> Option<()> {
        match levels.last_mut()? {
            Level::Struct { last } => {
                let Some((code, id)) = self.field(*last, values)? else {
                    levels.pop();
                    values.close();
                    return Some(());
                };
                *last = id;
                values.field(id);
                // In a field the compact type is the boolean.
                if self.compact && matches!(code, ty::TRUE | ty::FALSE) {
                    values.scalar(format_args!("{}", code == ty::TRUE));
                    return Some(());
                }
                self.value(code, levels, values)
            }
            Level::List {
                element,
                left,
                index,
            } => {
                if *left == 0 {
                    levels.pop();
                    values.close();
                    return Some(());
                }
                *left -= 1;
                values.element(*index);
                *index += 1;
                let element = *element;
                self.value(element, levels, values)
            }
            Level::Map {
                key,
                value,
                left,
                index,
                inside,
            } => {
                if *inside {
                    *inside = false;
                    let value = *value;
                    values.member("value");
                    return self.value(value, levels, values);
                }
                // The pair before has been left by `member`; its own level is closed here.
                if *index > 0 {
                    values.close();
                }
                if *left == 0 {
                    levels.pop();
                    values.close();
                    return Some(());
                }
                *left -= 1;
                values.element(*index);
                values.open();
                *index += 1;
                *inside = true;
                values.member("key");
                let key = *key;
                self.value(key, levels, values)
            }
        }
    }

    /// Type and id of the next field; `None` inside at the end of the struct. Evidence: 8 bits a byte, less the
    /// type (a string, or a number of 32 or 64 bits, one in four) and the step from the last id (one mostly).
    fn field(&mut self, last: i64, values: &mut Values) -> Option<Option<(u8, i64)>> {
        let head = self.byte()?;
        if head == 0 {
            values.evidence += STOP;
            return Some(None);
        }
        let (code, id, bytes) = if self.compact {
            let code = head & 15;
            let step = head >> 4;
            if step != 0 {
                (code, last.checked_add(step.into())?, 1)
            } else {
                let (id, size) = self.varint()?;
                (code, zigzag(id), 1 + size as i64)
            }
        } else {
            let id = self.fixed(2)? as u16;
            (from_binary(head)?, i64::from(id.cast_signed()), 3)
        };
        if !(1..=12).contains(&code) || i16::try_from(id).is_err() || id < 0 {
            return None;
        }
        let frequent = matches!(code, ty::BINARY | ty::I32 | ty::I64);
        let step = match id.checked_sub(last)? {
            1 => 10,
            step @ 2.. => 20 + 2 * log2(usize::try_from(step).ok()?),
            _ => 60,
        };
        values.evidence += 80 * bytes - step - if frequent { 20 } else { 45 };
        Some(Some((code, id)))
    }

    fn value(&mut self, code: u8, levels: &mut Vec<Level>, values: &mut Values) -> Option<()> {
        match code {
            ty::TRUE | ty::FALSE => {
                let truth = match (self.byte()?, self.compact) {
                    (1, _) => true,
                    (0, false) | (2, true) => false,
                    _ => return None,
                };
                values.evidence += 60;
                values.scalar(format_args!("{truth}"));
            }
            ty::BYTE => {
                let byte = self.byte()?.cast_signed();
                values.scalar(format_args!("{byte}"));
            }
            ty::I16 | ty::I32 | ty::I64 => self.number(code, values)?,
            ty::DOUBLE => {
                let bits = self.fixed(8)?;
                // The compact protocol writes the least significant byte first.
                let bits = if self.compact {
                    bits.swap_bytes()
                } else {
                    bits
                };
                values.scalar(format_args!("{}", f64::from_bits(bits)));
            }
            ty::BINARY => {
                let (length, evidence) = self.length()?;
                let range = span(self.bytes, self.at, length)?;
                self.at = range.end;
                let held = string(self.bytes.get(range.clone())?);
                values.evidence += evidence - 10;
                values.read_text(held.unwrap_or(0).max(0));
                values.bytes(range);
            }
            ty::LIST | ty::SET => {
                let (element, left) = self.list(values)?;
                values.open();
                levels.push(Level::List {
                    element,
                    left,
                    index: 0,
                });
            }
            ty::MAP => {
                let (key, value, left) = self.map(values)?;
                values.open();
                levels.push(Level::Map {
                    key,
                    value,
                    left,
                    index: 0,
                    inside: false,
                });
            }
            ty::STRUCT => {
                values.open();
                levels.push(Level::Struct { last: 0 });
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self, code: u8, values: &mut Values) -> Option<()> {
        let number = if self.compact {
            let (value, size) = self.varint()?;
            values.evidence += number_evidence(value, size);
            zigzag(value)
        } else {
            let size = match code {
                ty::I16 => 2,
                ty::I32 => 4,
                _ => 8,
            };
            let value = self.fixed(size)?;
            let unused = 64 - 8 * size as u32;
            // Small numbers have zeros above.
            let zeros = i64::from(value.leading_zeros().saturating_sub(unused) / 8);
            values.evidence += (zeros * 60 - 20).min(200);
            (value << unused).cast_signed() >> unused
        };
        let fits = match code {
            ty::I16 => i16::try_from(number).is_ok(),
            ty::I32 => i32::try_from(number).is_ok(),
            _ => true,
        };
        values.scalar(format_args!("{number}"));
        fits.then_some(())
    }

    fn list(&mut self, values: &mut Values) -> Option<(u8, u64)> {
        let head = self.byte()?;
        let (element, left) = match (self.compact, head >> 4) {
            (true, 15) => {
                let (left, evidence) = self.length()?;
                values.evidence += evidence;
                (head & 15, left)
            }
            (true, left) => (head & 15, left.into()),
            (false, _) => {
                let (left, evidence) = self.length()?;
                values.evidence += evidence + 40;
                (from_binary(head)?, left)
            }
        };
        (1..=12).contains(&element).then_some((element, left))
    }

    fn map(&mut self, values: &mut Values) -> Option<(u8, u8, u64)> {
        if self.compact {
            let (left, evidence) = self.length()?;
            values.evidence += evidence;
            if left == 0 {
                return Some((ty::BYTE, ty::BYTE, 0));
            }
            let types = self.byte()?;
            let (key, value) = (types >> 4, types & 15);
            let known = (1..=12).contains(&key) && (1..=12).contains(&value);
            return known.then_some((key, value, left));
        }
        let (key, value) = (self.byte()?, self.byte()?);
        let (left, evidence) = self.length()?;
        values.evidence += evidence + 40;
        match (from_binary(key), from_binary(value)) {
            (Some(key), Some(value)) => Some((key, value, left)),
            // An empty map may leave its types out.
            _ if left == 0 => Some((ty::BYTE, ty::BYTE, 0)),
            _ => None,
        }
    }
}
