//! Layer `msgpack` (MessagePack specification): maps and arrays that fill the input.
//!
//! Selector: a path as in layer `json`, `$.device['os version'][0]`; a name that is a number or bytes is
//! written in decimal or hex. Extension types are children with their bytes; nil and empty values are none.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::values::{Item, Next, big_endian, items, log2, span};

/// The layer.
pub(crate) struct MsgPack;

/// A map with a name and a value that prove anything.
const SHORTEST: usize = 8;
/// Layers are seldom MessagePack: one in 2⁸ values that are no text.
const PRIOR: i64 = 80;

impl Layer for MsgPack {
    fn name(&self) -> &'static str {
        "msgpack"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, 0x81..=0x8f | 0x91..=0x9f | 0xdc..=0xdf)
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // The first byte is never that of UTF-8.
        look.has(kind::HIGH)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        items(look.bytes, item, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = items(bytes, item, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// The item at `at` and the evidence of its head: 8 bits a byte, less −log2 of its share among items (small
/// numbers and short strings a quarter each, short maps an eighth, …); a length costs log2 of what fits.
fn item(bytes: &[u8], at: usize) -> Option<Next> {
    let first = *bytes.get(at)?;
    let from = at + 1;
    let low = u64::from(first & 0x0f);
    // Bytes of the number or length that follows, for the types that have one.
    let size = match first {
        0xc4 | 0xc7 | 0xcc | 0xd0 | 0xd9 => 1,
        0xc5 | 0xc8 | 0xcd | 0xd1 | 0xda | 0xdc | 0xde => 2,
        0xc6 | 0xc9 | 0xca | 0xce | 0xd2 | 0xdb | 0xdd | 0xdf => 4,
        0xcb | 0xcf | 0xd3 => 8,
        _ => 0,
    };
    let number = big_endian(bytes, from, size)?;
    let after = from + size;
    let length = 80 * size as i64 - log2(bytes.len());
    let signed =
        i128::from((number << (64 - 8 * size.max(1))).cast_signed() >> (64 - 8 * size.max(1)));
    Some(match first {
        0x00 | 0x01 => (Item::Int(first.into()), from, 50),
        0x02..=0x10 => (Item::Int(first.into()), from, 10),
        0x11..=0x7f => (Item::Int(first.into()), from, -20),
        0x80..=0x8f => (Item::Map(Some(low)), from, 5),
        0x90..=0x9f => (Item::Array(Some(low)), from, -5),
        0xa0..=0xbf => {
            let range = span(bytes, from, u64::from(first & 0x1f))?;
            (Item::Text(range.clone()), range.end, 10)
        }
        0xc0 => (Item::Nothing, from, 20),
        0xc2 | 0xc3 => (Item::Bool(first == 0xc3), from, 20),
        0xc4..=0xc6 => {
            let range = span(bytes, after, number)?;
            (Item::Bytes(range.clone()), range.end, length - 10)
        }
        // An extension has a type before its bytes.
        0xc7..=0xc9 => {
            let range = span(bytes, after.checked_add(1)?, number)?;
            (Item::Bytes(range.clone()), range.end, length - 20)
        }
        0xca => (
            Item::Float(f32::from_bits(number as u32).into()),
            after,
            -10,
        ),
        0xcb => (Item::Float(f64::from_bits(number)), after, -10),
        0xcc..=0xcf => (Item::Int(number.into()), after, -10),
        0xd0..=0xd3 => (Item::Int(signed), after, -10),
        0xd4..=0xd8 => {
            let range = span(bytes, from + 1, 1 << (first - 0xd4))?;
            (Item::Bytes(range.clone()), range.end, -20)
        }
        0xd9..=0xdb => {
            let range = span(bytes, after, number)?;
            (Item::Text(range.clone()), range.end, length)
        }
        0xdc | 0xdd => (Item::Array(Some(number)), after, length - 10),
        0xde | 0xdf => (Item::Map(Some(number)), after, length - 10),
        0xe0..=0xff => (Item::Int(i128::from(first.cast_signed())), from, -30),
        0xc1 => return None,
    })
}
