//! Whole files, made here.

mod real;

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::model::{Connection, Direction, LimitHit, Message, Name, Problem};

/// A message without borrowed parts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    id: i64,
    up: bool,
    protocol: String,
    time: Option<i64>,
    host: String,
    url: String,
    method: String,
    status: Option<i64>,
    answers: Option<i64>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    transport: &'static str,
    missing: i64,
    app: Option<String>,
    frame: i64,
    offset: usize,
    length: usize,
}

#[derive(Default)]
struct Keep {
    messages: Vec<Seen>,
    connections: Vec<Connection>,
    problems: Vec<Problem>,
    limits: Vec<LimitHit>,
    stop: bool,
}

impl Sink for Keep {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        if self.stop {
            return Err(Stopped(std::io::ErrorKind::BrokenPipe.into()));
        }
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        assert_eq!(m.complete, m.missing == 0);
        self.messages.push(Seen {
            id: m.id,
            up: m.direction == Direction::Up,
            protocol: m.protocol.into(),
            time: m.time,
            host: m.host.unwrap_or_default().into(),
            url: m.url.unwrap_or_default().into(),
            method: m.method.unwrap_or_default().into(),
            status: m.status,
            answers: m.answers,
            headers: m.headers.iter().map(|(n, v)| (text(n), text(v))).collect(),
            body: m.body.to_vec(),
            transport: m.transport.as_str(),
            missing: m.missing,
            app: m.app.map(str::to_owned),
            frame: m.frame,
            offset: m.offset as usize,
            length: m.length as usize,
        });
        Ok(())
    }
    fn connection(&mut self, c: &Connection) -> Result<(), Stopped> {
        self.connections.push(c.clone());
        Ok(())
    }
    fn name(&mut self, _: &Name<'_>) -> Result<(), Stopped> {
        Ok(())
    }
    fn problem(&mut self, p: Problem) -> Result<(), Stopped> {
        self.problems.push(p);
        Ok(())
    }
    fn limit(&mut self, l: LimitHit) -> Result<(), Stopped> {
        self.limits.push(l);
        Ok(())
    }
    fn progress(&mut self, _: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

/// Gives a few bytes at a time, so that every token is cut somewhere.
struct Drip(Cursor<Vec<u8>>, usize);

impl Read for Drip {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = out.len().min(self.1);
        self.0.read(&mut out[..most])
    }
}

fn read(text: &[u8]) -> (Result<Summary, HarError>, Keep) {
    let mut keep = Keep::default();
    let result = read_har(
        Box::new(Cursor::new(text.to_vec())),
        &Limits::default(),
        &mut keep,
    );
    (result, keep)
}

fn log(entries: &str) -> String {
    format!("{{\"log\":{{\"version\":\"1.2\",\"entries\":[{entries}]}}}}")
}

const ENTRY: &str = r#"{"startedDateTime":"2023-03-29T16:58:59.303-07:00","time":12.5,
    "timings":{"blocked":-1,"dns":1,"connect":2,"ssl":2,"send":0.5,"wait":3,"receive":9},
    "serverIPAddress":"[2001:db8::1]","connection":"7","_app":{"id":"org.example.app","name":"App"},
    "request":{"method":"POST","url":"https:\/\/API.example.com:8443\/a?b=c","httpVersion":"h2",
      "headers":[{"name":":authority","value":"API.example.com"},{"name":"Content-Type","value":"text/plain"}],
      "cookies":[{"name":"s","value":"1"},{"name":"t","value":"2"}],
      "headersSize":100,"bodySize":4,"postData":{"mimeType":"text/plain","text":"a\"\udcff\n"}},
    "response":{"status":200,"headers":[{"name":"X","value":"Y"}],"headersSize":-1,"bodySize":-1,
      "content":{"size":3,"encoding":"base64","text":"AAEC"}}}"#;

