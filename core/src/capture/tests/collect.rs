//! A sink that keeps everything.

use crate::capture::{CaptureError, Summary, read_capture};
use crate::model::{
    Connection, Direction, LimitHit, Limits, Message, Name, Problem, Sink, Stopped, Transport,
};
use crate::secure::secrets::Secrets;

/// A message that outlives its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub id: i64,
    pub connection: Option<i64>,
    pub answers: Option<i64>,
    pub protocol: String,
    pub up: bool,
    pub app: Option<String>,
    pub host: Option<String>,
    pub client: Option<(String, u16)>,
    pub server: Option<(String, u16)>,
    pub method: Option<String>,
    pub url: Option<String>,
    pub status: Option<i64>,
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
    pub transport: Transport,
    pub complete: bool,
    pub missing: i64,
    pub time: Option<i64>,
    pub frame: i64,
    pub offset: i64,
    pub length: i64,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let name = name.as_bytes();
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_slice())
    }
}

/// All rows of a capture.
#[derive(Default, Debug)]
pub(crate) struct Collect {
    pub messages: Vec<Got>,
    pub connections: Vec<Connection>,
    pub names: Vec<(String, Option<String>, String, i64)>,
    pub problems: Vec<Problem>,
    pub limits: Vec<LimitHit>,
}

impl Collect {
    pub fn up(&self) -> Vec<&Got> {
        self.messages.iter().filter(|m| m.up).collect()
    }

    pub fn down(&self) -> Vec<&Got> {
        self.messages.iter().filter(|m| !m.up).collect()
    }

    pub fn codes(&self) -> Vec<&'static str> {
        self.problems.iter().map(|p| p.code).collect()
    }
}

impl Sink for Collect {
    fn message(&mut self, m: &Message<'_>) -> Result<(), Stopped> {
        let end = |e: Option<(&str, u16)>| e.map(|(a, p)| (a.to_owned(), p));
        self.messages.push(Got {
            id: m.id,
            connection: m.connection,
            answers: m.answers,
            protocol: m.protocol.to_owned(),
            up: m.direction == Direction::Up,
            app: m.app.map(str::to_owned),
            host: m.host.map(str::to_owned),
            client: end(m.client),
            server: end(m.server),
            method: m.method.map(str::to_owned),
            url: m.url.map(str::to_owned),
            status: m.status,
            headers: m
                .headers
                .iter()
                .map(|(n, v)| (n.to_vec(), v.to_vec()))
                .collect(),
            body: m.body.to_vec(),
            transport: m.transport,
            complete: m.complete,
            missing: m.missing,
            time: m.time,
            frame: m.frame,
            offset: m.offset,
            length: m.length,
        });
        Ok(())
    }

    fn connection(&mut self, c: &Connection) -> Result<(), Stopped> {
        self.connections.push(c.clone());
        Ok(())
    }

    fn name(&mut self, n: &Name<'_>) -> Result<(), Stopped> {
        let canonical = n.canonical.map(str::to_owned);
        self.names.push((
            n.name.to_owned(),
            canonical,
            n.address.to_owned(),
            n.message,
        ));
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

    fn progress(&mut self, _bytes: u64) -> Result<(), Stopped> {
        Ok(())
    }
}

/// Reads a capture with these limits.
pub(crate) fn try_read(bytes: &[u8], limits: &Limits) -> (Collect, Result<Summary, CaptureError>) {
    let mut sink = Collect::default();
    let input = Box::new(std::io::Cursor::new(bytes.to_vec()));
    let result = read_capture(input, limits, Secrets::default(), &mut sink);
    (sink, result)
}

/// Reads a capture that can be read.
pub(crate) fn read(bytes: &[u8]) -> Collect {
    let (sink, result) = try_read(bytes, &Limits::default());
    result.expect("a capture");
    sink
}

/// Reads a capture with secrets.
pub(crate) fn read_with(bytes: &[u8], secrets: Secrets) -> Collect {
    let mut sink = Collect::default();
    let input = Box::new(std::io::Cursor::new(bytes.to_vec()));
    read_capture(input, &Limits::default(), secrets, &mut sink).expect("a capture");
    sink
}
