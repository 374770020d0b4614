//! Layer `lznt1`: compression of Windows (NTFS, `RtlCompressBuffer`; \[MS-XCA\] section 2.5): chunks of up to 4096 bytes, each
//! behind two bytes with its length and a mark.
//!
//! Lengths and marks of all chunks prove some of it, what is inside the rest.

use super::base64::prove;
use super::bench::Bench;
use super::layer::{Context, Flaw, Inner, Layer, Opened, Standing};
use super::look::Look;
use super::text;

/// The layer.
pub(crate) struct Lznt1;

/// A chunk that holds anything.
const SHORTEST: usize = 12;
/// Bytes that a chunk yields.
const CHUNK: usize = 4096;
/// How rare it is: one of some 1,000 values that are no text (10 bits).
const PRIOR: i64 = 100;
/// Evidence of a chunk: its mark of 3 bits, and that its length fits, 12 bits less log2 of the lengths that would.
const MARK: i64 = 30;

impl Layer for Lznt1 {
    fn name(&self) -> &'static str {
        "lznt1"
    }

    fn shortest(&self) -> usize {
        SHORTEST
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
            && chunks(look.bytes).is_some()
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let chunks = chunks(look.bytes)?;
        let mut out = bench.buffer();
        let inner = match decode(look.bytes, &mut out, bench) {
            Ok(()) => {
                // A text as it is behind two bytes is no more than a text.
                let readable = if chunks.compressed {
                    text::READABLE + (PRIOR - chunks.evidence).max(0)
                } else {
                    i64::MAX
                };
                prove(&out, context, bench, readable)
            }
            Err(_) => None,
        };
        finish(self.name(), out, inner, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// The layer over what came out, if something proves it.
pub(super) fn finish(
    layer: &'static str,
    bytes: Vec<u8>,
    inner: Option<Inner>,
    bench: &mut Bench,
) -> Option<Opened> {
    match inner {
        Some(inner) => Some(Opened::One {
            layer,
            bytes,
            inner,
            flaw: None,
        }),
        None => {
            bench.give_back(bytes);
            None
        }
    }
}

/// What the heads of chunks that fill the input show.
struct Chunks {
    compressed: bool,
    evidence: i64,
}

/// The head at `at`: whether the chunk is compressed, and where it ends.
fn head(bytes: &[u8], at: usize) -> Option<(bool, usize)> {
    let head = u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    let end = at + 2 + usize::from(head & 0xfff) + 1;
    (head >> 12 & 7 == 3 && end <= bytes.len()).then_some((head & 0x8000 != 0, end))
}

fn chunks(bytes: &[u8]) -> Option<Chunks> {
    let mut found = Chunks {
        compressed: false,
        evidence: 0,
    };
    let mut at = 0;
    while at < bytes.len() && !is_end(bytes, at) {
        let left = bytes.len() - at;
        let (compressed, end) = head(bytes, at)?;
        found.compressed |= compressed;
        found.evidence += MARK + 120 - super::values::log2(left.min(CHUNK));
        at = end;
    }
    Some(found)
}

/// Two zeros may end it.
fn is_end(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..) == Some(&[0, 0])
}

fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let mut at = 0;
    let mut result = Ok(());
    while at < bytes.len() && !is_end(bytes, at) {
        let chunk = head(bytes, at)
            .ok_or(Flaw::Malformed)
            .and_then(|(compressed, end)| {
                let data = bytes.get(at + 2..end).ok_or(Flaw::Truncated)?;
                at = end;
                if compressed {
                    unpack(data, out).ok_or(Flaw::Malformed)
                } else {
                    out.extend_from_slice(data);
                    Ok(())
                }
            });
        result = match chunk {
            Ok(()) if out.len() > room => Err(Flaw::Limit(reached)),
            other => other,
        };
        if result.is_err() {
            break;
        }
    }
    bench.spend(out.len());
    if matches!(result, Err(Flaw::Limit(_))) {
        *out = Vec::new();
    }
    result
}

