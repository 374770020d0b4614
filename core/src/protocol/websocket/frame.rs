//! Frame headers (RFC 6455 section 5.2).

/// Most bytes of a header: two, a long length and a mask.
pub(super) const LONGEST_HEADER: usize = 14;

/// Opcodes (RFC 6455 section 11.8).
pub(super) mod opcode {
    pub const CONTINUATION: u8 = 0;
    pub const BINARY: u8 = 2;
    pub const CLOSE: u8 = 8;
    pub const PONG: u8 = 10;
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// The last frame of its message.
    pub last: bool,
    /// RSV1: the message is compressed (RFC 7692 section 6).
    pub compressed: bool,
    /// RSV2 and RSV3: no known extension uses them.
    pub reserved: bool,
    /// Opcode.
    pub opcode: u8,
    /// Key of the mask, if there is one.
    pub mask: Option<[u8; 4]>,
    /// Bytes of payload.
    pub length: u64,
}

impl Frame {
    /// Reads a header: the frame and the length of its header; `None` if more bytes are needed.
    pub fn read(bytes: &[u8]) -> Option<(Frame, usize)> {
        let [first, second, rest @ ..] = bytes else {
            return None;
        };
        let (length, size) = match second & 0x7f {
            126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
            127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
            short => (u64::from(short), 0),
        };
        let mut end = 2 + size;
        let mask = if second & 0x80 != 0 {
            let mask = *rest.get(size..)?.first_chunk::<4>()?;
            end += 4;
            Some(mask)
        } else {
            None
        };
        let frame = Frame {
            last: first & 0x80 != 0,
            compressed: first & 0x40 != 0,
            reserved: first & 0x30 != 0,
            opcode: first & 0x0f,
            mask,
            length,
        };
        Some((frame, end))
    }

    /// Is it a control frame?
    pub fn is_control(&self) -> bool {
        self.opcode >= opcode::CLOSE
    }

    /// Does it follow the rules? `deflate`: compression was agreed on.
    pub fn is_sound(&self, deflate: bool) -> bool {
        let known =
            self.opcode <= opcode::BINARY || (opcode::CLOSE..=opcode::PONG).contains(&self.opcode);
        let control = !self.is_control() || self.last && self.length <= 125 && !self.compressed;
        known
            && control
            && !self.reserved
            && self.length >> 63 == 0
            && (deflate || !self.compressed)
    }
}

/// Do these bytes, which start a segment in a stream whose place is lost, begin a frame? Believed when the
/// frames they hold end where the bytes do.
pub(super) fn begins(bytes: &[u8], masked: bool, deflate: bool) -> bool {
    let mut rest = bytes;
    while let Some((frame, header)) = Frame::read(rest) {
        if !frame.is_sound(deflate) || frame.mask.is_some() != masked {
            return false;
        }
        let after = usize::try_from(frame.length)
            .ok()
            .and_then(|length| rest.get(header.checked_add(length)?..));
        match after {
            Some([]) => return true,
            Some(after) => rest = after,
            None => return false,
        }
    }
    false
}
