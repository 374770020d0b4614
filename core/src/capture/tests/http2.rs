//! HTTP/2 in a TCP connection: frames built here, in any pieces, with holes.

use super::build::Talk;
use super::collect::{Got, read};
use crate::protocol::http2::PREFACE;
use crate::protocol::http2::hpack::tests::Encoder;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
const PRIORITY: u8 = 0x20;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let stream = stream.to_be_bytes();
    [&length[1..], &[kind, flags], &stream, payload].concat()
}

pub(crate) fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])
}

const ASKED: [(&str, &str); 5] = [
    (":method", "POST"),
    (":scheme", "https"),
    (":authority", "Example.org"),
    (":path", "/a?b=c"),
    ("user-agent", "x/1"),
];

fn texts(message: &Got) -> Vec<(String, String)> {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let fields = message.headers.iter();
    fields.map(|(n, v)| (text(n), text(v))).collect()
}

#[test]
fn a_request_and_its_answer_with_trailers() {
    let (mut up, mut down) = (Encoder::new(), Encoder::new());
    let mut talk = Talk::open();
    let padded = [&[3u8][..], b"hello", &[0; 3]].concat();
    talk.up(&[PREFACE, &settings()[..]].concat())
        .down(&settings());
    talk.up(&frame(
        HEADERS,
        END_HEADERS | PRIORITY,
        1,
        &[&[0, 0, 0, 0, 9][..], &up.block(&ASKED)].concat(),
    ));
    talk.up(&frame(DATA, PADDED, 1, &padded));
    talk.up(&frame(0xfa, 0xff, 1, b"an extension"));
    talk.up(&frame(DATA, END_STREAM, 1, b" world"));
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        1,
        &down.block(&[(":status", "103"), ("link", "</x>")]),
    ));
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        1,
        &down.block(&[(":status", "200"), ("a", "b")]),
    ));
    talk.down(&frame(DATA, 0, 1, b"answer"));
    talk.down(&frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        &down.block(&[("grpc-status", "0")]),
    ));
    talk.fin();
    let got = read(&talk.pcap());
    let [request, early, answer] = got.messages.as_slice() else {
        panic!("{got:#?}")
    };
    assert_eq!(request.protocol, "http/2");
    assert_eq!(request.method.as_deref(), Some("POST"));
    assert_eq!(request.url.as_deref(), Some("https://Example.org/a?b=c"));
    assert_eq!(request.host.as_deref(), Some("example.org"));
    assert_eq!(
        texts(request),
        [("user-agent".to_owned(), "x/1".to_owned())]
    );
    assert_eq!(
        (&request.body[..], request.complete),
        (&b"hello world"[..], true)
    );
    assert_eq!((request.frame, early.status), (6, Some(103)));
    assert_eq!(
        (answer.answers, answer.status),
        (Some(request.id), Some(200))
    );
    assert_eq!(early.answers, Some(request.id));
    assert_eq!((&answer.body[..], answer.complete), (&b"answer"[..], true));
    assert_eq!(answer.header("grpc-status"), Some(&b"0"[..]));
    assert_eq!(answer.url, request.url);
    let row = &got.connections[0];
    assert_eq!((row.application, row.opened), (Some("http2"), true));
    assert!(got.problems.is_empty() && got.limits.is_empty(), "{got:?}");
}

#[test]
fn an_upgrade_from_http_1() {
    let mut down = Encoder::new();
    let mut talk = Talk::open();
    talk.up(b"GET /up HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
    talk.down(
        &[
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
            &settings()[..],
        ]
        .concat(),
    );
    talk.up(&[PREFACE, &settings()[..]].concat());
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        1,
        &down.block(&[(":status", "200")]),
    ));
    talk.down(&frame(DATA, END_STREAM, 1, b"late"));
    talk.up(&frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        3,
        &Encoder::new().block(&ASKED),
    ));
    let got = read(&talk.pcap());
    let [first, _, answer, second] = got.messages.as_slice() else {
        panic!("{got:#?}")
    };
    assert_eq!(
        (answer.answers, answer.url.as_deref()),
        (Some(first.id), Some("http://h/up"))
    );
    assert_eq!((&answer.body[..], answer.complete), (&b"late"[..], true));
    assert_eq!(
        (second.protocol.as_str(), second.complete),
        ("http/2", true)
    );
}

#[test]
fn pushed_and_reset_and_unanswered() {
    let (mut up, mut down) = (Encoder::new(), Encoder::new());
    let mut talk = Talk::open();
    talk.up(&[PREFACE, &settings()[..]].concat())
        .down(&settings());
    for id in [1, 3, 5] {
        talk.up(&frame(
            HEADERS,
            END_HEADERS | u8::from(id < 5),
            id,
            &up.block(&ASKED),
        ));
    }
    let promise = [
        &2u32.to_be_bytes()[..],
        &down.block(&[
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "h"),
            (":path", "/p"),
        ]),
    ]
    .concat();
    talk.down(&frame(PUSH_PROMISE, END_HEADERS, 1, &promise));
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        2,
        &down.block(&[(":status", "200")]),
    ));
    talk.down(&frame(DATA, END_STREAM, 2, b"pushed"));
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        1,
        &down.block(&[(":status", "200")]),
    ));
    talk.down(&frame(DATA, 0, 1, b"begun"));
    talk.up(&frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]));
    talk.down(&frame(DATA, END_STREAM, 1, b"too late"));
    let got = read(&talk.pcap());
    let rows: Vec<_> = got
        .messages
        .iter()
        .map(|m| (m.up, m.url.as_deref().unwrap(), m.complete, &m.body[..]))
        .collect();
    let url = "https://Example.org/a?b=c";
    assert_eq!(
        rows,
        [
            (true, url, true, &b""[..]),
            (true, url, true, b""),
            (false, "https://h/p", true, b"pushed"),
            (false, url, false, b"begun"),
            (true, url, false, b""),
        ]
    );
}

