//! Both directions of a WebSocket.

use super::frame::{self, opcode};
use super::inflate::End;
use super::opening::Opening;
use super::side::{Side, State};
use crate::model::{Direction, Message, Stopped, Transport};
use crate::protocol::mqtt;
use crate::protocol::output::{Arrival, Output, Peers};

/// Buffers above this size are not kept for the next message.
const KEPT_BUFFER: usize = 1 << 20;

/// The reader of one WebSocket.
#[derive(Debug)]
pub struct Socket {
    peers: Peers,
    opening: Opening,
    transport: Transport,
    up: Side,
    down: Side,
    inflated: Vec<u8>,
    /// What is spoken inside, if it is MQTT.
    mqtt: Option<Box<mqtt::Session>>,
}

impl Socket {
    /// A reader for what follows an opening handshake.
    pub fn new(peers: Peers, opening: Opening, transport: Transport) -> Socket {
        let mqtt = opening.is_mqtt().then(|| {
            let session = mqtt::Session::new(peers.clone(), opening.host.as_deref(), transport);
            Box::new(session)
        });
        Socket {
            peers,
            opening,
            transport,
            up: Side::default(),
            down: Side::default(),
            inflated: Vec::new(),
            mqtt,
        }
    }

    /// How its messages travelled.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Bytes that belonged to no frame.
    pub fn skipped(&self) -> u64 {
        self.up.skipped.saturating_add(self.down.skipped)
    }

