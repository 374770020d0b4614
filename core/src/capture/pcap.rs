//! The classic pcap format (draft-ietf-opsawg-pcap), all its byte orders and time resolutions.

use super::packet::{Damage, Packet, RECORD_BYTES};
use super::window::Window;

/// Bytes of the file header.
const FILE_HEADER: usize = 24;

/// A reader of packet records.
#[derive(Debug)]
pub struct Pcap {
    big: bool,
    nanoseconds: bool,
    record_header: usize,
    link: u32,
    frame: u64,
}

/// Are these the first bytes of a pcap file? (big-endian, nanoseconds, longer record headers)
fn magic(bytes: &[u8]) -> Option<(bool, bool, bool)> {
    Some(match bytes {
        [0xa1, 0xb2, 0xc3, 0xd4, ..] => (true, false, false),
        [0xd4, 0xc3, 0xb2, 0xa1, ..] => (false, false, false),
        [0xa1, 0xb2, 0x3c, 0x4d, ..] => (true, true, false),
        [0x4d, 0x3c, 0xb2, 0xa1, ..] => (false, true, false),
        // Written by a patched libpcap around 1999, and by some phones' vendors since.
        [0xa1, 0xb2, 0xcd, 0x34, ..] => (true, false, true),
        [0x34, 0xcd, 0xb2, 0xa1, ..] => (false, false, true),
        _ => return None,
    })
}

impl Pcap {
    /// Can a file that starts with these bytes be read?
    pub fn knows(bytes: &[u8]) -> bool {
        magic(bytes).is_some()
    }

    /// Reads the file header.
    pub fn open(window: &mut Window) -> Result<Pcap, Damage> {
        if !window.need(FILE_HEADER) {
            return Err(Damage::truncated(
                "the file ends within the pcap file header",
            ));
        }
        let header = window.take(FILE_HEADER);
        let (big, nanoseconds, longer) =
            magic(header).ok_or_else(|| Damage::malformed("not a pcap file header"))?;
        // The upper bits tell of a frame check sequence, which the IP length leaves out anyway.
        let link = word(header, 20, big) & 0x03ff_ffff;
        Ok(Pcap {
            big,
            nanoseconds,
            record_header: if longer { 24 } else { 16 },
            link,
            frame: 0,
        })
    }

    /// The next packet, `None` at the end.
    #[inline]
    pub fn next<'w>(&mut self, window: &'w mut Window) -> Result<Option<Packet<'w>>, Damage> {
        if !window.need(self.record_header) {
            return match window.peek().len() {
                0 => Ok(None),
                rest => Err(Damage::truncated(format!(
                    "only {rest} of {} bytes of a record header are there",
                    self.record_header
                ))),
            };
        }
        let offset = window.position();
        let header = window.peek();
        let seconds = word(header, 0, self.big);
        let fraction = word(header, 4, self.big);
        let captured = word(header, 8, self.big);
        let original = word(header, 12, self.big);
        if captured > RECORD_BYTES {
            return Err(Damage::malformed(format!(
                "a packet of {captured} bytes is announced, more than any network carries"
            )));
        }
        let captured = captured as usize;
        let length = self.record_header + captured;
        if !window.need(length) {
            let rest = window.peek().len().saturating_sub(self.record_header);
            return Err(Damage::truncated(format!(
                "only {rest} of {captured} bytes of the packet are there"
            )));
        }
        self.frame = self.frame.saturating_add(1);
        let micros = if self.nanoseconds {
            fraction / 1000
        } else {
            fraction
        };
        let record = window.take(length);
        Ok(Some(Packet {
            frame: self.frame,
            time: i64::from(seconds) * 1_000_000 + i64::from(micros),
            offset,
            length: length as u64,
            original: u64::from(original).max(captured as u64),
            link: self.link,
            data: record.get(self.record_header..).unwrap_or_default(),
            user: None,
            app: None,
        }))
    }

    /// Packets read.
    pub fn frames(&self) -> u64 {
        self.frame
    }
}

/// Four bytes at `at`; 0 where there are none (callers check lengths before).
#[inline]
fn word(bytes: &[u8], at: usize, big: bool) -> u32 {
    let Some(Ok(bytes)) = bytes.get(at..at + 4).map(<[u8; 4]>::try_from) else {
        return 0;
    };
    if big {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}
