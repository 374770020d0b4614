//! From what was read of a message to the row.

use super::exchange::Exchange;
use super::stream::{Half, Progress, Stream};
use crate::model::{Direction, Header, Message, Stopped};
use crate::protocol::output::Output;
use crate::protocol::websocket::{Opening, Socket};

impl Exchange {
    /// Writes the message of a direction of a stream, and forgets the stream once it has nothing to wait
    /// for.
    pub(super) fn write(
        &mut self,
        direction: Direction,
        id: u32,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if let Some(mut stream) = self.streams.remove(&id) {
            let result = self.write_half(direction, &mut stream, out);
            self.streams.insert(id, stream);
            result?;
        }
        self.forget(id);
        Ok(())
    }

    /// Removes a stream both of whose messages are written, or will never come.
    pub(super) fn forget(&mut self, id: u32) {
        let up_may_come = !self.up.gapped && !self.up.over;
        let Some(stream) = self.streams.get(&id) else {
            return;
        };
        let up = match stream.up.progress {
            Progress::Written => true,
            Progress::Waiting => stream.pushed || !up_may_come,
            Progress::Open | Progress::Ended => false,
        };
        // An interim response is followed by another.
        let interim = (100..200).contains(&stream.down.status);
        if up && stream.down.progress == Progress::Written && !interim {
            self.streams.remove(&id);
            self.remember(id);
        }
    }

    /// Writes what a stream holds, whole or not.
    pub(super) fn write_rest(
        &mut self,
        stream: &mut Stream,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if let Some(socket) = &mut stream.socket {
            socket.close(Direction::Up, out)?;
            return socket.close(Direction::Down, out);
        }
        for direction in [Direction::Up, Direction::Down] {
            let half = stream.half(direction);
            match half.progress {
                Progress::Open => half.broken = true,
                Progress::Ended => {}
                Progress::Waiting | Progress::Written => continue,
            }
            self.write_half(direction, stream, out)?;
        }
        Ok(())
    }

    /// Writes one message.
    pub(super) fn write_half(
        &mut self,
        direction: Direction,
        stream: &mut Stream,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let up = direction == Direction::Up;
        let asked = stream.up.progress != Progress::Waiting;
        let mut answers = None;
        let id = if up {
            *stream.request.get_or_insert_with(|| out.reserve())
        } else {
            if asked {
                answers = Some(*stream.request.get_or_insert_with(|| out.reserve()));
            }
            out.reserve()
        };
        let half = stream.half_ref(direction);
        let mut headers = half.fields.headers();
        if up && stream.url.is_none() {
            // Without a host the rest of the address has no other place.
            let kept = half.fields.iter().filter(|(name, _)| *name == b":path");
            let kept: Vec<Header<'_>> = kept.map(|(n, v)| (n.into(), v.into())).collect();
            headers.splice(0..0, kept);
        }
        let method = half.fields.value(b":method").map(String::from_utf8_lossy);
        let message = Message {
            id,
            connection: Some(self.peers.connection),
            answers,
            protocol: "http/2",
            direction,
            time: Some(half.start.time),
            app: self.peers.app.as_deref(),
            host: stream.host.as_deref(),
            client: Some((&self.peers.client.0, self.peers.client.1)),
            server: Some((&self.peers.server.0, self.peers.server.1)),
            method: method.as_deref().filter(|_| up),
            url: stream.url.as_deref(),
            status: (!up && half.status > 0).then_some(i64::from(half.status)),
            headers: &headers,
            body: &half.body,
            transport: self.transport,
            complete: is_complete(half),
            missing: i64::try_from(half.missing).unwrap_or(i64::MAX),
            frame: half.start.frame,
            offset: i64::try_from(half.start.offset).unwrap_or(i64::MAX),
            length: i64::try_from(half.end.saturating_sub(half.start.offset)).unwrap_or(i64::MAX),
        };
        out.message(&message)?;
        drop(headers);
        let half = stream.half(direction);
        half.progress = Progress::Written;
        let (cut, frame) = (half.cut, half.start.frame);
        half.release(out);
        let list = std::mem::take(&mut half.fields);
        self.keep_list(list);
        if cut > 0 {
            let place = format!(
                "connection {}, message from packet {frame}: {cut} more bytes of the body left out",
                self.peers.connection
            );
            out.limit("body bytes", out.limits.body_bytes, place)?;
        }
        Ok(())
    }

    /// A WebSocket begins (RFC 8441): the messages that opened it are over.
    pub(super) fn open_socket(&mut self, id: u32, out: &mut Output<'_>) -> Result<(), Stopped> {
        let Some(mut stream) = self.streams.remove(&id) else {
            return Ok(());
        };
        let fields = &stream.down.fields;
        let opening = Opening::new(
            stream.url.clone(),
            stream.host.clone(),
            fields
                .iter()
                .filter(|(name, _)| *name == b"sec-websocket-extensions")
                .map(|(_, value)| value),
            fields.value(b"sec-websocket-protocol"),
        );
        for direction in [Direction::Up, Direction::Down] {
            if stream.half(direction).progress == Progress::Open {
                self.write_half(direction, &mut stream, out)?;
            }
            // Not over: what follows is the socket's.
            stream.half(direction).progress = Progress::Open;
        }
        let socket = Socket::new(self.peers.clone(), opening, self.transport);
        stream.socket = Some(Box::new(socket));
        self.streams.insert(id, stream);
        Ok(())
    }
}

fn is_complete(half: &Half) -> bool {
    !half.broken
        && half.missing == 0
        && half.cut == 0
        && half.fields.missing == 0
        && half.fields.cut == 0
}
