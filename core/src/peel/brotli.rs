//! Layer `brotli` (RFC 7932). It has neither magic number nor checksum: it must end with the last byte of the
//! input and hold a structure.

use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};

use super::bench::Bench;
use super::deflate::SHORTEST;
use super::layer::{Context, Flaw, Inner, Layer, Opened, Standing};
use super::look::Look;
use super::search;

/// The layer.
pub(crate) struct Brotli;

/// Bytes decoded at a time.
const STEP: usize = 16 << 10;
/// Text that is worth a layer does not shrink more than this.
const MOST_GROWTH: u64 = 200;

impl Layer for Brotli {
    fn name(&self) -> &'static str {
        "brotli"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.standing != Standing::Unchecked
            && context.depth_left > 1
            && begins(look.bytes)
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let inner = decode(look.bytes, &mut out, bench)
            .ok()
            .and_then(|()| search::open(&out, context.child(Standing::Unchecked), bench));
        match inner {
            Some(inner) => Some(Opened::One {
                layer: self.name(),
                bytes: out,
                inner: Inner::Known(Box::new(inner)),
                flaw: None,
            }),
            None => {
                bench.give_back(out);
                None
            }
        }
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// Decode a stream that fills the input. On an error `out` holds what came before it.
pub(crate) fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let result = stream(bytes, out, room);
    bench.spend(out.len());
    match result {
        Ok(true) => Ok(()),
        Ok(false) => {
            *out = Vec::new();
            Err(Flaw::Limit(reached))
        }
        Err(flaw) => Err(flaw),
    }
}

/// `Ok(false)`: more than `room` bytes.
fn stream(bytes: &[u8], out: &mut Vec<u8>, room: usize) -> Result<bool, Flaw> {
    // Strict: without the large windows that RFC 7932 does not know.
    let allocator = StandardAlloc::default;
    let mut state = BrotliState::new_strict(allocator(), allocator(), allocator());
    let (mut available_in, mut input_at, mut total) = (bytes.len(), 0, 0);
    loop {
        let mut at = out.len();
        let mut free = STEP.max(at);
        // Never more than the limit and one byte, which shows that it was passed.
        free = free.min(room.saturating_sub(at).saturating_add(1));
        out.resize(at + free, 0);
        let result = BrotliDecompressStream(
            &mut available_in,
            &mut input_at,
            bytes,
            &mut free,
            &mut at,
            out,
            &mut total,
            &mut state,
        );
        out.truncate(at);
        if out.len() > room {
            return Ok(false);
        }
        match result {
            BrotliResult::ResultSuccess if available_in == 0 => return Ok(true),
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput => return Err(Flaw::Truncated),
            BrotliResult::ResultSuccess | BrotliResult::ResultFailure => {
                return Err(Flaw::Malformed);
            }
        }
    }
}

/// The stream header and the header of the first meta-block (RFC 7932 sections 9.1 and 9.2): it says how long
/// the text is, and few random texts say a likely length.
fn begins(bytes: &[u8]) -> bool {
    let mut head = 0u64;
    for (i, &byte) in bytes.iter().take(8).enumerate() {
        head |= u64::from(byte) << (8 * i);
    }
    // WBITS: one, four or seven bits; 0b0010001 is not allowed here.
    let window = match head & 0x7f {
        low if low & 1 == 0 => 1,
        low if low & 0x0e != 0 => 4,
        0x11 => return false,
        _ => 7,
    };
    head >>= window;
    if head & 1 == 1 {
        // The last meta-block; an empty one (next bit) holds nothing.
        if head & 2 == 2 {
            return false;
        }
        head >>= 1;
    }
    head >>= 1;
    let nibbles = match head & 3 {
        // Metadata or nothing first: not seen from encoders.
        3 => return false,
        n => n + 4,
    };
    let length = ((head >> 2) & ((1 << (4 * nibbles)) - 1)) + 1;
    let input = bytes.len() as u64;
    length >= input / 4 && length <= input.saturating_mul(MOST_GROWTH)
}
