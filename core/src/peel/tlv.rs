//! Layer `tlv`: values in a row that fill the input, each behind its length and mostly behind a tag, as chip cards,
//! DHCP and many records of devices have them.
//!
//! Selector: how tags and lengths are written, the tag, and which of several (`t1-ber.4`, `t1-ber.4#2`); without tags
//! the number of the value (`u8[0]`). Tags have one byte or two; lengths are `u8`, `u16be`, `u16le`, or `ber` as in
//! ASN.1 (X.690, 8.1.3). Of all ways to write them the one with the most evidence is taken, if it is enough: lengths
//! must fit, and the values must be readable.

use std::ops::Range;

use super::bench::Bench;
use super::layer::{Context, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::values::{Values, is_filler, log2};
use super::{search, text, values};

/// The layer.
pub(crate) struct Tlv;

/// Two values that prove anything.
const SHORTEST: usize = 12;
/// How rare it is: one of some 4,000 values that are no text (12 bits), and which of the ways it is (3 bits).
const PRIOR: i64 = 150;
/// A text of less says nothing.
const SHORTEST_TEXT: usize = 3;
/// And from tags and lengths: texts alone are worth much in any value that is mostly text.
const ROW: i64 = 100;
/// Bytes from which on a value may be torn.
const TORN: usize = 8;
/// Evidence that must come from texts.
const READABLE: i64 = 200;
/// A value is readable or it is not: one bit.
const CHOICE: i64 = 10;
/// What is so improbable is no such row: the rest is not looked at.
const HOPELESS: i64 = -400;

/// How lengths are written.
#[derive(Clone, Copy)]
enum Length {
    U8,
    U16Be,
    U16Le,
    Ber,
}

/// The ways, with how selectors begin: bytes of the tag, and the length. The commonest come first.
const WAYS: [(&str, usize, Length); 8] = [
    ("t1-ber", 1, Length::Ber),
    ("t1-u8", 1, Length::U8),
    ("u8", 0, Length::U8),
    ("ber", 0, Length::Ber),
    ("t2-u16be", 2, Length::U16Be),
    ("t2-u16le", 2, Length::U16Le),
    ("t1-u16be", 1, Length::U16Be),
    ("t1-u16le", 1, Length::U16Le),
];

impl Length {
    /// A length and how many bytes it takes.
    fn read(self, bytes: &[u8]) -> Option<(usize, usize)> {
        let two = || bytes.first_chunk::<2>().copied();
        Some(match self {
            Length::U8 => (usize::from(*bytes.first()?), 1),
            Length::U16Be => (usize::from(u16::from_be_bytes(two()?)), 2),
            Length::U16Le => (usize::from(u16::from_le_bytes(two()?)), 2),
            Length::Ber => {
                let first = usize::from(*bytes.first()?);
                if first < 0x80 {
                    return Some((first, 1));
                }
                let size = first & 0x7f;
                if !(1..=4).contains(&size) {
                    return None;
                }
                let length = values::big_endian(bytes, 1, size)?;
                (usize::try_from(length).ok()?, 1 + size)
            }
        })
    }
}

/// One value.
struct Item {
    tag: u64,
    value: Range<usize>,
    /// Bytes of its length.
    size: usize,
}

fn item(bytes: &[u8], at: usize, tag: usize, length: Length) -> Option<Item> {
    let number = values::big_endian(bytes, at, tag)?;
    let (count, size) = length.read(bytes.get(at + tag..)?)?;
    let value = values::span(bytes, at + tag + size, count as u64)?;
    Some(Item {
        tag: number,
        value,
        size,
    })
}

/// Bytes that are in no text of ASCII.
fn is_odd(byte: u8) -> bool {
    byte >= 0x7f || (byte < b' ' && !byte.is_ascii_whitespace())
}

/// What an odd byte is worth where the row says that one stands, in tenths of a bit: what its place would cost if the
/// whole were a text with odd bytes in it.
fn place(bytes: &[u8]) -> i64 {
    let odd = bytes.iter().filter(|&&byte| is_odd(byte)).count();
    log2(bytes.len() / odd.max(1))
}

/// What speaks for one value, in tenths of a bit. First what its tag and length say: that the length fits, 8 bits a byte
/// (5 where it is a character) less log2 of those that would, and that odd bytes stand there. Then its text; what is no
/// text says nothing, and neither does nothing.
fn evidence(bytes: &[u8], at: usize, item: &Item, place: i64) -> (i64, i64) {
    let value = bytes.get(item.value.clone()).unwrap_or_default();
    if value.is_empty() {
        return (0, 0);
    }
    let control = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_control);
    let readable = match text::evidence(value) {
        // Small numbers are tabs and line ends too.
        _ if value.len() < SHORTEST_TEXT || control(value.first()) || control(value.last()) => 0,
        // That a run of one byte ends with its value is all that it says.
        Some(_) if is_filler(value) => log2(value.len()),
        Some(found) => found,
        None => 0,
    };
    let head = bytes.get(at..item.value.start).unwrap_or_default();
    let (_, length) = head.split_at(head.len().saturating_sub(item.size));
    let cost: i64 = length
        .iter()
        .map(|&byte| if is_odd(byte) { 80 } else { 50 })
        .sum();
    let left = bytes.len() - item.value.start + 1;
    let odd = head.iter().filter(|&&byte| is_odd(byte)).count() as i64;
    let places = if readable > 0 { odd * place } else { 0 };
    (cost - log2(left) - CHOICE + places, readable)
}

