//! Fields of Protocol Buffers, decided over all messages of an endpoint.

use std::borrow::Cow;

use proptest::prelude::*;

use super::encode::json;
use super::encode_binary::protobuf::{bytes, fixed32, fixed64, int};
use super::*;
use crate::peel::Ticket;

/// Keeps leaves by the number of the message they belong to.
#[derive(Default)]
struct Later {
    message: i64,
    kept: Vec<(i64, Leaf)>,
    limits: Vec<LimitHit>,
}

impl LeafSink for Later {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let leaf = Leaf {
            chain: chain_text(part, steps),
            steps: steps.iter().map(|&step| step.into()).collect(),
            name: name.map(str::to_owned),
            value: value.to_vec(),
        };
        self.kept.push((self.message, leaf));
    }

    fn limit(&mut self, hit: LimitHit) {
        self.limits.push(hit);
    }

    fn problem(&mut self, _problem: Problem) {}

    fn hold(&mut self) -> Option<Ticket> {
        Some((0, self.message))
    }

    fn resume(&mut self, ticket: Ticket) {
        self.message = ticket.1;
    }
}

/// Peel bodies of one endpoint, settle, and follow every chain alone, without any memory.
fn together(bodies: &[Vec<u8>]) -> Later {
    let limits = Limits::default();
    let mut peeler = Peeler::new(limits.clone());
    let mut sink = Later::default();
    for (body, number) in bodies.iter().zip(0..) {
        sink.message = number;
        peeler.set_endpoint(Some(&["up", "log.example", "https://log.example/v1"]));
        peeler.peel(&declared(body), &mut sink);
    }
    while peeler.settle(&mut sink) {}
    assert!(!peeler.settle(&mut sink));
    for (message, leaf) in &sink.kept {
        let body = &bodies[*message as usize];
        let trail = replay(body, &leaf.steps, &limits).unwrap();
        let last = trail.last().unwrap_or(body);
        assert_eq!(last, &leaf.value, "{}", leaf.chain);
    }
    sink
}

fn declared(body: &[u8]) -> Part<'_> {
    Part {
        content_type: Some(Cow::Borrowed("application/x-protobuf")),
        ..Part::new("body", body)
    }
}

impl Later {
    fn values(&self, message: i64) -> Vec<(&str, &[u8])> {
        self.kept
            .iter()
            .filter(|(of, _)| *of == message)
            .map(|(_, leaf)| (leaf.chain.as_str(), leaf.value.as_slice()))
            .collect()
    }

    fn value(&self, message: i64, chain: &str) -> Option<&[u8]> {
        let all = self.values(message);
        all.iter()
            .find_map(|(of, value)| (*of == chain).then_some(*value))
    }
}

/// A message with a field that holds anything.
fn message(held: &[u8]) -> Vec<u8> {
    [
        int(1, 1_700_000_000),
        bytes(2, held),
        bytes(3, b"com.example.app"),
    ]
    .concat()
}

#[test]
fn what_is_text_in_one_message_is_text_in_all() {
    // `\n\x04test` is a field with a string, and text with a line end and a control character.
    let by_chance = [0x08, 0x01, 0x10, 0x02, 0x18, 0x03];
    let alone = together(&[message(&by_chance)]);
    assert_eq!(alone.value(0, "body | protobuf:2.3"), Some(&b"3"[..]));
    let anything = [0xff, 0x00, 0x13, 0x88, 0x91, 0x07];
    for order in [[&by_chance[..], &anything], [&anything, &by_chance]] {
        let found = together(&order.map(message));
        for (place, held) in order.iter().enumerate() {
            let value = found.value(place as i64, "body | protobuf:2");
            assert_eq!(value, Some(*held), "{:?}", found.values(place as i64));
        }
        assert_eq!(found.value(0, "body | protobuf:2.3"), None);
    }
}

