//! QUIC and HTTP/3, from packets that our own code protected.

use proptest::prelude::*;

use super::build::{datagram, datagram_back, pcap};
use super::collect::{Collect, Got};
use crate::capture::read_capture;
use crate::model::{Limits, Transport};
use crate::secure::quic::keys::Suite;
use crate::secure::quic::tests::build::{Encoder, TABLE, Wire, frame, new_id, stream, varint};
use crate::secure::quic::version::V2;
use crate::secure::secrets::Secrets;

pub(super) const PORT: u16 = 50_000;

/// Datagrams: client port, side, bytes.
type Sent = Vec<(u16, usize, Vec<u8>)>;

fn read(sent: &[(u16, usize, Vec<u8>)], key_log: &str, limits: &Limits) -> Collect {
    let frames: Vec<Vec<u8>> = sent
        .iter()
        .map(|(port, side, bytes)| match side {
            0 => datagram(*port, 443, bytes),
            _ => datagram_back(443, *port, bytes),
        })
        .collect();
    let mut secrets = Secrets::default();
    secrets.add_key_log(key_log.as_bytes());
    let mut sink = Collect::default();
    let input = Box::new(std::io::Cursor::new(pcap(1, &frames)));
    read_capture(input, limits, secrets, &mut sink).expect("a capture");
    sink
}

pub(super) fn body(request: usize, side: usize, length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| (i * 7 + request * 13 + side) as u8)
        .collect()
}

#[derive(Debug)]
struct Plan {
    suite: Suite,
    version: u32,
    lengths: Vec<usize>,
    piece: usize,
    coalesced: bool,
    update_at: Option<usize>,
    move_at: Option<usize>,
}

/// A connection with these requests: the datagrams of the handshake, those of the data, and the key log.
fn connection(plan: &Plan) -> (Sent, Sent, String) {
    let mut wire = Wire::new(7, plan.suite, plan.version);
    let opening = wire.opening("www.example.org", plan.coalesced);
    let opening = opening.into_iter().map(|(s, b)| (PORT, s, b)).collect();
    let mut encoders = [Encoder::new(), Encoder::new()];
    let settings = [varint(1), varint(TABLE as u64)].concat();
    // (side, stream, bytes)
    let mut streams: Vec<(usize, u64, Vec<u8>)> = Vec::new();
    for side in [0usize, 1] {
        let control = [vec![0], frame(4, &settings), frame(0x21, b"grease")].concat();
        streams.push((side, 2 + side as u64, control));
    }
    for (index, length) in plan.lengths.iter().enumerate() {
        let path = format!("/{index}");
        let request = encoders[0].section(&[
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", "www.example.org"),
            (":path", &path),
            ("x-up", "a value"),
        ]);
        let interim = encoders[1].section(&[(":status", "103"), ("link", "</style.css>")]);
        let response = encoders[1].section(&[(":status", "200"), ("x-down", "another value")]);
        let trailer = encoders[1].section(&[("x-trailer", "1"), ("x-last", "2")]);
        let id = 4 * index as u64;
        let up = [
            frame(1, &request),
            frame(0x4021, b"reserved"),
            frame(0, &body(index, 0, *length)),
        ];
        let whole = body(index, 1, 2 * *length);
        let (one, two) = whole.split_at(*length / 2);
        let down = [
            frame(1, &interim),
            frame(1, &response),
            frame(0, one),
            frame(0, two),
            frame(1, &trailer),
        ];
        streams.push((0, id, up.concat()));
        streams.push((1, id, down.concat()));
    }
    for side in [0usize, 1] {
        let instructions = [&[2][..], &encoders[side].instructions].concat();
        streams.push((side, 6 + side as u64, instructions));
    }
    let mut frames: Vec<(usize, Vec<u8>)> = Vec::new();
    for (side, id, bytes) in &streams {
        let parts = bytes.chunks(plan.piece).count();
        for (n, part) in bytes.chunks(plan.piece).enumerate() {
            let end = n + 1 == parts && id & 2 == 0;
            frames.push((*side, stream(*id, n * plan.piece, part, end)));
        }
    }
    let other = vec![0xee; 8];
    frames.insert(0, (1, new_id(1, &other)));
    let mut port = PORT;
    let mut data: Sent = Vec::new();
    for (n, (side, payload)) in frames.iter().enumerate() {
        if plan.update_at == Some(n) {
            wire.update();
        }
        if plan.move_at == Some(n) {
            // Another address, and the other id of the server.
            port = PORT + 1;
            wire.ids[0].clone_from(&other);
        }
        data.push((port, *side, wire.short(*side, payload)));
    }
    (opening, data, wire.key_log())
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        prop::sample::select(vec![
            Suite::Aes128Gcm,
            Suite::Aes256Gcm,
            Suite::ChaCha20Poly1305,
            Suite::Aes128Ccm,
        ]),
        prop::sample::select(vec![1, V2, 0xff00_001d]),
        prop::collection::vec(0usize..3_000, 1..6),
        40usize..1_200,
        any::<bool>(),
        prop::option::of(1usize..20),
        prop::option::of(1usize..20),
    )
        .prop_map(
            |(suite, version, lengths, piece, coalesced, update_at, move_at)| Plan {
                suite,
                version,
                lengths,
                piece,
                coalesced,
                update_at,
                move_at,
            },
        )
}

