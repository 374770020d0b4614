//! From header blocks and data to the messages of a stream.

use super::exchange::{Exchange, HEAD_BYTES, malformed};
use super::frame::flag;
use super::hpack::FieldList;
use super::side::{Pending, State};
use super::stream::{Opens, Progress, Stream};
use crate::model::{Direction, Stopped};
use crate::protocol::http1::url;
use crate::protocol::output::{Arrival, Output};

/// Lists of fields kept for the next message.
const SPARE_LISTS: usize = 16;

impl Exchange {
    /// A header block. `whole`: not only its beginning.
    pub(super) fn block(
        &mut self,
        direction: Direction,
        pending: &Pending,
        bytes: &[u8],
        whole: bool,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut fields = std::mem::take(&mut self.fields);
        fields.clear();
        let decoder = &mut self.side(direction).decoder;
        let result = decoder.decode(bytes, &mut fields, HEAD_BYTES);
        if !whole {
            decoder.lose();
            fields.missing = fields.missing.saturating_add(1);
        } else if result.is_err() || fields.wrong {
            fields.missing = fields.missing.saturating_add(1);
            malformed("header fields cannot be decompressed", at, out);
        } else if fields.missing > 0 {
            let frame = pending.start.frame;
            out.count_many(
                "gap",
                "Header fields of HTTP/2 refer to earlier ones that are missing from the capture; they are left out.",
                i64::from(fields.missing),
                || format!("packet {frame}"),
            );
        }
        if fields.cut > 0 {
            let place = self.place(pending.stream);
            out.limit("header bytes", HEAD_BYTES as u64, place)?;
        }
        let result = match pending.promised {
            Some(promised) => self.promise(promised, &fields, out),
            None => self.fields(direction, pending, &mut fields, at, out),
        };
        self.fields = fields;
        result
    }

