//! MQTT 3.1, 3.1.1 and 5.0: who connects, what is subscribed to, what is published.
//!
//! CONNECT, SUBSCRIBE and PUBLISH become messages; of the other packets only their length is read.

mod packet;
mod sound;

use std::fmt::Write as _;

use crate::model::{Direction, Message, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};
use packet::{Row, connect, kind, publish, remaining, subscribe};
use sound::whole_packets;

pub use sound::{begins, surely};

/// The reader of one MQTT connection.
#[derive(Debug)]
pub struct Session {
    peers: Peers,
    host: String,
    transport: Transport,
    /// Protocol level: 3 is 3.1, 4 is 3.1.1, 5 is 5.0.
    level: u8,
    asked: Option<i64>,
    sides: [Side; 2],
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    /// First byte and remaining length, as far as they have come.
    head: Vec<u8>,
    /// Bytes of the packet that are to come.
    left: usize,
    body: Vec<u8>,
    cut: u64,
    start: Arrival,
    lost: bool,
}

impl Session {
    /// A reader for a connection between `peers`. `host`: the name that was asked for, if known.
    pub fn new(peers: Peers, host: Option<&str>, transport: Transport) -> Session {
        Session {
            host: host.unwrap_or(&peers.server.0).to_owned(),
            peers,
            transport,
            level: 4,
            asked: None,
            sides: Default::default(),
        }
    }

    /// The same in the middle of a connection: each direction is read from the first segment on that holds
    /// whole packets.
    #[must_use]
    pub fn from_the_middle(mut self) -> Session {
        for side in &mut self.sides {
            side.lost = true;
        }
        self
    }

    /// How its messages travelled.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    fn side(&mut self, direction: Direction) -> &mut Side {
        let [up, down] = &mut self.sides;
        match direction {
            Direction::Up => up,
            Direction::Down => down,
        }
    }

    /// Feeds bytes in order.
    pub fn data(
        &mut self,
        direction: Direction,
        mut bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        while let Some((&first, rest)) = bytes.split_first() {
            let side = self.side(direction);
            if side.lost {
                if !whole_packets(bytes) {
                    return Ok(());
                }
                side.lost = false;
            }
            if side.left > 0 {
                let take = side.left.min(bytes.len());
                let (mine, rest) = bytes.split_at(take);
                let cut = out.append(&mut side.body, mine);
                side.cut = side.cut.saturating_add(cut);
                side.left -= take;
                bytes = rest;
                if side.left == 0 {
                    self.packet(direction, at.end, out)?;
                }
                continue;
            }
            if side.head.is_empty() {
                side.start = *at;
            }
            side.head.push(first);
            bytes = rest;
            match remaining(side.head.get(1..).unwrap_or_default()) {
                Some(Some(0)) => self.packet(direction, at.end, out)?,
                Some(Some(length)) => side.left = length,
                Some(None) => {}
                None => {
                    side.lost = true;
                    let frame = at.frame;
                    out.count(
                        "malformed",
                        "MQTT connections have packets whose length cannot be read; what follows is not read.",
                        || format!("packet {frame}"),
                    );
                }
            }
        }
        Ok(())
    }

    /// A packet is whole.
    fn packet(
        &mut self,
        direction: Direction,
        end: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        let first = side.head.first().copied().unwrap_or_default();
        side.head.clear();
        let (start, cut) = (side.start, std::mem::take(&mut side.cut));
        let mut body = std::mem::take(&mut side.body);
        let result = self.read(direction, first, &body, (start, end, cut), out);
        out.release(&mut body);
        let readable = result?;
        if readable.is_none() && cut == 0 {
            out.count(
                "malformed",
                "MQTT packets cannot be read; they are counted, not shown.",
                || format!("packet {}", start.frame),
            );
        }
        if cut > 0 {
            let place = format!(
                "connection {}, message from packet {}: {cut} more bytes of the body left out",
                self.peers.connection, start.frame
            );
            out.limit("body bytes", out.limits.body_bytes, place)?;
        }
        Ok(())
    }

    /// Reads a packet and writes its message. `None`: it breaks the rules.
    fn read(
        &mut self,
        direction: Direction,
        first: u8,
        bytes: &[u8],
        place: (Arrival, u64, u64),
        out: &mut Output<'_>,
    ) -> Result<Option<()>, Stopped> {
        let mut row = Row::new(direction, place);
        let read = match first >> 4 {
            kind::CONNECT => connect(bytes, &mut row).map(|level| {
                self.level = level;
                let id = out.reserve();
                self.asked = Some(id);
                row.id = Some(id);
            }),
            kind::CONNACK => {
                row.status = bytes.get(1).copied().map(i64::from);
                row.answers = self.asked.take();
                row.status.map(|_| ())
            }
            kind::PUBLISH => publish(bytes, first >> 1 & 3, self.level, &mut row),
            kind::SUBSCRIBE => subscribe(bytes, self.level, &mut row),
            0 => None,
            _ => return Ok(Some(())),
        };
        if read.is_some() {
            self.write(&row, out)?;
        }
        Ok(read)
    }

    fn write(&self, row: &Row<'_>, out: &mut Output<'_>) -> Result<(), Stopped> {
        let (start, end, cut) = row.place;
        let scheme = if self.transport == Transport::Tls {
            "mqtts"
        } else {
            "mqtt"
        };
        let colon = self.host.contains(':');
        let (open, close) = if colon { ("[", "]") } else { ("", "") };
        let mut url = format!(
            "{scheme}://{open}{}{close}:{}",
            self.host, self.peers.server.1
        );
        if let Some(topic) = row.topic {
            url.push('/');
            escape(topic, &mut url);
        }
        let id = row.id.unwrap_or_else(|| out.reserve());
        out.message(&Message {
            id,
            connection: Some(self.peers.connection),
            answers: row.answers,
            protocol: "mqtt",
            direction: row.direction,
            time: Some(start.time),
            app: self.peers.app.as_deref(),
            host: Some(&self.host),
            client: Some((&self.peers.client.0, self.peers.client.1)),
            server: Some((&self.peers.server.0, self.peers.server.1)),
            method: row.method,
            url: Some(&url),
            status: row.status,
            headers: &row.headers,
            body: row.body,
            transport: self.transport,
            complete: cut == 0,
            missing: 0,
            frame: start.frame,
            offset: i64::try_from(start.offset).unwrap_or(i64::MAX),
            length: i64::try_from(end.saturating_sub(start.offset)).unwrap_or(i64::MAX),
        })
    }

    /// Bytes of a direction are missing: where the next packet begins is not known.
    pub fn gap(&mut self, direction: Direction, out: &mut Output<'_>) {
        let side = self.side(direction);
        side.lost = true;
        side.left = 0;
        side.head.clear();
        side.cut = 0;
        out.release(&mut side.body);
    }

    /// A direction is over: gives the bytes of an unfinished packet back.
    pub fn close(&mut self, direction: Direction, out: &mut Output<'_>) {
        let side = self.side(direction);
        side.lost = true;
        out.release(&mut side.body);
    }
}

/// Appends a topic as the path of a URL (RFC 3986 section 3.3).
fn escape(topic: &[u8], url: &mut String) {
    for &byte in topic {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}
