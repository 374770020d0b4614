//! Frames of a stream (RFC 9114 section 7.1), read as bytes come.

use crate::protocol::varint::Reader;

/// DATA.
pub const DATA: u64 = 0x00;
/// HEADERS.
pub const HEADERS: u64 = 0x01;
/// SETTINGS.
pub const SETTINGS: u64 = 0x04;
/// PUSH_PROMISE.
pub const PUSH_PROMISE: u64 = 0x05;

/// Two variable-length integers.
const HEAD_BYTES: usize = 16;

/// What bytes of a stream hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A frame begins.
    Begin(u64),
    /// Payload of a frame of this type; `true`: its last bytes.
    Payload(u64, &'a [u8], bool),
}

/// What a gap means for the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// The missing bytes are payload of a frame of this type; `true`: up to its end.
    Inside(u64, bool),
    /// It is not known where the next frame begins.
    Lost,
}

#[derive(Debug, Default)]
struct Payload {
    kind: u64,
    left: u64,
}

/// The reader of one direction of a stream.
#[derive(Debug, Default)]
pub struct Frames {
    head: [u8; HEAD_BYTES],
    have: usize,
    payload: Option<Payload>,
}

impl Frames {
    /// The next event in these bytes; uses up what it is made of.
    pub fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Event<'a>> {
        if let Some(payload) = &mut self.payload {
            let kind = payload.kind;
            if payload.left > 0 && bytes.is_empty() {
                return None;
            }
            let take = usize::try_from(payload.left).unwrap_or(usize::MAX);
            let (mine, rest) = bytes.split_at(take.min(bytes.len()));
            *bytes = rest;
            payload.left = payload.left.saturating_sub(mine.len() as u64);
            let last = payload.left == 0;
            if last {
                self.payload = None;
            }
            return Some(Event::Payload(kind, mine, last));
        }
        while let Some((byte, rest)) = bytes.split_first() {
            *bytes = rest;
            *self.head.get_mut(self.have)? = *byte;
            self.have += 1;
            let mut at = Reader(self.head.get(..self.have)?);
            if let (Some(kind), Some(left)) = (at.varint(), at.varint()) {
                self.have = 0;
                self.payload = Some(Payload { kind, left });
                return Some(Event::Begin(kind));
            }
        }
        None
    }

    /// True between frames.
    pub fn is_between(&self) -> bool {
        self.payload.is_none() && self.have == 0
    }

    /// Bytes are missing.
    pub fn gap(&mut self, missing: u64) -> Hole {
        let Some(payload) = &mut self.payload else {
            return Hole::Lost;
        };
        let kind = payload.kind;
        match payload.left.checked_sub(missing) {
            Some(0) => {
                self.payload = None;
                Hole::Inside(kind, true)
            }
            Some(left) => {
                payload.left = left;
                Hole::Inside(kind, false)
            }
            None => Hole::Lost,
        }
    }
}
