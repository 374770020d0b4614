//! The inverses of the binary layers.

pub(super) use super::encode_compressed::*;

/// A value that any of the formats can hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Int(u32),
    Text(String),
    Double(f64),
    /// Of texts.
    List(Vec<String>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Path and text of every value; members by name (`$.a[0]`) or by number (`1[0]`).
    pub(super) fn leaves(&self, path: &str, named: bool, out: &mut Vec<(String, String)>) {
        match self {
            Value::Int(value) => out.push((path.to_owned(), value.to_string())),
            Value::Double(value) => out.push((path.to_owned(), value.to_string())),
            Value::Text(text) => out.push((path.to_owned(), text.clone())),
            Value::List(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    out.push((format!("{path}[{index}]"), text.clone()));
                }
            }
            Value::Map(members) => {
                for ((name, value), number) in members.iter().zip(1..) {
                    let path = match (named, path.is_empty()) {
                        (true, _) => format!("{path}.{name}"),
                        (false, true) => format!("{number}"),
                        (false, false) => format!("{path}.{number}"),
                    };
                    value.leaves(&path, named, out);
                }
            }
        }
    }
}

fn with<const N: usize>(head: u8, tail: [u8; N]) -> Vec<u8> {
    [&[head][..], &tail].concat()
}

/// MessagePack.
pub(super) fn msgpack(value: &Value) -> Vec<u8> {
    let count = |short: u8, long: u8, length: usize| match length {
        0..=15 => vec![short | length as u8],
        _ => with(long, (length as u16).to_be_bytes()),
    };
    let text = |text: &str| {
        let head = match text.len() {
            0..=31 => vec![0xa0 | text.len() as u8],
            32..=255 => vec![0xd9, text.len() as u8],
            length => with(0xda, (length as u16).to_be_bytes()),
        };
        [head, text.as_bytes().to_vec()].concat()
    };
    match value {
        Value::Int(value @ 0..=127) => vec![*value as u8],
        Value::Int(value) => with(0xce, value.to_be_bytes()),
        Value::Double(value) => with(0xcb, value.to_be_bytes()),
        Value::Text(value) => text(value),
        Value::List(items) => {
            let items = items.iter().flat_map(|item| text(item));
            count(0x90, 0xdc, value_count(value))
                .into_iter()
                .chain(items)
                .collect()
        }
        Value::Map(members) => {
            let members = members
                .iter()
                .flat_map(|(name, value)| [text(name), msgpack(value)].concat());
            count(0x80, 0xde, value_count(value))
                .into_iter()
                .chain(members)
                .collect()
        }
    }
}

fn value_count(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Map(members) => members.len(),
        _ => 1,
    }
}

/// CBOR; maps of unknown length if asked.
pub(super) fn cbor(value: &Value, endless: bool) -> Vec<u8> {
    let head = |major: u8, argument: u64| match argument {
        0..=23 => vec![major << 5 | argument as u8],
        24..=0xff => vec![major << 5 | 24, argument as u8],
        0x100..=0xffff => with(major << 5 | 25, (argument as u16).to_be_bytes()),
        _ => with(major << 5 | 26, (argument as u32).to_be_bytes()),
    };
    let text = |text: &str| [head(3, text.len() as u64), text.as_bytes().to_vec()].concat();
    match value {
        Value::Int(value) => head(0, u64::from(*value)),
        Value::Double(value) => with(0xfb, value.to_be_bytes()),
        Value::Text(value) => text(value),
        Value::List(items) => {
            let items: Vec<u8> = items.iter().flat_map(|item| text(item)).collect();
            [head(4, value_count(value) as u64), items].concat()
        }
        Value::Map(members) => {
            let inside: Vec<u8> = members
                .iter()
                .flat_map(|(name, value)| [text(name), cbor(value, endless)].concat())
                .collect();
            if endless {
                [vec![0xbf], inside, vec![0xff]].concat()
            } else {
                [head(5, members.len() as u64), inside].concat()
            }
        }
    }
}

