//! Streams of one direction (RFC 9114 section 6.2): control, QPACK, push, and what is to be ignored.

use super::frame::{Event, Frames, SETTINGS};
use crate::protocol::varint::Reader;

/// Longest SETTINGS that are read.
const SETTINGS_BYTES: usize = 16 << 10;
/// SETTINGS_QPACK_MAX_TABLE_CAPACITY (RFC 9204 section 5).
const TABLE_CAPACITY: u64 = 0x01;

/// What a stream of one direction is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Not told yet: bytes of its type, and for a push stream its push id.
    Unknown(Vec<u8>),
    /// Control stream.
    Control(Box<Control>),
    /// Encoder stream (RFC 9204 section 4.2).
    Encoder,
    /// A pushed response.
    Push,
    /// Decoder stream, reserved types and unknown ones.
    Ignored,
}

impl Default for Kind {
    fn default() -> Self {
        Kind::Unknown(Vec::new())
    }
}

/// What the first bytes of a stream tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// More bytes are needed.
    Short,
    /// Its type.
    Type(u64),
    /// A push stream of this push id.
    Push(u64),
}

/// Reads the type, and how many bytes it took.
pub(super) fn told(bytes: &[u8]) -> (Told, usize) {
    let mut at = Reader(bytes);
    let told = match at.varint() {
        None => Told::Short,
        Some(1) => at.varint().map_or(Told::Short, Told::Push),
        Some(other) => Told::Type(other),
    };
    (told, bytes.len().saturating_sub(at.0.len()))
}

/// A control stream.
#[derive(Debug, Default)]
pub(super) struct Control {
    frames: Frames,
    settings: Vec<u8>,
    seen: bool,
}

impl Control {
    /// Bytes of it. Returns the largest QPACK table its sender allows, when that is told.
    pub fn data(&mut self, mut bytes: &[u8]) -> Option<u64> {
        let mut allowed = None;
        while let Some(event) = self.frames.next(&mut bytes) {
            let Event::Payload(SETTINGS, part, last) = event else {
                continue;
            };
            let room = SETTINGS_BYTES.saturating_sub(self.settings.len());
            let part = part.get(..room.min(part.len())).unwrap_or_default();
            self.settings.extend_from_slice(part);
            if last && !self.seen {
                self.seen = true;
                allowed = Some(capacity(&self.settings));
                self.settings = Vec::new();
            }
        }
        allowed
    }

    /// Bytes of it are missing.
    pub fn gap(&mut self, missing: u64) -> bool {
        self.frames.gap(missing) != super::frame::Hole::Lost
    }
}

/// The default is no dynamic table.
fn capacity(settings: &[u8]) -> u64 {
    let mut at = Reader(settings);
    let mut capacity = 0;
    while let (Some(name), Some(value)) = (at.varint(), at.varint()) {
        if name == TABLE_CAPACITY {
            capacity = value;
        }
    }
    capacity
}
