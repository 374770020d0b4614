//! Layer `avro`: an object container file of Apache Avro (specification 1.11, "Object Container Files"): its schema,
//! then blocks that each end in the same sixteen bytes, which prove it.
//!
//! Selector: the number of the object and a path as in layer `json`, with names out of the schema:
//! `$[0].device.model`. A union stands for the branch that was written; null and empty values are no children.

use super::avro_schema::{Id, Schema, Type};
use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::values::{Values, span};
use super::{bzip2, deflate, snappy, xz, zstd};

/// The layer.
pub(crate) struct Avro;

const MAGIC: &[u8] = b"Obj\x01";
/// The marker between blocks.
const SYNC: usize = 16;
/// Magic number, schema, marker.
const SHORTEST: usize = MAGIC.len() + 16 + SYNC;
/// A file is seldom of Avro: one in 2¹⁰.
const PRIOR: i64 = 100;
/// What a marker proves behind a block: its 128 bits; the magic number alone 32.
const BLOCK: i64 = 1280;
const BEGINNING: i64 = 320;
/// Nesting of data that is read.
const DEPTH: u32 = 64;
/// Bytes of the CRC-32 behind a block of Snappy.
const CRC: usize = 4;

impl Layer for Avro {
    fn name(&self) -> &'static str {
        "avro"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'O'
    }

    fn needs(&self) -> u32 {
        kind::CONTROL
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

/// Bytes that are read one after the other.
struct Data<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Values that may still be read: of types that take no bytes there could be any number.
    left: u64,
}

impl<'a> Data<'a> {
    fn new(bytes: &'a [u8], most: u32) -> Self {
        Data {
            bytes,
            at: 0,
            left: bytes.len() as u64 + u64::from(most),
        }
    }

    /// A number: ZigZag, in groups of seven bits, the lowest first.
    fn long(&mut self) -> Option<i64> {
        let mut value = 0u64;
        for place in 0..10 {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let range = span(self.bytes, self.at, length as u64)?;
        self.at = range.end;
        self.bytes.get(range)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    /// Bytes behind their length.
    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        self.take(length)
    }

    /// How many items follow in the next piece of an array or map; 0 at its end.
    fn piece(&mut self) -> Option<u64> {
        let count = self.long()?;
        if count < 0 {
            // Then the bytes of the piece follow, for those who skip it.
            self.long()?;
        }
        Some(count.unsigned_abs())
    }

    fn spend(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }
}

fn read(bytes: &[u8], bench: &mut Bench) -> Option<Values> {
    let mut values = Values::new("$", bytes.len(), bench);
    if file(bytes, &mut values, bench).is_none() {
        bench.give_back_fields(values.fields);
        return None;
    }
    Some(values)
}

fn file(bytes: &[u8], values: &mut Values, bench: &mut Bench) -> Option<()> {
    let most = bench.limits.leaves;
    let mut data = Data::new(bytes, most);
    data.at = MAGIC.len();
    let (mut schema, mut codec) = (None, &b"null"[..]);
    loop {
        let count = data.piece()?;
        for _ in 0..count {
            match (data.string()?, data.string()?) {
                (b"avro.schema", text) => schema = Some(text),
                (b"avro.codec", name) => codec = name,
                _ => {}
            }
        }
        if count == 0 {
            break;
        }
    }
    let schema = Schema::read(schema?)?;
    let sync = data.fixed::<SYNC>()?;
    values.vouch(BEGINNING);
    values.open();
    let mut number = 0;
    while data.at < bytes.len() {
        let count = data.long()?;
        let block = data.string()?;
        if data.fixed::<SYNC>()? != sync {
            return None;
        }
        values.vouch(BLOCK);
        let unpacked;
        let objects = if codec == b"null" {
            block
        } else {
            unpacked = unpack(codec, block, bench)?;
            &unpacked
        };
        let mut objects = Data::new(objects, most);
        for _ in 0..count {
            values.element(number);
            number += 1;
            value(&mut objects, &schema, schema.root, DEPTH, values)?;
            if values.is_full() {
                return Some(());
            }
        }
        if objects.at != objects.bytes.len() {
            return None;
        }
    }
    Some(())
}

/// The objects of a block; `None` for a codec that is not known or does not fit.
fn unpack(codec: &[u8], block: &[u8], bench: &mut Bench) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match codec {
        b"deflate" => deflate::decode(block, &mut out, bench).ok()?,
        b"zstandard" => zstd::decode(block, &mut out, bench).ok()?,
        b"snappy" => {
            let block = block.get(..block.len().checked_sub(CRC)?)?;
            return snappy::SnappyBlock.follow(block, "", bench);
        }
        b"bzip2" => return bzip2::Bzip2.follow(block, "", bench),
        b"xz" => return xz::Xz.follow(block, "", bench),
        _ => return None,
    }
    Some(out)
}

