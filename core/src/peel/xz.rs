//! Layers `xz` (.xz file format 1.2: magic number, CRC-32, CRC-64 or SHA-256) and `lzma` (.lzma, "LZMA alone").
//!
//! Nothing in the latter proves it: its header must be one that encoders write, and it must hold a structure.

use lzma_rust2::{LzmaReader, XzReader};

use super::bench::Bench;
use super::layer::{Context, Flaw, Layer, Opened, Standing};
use super::look::Look;
use super::unpack;

/// Dictionaries above this are not allocated: what the strongest preset of xz asks for, and the decoder.
const MEMORY_KIB: u32 = 66 << 10;

/// The layer of .xz.
pub(crate) struct Xz;

/// Header and footer of a stream.
const SHORTEST: usize = 32;

impl Layer for Xz {
    fn name(&self) -> &'static str {
        "xz"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == 0xfd
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(b"\xfd7zXZ\0")
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let result = xz(look.bytes, &mut out, bench);
        unpack::checked(self.name(), out, result, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        xz(bytes, &mut out, bench).ok().map(|()| out)
    }
}

fn xz(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let reader = XzReader::new_mem_limit(bytes, true, MEMORY_KIB);
    unpack::all(reader, bytes.len(), out, bench)
}

/// The layer of .lzma.
pub(crate) struct Lzma;

/// Properties, size of the dictionary, decoded length.
const HEADER: usize = 13;
/// Decoded lengths from here on are none.
const LONGEST: u64 = 1 << 38;

impl Layer for Lzma {
    fn name(&self) -> &'static str {
        "lzma"
    }

    fn shortest(&self) -> usize {
        HEADER + 8
    }

    fn begins_with(&self, first: u8) -> bool {
        // lc + 9 (lp + 5 pb)
        first < 225
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.standing != Standing::Unchecked
            && context.depth_left > 1
            && is_header(look.bytes)
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let result = lzma(look.bytes, &mut out, bench);
        unpack::unchecked(self.name(), out, result, context, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        lzma(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// A dictionary of 2ⁿ or 2ⁿ + 2ⁿ⁻¹ bytes from 4 KiB, as all encoders choose, a length that can be or none, and
/// the first byte of the range coder, which is always 0.
fn is_header(bytes: &[u8]) -> bool {
    let Some(&[_, a, b, c, d, ref length @ .., first]) = bytes.first_chunk::<{ HEADER + 1 }>()
    else {
        return false;
    };
    let dictionary = u32::from_le_bytes([a, b, c, d]);
    let length = <[u8; 8]>::try_from(&length[..]).map_or(0, u64::from_le_bytes);
    let usual = dictionary == u32::MAX
        || dictionary >= 1 << 12
            && (dictionary.is_power_of_two()
                || dictionary.is_multiple_of(3) && (dictionary / 3).is_power_of_two());
    usual && first == 0 && (length == u64::MAX || length < LONGEST && length > 0)
}

fn lzma(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let reader = LzmaReader::new_mem_limit(bytes, MEMORY_KIB, None).map_err(|_| Flaw::Malformed)?;
    unpack::all(reader, bytes.len(), out, bench)
}
