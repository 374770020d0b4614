//! Both directions of an HTTP/1 connection: requests, the responses to them, and what comes after.

use super::framing::{self, Framing};
use super::head::{self, Head, Verdict};
use super::requests::{Method, Request, Requests, Response, WAITING_REQUESTS};
use super::side::{Side, State, Step};
use super::upgrade::Upgrade;
use super::url;
use crate::model::{Direction, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};

/// Bytes after a CONNECT request that are kept until its answer is known.
const HELD_BYTES: usize = 256 << 10;

/// The reader of one HTTP/1 connection.
#[derive(Debug)]
pub struct Exchange {
    pub(super) peers: Peers,
    pub(super) scheme: &'static str,
    pub(super) transport: Transport,
    pub(super) up: Side,
    pub(super) down: Side,
    pub(super) requests: Requests,
    pub(super) held: Vec<u8>,
    pub(super) tunnel: bool,
    pub(super) upgrade: Option<Upgrade>,
    pub(super) gave_up: bool,
}

impl Exchange {
    /// A reader for a connection between `peers`. `lost`: the directions (up, down) that did not
    /// begin with a start line. `scheme` is that of the URLs, `http` or `https`.
    pub fn new(
        peers: Peers,
        scheme: &'static str,
        transport: Transport,
        lost: (bool, bool),
    ) -> Self {
        let state = |lost| if lost { State::Lost } else { State::Start };
        Exchange {
            peers,
            scheme,
            transport,
            up: Side::new(state(lost.0)),
            down: Side::new(state(lost.1)),
            requests: Requests::default(),
            held: Vec::new(),
            tunnel: false,
            upgrade: None,
            gave_up: false,
        }
    }

    /// Who talks, for whatever reads the rest of a tunnel.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// How its messages travelled.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// What the server agreed to (101): nothing more is read here.
    pub fn take_upgrade(&mut self) -> Option<Upgrade> {
        self.upgrade.take()
    }

    /// Bytes the client sent behind a CONNECT request before the tunnel was open.
    pub fn take_held(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// Bytes that belonged to no message.
    pub fn skipped(&self) -> u64 {
        self.up.skipped.saturating_add(self.down.skipped)
    }

    pub(super) fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }

    /// Feeds bytes in order. `position`: how many bytes of this direction came before them, gaps
    /// included. `Some(n)`: after `n` of these bytes a tunnel or another protocol begins; the rest is not
    /// HTTP of this exchange.
    pub fn data(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        position: u64,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<Option<usize>, Stopped> {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            let place = position.saturating_add(used as u64);
            let lost = self.side(direction).state == State::Lost;
            used += self.step(direction, rest, used == 0, place, at, out)?;
            if direction == Direction::Up && !lost && self.up.state != State::Lost {
                let end = position.saturating_add(used as u64);
                self.requests.reached(self.up.request, end);
            }
            if self.tunnel || self.upgrade.is_some() {
                return Ok(Some(used));
            }
        }
        Ok(None)
    }

    /// One step: either uses bytes or changes to a state that will.
    fn step(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        at_segment: bool,
        position: u64,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<usize, Stopped> {
        // Not by `self.side`: the other fields are needed beside it.
        let side = match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        };
        side.end = side.end.max(at.end);
        match side.state {
            State::Start => self.start(direction, bytes, position, at, out),
            State::Head { scanned } => {
                let (used, whole) = side.head_step(bytes, scanned);
                if whole {
                    let head_bytes = std::mem::take(&mut side.head_bytes);
                    // Only bytes after the head count as body; this call used none of them.
                    let end = position.saturating_add(used as u64);
                    self.head(direction, &head_bytes, &[], end, out)?;
                    let side = self.side(direction);
                    if side.head_bytes.capacity() == 0 {
                        side.head_bytes = head_bytes;
                        side.head_bytes.clear();
                    }
                } else if side.head_bytes.len() > head::HEAD_BYTES {
                    let place = format!(
                        "connection {}, message from packet {}",
                        self.peers.connection, side.start.frame
                    );
                    out.limit("header bytes", head::HEAD_BYTES as u64, place)?;
                    self.partial_head(direction, out)?;
                    self.side(direction).lose();
                }
                Ok(used)
            }
            State::UntilClose
                if at_segment
                    && direction == Direction::Down
                    && head::begins_response(bytes) == Verdict::Yes
                    && self.requests.more_waiting() =>
            {
                // A server that gave no length but keeps the connection: the next answer.
                self.finish(direction, None, None, out)?;
                Ok(0)
            }
            State::Lost => {
                let found = side.find_start(direction, bytes, at_segment);
                let skipped = found.unwrap_or(bytes.len());
                side.skipped = side.skipped.saturating_add(skipped as u64);
                if found.is_some() {
                    side.state = State::Start;
                }
                Ok(skipped)
            }
            State::Held => {
                if self.held.len().saturating_add(bytes.len()) <= HELD_BYTES {
                    self.held.extend_from_slice(bytes);
                }
                Ok(bytes.len())
            }
            State::Over => Ok(bytes.len()),
            _ => {
                if let Some(length) = side.whole_body(bytes.len()) {
                    let body = bytes.get(..length).unwrap_or_default();
                    self.finish(direction, None, Some(body), out)?;
                    return Ok(length);
                }
                match side.body_step(bytes, out) {
                    Step::Used(used) => Ok(used),
                    Step::Done(used) => {
                        self.finish(direction, None, None, out)?;
                        Ok(used)
                    }
                    Step::Broken(used) => {
                        let frame = at.frame;
                        out.count(
                            "malformed",
                            "A chunked HTTP body has an unreadable chunk size; its message ends there.",
                            || format!("packet {frame}"),
                        );
                        side.whole = false;
                        self.finish(direction, None, None, out)?;
                        self.side(direction).lose();
                        Ok(used)
                    }
                }
            }
        }
    }