fn index_of(message: &Got) -> usize {
    let url = message.url.as_deref().unwrap_or_default();
    url.rsplit('/').next().unwrap().parse().unwrap()
}

fn check(message: &Got, plan: &Plan) {
    // Nothing of its request came.
    if message.url.is_none() && !message.up {
        return;
    }
    let index = index_of(message);
    let length = plan.lengths[index];
    assert_eq!(message.protocol, "http/3");
    assert_eq!(message.transport, Transport::Tls);
    assert_eq!(message.host.as_deref(), Some("www.example.org"));
    assert_eq!(message.missing, 0);
    if message.up {
        assert_eq!(message.method.as_deref(), Some("POST"));
        assert_eq!(message.body, body(index, 0, length));
        assert_eq!(message.header("x-up"), Some(&b"a value"[..]));
    } else if message.status == Some(103) {
        assert_eq!(message.header("link"), Some(&b"</style.css>"[..]));
    } else {
        assert_eq!(message.status, Some(200));
        assert_eq!(message.body, body(index, 1, 2 * length));
        assert_eq!(message.header("x-down"), Some(&b"another value"[..]));
        assert_eq!(message.header("x-last"), Some(&b"2"[..]));
    }
    assert!(message.headers.iter().all(|(name, _)| name[0] != b':'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the order of packets after the handshake, all messages come out whole.
    #[test]
    fn any_order(plan in plan(), seed in any::<u64>()) {
        let (opening, mut data, key_log) = connection(&plan);
        // The frame that tells the other id comes in time.
        shuffle(&mut data[1..], seed);
        let sent = [opening, data].concat();
        let got = read(&sent, &key_log, &Limits::default());
        let count = plan.lengths.len();
        prop_assert_eq!(got.up().len(), count);
        prop_assert_eq!(got.down().len(), 2 * count);
        for message in &got.messages {
            prop_assert!(message.complete);
            check(message, &plan);
        }
        for answer in got.down() {
            let asked = got.up().into_iter().find(|m| Some(m.id) == answer.answers).unwrap();
            prop_assert_eq!(index_of(asked), index_of(answer));
        }
        let row = got.connections.iter().find(|c| c.sni.is_some()).unwrap();
        prop_assert_eq!(row.sni.as_deref(), Some("www.example.org"));
        prop_assert_eq!(row.tls_version, Some("1.3"));
        for row in &got.connections {
            prop_assert_eq!((row.application, row.opened), (Some("quic"), true));
            prop_assert_eq!(row.server.1, 443);
        }
        prop_assert!(got.problems.is_empty() && got.limits.is_empty());
    }

    /// What is lost is never made up: a message marked complete is right.
    #[test]
    fn any_loss(
        plan in plan(),
        lost in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
        seed in any::<u64>(),
    ) {
        let (opening, mut data, key_log) = connection(&plan);
        shuffle(&mut data[1..], seed);
        for index in lost {
            if !data.is_empty() {
                data.remove(index.index(data.len()));
            }
        }
        let sent = [opening, data].concat();
        let got = read(&sent, &key_log, &Limits::default());
        prop_assert!(got.up().len() <= plan.lengths.len());
        for message in got.messages.iter().filter(|m| m.complete) {
            check(message, &plan);
        }
        // With little room for what comes early, the same holds.
        let limits = Limits { reorder_bytes: 2_000, ..Limits::default() };
        let got = read(&sent, &key_log, &limits);
        for message in got.messages.iter().filter(|m| m.complete) {
            check(message, &plan);
        }
    }

    /// Damage makes no message, and no failure.
    #[test]
    fn any_damage(
        plan in plan(),
        at in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..40),
    ) {
        let (opening, data, key_log) = connection(&plan);
        let mut sent = [opening, data].concat();
        for (packet, place, value) in at {
            let packet = packet.index(sent.len());
            let bytes = &mut sent[packet].2;
            let place = place.index(bytes.len());
            bytes[place] = value;
            if value == 0 {
                bytes.truncate(place);
            }
        }
        let got = read(&sent, &key_log, &Limits::default());
        for message in got.messages.iter().filter(|m| m.complete) {
            check(message, &plan);
        }
    }
}

/// A shuffle that the same seed repeats.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for n in (1..items.len()).rev() {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(n, (seed >> 33) as usize % (n + 1));
    }
}

fn simple() -> Plan {
    Plan {
        suite: Suite::Aes128Gcm,
        version: 1,
        lengths: vec![100, 2_000],
        piece: 500,
        coalesced: true,
        update_at: None,
        move_at: None,
    }
}

