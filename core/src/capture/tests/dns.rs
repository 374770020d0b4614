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

#[test]
fn service_records_name_addresses_and_protocols() {
    let data = [
        &[0u8, 1][..],
        &name("svc.example"),
        &[0, 1, 0, 6, 2, b'h', b'3', 2, b'h', b'2'],
        &[0, 4, 0, 8, 192, 0, 2, 1, 192, 0, 2, 2],
        &[0, 5, 0, 3, 9, 9, 9],
        &[
            0, 6, 0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
        ],
    ]
    .concat();
    let records = [
        (vec![0xc0, 12], 65, data.clone()),
        (vec![0xc0, 12], 65, data[..9].to_vec()),
    ];
    let got = read(&pcap(
        1,
        &[
            datagram(50_000, 53, &query(7, "www.example", 65)),
            datagram_back(53, 50_000, &answer(7, "www.example", 65, &records)),
        ],
    ));
    let shown = got.messages[1].header("HTTPS").map(String::from_utf8_lossy);
    assert_eq!(
        shown.as_deref(),
        Some("1 svc.example alpn=h3,h2 ipv4hint=192.0.2.1,192.0.2.2 ech ipv6hint=2001:db8::5")
    );
    let svc = Some("svc.example".to_owned());
    let row = |address: &str| ("www.example".to_owned(), svc.clone(), address.to_owned(), 1);
    assert_eq!(
        got.names,
        [row("192.0.2.1"), row("192.0.2.2"), row("2001:db8::5")]
    );
}

#[test]
fn inside_http() {
    let asked = query(0, "www.example", 1);
    let answered = answer(
        0,
        "www.example",
        1,
        &[(vec![0xc0, 12], 1, vec![192, 0, 2, 7])],
    );
    let head = |start: &str, body: &[u8]| {
        let fields = format!(
            "{start}\r\nHost: doh.example\r\nContent-Type: application/dns-message\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [fields.as_bytes(), body].concat()
    };
    let coded = data_encoding::BASE64URL_NOPAD.encode(&asked);
    let mut talk = Talk::open();
    talk.up(&head("POST /dns-query HTTP/1.1", &asked));
    talk.down(&head("HTTP/1.1 200 OK", &answered));
    talk.up(
        format!("GET /dns-query?x=1&dns={coded} HTTP/1.1\r\nHost: doh.example\r\n\r\n").as_bytes(),
    );
    talk.down(&head("HTTP/1.1 200 OK", &answered));
    let got = read(&talk.pcap());
    let rows: Vec<_> = got
        .messages
        .iter()
        .map(|m| {
            (
                m.protocol.as_str(),
                m.up,
                m.url.as_deref().unwrap_or_default(),
                m.answers,
            )
        })
        .collect();
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[1], ("dns", true, "dns:www.example", None));
    assert_eq!(
        rows[3],
        ("dns", false, "dns:www.example", Some(got.messages[1].id))
    );
    assert_eq!(rows[5], ("dns", true, "dns:www.example", None));
    assert_eq!(
        rows[7],
        ("dns", false, "dns:www.example", Some(got.messages[5].id))
    );
    assert_eq!(got.names.len(), 2);
    assert_eq!(got.messages[3].body, answered);
}
