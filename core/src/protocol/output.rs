//! Between the parsers and the [`Sink`]: message numbers, shared buffers, counted problems.

use std::collections::VecDeque;

use super::dns::over_http;
use crate::model::{
    Announcement, Connection, LimitHit, Limits, Message, Name, Problem, Sink, Stopped,
};
use crate::secure::certificates::Certificates;
use crate::secure::secrets::Secrets;
use crate::secure::session::Taken;

/// Rows of one kind that are written one by one; later ones are only counted, in one last row.
pub const ROWS_OF_A_KIND: u64 = 1_000;
/// Bodies of unfinished messages held at the same time, as a multiple of `Limits::body_bytes`.
pub const HELD_BODIES: u64 = 2;
/// Buffers above this size are given back to the system, not kept for the next message.
const KEPT_BUFFER: usize = 1 << 20;
/// Buffers kept for the next message.
const KEPT_BUFFERS: usize = 16;

/// DNS queries inside HTTP requests that are remembered for their answers.
const REMEMBERED_LOOKUPS: usize = 256;

/// Where and when bytes arrived: the packet that carried them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival {
    /// Packet number from 1.
    pub frame: i64,
    /// Microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Byte offset of the packet's record in the capture.
    pub offset: u64,
    /// Byte offset just after the packet's record.
    pub end: u64,
    /// Bytes of the other direction that the sender of this packet had acknowledged; 0 if not told.
    pub acknowledged: u64,
}

/// Who talks to whom on a connection, in text form, made once per connection.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// The connection's ordinal.
    pub connection: i64,
    /// Client address and port.
    pub client: (String, u16),
    /// Server address and port.
    pub server: (String, u16),
    /// App, if the capture names it.
    pub app: Option<Box<str>>,
}

/// One kind of problem, counted until the end.
struct Tally {
    code: &'static str,
    text: &'static str,
    place: String,
    count: i64,
}

/// Writes to the sink, numbers the messages, keeps what all parsers share.
pub struct Output<'s> {
    sink: &'s mut dyn Sink,
    /// The budget of this run.
    pub limits: &'s Limits,
    /// What opens encrypted sessions.
    pub secrets: Secrets,
    /// Certificates that were read before.
    pub certificates: Certificates,
    messages: i64,
    names: i64,
    connections: i64,
    rows: [u64; 2],
    tallies: Vec<Tally>,
    buffers: Vec<Vec<u8>>,
    held: u64,
    /// DNS queries inside HTTP requests: number of the request, number of the query.
    lookups: VecDeque<(i64, i64)>,
    /// Servers to which a client speaks.
    pub taken: Taken,
    /// TLS sessions around the bytes that are being read.
    pub nested: u32,
}

impl<'s> Output<'s> {
    /// An output with nothing written.
    pub fn new(sink: &'s mut dyn Sink, limits: &'s Limits, secrets: Secrets) -> Self {
        Output {
            sink,
            limits,
            secrets,
            certificates: Certificates::default(),
            messages: 0,
            names: 0,
            connections: 0,
            rows: [0; 2],
            tallies: Vec::new(),
            buffers: Vec::new(),
            held: 0,
            lookups: VecDeque::new(),
            taken: Taken::default(),
            nested: 0,
        }
    }

    /// The number of the next message. A message takes it when it is written, or earlier if its
    /// answer is written before itself.
    pub fn reserve(&mut self) -> i64 {
        let id = self.messages;
        self.messages = self.messages.saturating_add(1);
        id
    }

    /// Writes one message, whose `id` came from [`Output::reserve`].
    pub fn message(&mut self, message: &Message<'_>) -> Result<(), Stopped> {
        self.sink.message(message)?;
        if message.protocol.starts_with("http") {
            over_http::inside(message, self)?;
        }
        Ok(())
    }

    /// Remembers which DNS query an HTTP request carried, for its answer.
    pub fn remember_lookup(&mut self, request: i64, query: i64) {
        if self.lookups.len() >= REMEMBERED_LOOKUPS {
            self.lookups.pop_front();
        }
        self.lookups.push_back((request, query));
    }

    /// The DNS query that an HTTP request carried.
    pub fn lookup(&self, request: i64) -> Option<i64> {
        let found = self.lookups.iter().rev().find(|(http, _)| *http == request);
        found.map(|(_, query)| *query)
    }

    /// Writes one connection.
    pub fn connection(&mut self, connection: &Connection) -> Result<(), Stopped> {
        self.connections = self.connections.saturating_add(1);
        self.sink.connection(connection)
    }

    /// Writes one name.
    pub fn name(&mut self, name: &Name<'_>) -> Result<(), Stopped> {
        self.names = self.names.saturating_add(1);
        self.sink.name(name)
    }

