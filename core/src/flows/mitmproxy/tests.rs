//! Flow files written here, whole and damaged.

use proptest::prelude::*;

use super::*;
use crate::model::{Connection, LimitHit, Message, Name, Problem};

/// A value to write as a typed netstring.
#[derive(Clone)]
enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(&'static str),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Dictionary(Vec<(&'static str, Value)>),
}
use Value::{Bool, Dictionary, Float, Integer, List, Null, Text};

fn bytes(text: &str) -> Value {
    Value::Bytes(text.as_bytes().to_vec())
}

impl Value {
    fn write(&self) -> Vec<u8> {
        let (kind, data) = match self {
            Null => (b'~', Vec::new()),
            Bool(value) => (b'!', value.to_string().into_bytes()),
            Integer(value) => (b'#', value.to_string().into_bytes()),
            Float(value) => (b'^', value.to_string().into_bytes()),
            Text(value) => (b';', value.as_bytes().to_vec()),
            Value::Bytes(value) => (b',', value.clone()),
            List(items) => (b']', items.iter().flat_map(Value::write).collect()),
            Dictionary(members) => {
                let both = members
                    .iter()
                    .map(|(k, v)| [Text(k).write(), v.write()].concat());
                (b'}', both.collect::<Vec<_>>().concat())
            }
        };
        let mut out = format!("{}:", data.len()).into_bytes();
        out.extend(data);
        out.push(kind);
        out
    }
}

/// Protocol, direction, URL, status, body, complete.
type Row = (String, String, Option<String>, Option<i64>, Vec<u8>, bool);

#[derive(Default)]
struct Seen {
    messages: Vec<Row>,
    connections: Vec<Connection>,
    problems: Vec<Problem>,
    limits: Vec<LimitHit>,
}

impl Sink for Seen {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        self.messages.push((
            m.protocol.to_owned(),
            m.direction.as_str().to_owned(),
            m.url.map(str::to_owned),
            m.status,
            m.body.to_vec(),
            m.complete,
        ));
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

fn read_with(file: &[u8], limits: &Limits) -> (Seen, Result<Summary, FlowError>) {
    let mut seen = Seen::default();
    let input = Box::new(io::Cursor::new(file.to_vec()));
    let result = read_mitmproxy(input, limits, &mut seen);
    (seen, result)
}

fn read(file: &[u8]) -> Seen {
    let (seen, result) = read_with(file, &Limits::default());
    result.expect("is read");
    seen
}

fn request(body: Value) -> Value {
    let headers = vec![
        List(vec![bytes("Host"), bytes("Example.com")]),
        List(vec![bytes("Content-Length"), bytes("5")]),
    ];
    Dictionary(vec![
        ("method", bytes("POST")),
        ("scheme", bytes("https")),
        ("host", Text("192.0.2.7")),
        ("port", Integer(443)),
        ("path", bytes("/a?b=c")),
        ("authority", bytes("")),
        ("http_version", bytes("HTTP/1.1")),
        ("headers", List(headers)),
        ("content", body),
        ("trailers", Null),
        ("timestamp_start", Float(1_700_000_000.25)),
    ])
}

fn server() -> Value {
    Dictionary(vec![
        ("id", Text("s1")),
        ("address", List(vec![Text("example.com"), Integer(443)])),
        ("peername", List(vec![Text("192.0.2.7"), Integer(443)])),
        ("sni", Text("example.com")),
        ("tls", Bool(true)),
        ("tls_version", Text("TLSv1.3")),
    ])
}

fn flow(kind: &'static str, members: Vec<(&'static str, Value)>) -> Value {
    let base = vec![
        ("version", Integer(21)),
        ("type", Text(kind)),
        ("server_conn", server()),
    ];
    Dictionary([base, members].concat())
}

fn exchange() -> Vec<u8> {
    let response = Dictionary(vec![
        ("status_code", Integer(204)),
        ("http_version", bytes("HTTP/1.1")),
        ("headers", List(vec![])),
        ("content", bytes("ok")),
    ]);
    let members = vec![("request", request(bytes("hello"))), ("response", response)];
    flow("http", members).write()
}