#[test]
fn reads_an_entry_in_full() {
    let (result, keep) = read(log(ENTRY).as_bytes());
    let summary = result.unwrap();
    assert_eq!(
        (
            summary.entries,
            summary.messages,
            summary.connections,
            summary.complete
        ),
        (1, 2, 1, true)
    );
    let [up, down] = keep.messages.as_slice() else {
        panic!("{:?}", keep.messages)
    };
    assert_eq!(up.host, "api.example.com");
    assert_eq!(up.url, "https://API.example.com:8443/a?b=c");
    assert_eq!(
        (up.protocol.as_str(), up.transport, up.method.as_str()),
        ("http/2", "tls", "POST")
    );
    assert_eq!(up.body, b"a\"\xff\n");
    assert_eq!(up.time, Some(1_680_134_339_303_000));
    assert_eq!(
        up.headers,
        [
            ("Content-Type".into(), "text/plain".into()),
            ("Cookie".into(), "s=1; t=2".into())
        ]
    );
    assert_eq!(up.app.as_deref(), Some("org.example.app"));
    assert_eq!(down.answers, Some(up.id));
    assert_eq!(
        (down.status, down.body.as_slice(), down.up),
        (Some(200), &[0, 1, 2][..], false)
    );
    assert_eq!(down.time, Some(1_680_134_339_309_500));
    assert_eq!(&log(ENTRY)[up.offset..up.offset + up.length], ENTRY);
    let [connection] = keep.connections.as_slice() else {
        panic!()
    };
    assert_eq!(connection.server, ("2001:db8::1".to_owned(), 8443));
    assert_eq!(
        (
            connection.bytes_up,
            connection.bytes_down,
            connection.opened
        ),
        (104, 3, true)
    );
    assert!(keep.problems.is_empty(), "{:?}", keep.problems);
}

#[test]
fn entries_may_stand_anywhere_and_lack_anything() {
    let text = r#"{"comment":{"a":["}"]},"log":{"pages":[{"x":"]"}],"entries":[{},{"request":{}},{"request":null,
        "response":{"content":{"text":"x"}}}, {"request":{"url":"/p","headers":[{"name":"Host","value":"h"}]},
        "response":{"status":204}}],"creator":{"name":"n","version":"1"},"_tweasel":{"apps":[{"architectures":[],
        "id":"a.b"}]},"entries":[{"request":{"url":"ws://h"}}]}} "#;
    let (result, keep) = read(text.as_bytes());
    let summary = result.unwrap();
    assert_eq!(
        (summary.entries, summary.skipped, summary.complete),
        (5, 0, true)
    );
    assert_eq!(summary.creator.as_deref(), Some("n 1"));
    assert_eq!(summary.apps, ["a.b"]);
    let urls: Vec<_> = keep
        .messages
        .iter()
        .map(|m| (m.up, m.url.as_str(), m.host.as_str(), m.frame))
        .collect();
    assert_eq!(
        urls,
        [
            (true, "", "", 1),
            (false, "", "", 2),
            (true, "//h/p", "h", 3),
            (false, "//h/p", "h", 3),
            (true, "ws://h", "h", 4)
        ]
    );
}

#[test]
fn what_never_travelled_says_so() {
    let entries = r#"{"_fromCache":"disk","serverIPAddress":"1.2.3.4","request":{"url":"https://h/"},"response":{"status":200}},
        {"_fetchType":"Memory Cache","request":{"url":"https://h/"},"response":{"status":200}},
        {"request":{"url":"data:,x"},"response":{"status":200}},
        {"request":{"url":"https://h/"},"response":{"status":0,"_error":"net::ERR_BLOCKED_BY_CLIENT"}},
        {"request":{"url":"https://h/"},"response":{"status":0}}"#;
    let (_, keep) = read(log(entries).as_bytes());
    let protocols: Vec<_> = keep
        .messages
        .iter()
        .filter(|m| m.up)
        .map(|m| m.protocol.as_str())
        .collect();
    assert_eq!(protocols, [LOCAL, LOCAL, LOCAL, LOCAL, "http"]);
    assert!(keep.connections.is_empty());
    let codes: Vec<_> = keep.problems.iter().map(|p| (p.code, p.count)).collect();
    assert_eq!(codes, [("local", 2), ("local", 1), ("unanswered", 1)]);
}

