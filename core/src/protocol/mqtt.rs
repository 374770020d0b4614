//! MQTT 3.1, 3.1.1 and 5.0: who connects, what is subscribed to, what is published.
//!
//! CONNECT, SUBSCRIBE and PUBLISH become messages; of the other packets only their length is read.

use std::fmt::Write as _;

use crate::model::{Direction, Header, Message, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};

/// Packet types (MQTT 5.0 section 2.1.2).
const CONNECT: u8 = 1;
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const SUBSCRIBE: u8 = 8;
/// Topic filters of one SUBSCRIBE that are shown.
const FILTERS: usize = 1_000;

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
            CONNECT => connect(bytes, &mut row).map(|level| {
                self.level = level;
                let id = out.reserve();
                self.asked = Some(id);
                row.id = Some(id);
            }),
            CONNACK => {
                row.status = bytes.get(1).copied().map(i64::from);
                row.answers = self.asked.take();
                row.status.map(|_| ())
            }
            PUBLISH => publish(bytes, first >> 1 & 3, self.level, &mut row),
            SUBSCRIBE => subscribe(bytes, self.level, &mut row),
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

/// What a packet says.
struct Row<'a> {
    direction: Direction,
    place: (Arrival, u64, u64),
    id: Option<i64>,
    answers: Option<i64>,
    method: Option<&'static str>,
    topic: Option<&'a [u8]>,
    status: Option<i64>,
    headers: Vec<Header<'a>>,
    body: &'a [u8],
}

impl<'a> Row<'a> {
    fn new(direction: Direction, place: (Arrival, u64, u64)) -> Row<'a> {
        Row {
            direction,
            place,
            id: None,
            answers: None,
            method: None,
            topic: None,
            status: None,
            headers: Vec::new(),
            body: &[],
        }
    }

    fn header(&mut self, name: &'static str, value: &'a [u8]) {
        self.headers.push((name.as_bytes().into(), value.into()));
    }
}

/// The remaining length (MQTT 5.0 section 2.1.4): the inner `None` when more bytes are needed, the outer
/// one when it is not valid.
fn remaining(bytes: &[u8]) -> Option<Option<usize>> {
    let mut value = 0usize;
    for (index, byte) in bytes.iter().enumerate() {
        if index >= 4 {
            return None;
        }
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(Some(value));
        }
    }
    if bytes.len() >= 4 { None } else { Some(None) }
}

/// A string or binary data with its length before it (MQTT 5.0 sections 1.5.4 and 1.5.6).
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<2>()?;
    let (field, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    *rest = after;
    Some(field)
}

/// Passes over so many bytes.
fn skip<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (skipped, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(skipped)
}

/// Reads the properties of a packet (MQTT 5.0 section 2.2.2); those of the user become header fields.
fn properties<'a>(rest: &mut &'a [u8], level: u8, row: &mut Row<'a>) -> Option<()> {
    if level < 5 {
        return Some(());
    }
    let mut size = 0;
    let length = (1..=4).find_map(|count| {
        size = count;
        remaining(rest.get(..count)?).flatten()
    })?;
    skip(rest, size)?;
    let mut inner = skip(rest, length)?;
    while let Some((&kind, after)) = inner.split_first() {
        inner = after;
        match kind {
            // User Property: a name and a value.
            0x26 => {
                let (name, value) = (field(&mut inner)?, field(&mut inner)?);
                row.headers.push((name.into(), value.into()));
            }
            0x03 => {
                let value = field(&mut inner)?;
                row.header("content-type", value);
            }
            0x08 => {
                let value = field(&mut inner)?;
                row.header("response-topic", value);
            }
            0x09 => {
                let value = field(&mut inner)?;
                row.header("correlation-data", value);
            }
            0x12 | 0x15 | 0x16 | 0x1a | 0x1c | 0x1f => {
                field(&mut inner)?;
            }
            0x02 | 0x11 | 0x18 | 0x27 => {
                skip(&mut inner, 4)?;
            }
            0x13 | 0x21..=0x23 => {
                skip(&mut inner, 2)?;
            }
            0x0b => {
                let count = inner.iter().take(4).take_while(|b| **b & 0x80 != 0).count();
                skip(&mut inner, count + 1)?;
            }
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28..=0x2a => {
                skip(&mut inner, 1)?;
            }
            _ => return None,
        }
    }
    Some(())
}

