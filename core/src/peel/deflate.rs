//! Layer `deflate`: a bare RFC 1951 stream. Nothing in it proves it, so it must end with the last byte of the
//! input and hold a structure.

use super::bench::Bench;
use super::inflate::{End, inflate};
use super::layer::{Context, Flaw, Inner, Layer, Opened, Standing};
use super::look::Look;
use super::search;

/// The layer.
pub(crate) struct Deflate;

/// A structure that proves anything hardly fits in less, and MD5 and SHA-1 values need not be tried.
pub(crate) const SHORTEST: usize = 24;

impl Layer for Deflate {
    fn name(&self) -> &'static str {
        "deflate"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first & 6 != 6
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
    let (consumed, end) = inflate(&mut bench.inflater, false, bytes, out, room);
    bench.spend(out.len());
    match end {
        End::Done if consumed == bytes.len() => Ok(()),
        End::Truncated => Err(Flaw::Truncated),
        End::Full => {
            *out = Vec::new();
            Err(Flaw::Limit(reached))
        }
        _ => Err(Flaw::Malformed),
    }
}

/// The header of the first block (RFC 1951 section 3.2.3): one in some hundred random texts passes.
fn begins(bytes: &[u8]) -> bool {
    let bits = |at: usize, count: usize| -> Option<u32> {
        (0..count).try_fold(0, |value, i| {
            let byte = bytes.get((at + i) / 8)?;
            Some(value | u32::from(byte >> ((at + i) % 8) & 1) << i)
        })
    };
    match bits(1, 2) {
        // Stored: length and its complement.
        Some(0) => match bytes {
            [_, a, b, c, d, ..] => a ^ c == 0xff && b ^ d == 0xff,
            _ => false,
        },
        Some(1) => true,
        // Dynamic codes: counts in range, and a complete code for the code lengths.
        Some(2) => {
            let (Some(literals), Some(distances), Some(lengths)) =
                (bits(3, 5), bits(8, 5), bits(13, 4))
            else {
                return false;
            };
            let sum = (0..lengths as usize + 4)
                .filter_map(|i| bits(17 + 3 * i, 3))
                .filter(|&length| length > 0)
                .map(|length| 128 >> length)
                .sum::<u32>();
            literals <= 29 && distances <= 29 && sum == 128
        }
        _ => false,
    }
}
