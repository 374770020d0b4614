//! Protocol Buffers without a schema.

use std::borrow::Cow;

use proptest::prelude::*;

use super::encode::gzip;
use super::encode_binary::protobuf::{bytes, fixed32, fixed64, group, int, prefixed, varint};
use super::*;

const UUID: &[u8] = b"3f2b8c1d-0e4a-4b6f-9c7d-112233445566";

fn declared(bytes: &[u8]) -> Keep {
    let part = Part {
        content_type: Some(Cow::Borrowed("application/x-protobuf")),
        ..Part::new("body", bytes)
    };
    peel_part(&part, &Limits::default())
}

/// What an app sends about a phone: numbers, strings, messages, repeated ones, packed numbers.
fn telemetry() -> Vec<u8> {
    let event = |name: &str, at: u64| [bytes(1, name.as_bytes()), int(2, at), int(3, 1)].concat();
    let device = [
        bytes(1, b"M2101K6G"),
        bytes(2, "Redmi 手机".as_bytes()),
        int(3, 33),
        fixed64(4, 0xa4fe_31cc_09d2_b7e1),
    ]
    .concat();
    let place = [
        fixed64(1, 50.8503f64.to_bits()),
        fixed32(2, 4.3517f32.to_bits()),
    ]
    .concat();
    [
        bytes(1, UUID),
        int(2, 1_700_000_000_000),
        bytes(3, &device),
        bytes(4, &event("page_load", 1_700_000_000_123)),
        bytes(4, &event("click", 1_700_000_000_456)),
        bytes(4, &event("hl", 1_700_000_000_789)),
        bytes(5, &place),
        bytes(6, &[2, 5, 150, 1, 3, 9]),
        int(7, u64::MAX),
    ]
    .concat()
}

#[test]
fn a_message_of_an_app_opens() {
    let found = peel(&telemetry());
    let value = |path: &str| {
        found
            .value(&format!("body | protobuf:{path}"))
            .map(|value| String::from_utf8_lossy(value).into_owned())
    };
    for (path, expected) in [
        ("1", std::str::from_utf8(UUID).unwrap()),
        ("2", "1700000000000"),
        ("3.1", "M2101K6G"),
        ("3.2", "Redmi 手机"),
        ("3.3", "33"),
        ("3.4", "11888994818712582113"),
        ("3.4.hex", "a4fe31cc09d2b7e1"),
        ("4[0].1", "page_load"),
        ("4[1].1", "click"),
        ("4[2].1", "hl"),
        ("4[2].2", "1700000000789"),
        ("5.1.double", "50.8503"),
        ("5.2.float", "4.3517"),
        ("6[0]", "2"),
        ("6[1]", "5"),
        ("6[2]", "150"),
        ("7", "-1"),
    ] {
        assert_eq!(
            value(path).as_deref(),
            Some(expected),
            "{path} {:?}",
            found.shown()
        );
    }
}

#[test]
fn bytes_inside_go_on_being_peeled() {
    let inner = gzip(&telemetry());
    let found = peel(&[int(1, 7), bytes(2, b"com.example.app"), bytes(9, &inner)].concat());
    assert!(
        found.value("body | protobuf:9 | gzip | protobuf:1") == Some(UUID),
        "{:?}",
        found.shown()
    );
}

#[test]
fn all_occurrences_of_a_field_are_one_kind() {
    // Alone, `email` reads as field 12 with four bytes, and `xs` as field 15 with 115.
    let field =
        |name: &str, number: u64| [bytes(1, name.as_bytes()), int(3, number), int(4, 2)].concat();
    let message: Vec<u8> = ["name", "id", "email", "xs", "phone"]
        .iter()
        .zip(1..)
        .flat_map(|(name, number)| bytes(2, &field(name, number)))
        .collect();
    let found = peel(&[bytes(1, b"Person"), message].concat());
    assert_eq!(found.value("body | protobuf:2[2].1"), Some(&b"email"[..]));
    assert_eq!(found.value("body | protobuf:2[3].1"), Some(&b"xs"[..]));
}

#[test]
fn groups_prefixed_messages_and_streams() {
    let inner = [bytes(1, b"some text here"), int(2, 5)].concat();
    let found = declared(&[int(1, 1), group(4, &[group(2, &inner), int(3, 1)].concat())].concat());
    assert_eq!(
        found.value("body | protobuf:4.2.1"),
        Some(&b"some text here"[..])
    );
    let found = declared(&[int(1, 1), bytes(2, &prefixed(&inner))].concat());
    assert_eq!(
        found.value("body | protobuf:2.length.1"),
        Some(&b"some text here"[..])
    );
    let stream = [prefixed(&inner), prefixed(&telemetry()), prefixed(&inner)].concat();
    let found = peel(&stream);
    assert_eq!(found.value("body | protobuf:[1].1"), Some(UUID));
    assert_eq!(
        found.value("body | protobuf:[2].1"),
        Some(&b"some text here"[..])
    );
}