#[test]
fn websocket_messages_of_every_exporter() {
    let entries = r#"{"request":{"url":"wss://h/"},"response":{"status":101},"_webSocketMessages":[
        {"type":"send","time":1693314240.7948081,"opcode":1,"data":"foo"},
        {"type":"receive","time":1693314241,"opcode":2,"data":"AAE="},
        {"direction":"outgoing","opcode":1,"payload":"p"},{"mask":true,"data":"m"},{"type":"error","data":"x"}]}"#;
    let (_, keep) = read(log(entries).as_bytes());
    let frames: Vec<_> = keep
        .messages
        .iter()
        .filter(|m| m.protocol == "websocket")
        .map(|m| (m.up, m.body.as_slice(), m.time))
        .collect();
    assert_eq!(
        frames,
        [
            (true, &b"foo"[..], Some(1_693_314_240_794_808)),
            (false, &[0, 1], Some(1_693_314_241_000_000)),
            (true, b"p", None),
            (true, b"m", None)
        ]
    );
    assert!(
        keep.messages
            .iter()
            .all(|m| m.host == "h" && m.transport == "tls")
    );
}

#[test]
fn bodies_that_were_left_out_are_missing() {
    let entries = r#"{"request":{"method":"POST","url":"https://h/","headers":[{"name":"content-length","value":"9"}],
        "postData":{"text":"1234"}},"response":{"status":200,"content":{"size":77}}},
        {"request":{"method":"POST","url":"https://h/","bodySize":5}}"#;
    let (_, keep) = read(log(entries).as_bytes());
    assert_eq!(
        keep.messages.iter().map(|m| m.missing).collect::<Vec<_>>(),
        [5, 77, 5]
    );
}

#[test]
fn limits_are_rows() {
    let limits = Limits {
        body_bytes: 3,
        json_depth: 8,
        open_connections: 1,
        ..Limits::default()
    };
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let entry = |n| {
        format!(
            "{{\"serverIPAddress\":\"1.1.1.{n}\",\"request\":{{\"url\":\"https://h/\",\"postData\":{{\"text\":\"12345\"}}}}}}"
        )
    };
    let text = log(&format!("{},{deep},7,{}", entry(1), entry(2)));
    let mut keep = Keep::default();
    let summary = read_har(Box::new(Cursor::new(text.into_bytes())), &limits, &mut keep).unwrap();
    assert_eq!(
        (summary.entries, summary.skipped, summary.connections),
        (2, 2, 2)
    );
    let mut limits: Vec<_> = keep.limits.iter().map(|l| (l.what, l.limit)).collect();
    limits.sort_unstable();
    assert_eq!(
        limits,
        [
            ("body bytes", 3),
            ("json depth", 8),
            ("open connections", 1)
        ]
    );
    assert_eq!(
        keep.messages
            .iter()
            .map(|m| (m.body.len(), m.missing))
            .collect::<Vec<_>>(),
        [(3, 2), (3, 2)]
    );
    assert_eq!(
        keep.problems.iter().map(|p| p.code).collect::<Vec<_>>(),
        ["malformed"]
    );
}

