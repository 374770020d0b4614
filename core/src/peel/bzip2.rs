//! Layer `bzip2`: magic number, block magic and CRCs prove it; one or several streams that fill the input.

use bzip2::bufread::MultiBzDecoder;

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::Look;
use super::unpack;

/// The layer.
pub(crate) struct Bzip2;

/// Header, magic number of a block, CRC: the shortest stream that holds anything.
const SHORTEST: usize = 24;
/// Magic number of a block: the digits of π.
const BLOCK: &[u8] = b"\x31\x41\x59\x26\x53\x59";

impl Layer for Bzip2 {
    fn name(&self) -> &'static str {
        "bzip2"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'B'
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(b"BZh")
            && look
                .bytes
                .get(3)
                .is_some_and(|level| (b'1'..=b'9').contains(level))
            && look
                .bytes
                .get(4..)
                .is_some_and(|rest| rest.starts_with(BLOCK))
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let decoder = MultiBzDecoder::new(look.bytes);
        let result = unpack::all(decoder, look.bytes.len(), &mut out, bench);
        unpack::checked(self.name(), out, result, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        unpack::all(MultiBzDecoder::new(bytes), bytes.len(), &mut out, bench)
            .ok()
            .map(|()| out)
    }
}
