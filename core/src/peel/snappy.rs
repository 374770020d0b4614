//! Layers `snappy` (Snappy framing format: identifier, CRC-32C) and `snappy-block` (Snappy format description:
//! decoded length, then literals and copies).
//!
//! Nothing but its length proves a block: it must fill the input and hold a structure.

use snap::raw::{Decoder, decompress_len};
use snap::read::FrameDecoder;

use super::bench::Bench;
use super::layer::{Context, Flaw, Layer, Opened, Standing};
use super::look::Look;
use super::unpack;

/// The layer of framed streams.
pub(crate) struct Snappy;

/// The chunk with the stream identifier.
const IDENTIFIER: &[u8] = b"\xff\x06\x00\x00sNaPpY";

impl Layer for Snappy {
    fn name(&self) -> &'static str {
        "snappy"
    }

    fn shortest(&self) -> usize {
        IDENTIFIER.len()
    }

    fn begins_with(&self, first: u8) -> bool {
        first == 0xff
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(IDENTIFIER)
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let result = unpack::all(
            FrameDecoder::new(look.bytes),
            look.bytes.len(),
            &mut out,
            bench,
        );
        unpack::checked(self.name(), out, result, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        unpack::all(FrameDecoder::new(bytes), bytes.len(), &mut out, bench)
            .ok()
            .map(|()| out)
    }
}

/// The layer of bare blocks.
pub(crate) struct SnappyBlock;

/// A structure hardly fits in less.
const SHORTEST_BLOCK: usize = 16;
/// No copy yields more than this for its shortest encoding of two bytes.
const MOST_GROWTH: usize = 32;

impl Layer for SnappyBlock {
    fn name(&self) -> &'static str {
        "snappy-block"
    }

    fn shortest(&self) -> usize {
        SHORTEST_BLOCK
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.standing != Standing::Unchecked
            && context.depth_left > 1
            && begins(look.bytes)
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let result = block(look.bytes, &mut out, bench);
        unpack::unchecked(self.name(), out, result, context, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        block(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// A length that the input could yield, and a literal first, for there is nothing yet to copy.
fn begins(bytes: &[u8]) -> bool {
    let Ok(length) = decompress_len(bytes) else {
        return false;
    };
    let digits = bytes.iter().take_while(|&&byte| byte >= 0x80).count() + 1;
    length >= SHORTEST_BLOCK
        && length <= bytes.len().saturating_mul(MOST_GROWTH)
        && length.saturating_add(8) >= bytes.len().saturating_sub(bytes.len() / 6)
        && bytes.get(digits).is_some_and(|tag| tag & 3 == 0)
}

fn block(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let length = decompress_len(bytes).map_err(|_| Flaw::Malformed)?;
    if length > room {
        return Err(Flaw::Limit(reached));
    }
    if length > bytes.len().saturating_mul(MOST_GROWTH) {
        return Err(Flaw::Malformed);
    }
    out.resize(length, 0);
    bench.spend(length);
    match Decoder::new().decompress(bytes, out) {
        Ok(given) if given == length => Ok(()),
        _ => Err(Flaw::Malformed),
    }
}