/// A BSON document of a map.
pub(super) fn bson(value: &Value) -> Vec<u8> {
    let members: Vec<(String, Value)> = match value {
        Value::Map(members) => members.clone(),
        Value::List(items) => (0..)
            .zip(items)
            .map(|(index, item): (usize, _)| (index.to_string(), Value::Text(item.clone())))
            .collect(),
        _ => unreachable!("a document is a map or an array"),
    };
    let mut inside = Vec::new();
    for (name, value) in &members {
        let (kind, bytes) = match value {
            Value::Int(value) => (18, u64::from(*value).to_le_bytes().to_vec()),
            Value::Double(value) => (1, value.to_le_bytes().to_vec()),
            Value::Text(text) => {
                let length = (text.len() as u32 + 1).to_le_bytes();
                (2, [&length[..], text.as_bytes(), b"\0"].concat())
            }
            Value::List(_) => (4, bson(value)),
            Value::Map(_) => (3, bson(value)),
        };
        inside.extend([&[kind][..], name.as_bytes(), b"\0", &bytes].concat());
    }
    [&(inside.len() as u32 + 5).to_le_bytes()[..], &inside, b"\0"].concat()
}

/// A binary property list.
pub(super) fn bplist(value: &Value) -> Vec<u8> {
    let mut objects = Vec::new();
    let top = bplist_object(value, &mut objects);
    let mut out = b"bplist00".to_vec();
    let mut places = Vec::new();
    for object in objects {
        places.extend((out.len() as u32).to_be_bytes());
        out.extend(object);
    }
    let table = out.len() as u64;
    let count = places.len() as u64 / 4;
    out.extend(places);
    out.extend([0, 0, 0, 0, 0, 0, 4, 2]);
    for number in [count, u64::from(top), table] {
        out.extend(number.to_be_bytes());
    }
    out
}

fn bplist_object(value: &Value, objects: &mut Vec<Vec<u8>>) -> u16 {
    let counted = |kind: u8, count: usize| match count {
        0..=14 => vec![kind << 4 | count as u8],
        _ => [
            vec![kind << 4 | 15, 0x12],
            (count as u32).to_be_bytes().to_vec(),
        ]
        .concat(),
    };
    let object = match value {
        Value::Int(value) => with(0x13, u64::from(*value).to_be_bytes()),
        Value::Double(value) => with(0x23, value.to_be_bytes()),
        Value::Text(text) if text.is_ascii() => {
            [counted(5, text.len()), text.as_bytes().to_vec()].concat()
        }
        Value::Text(text) => {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            [counted(6, units.len() / 2), units].concat()
        }
        Value::List(items) => {
            let items: Vec<u8> = items
                .iter()
                .flat_map(|item| bplist_object(&Value::Text(item.clone()), objects).to_be_bytes())
                .collect();
            [counted(10, items.len() / 2), items].concat()
        }
        Value::Map(members) => {
            let mut references = (Vec::new(), Vec::new());
            for (name, value) in members {
                let name = bplist_object(&Value::Text(name.clone()), objects);
                references.0.extend(name.to_be_bytes());
                references
                    .1
                    .extend(bplist_object(value, objects).to_be_bytes());
            }
            [counted(13, members.len()), references.0, references.1].concat()
        }
    };
    objects.push(object);
    objects.len() as u16 - 1
}

/// A struct of the compact protocol of Thrift.
pub(super) fn thrift(value: &Value) -> Vec<u8> {
    let text = |text: &str| protobuf::prefixed(text.as_bytes());
    let Value::Map(members) = value else {
        unreachable!("a struct is a map");
    };
    let mut out = Vec::new();
    for (_, value) in members {
        let (kind, bytes) = match value {
            Value::Int(value) => (6, protobuf::varint(u64::from(*value) << 1)),
            Value::Double(value) => (7, value.to_le_bytes().to_vec()),
            Value::Text(value) => (8, text(value)),
            Value::List(items) => {
                let head = match items.len() {
                    0..=14 => vec![(items.len() as u8) << 4 | 8],
                    length => [vec![0xf8], protobuf::varint(length as u64)].concat(),
                };
                let items = items.iter().flat_map(|item| text(item)).collect();
                (9, [head, items].concat())
            }
            Value::Map(_) => (12, thrift(value)),
        };
        out.push(0x10 | kind);
        out.extend(bytes);
    }
    out.push(0);
    out
}

