//! Streams with messages: from frames to fields and bodies, and what waits for something else.

use super::connection::{Connection, FIELD_BYTES, HELD_BYTES, PROMISES, index};
use super::frame::{DATA, Event, HEADERS, Hole, PUSH_PROMISE};
use super::half::{Came, Waiting};
use super::qpack::Outcome;
use super::stream::Stream;
use super::writing::asked;
use crate::model::{Direction, Stopped};
use crate::protocol::http2::hpack::FieldList;
use crate::protocol::output::{Arrival, Output};
use crate::protocol::varint::Reader;

impl Connection {
    /// Bytes of a stream with messages; they are kept only behind a section that waits.
    pub(super) fn bytes_came(
        &mut self,
        id: u64,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut stream = self.streams.remove(&id).unwrap_or_default();
        let early = self.is_early(&stream, id, direction);
        let half = stream.half(direction);
        let result = if half.waiting.is_some() || early {
            let kept = Came::Bytes(bytes.to_vec(), *at);
            self.step(&mut stream, id, direction, kept, out)
        } else if half.over {
            Ok(())
        } else {
            self.bytes(&mut stream, id, direction, bytes, at, out)
        };
        self.keep(stream, id, direction, result, out)
    }

    /// Is this an answer whose request has not come?
    fn is_early(&self, stream: &Stream, id: u64, direction: Direction) -> bool {
        let asked = stream.up.head || stream.up.over || stream.up.lost;
        id & 3 == 0 && direction == Direction::Down && !asked && !self.full
    }

    /// Puts a stream back after something came in `direction`; an answer that waited goes on.
    fn keep(
        &mut self,
        mut stream: Box<Stream>,
        id: u64,
        direction: Direction,
        mut result: Result<(), Stopped>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let waits = |stream: &Stream| {
            let waiting = stream.down.waiting.as_ref();
            waiting.is_some_and(|w| w.section.is_none())
        };
        if direction == Direction::Up && result.is_ok() && waits(&stream) {
            result = self
                .go_on(&mut stream, id, Direction::Down, false, out)
                .map(|_| ());
        }
        if !(stream.up.over && stream.down.over) {
            self.streams.insert(id, stream);
        }
        result
    }

    /// Something else came on a stream with messages.
    pub(super) fn came(
        &mut self,
        id: u64,
        direction: Direction,
        came: Came,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut stream = match self.streams.remove(&id) {
            Some(stream) => stream,
            None if matches!(came, Came::End(_)) => return Ok(()),
            None => Box::default(),
        };
        let result = self.step(&mut stream, id, direction, came, out);
        self.keep(stream, id, direction, result, out)
    }

    fn step(
        &mut self,
        stream: &mut Stream,
        id: u64,
        direction: Direction,
        came: Came,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let early = self.is_early(stream, id, direction);
        let half = stream.half(direction);
        if half.over {
            return Ok(());
        }
        if early && half.waiting.is_none() {
            half.waiting = Some(Box::default());
        }
        if let Some(waiting) = &mut half.waiting {
            let cost = came.cost();
            waiting.cost = waiting.cost.saturating_add(cost);
            self.held = self.held.saturating_add(cost);
            waiting.after.push_back(came);
            if self.held > HELD_BYTES {
                self.fill(out)?;
                self.go_on(stream, id, direction, true, out)?;
            }
            return Ok(());
        }
        match came {
            Came::Bytes(bytes, at) => self.bytes(stream, id, direction, &bytes, &at, out),
            Came::Gap(missing) => {
                self.hole(stream, id, direction, missing, out)?;
                Ok(())
            }
            Came::End(whole) => {
                let half = stream.half(direction);
                half.over = true;
                if half.begun {
                    half.broken |= !whole || !half.frames.is_between();
                    self.write(stream, direction, out)?;
                }
                Ok(())
            }
        }
    }

    /// Too much is held: from now on no section waits.
    fn fill(&mut self, out: &mut Output<'_>) -> Result<(), Stopped> {
        if !self.full {
            self.full = true;
            let place = format!("connection {}", self.peers.connection);
            out.limit("header bytes held", HELD_BYTES as u64, place)?;
        }
        Ok(())
    }

