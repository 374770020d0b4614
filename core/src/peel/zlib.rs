//! Layer `zlib` (RFC 1950); header check and Adler-32 prove it.

use super::bench::Bench;
use super::inflate::{End, inflate};
use super::layer::{Context, Flaw, Inner, Layer, Opened};
use super::look::Look;

/// The layer.
pub(crate) struct Zlib;

/// Header, one fixed block, Adler-32.
const SHORTEST: usize = 12;

impl Layer for Zlib {
    fn name(&self) -> &'static str {
        "zlib"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first & 0x0f == 8 && first >> 4 <= 7
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        is_header(look.bytes) && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        match decode(look.bytes, &mut out, bench) {
            Ok(consumed) if consumed == look.bytes.len() && !out.is_empty() => Some(Opened::One {
                layer: self.name(),
                bytes: out,
                inner: Inner::Unknown,
                flaw: None,
            }),
            Err(Flaw::Limit(reached)) => Some(Opened::Stopped {
                layer: self.name(),
                reached,
            }),
            _ => {
                bench.give_back(out);
                None
            }
        }
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out, bench).ok().map(|_| out)
    }
}

/// CM 8, a window RFC 1950 allows, no preset dictionary, right check bits.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let Some(&[cmf, flags]) = bytes.first_chunk::<2>() else {
        return false;
    };
    cmf & 0x0f == 8
        && cmf >> 4 <= 7
        && flags & 0x20 == 0
        && u16::from_be_bytes([cmf, flags]) % 31 == 0
}

/// Decode one stream; returns the bytes consumed. On an error `out` holds what came before it.
pub(crate) fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<usize, Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let (consumed, end) = inflate(&mut bench.inflater, true, bytes, out, room);
    bench.spend(out.len());
    match end {
        End::Done => Ok(consumed),
        End::Truncated => Err(Flaw::Truncated),
        End::Corrupt => Err(Flaw::Malformed),
        End::Full => {
            *out = Vec::new();
            Err(Flaw::Limit(reached))
        }
    }
}
