//! One stream: a request, the response to it, and what has been read of both.

use super::hpack::FieldList;
use crate::model::Direction;
use crate::protocol::output::{Arrival, Output};
use crate::protocol::websocket::Socket;

/// How far a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing of it was seen.
    #[default]
    Waiting,
    /// It has begun.
    Open,
    /// It has ended and is to be written.
    Ended,
    /// It is written.
    Written,
}

/// A request or a response.
#[derive(Debug, Default)]
pub(super) struct Half {
    pub progress: Progress,
    /// Its first packet.
    pub start: Arrival,
    /// End of its last packet.
    pub end: u64,
    /// Header and trailer fields.
    pub fields: FieldList,
    /// Bytes of `fields` that are charged to the budget.
    pub claimed: u64,
    /// Status of a response.
    pub status: u16,
    /// Payload of its DATA frames.
    pub body: Vec<u8>,
    /// Body bytes missing from the capture.
    pub missing: u64,
    /// Body bytes left out because of a limit.
    pub cut: u64,
    /// Something of it was not seen.
    pub broken: bool,
}

impl Half {
    /// Begins with this packet.
    pub fn begin(&mut self, start: &Arrival) {
        self.progress = Progress::Open;
        self.start = *start;
        self.end = start.end;
    }

    /// Gives its buffers back.
    pub fn release(&mut self, out: &mut Output<'_>) {
        out.release(&mut self.body);
        out.unclaim(std::mem::take(&mut self.claimed));
    }
}

/// What a CONNECT request opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Opens {
    /// It is no CONNECT request, or a plain tunnel.
    #[default]
    Nothing,
    /// A WebSocket (RFC 8441).
    Socket,
}

/// A stream.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Message number of the request, once it is written or answered.
    pub request: Option<i64>,
    /// The request was promised by the server.
    pub pushed: bool,
    /// URL asked for.
    pub url: Option<String>,
    /// Host asked for.
    pub host: Option<String>,
    pub opens: Opens,
    /// What reads its data once it is no HTTP any more.
    pub socket: Option<Box<Socket>>,
    pub up: Half,
    pub down: Half,
}

impl Stream {
    /// The message of a direction.
    pub fn half(&mut self, direction: Direction) -> &mut Half {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }

    /// The same, to look at.
    pub fn half_ref(&self, direction: Direction) -> &Half {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }
}
