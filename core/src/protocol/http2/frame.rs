//! Frame headers (RFC 9113 sections 4.1 and 6), and where in a stream one may be.

/// Bytes of a frame header.
pub(super) const HEADER_BYTES: usize = 9;
/// What a client sends first (RFC 9113 section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Longest frame before anything else is agreed (RFC 9113 section 4.2).
const USUAL_BYTES: u32 = 1 << 14;

/// Frame types (RFC 9113 section 6).
pub(super) mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PUSH_PROMISE: u8 = 5;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// Flags (RFC 9113 section 6).
pub(super) mod flag {
    pub const END_STREAM: u8 = 0x01;
    pub const ACK: u8 = 0x01;
    pub const END_HEADERS: u8 = 0x04;
    pub const PADDED: u8 = 0x08;
    pub const PRIORITY: u8 = 0x20;
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Bytes after the header.
    pub length: u32,
    /// Type.
    pub kind: u8,
    /// Flags.
    pub flags: u8,
    /// Stream; 0 is the connection.
    pub stream: u32,
    /// The bit that must be zero.
    reserved: bool,
}

impl Frame {
    /// Reads a header.
    #[inline]
    pub fn read(bytes: &[u8; HEADER_BYTES]) -> Frame {
        let [a, b, c, kind, flags, w, x, y, z] = *bytes;
        Frame {
            length: u32::from_be_bytes([0, a, b, c]),
            kind,
            flags,
            stream: u32::from_be_bytes([w & 0x7f, x, y, z]),
            reserved: w & 0x80 != 0,
        }
    }

    /// Is this flag set?
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Does it follow the rules of its type? If not, this is not the start of a frame. `agreed`: whether
    /// frames above the usual length may have been agreed on.
    pub fn is_sound(&self, agreed: bool) -> bool {
        let on_stream = self.stream != 0;
        let right = match self.kind {
            kind::DATA | kind::HEADERS | kind::CONTINUATION | kind::PUSH_PROMISE => on_stream,
            kind::PRIORITY => on_stream && self.length == 5,
            kind::RST_STREAM => on_stream && self.length == 4,
            kind::SETTINGS => {
                !on_stream
                    && self.length.is_multiple_of(6)
                    && (!self.has(flag::ACK) || self.length == 0)
            }
            kind::PING => !on_stream && self.length == 8,
            kind::GOAWAY => !on_stream && self.length >= 8,
            kind::WINDOW_UPDATE => self.length == 4,
            // Extensions (RFC 9113 section 5.5).
            _ => true,
        };
        right && (agreed || self.length <= USUAL_BYTES)
    }

    /// Is it sound, and without anything that is allowed but never seen?
    fn is_usual(&self) -> bool {
        let flags = match self.kind {
            kind::DATA => flag::END_STREAM | flag::PADDED,
            kind::HEADERS => flag::END_STREAM | flag::END_HEADERS | flag::PADDED | flag::PRIORITY,
            kind::SETTINGS | kind::PING => flag::ACK,
            kind::PUSH_PROMISE => flag::END_HEADERS | flag::PADDED,
            kind::CONTINUATION => flag::END_HEADERS,
            kind::PRIORITY | kind::RST_STREAM | kind::GOAWAY | kind::WINDOW_UPDATE => 0,
            _ => return false,
        };
        !self.reserved
            && self.flags & !flags == 0
            && self.is_sound(false)
            && self.stream < 1 << 24
            && (self.kind != kind::SETTINGS || self.length <= 96)
    }
}

/// How many usual frames follow each other from the start of these bytes, whether the last one ends where
/// the bytes do, and the first one.
fn chain(bytes: &[u8]) -> (usize, bool, Frame) {
    let mut rest = bytes;
    let mut count = 0;
    let mut first = Frame::default();
    while let Some(header) = rest.first_chunk::<HEADER_BYTES>() {
        let frame = Frame::read(header);
        if !frame.is_usual() {
            return (0, false, first);
        }
        if count == 0 {
            first = frame;
        }
        count += 1;
        let length = HEADER_BYTES.saturating_add(frame.length as usize);
        match rest.get(length..) {
            Some([]) => return (count, true, first),
            Some(after) => rest = after,
            None => break,
        }
    }
    (count, false, first)
}

/// Are these bytes, which start a segment in the middle of a connection, surely HTTP/2 frames?
pub fn surely(bytes: &[u8]) -> bool {
    let (count, exact, first) = chain(bytes);
    count >= 3
        || count >= 2 && exact
        // Alone, only what has a fixed form.
        || exact && matches!(first.kind, kind::SETTINGS | kind::PING) && first.length > 0
}

/// Do these bytes begin a server's first frame (RFC 9113 section 3.4)?
pub fn begins_settings(bytes: &[u8]) -> Option<bool> {
    match bytes.first_chunk::<HEADER_BYTES>() {
        Some(header) => {
            let frame = Frame::read(header);
            Some(frame.kind == kind::SETTINGS && !frame.has(flag::ACK) && frame.is_usual())
        }
        None => match bytes {
            [0] | [0, 0] | [0, 0, _] => None,
            [0, 0, _, kind::SETTINGS, rest @ ..] if rest.iter().all(|&b| b == 0) => None,
            _ => Some(false),
        },
    }
}

/// Where the next frame begins in a stream whose place is lost. `at_segment`: `bytes` start a segment,
/// which most often starts a frame too. `known`: is this a stream that is open?
pub(super) fn find(bytes: &[u8], at_segment: bool, known: impl Fn(u32) -> bool) -> Option<usize> {
    let last = bytes.len().checked_sub(HEADER_BYTES)?;
    (0..=last).find(|&at| {
        let rest = bytes.get(at..).unwrap_or_default();
        let [0, _, _, 0..=kind::CONTINUATION, _, 0, ..] = rest else {
            return false;
        };
        let (count, exact, first) = chain(rest);
        let starts = at == 0 && at_segment;
        count >= 3
            || count >= 2 && (exact || starts)
            || count == 1 && starts && (exact || known(first.stream))
            || count == 1 && exact && known(first.stream)
    })
}
