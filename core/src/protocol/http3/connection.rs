//! The streams of a connection, and the messages on them.

use hashbrown::HashMap;

use super::half::Came;
use super::qpack::Decoder;
use super::stream::{Asked, Stream};
use super::unidirectional::{Control, Kind, Told, told};
use crate::model::{Direction, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};

/// Header fields of one message, counted as RFC 9114 section 4.2.2 does.
pub const FIELD_BYTES: usize = 256 << 10;
/// Field sections, fields and what waits behind blocked sections, of one connection.
pub const HELD_BYTES: usize = 16 << 20;
/// Promises whose response has not come.
pub(super) const PROMISES: usize = 1_024;

/// The reader of one connection.
#[derive(Debug)]
pub struct Connection {
    pub(super) peers: Peers,
    pub(super) transport: Transport,
    /// Bytes held, see [`HELD_BYTES`].
    pub(super) held: usize,
    pub(super) streams: HashMap<u64, Box<Stream>>,
    single: HashMap<u64, Kind>,
    pub(super) decoders: [Decoder; 2],
    /// Streams with a blocked section, by direction of the section.
    pub(super) blocked: [Vec<u64>; 2],
    pub(super) promised: HashMap<u64, Asked>,
    /// Too much was held: sections do not wait any more.
    pub(super) full: bool,
}

pub(super) fn index(direction: Direction) -> usize {
    match direction {
        Direction::Up => 0,
        Direction::Down => 1,
    }
}

impl Connection {
    /// A reader for a connection between `peers`.
    pub fn new(peers: Peers, transport: Transport) -> Connection {
        Connection {
            peers,
            transport,
            held: 0,
            streams: HashMap::new(),
            single: HashMap::new(),
            decoders: Default::default(),
            blocked: Default::default(),
            promised: HashMap::new(),
            full: false,
        }
    }

    /// The connection's ordinal.
    pub fn connection(&self) -> i64 {
        self.peers.connection
    }

    /// Bytes of a stream in order.
    pub fn data(
        &mut self,
        id: u64,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        match id & 3 {
            0 => self.bytes_came(id, direction, bytes, at, out),
            // A server opens no stream of both directions (RFC 9114 section 6.1).
            1 => Ok(()),
            _ => self.single_data(id, direction, bytes, at, out),
        }
    }

    /// Bytes of a stream that never came.
    pub fn gap(
        &mut self,
        id: u64,
        direction: Direction,
        missing: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if id & 3 == 0 {
            return self.came(id, direction, Came::Gap(missing), out);
        }
        match self.single.get_mut(&id) {
            Some(Kind::Encoder) => {
                if let Some(decoder) = self.decoders.get_mut(index(direction)) {
                    decoder.lose();
                }
            }
            Some(Kind::Control(control)) => {
                if !control.gap(missing) {
                    self.single.insert(id, Kind::Ignored);
                }
            }
            Some(Kind::Push) => return self.came(id, direction, Came::Gap(missing), out),
            _ => {
                self.single.insert(id, Kind::Ignored);
            }
        }
        Ok(())
    }

    /// The end of a direction of a stream. `whole`: all its bytes came.
    pub fn end(
        &mut self,
        id: u64,
        direction: Direction,
        whole: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        match id & 3 {
            0 => self.came(id, direction, Came::End(whole), out),
            1 => Ok(()),
            _ => match self.single.remove(&id) {
                Some(Kind::Push) => self.came(id, direction, Came::End(whole), out),
                _ => Ok(()),
            },
        }
    }

    /// Nothing more comes: sections that are blocked are read as far as they can be.
    pub fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stopped> {
        self.full = true;
        let mut ids: Vec<u64> = self.streams.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            for direction in [Direction::Up, Direction::Down] {
                self.resume(id, direction, true, out)?;
                self.came(id, direction, Came::End(false), out)?;
            }
        }
        Ok(())
    }

    /// A stream of one direction.
    fn single_data(
        &mut self,
        id: u64,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let kind = self.single.entry(id).or_default();
        match kind {
            Kind::Unknown(held) => {
                held.extend_from_slice(bytes);
                let held = std::mem::take(held);
                let (found, used) = told(&held);
                let now = match found {
                    Told::Short => Kind::Unknown(held.clone()),
                    Told::Type(0) => Kind::Control(Box::<Control>::default()),
                    Told::Type(2) => Kind::Encoder,
                    Told::Push(push) if direction == Direction::Down => {
                        let mut stream = Box::<Stream>::default();
                        stream.asked = self.promised.remove(&push).unwrap_or_default();
                        stream.up.over = true;
                        self.streams.insert(id, stream);
                        Kind::Push
                    }
                    Told::Type(_) | Told::Push(_) => Kind::Ignored,
                };
                self.single.insert(id, now);
                let rest = held.get(used..).unwrap_or_default();
                if found == Told::Short || rest.is_empty() {
                    return Ok(());
                }
                self.single_data(id, direction, rest, at, out)
            }
            Kind::Control(control) => {
                let allowed = control.data(bytes);
                // A table is sized by the side that reads the sections.
                let decoder = self.decoders.get_mut(1 - index(direction).min(1));
                if let (Some(allowed), Some(decoder)) = (allowed, decoder) {
                    decoder.allow(allowed);
                    return self.unblock(opposite(direction), out);
                }
                Ok(())
            }
            Kind::Encoder => {
                let decoder = self.decoders.get_mut(index(direction));
                match decoder.is_some_and(|d| d.instructions(bytes)) {
                    true => self.unblock(direction, out),
                    false => Ok(()),
                }
            }
            Kind::Push => self.bytes_came(id, direction, bytes, at, out),
            Kind::Ignored => Ok(()),
        }
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
    }
}
