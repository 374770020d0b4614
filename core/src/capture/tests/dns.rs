//! DNS in datagrams and streams.

use super::build::{Talk, datagram, datagram_back, pcap};
use super::collect::read;

fn name(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in text.split('.').filter(|l| !l.is_empty()) {
        bytes.push(label.len() as u8);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn query(id: u16, of: &str, kind: u16) -> Vec<u8> {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    bytes.extend(name(of));
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1]);
    bytes
}

fn answer(id: u16, of: &str, kind: u16, records: &[(Vec<u8>, u16, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = query(id, of, kind);
    bytes[2..4].copy_from_slice(&[0x81, 0x80]);
    bytes[7] = records.len() as u8;
    for (owner, kind, data) in records {
        bytes.extend(owner);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60]);
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
    }
    bytes
}

#[test]
fn a_chain_of_names_leads_to_addresses() {
    let records = [
        (vec![0xc0, 12], 5, name("a.cdn.example")),
        (name("a.cdn.example"), 5, name("b.cdn.example")),
        (name("b.cdn.example"), 1, vec![192, 0, 2, 7]),
        (
            name("B.CDN.example"),
            28,
            vec![0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
        ),
        (name("unrelated.example"), 1, vec![192, 0, 2, 9]),
    ];
    let got = read(&pcap(
        1,
        &[
            datagram(50_000, 53, &query(7, "WWW.example.org", 65)),
            datagram(50_000, 53, &query(8, "www.example.org", 1)),
            datagram_back(53, 50_000, &answer(8, "www.example.org", 1, &records)),
            datagram_back(53, 50_000, &answer(9, "other.example", 0xff00, &[])),
        ],
    ));
    let seen: Vec<_> = got
        .messages
        .iter()
        .map(|m| {
            (
                m.method.as_deref().unwrap(),
                m.url.as_deref().unwrap(),
                m.status,
                m.answers,
                m.up,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("HTTPS", "dns:www.example.org", None, None, true),
            ("A", "dns:www.example.org", None, None, true),
            ("A", "dns:www.example.org", Some(0), Some(1), false),
            ("TYPE65280", "dns:other.example", Some(0), None, false),
        ]
    );
    let row =
        |n: &str, c: Option<&str>, a: &str| (n.to_owned(), c.map(str::to_owned), a.to_owned(), 2);
    assert_eq!(
        got.names,
        [
            row("www.example.org", Some("b.cdn.example"), "192.0.2.7"),
            row("www.example.org", Some("b.cdn.example"), "2001:db8::7"),
            row("unrelated.example", None, "192.0.2.9"),
        ]
    );
    assert_eq!(got.messages[0].server, Some(("192.0.2.80".to_owned(), 53)));
    let row = &got.connections[0];
    assert_eq!(
        (row.application, row.opened, row.transport),
        (Some("dns"), true, "clear")
    );
}

#[test]
fn names_that_loop_or_run_away_are_refused() {
    let mut looping = query(1, "x", 1);
    looping[12] = 0xc0;
    looping[13] = 12;
    let mut long = query(1, "x", 1);
    long.splice(
        12..15,
        std::iter::repeat_n([63u8].into_iter().chain([b'a'; 63]), 5).flatten(),
    );
    for bytes in [looping, long, vec![0; 12], vec![0xff; 40]] {
        let got = read(&pcap(1, &[datagram(50_000, 53, &bytes)]));
        assert!(got.messages.is_empty());
        assert_eq!(got.codes(), ["malformed"]);
    }
    let odd = query(1, "a\\b", 1);
    let mut odd_bytes = odd.clone();
    odd_bytes[13] = b'.';
    let got = read(&pcap(1, &[datagram(50_000, 53, &odd_bytes)]));
    assert_eq!(got.messages[0].url.as_deref(), Some("dns:\\.\\\\b"));
}

#[test]
fn over_a_stream_in_pieces() {
    let framed = |message: &[u8]| [&(message.len() as u16).to_be_bytes()[..], message].concat();
    let mut talk = Talk::silent();
    talk.server.1 = 53;
    talk = talk.handshake();
    let two = [
        framed(&query(1, "a.example", 1)),
        framed(&query(2, "b.example", 28)),
    ]
    .concat();
    for piece in two.chunks(5) {
        talk.up(piece);
    }
    let records = [(vec![0xc0, 12], 1, vec![192, 0, 2, 1])];
    talk.down(&framed(&answer(2, "b.example", 28, &[])));
    talk.down(&framed(&answer(1, "a.example", 1, &records)));
    let got = read(&talk.pcap());
    let seen: Vec<_> = got
        .messages
        .iter()
        .map(|m| (m.url.clone().unwrap(), m.answers))
        .collect();
    assert_eq!(
        seen,
        [
            ("dns:a.example".to_owned(), None),
            ("dns:b.example".to_owned(), None),
            ("dns:b.example".to_owned(), Some(1)),
            ("dns:a.example".to_owned(), Some(0)),
        ]
    );
    assert_eq!(got.names.len(), 1);
    assert_eq!(got.messages[0].body, query(1, "a.example", 1));
}
