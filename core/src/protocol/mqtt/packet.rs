//! What the packets say (MQTT 5.0 section 3).

use crate::model::{Direction, Header};
use crate::protocol::output::Arrival;

/// Packet types (MQTT 5.0 section 2.1.2).
pub(super) mod kind {
    pub const CONNECT: u8 = 1;
    pub const CONNACK: u8 = 2;
    pub const PUBLISH: u8 = 3;
    pub const PUBREL: u8 = 6;
    pub const SUBSCRIBE: u8 = 8;
    pub const UNSUBSCRIBE: u8 = 10;
    pub const PINGREQ: u8 = 12;
    pub const PINGRESP: u8 = 13;
}

/// Topic filters of one SUBSCRIBE that are shown.
const FILTERS: usize = 1_000;

/// What a packet says.
pub(super) struct Row<'a> {
    pub direction: Direction,
    pub place: (Arrival, u64, u64),
    pub id: Option<i64>,
    pub answers: Option<i64>,
    pub method: Option<&'static str>,
    pub topic: Option<&'a [u8]>,
    pub status: Option<i64>,
    pub headers: Vec<Header<'a>>,
    pub body: &'a [u8],
}

impl<'a> Row<'a> {
    pub fn new(direction: Direction, place: (Arrival, u64, u64)) -> Row<'a> {
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
pub(super) fn remaining(bytes: &[u8]) -> Option<Option<usize>> {
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
pub(super) fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
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
pub(super) fn connect<'a>(bytes: &'a [u8], row: &mut Row<'a>) -> Option<u8> {
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
pub(super) fn publish<'a>(
    bytes: &'a [u8],
    quality: u8,
    level: u8,
    row: &mut Row<'a>,
) -> Option<()> {
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
pub(super) fn subscribe<'a>(bytes: &'a [u8], level: u8, row: &mut Row<'a>) -> Option<()> {
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
