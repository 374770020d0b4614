//! Layer `zstd` (RFC 8878): frames with their magic number that fill the input.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::bench::Bench;
use super::layer::{Context, Flaw, Inner, Layer, Opened};
use super::look::Look;

/// The layer.
pub(crate) struct Zstd;

/// Magic number and the shortest frame.
const SHORTEST: usize = 9;
/// Bytes decoded at a time.
const STEP: usize = 1 << 17;

impl Layer for Zstd {
    fn name(&self) -> &'static str {
        "zstd"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == 0x28
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(b"\x28\xb5\x2f\xfd")
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        match decode(look.bytes, &mut out, bench) {
            Ok(()) if !out.is_empty() => Some(Opened::One {
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
        decode(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// Decode frames that fill the input. On an error `out` holds what came before it.
pub(crate) fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let result = frames(bytes, out, room, bench.limits.output_bytes);
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
fn frames(bytes: &[u8], out: &mut Vec<u8>, room: usize, window: u64) -> Result<bool, Flaw> {
    let mut rest = bytes;
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(window);
    while !rest.is_empty() {
        match decoder.reset(&mut rest) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                rest = usize::try_from(length)
                    .ok()
                    .and_then(|length| rest.get(length..))
                    .ok_or(Flaw::Truncated)?;
                continue;
            }
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Ok(false),
            Err(_) => return Err(Flaw::Malformed),
        }
        if decoder.content_size() > room.saturating_sub(out.len()) as u64 {
            return Ok(false);
        }
        loop {
            let finished = decoder
                .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBytes(STEP))
                .map_err(|_| {
                    if rest.is_empty() {
                        Flaw::Truncated
                    } else {
                        Flaw::Malformed
                    }
                })?;
            decoder
                .collect_to_writer(&mut *out)
                .map_err(|_| Flaw::Malformed)?;
            if out.len() > room {
                return Ok(false);
            }
            if finished {
                break;
            }
        }
    }
    Ok(true)
}