#[test]
fn a_string_beats_a_message_whichever_comes_first() {
    // Alone, this reads as a message with a string in it; the other is no message.
    let like_a_message = bytes(1, b"550e8400-e29b-41d4-a716-446655440000");
    let text = "vandaag niets nieuws".as_bytes();
    assert!(
        together(&[message(&like_a_message)])
            .value(0, "body | protobuf:2.1")
            .is_some()
    );
    for order in [[&like_a_message[..], text], [text, &like_a_message]] {
        let found = together(&order.map(message));
        for place in [0, 1] {
            assert_eq!(found.value(place, "body | protobuf:2.1"), None);
        }
    }
}

#[test]
fn other_endpoints_say_nothing() {
    let by_chance = message(&[0x08, 0x01, 0x10, 0x02, 0x18, 0x03]);
    let other = message(&[0xff, 0x00, 0x13, 0x88, 0x91, 0x07]);
    let mut peeler = Peeler::new(Limits::default());
    let mut sink = Later::default();
    for (place, body) in [&by_chance, &other].into_iter().enumerate() {
        sink.message = place as i64;
        peeler.set_endpoint(Some(&[
            if place == 0 { "up" } else { "down" },
            "log.example",
        ]));
        peeler.peel(&declared(body), &mut sink);
    }
    while peeler.settle(&mut sink) {}
    assert_eq!(sink.value(0, "body | protobuf:2.3"), Some(&b"3"[..]));
}

#[test]
fn places_in_lists_and_encodings_are_one_place() {
    let held = |bytes: &[u8]| data_encoding::BASE64.encode(&message(bytes));
    let body = format!(
        "{{\"events\":[{{\"d\":\"{}\"}},{{\"d\":\"{}\"}}]}}",
        held(&[0x08, 0x01, 0x10, 0x02, 0x18, 0x03]),
        held(&[0xff, 0x00, 0x13, 0x88, 0x91, 0x07]),
    );
    let found = together(&[body.into_bytes()]);
    let chain = "body | json:$.events[0].d | base64 | protobuf:2";
    assert_eq!(
        found.value(0, chain),
        Some(&[0x08, 0x01, 0x10, 0x02, 0x18, 0x03][..]),
        "{:?}",
        found.values(0)
    );
    // What was held is no reason to show the containers around it.
    assert_eq!(
        found
            .kept
            .iter()
            .filter(|(_, leaf)| leaf.chain == "body")
            .count(),
        0
    );
}

#[test]
fn messages_inside_messages_wait_in_their_turn() {
    let inner = |held: &[u8]| super::encode::gzip(&message(held));
    let outer = |held: &[u8]| [int(1, 7), bytes(9, &inner(held))].concat();
    let found = together(&[
        outer(&[0x08, 0x01, 0x10, 0x02, 0x18, 0x03]),
        outer(&[0xff, 0x00, 0x13, 0x88, 0x91, 0x07]),
    ]);
    assert_eq!(
        found.value(0, "body | protobuf:9 | gzip | protobuf:2"),
        Some(&[0x08, 0x01, 0x10, 0x02, 0x18, 0x03][..]),
        "{:?}",
        found.values(0)
    );
}

#[test]
fn trees_inside_messages_are_given_too() {
    let found = together(&[
        message(&json("k", b"some value")),
        message(&json("k", b"other")),
    ]);
    assert_eq!(
        found.value(1, "body | protobuf:2 | json:$.a[1].k"),
        Some(&b"other"[..])
    );
}

#[test]
fn a_sink_that_cannot_wait_gets_everything_at_once() {
    let body = message(b"plain text in it");
    let mut peeler = Peeler::new(Limits::default());
    peeler.set_endpoint(Some(&["up"]));
    let mut sink = Keep::default();
    peeler.peel(&declared(&body), &mut sink);
    assert_eq!(
        sink.value("body | protobuf:2"),
        Some(&b"plain text in it"[..])
    );
}

#[test]
fn leaves_of_a_part_are_counted_over_what_waits() {
    let wide: Vec<u8> = (0..80u64).flat_map(|value| int(1, value)).collect();
    let limits = Limits {
        leaves: 100,
        ..Limits::default()
    };
    let mut peeler = Peeler::new(limits);
    peeler.set_endpoint(Some(&["up"]));
    let two = [
        bytes(1, &wide),
        bytes(2, &wide),
        bytes(3, b"com.example.app"),
    ]
    .concat();
    let body = format!(
        "{{\"a\":\"{}\",\"b\":\"{}\"}}",
        data_encoding::BASE64.encode(&wide),
        data_encoding::BASE64.encode(&two)
    );
    let mut sink = Later::default();
    peeler.peel(&Part::new("body", body.as_bytes()), &mut sink);
    while peeler.settle(&mut sink) {}
    assert_eq!(sink.kept.len(), 100);
    assert_eq!(sink.limits[0].what, "leaves");
}