    /// Writes what a device told of itself.
    pub fn announcement(&mut self, announcement: &Announcement) -> Result<(), Stopped> {
        self.sink.announcement(announcement)
    }

    /// Writes one problem that has a place of its own; after [`ROWS_OF_A_KIND`] they are counted.
    pub fn problem(&mut self, problem: Problem) -> Result<(), Stopped> {
        self.rows[0] = self.rows[0].saturating_add(1);
        if self.rows[0] > ROWS_OF_A_KIND {
            self.count(
                problem.code,
                "More problems of this kind, not listed one by one.",
                || problem.place.clone(),
            );
            return Ok(());
        }
        self.sink.problem(problem)
    }

    /// Writes one limit that was met; after [`ROWS_OF_A_KIND`] they are counted.
    pub fn limit(&mut self, what: &'static str, limit: u64, place: String) -> Result<(), Stopped> {
        self.rows[1] = self.rows[1].saturating_add(1);
        if self.rows[1] > ROWS_OF_A_KIND {
            self.count("limits", "More limits were met than are listed.", || place);
            return Ok(());
        }
        self.sink.limit(LimitHit { what, limit, place })
    }

    /// Counts a problem that may come with every packet: one row at the end, with the first place.
    pub fn count(
        &mut self,
        code: &'static str,
        text: &'static str,
        place: impl FnOnce() -> String,
    ) {
        self.count_many(code, text, 1, place);
    }

    /// As [`Output::count`], `count` times.
    pub fn count_many(
        &mut self,
        code: &'static str,
        text: &'static str,
        count: i64,
        place: impl FnOnce() -> String,
    ) {
        let known = self
            .tallies
            .iter_mut()
            .find(|t| t.code == code && t.text == text);
        if let Some(tally) = known {
            tally.count = tally.count.saturating_add(count);
        } else {
            let place = place();
            self.tallies.push(Tally {
                code,
                text,
                place,
                count,
            });
        }
    }

    /// Tells the sink how far the evidence was read.
    pub fn progress(&mut self, bytes: u64) -> Result<(), Stopped> {
        self.sink.progress(bytes)
    }

    /// Writes the counted problems. Called once, at the end.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        for tally in std::mem::take(&mut self.tallies) {
            self.sink.problem(Problem {
                code: tally.code,
                text: tally.text.to_owned(),
                place: tally.place,
                count: tally.count,
            })?;
        }
        Ok(())
    }

    /// Messages numbered, names and connections written so far.
    pub fn written(&self) -> (i64, i64, i64) {
        (self.messages, self.names, self.connections)
    }

    /// Appends to a body within the budget of one body and of all unfinished bodies together.
    /// Returns how many bytes were left out.
    pub fn append(&mut self, body: &mut Vec<u8>, bytes: &[u8]) -> u64 {
        let all = self.limits.body_bytes.saturating_mul(HELD_BODIES);
        let room = self
            .limits
            .body_bytes
            .saturating_sub(body.len() as u64)
            .min(all.saturating_sub(self.held));
        let kept = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if body.capacity() == 0
            && let Some(buffer) = self.buffers.pop()
        {
            *body = buffer;
        }
        body.extend_from_slice(bytes.get(..kept).unwrap_or(bytes));
        self.held = self.held.saturating_add(kept as u64);
        bytes.len().saturating_sub(kept) as u64
    }

    /// Charges bytes of an unfinished message that are not in its body, such as header fields, to the
    /// budget of all unfinished bodies. False: there is no room for them.
    pub fn claim(&mut self, bytes: u64) -> bool {
        let all = self.limits.body_bytes.saturating_mul(HELD_BODIES);
        let room = bytes <= all.saturating_sub(self.held);
        if room {
            self.held = self.held.saturating_add(bytes);
        }
        room
    }

    /// Takes back what [`Output::claim`] charged.
    pub fn unclaim(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// An empty buffer, one that was used before where there is any.
    pub fn take_buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Takes a buffer back, for reuse.
    pub fn keep_buffer(&mut self, buffer: &mut Vec<u8>) {
        let mut buffer = std::mem::take(buffer);
        if buffer.capacity() > 0
            && buffer.capacity() <= KEPT_BUFFER
            && self.buffers.len() < KEPT_BUFFERS
        {
            buffer.clear();
            self.buffers.push(buffer);
        }
    }

    /// Takes back a body that was filled by [`Output::append`], for reuse.
    pub fn release(&mut self, body: &mut Vec<u8>) {
        self.held = self.held.saturating_sub(body.len() as u64);
        self.keep_buffer(body);
    }
}