/// True for texts with something else between them: a row that was cut in the wrong places, unless it has a structure.
fn looks_torn(value: &[u8]) -> bool {
    let control = |c: char| c.is_ascii_control() && !c.is_ascii_whitespace();
    let printable = value.iter().filter(|byte| matches!(byte, b' '..=b'~'));
    value.len() >= TORN
        && printable.count() * 4 >= value.len() * 3
        && std::str::from_utf8(value).is_ok_and(|text| text.contains(control))
}

/// True when no value is torn.
fn is_whole(bytes: &[u8], way: usize, context: Context, bench: &mut Bench) -> bool {
    let Some(&(_, tag, length)) = WAYS.get(way) else {
        return false;
    };
    let mut at = 0;
    while let Some(item) = item(bytes, at, tag, length) {
        at = item.value.end;
        let value = bytes.get(item.value).unwrap_or_default();
        if looks_torn(value) {
            match search::open(value, context.child(Standing::Encoded), bench) {
                Some(opened) => bench.discard(opened),
                None => return false,
            }
        }
    }
    true
}

/// The evidence of a way, if its values fill the input.
fn weigh(bytes: &[u8], tag: usize, length: Length, place: i64) -> Option<i64> {
    let (mut at, mut row, mut readable) = (0usize, 0i64, 0i64);
    let (mut count, mut empty) = (0usize, 0usize);
    while at < bytes.len() {
        let item = item(bytes, at, tag, length)?;
        let (heads, reads) = evidence(bytes, at, &item, place);
        at = item.value.end;
        row += heads;
        readable += reads;
        count += 1;
        empty += usize::from(item.value.is_empty());
        if row < HOPELESS {
            return None;
        }
    }
    // Zeros would be rows of empty values.
    let enough = count > 1 && empty * 4 <= count && readable >= READABLE && row >= ROW;
    enough.then_some(row + readable)
}

