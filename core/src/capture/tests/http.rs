//! HTTP/1 in a TCP connection.

use super::build::{Talk, pcap};
use super::collect::{read, try_read};
use crate::model::{Limits, Transport};

const GET: &[u8] = b"GET /a?b=c HTTP/1.1\r\nHost: Example.ORG:8080\r\nX: 1\r\n\r\n";

#[test]
fn a_request_and_its_answer() {
    let mut talk = Talk::open();
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        .fin();
    let got = read(&talk.pcap());
    let [request, answer] = got.messages.as_slice() else {
        panic!("{got:?}")
    };
    assert_eq!(request.method.as_deref(), Some("GET"));
    assert_eq!(
        request.url.as_deref(),
        Some("http://Example.ORG:8080/a?b=c")
    );
    assert_eq!(request.host.as_deref(), Some("example.org"));
    assert_eq!(request.protocol, "http/1.1");
    assert_eq!(request.client, Some(("10.0.0.2".to_owned(), 40_000)));
    assert_eq!(request.server, Some(("192.0.2.80".to_owned(), 80)));
    assert_eq!(request.transport, Transport::Clear);
    assert_eq!(request.header("x"), Some(&b"1"[..]));
    assert_eq!((request.frame, request.complete), (4, true));
    assert_eq!(request.time, Some(1_000_000_003_000_000));
    assert_eq!(
        (answer.answers, answer.status),
        (Some(request.id), Some(200))
    );
    assert_eq!(answer.url, request.url);
    assert_eq!(
        (answer.body.as_slice(), answer.complete),
        (&b"hello"[..], true)
    );
    let [row] = got.connections.as_slice() else {
        panic!("{got:?}")
    };
    assert_eq!(
        (row.application, row.opened, row.transport),
        (Some("http"), true, "clear")
    );
    assert_eq!((row.bytes_up, row.bytes_down), (GET.len() as i64, 43));
    assert_eq!((row.packets_up, row.packets_down), (4, 3));
    assert!(got.problems.is_empty() && got.limits.is_empty());
}