/// CONNECT (MQTT 5.0 section 3.1): the protocol level.
fn connect<'a>(bytes: &'a [u8], row: &mut Row<'a>) -> Option<u8> {
    let mut rest = bytes;
    row.method = Some("CONNECT");
    field(&mut rest)?;
    let &[level, flags, _, _] = skip(&mut rest, 4)?.first_chunk::<4>()?;
    // Bridges set the highest bit.
    let level = level & 0x7f;
    properties(&mut rest, level, row)?;
    let client = field(&mut rest)?;
    row.header("client-id", client);
    if flags & 0x04 != 0 {
        properties(&mut rest, level, row)?;
        let topic = field(&mut rest)?;
        row.header("will-topic", topic);
        row.body = field(&mut rest)?;
    }
    if flags & 0x80 != 0 {
        let name = field(&mut rest)?;
        row.header("user-name", name);
    }
    if flags & 0x40 != 0 {
        let password = field(&mut rest)?;
        row.header("password", password);
    }
    Some(level)
}

/// PUBLISH (MQTT 5.0 section 3.3).
fn publish<'a>(bytes: &'a [u8], quality: u8, level: u8, row: &mut Row<'a>) -> Option<()> {
    let mut rest = bytes;
    row.method = Some("PUBLISH");
    row.topic = Some(field(&mut rest)?);
    if quality > 0 {
        skip(&mut rest, 2)?;
    }
    properties(&mut rest, level, row)?;
    row.body = rest;
    Some(())
}

/// SUBSCRIBE (MQTT 5.0 section 3.8).
fn subscribe<'a>(bytes: &'a [u8], level: u8, row: &mut Row<'a>) -> Option<()> {
    let mut rest = bytes;
    row.method = Some("SUBSCRIBE");
    skip(&mut rest, 2)?;
    properties(&mut rest, level, row)?;
    while !rest.is_empty() && row.headers.len() < FILTERS {
        let filter = field(&mut rest)?;
        skip(&mut rest, 1)?;
        if row.topic.is_none() {
            row.topic = Some(filter);
        }
        row.header("topic-filter", filter);
    }
    Some(())
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

/// Do these bytes begin a CONNECT packet? `None`: more are needed.
pub fn begins(bytes: &[u8]) -> Option<bool> {
    let (&first, rest) = bytes.split_first()?;
    if first != CONNECT << 4 {
        return Some(false);
    }
    let end = rest.iter().take(4).position(|b| b & 0x80 == 0);
    let Some(end) = end else {
        return if rest.len() < 4 { None } else { Some(false) };
    };
    let body = rest.get(end + 1..).unwrap_or_default();
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    let known = |name: &&[u8]| body.starts_with(name);
    let begun = |name: &&[u8]| name.starts_with(body);
    if names.iter().any(known) {
        Some(true)
    } else if names.iter().any(begun) {
        None
    } else {
        Some(false)
    }
}

/// Are these bytes, which start a segment in the middle of a connection, surely MQTT? Told by a PUBLISH with
/// a readable topic, among packets that end where the bytes do.
pub fn surely(bytes: &[u8]) -> bool {
    let mut published = false;
    let sound = walk(bytes, |kind, mut body| {
        if kind == PUBLISH {
            let topic = field(&mut body).and_then(|topic| std::str::from_utf8(topic).ok());
            published |= topic.is_some_and(|topic| {
                topic.len() >= 3
                    && !topic
                        .chars()
                        .any(|c| c.is_control() || c == '#' || c == '+')
            });
        }
    });
    sound && published
}

fn whole_packets(bytes: &[u8]) -> bool {
    walk(bytes, |_, _| {})
}

/// Shows type and rest of each packet; false if the bytes are not whole packets of sound form.
fn walk<'a>(bytes: &'a [u8], mut show: impl FnMut(u8, &'a [u8])) -> bool {
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let (kind, flags) = (first >> 4, first & 0x0f);
        // MQTT 5.0 section 2.1.3.
        let sound = match kind {
            PUBLISH => flags & 6 != 6,
            6 | SUBSCRIBE | 10 => flags == 2,
            0 => false,
            _ => flags == 0,
        };
        let mut size = 0;
        let length = (1..=4).find_map(|count| {
            size = count;
            remaining(after.get(..count)?).flatten()
        });
        let body = length.and_then(|length| after.get(size..)?.split_at_checked(length));
        match body {
            Some((body, next)) if sound && (!(12..=13).contains(&kind) || body.is_empty()) => {
                show(kind, body);
                rest = next;
            }
            _ => return false,
        }
    }
    true
}
