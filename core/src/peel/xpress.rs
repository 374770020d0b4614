//! Layer `xpress`: plain LZ77 of Windows (XPRESS; \[MS-XCA\] sections 2.3 and 2.4): 32 flags at a time, each for a literal or a
//! match of two bytes or more, to the end of the input.
//!
//! The flags that are left at the end are all ones, and matches reach no further back than there is anything. Both
//! are counted, and with what is inside they prove it.

use super::base64::prove;
use super::bench::Bench;
use super::layer::{Context, Flaw, Inner, Layer, Opened, Standing};
use super::look::Look;
use super::lznt1::finish;
use super::{search, text, values};

/// The layer.
pub(crate) struct Xpress;

/// Flags, a literal, a match, and a byte of its length.
const SHORTEST: usize = 8;
/// How rare it is: one of some 1,000 values that are no text (10 bits).
const PRIOR: i64 = 100;
/// Bits of the distance of a match.
const DISTANCE: u32 = 13;
/// Evidence of flags and distances that no text of literals can replace.
const OWN: i64 = 150;

/// Bits of one that four bytes of flags end in, from which on bytes that are no text are worth a look.
const ONES: u32 = 16;

/// True when these first bytes are flags of a short stream.
pub(crate) fn begins_short(bytes: &[u8]) -> bool {
    let flags = bytes.first_chunk().copied().map(u32::from_le_bytes);
    flags.is_some_and(|flags| flags.trailing_ones() >= ONES && flags.leading_ones() == 0)
}

impl Layer for Xpress {
    fn name(&self) -> &'static str {
        "xpress"
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
        // The first flag is that of a literal: there is nothing yet to copy.
        context.standing != Standing::Unchecked
            && context.depth_left > 1
            && look.bytes.get(3).is_some_and(|&flags| flags < 0x80)
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let inner = decode(look.bytes, &mut out, bench)
            .ok()
            .and_then(|shown| shown.proves(&out, context, bench));
        finish(self.name(), out, inner, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out, bench).ok().map(|_| out)
    }
}

/// What a stream shows besides what is in it.
struct Shown {
    /// Evidence of flags and distances, in tenths of a bit.
    evidence: i64,
    /// The first literals: matches only repeat them.
    literals: Vec<u8>,
}

/// Literals that are looked at.
const LITERALS: usize = 256;

impl Shown {
    /// What is inside, if all together proves the layer.
    fn proves(&self, out: &[u8], context: Context, bench: &mut Bench) -> Option<Inner> {
        if self.evidence < OWN {
            return None;
        }
        let asked = text::READABLE + PRIOR - self.evidence;
        let readable = text::evidence(&self.literals).is_some_and(|found| found >= asked);
        if readable && text::evidence(out).is_some() {
            return Some(
                match search::open(out, context.child(Standing::Encoded), bench) {
                    Some(opened) => Inner::Known(Box::new(opened)),
                    None => Inner::Unknown,
                },
            );
        }
        // What is no text must be something that proves itself.
        prove(out, context, bench, i64::MAX)
    }
}

fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<Shown, Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let shown = unpack(bytes, out, room);
    bench.spend(out.len());
    match shown {
        Some(Some(shown)) => Ok(shown),
        Some(None) => {
            *out = Vec::new();
            Err(Flaw::Limit(reached))
        }
        None => Err(Flaw::Malformed),
    }
}

/// `Some(None)`: more than `room` bytes. `None`: it is something else.
fn unpack(bytes: &[u8], out: &mut Vec<u8>, room: usize) -> Option<Option<Shown>> {
    let mut shown = Shown {
        evidence: 0,
        literals: Vec::new(),
    };
    let mut at = 0;
    // Where the byte stands of which the upper half is the next length.
    let mut half = None;
    loop {
        let flags = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
        at += 4;
        for place in (0..32).rev() {
            if flags >> place & 1 == 0 {
                let literal = *bytes.get(at)?;
                at += 1;
                if shown.literals.len() < LITERALS {
                    shown.literals.push(literal);
                }
                out.push(literal);
                continue;
            }
            if at == bytes.len() {
                let ones = (1u64 << (place + 1)) - 1;
                shown.evidence += 10 * (i64::from(place) + 1);
                return (u64::from(flags) & ones == ones && !out.is_empty()).then_some(Some(shown));
            }
            let pair = u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
            at += 2;
            let distance = usize::from(pair >> 3) + 1;
            let length = length(usize::from(pair & 7), bytes, &mut at, &mut half)?;
            let from = out.len().checked_sub(distance)?;
            shown.evidence += (10 * i64::from(DISTANCE) - values::log2(out.len()) - 10).max(0);
            if out.len().saturating_add(length) > room {
                return Some(None);
            }
            // A match may reach into what it yields: then it repeats.
            let mut copied = 0;
            while copied < length {
                let piece = (length - copied).min(out.len() - from);
                out.extend_from_within(from..from + piece);
                copied += piece;
            }
        }
        if out.len() > room {
            return Some(None);
        }
    }
}

