//! One direction of a WebSocket: frames out of bytes, and the message they make.

use super::frame::{Frame, LONGEST_HEADER, opcode};
use super::inflate::Inflater;
use crate::protocol::output::{Arrival, Output};

/// Where in the stream of frames a direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// In a frame header.
    #[default]
    Header,
    /// In a payload, so many bytes of which are to come.
    Payload(u64),
    /// The place is lost.
    Lost,
    /// A Close frame was read.
    Over,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub state: State,
    header: [u8; LONGEST_HEADER],
    have: usize,
    pub frame: Frame,
    /// Place in the mask.
    turn: usize,
    /// A message has begun.
    pub in_message: bool,
    pub compressed: bool,
    /// Its payload as sent, unmasked.
    pub body: Vec<u8>,
    /// Bytes of `body` before the first that is missing.
    pub sound: Option<usize>,
    pub start: Arrival,
    pub end: u64,
    /// Bytes missing from the capture.
    pub missing: u64,
    /// Bytes left out because of a limit.
    pub cut: u64,
    /// Its beginning or its end was not seen.
    pub broken: bool,
    pub inflater: Inflater,
    /// Bytes that belonged to no frame.
    pub skipped: u64,
}

impl Side {
    /// Feeds bytes of a frame header: how many were used, and whether it is whole.
    pub fn header_step(&mut self, bytes: &[u8], at: &Arrival) -> (usize, bool) {
        if self.have == 0 && !self.in_message {
            self.start = *at;
        }
        let had = self.have;
        let mut read = None;
        for byte in bytes {
            let Some(slot) = self.header.get_mut(self.have) else {
                break;
            };
            *slot = *byte;
            self.have += 1;
            read = Frame::read(self.header.get(..self.have).unwrap_or_default());
            if read.is_some() {
                break;
            }
        }
        let used = self.have - had;
        let Some((frame, _)) = read else {
            return (used, false);
        };
        self.have = 0;
        self.frame = frame;
        self.turn = 0;
        self.state = State::Payload(frame.length);
        if !frame.is_control() {
            if frame.opcode != opcode::CONTINUATION {
                self.compressed = frame.compressed;
            } else if !self.in_message {
                self.broken = true;
            }
            self.in_message = true;
        }
        (used, true)
    }

    /// Feeds payload.
    pub fn payload(&mut self, bytes: &[u8], out: &mut Output<'_>) {
        let turn = self.turn;
        self.turn = (turn + bytes.len()) % 4;
        if self.frame.is_control() {
            return;
        }
        let start = self.body.len();
        let cut = out.append(&mut self.body, bytes);
        self.cut = self.cut.saturating_add(cut);
        if cut > 0 {
            self.sound.get_or_insert(self.body.len());
        }
        if let Some(mask) = self.frame.mask {
            unmask(self.body.get_mut(start..).unwrap_or_default(), mask, turn);
        }
    }

    /// Bytes of the payload that is read are missing.
    pub fn miss(&mut self, bytes: u64) {
        self.turn = (self.turn + usize::try_from(bytes % 4).unwrap_or(0)) % 4;
        if !self.frame.is_control() {
            self.missing = self.missing.saturating_add(bytes);
            self.sound.get_or_insert(self.body.len());
        }
    }

    /// Loses the place.
    pub fn lose(&mut self) {
        self.state = State::Lost;
        self.have = 0;
        self.inflater.lose();
    }

    /// Makes ready for the next message.
    pub fn reset(&mut self) {
        self.in_message = false;
        self.compressed = false;
        self.sound = None;
        self.missing = 0;
        self.cut = 0;
        self.broken = false;
    }
}

/// Removes a mask (RFC 6455 section 5.3), whose key is at byte `turn` of its cycle.
fn unmask(bytes: &mut [u8], mut mask: [u8; 4], turn: usize) {
    mask.rotate_left(turn % 4);
    for part in bytes.chunks_mut(4) {
        for (byte, key) in part.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}