/// One chunk: groups of eight behind a byte of flags, each a literal or a match of two bytes. The further the chunk
/// is, the more bits of a match are its distance.
fn unpack(data: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    let mut at = 0;
    while at < data.len() {
        let flags = *data.get(at)?;
        at += 1;
        for place in 0..8 {
            if at == data.len() {
                // Nothing is left for the flags that are.
                return (flags >> place == 0).then_some(());
            }
            if flags >> place & 1 == 0 {
                out.push(*data.get(at)?);
                at += 1;
                continue;
            }
            let pair = u16::from_le_bytes(*data.get(at..)?.first_chunk()?);
            at += 2;
            let done = out.len() - start;
            let (distance, length) = split(pair, done)?;
            let from = out
                .len()
                .checked_sub(distance)
                .filter(|&from| from >= start)?;
            if done + length > CHUNK {
                return None;
            }
            for place in from..from + length {
                let byte = *out.get(place)?;
                out.push(byte);
            }
        }
        if out.len() - start > CHUNK {
            return None;
        }
    }
    Some(())
}

/// Bits of the length of a match when so much of its chunk is done; the others are its distance.
fn length_bits(done: usize) -> u32 {
    let bits = done.saturating_sub(1).max(1).ilog2() + 1;
    16 - bits.max(4)
}

fn split(pair: u16, done: usize) -> Option<(usize, usize)> {
    if done == 0 {
        return None;
    }
    let bits = length_bits(done);
    let distance = usize::from(pair >> bits) + 1;
    let length = usize::from(pair & ((1 << bits) - 1)) + 3;
    (distance <= done).then_some((distance, length))
}

/// The inverse, for tests and the fuzzer: the longest match that is found, else a literal.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(CHUNK) {
        let mut data = Vec::new();
        let mut at = 0;
        while at < chunk.len() {
            let flags = data.len();
            data.push(0);
            for place in 0..8 {
                if at == chunk.len() {
                    break;
                }
                let bits = length_bits(at.max(1));
                let most = ((1 << bits) - 1 + 3).min(chunk.len() - at);
                let from = at.saturating_sub(1 << (16 - bits));
                let best = (from..at)
                    .map(|from| {
                        let same = |&length: &usize| chunk[from + length] == chunk[at + length];
                        ((0..most).take_while(same).count(), at - from)
                    })
                    .max_by_key(|&(length, distance)| (length, std::cmp::Reverse(distance)));
                match best {
                    Some((length, distance)) if length >= 3 => {
                        let pair = ((distance - 1) << bits | (length - 3)) as u16;
                        data[flags] |= 1 << place;
                        data.extend(pair.to_le_bytes());
                        at += length;
                    }
                    _ => {
                        data.push(chunk[at]);
                        at += 1;
                    }
                }
            }
        }
        let (mark, data) = if data.len() < chunk.len() {
            (0xb000, &data[..])
        } else {
            (0x3000, chunk)
        };
        out.extend((mark | (data.len() - 1) as u16).to_le_bytes());
        out.extend_from_slice(data);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;
    use super::*;

    #[test]
    fn a_published_value() {
        let packed = b"\x1a\xb0\x00compress\x00edtestda\x04ta\x07\x88alot";
        assert_eq!(
            shown("lznt1", packed),
            [" = compressedtestdatacompressedalot"]
        );
        // A distance before the chunk, a chunk that is cut, another mark.
        for wrong in [
            &b"\x1a\xb0\x00compress\x00edtestda\x04ta\x07\xf8alot"[..],
            b"\x1a\xb0\x00compress\x00edtestda\x04ta\x07\x88alo",
            b"\x1a\xa0\x00compress\x00edtestda\x04ta\x07\x88alot",
        ] {
            assert!(shown("lznt1", wrong).is_empty());
        }
    }

    #[test]
    fn bits_of_lengths() {
        // [MS-XCA] section 2.5.1.4: up to 16 bytes done four bits of distance, up to 32 five, and so on.
        let bits: Vec<u32> = [1, 16, 17, 32, 33, 64, 65, 2048, 2049, 4096]
            .map(length_bits)
            .into();
        assert_eq!(bits, [12, 12, 11, 11, 10, 10, 9, 5, 4, 4]);
    }
}
