//! MQTT, and streams and datagrams that nobody knows.

use super::build::{Talk, datagram, pcap};
use super::collect::read;
use crate::protocol::raw;

fn field(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    assert!(body.len() < 128);
    [&[first, body.len() as u8][..], body].concat()
}

#[test]
fn mqtt_of_all_versions() {
    for (name, level, properties) in [
        (&b"MQIsdp"[..], 3, false),
        (b"MQTT", 4, false),
        (b"MQTT", 5, true),
    ] {
        let none: &[u8] = if properties { &[0] } else { &[] };
        let user: Vec<u8> = if properties {
            let pair = [&[0x26][..], &field(b"k"), &field(b"v")].concat();
            [&[pair.len() as u8][..], &pair].concat()
        } else {
            Vec::new()
        };
        let connect = [
            &field(name)[..],
            &[level, 0b1100_0110, 0, 60],
            none,
            &field(b"phone-1"),
            none,
            &field(b"gone"),
            &field(b"bye"),
            &field(b"user"),
            &field(b"secret"),
        ]
        .concat();
        let publish = [&field(b"a/b c")[..], &[0, 7], &user, b"payload"].concat();
        let subscribe = [
            &[0, 8][..],
            none,
            &field(b"x/#"),
            &[1],
            &field(b"y/+"),
            &[0],
        ]
        .concat();
        let bytes = [
            packet(0x10, &connect),
            packet(0x32, &publish),
            packet(0x82, &subscribe),
            packet(0xc0, b""),
        ]
        .concat();
        for segment in [1, 7, 500] {
            let mut talk = Talk::open();
            for part in bytes.chunks(segment) {
                talk.up(part);
            }
            talk.down(&packet(0x20, &[0, 0])).fin();
            let got = read(&talk.pcap());
            assert!(got.problems.is_empty(), "{got:#?}");
            let [connect, publish, subscribe, granted] = got.messages.as_slice() else {
                panic!("{got:#?}")
            };
            assert_eq!(connect.method.as_deref(), Some("CONNECT"));
            assert_eq!(connect.header("client-id"), Some(&b"phone-1"[..]));
            assert_eq!(connect.header("user-name"), Some(&b"user"[..]));
            assert_eq!(connect.header("will-topic"), Some(&b"gone"[..]));
            assert_eq!(
                (connect.protocol.as_str(), &connect.body[..]),
                ("mqtt", &b"bye"[..])
            );
            assert_eq!(publish.url.as_deref(), Some("mqtt://192.0.2.80:80/a/b%20c"));
            assert_eq!(
                (&publish.body[..], publish.complete),
                (&b"payload"[..], true)
            );
            assert_eq!(publish.header("k").is_some(), properties);
            assert_eq!(subscribe.headers.len(), 2);
            assert_eq!(
                (granted.answers, granted.status),
                (Some(connect.id), Some(0))
            );
            assert_eq!(got.connections[0].application, Some("mqtt"));
        }
    }
}

#[test]
fn mqtt_from_the_middle() {
    let mut talk = Talk::silent();
    talk.up(&packet(0x30, &field(b"topic/1"))[3..]);
    talk.up(&packet(0x30, &[&field(b"topic/2")[..], b"body"].concat()));
    talk.down(&packet(0xd0, b""))
        .down(&packet(0x30, &field(b"topic/3")));
    let got = read(&talk.pcap());
    let urls: Vec<_> = got
        .messages
        .iter()
        .map(|m| m.url.as_deref().unwrap())
        .collect();
    assert_eq!(
        urls,
        [
            "mqtt://192.0.2.80:80/topic/2",
            "mqtt://192.0.2.80:80/topic/3"
        ]
    );
}

#[test]
fn each_turn_of_an_unknown_stream_is_a_message() {
    let mut talk = Talk::open();
    talk.up(b"\x01\x02imei=")
        .up(b"1234")
        .down(b"\x05ok")
        .up(b"\x01more")
        .fin();
    let got = read(&talk.pcap());
    let rows: Vec<_> = got
        .messages
        .iter()
        .map(|m| (m.protocol.as_str(), m.up, &m.body[..], m.complete))
        .collect();
    assert_eq!(
        rows,
        [
            ("tcp", true, &b"\x01\x02imei=1234"[..], true),
            ("tcp", false, b"\x05ok", true),
            ("tcp", true, b"\x01more", true),
        ]
    );
    let row = &got.connections[0];
    assert_eq!(
        (row.application, row.opened, row.not_opened),
        (None, false, Some("unknown protocol"))
    );
}

#[test]
fn one_side_alone_and_too_little_to_tell() {
    let mut talk = Talk::open();
    talk.up(b"\x01only").fin();
    assert_eq!(read(&talk.pcap()).messages[0].body, b"\x01only");
    let mut talk = Talk::open();
    talk.up(b"GE").fin();
    assert_eq!(read(&talk.pcap()).messages[0].body, b"GE");
}

#[test]
fn the_beginning_of_a_long_stream_is_kept_and_the_limit_told() {
    let mut talk = Talk::open();
    for _ in 0..200 {
        talk.up(&[1; 1000]);
    }
    talk.down(b"\x01answer").fin();
    let got = read(&talk.pcap());
    let kept: usize = got.up().iter().map(|m| m.body.len()).sum();
    assert_eq!(kept as u64, raw::STREAM_BYTES);
    assert!(got.up().iter().any(|m| !m.complete));
    assert_eq!(got.down()[0].body, b"\x01answer");
    assert_eq!(got.limits[0].limit, raw::STREAM_BYTES);
}

#[test]
fn named_protocols_in_words_are_kept() {
    let mut talk = Talk::open();
    talk.down(b"220 mail.example.org ESMTP\r\n")
        .up(b"EHLO phone\r\n")
        .fin();
    let got = read(&talk.pcap());
    assert_eq!(got.messages.len(), 2);
    assert_eq!(got.connections[0].application, Some("smtp or ftp"));
}

#[test]
fn the_first_datagrams_of_a_flow() {
    let frames: Vec<_> = (0..20u8)
        .map(|n| datagram(50_000, 9_999, &[7, n]))
        .collect();
    let got = read(&pcap(1, &frames));
    assert_eq!(got.messages.len(), raw::DATAGRAMS as usize);
    assert_eq!(
        (got.messages[3].protocol.as_str(), &got.messages[3].body[..]),
        ("udp", &[7, 3][..])
    );
    // No damage of the file ("limit"): long flows are in every capture.
    assert_eq!(
        (got.problems[0].code, got.problems[0].count),
        ("beginning", 12)
    );
    let frames: Vec<_> = (0..6u8)
        .map(|n| datagram(50_000, 9_999, &[n; 8_000]))
        .collect();
    let got = read(&pcap(1, &frames));
    assert_eq!((got.messages.len(), got.problems[0].count), (3, 3));
    let frames: Vec<_> = (0..3u8)
        .map(|n| datagram(50_000, 443, &[0x47, n]))
        .collect();
    assert!(read(&pcap(1, &frames)).messages.is_empty());
}