#[test]
fn without_keys_or_with_others() {
    let (opening, data, key_log) = connection(&simple());
    let sent = [opening.clone(), data.clone()].concat();
    let reason = |sent: &[_], keys: &str| {
        let got = read(sent, keys, &Limits::default());
        assert!(got.messages.is_empty());
        let row = &got.connections[0];
        assert_eq!((row.application, row.transport), (Some("quic"), "tls"));
        assert!(!row.opened);
        row.not_opened
    };
    assert_eq!(reason(&sent, ""), Some("no keys"));
    let wrong: String = key_log
        .lines()
        .map(|line| format!("{}0\n", &line[..line.len() - 1]))
        .collect();
    assert_eq!(reason(&sent, &wrong), Some("keys do not fit"));
    assert_eq!(reason(&opening[2..], &key_log), Some("gap"));
    let draft = [&[0xc3u8, 0xff, 0, 0, 9, 8][..], &[1; 40]].concat();
    assert_eq!(reason(&[(PORT, 0, draft)], ""), Some("quic draft"));
}

/// A path whose first packets are the middle of another connection.
#[test]
fn a_path_that_is_used_again() {
    let plan = simple();
    let (opening, data, key_log) = connection(&plan);
    let mut other = Wire::new(33, Suite::Aes128Gcm, 1);
    let before = (0..12).map(|n| (PORT, n % 2, other.short(n % 2, &[1; 50])));
    let sent: Sent = before.chain(opening).chain(data).collect();
    let got = read(&sent, &key_log, &Limits::default());
    assert_eq!((got.up().len(), got.down().len()), (2, 4));
}

#[test]
fn what_the_server_chose_and_its_certificate() {
    let (opening, data, key_log) = connection(&simple());
    let got = read(&[opening, data].concat(), &key_log, &Limits::default());
    let row = &got.connections[0];
    assert_eq!(row.tls_version, Some("1.3"));
    assert_eq!(row.cipher.as_deref(), Some("TLS_AES_128_GCM_SHA256"));
    assert_eq!(row.alpn_chosen.as_deref(), Some("h3"));
    assert!(row.ja4s.as_ref().is_some_and(|j| j.starts_with("q1301")));
    assert_eq!(row.certificate_subject.as_deref(), Some("O=Example"));
    assert_eq!(row.certificate_issuer.as_deref(), Some("CN=Test CA"));
    assert_eq!(row.certificate_organisation.as_deref(), Some("Example"));
    assert_eq!(row.certificate_names, ["www.example.org"]);
    assert_eq!(row.certificate_from, Some(1_767_225_600_000_000));
    assert!(row.certificate_until.is_some() && !row.client_certificate && !row.ech);
}

#[test]
fn data_before_the_hello() {
    let plan = simple();
    let (opening, data, key_log) = connection(&plan);
    let mut sent = opening;
    let hello = sent.remove(0);
    let second = sent.remove(0);
    sent.truncate(3);
    sent.push(second);
    sent.push(hello);
    let sent = [sent, data].concat();
    let got = read(&sent, &key_log, &Limits::default());
    assert_eq!((got.up().len(), got.down().len()), (2, 4));
    assert!(got.messages.iter().all(|m| m.complete));
}

#[test]
fn many_updates_of_which_some_are_not_captured() {
    let mut wire = Wire::new(9, Suite::Aes256Gcm, 1);
    let mut sent: Sent = wire
        .opening("a.example", false)
        .into_iter()
        .map(|(side, bytes)| (PORT, side, bytes))
        .collect();
    let mut encoder = Encoder::new();
    for (n, updates) in [0u64, 1, 1, 3, 2, 1].into_iter().enumerate() {
        for _ in 0..updates {
            wire.update();
        }
        let section = encoder.section(&[(":method", "GET")]);
        let bytes = frame(1, &section);
        let payload = stream(4 * n as u64, 0, &bytes, true);
        sent.push((PORT, 0, wire.short(0, &payload)));
    }
    let got = read(&sent, &wire.key_log(), &Limits::default());
    assert_eq!(got.up().len(), 6);
}

#[test]
fn a_section_whose_instructions_never_come() {
    let plan = Plan {
        lengths: vec![10],
        ..simple()
    };
    let (opening, data, key_log) = connection(&plan);
    // The last frames are the encoder streams of both sides.
    let short = data.len() - 2;
    let sent = [opening, data[..short].to_vec()].concat();
    let got = read(&sent, &key_log, &Limits::default());
    let request = got.up()[0];
    assert_eq!(request.method.as_deref(), Some("POST"));
    assert_eq!(request.host.as_deref(), Some("www.example.org"));
    assert!(!request.complete);
    assert_eq!(request.body, body(0, 0, 10));
    assert!(got.codes().contains(&"blocked QPACK"));
}