#[test]
fn text_is_no_message() {
    for text in [
        "image.png",
        "xs",
        "PLAYERGROUP",
        "hello world",
        "\n  indented text of 34 bytes ok  ",
        "zz\nzz",
    ] {
        assert_eq!(peel(text.as_bytes()).shown(), [format!("body = {text}")]);
        assert_eq!(declared(text.as_bytes()).leaves.len(), 1);
        // Nor inside a message.
        let found = declared(&[int(1, 1), bytes(2, text.as_bytes()), int(3, 300)].concat());
        assert_eq!(found.value("body | protobuf:2"), Some(text.as_bytes()));
    }
    let message = [&b"\n$"[..], UUID].concat();
    assert_eq!(peel(&message).value("body | protobuf:1"), Some(UUID));
}

#[test]
fn what_no_writer_writes_is_no_message() {
    for bytes in [
        // A number with a needless byte, field 0, field 19000, a wire type that is none, a group that is not
        // closed, one closed by another, a string that is too long.
        &[0x08, 0x81, 0x00][..],
        &[0x00, 0x01],
        &[0xc0, 0xa3, 0x09, 0x01],
        &[0x0e, 0x01],
        &[0x0b, 0x08, 0x01],
        &[0x0b, 0x08, 0x01, 0x14],
        &[0x0a, 0x05, b'a', b'b'],
    ] {
        assert_eq!(declared(bytes).leaves[0].chain, "body", "{bytes:02x?}");
    }
}

#[test]
fn hostile_nesting_and_width() {
    let mut deep = bytes(1, b"innermost text");
    for _ in 0..2000 {
        deep = bytes(1, &deep);
    }
    let found = declared(&deep);
    assert_eq!(found.limits[0].what, "depth");
    let groups = [vec![0x0b; 5000], vec![0x0c; 5000]].concat();
    assert_eq!(declared(&groups).leaves.len(), 1);
    let wide: Vec<u8> = (0..500u64).flat_map(|value| int(1, value)).collect();
    let limits = Limits {
        leaves: 100,
        ..Limits::default()
    };
    let part = Part {
        content_type: Some(Cow::Borrowed("application/x-protobuf")),
        ..Part::new("body", &wide)
    };
    let found = peel_part(&part, &limits);
    assert_eq!(found.limits[0].what, "leaves");
    assert_eq!(found.leaves.len(), 100);
}

/// A field as it is written, its path and what it holds.
#[derive(Clone, Debug)]
enum Node {
    Int(u64),
    Text(String),
    Message(Vec<Node>),
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        (0..1u64 << 40).prop_map(Node::Int),
        "[a-z]{4,12}( [a-z]{2,8}){0,4}".prop_map(Node::Text),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        // As schemas are: a number first, and at least one string.
        (0..100u64, "[a-z]{4,12}", prop::collection::vec(inner, 0..5)).prop_map(
            |(id, text, rest)| {
                Node::Message([vec![Node::Int(id), Node::Text(text)], rest].concat())
            },
        )
    })
}

/// Every field has its own number.
fn encode(nodes: &[Node], path: &str, values: &mut Vec<(String, String)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (node, number) in nodes.iter().zip(1u32..) {
        let path = format!("{path}{number}");
        out.extend(match node {
            Node::Int(value) => {
                values.push((path, value.to_string()));
                int(number, *value)
            }
            Node::Text(text) => {
                values.push((path, text.clone()));
                bytes(number, text.as_bytes())
            }
            Node::Message(inner) => bytes(number, &encode(inner, &format!("{path}."), values)),
        });
    }
    out
}

proptest! {
    #[test]
    fn every_value_comes_back(nodes in prop::collection::vec(node(), 2..6)) {
        let mut values = Vec::new();
        let message = encode(&[vec![Node::Int(1), Node::Text("com.example".to_owned())], nodes].concat(), "", &mut values);
        let found = declared(&message);
        for (path, value) in values {
            prop_assert_eq!(
                found.value(&format!("body | protobuf:{path}")),
                Some(value.as_bytes()),
                "{} of {:?}", path, found.shown()
            );
        }
    }

    #[test]
    fn numbers_of_any_size_come_back(number in 1..1u32 << 29, value: u64, wide: u64, narrow: u32) {
        prop_assume!(!(19_000..20_000).contains(&number));
        let message = [int(number, value), fixed64(number, wide), fixed32(number, narrow)].concat();
        let found = declared(&message);
        prop_assert!(found.leaves.len() >= 3);
        let shown = found.value(&format!("body | protobuf:{number}[0]")).map(|value| String::from_utf8_lossy(value).into_owned());
        prop_assert!(shown == Some(value.to_string()) || shown == Some(value.cast_signed().to_string()));
        prop_assert_eq!(varint(value).len(), (64 - value.leading_zeros()).div_ceil(7).max(1) as usize);
    }

    #[test]
    fn hostile_bytes_do_no_harm(message in prop::collection::vec(prop_oneof![any::<u8>(), 0..40u8], 0..200)) {
        declared(&message);
        peel(&message);
    }

    #[test]
    fn damage_does_no_harm(at: prop::sample::Index, bit in 0..8u8) {
        let mut message = telemetry();
        let cut = at.index(message.len());
        peel(&message[..cut]);
        message[cut] ^= 1 << bit;
        peel(&message);
        declared(&message);
    }
}