/// The way with the most evidence.
fn best(bytes: &[u8]) -> Option<(usize, i64)> {
    let place = place(bytes);
    let weighed = WAYS.iter().enumerate().filter_map(|(at, way)| {
        let &(_, tag, length) = way;
        Some((at, weigh(bytes, tag, length, place)?))
    });
    // The first of those that are equal.
    weighed.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

fn read(bytes: &[u8], way: &str, evidence: i64, bench: &mut Bench) -> Option<Values> {
    let &(name, tag, length) = WAYS.iter().find(|(name, _, _)| *name == way)?;
    let mut values = Values::new(name, bytes.len(), bench);
    values.vouch(evidence);
    let (mut at, mut number) = (0, 0);
    while at < bytes.len() && !values.is_full() {
        let Some(item) = item(bytes, at, tag, length) else {
            bench.give_back_fields(values.fields);
            return None;
        };
        if tag == 0 {
            values.element(number);
        } else {
            values.field(item.tag.cast_signed());
        }
        number += 1;
        at = item.value.end;
        values.bytes(item.value);
    }
    Some(values)
}

impl Layer for Tlv {
    fn name(&self) -> &'static str {
        "tlv"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn needs(&self) -> u32 {
        kind::CONTROL | kind::HIGH | kind::LINE
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.depth_left > 1 && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let (place, evidence) = best(look.bytes)?;
        if evidence < PRIOR || !is_whole(look.bytes, place, context, bench) {
            return None;
        }
        let (way, _, _) = WAYS.get(place)?;
        read(look.bytes, way, evidence, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let way = selector.split(['.', '[']).next()?;
        let values = read(bytes, way, 0, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// The inverse, for tests and the fuzzer: tags of one byte, lengths as in ASN.1.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(items: &[(u8, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, value) in items {
        out.push(*tag);
        let length = (value.len() as u32).to_be_bytes();
        match value.len() {
            0..=0x7f => out.push(length[3]),
            0x80..=0xff => out.extend([0x81, length[3]]),
            0x100..=0xffff => out.extend([0x82, length[2], length[3]]),
            _ => {
                out.push(0x84);
                out.extend(length);
            }
        }
        out.extend_from_slice(value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;

    #[test]
    fn rows_with_and_without_tags() {
        assert_eq!(
            shown("tlv", b"\x05House\x04room\x04door"),
            ["u8[0] = House", "u8[1] = room", "u8[2] = door"]
        );
        assert_eq!(
            shown("tlv", b"\x04\x05House\x05\x04room\x42\x04door"),
            ["t1-ber.4 = House", "t1-ber.5 = room", "t1-ber.66 = door"]
        );
        assert_eq!(
            shown("tlv", b"\x01\x05Hello\x01\x81\x05World"),
            ["t1-ber.1 = Hello", "t1-ber.1#2 = World"]
        );
        assert_eq!(
            shown(
                "tlv",
                b"\0\x01\0\x08Model 12\0\x02\0\x04\xc0\0\x02\x01\x01\0\0\x0boneplus.com"
            ),
            [
                "t2-u16be.1 = Model 12",
                "t2-u16be.2 = \u{fffd}\0\u{2}\u{1}",
                "t2-u16be.256 = oneplus.com"
            ]
        );
    }

    #[test]
    fn what_does_not_fill_or_reads_badly_is_none() {
        for bytes in [
            &b"\x05House\x04room\x05door"[..],
            b"\x0cHouse and roo",
            b"\0\0\0\0\0\0\0\0\0\x05House\0\0",
            b"\x04\xff\xfe\xfd\xfc\x04\xef\xee\xed\xec\x04\xdf\xde\xdd\xdc",
            b"\x14ay\0\x07network\0\x0bnetworkI\x05nfo\0\x03\x05World",
            b"\x02\x05\x0a\x09\x0a\x0d\x09\x03\x04\x0a\x0d\x0a\x0d\x04\x02\x0a\x0a",
        ] {
            assert!(shown("tlv", bytes).is_empty(), "{bytes:02x?}");
        }
        // A text under one byte: letters that are lengths, and hardly an odd byte.
        let mut letters = Vec::new();
        for length in [110u8, 56, 127, 99, 45] {
            letters.push(length);
            letters.extend((0..usize::from(length)).map(|at| b'a' + (at * 7 % 26) as u8));
        }
        assert!(shown("tlv", &letters).is_empty());
    }
}
