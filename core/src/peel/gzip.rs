//! Layer `gzip` (RFC 1952), one or several members; CRC-32 and length prove it.

use flate2::Crc;

use super::bench::Bench;
use super::inflate::{End, inflate};
use super::layer::{Context, Flaw, Inner, Layer, Opened, Reached};
use super::look::Look;

/// The layer.
pub(crate) struct Gzip;

/// Header, empty block, trailer.
const SHORTEST: usize = 20;
/// Output that makes a cut-off stream believable without its checksum.
const BELIEVABLE: usize = 32;

/// Flags of the header (RFC 1952 section 2.3.1).
const HEADER_CRC: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

impl Layer for Gzip {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == 0x1f
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(b"\x1f\x8b\x08")
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let flaw = match decode(look.bytes, &mut out, bench) {
            Ok(()) => None,
            Err(Flaw::Limit(reached)) => {
                return Some(Opened::Stopped {
                    layer: self.name(),
                    reached,
                });
            }
            Err(Flaw::Truncated) if out.len() >= BELIEVABLE => Some(Flaw::Truncated),
            Err(_) => {
                bench.give_back(out);
                return None;
            }
        };
        Some(Opened::One {
            layer: self.name(),
            bytes: out,
            inner: Inner::Unknown,
            flaw,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        match decode(bytes, &mut out, bench) {
            Ok(()) | Err(Flaw::Truncated) => Some(out),
            Err(_) => None,
        }
    }
}

/// Decode all members; on an error `out` holds what came before it.
pub(crate) fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let result = members(bytes, out, room, reached, bench);
    bench.spend(out.len());
    if matches!(result, Err(Flaw::Limit(_))) {
        *out = Vec::new();
    }
    result
}

fn members(
    bytes: &[u8],
    out: &mut Vec<u8>,
    room: usize,
    reached: Reached,
    bench: &mut Bench,
) -> Result<(), Flaw> {
    let mut rest = bytes;
    loop {
        let body = header(rest)?;
        let start = out.len();
        let (consumed, end) = inflate(
            &mut bench.inflater,
            false,
            body,
            out,
            room.saturating_sub(start),
        );
        match end {
            End::Done => {}
            End::Full => return Err(Flaw::Limit(reached)),
            End::Truncated => return Err(Flaw::Truncated),
            End::Corrupt => return Err(Flaw::Malformed),
        }
        let after = body.get(consumed..).unwrap_or_default();
        let trailer = after.first_chunk::<8>().ok_or(Flaw::Truncated)?;
        let mut crc = Crc::new();
        crc.update(&out[start..]);
        let [a, b, c, d, e, f, g, h] = *trailer;
        if u32::from_le_bytes([a, b, c, d]) != crc.sum()
            || u32::from_le_bytes([e, f, g, h]) != crc.amount()
        {
            return Err(Flaw::Malformed);
        }
        rest = &after[8..];
        // Senders pad with zeros.
        if rest.iter().all(|&b| b == 0) {
            return Ok(());
        }
    }
}

/// What follows the header of a member.
fn header(bytes: &[u8]) -> Result<&[u8], Flaw> {
    let (fixed, mut rest) = bytes.split_first_chunk::<10>().ok_or(Flaw::Truncated)?;
    let flags = fixed[3];
    if !fixed.starts_with(b"\x1f\x8b\x08") || flags & RESERVED != 0 {
        return Err(Flaw::Malformed);
    }
    if flags & EXTRA != 0 {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(Flaw::Truncated)?;
        rest = after
            .get(usize::from(u16::from_le_bytes(*length))..)
            .ok_or(Flaw::Truncated)?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let end = memchr::memchr(0, rest).ok_or(Flaw::Truncated)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & HEADER_CRC != 0 {
        rest = rest.get(2..).ok_or(Flaw::Truncated)?;
    }
    Ok(rest)
}