    /// Bytes where a message must begin.
    fn start(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        position: u64,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<usize, Stopped> {
        let blank = bytes
            .iter()
            .take_while(|&&b| b == b'\r' || b == b'\n')
            .count();
        if blank > 0 {
            return Ok(blank); // RFC 9112 section 2.2
        }
        let verdict = match direction {
            Direction::Up => head::begins_request(bytes),
            Direction::Down => head::begins_response(bytes),
        };
        let side = self.side(direction);
        if verdict == Verdict::No {
            side.lose();
            return Ok(0);
        }
        side.begin(at);
        let end = head::end_of_head(bytes, 0).filter(|&end| end <= head::HEAD_BYTES);
        if let Some(end) = end {
            let (head_bytes, rest) = bytes.split_at(end);
            let body = self.head(
                direction,
                head_bytes,
                rest,
                position.saturating_add(end as u64),
                out,
            )?;
            return Ok(end + body);
        }
        side.head_bytes.clear();
        let (used, _) = side.head_step(bytes, 0);
        Ok(used)
    }

    /// A whole head. `rest` follows it; returns how many bytes of it were used.
    /// `position` is that of the end of the head.
    fn head(
        &mut self,
        direction: Direction,
        head_bytes: &[u8],
        rest: &[u8],
        position: u64,
        out: &mut Output<'_>,
    ) -> Result<usize, Stopped> {
        let start = position.saturating_sub(head_bytes.len() as u64);
        let side = self.side(direction);
        let reuse = std::mem::take(&mut side.head.fields);
        let Some(parsed) = head::parse(head_bytes, reuse) else {
            side.skipped = side.skipped.saturating_add(head_bytes.len() as u64);
            side.lose();
            return Ok(0);
        };
        let framing = match direction {
            Direction::Up => self.asked(&parsed, head_bytes, start, out)?,
            Direction::Down => self.answering(&parsed, head_bytes, start),
        };
        let side = self.side(direction);
        side.head = parsed;
        side.enter(framing);
        if let Some(length) = side.whole_body(rest.len()) {
            let body = rest.get(..length).unwrap_or_default();
            self.finish(direction, Some(head_bytes), Some(body), out)?;
            return Ok(length);
        }
        side.head_bytes.clear();
        side.head_bytes.extend_from_slice(head_bytes);
        Ok(0)
    }

    /// Notes a request, so that its answer finds it.
    pub(super) fn asked(
        &mut self,
        head: &Head,
        bytes: &[u8],
        begin: u64,
        out: &mut Output<'_>,
    ) -> Result<Framing, Stopped> {
        let (url, host) = url::of_request(head, bytes, self.scheme, &self.peers);
        let method = match head.method.of(bytes) {
            b"HEAD" => Method::Head,
            b"CONNECT" => Method::Connect,
            _ => Method::Other,
        };
        let (serial, full) = self.requests.push(Request {
            id: None,
            url,
            host,
            method,
            acknowledged: self.up.start.acknowledged,
            begin,
            end: begin.saturating_add(bytes.len() as u64),
            answered: false,
            sent: false,
        });
        self.up.request = Some(serial);
        if full && !self.gave_up {
            self.gave_up = true;
            let place = format!("connection {}", self.peers.connection);
            out.limit("requests without an answer", WAITING_REQUESTS as u64, place)?;
        }
        if method == Method::Connect {
            return Ok(Framing::Length(0));
        }
        Ok(framing::of_request(head, bytes))
    }

    /// Finds the request that a response which begins at `position` answers.
    pub(super) fn answering(&mut self, head: &Head, bytes: &[u8], position: u64) -> Framing {
        let last = !(100..200).contains(&head.status) || head.status == 101;
        let response = Response {
            position,
            acknowledged: self.down.start.acknowledged,
        };
        let found = self
            .requests
            .answered_by(&response, self.down.uncertain, last);
        self.down.request = found;
        if found.is_some() && last {
            self.down.uncertain = false;
        }
        let method = self.requests.get(found).map(|r| r.method);
        let tunnel = method == Some(Method::Connect) && (200..300).contains(&head.status);
        framing::of_response(head, bytes, tunnel || method == Some(Method::Head))
    }
}
