//! Both directions of an HTTP/2 connection, and its streams.

use std::collections::{BTreeMap, VecDeque};

use super::frame::{self, Frame, PREFACE, flag, kind};
use super::hpack::FieldList;
use super::side::{Side, State};
use super::stream::{Progress, Stream};
use crate::model::{Direction, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};

/// Bytes of one header block, and of the fields it yields (as RFC 9113 section 6.5.2 counts them).
pub(super) const HEAD_BYTES: usize = 256 << 10;
/// Streams of one connection that are open at once; the oldest is given up beyond this.
const OPEN_STREAMS: usize = 1024;
/// Streams that are over and remembered, so that what still comes for them opens no new ones.
const REMEMBERED_STREAMS: usize = 256;
/// Bytes of a SETTINGS frame that are read: a few times as many settings as there are.
const SETTINGS_BYTES: u32 = 6 * 64;

/// A request that was sent in HTTP/1 and is answered in HTTP/2 (RFC 7540 section 3.2).
#[derive(Debug, Default)]
pub struct Upgraded {
    /// Number of the request's message.
    pub request: Option<i64>,
    /// URL asked for.
    pub url: Option<String>,
    /// Host asked for.
    pub host: Option<String>,
}

/// The reader of one HTTP/2 connection.
#[derive(Debug)]
pub struct Exchange {
    pub(super) peers: Peers,
    pub(super) scheme: &'static str,
    pub(super) transport: Transport,
    pub(super) up: Side,
    pub(super) down: Side,
    pub(super) streams: BTreeMap<u32, Box<Stream>>,
    /// Streams that are over, the latest last.
    pub(super) over: VecDeque<u32>,
    /// The highest stream a client has opened.
    pub(super) highest: u32,
    /// Fields of the block that is read.
    pub(super) fields: FieldList,
    /// Lists to use again.
    pub(super) spare: Vec<FieldList>,
    gave_up: bool,
}

impl Exchange {
    /// A reader for a connection between `peers`. `lost`: the directions (up, down) whose start was not
    /// captured. `scheme` is that of URLs which do not tell their own.
    pub fn new(
        peers: Peers,
        scheme: &'static str,
        transport: Transport,
        lost: (bool, bool),
    ) -> Self {
        let state = |lost, start| if lost { State::Lost } else { start };
        Exchange {
            peers,
            scheme,
            transport,
            up: Side::new(state(lost.0, State::Preface(0))),
            down: Side::new(state(lost.1, State::Header)),
            streams: BTreeMap::new(),
            over: VecDeque::new(),
            highest: 0,
            fields: FieldList::default(),
            spare: Vec::new(),
            gave_up: false,
        }
    }

    /// The same after an upgrade from HTTP/1: the request that asked for it is stream 1.
    #[must_use]
    pub fn answering(mut self, upgraded: Upgraded) -> Self {
        let mut stream = Stream {
            request: upgraded.request,
            url: upgraded.url,
            host: upgraded.host,
            ..Stream::default()
        };
        stream.up.progress = Progress::Written;
        self.streams.insert(1, Box::new(stream));
        self.highest = 1;
        self
    }

    /// How its messages travelled.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Bytes that belonged to no frame.
    pub fn skipped(&self) -> u64 {
        self.up.skipped.saturating_add(self.down.skipped)
    }