/// Record the value of a type at the current path; never deeper than `depth`.
fn value(
    data: &mut Data<'_>,
    schema: &Schema,
    id: Id,
    depth: u32,
    values: &mut Values,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    data.spend()?;
    match schema.get(id)? {
        Type::Null => {}
        Type::Boolean => match data.fixed::<1>()? {
            [truth @ 0..=1] => values.scalar(format_args!("{}", truth == 1)),
            _ => return None,
        },
        Type::Long => {
            let number = data.long()?;
            values.scalar(format_args!("{number}"));
        }
        Type::Float => {
            let number = f32::from_le_bytes(data.fixed()?);
            values.scalar(format_args!("{number}"));
        }
        Type::Double => {
            let number = f64::from_le_bytes(data.fixed()?);
            values.scalar(format_args!("{number}"));
        }
        Type::Bytes => values.decoded(data.string()?),
        Type::Fixed(size) => values.decoded(data.take(*size)?),
        Type::Enum(symbols) => {
            let place = usize::try_from(data.long()?).ok()?;
            values.decoded(symbols.get(place)?.as_bytes());
        }
        Type::Union(branches) => {
            let place = usize::try_from(data.long()?).ok()?;
            value(data, schema, *branches.get(place)?, depth, values)?;
        }
        Type::Record(fields) => {
            values.open();
            for (name, kind) in fields {
                values.member(name);
                value(data, schema, *kind, depth, values)?;
            }
            values.close();
        }
        Type::Array(items) => {
            values.open();
            let mut index = 0;
            loop {
                let count = data.piece()?;
                for _ in 0..count {
                    values.element(index);
                    index += 1;
                    value(data, schema, *items, depth, values)?;
                }
                if count == 0 {
                    break;
                }
            }
            values.close();
        }
        Type::Map(inner) => {
            values.open();
            loop {
                let count = data.piece()?;
                for _ in 0..count {
                    values.member(&String::from_utf8_lossy(data.string()?));
                    value(data, schema, *inner, depth, values)?;
                }
                if count == 0 {
                    break;
                }
            }
            values.close();
        }
    }
    Some(())
}