    fn side(&mut self, direction: Direction) -> &mut Side {
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

    fn step(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        at_segment: bool,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<usize, Stopped> {
        let deflate = self.opening.deflate;
        let unknown = self.opening.unknown;
        let side = self.side(direction);
        match side.state {
            State::Header => {
                let (used, whole) = side.header_step(bytes, at);
                if !whole {
                    return Ok(used);
                }
                if !side.frame.is_sound(deflate) && !unknown {
                    let frame = at.frame;
                    out.count(
                        "malformed",
                        "WebSockets break the rules of their frames; what follows is not read.",
                        || format!("packet {frame}"),
                    );
                    side.broken = true;
                    self.lose(direction, out)?;
                } else if side.frame.length == 0 {
                    self.after(direction, at, out)?;
                }
                Ok(used)
            }
            State::Payload(left) => {
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                side.payload(bytes.get(..take).unwrap_or_default(), out);
                let left = left.saturating_sub(take as u64);
                side.state = State::Payload(left);
                if left == 0 {
                    self.after(direction, at, out)?;
                }
                Ok(take)
            }
            State::Lost => {
                if at_segment && frame::begins(bytes, direction == Direction::Up, deflate) {
                    side.state = State::Header;
                    return Ok(0);
                }
                side.skipped = side.skipped.saturating_add(bytes.len() as u64);
                Ok(bytes.len())
            }
            State::Over => Ok(bytes.len()),
        }
    }

    /// After the payload of a frame.
    fn after(
        &mut self,
        direction: Direction,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        side.state = match side.frame.opcode {
            opcode::CLOSE => State::Over,
            _ => State::Header,
        };
        side.end = at.end;
        if side.frame.last && !side.frame.is_control() {
            return self.write(direction, out);
        }
        Ok(())
    }

    /// Writes the message of a direction.
    fn write(&mut self, direction: Direction, out: &mut Output<'_>) -> Result<(), Stopped> {
        let forgets = match direction {
            Direction::Up => self.opening.client_forgets,
            Direction::Down => self.opening.server_forgets,
        };
        let mut inflated = std::mem::take(&mut self.inflated);
        inflated.clear();
        let connection = self.peers.connection;
        let side = self.side(direction);
        let mut held = std::mem::take(&mut side.body);
        let mut whole = !side.broken && side.missing == 0 && side.cut == 0;
        let mut body = held.as_slice();
        if side.compressed {
            // Behind a hole nothing can be inflated.
            let sound = side.sound.unwrap_or(held.len()).min(held.len());
            let sent = held.get(..sound).unwrap_or_default();
            let end = side
                .inflater
                .message(sent, forgets, out.limits, &mut inflated);
            body = &inflated;
            if !whole {
                side.inflater.lose();
            }
            let frame = side.start.frame;
            match end {
                End::Whole => {}
                End::Limit(what, limit) => {
                    let place = format!("connection {connection}, message from packet {frame}");
                    out.limit(what, limit, place)?;
                    whole = false;
                }
                End::Broken if !whole => {}
                End::Broken => {
                    out.count(
                        "malformed",
                        "Compressed WebSocket messages cannot be inflated, or not to their end; most often because something before them is missing from the capture.",
                        || format!("packet {frame}"),
                    );
                    whole = false;
                }
            }
        }
        let (start, end, missing, cut) = (side.start, side.end, side.missing, side.cut);
        side.reset();
        let result = match &mut self.mqtt {
            Some(session) => {
                let place = Arrival { end, ..start };
                if whole {
                    session.data(direction, body, &place, out)
                } else {
                    session.gap(direction, out);
                    Ok(())
                }
            }
            None => {
                let message = Message {
                    id: out.reserve(),
                    connection: Some(connection),
                    answers: None,
                    protocol: "websocket",
                    direction,
                    time: Some(start.time),
                    app: self.peers.app.as_deref(),
                    host: self.opening.host.as_deref(),
                    client: Some((&self.peers.client.0, self.peers.client.1)),
                    server: Some((&self.peers.server.0, self.peers.server.1)),
                    method: None,
                    url: self.opening.url.as_deref(),
                    status: None,
                    headers: &[],
                    body,
                    transport: self.transport,
                    complete: whole,
                    missing: i64::try_from(missing).unwrap_or(i64::MAX),
                    frame: start.frame,
                    offset: i64::try_from(start.offset).unwrap_or(i64::MAX),
                    length: i64::try_from(end.saturating_sub(start.offset)).unwrap_or(i64::MAX),
                };
                out.message(&message)
            }
        };
        out.release(&mut held);
        if inflated.capacity() <= KEPT_BUFFER {
            self.inflated = inflated;
        }
        if cut > 0 {
            let place = format!(
                "connection {connection}, message from packet {}: {cut} more bytes of the body left out",
                start.frame
            );
            out.limit("body bytes", out.limits.body_bytes, place)?;
        }
        result
    }

    /// `bytes` of this direction are missing.
    pub fn gap(
        &mut self,
        direction: Direction,
        bytes: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        match side.state {
            State::Payload(left) if bytes <= left => {
                side.miss(bytes);
                side.state = State::Payload(left - bytes);
                if left == bytes {
                    let at = Arrival {
                        end: side.end.max(side.start.end),
                        ..side.start
                    };
                    return self.after(direction, &at, out);
                }
                Ok(())
            }
            State::Payload(left) => {
                side.miss(left);
                self.lose(direction, out)
            }
            State::Header => self.lose(direction, out),
            State::Lost | State::Over => Ok(()),
        }
    }

    /// Loses the place in a direction; what there is of its message is written.
    fn lose(&mut self, direction: Direction, out: &mut Output<'_>) -> Result<(), Stopped> {
        let side = self.side(direction);
        let open = side.in_message;
        side.broken = true;
        if open {
            side.end = side.end.max(side.start.end);
            self.write(direction, out)?;
        }
        let side = self.side(direction);
        side.reset();
        side.lose();
        if let Some(session) = &mut self.mqtt {
            session.gap(direction, out);
        }
        Ok(())
    }

    /// A direction is over.
    pub fn close(&mut self, direction: Direction, out: &mut Output<'_>) -> Result<(), Stopped> {
        if self.side(direction).in_message {
            self.lose(direction, out)?;
        }
        self.side(direction).state = State::Over;
        Ok(())
    }
}
