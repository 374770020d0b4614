//! One direction: frames out of bytes that come in any pieces.

use super::frame::{Frame, HEADER_BYTES};
use super::hpack::Decoder;
use crate::protocol::output::Arrival;

/// Buffers above this size are not kept for the next frame.
const KEPT_BUFFER: usize = 64 << 10;

/// Where in the stream of frames a direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// In the preface of a client, so many bytes of which are read.
    Preface(usize),
    /// In a frame header.
    Header,
    /// In a frame whose payload is wanted as a whole; so many bytes are to come.
    Payload(u32),
    /// Before the length of the padding of a DATA frame.
    PadLength,
    /// In a DATA frame: bytes of data and of padding to come.
    Data(u32, u32),
    /// In a frame nobody reads.
    Skip(u32),
    /// The place is lost.
    Lost,
}

/// A header block whose end has not come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// Its stream.
    pub stream: u32,
    /// The stream it promises (PUSH_PROMISE).
    pub promised: Option<u32>,
    /// The message ends with it.
    pub ends: bool,
    /// Its first packet.
    pub start: Arrival,
}

/// One direction.
#[derive(Debug)]
pub(super) struct Side {
    pub state: State,
    /// Bytes of a frame header that came in pieces.
    header: [u8; HEADER_BYTES],
    have: usize,
    /// The frame that is read.
    pub frame: Frame,
    /// Its first packet.
    pub start: Arrival,
    /// Payload that came in pieces.
    pub held: Vec<u8>,
    /// Fragments of a header block.
    pub block: Vec<u8>,
    pub pending: Option<Pending>,
    pub decoder: Decoder,
    /// Frames may be missing.
    pub gapped: bool,
    /// Longer frames than usual may have been agreed on.
    pub long_frames: bool,
    /// Nothing more comes.
    pub over: bool,
    /// Bytes that belonged to no frame.
    pub skipped: u64,
}

impl Side {
    /// A direction at its start, or somewhere in the middle.
    pub fn new(state: State) -> Side {
        let lost = state == State::Lost;
        Side {
            state,
            header: [0; HEADER_BYTES],
            have: 0,
            frame: Frame::default(),
            start: Arrival::default(),
            held: Vec::new(),
            block: Vec::new(),
            pending: None,
            decoder: Decoder::new(lost),
            gapped: lost,
            long_frames: false,
            over: false,
            skipped: 0,
        }
    }

    /// Feeds bytes of a frame header: how many were used, and the frame when it is whole.
    pub fn header_step(&mut self, bytes: &[u8], at: &Arrival) -> (usize, Option<Frame>) {
        if self.have == 0 {
            self.start = *at;
            if let Some(header) = bytes.first_chunk::<HEADER_BYTES>() {
                return (HEADER_BYTES, Some(Frame::read(header)));
            }
        }
        let mut used = 0;
        for (slot, byte) in self.header.iter_mut().skip(self.have).zip(bytes) {
            *slot = *byte;
            used += 1;
        }
        self.have += used;
        if self.have < HEADER_BYTES {
            return (used, None);
        }
        self.have = 0;
        (used, Some(Frame::read(&self.header)))
    }

    /// Loses the place and with it what the header table held.
    pub fn lose(&mut self) {
        self.state = State::Lost;
        self.have = 0;
        self.gapped = true;
        self.held.clear();
        self.decoder.lose();
    }

    /// Takes a buffer back.
    pub fn keep(buffer: &mut Vec<u8>, mut used: Vec<u8>) {
        if used.capacity() <= KEPT_BUFFER {
            used.clear();
            *buffer = used;
        }
    }
}