/// The inverse, for tests and the fuzzer: one record of these fields, each of bytes.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(members: &[(&str, &[u8])]) -> Vec<u8> {
    let string = |text: &[u8]| [&long(text.len() as i64)[..], text].concat();
    let fields: Vec<String> = members
        .iter()
        .map(|(name, _)| format!(r#"{{"name":"{name}","type":"bytes"}}"#))
        .collect();
    let schema = format!(
        r#"{{"type":"record","name":"event","fields":[{}]}}"#,
        fields.join(",")
    );
    let object: Vec<u8> = members
        .iter()
        .flat_map(|(_, value)| string(value))
        .collect();
    let sync = [0xa5; SYNC];
    [
        MAGIC,
        &long(2),
        &string(b"avro.schema"),
        &string(schema.as_bytes()),
        &string(b"avro.codec"),
        &string(b"null"),
        &long(0),
        &sync,
        &long(1),
        &string(&object),
        &sync,
    ]
    .concat()
}

#[cfg(any(test, feature = "seal"))]
fn long(value: i64) -> Vec<u8> {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    let mut out = Vec::new();
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    out
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;
    use super::*;

    /// A file of one block.
    fn file(schema: &str, codec: &str, count: i64, block: &[u8]) -> Vec<u8> {
        let string = |text: &[u8]| [&long(text.len() as i64)[..], text].concat();
        let sync: Vec<u8> = (1..=16).collect();
        [
            MAGIC,
            // A piece with its size before it.
            &long(-2),
            &long(0),
            &string(b"avro.schema"),
            &string(schema.as_bytes()),
            &string(b"avro.codec"),
            &string(codec.as_bytes()),
            &long(0),
            &sync,
            &long(count),
            &string(block),
            &sync,
        ]
        .concat()
    }

    const SCHEMA: &str = r#"{"type":"record","name":"Node","namespace":"x.y","fields":[
        {"name":"id","type":"long"},
        {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["LEAF","BRANCH"]}},
        {"name":"again","type":["null","Kind"],"default":null},
        {"name":"tags","type":{"type":"array","items":"string"}},
        {"name":"props","type":{"type":"map","values":["boolean","double"]}},
        {"name":"mac","type":{"type":"fixed","name":"Mac","size":6}},
        {"name":"next","type":["null","x.y.Node"]}]}"#;

    #[test]
    fn every_type_is_read() {
        let object = [
            &long(-5)[..],
            &long(1),
            b"\x02\x00",
            b"\x04\x02a\x04bc\x00",
            b"\x01\x08\x02k\x00\x01\x02\x02d\x02\0\0\0\0\0\0\xf8\x3f\x00",
            b"abcdef",
            b"\x02",
            &long(7),
            &long(0),
            b"\x00\x00\x00uvwxyz\x00",
        ]
        .concat();
        let wanted = [
            "$[0].id = -5",
            "$[0].kind = BRANCH",
            "$[0].again = LEAF",
            "$[0].tags[0] = a",
            "$[0].tags[1] = bc",
            "$[0].props.k = true",
            "$[0].props.d = 1.5",
            "$[0].mac = abcdef",
            "$[0].next.id = 7",
            "$[0].next.kind = LEAF",
            "$[0].next.mac = uvwxyz",
        ];
        assert_eq!(shown("avro", &file(SCHEMA, "null", 1, &object)), wanted);
        let zstd = ruzstd::encoding::compress_to_vec(
            &object[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(shown("avro", &file(SCHEMA, "zstandard", 1, &zstd)), wanted);
        let snappy = snap::raw::Encoder::new().compress_vec(&object).unwrap();
        let snappy = [&snappy[..], b"crc."].concat();
        assert_eq!(shown("avro", &file(SCHEMA, "snappy", 1, &snappy)), wanted);
        let nothing: [&str; 0] = [];
        assert_eq!(shown("avro", &file(SCHEMA, "lzo", 1, &object)), nothing);
        assert_eq!(shown("avro", &file(SCHEMA, "null", 2, &object)), nothing);
        assert_eq!(
            shown(
                "avro",
                &file(SCHEMA, "null", 1, &object[..object.len() - 1])
            ),
            nothing
        );
        let mut wrong = file(SCHEMA, "null", 1, &object);
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(shown("avro", &wrong), nothing);
    }

    #[test]
    fn types_that_take_no_bytes_end_too() {
        let nulls = [&long(i64::MAX >> 1)[..], b"\x00"].concat();
        let schema = r#"{"type":"array","items":"null"}"#;
        assert!(shown("avro", &file(schema, "null", 1, &nulls)).is_empty());
        // A record that holds itself.
        let schema = r#"{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}"#;
        assert!(shown("avro", &file(schema, "null", 1, b"")).is_empty());
    }
}
