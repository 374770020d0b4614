//! What is said inside protected records and packets, and in captures of which a part is missing.

use crate::classic::{SMALL, SUITES};
use crate::pieces::{DOWN, LATE, LOST, Piece, SEALED, join, pieces};
use crate::quic_wire::{COALESCED, DATA, EARLY, HANDSHAKE, STREAM, UPDATE};
use crate::seeds_http;
use crate::tls::vector;

const QUERY: &[u8] = b"\0\0\x01\0\0\x01\0\0\0\0\0\0\x07collect\x07example\0\0\x01\0\x01";
const ANSWER: &[u8] = b"\0\0\x81\x80\0\x01\0\x01\0\0\0\0\x07collect\x07example\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x07";

/// The same pieces with these flags besides.
fn flagged(talk: &[u8], flags: u8) -> Vec<u8> {
    let said: Vec<Piece<'_>> = pieces(talk)
        .iter()
        .map(|(own, bytes)| (own | flags, *bytes))
        .collect();
    join(&said)
}

/// The streams of [`seeds_http::http3`], as pieces that name their stream.
fn http3(level: u8) -> Vec<u8> {
    let talk = seeds_http::http3();
    let said: Vec<(u8, Vec<u8>)> = pieces(&talk)
        .iter()
        .map(|(flags, bytes)| {
            let name = flags >> 4 | (flags & 8) << 4;
            (flags & DOWN | SEALED | level, [&[name][..], bytes].concat())
        })
        .collect();
    let said: Vec<Piece<'_>> = said.iter().map(|(flags, b)| (*flags, &b[..])).collect();
    join(&said)
}

/// (target, name, input).
pub fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut found: Vec<(&'static str, String, Vec<u8>)> = Vec::new();
    let mut add = |target, name: &str, bytes: Vec<u8>| found.push((target, name.to_owned(), bytes));
    let one = flagged(&seeds_http::http1(), SEALED);
    for suite in 0..SUITES.len() as u8 {
        let talk = [&[suite, suite & 7, 0][..], &one].concat();
        add("tls12", &format!("suite-{suite}"), talk);
    }
    let two = flagged(&seeds_http::http2(), SEALED);
    let web = |deflate| flagged(&seeds_http::websocket(deflate)[1..], SEALED);
    add("tls12", "http2", [&[0, 0, 1][..], &two].concat());
    add(
        "tls12",
        "chained",
        [&[7, 1, 1][..], &flagged(&two, SMALL)].concat(),
    );
    add("tls12", "websocket", [&[7, 4, 2][..], &web(false)].concat());
    add("tls12", "deflate", [&[2, 0, 3][..], &web(true)].concat());
    let hello = [(SEALED | 0x10, &[0, 0, 0, 0][..]), (SEALED | 0x20, &[1, 0])];
    add("tls12", "after", [&[0, 0, 0][..], &join(&hello)].concat());

    for form in [0, 1, 2, 3, 4, 8] {
        let talk = [&[form][..], &http3(STREAM)].concat();
        add("quic1rtt", &format!("http3-{form}"), talk);
    }
    let asked = [&[0x80][..], &vector(2, QUERY)].concat();
    let answered = [&[0x80][..], &vector(2, ANSWER)].concat();
    let doq = join(&[
        (SEALED | STREAM, &asked),
        (SEALED | STREAM | DOWN, &answered),
    ]);
    add("quic1rtt", "doq", [&[0x10][..], &doq].concat());
    let asked = [&[0x80][..], QUERY].concat();
    let answered = [&[0x80][..], ANSWER].concat();
    let doq = join(&[
        (SEALED | STREAM, &asked),
        (SEALED | STREAM | DOWN, &answered),
    ]);
    add("quic1rtt", "doq-early", [&[0x20][..], &doq].concat());
    let frames = [
        (SEALED | EARLY, &b"\x0a\x02\x03\x00\x04\x00"[..]),
        (SEALED | DATA, b"\x08\x00hello"),
        (
            SEALED | HANDSHAKE | DOWN,
            b"\x06\x00\x04\x14\0\0\0\x02\0\0\0\0",
        ),
        (SEALED | UPDATE, b"\x0f\x00\x05\x02ab\x04\x00\x00\x05"),
        (
            SEALED | DATA | DOWN | COALESCED,
            b"\x18\x01\x00\x04abcd0123456789abcdef",
        ),
        (SEALED | DATA | DOWN, b"\x1c\x00\x00\x00"),
        (DOWN, b"\x40abcdefghijklmnopqrstuvwxyz"),
        (SEALED | LATE, b"\x0e\x00\x07\x01z"),
        (SEALED | LOST, b"\x01"),
        (SEALED, b"\x02\x05\x00\x00\x05\x1e\x1a01234567\x30x"),
    ];
    add("quic1rtt", "frames", [&[0][..], &join(&frames)].concat());

    for kind in 0..6u8 {
        let (pieces, begin) = match kind {
            0 => (seeds_http::http1(), [0, 0]),
            1 => (seeds_http::http2(), [0, 0]),
            2 => (seeds_http::websocket(true)[1..].to_vec(), [0, 0]),
            3 => (one.clone(), [0, 0]),
            4 => (one.clone(), [0, 0]),
            _ => (http3(STREAM), [0, 0]),
        };
        for (name, cut) in [
            ("whole", [0u8, 0, 0, 0, 0, 0]),
            ("until", [7, 40, 0, 0, 0, 0]),
            ("snapped", [0, 0, 96, 3, 0, 0]),
            ("begun", [0, 0, 0, 0, 2, 0]),
        ] {
            let bytes = [&[kind][..], &cut, &begin, &pieces].concat();
            add("partial", &format!("{name}-{kind}"), bytes);
        }
    }
    found
}
