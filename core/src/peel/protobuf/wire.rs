//! The wire format of Protocol Buffers (protobuf.dev, "Encoding"), read strictly: minimal varints, field
//! numbers that may be used, wire types 0, 1, 2, 5 and matched groups.

use std::ops::Range;

/// Largest field number.
const LARGEST_NUMBER: u64 = (1 << 29) - 1;
/// Numbers that no schema may use.
const RESERVED: Range<u64> = 19_000..20_000;
/// Most groups inside each other: what protobuf libraries allow by default.
const MOST_GROUPS: usize = 100;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2: a string, bytes, a message or packed numbers; first byte and end.
    Delimited(usize, usize),
    /// Wire types 3 and 4: a message between tags.
    Group(usize, usize),
    /// Wire type 5.
    Fixed32(u32),
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its number, 1 to 2²⁹ − 1.
    pub(super) number: u32,
    /// Where its tag begins.
    pub(super) start: usize,
    /// Bytes of its tag.
    pub(super) tag: usize,
    /// Bytes of its varint or length.
    pub(super) varint: usize,
    /// Its value.
    pub(super) value: Value,
}

/// A varint without needless bytes, and how many it has.
pub(crate) fn varint(bytes: &[u8], at: usize, end: usize) -> Option<(u64, usize)> {
    let bytes = bytes.get(at..end)?;
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            let minimal = index == 0 || byte != 0;
            return (minimal && (index < 9 || byte == 1)).then_some((value, index + 1));
        }
    }
    None
}

/// The fields of `bytes[at..end]`; the last item is `Err` where they do not lead to the end.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

/// Not a message.
#[derive(Debug)]
pub(super) struct Unsound;

impl<'a> Fields<'a> {
    pub(super) fn of(bytes: &'a [u8], at: usize, end: usize) -> Self {
        Fields { bytes, at, end }
    }

    fn tag(&self, at: usize) -> Option<(u32, u8, usize)> {
        let (tag, length) = varint(self.bytes, at, self.end)?;
        let number = tag >> 3;
        let allowed =
            number != 0 && number <= LARGEST_NUMBER && !RESERVED.contains(&number) && length <= 5;
        // The number fits in 29 bits.
        allowed.then_some((number as u32, (tag & 7) as u8, length))
    }

    /// The field at `at`, its groups not looked into, and where the next one begins.
    fn plain(&self, at: usize) -> Option<(Field, usize)> {
        let (number, wire, tag) = self.tag(at)?;
        let from = at + tag;
        let fixed = |size: usize| self.bytes.get(from..from.checked_add(size)?.min(self.end));
        let (value, varint, next) = match wire {
            0 => {
                let (value, length) = varint(self.bytes, from, self.end)?;
                (Value::Varint(value), length, from + length)
            }
            1 => {
                let value = u64::from_le_bytes(fixed(8)?.try_into().ok()?);
                (Value::Fixed64(value), 0, from + 8)
            }
            2 => {
                let (length, digits) = varint(self.bytes, from, self.end)?;
                let start = from + digits;
                let end = start.checked_add(usize::try_from(length).ok()?)?;
                if end > self.end {
                    return None;
                }
                (Value::Delimited(start, end), digits, end)
            }
            3 => (Value::Group(from, from), 0, from),
            5 => {
                let value = u32::from_le_bytes(fixed(4)?.try_into().ok()?);
                (Value::Fixed32(value), 0, from + 4)
            }
            _ => return None,
        };
        let field = Field {
            number,
            start: at,
            tag,
            varint,
            value,
        };
        Some((field, next))
    }

    fn field(&self) -> Option<(Field, usize)> {
        let (mut field, mut at) = self.plain(self.at)?;
        if !matches!(field.value, Value::Group(..)) {
            return Some((field, at));
        }
        let start = at;
        let mut open = vec![field.number];
        while let Some(&innermost) = open.last() {
            let (number, wire, tag) = self.tag(at)?;
            if wire == 4 {
                if number != innermost {
                    return None;
                }
                open.pop();
                if open.is_empty() {
                    field.value = Value::Group(start, at);
                }
                at += tag;
                continue;
            }
            let (inner, next) = self.plain(at)?;
            if matches!(inner.value, Value::Group(..)) {
                if open.len() >= MOST_GROUPS {
                    return None;
                }
                open.push(number);
            }
            at = next;
        }
        Some((field, at))
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<Field, Unsound>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        match self.field() {
            Some((field, next)) => {
                self.at = next;
                Some(Ok(field))
            }
            None => {
                self.at = self.end;
                Some(Err(Unsound))
            }
        }
    }
}