#[test]
fn an_entry_beyond_the_limit_is_stepped_over() {
    /// `head`, then many bytes, then `tail`.
    struct Large(Vec<u8>, u64, Vec<u8>);
    impl Large {
        fn reader(self) -> Box<dyn Read + Send> {
            Box::new(
                Cursor::new(self.0)
                    .chain(std::io::repeat(b'a').take(self.1))
                    .chain(Cursor::new(self.2)),
            )
        }
    }
    let head = log("{\"request\":{\"url\":\"https://h/\",\"postData\":{\"text\":\"")
        .trim_end_matches("]}}")
        .as_bytes()
        .to_vec();
    let tail = format!("\"}}}}}},{ENTRY}]}}}}").into_bytes();
    let mut keep = Keep::default();
    let input = Large(head, MAX_ENTRY_BYTES as u64 + (4 << 20), tail).reader();
    let summary = read_har(input, &Limits::default(), &mut keep).unwrap();
    assert_eq!(
        (summary.entries, summary.skipped, summary.complete),
        (1, 1, true)
    );
    assert_eq!(keep.limits[0].what, "entry bytes");
    assert_eq!(keep.messages[0].frame, 1);
}

#[test]
fn what_is_not_har_gives_one_sentence() {
    for text in [
        "",
        " \n",
        "[1]",
        "{}",
        "{\"log\":[1]}",
        "PK\x03\x04",
        "{\"log\":{\"a\":1}}",
        "{\"a\":",
        "\u{1f}\u{fffd}",
        "}",
    ] {
        let (result, keep) = read(text.as_bytes());
        let error = result.expect_err(text).to_string();
        assert!(error.len() > 10 && !error.contains('\n'), "{error}");
        assert!(keep.messages.is_empty());
    }
    assert!(read(b"\xff\xfe{\0").0.is_err());
    assert!(read(&[0x1f, 0x8b, 8, 0, 0]).0.is_err());
}

#[test]
fn more_after_the_end_is_told() {
    let (result, keep) = read(format!("{} x", log(ENTRY)).as_bytes());
    assert!(!result.unwrap().complete);
    assert_eq!(keep.problems[0].code, "file-malformed");
}

#[test]
fn a_sink_may_stop() {
    let mut keep = Keep {
        stop: true,
        ..Keep::default()
    };
    let result = read_har(
        Box::new(Cursor::new(log(ENTRY).into_bytes())),
        &Limits::default(),
        &mut keep,
    );
    assert!(matches!(result, Err(HarError::Stopped(_))));
}

#[test]
fn truncated_anywhere_gives_all_complete_entries() {
    let text = log(&[ENTRY, ENTRY, ENTRY].join(",\n"));
    let starts: Vec<usize> = text
        .match_indices(ENTRY)
        .map(|(at, _)| at + ENTRY.len())
        .collect();
    for end in 0..text.len() {
        let (result, keep) = read(&text.as_bytes()[..end]);
        let complete = starts.iter().filter(|&&s| s <= end).count();
        match result {
            Ok(summary) => {
                assert_eq!(summary.entries as usize, complete, "cut at {end}");
                assert!(!summary.complete);
                let problem = keep.problems.last().unwrap();
                assert_eq!(problem.code, "file-truncated");
                assert!(
                    problem
                        .place
                        .starts_with(&format!("entry {complete} at byte ")),
                    "{}",
                    problem.place
                );
            }
            Err(HarError::NotHar(_)) => assert!(end < 10, "cut at {end}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn score_knows_har() {
    assert!(score(b"\xef\xbb\xbf {\n \"log\" : { \"version\":\"1.2\"") > 0.9);
    assert!(score(b"{\"log\":{") > 0.5);
    assert!(score(b"{\"x\":1}") < 0.1);
    assert_eq!(score(b"[1]"), 0.0);
    assert_eq!(score(b""), 0.0);
}

proptest! {
    #[test]
    fn never_panics(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&noise);
        let _ = score(&noise);
    }

    #[test]
    fn damage_never_panics(at in 0usize..2000, byte in any::<u8>(), drop in 0usize..50) {
        let mut text = log(&[ENTRY, ENTRY].join(",")).into_bytes();
        let at = at % text.len();
        text[at] = byte;
        text.drain(at..(at + drop).min(text.len()));
        let _ = read(&text);
    }
}