#[test]
fn place_of_a_message_in_the_file() {
    let mut talk = Talk::open();
    talk.up(&GET[..10]).up(&GET[10..]);
    let file = talk.pcap();
    let got = read(&file);
    let (offset, length) = (
        got.messages[0].offset as usize,
        got.messages[0].length as usize,
    );
    let before: usize = talk.frames[..3].iter().map(|f| f.len() + 16).sum();
    assert_eq!(offset, 24 + before);
    assert_eq!(offset + length, file.len());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let mut talk = Talk::open();
    talk.up(&[
        &b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"[..],
        b"HEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /4 HTTP/1.0\n\n",
    ]
    .concat());
    talk.down(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 204 No");
    talk.down(b" Content\r\n\r\nHTTP/1.0 404 Not Found\r\n\r\nuntil the end");
    talk.fin();
    let got = read(&talk.pcap());
    let urls: Vec<_> = got.up().iter().map(|m| m.url.clone().unwrap()).collect();
    assert_eq!(
        urls,
        [
            "http://h/1",
            "http://h/2",
            "http://h/3",
            "http://192.0.2.80/4"
        ]
    );
    assert_eq!(got.up()[2].body, b"abc");
    let down = got.down();
    assert_eq!(
        down.iter().map(|m| m.status.unwrap()).collect::<Vec<_>>(),
        [200, 200, 204, 404]
    );
    for (request, answer) in got.up().iter().zip(&down) {
        assert_eq!(answer.answers, Some(request.id));
    }
    assert_eq!(down[1].body, b"");
    assert_eq!(
        (down[3].body.as_slice(), down[3].complete),
        (&b"until the end"[..], true)
    );
    assert_eq!(got.up()[3].protocol, "http/1.0");
}

#[test]
fn chunks_with_extensions_and_trailers() {
    let mut talk = Talk::open();
    talk.up(GET);
    let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n006 \r\n world\r\n0\r\nX-Sum: 1\r\n\r\n";
    for byte in answer {
        talk.down(&[*byte]);
    }
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n\n");
    let got = read(&talk.pcap());
    let down = got.down();
    assert_eq!(down[0].body, b"hello world");
    assert_eq!(down[1].body, b"a");
    assert!(down.iter().all(|m| m.complete));
    assert_eq!(down[1].answers, Some(got.up()[1].id));
}

#[test]
fn interim_answers_do_not_use_up_the_request() {
    let mut talk = Talk::open();
    talk.up(b"PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    talk.down(b"HTTP/1.1 100 Continue\r\n\r\n").up(b"data");
    talk.down(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    let got = read(&talk.pcap());
    let request = got.up()[0].clone();
    assert_eq!(request.body, b"data");
    assert_eq!(got.down().len(), 3);
    assert!(got.down().iter().all(|m| m.answers == Some(request.id)));
    // The interim answer was written first: the request's number was set aside for it.
    let mut ids: Vec<_> = got.messages.iter().map(|m| m.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [0, 1, 2, 3]);
}

#[test]
fn a_tunnel_is_looked_at_again() {
    let mut talk = Talk::open();
    talk.up(b"CONNECT Example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n");
    talk.down(b"HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno");
    talk.up(b"CONNECT Example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n");
    talk.down(b"HTTP/1.1 200 Connected\r\n\r\n");
    talk.up(b"GET /in HTTP/1.1\r\nHost: example.org\r\n\r\n")
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let got = read(&talk.pcap());
    let seen: Vec<_> = got
        .messages
        .iter()
        .map(|m| (m.url.as_deref().unwrap(), m.status, m.answers))
        .collect();
    assert_eq!(
        seen,
        [
            ("http://Example.org:80", None, None),
            ("http://Example.org:80", Some(407), Some(0)),
            ("http://Example.org:80", None, None),
            ("http://Example.org:80", Some(200), Some(2)),
            ("http://example.org/in", None, None),
            ("http://example.org/in", Some(200), Some(4)),
        ]
    );
}

#[test]
fn a_websocket_after_an_upgrade() {
    let mut talk = Talk::open();
    talk.up(b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n");
    talk.down(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x02hi");
    talk.up(b"\x81\x83abcd\x88\x8d\x8c");
    let got = read(&talk.pcap());
    assert_eq!(got.messages.len(), 4);
    assert_eq!(
        (got.messages[2].up, &got.messages[2].body[..]),
        (false, &b"hi"[..])
    );
    assert_eq!(
        (got.messages[3].up, &got.messages[3].body[..]),
        (true, &[0xe9, 0xef, 0xef][..])
    );
    let row = &got.connections[0];
    assert_eq!((row.application, row.opened), (Some("websocket"), true));
}

#[test]
fn odd_heads_do_not_cost_the_message() {
    let mut talk = Talk::open();
    talk.up(b"\r\n\r\nGET http://Other.example:81/p HTTP/1.1\nHost: h\nFolded: one\n  two\n\tthree\nno colon\n: empty\nX y : z\n\n");
    talk.up(b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
    talk.up(b"GET /\xff\xfe x HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n");
    talk.up(b"BREW /pot HTTP/1.1\r\nHost: \x01\r\n\r\n");
    let got = read(&talk.pcap());
    let up = got.up();
    assert_eq!(up[0].url.as_deref(), Some("http://Other.example:81/p"));
    assert_eq!(up[0].host.as_deref(), Some("other.example"));
    assert_eq!(up[0].header("folded"), Some(&b"one two three"[..]));
    assert_eq!(up[0].header("x y"), Some(&b"z"[..]));
    assert_eq!(up[0].headers.len(), 5);
    assert_eq!(up[1].url.as_deref(), Some("http://h"));
    assert_eq!(
        up[2].url.as_deref(),
        Some("http://[2001:db8::1]:8080/%FF%FE x")
    );
    assert_eq!(up[2].host.as_deref(), Some("2001:db8::1"));
    assert_eq!(up[3].url.as_deref(), Some("http://192.0.2.80/pot"));
    assert_eq!(up[3].method.as_deref(), Some("BREW"));
}

#[test]
fn unfinished_messages_say_what_is_missing() {
    let mut talk = Talk::open();
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        .reset();
    let got = read(&talk.pcap());
    let answer = got.down()[0].clone();
    assert_eq!(
        (answer.complete, answer.missing, answer.body.as_slice()),
        (false, 7, &b"abc"[..])
    );

    let mut talk = Talk::open();
    talk.up(b"GET /long HTTP/1.1\r\nHost: h\r\nCook");
    let got = read(&talk.pcap());
    assert_eq!(got.up()[0].url.as_deref(), Some("http://h/long"));
    assert!(!got.up()[0].complete);
}

#[test]
fn a_long_body_is_cut_and_the_cut_is_told() {
    let mut talk = Talk::open();
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n");
    for _ in 0..3 {
        talk.down(&[b'x'; 1000]);
    }
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
    let limits = Limits {
        body_bytes: 1500,
        ..Limits::default()
    };
    let (got, _) = try_read(&talk.pcap(), &limits);
    assert_eq!(
        (got.down()[0].body.len(), got.down()[0].complete),
        (1500, false)
    );
    assert_eq!(
        (got.down()[1].body.as_slice(), got.down()[1].complete),
        (&b"y"[..], true)
    );
    assert_eq!(
        (got.limits[0].what, got.limits[0].limit),
        ("body bytes", 1500)
    );
}

#[test]
fn readable_http_on_the_https_port_is_not_called_clear() {
    let mut talk = Talk::silent();
    talk.server.1 = 443;
    talk = talk.handshake();
    talk.up(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let got = read(&talk.pcap());
    assert_eq!(got.messages[0].transport, Transport::Unknown);
    assert_eq!(got.messages[0].url.as_deref(), Some("https://h/"));
    assert_eq!(got.connections[0].transport, "unknown");
}

#[test]
fn many_connections_at_once_are_ended_oldest_first() {
    let mut frames = Vec::new();
    for port in 0..20u16 {
        let mut talk = Talk::silent();
        talk.client.1 = 50_000 + port;
        talk = talk.handshake();
        talk.up(b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
        frames.extend(talk.frames);
    }
    let limits = Limits {
        open_connections: 5,
        ..Limits::default()
    };
    let (got, result) = try_read(&pcap(1, &frames), &limits);
    assert_eq!(result.expect("reads").connections, 20);
    assert_eq!(got.messages.len(), 20);
    assert!(got.messages.iter().all(|m| m.missing == 6 && !m.complete));
    assert_eq!(got.limits[0].what, "open connections");
    assert_eq!(
        (got.problems[0].code, got.problems[0].count),
        ("evicted", 15)
    );
    let order: Vec<_> = got.connections.iter().map(|c| c.id).collect();
    assert_eq!(order, (0..20).collect::<Vec<_>>());
}
