//! Layers `lz4` (LZ4 frame format 1.6: magic number, checksums) and `lz4-block` (LZ4 block format, with or
//! without its decoded length before it, 32 bits, least significant byte first).
//!
//! Nothing in a block proves it: it must fill the input, have made it shorter, and hold a structure.

use lz4_flex::frame::FrameDecoder;

use super::bench::Bench;
use super::layer::{Context, Flaw, Layer, Opened, Standing};
use super::look::Look;
use super::unpack;

/// The layer of frames.
pub(crate) struct Lz4;

/// Magic number, descriptor, its checksum, an end mark.
const SHORTEST: usize = 11;

impl Layer for Lz4 {
    fn name(&self) -> &'static str {
        "lz4"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == 0x04
    }

    fn needs(&self) -> u32 {
        crate::peel::look::kind::BINARY
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(b"\x04\x22\x4d\x18")
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let result = frames(look.bytes, &mut out, bench);
        unpack::checked(self.name(), out, result, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        frames(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// Decode frames that fill the input.
fn frames(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let before = rest.len();
        unpack::all(FrameDecoder::new(&mut rest), bytes.len(), out, bench)?;
        if rest.len() == before {
            return Err(Flaw::Malformed);
        }
    }
    Ok(())
}

/// The layer of bare blocks.
pub(crate) struct Lz4Block;

/// A structure hardly fits in less.
const SHORTEST_BLOCK: usize = 24;
/// Bytes at the end of a block that no match may cover.
const LAST_LITERALS: usize = 5;
/// Length of the shortest match.
const SHORTEST_MATCH: usize = 4;

impl Layer for Lz4Block {
    fn name(&self) -> &'static str {
        "lz4-block"
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
            && (begins(look.bytes) || look.bytes.get(4..).is_some_and(begins))
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let result = either(look.bytes, &mut out, bench);
        unpack::unchecked(self.name(), out, result, context, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        either(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// A block begins with literals, and the first match reaches back into them.
fn begins(bytes: &[u8]) -> bool {
    let Some((&token, rest)) = bytes.split_first() else {
        return false;
    };
    let literals = usize::from(token >> 4);
    if literals == 15 {
        return true;
    }
    match rest.get(literals..).and_then(<[u8]>::first_chunk::<2>) {
        Some(&offset) => {
            let offset = usize::from(u16::from_le_bytes(offset));
            offset != 0 && offset <= literals
        }
        None => false,
    }
}

/// With its length before it, or without.
fn either(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    if let Some((length, after)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        if begins(after)
            && block(after, out, bench).is_ok()
            && u32::try_from(out.len()) == Ok(length)
        {
            return Ok(());
        }
        out.clear();
    }
    block(bytes, out, bench)
}

/// Decode one block that fills the input.
fn block(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let result = sequences(bytes, out, room);
    bench.spend(out.len());
    match result {
        Some(true) if out.len() > bytes.len() => Ok(()),
        Some(false) => {
            *out = Vec::new();
            Err(Flaw::Limit(reached))
        }
        _ => Err(Flaw::Malformed),
    }
}

/// `Some(false)`: more than `room` bytes. `None`: not a block.
fn sequences(bytes: &[u8], out: &mut Vec<u8>, room: usize) -> Option<bool> {
    let mut at = 0;
    loop {
        let token = *bytes.get(at)?;
        at += 1;
        let literals = run(usize::from(token >> 4), bytes, &mut at)?;
        let end = at.checked_add(literals)?;
        if out.len().saturating_add(literals) > room {
            return Some(false);
        }
        out.extend_from_slice(bytes.get(at..end)?);
        at = end;
        if at == bytes.len() {
            return (token & 15 == 0 && (literals >= LAST_LITERALS)).then_some(true);
        }
        let offset = usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        at += 2;
        let length = run(usize::from(token & 15), bytes, &mut at)?.checked_add(SHORTEST_MATCH)?;
        let start = out.len().checked_sub(offset).filter(|_| offset != 0)?;
        if out.len().saturating_add(length) > room {
            return Some(false);
        }
        // A match may reach into what it yields: then it repeats.
        let mut copied = 0;
        while copied < length {
            let piece = (length - copied).min(out.len() - start);
            out.extend_from_within(start..start + piece);
            copied += piece;
        }
    }
}

/// A length of four bits, or 15 and bytes that add to it up to the first that is not 255.
fn run(nibble: usize, bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut length = nibble;
    if nibble == 15 {
        loop {
            let byte = *bytes.get(*at)?;
            *at += 1;
            length = length.checked_add(usize::from(byte))?;
            if byte != 255 {
                break;
            }
        }
    }
    Some(length)
}
