//! One direction of a stream that carries messages: frames, and what of a message was read.

use std::collections::VecDeque;

use super::frame::Frames;
use crate::protocol::http2::hpack::FieldList;
use crate::protocol::output::{Arrival, Output};

/// Something that came on a stream.
#[derive(Debug)]
pub(super) enum Came {
    /// Bytes.
    Bytes(Vec<u8>, Arrival),
    /// Bytes that are missing.
    Gap(u64),
    /// The end; `true`: nothing is missing before it.
    End(bool),
}

impl Came {
    /// What keeping it costs.
    pub fn cost(&self) -> usize {
        match self {
            Came::Bytes(bytes, _) => bytes.len().saturating_add(64),
            Came::Gap(_) | Came::End(_) => 64,
        }
    }
}

/// A field section that waits for the instructions it needs, or an answer that waits for its request; and
/// what came after.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// The section; `None`: what waits is an answer.
    pub section: Option<Vec<u8>>,
    /// It is that of a promise with this push id.
    pub push: Option<u64>,
    /// What came after.
    pub after: VecDeque<Came>,
    /// What keeping all this costs.
    pub cost: usize,
}

/// One direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// Its frames.
    pub frames: Frames,
    /// The field section of the frame that is read.
    pub section: Vec<u8>,
    /// A part of that section is missing or was left out.
    pub holed: bool,
    /// A section that waits.
    pub waiting: Option<Box<Waiting>>,
    /// Fields of the message.
    pub fields: FieldList,
    /// They were read (or will never be).
    pub head: bool,
    /// Something of the message came.
    pub begun: bool,
    /// Its first packet.
    pub start: Arrival,
    /// End of its last packet.
    pub end: u64,
    /// Payload of its DATA frames.
    pub body: Vec<u8>,
    /// Bytes of it that are missing.
    pub missing: u64,
    /// Bytes of it that were left out.
    pub cut: u64,
    /// Something else of it is missing.
    pub broken: bool,
    /// Status of a response; 0: not known.
    pub status: u16,
    /// Where frames begin is not known any more.
    pub lost: bool,
    /// Nothing more comes.
    pub over: bool,
}

impl Half {
    /// A message begins with this packet.
    pub fn begin(&mut self, at: &Arrival) {
        if !self.begun {
            self.begun = true;
            self.start = *at;
        }
        self.end = self.end.max(at.end);
    }

    /// Is all of the message there?
    pub fn is_complete(&self) -> bool {
        self.head
            && !self.broken
            && self.missing == 0
            && self.cut == 0
            && self.fields.missing == 0
            && self.fields.cut == 0
    }

    /// Ready for another message on the same stream.
    pub fn renew(&mut self, out: &mut Output<'_>) {
        out.release(&mut self.body);
        self.fields.clear();
        (self.head, self.begun, self.broken) = (false, false, false);
        (self.missing, self.cut, self.status) = (0, 0, 0);
        (self.start, self.end) = (Arrival::default(), 0);
    }
}