#[test]
fn after_a_gap_only_what_is_sure() {
    let (mut up, mut down) = (Encoder::new(), Encoder::new());
    let mut talk = Talk::open();
    talk.up(&[PREFACE, &settings()[..]].concat())
        .down(&settings());
    let first = frame(HEADERS, END_HEADERS | END_STREAM, 1, &up.block(&ASKED));
    let lost = frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        3,
        &up.block(&[ASKED[0], ASKED[1], ASKED[2], (":path", "/lost")]),
    );
    let third = frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        5,
        &up.block(&[
            ASKED[0],
            ASKED[1],
            ASKED[2],
            (":path", "/third"),
            ("new", "1"),
        ]),
    );
    talk.up(&first).lose_up(lost.len() as u32).up(&third);
    talk.down(&frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        5,
        &down.block(&[(":status", "204")]),
    ));
    let got = read(&talk.pcap());
    let up = got.up();
    assert_eq!(up.len(), 2, "{got:#?}");
    // The name of the host is in an entry that may not be the one it was.
    assert_eq!((up[1].url.as_deref(), up[1].host.as_deref()), (None, None));
    assert_eq!(up[1].header(":path"), Some(&b"/third"[..]));
    assert_eq!(up[1].header("new"), Some(&b"1"[..]));
    assert!(up[0].complete && !up[1].complete);
    let answer = got.down()[0];
    assert_eq!((answer.answers, answer.complete), (Some(up[1].id), true));
    assert!(got.codes().contains(&"gap"));
}

#[test]
fn a_gap_within_data_costs_nothing_else() {
    let (mut up, mut down) = (Encoder::new(), Encoder::new());
    let mut talk = Talk::open();
    talk.up(&[PREFACE, &settings()[..]].concat())
        .down(&settings());
    talk.up(&frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        &up.block(&ASKED),
    ));
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        1,
        &down.block(&[(":status", "200"), ("x", "y")]),
    ));
    let data = frame(DATA, END_STREAM, 1, &[7; 5000]);
    talk.down(&data[..1000]).lose_down(1500).down(&data[2500..]);
    talk.up(&frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        3,
        &up.block(&ASKED),
    ));
    talk.down(&frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        3,
        &down.block(&[(":status", "200"), ("x", "y")]),
    ));
    let got = read(&talk.pcap());
    let down = got.down();
    assert_eq!(
        (down[0].complete, down[0].missing, down[0].body.len()),
        (false, 1500, 3500)
    );
    assert!(down[1].complete);
    assert_eq!(down[1].header("x"), Some(&b"y"[..]));
}

#[test]
fn from_the_middle() {
    let mut up = Encoder::new();
    up.block(&ASKED);
    let mut talk = Talk::silent();
    talk.up(&frame(DATA, 0, 1, &[9; 900])[300..]);
    let block = up.block(&[("cookie", "id=5"), ASKED[0], ASKED[2]]);
    talk.up(&[
        frame(HEADERS, END_HEADERS | END_STREAM, 7, &block),
        frame(6, 0, 0, &[1; 8]),
    ]
    .concat());
    let got = read(&talk.pcap());
    let [request] = got.messages.as_slice() else {
        panic!("{got:#?}")
    };
    assert_eq!(request.header("cookie"), Some(&b"id=5"[..]));
    assert_eq!(
        (request.method.as_deref(), request.complete),
        (Some("POST"), false)
    );
    assert_eq!(got.connections[0].application, Some("http2"));
}

#[test]
fn websocket_in_a_stream() {
    let (mut up, mut down) = (Encoder::new(), Encoder::new());
    let mut talk = Talk::open();
    talk.up(&[PREFACE, &settings()[..]].concat())
        .down(&settings());
    let ask = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        ASKED[1],
        ASKED[2],
        (":path", "/chat"),
    ];
    talk.up(&frame(HEADERS, END_HEADERS, 1, &up.block(&ask)));
    talk.down(&frame(
        HEADERS,
        END_HEADERS,
        1,
        &down.block(&[(":status", "200")]),
    ));
    talk.down(&frame(DATA, 0, 1, b"\x81\x05hel"));
    talk.up(&frame(DATA, 0, 1, b"\x82\x81abcd\0"));
    talk.down(&frame(DATA, END_STREAM, 1, b"lo"));
    let got = read(&talk.pcap());
    let rows: Vec<_> = got
        .messages
        .iter()
        .map(|m| (m.protocol.as_str(), m.up, &m.body[..], m.complete))
        .collect();
    assert_eq!(
        rows,
        [
            ("http/2", true, &b""[..], true),
            ("http/2", false, b"", true),
            ("websocket", true, b"a", true),
            ("websocket", false, b"hello", true),
        ]
    );
    assert_eq!(
        got.messages[2].url.as_deref(),
        Some("https://Example.org/chat")
    );
}

#[test]
fn many_streams_at_once() {
    let mut up = Encoder::new();
    let mut talk = Talk::open();
    talk.up(PREFACE);
    for id in 0..1500u32 {
        talk.up(&frame(HEADERS, END_HEADERS, 2 * id + 1, &up.block(&ASKED)));
    }
    let got = read(&talk.pcap());
    assert_eq!(got.messages.len(), 1500);
    assert_eq!(got.limits[0].what, "open streams");
}