    fn bytes(
        &mut self,
        stream: &mut Stream,
        id: u64,
        direction: Direction,
        mut bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        loop {
            let half = stream.half(direction);
            if half.lost {
                return Ok(());
            }
            let Some(event) = half.frames.next(&mut bytes) else {
                return Ok(());
            };
            match event {
                Event::Begin(HEADERS | PUSH_PROMISE) => {
                    half.section.clear();
                    half.holed = false;
                }
                Event::Begin(_) => {}
                Event::Payload(DATA, part, _) => {
                    half.begin(at);
                    // Its head is missing.
                    half.broken |= !half.head;
                    let cut = out.append(&mut half.body, part);
                    half.cut = half.cut.saturating_add(cut);
                }
                Event::Payload(kind @ (HEADERS | PUSH_PROMISE), part, last) => {
                    if kind == HEADERS {
                        half.begin(at);
                    }
                    let room = FIELD_BYTES.saturating_sub(half.section.len());
                    let kept = part.get(..room.min(part.len())).unwrap_or_default();
                    half.holed |= kept.len() < part.len();
                    half.section.extend_from_slice(kept);
                    if last && self.section(stream, id, direction, kind, at, out)? {
                        if !bytes.is_empty() {
                            let rest = Came::Bytes(bytes.to_vec(), *at);
                            return self.step(stream, id, direction, rest, out);
                        }
                        return Ok(());
                    }
                }
                Event::Payload(..) => {
                    if half.begun {
                        half.end = half.end.max(at.end);
                    }
                }
            }
        }
    }

    fn hole(
        &mut self,
        stream: &mut Stream,
        id: u64,
        direction: Direction,
        missing: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let half = stream.half(direction);
        match half.frames.gap(missing) {
            Hole::Inside(DATA, _) => half.missing = half.missing.saturating_add(missing),
            Hole::Inside(kind @ (HEADERS | PUSH_PROMISE), last) => {
                half.holed = true;
                if last {
                    let at = half.start;
                    self.section(stream, id, direction, kind, &at, out)?;
                }
            }
            Hole::Inside(..) => {}
            Hole::Lost => {
                half.lost = true;
                half.broken = true;
                if half.begun {
                    half.missing = half.missing.saturating_add(missing);
                }
            }
        }
        Ok(())
    }

    /// A field section is there. True: it is blocked.
    fn section(
        &mut self,
        stream: &mut Stream,
        id: u64,
        direction: Direction,
        kind: u64,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        let half = stream.half(direction);
        let mut section = std::mem::take(&mut half.section);
        let mut push = None;
        if kind == PUSH_PROMISE {
            let mut reader = Reader(&section);
            let Some(number) = reader.varint() else {
                return Ok(false);
            };
            push = Some(number);
            let used = section.len().saturating_sub(reader.0.len());
            section.drain(..used);
        }
        if half.holed {
            // What is behind a hole cannot be told from anything.
            let mut list = FieldList::default();
            list.missing = 1;
            self.fields(stream, direction, push, list, at, out)?;
            return Ok(false);
        }
        let mut list = FieldList::default();
        if self.held > HELD_BYTES {
            self.fill(out)?;
        }
        let last = self.full;
        if self.decode(direction, &section, &mut list, last) == Outcome::Blocked {
            let cost = section.len().saturating_add(64);
            self.held = self.held.saturating_add(cost);
            let half = stream.half(direction);
            half.waiting = Some(Box::new(Waiting {
                section: Some(section),
                push,
                cost,
                ..Waiting::default()
            }));
            if let Some(blocked) = self.blocked.get_mut(index(direction)) {
                blocked.push(id);
            }
            return Ok(true);
        }
        let half = stream.half(direction);
        section.clear();
        half.section = section;
        self.fields(stream, direction, push, list, at, out)?;
        Ok(false)
    }

