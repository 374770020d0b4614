//! TLS without keys, and datagrams that are recognised.

use super::build::{Talk, datagram, pcap};
use super::collect::read;

fn vector(length_bytes: usize, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    [&length[8 - length_bytes..], body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector(2, body)].concat()
}

fn client_hello() -> Vec<u8> {
    let name = [&[0u8][..], &vector(2, b"Www.Example.org")].concat();
    let extensions = [
        extension(0x1a1a, b""),
        extension(0, &vector(2, &name)),
        extension(
            16,
            &vector(2, &[vector(1, b"h2"), vector(1, b"http/1.1")].concat()),
        ),
        extension(13, &vector(2, &[4, 3, 8, 4])),
        extension(43, &vector(1, &[0x2a, 0x2a, 3, 4, 3, 3])),
        extension(51, &[0; 1200]),
    ]
    .concat();
    let body = [
        &[3u8, 3][..],
        &[7; 32],
        &vector(1, &[9; 32]),
        &vector(2, &[0x0a, 0x0a, 0x13, 1, 0x13, 2]),
        &vector(1, &[0]),
        &vector(2, &extensions),
    ]
    .concat();
    [&[1u8][..], &vector(3, &body)].concat()
}

fn server_hello() -> Vec<u8> {
    let body = [
        &[3u8, 3][..],
        &[8; 32],
        &vector(1, &[9; 32]),
        &[0x13, 1, 0],
        &vector(2, &extension(43, &[3, 4])),
    ]
    .concat();
    [&[2u8][..], &vector(3, &body)].concat()
}

fn records(message: &[u8], size: usize) -> Vec<u8> {
    message
        .chunks(size)
        .flat_map(|part| [&[0x16u8, 3, 1][..], &vector(2, part)].concat())
        .collect()
}

#[test]
fn hello_in_any_number_of_records_and_segments() {
    for (record, segment) in [(16_384, 9_000), (16_384, 1), (100, 333), (1, 7), (3, 1)] {
        let mut talk = Talk::silent();
        talk.server.1 = 443;
        talk = talk.handshake();
        for part in records(&client_hello(), record).chunks(segment) {
            talk.up(part);
        }
        for part in records(&server_hello(), record).chunks(segment) {
            talk.down(part);
        }
        talk.up(&[0x17, 3, 3, 0, 3, 1, 2, 3]);
        let got = read(&talk.pcap());
        let row = &got.connections[0];
        assert_eq!(
            row.sni.as_deref(),
            Some("www.example.org"),
            "{record} {segment}"
        );
        assert_eq!(row.alpn, ["h2", "http/1.1"]);
        assert_eq!(row.tls_version, Some("1.3"));
        let ja4 = row.ja4.as_deref().unwrap();
        assert!(ja4.starts_with("t13d0205h2_"), "{ja4}");
        assert_eq!((row.application, row.transport), (Some("tls"), "tls"));
        assert_eq!((row.opened, row.not_opened), (false, Some("no keys")));
        assert!(got.messages.is_empty() && got.problems.is_empty());
    }
}

#[test]
fn tls_behind_a_proxy() {
    let mut talk = Talk::open();
    talk.up(b"CONNECT www.example.org:443 HTTP/1.1\r\n\r\n")
        .down(b"HTTP/1.1 200 OK\r\n\r\n")
        .up(&records(&client_hello(), 16_384));
    let got = read(&talk.pcap());
    assert_eq!(got.messages.len(), 2);
    assert_eq!(got.connections[0].sni.as_deref(), Some("www.example.org"));
}

#[test]
fn from_the_middle_only_the_protocol_is_known() {
    let mut talk = Talk::silent();
    talk.down(&[0x17, 3, 3, 0, 3, 1, 2, 3])
        .up(&[0x17, 3, 3, 0, 3, 1, 2, 3]);
    let got = read(&talk.pcap());
    assert_eq!(got.connections[0].application, Some("tls"));
    assert_eq!(got.connections[0].ja4, None);
}

#[test]
fn datagrams_by_their_first_bytes() {
    let mut stun = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    stun.resize(20, 0);
    let quic = [&[0xc3u8, 0, 0, 0, 1, 8][..], &[1; 40]].concat();
    type Case<'a> = (&'a [u8], u16, Option<&'a str>, Option<&'a str>);
    let cases: [Case<'_>; 4] = [
        (&quic, 443, Some("quic"), Some("gap")),
        (&stun, 3478, Some("stun"), Some("not read")),
        (
            b"M-SEARCH * HTTP/1.1\r\n\r\n",
            1900,
            Some("ssdp"),
            Some("not read"),
        ),
        (b"\x07\x07\x07\x07", 9999, None, Some("unknown protocol")),
    ];
    for (payload, port, application, why) in cases {
        let got = read(&pcap(1, &[datagram(50_000, port, payload)]));
        let row = &got.connections[0];
        assert_eq!((row.application, row.not_opened), (application, why));
        assert_eq!((row.bytes_up, row.server.1), (payload.len() as i64, port));
    }
}