#[test]
fn every_kind_of_flow_is_read() {
    let message = |up, data| List(vec![Bool(up), bytes(data), Float(1.0)]);
    let framed = |up, data| {
        List(vec![
            Integer(1),
            Bool(up),
            bytes(data),
            Float(1.0),
            Bool(false),
        ])
    };
    let tcp = flow(
        "tcp",
        vec![(
            "messages",
            List(vec![message(true, "a"), message(false, "b")]),
        )],
    );
    let question = Dictionary(vec![("name", Text("A.example.")), ("type", Integer(28))]);
    let asked = Dictionary(vec![("questions", List(vec![question]))]);
    let dns = flow("dns", vec![("request", asked)]);
    let socket = Dictionary(vec![("messages", List(vec![framed(false, "w")]))]);
    let answer = Dictionary(vec![("status_code", Integer(101))]);
    let websocket = flow(
        "http",
        vec![
            ("request", request(bytes(""))),
            ("response", answer),
            ("websocket", socket),
        ],
    );
    let file = [exchange(), tcp.write(), dns.write(), websocket.write()].concat();
    let seen = read(&file);
    let url = || Some("https://Example.com/a?b=c".to_owned());
    let row = |p: &str, d: &str, u, s, b: &str| (p.into(), d.into(), u, s, b.into(), true);
    assert_eq!(
        seen.messages,
        [
            row("http/1.1", "up", url(), None, "hello"),
            row("http/1.1", "down", url(), Some(204), "ok"),
            row("tcp", "up", None, None, "a"),
            row("tcp", "down", None, None, "b"),
            row("dns", "up", Some("dns:a.example".into()), None, ""),
            row("http/1.1", "up", url(), None, ""),
            row("http", "down", url(), Some(101), ""),
            row("websocket", "down", url(), None, "w"),
        ]
    );
    assert_eq!(seen.connections.len(), 1);
    assert_eq!(seen.connections[0].server.0, "192.0.2.7");
    assert_eq!(seen.connections[0].tls_version, Some("1.3"));
    assert_eq!(
        (seen.connections[0].bytes_up, seen.connections[0].bytes_down),
        (6, 4)
    );
}

#[test]
fn a_body_that_was_not_recorded_is_missing() {
    let seen = read(&flow("http", vec![("request", request(Null))]).write());
    assert!(!seen.messages[0].5);
    let error = Dictionary(vec![("msg", Text("connection reset"))]);
    let seen = read(&flow("http", vec![("request", request(Null)), ("error", error)]).write());
    assert_eq!(seen.problems[0].code, "unanswered");
}

#[test]
fn what_came_before_damage_is_kept() {
    let two = [exchange(), exchange()].concat();
    let cut = read(&two[..two.len() - 3]);
    assert_eq!(cut.messages.len(), 2);
    assert_eq!(cut.problems[0].code, "file-truncated");
    let junk = read(&[&exchange()[..], b"junk"].concat());
    assert_eq!(junk.problems[0].code, "file-malformed");
    let huge = read(&[&exchange()[..], b"999999999999:x"].concat());
    assert_eq!(huge.problems[0].code, "file-truncated");
    for bad in [&b"junk"[..], b"3:abc,", b"999999999999:", b"5:"] {
        assert!(read_with(bad, &Limits::default()).1.is_err());
    }
}

#[test]
fn limits_are_told() {
    let small = Limits {
        body_bytes: 3,
        open_connections: 0,
        ..Limits::default()
    };
    let (seen, _) = read_with(&[exchange(), exchange()].concat(), &small);
    assert_eq!(seen.messages[0].4, b"hel");
    let what: Vec<_> = seen.limits.iter().map(|l| l.what).collect();
    assert_eq!(what, ["open connections", "body bytes"]);
}

proptest! {
    #[test]
    fn nothing_panics(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        let mut file = [exchange(), exchange()].concat();
        let place = at.index(file.len());
        file[place] = byte;
        file.truncate(cut.index(file.len()) + 1);
        let _ = read_with(&file, &Limits::default());
    }
}