    /// A request the server foresees (RFC 9113 section 8.4). It did not travel from the client, so only
    /// the response becomes a message.
    fn promise(
        &mut self,
        id: u32,
        fields: &FieldList,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if self.streams.contains_key(&id) {
            return Ok(());
        }
        let (url, host) = self.asked(fields);
        self.open(id, out)?;
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.pushed = true;
            stream.url = url;
            stream.host = host;
        }
        Ok(())
    }

    /// Header or trailer fields of a message.
    fn fields(
        &mut self,
        direction: Direction,
        pending: &Pending,
        fields: &mut FieldList,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let id = pending.stream;
        if !self.expect(direction, id, out)? {
            return Ok(());
        }
        let asked = (direction == Direction::Up).then(|| self.asked(fields));
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        let half = stream.half(direction);
        match half.progress {
            Progress::Waiting => {}
            Progress::Open => {
                // Trailers describe the whole message and come behind its fields.
                let size = fields.held() as u64;
                if out.claim(size) {
                    half.claimed = half.claimed.saturating_add(size);
                    half.fields.extend(fields, HEAD_BYTES);
                } else {
                    half.fields.cut = half.fields.cut.saturating_add(1);
                }
                half.end = half.end.max(at.end);
                return if pending.ends {
                    self.ended(direction, id, out)
                } else {
                    Ok(())
                };
            }
            Progress::Ended | Progress::Written => return Ok(()),
        }
        if let Some((url, host)) = asked {
            stream.url = url;
            stream.host = host;
            stream.opens = match fields.value(b":protocol") {
                Some(b"websocket") => Opens::Socket,
                _ => Opens::Nothing,
            };
        }
        let half = stream.half(direction);
        half.begin(&pending.start);
        half.end = half.end.max(at.end);
        let mut interim = false;
        if direction == Direction::Down {
            half.status = fields.value(b":status").and_then(status).unwrap_or(0);
            interim = (100..200).contains(&half.status) && !pending.ends;
        }
        let size = fields.held() as u64;
        if out.claim(size) {
            half.claimed = size;
            let spare = self.spare.pop().unwrap_or_default();
            half.fields = std::mem::replace(fields, spare);
        } else {
            half.fields.missing = fields.missing;
            half.fields.cut = 1;
            let limit = out.limits.body_bytes;
            out.limit("bytes of unfinished messages", limit, self.place(id))?;
        }
        if interim {
            // One of the responses that come before the response (RFC 9110 section 15.2).
            self.write(direction, id, out)?;
            if let Some(stream) = self.streams.get_mut(&id) {
                stream.down.progress = Progress::Waiting;
            }
            return Ok(());
        }
        if pending.ends {
            return self.ended(direction, id, out);
        }
        self.opened(direction, id, out)
    }

    /// A request was asked, or answered: is it the start of something else?
    fn opened(
        &mut self,
        direction: Direction,
        id: u32,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        if direction == Direction::Up && stream.down.progress == Progress::Ended {
            // The answer was captured first.
            self.write(Direction::Down, id, out)?;
            return Ok(());
        }
        let answered = direction == Direction::Down && stream.opens == Opens::Socket;
        if answered && (200..300).contains(&stream.down.status) {
            self.open_socket(id, out)?;
        }
        Ok(())
    }

    /// Is a message of this direction expected on this stream? Opens the stream if it begins one.
    fn expect(
        &mut self,
        direction: Direction,
        id: u32,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        if self.streams.contains_key(&id) {
            return Ok(true);
        }
        if self.over.contains(&id) {
            return Ok(false);
        }
        let client = id % 2 == 1;
        let gapped = self.up.gapped || self.down.gapped;
        let begins = match direction {
            Direction::Up => client && (id > self.highest || gapped),
            // A request that was captured after its answer, or not at all.
            Direction::Down => id > self.highest && client || gapped,
        };
        if !begins {
            return Ok(false);
        }
        if direction == Direction::Up {
            self.highest = self.highest.max(id);
        }
        self.open(id, out)?;
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.pushed = !client;
        }
        Ok(true)
    }

    /// URL and host of a request, as far as they are known.
    fn asked(&self, fields: &FieldList) -> (Option<String>, Option<String>) {
        let sure = fields.missing == 0 && fields.cut == 0;
        let authority = fields
            .value(b":authority")
            .or_else(|| fields.value(b"host"))
            .filter(|value| !value.is_empty())
            .map(url::text);
        let host = authority.as_deref().and_then(url::host_of);
        let scheme = match fields.value(b":scheme") {
            Some(b"http") => "http",
            Some(b"https") => "https",
            _ => self.scheme,
        };
        let path = match fields.value(b":path") {
            Some(path) => url::text(path),
            // A CONNECT request has none (RFC 9113 section 8.5).
            None if sure => String::new(),
            None => return (None, host),
        };
        let (authority, host) = match authority {
            Some(authority) => (authority, host),
            None if sure => {
                let (address, port) = (&self.peers.server.0, self.peers.server.1);
                let shown = if address.contains(':') {
                    format!("[{address}]")
                } else {
                    address.clone()
                };
                let usual = if scheme == "https" { 443 } else { 80 };
                let shown = if port == usual {
                    shown
                } else {
                    format!("{shown}:{port}")
                };
                (shown, Some(address.clone()))
            }
            None => return (None, None),
        };
        let path = if path == "*" { "" } else { &path };
        (Some(format!("{scheme}://{authority}{path}")), host)
    }

    /// Data of the frame that is read.
    pub(super) fn body(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let id = self.side(direction).frame.stream;
        if !self.streams.contains_key(&id) && !self.side(direction).gapped {
            return Ok(());
        }
        if !self.expect(direction, id, out)? {
            return Ok(());
        }
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        if let Some(socket) = &mut stream.socket {
            return socket.data(direction, bytes, at, out);
        }
        let half = stream.half(direction);
        match half.progress {
            Progress::Waiting => {
                // Its header fields are missing.
                half.begin(at);
                half.broken = true;
            }
            Progress::Open => half.end = half.end.max(at.end),
            Progress::Ended | Progress::Written => return Ok(()),
        }
        let cut = out.append(&mut half.body, bytes);
        half.cut = half.cut.saturating_add(cut);
        Ok(())
    }

    /// Ends a DATA frame of which nothing is to come.
    pub(super) fn after_data(
        &mut self,
        direction: Direction,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        if side.state != State::Data(0, 0) {
            return Ok(());
        }
        side.state = State::Header;
        let frame = side.frame;
        if !frame.has(flag::END_STREAM) {
            return Ok(());
        }
        if let Some(stream) = self.streams.get_mut(&frame.stream) {
            let half = stream.half(direction);
            half.end = half.end.max(at.end);
        }
        self.ended(direction, frame.stream, out)
    }

    /// A message is over.
    fn ended(
        &mut self,
        direction: Direction,
        id: u32,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let up_may_come = !self.up.gapped && !self.up.over;
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        if let Some(socket) = &mut stream.socket {
            socket.close(direction, out)?;
            stream.half(direction).progress = Progress::Written;
            self.forget(id);
            return Ok(());
        }
        let half = stream.half(direction);
        if half.progress != Progress::Open {
            return Ok(());
        }
        half.progress = Progress::Ended;
        let early = direction == Direction::Down
            && stream.up.progress == Progress::Waiting
            && !stream.pushed
            && up_may_come;
        if early {
            return Ok(());
        }
        self.write(direction, id, out)?;
        let waits = |id| {
            let stream: Option<&Box<Stream>> = self.streams.get(id);
            stream.is_some_and(|s| s.down.progress == Progress::Ended)
        };
        if direction == Direction::Up && waits(&id) {
            self.write(Direction::Down, id, out)?;
        }
        Ok(())
    }

    /// Keeps a list for the next message.
    pub(super) fn keep_list(&mut self, mut list: FieldList) {
        if self.spare.len() < SPARE_LISTS && list.held() <= 64 << 10 {
            list.clear();
            self.spare.push(list);
        }
    }
}

/// A status code of three digits.
fn status(value: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(value).ok()?;
    text.parse().ok().filter(|code| (100..1000).contains(code))
}
