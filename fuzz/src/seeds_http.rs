//! HTTP/1.1, HTTP/2, HTTP/3 and WebSocket, to begin with.

use crate::pieces::{DOWN, join};
use crate::tls::vector;

/// The client's preface (RFC 9113 section 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The opening handshake of WebSocket (RFC 6455 section 4).
pub const UPGRADE: &[u8] =
    b"GET /live HTTP/1.1\r\nHost: push.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

/// The answer to [`UPGRADE`].
pub fn upgraded(deflate: bool) -> String {
    let extension = if deflate {
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    } else {
        ""
    };
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{extension}\r\n"
    )
}

/// One frame of HTTP/2 (RFC 9113 section 4.1).
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [
        &(payload.len() as u32).to_be_bytes()[1..],
        &[kind, flags],
        &stream.to_be_bytes(),
        payload,
    ]
    .concat()
}

/// A field section of HPACK (RFC 7541 section 6.2): literals without indexing, names in clear.
pub fn hpack(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| vector(1, text.as_bytes());
    fields
        .iter()
        .flat_map(|(name, value)| [vec![0x40], text(name), text(value)].concat())
        .collect()
}

const REQUEST: [(&str, &str); 5] = [
    (":method", "POST"),
    (":scheme", "http"),
    (":authority", "collect.example"),
    (":path", "/v1?android_id=5e2f8a91c07b43d6"),
    ("content-type", "application/json"),
];

/// A request and its answer.
pub fn http1() -> Vec<u8> {
    join(&[
        (0, b"POST /v1?id=5e2f8a91c07b43d6 HTTP/1.1\r\nHost: collect.example\r\nContent-Length: 13\r\n\r\n{\"a\":\"waarde\"}"),
        (DOWN, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        (0, b"HEAD / HTTP/1.1\r\nHost: collect.example\r\nExpect: 100-continue\r\nCookie: a=b; c=d\r\n\r\n"),
        (DOWN, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"),
    ])
}

/// Settings, a request, its answer.
pub fn http2() -> Vec<u8> {
    let ask = [
        frame(4, 0, 0, &[0, 1, 0, 0, 16, 0, 0, 5, 0, 0, 64, 0]),
        frame(1, 4, 1, &hpack(&REQUEST)),
        frame(0, 1, 1, b"{\"a\":\"waarde\"}"),
        frame(8, 0, 0, &[0, 1, 0, 0]),
    ]
    .concat();
    let answer = [
        frame(4, 0, 0, b""),
        frame(
            1,
            4,
            1,
            &[0x88, 0x5f, 0x87, 0x49, 0x7c, 0xa5, 0x8a, 0xe8, 0x19, 0xaa],
        ),
        frame(0, 1, 1, b"hello"),
        frame(5, 4, 1, &[&[0, 0, 0, 2][..], &hpack(&REQUEST)].concat()),
        frame(7, 0, 0, &[0; 8]),
    ]
    .concat();
    join(&[(0, &ask), (DOWN, &answer)])
}

/// Control streams, encoder streams, a request, its answer.
pub fn http3() -> Vec<u8> {
    // Literals with literal names (RFC 9204 section 4.5.6); names from 7 bytes on have a longer length.
    let name = |text: &str| match text.len() {
        short @ 0..7 => [&[0x20 | short as u8][..], text.as_bytes()].concat(),
        long => [&[0x27, (long - 7) as u8][..], text.as_bytes()].concat(),
    };
    let section: Vec<u8> = REQUEST
        .iter()
        .flat_map(|(key, value)| [name(key), vector(1, value.as_bytes())].concat())
        .collect();
    let section = [&[0, 0][..], &section].concat();
    let ask = [
        &[1, 0x40, section.len() as u8][..],
        &section,
        &[0, 5],
        b"hello",
    ]
    .concat();
    let answer = [&[1, 3, 0, 0, 0xd9, 0, 5][..], b"hello"].concat();
    join(&[
        (0x20, &[0, 4, 2, 1, 0x20]),
        (
            0x20 | 0x40,
            &[
                2, 0x3f, 0xe1, 0x1f, 0x45, b'x', b'-', b'd', b'i', b'd', 2, b'4', b'2',
            ],
        ),
        (DOWN | 0x30, &[0, 4, 0]),
        (8, &ask),
        (DOWN | 8, &answer),
    ])
}

/// A text from the client (masked), a text from the server, both in clear; and one that is compressed.
pub fn websocket(deflate: bool) -> Vec<u8> {
    let packed: &[u8] = &[0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let down: &[u8] = if deflate { packed } else { b"\x81\x05hello" };
    let pieces = [
        (0, &b"\x81\x85\0\0\0\0hello"[..]),
        (DOWN, down),
        (DOWN, b"\x89\0"),
        (0, b"\x01\x83\x01\x02\x03\x04abc"),
        (0, b"\x80\x82\0\0\0\0de"),
        (0, b"\x88\x82\0\0\0\0\x03\xe8"),
    ];
    [vec![u8::from(deflate)], join(&pieces)].concat()
}