#[test]
fn too_many_kinds_are_told() {
    let mut peeler = Peeler::new(Limits::default());
    let mut sink = Later::default();
    for place in 0..5000u32 {
        let path = format!("https://log.example/{place}");
        peeler.set_endpoint(Some(&["up", &path]));
        peeler.peel(&declared(&message(b"some text in it")), &mut sink);
    }
    assert_eq!(sink.limits.len(), 1);
    assert_eq!(sink.limits[0].what, "typed fields");
    while peeler.settle(&mut sink) {}
    assert_eq!(
        sink.value(0, "body | protobuf:2"),
        Some(&b"some text in it"[..])
    );
}

#[test]
fn packed_numbers_of_fixed_width_stand_beside_the_bytes() {
    let floats: Vec<u8> = [50.85f32, 4.35, 12.5, 0.0, 99.25, 1013.25]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let doubles: Vec<u8> = [50.850_346_7f64, 4.351_721_1, 13.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let small: Vec<u8> = [90_112u32, 70_001, 5, 81_234]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let body = [
        int(1, 7),
        bytes(2, b"com.example.app"),
        bytes(3, &floats),
        bytes(4, &doubles),
        bytes(5, &small),
        fixed32(6, 50.85f32.to_bits()),
        fixed64(7, 4.35f64.to_bits()),
    ]
    .concat();
    let found = together(&[body]);
    for (chain, value) in [
        ("3.float[0]", "50.85"),
        ("3.float[5]", "1013.25"),
        ("4.double[1]", "4.3517211"),
        ("5.fixed32[0]", "90112"),
        ("6.float", "50.85"),
        ("7.double", "4.35"),
    ] {
        let chain = format!("body | protobuf:{chain}");
        let shown = found.value(0, &chain).map(String::from_utf8_lossy);
        assert_eq!(
            shown.as_deref(),
            Some(value),
            "{chain} {:?}",
            found.values(0)
        );
    }
    assert_eq!(found.value(0, "body | protobuf:3"), Some(&floats[..]));
    // A digest is no row of numbers.
    let digest = data_encoding::HEXLOWER
        .decode(b"9f86d081884c7d659a2feaa0c55ad015")
        .unwrap();
    let found = together(&[message(&digest)]);
    assert_eq!(
        found
            .values(0)
            .iter()
            .filter(|(chain, _)| chain.contains("protobuf:2"))
            .count(),
        1
    );
}

/// Found by fuzzing: the second meaning of an element of packed numbers led nowhere.
#[test]
fn an_element_of_packed_numbers_may_have_a_second_meaning() {
    let large = super::encode_binary::protobuf::varint(0x00a4_fe31_cc09_d2b7);
    let packed = [&[1, 0, 2][..], &large, &[0, 3, 1, 0, 0]].concat();
    let found = together(&[message(&packed)]);
    assert_eq!(
        found.value(0, "body | protobuf:2[3].hex"),
        Some(&b"00a4fe31cc09d2b7"[..]),
        "{:?}",
        found.values(0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_messages_in_any_order_say_the_same(
        held in prop::collection::vec(prop::collection::vec(prop_oneof![any::<u8>(), 0..40u8], 1..20), 1..6),
        turn in 0..6usize,
    ) {
        let bodies: Vec<Vec<u8>> = held.iter().map(|held| message(held)).collect();
        let mut turned = bodies.clone();
        let turn = turn % turned.len();
        turned.rotate_left(turn);
        let (one, other) = (together(&bodies), together(&turned));
        for (place, _) in bodies.iter().enumerate() {
            let there = (place + bodies.len() - turn) % bodies.len();
            prop_assert_eq!(one.values(place as i64), other.values(there as i64));
        }
    }
}
