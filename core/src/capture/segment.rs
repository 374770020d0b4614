//! The TCP header (RFC 9293 section 3.1).

/// Flags of the header.
pub mod flag {
    /// No more data from sender.
    pub const FIN: u8 = 0x01;
    /// Synchronize sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Acknowledgment field is significant.
    pub const ACK: u8 = 0x10;
}

/// One TCP packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Ports: source, destination.
    pub ports: (u16, u16),
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Flags.
    pub flags: u8,
    /// Payload as captured.
    pub payload: &'a [u8],
    /// Payload bytes that were not captured.
    pub cut: usize,
}

impl<'a> Packet<'a> {
    /// Reads a header. `cut`: bytes of the IP payload that were not captured.
    #[inline]
    pub fn read(bytes: &'a [u8], cut: usize) -> Option<Packet<'a>> {
        let header: &[u8; 20] = bytes.first_chunk()?;
        let length = usize::from(header[12] >> 4) * 4;
        if length < 20 {
            return None;
        }
        // Options cut off by the snapshot length: the payload is cut off with them.
        let options_cut = length.saturating_sub(bytes.len());
        Some(Packet {
            ports: (
                u16::from_be_bytes([header[0], header[1]]),
                u16::from_be_bytes([header[2], header[3]]),
            ),
            sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            acknowledgement: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            flags: header[13],
            payload: bytes.get(length..).unwrap_or_default(),
            cut: cut.checked_sub(options_cut)?,
        })
    }

    /// Is this flag set?
    #[inline]
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}