    pub(super) fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }

    /// Feeds bytes in order.
    pub fn data(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            used += self.step(direction, rest, used == 0, at, out)?;
        }
        Ok(())
    }

    /// One step: either uses bytes or changes to a state that will.
    fn step(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        at_segment: bool,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<usize, Stopped> {
        // Not by `self.side`: the other fields are needed beside it.
        let side = match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        };
        match side.state {
            State::Preface(read) => {
                let want = PREFACE.get(read..).unwrap_or_default();
                let take = want.len().min(bytes.len());
                if bytes.get(..take) != want.get(..take) {
                    side.lose();
                    return Ok(0);
                }
                side.state = match read + take {
                    all if all == PREFACE.len() => State::Header,
                    read => State::Preface(read),
                };
                Ok(take)
            }
            State::Header => {
                let (used, frame) = side.header_step(bytes, at);
                if let Some(frame) = frame {
                    self.begin(direction, frame, at, out)?;
                }
                Ok(used)
            }
            State::Payload(left) => {
                let take = bytes.len().min(left as usize);
                let mine = bytes.get(..take).unwrap_or_default();
                let left = left.saturating_sub(u32::try_from(take).unwrap_or(left));
                if left > 0 {
                    side.held.extend_from_slice(mine);
                    side.state = State::Payload(left);
                    return Ok(take);
                }
                side.state = State::Header;
                if side.held.is_empty() {
                    self.payload(direction, mine, at, out)?;
                } else {
                    let mut held = std::mem::take(&mut side.held);
                    held.extend_from_slice(mine);
                    self.payload(direction, &held, at, out)?;
                    Side::keep(&mut self.side(direction).held, held);
                }
                Ok(take)
            }
            State::PadLength => {
                let pad = u32::from(bytes.first().copied().unwrap_or_default());
                match side.frame.length.checked_sub(1 + pad) {
                    Some(data) => {
                        side.state = State::Data(data, pad);
                        self.after_data(direction, at, out)?;
                    }
                    None => {
                        let rest = side.frame.length.saturating_sub(1);
                        side.state = State::Skip(rest);
                        malformed("padding is longer than its frame", at, out);
                    }
                }
                Ok(1)
            }
            State::Data(data, pad) => {
                let take = bytes.len().min(data as usize);
                let taken = u32::try_from(take).unwrap_or(data);
                if take > 0 {
                    side.state = State::Data(data - taken, pad);
                    let mine = bytes.get(..take).unwrap_or_default();
                    self.body(direction, mine, at, out)?;
                    self.after_data(direction, at, out)?;
                    return Ok(take);
                }
                let take = bytes.len().min(pad as usize);
                side.state = State::Data(0, pad.saturating_sub(u32::try_from(take).unwrap_or(pad)));
                self.after_data(direction, at, out)?;
                Ok(take)
            }
            State::Skip(left) => {
                let take = bytes.len().min(left as usize);
                let left = left.saturating_sub(u32::try_from(take).unwrap_or(left));
                side.state = match left {
                    0 => State::Header,
                    left => State::Skip(left),
                };
                Ok(take)
            }
            State::Lost => {
                let streams = &self.streams;
                let found = frame::find(bytes, at_segment, |stream| streams.contains_key(&stream));
                let skipped = found.unwrap_or(bytes.len());
                side.skipped = side.skipped.saturating_add(skipped as u64);
                if found.is_some() {
                    side.state = State::Header;
                }
                Ok(skipped)
            }
        }
    }

    /// A frame header.
    fn begin(
        &mut self,
        direction: Direction,
        frame: Frame,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        let pending = side.pending.map(|p| p.stream);
        let continued = frame.kind == kind::CONTINUATION && pending == Some(frame.stream);
        if !frame.is_sound(side.long_frames || !side.gapped) {
            malformed("a frame breaks the rules of its type", at, out);
            return self.lose(direction, out);
        }
        if pending.is_some() && !continued {
            // RFC 9113 section 6.2: nothing may come in between.
            malformed("a header block is not continued", at, out);
            self.cut_block(direction, out)?;
        }
        let side = self.side(direction);
        side.frame = frame;
        side.state = match frame.kind {
            kind::DATA if frame.has(flag::PADDED) && frame.length > 0 => State::PadLength,
            kind::DATA => State::Data(frame.length, 0),
            kind::HEADERS | kind::PUSH_PROMISE => State::Payload(frame.length),
            kind::CONTINUATION if continued => State::Payload(frame.length),
            kind::SETTINGS if frame.length <= SETTINGS_BYTES => State::Payload(frame.length),
            _ => State::Skip(frame.length),
        };
        if let State::Payload(length) = side.state {
            if length as usize + side.block.len() > HEAD_BYTES {
                side.state = State::Skip(length);
                let place = self.place(frame.stream);
                out.limit("header bytes", HEAD_BYTES as u64, place)?;
                return self.cut_block(direction, out);
            }
            if length == 0 {
                side.state = State::Header;
                return self.payload(direction, &[], at, out);
            }
        }
        if frame.length == 0 {
            match side.state {
                State::Data(..) => return self.after_data(direction, at, out),
                _ => side.state = State::Header,
            }
        }
        if frame.kind == kind::RST_STREAM {
            self.reset(direction, frame.stream, out)?;
        }
        Ok(())
    }

    /// A direction gives a stream up (RFC 9113 section 6.4).
    fn reset(
        &mut self,
        direction: Direction,
        id: u32,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        // A response may be on its way to a client that does not want it any more.
        let waits = direction == Direction::Up
            && stream.down.progress == Progress::Waiting
            && stream.socket.is_none();
        if waits {
            if stream.up.progress == Progress::Open {
                stream.up.broken = true;
                self.write(Direction::Up, id, out)?;
            }
            return Ok(());
        }
        if let Some(mut stream) = self.streams.remove(&id) {
            self.remember(id);
            self.write_rest(&mut stream, out)?;
        }
        Ok(())
    }

    /// Notes that a stream is over.
    pub(super) fn remember(&mut self, id: u32) {
        if self.over.len() >= REMEMBERED_STREAMS {
            self.over.pop_front();
        }
        self.over.push_back(id);
    }

    /// Opens a stream; the oldest is given up for it if there are too many.
    pub(super) fn open(&mut self, id: u32, out: &mut Output<'_>) -> Result<(), Stopped> {
        if self.streams.len() >= OPEN_STREAMS
            && let Some((oldest, mut stream)) = self.streams.pop_first()
        {
            if !self.gave_up {
                self.gave_up = true;
                out.limit("open streams", OPEN_STREAMS as u64, self.place(oldest))?;
            }
            self.remember(oldest);
            stream.up.broken = true;
            stream.down.broken = true;
            self.write_rest(&mut stream, out)?;
        }
        self.streams.entry(id).or_default();
        Ok(())
    }

    /// Words for where a stream is.
    pub(super) fn place(&self, stream: u32) -> String {
        format!("connection {}, stream {stream}", self.peers.connection)
    }
}

/// Counts something that breaks the rules.
pub(super) fn malformed(what: &'static str, at: &Arrival, out: &mut Output<'_>) {
    let frame = at.frame;
    out.count(
        "malformed",
        "HTTP/2 connections break the rules of their frames; what can be read is shown, and marked incomplete.",
        || format!("packet {frame}: {what}"),
    );
}
