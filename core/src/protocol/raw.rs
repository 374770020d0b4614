//! Streams and datagrams that nobody here knows: their bytes are messages, so that values are sought in them.
//!
//! What one direction of a connection says until the other one answers is one message. Only the beginning
//! of a connection is kept: identifiers are sent when it opens, media fill the rest.

use crate::model::{Direction, Message, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};

/// Bytes of one direction of a connection that are kept.
pub const STREAM_BYTES: u64 = 64 << 10;
/// Datagrams of one direction of a flow that are kept.
pub const DATAGRAMS: u32 = 8;
/// Bytes of the datagrams of one direction of a flow that are kept, about.
pub const DATAGRAM_BYTES: u64 = 16 << 10;

/// What one direction said until the other one answered.
#[derive(Debug, Default)]
pub struct Burst {
    bytes: Vec<u8>,
    start: Arrival,
    end: u64,
    missing: u64,
    cut: u64,
    open: bool,
}

impl Burst {
    /// Adds bytes, as far as `room` and the budget reach.
    pub fn add(&mut self, bytes: &[u8], room: u64, at: &Arrival, out: &mut Output<'_>) {
        if !self.open {
            self.open = true;
            self.start = *at;
        }
        self.end = self.end.max(at.end);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let mine = bytes.get(..room).unwrap_or(bytes);
        let over = bytes.len().saturating_sub(mine.len()) as u64;
        let cut = out.append(&mut self.bytes, mine);
        self.cut = self.cut.saturating_add(cut).saturating_add(over);
    }

    /// Bytes it holds.
    pub fn held(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Lets the bytes go: they turned out to be something that is known.
    pub fn release(&mut self, out: &mut Output<'_>) {
        out.release(&mut self.bytes);
        *self = Burst::default();
    }
}

/// The reader of one connection.
#[derive(Debug)]
pub struct Raw {
    peers: Peers,
    transport: Transport,
    /// The protocol, if its name is known.
    pub name: Option<&'static str>,
    sides: [Side; 2],
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    burst: Burst,
    kept: u64,
    full: bool,
}

impl Raw {
    /// A reader for a connection between `peers`. `name`: what it is, if that is known.
    pub fn new(peers: Peers, transport: Transport, name: Option<&'static str>) -> Raw {
        Raw {
            peers,
            transport,
            name,
            sides: Default::default(),
        }
    }

    fn side(&mut self, direction: Direction) -> &mut Side {
        let [up, down] = &mut self.sides;
        match direction {
            Direction::Up => up,
            Direction::Down => down,
        }
    }

    /// Takes what a direction said before it was clear that nobody knows it.
    pub fn begin(&mut self, direction: Direction, burst: Burst) {
        let side = self.side(direction);
        side.kept = burst.held();
        side.burst = burst;
    }

    /// Is a direction still kept?
    pub fn wants(&self, direction: Direction) -> bool {
        let [up, down] = &self.sides;
        match direction {
            Direction::Up => !up.full,
            Direction::Down => !down.full,
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
        let other = match direction {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        };
        self.write(other, out)?;
        let side = self.side(direction);
        if side.full {
            return Ok(());
        }
        let room = STREAM_BYTES.saturating_sub(side.kept);
        side.burst.add(bytes, room, at, out);
        side.kept = side.kept.saturating_add(bytes.len() as u64);
        if side.kept > STREAM_BYTES {
            side.full = true;
            let place = format!(
                "connection {}, {}",
                self.peers.connection,
                direction.as_str()
            );
            self.write(direction, out)?;
            out.limit("bytes of an unknown protocol", STREAM_BYTES, place)?;
        }
        Ok(())
    }

    /// Bytes of a direction are missing.
    pub fn gap(
        &mut self,
        direction: Direction,
        bytes: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let burst = &mut self.side(direction).burst;
        burst.missing = burst.missing.saturating_add(bytes);
        self.write(direction, out)
    }

    /// A direction is over.
    pub fn close(&mut self, direction: Direction, out: &mut Output<'_>) -> Result<(), Stopped> {
        self.write(direction, out)
    }

    fn write(&mut self, direction: Direction, out: &mut Output<'_>) -> Result<(), Stopped> {
        let mut burst = std::mem::take(&mut self.side(direction).burst);
        if burst.open {
            let id = out.reserve();
            let row = row(id, &self.peers, direction, self.transport, "tcp", &burst);
            out.message(&row)?;
        }
        burst.release(out);
        Ok(())
    }
}

/// Counts a datagram that is not kept, because it is not one of the first.
pub fn left_out(connection: i64, out: &mut Output<'_>) {
    out.count(
        "beginning",
        "UDP flows of unknown protocols are long: only the first datagrams of each direction are kept; those that are not are counted here.",
        || format!("connection {connection}, after {DATAGRAMS} datagrams or {DATAGRAM_BYTES} bytes"),
    );
}

/// Writes one datagram, of which `missing` bytes were not captured.
pub fn datagram(
    peers: &Peers,
    direction: Direction,
    transport: Transport,
    bytes: &[u8],
    missing: u64,
    at: &Arrival,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    let burst = Burst {
        bytes: Vec::new(),
        start: *at,
        end: at.end,
        missing,
        cut: 0,
        open: true,
    };
    let id = out.reserve();
    let mut row = row(id, peers, direction, transport, "udp", &burst);
    row.body = bytes;
    out.message(&row)
}

fn row<'a>(
    id: i64,
    peers: &'a Peers,
    direction: Direction,
    transport: Transport,
    protocol: &'static str,
    burst: &'a Burst,
) -> Message<'a> {
    Message {
        id,
        connection: Some(peers.connection),
        answers: None,
        protocol,
        direction,
        time: Some(burst.start.time),
        app: peers.app.as_deref(),
        host: None,
        client: Some((&peers.client.0, peers.client.1)),
        server: Some((&peers.server.0, peers.server.1)),
        method: None,
        url: None,
        status: None,
        headers: &[],
        body: &burst.bytes,
        transport,
        complete: burst.missing == 0 && burst.cut == 0,
        missing: i64::try_from(burst.missing).unwrap_or(i64::MAX),
        frame: burst.start.frame,
        offset: i64::try_from(burst.start.offset).unwrap_or(i64::MAX),
        length: i64::try_from(burst.end.saturating_sub(burst.start.offset)).unwrap_or(i64::MAX),
    }
}