/// The length of a match: three bits, or more in half a byte, a byte, two or four.
fn length(short: usize, bytes: &[u8], at: &mut usize, half: &mut Option<usize>) -> Option<usize> {
    const LEAST: usize = 3;
    if short < 7 {
        return Some(short + LEAST);
    }
    let nibble = match half.take() {
        Some(place) => bytes.get(place)? >> 4,
        None => {
            *half = Some(*at);
            *at += 1;
            bytes.get(*at - 1)? & 15
        }
    };
    if nibble < 15 {
        return Some(usize::from(nibble) + 7 + LEAST);
    }
    let byte = *bytes.get(*at)?;
    *at += 1;
    if byte < 255 {
        return Some(usize::from(byte) + 15 + 7 + LEAST);
    }
    let mut long = usize::from(u16::from_le_bytes(*bytes.get(*at..)?.first_chunk()?));
    *at += 2;
    if long == 0 {
        let four = u32::from_le_bytes(*bytes.get(*at..)?.first_chunk()?);
        long = usize::try_from(four).ok()?;
        *at += 4;
    }
    // Counted from the least, as the others are not.
    (long >= 15 + 7).then(|| long.saturating_add(LEAST))
}

/// The inverse, for tests and the fuzzer: the longest match that is found, else a literal.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 4];
    let (mut flags_at, mut flags, mut count) = (0, 0u32, 0);
    let mut half: Option<usize> = None;
    let mut at = 0;
    while at < bytes.len() {
        let from = at.saturating_sub(1 << DISTANCE);
        let best = (from..at)
            .map(|from| {
                let same = |&length: &usize| bytes[from + length] == bytes[at + length];
                ((0..bytes.len() - at).take_while(same).count(), at - from)
            })
            .max_by_key(|&(length, distance)| (length, std::cmp::Reverse(distance)));
        flags <<= 1;
        count += 1;
        match best {
            Some((length, distance)) if length >= 3 => {
                flags |= 1;
                let over = length - 3;
                let pair = (distance - 1) << 3 | over.min(7);
                out.extend((pair as u16).to_le_bytes());
                if over >= 7 {
                    let nibble = (over - 7).min(15) as u8;
                    match half.take() {
                        Some(place) => out[place] |= nibble << 4,
                        None => {
                            half = Some(out.len());
                            out.push(nibble);
                        }
                    }
                    if nibble == 15 {
                        out.push((over - 22).min(255) as u8);
                        if over - 22 >= 255 {
                            match u16::try_from(over) {
                                Ok(two) => out.extend(two.to_le_bytes()),
                                Err(_) => {
                                    out.extend([0, 0]);
                                    out.extend((over as u32).to_le_bytes());
                                }
                            }
                        }
                    }
                }
                at += length;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
        if count == 32 {
            out[flags_at..flags_at + 4].copy_from_slice(&flags.to_le_bytes());
            flags_at = out.len();
            out.extend([0; 4]);
            (flags, count) = (0, 0);
        }
    }
    let ones = (1u64 << (32 - count)) - 1;
    let flags = (u64::from(flags) << (32 - count) | ones) as u32;
    out[flags_at..flags_at + 4].copy_from_slice(&flags.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::super::alone::{follow, shown};
    use super::*;
    use crate::model::Limits;

    #[test]
    fn published_values() {
        // [MS-XCA] section 3.1: the alphabet as literals, and three letters a hundred times.
        let alphabet = b"\x3f\0\0\0abcdefghijklmnopqrstuvwxyz";
        let limits = Limits::default();
        assert_eq!(
            follow("xpress", "", alphabet, &limits).as_deref(),
            Some(&b"abcdefghijklmnopqrstuvwxyz"[..])
        );
        // Four bytes before a text could be any number.
        assert!(shown("xpress", alphabet).is_empty());
        let again = b"\xff\xff\xff\x1f\x61\x62\x63\x17\x00\x0f\xff\x26\x01";
        assert_eq!(
            shown("xpress", again),
            [format!(" = {}", "abc".repeat(100))]
        );
        assert_eq!(encode("abc".repeat(100).as_bytes()), again);
        // A flag that is left is no one, a distance before the beginning, a byte more.
        for wrong in [
            &b"\xfe\xff\xff\x1f\x61\x62\x63\x17\x00\x0f\xff\x26\x01"[..],
            b"\xff\xff\xff\x1f\x61\x62\x63\x1f\x00\x0f\xff\x26\x01",
            b"\xff\xff\xff\x1f\x61\x62\x63\x17\x00\x0f\xff\x26\x01\x00",
        ] {
            assert!(shown("xpress", wrong).is_empty());
        }
    }
}