    fn decode(
        &mut self,
        direction: Direction,
        section: &[u8],
        list: &mut FieldList,
        last: bool,
    ) -> Outcome {
        let room = HELD_BYTES.saturating_sub(self.held).min(FIELD_BYTES);
        let Some(decoder) = self.decoders.get_mut(index(direction)) else {
            return Outcome::Wrong;
        };
        let outcome = decoder.section(section, list, last, room);
        if outcome == Outcome::Wrong {
            list.missing = list.missing.saturating_add(1);
        }
        outcome
    }

    /// Fields of a message, of its trailers, or of a promise.
    fn fields(
        &mut self,
        stream: &mut Stream,
        direction: Direction,
        push: Option<u64>,
        list: FieldList,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if list.missing > 0 {
            let (connection, frame) = (self.peers.connection, at.frame);
            out.count(
                "blocked QPACK",
                "Header fields refer to a table whose parts are missing from the capture; those fields are not shown, and their messages are marked incomplete.",
                || format!("connection {connection}, packet {frame}"),
            );
        }
        if let Some(push) = push {
            let asked = self.write_promise(&list, at, out)?;
            if self.promised.len() < PROMISES {
                self.promised.insert(push, asked);
            }
            return Ok(());
        }
        let half = stream.half(direction);
        half.begin(at);
        self.held = self.held.saturating_sub(half.fields.held());
        if half.head {
            half.fields.extend(&list, FIELD_BYTES);
            self.held = self.held.saturating_add(half.fields.held());
            return Ok(());
        }
        half.head = true;
        half.fields = list;
        self.held = self.held.saturating_add(half.fields.held());
        match direction {
            Direction::Up => {
                let found = asked(&stream.up.fields, &self.peers);
                stream.asked.url = found.url;
                stream.asked.host = found.host;
            }
            Direction::Down => {
                let status = half.fields.value(b":status").and_then(number);
                half.status = status.unwrap_or(0);
                // Interim responses are followed by another (RFC 9114 section 4.1).
                if (100..200).contains(&half.status) {
                    self.write(stream, direction, out)?;
                }
            }
        }
        Ok(())
    }

    /// Instructions came: tries the sections that wait for them.
    pub(super) fn unblock(
        &mut self,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let ids = self.blocked.get_mut(index(direction)).map(std::mem::take);
        for id in ids.unwrap_or_default() {
            self.resume(id, direction, false, out)?;
        }
        Ok(())
    }

    pub(super) fn resume(
        &mut self,
        id: u64,
        direction: Direction,
        last: bool,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        let Some(mut stream) = self.streams.remove(&id) else {
            return Ok(false);
        };
        let result = self.go_on(&mut stream, id, direction, last, out);
        let (went, result) = match result {
            Ok(went) => (went, Ok(())),
            Err(stopped) => (false, Err(stopped)),
        };
        self.keep(stream, id, direction, result, out)?;
        Ok(went)
    }

    /// Reads a section that waited, and what came after it. True: it had waited, and does no more.
    fn go_on(
        &mut self,
        stream: &mut Stream,
        id: u64,
        direction: Direction,
        last: bool,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        let half = stream.half(direction);
        let Some(mut waiting) = half.waiting.take() else {
            return Ok(false);
        };
        let at = half.start;
        let mut list = FieldList::default();
        let blocked = match &waiting.section {
            Some(section) => self.decode(direction, section, &mut list, last) == Outcome::Blocked,
            None => !last && self.is_early(stream, id, direction),
        };
        if blocked {
            let again = waiting.section.is_some();
            stream.half(direction).waiting = Some(waiting);
            if let Some(blocked) = self.blocked.get_mut(index(direction)).filter(|_| again) {
                blocked.push(id);
            }
            return Ok(false);
        }
        self.held = self.held.saturating_sub(waiting.cost);
        if waiting.section.is_some() {
            self.fields(stream, direction, waiting.push, list, &at, out)?;
        }
        // What waits again behind another section is put behind it in the same order.
        for came in std::mem::take(&mut waiting.after) {
            self.step(stream, id, direction, came, out)?;
        }
        Ok(true)
    }
}

fn number(value: &[u8]) -> Option<u16> {
    std::str::from_utf8(value).ok()?.parse().ok()
}