/// A struct of the binary protocol of Thrift.
pub(super) fn thrift_binary(value: &Value) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u32).to_be_bytes()[..], text.as_bytes()].concat();
    let Value::Map(members) = value else {
        unreachable!("a struct is a map");
    };
    let mut out = Vec::new();
    for ((_, value), id) in members.iter().zip(1u16..) {
        let (kind, bytes) = match value {
            Value::Int(value) => (10, u64::from(*value).to_be_bytes().to_vec()),
            Value::Double(value) => (4, value.to_be_bytes().to_vec()),
            Value::Text(value) => (11, text(value)),
            Value::List(items) => {
                let head = with(11, (items.len() as u32).to_be_bytes());
                let items = items.iter().flat_map(|item| text(item)).collect();
                (15, [head, items].concat())
            }
            Value::Map(_) => (12, thrift_binary(value)),
        };
        out.extend(with(kind, id.to_be_bytes()));
        out.extend(bytes);
    }
    out.push(0);
    out
}

/// A struct of TARS, without the marks around it.
pub(super) fn tars(value: &Value) -> Vec<u8> {
    let Value::Map(members) = value else {
        unreachable!("a struct is a map");
    };
    members
        .iter()
        .zip(1u8..)
        .flat_map(|((_, value), tag)| tars_field(tag, value))
        .collect()
}

fn tars_field(tag: u8, value: &Value) -> Vec<u8> {
    let head = |kind: u8| match tag {
        0..=14 => vec![tag << 4 | kind],
        _ => vec![0xf0 | kind, tag],
    };
    let int = |value: u32| {
        let value = i64::from(value);
        if value == 0 {
            head(12)
        } else if let Ok(value) = i8::try_from(value) {
            [head(0), value.to_be_bytes().to_vec()].concat()
        } else if let Ok(value) = i16::try_from(value) {
            [head(1), value.to_be_bytes().to_vec()].concat()
        } else if let Ok(value) = i32::try_from(value) {
            [head(2), value.to_be_bytes().to_vec()].concat()
        } else {
            [head(3), value.to_be_bytes().to_vec()].concat()
        }
    };
    match value {
        Value::Int(value) => int(*value),
        Value::Double(value) => [head(5), value.to_be_bytes().to_vec()].concat(),
        Value::Text(text) if text.len() <= 255 => {
            [head(6), vec![text.len() as u8], text.as_bytes().to_vec()].concat()
        }
        Value::Text(text) => {
            let length = (text.len() as u32).to_be_bytes().to_vec();
            [head(7), length, text.as_bytes().to_vec()].concat()
        }
        Value::List(items) => {
            let count = tars_field(0, &Value::Int(items.len() as u32));
            let items = items
                .iter()
                .flat_map(|item| tars_field(0, &Value::Text(item.clone())));
            [head(9), count, items.collect()].concat()
        }
        Value::Map(_) => [head(10), tars(value), vec![0x0b]].concat(),
    }
}

/// Protocol Buffers.
pub(super) mod protobuf {
    pub(in crate::peel::tests) fn varint(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
        out
    }

    fn tag(number: u32, wire: u32) -> Vec<u8> {
        varint(u64::from(number << 3 | wire))
    }

    pub(in crate::peel::tests) fn int(number: u32, value: u64) -> Vec<u8> {
        [tag(number, 0), varint(value)].concat()
    }

    pub(in crate::peel::tests) fn fixed64(number: u32, value: u64) -> Vec<u8> {
        [tag(number, 1), value.to_le_bytes().to_vec()].concat()
    }

    pub(in crate::peel::tests) fn fixed32(number: u32, value: u32) -> Vec<u8> {
        [tag(number, 5), value.to_le_bytes().to_vec()].concat()
    }

    pub(in crate::peel::tests) fn bytes(number: u32, value: &[u8]) -> Vec<u8> {
        [tag(number, 2), prefixed(value)].concat()
    }

    pub(in crate::peel::tests) fn group(number: u32, inner: &[u8]) -> Vec<u8> {
        [tag(number, 3), inner.to_vec(), tag(number, 4)].concat()
    }

    pub(in crate::peel::tests) fn prefixed(value: &[u8]) -> Vec<u8> {
        [varint(value.len() as u64), value.to_vec()].concat()
    }
}
