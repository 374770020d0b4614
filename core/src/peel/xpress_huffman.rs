//! Layer `xpress-huffman`: LZ77 with codes of Huffman of Windows (\[MS-XCA\] sections 2.1 and 2.2): blocks of 64 KiB, each behind
//! the lengths of 512 codes, half a byte each.
//!
//! The codes must be complete, no bit sequence without a meaning, and the last symbol is that of the end; what is
//! inside proves the rest.

use super::base64::prove;
use super::bench::Bench;
use super::layer::{Context, Flaw, Layer, Opened, Standing};
use super::look::Look;
use super::lznt1::finish;
use super::text;

/// The layer.
pub(crate) struct XpressHuffman;

/// Bytes of the lengths of all codes.
const TABLE: usize = 256;
/// Bits of the longest code.
const LONGEST: usize = 15;
/// Bytes that a block yields.
const BLOCK: usize = 1 << 16;
/// The symbol of the end, and, otherwise, of the shortest match.
const END: usize = 256;
/// A table, and the four bytes that are read ahead.
const SHORTEST: usize = TABLE + 4;

impl Layer for XpressHuffman {
    fn name(&self) -> &'static str {
        "xpress-huffman"
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
            && look.bytes.first_chunk().is_some_and(is_complete)
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut out = bench.buffer();
        let inner = decode(look.bytes, &mut out, bench)
            .ok()
            // How rare it is, complete codes and the symbol of the end make up for.
            .and_then(|()| prove(&out, context, bench, text::READABLE));
        finish(self.name(), out, inner, bench)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out, bench).ok().map(|()| out)
    }
}

/// True when the codes of a table use up all sequences of bits (Kraft), as those of an encoder do.
fn is_complete(table: &[u8; TABLE]) -> bool {
    let share = |length: u8| match length {
        0 => 0,
        _ => 1u32 << (LONGEST as u8 - length),
    };
    let mut left = 1u32 << LONGEST;
    for &pair in table {
        match left.checked_sub(share(pair & 15) + share(pair >> 4)) {
            Some(less) => left = less,
            None => return false,
        }
    }
    left == 0
}

fn decode(bytes: &[u8], out: &mut Vec<u8>, bench: &mut Bench) -> Result<(), Flaw> {
    let (room, reached) = bench.room(bytes.len());
    let whole = unpack(bytes, out, room);
    bench.spend(out.len());
    match whole {
        Some(true) => Ok(()),
        Some(false) => {
            *out = Vec::new();
            Err(Flaw::Limit(reached))
        }
        None => Err(Flaw::Malformed),
    }
}

/// The symbols and lengths of the codes by the 15 bits that come.
struct Codes(Vec<(u16, u8)>);

impl Codes {
    fn new(table: &[u8; TABLE]) -> Option<Self> {
        if !is_complete(table) {
            return None;
        }
        let length = |symbol: usize| {
            let pair = table.get(symbol / 2).copied().unwrap_or(0);
            usize::from(if symbol.is_multiple_of(2) {
                pair & 15
            } else {
                pair >> 4
            })
        };
        let mut by_bits = Vec::with_capacity(1 << LONGEST);
        for bits in 1..=LONGEST {
            for symbol in (0..2 * TABLE).filter(|&symbol| length(symbol) == bits) {
                let entry = (symbol as u16, bits as u8);
                by_bits.extend(std::iter::repeat_n(entry, 1 << (LONGEST - bits)));
            }
        }
        Some(Codes(by_bits))
    }
}

/// Bits, two bytes at a time with the highest first; single bytes between them.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    next: u32,
    /// Bits beyond the first sixteen that are there; below zero two bytes are read.
    extra: i32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8], at: usize) -> Option<Self> {
        let mut bits = Bits {
            bytes,
            at,
            next: 0,
            extra: 16,
        };
        let first = bits.pair()?;
        bits.next = first << 16 | bits.pair()?;
        Some(bits)
    }

    fn pair(&mut self) -> Option<u32> {
        let pair = u16::from_le_bytes(*self.bytes.get(self.at..)?.first_chunk()?);
        self.at += 2;
        Some(pair.into())
    }

    fn drop(&mut self, count: u32) -> Option<()> {
        self.next <<= count;
        self.extra -= count as i32;
        if self.extra < 0 {
            // At the very end nothing follows any more.
            let pair = if self.at == self.bytes.len() {
                0
            } else {
                self.pair()?
            };
            self.next |= pair << -self.extra;
            self.extra += 16;
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }
}

/// `Some(false)`: more than `room` bytes. `None`: it is something else.
fn unpack(bytes: &[u8], out: &mut Vec<u8>, room: usize) -> Option<bool> {
    let mut at = 0;
    loop {
        let codes = Codes::new(bytes.get(at..)?.first_chunk()?)?;
        let mut bits = Bits::new(bytes, at + TABLE)?;
        let end = out.len().saturating_add(BLOCK);
        while out.len() < end {
            let (symbol, length) = *codes.0.get((bits.next >> 17) as usize)?;
            let symbol = usize::from(symbol);
            bits.drop(length.into())?;
            if symbol < END {
                if out.len() >= room {
                    return Some(false);
                }
                out.push(symbol as u8);
                continue;
            }
            // The symbol is also the shortest match. How much there is to come is not known here, so that the zeros
            // that fill the last word tell the two apart.
            if symbol == END && bits.at == bytes.len() && bits.next == 0 {
                return Some(!out.is_empty());
            }
            let pair = symbol - END;
            let mut length = pair & 15;
            if length == 15 {
                length = usize::from(bits.byte()?);
                if length == 255 {
                    length = bits.pair()? as usize;
                    if length == 0 {
                        length = (bits.pair()? | bits.pair()? << 16) as usize;
                    }
                    length = length.checked_sub(15)?;
                }
                length += 15;
            }
            length += 3;
            let width = (pair >> 4) as u32;
            let low = if width == 0 {
                0
            } else {
                bits.next >> (32 - width)
            };
            bits.drop(width)?;
            let distance = (1 << width) + low as usize;
            let from = out.len().checked_sub(distance)?;
            if out.len().saturating_add(length) > room {
                return Some(false);
            }
            let mut copied = 0;
            while copied < length {
                let piece = (length - copied).min(out.len() - from);
                out.extend_from_within(from..from + piece);
                copied += piece;
            }
        }
        at = bits.at;
        if at == bytes.len() {
            return Some(true);
        }
    }
}

/// The inverse, for tests and the fuzzer: every code has nine bits, so that all symbols can stand.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        out.extend([0x99; TABLE]);
        let mut writer = Writer::new(&mut out);
        let end = bytes.len().min(at + BLOCK);
        while at < end {
            let from = at.saturating_sub(1 << 10);
            let best = (from..at)
                .map(|from| {
                    let same = |&length: &usize| bytes[from + length] == bytes[at + length];
                    ((0..end - at).take_while(same).count(), at - from)
                })
                .max_by_key(|&(length, distance)| (length, std::cmp::Reverse(distance)));
            match best {
                Some((length, distance)) if length >= 3 => {
                    writer.pair(length - 3, distance);
                    at += length;
                }
                _ => {
                    writer.bits(u32::from(bytes[at]), 9);
                    at += 1;
                }
            }
        }
        let last = at == bytes.len() && !(at > 0 && at.is_multiple_of(BLOCK));
        if last {
            writer.bits(END as u32, 9);
        }
        writer.flush();
        if at == bytes.len() {
            return out;
        }
    }
}

/// Writes bits into two words that are kept free, and single bytes behind them.
#[cfg(any(test, feature = "seal"))]
struct Writer<'a> {
    out: &'a mut Vec<u8>,
    words: [usize; 2],
    word: u32,
    free: u32,
}

#[cfg(any(test, feature = "seal"))]
impl<'a> Writer<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        let words = [out.len(), out.len() + 2];
        out.extend([0; 4]);
        Writer {
            out,
            words,
            word: 0,
            free: 16,
        }
    }

    fn put(&mut self, word: u32) {
        let [at, next] = self.words;
        self.out[at..at + 2].copy_from_slice(&(word as u16).to_le_bytes());
        self.words = [next, self.out.len()];
    }

    fn bits(&mut self, value: u32, count: u32) {
        if count <= self.free {
            self.free -= count;
            self.word = self.word << count | value;
            return;
        }
        let over = count - self.free;
        self.put(self.word << self.free | value >> over);
        self.out.extend([0; 2]);
        self.word = value & ((1 << over) - 1);
        self.free = 16 - over;
    }

    fn pair(&mut self, over: usize, distance: usize) {
        let width = distance.ilog2();
        let symbol = END + (width as usize) * 16 + over.min(15);
        self.bits(symbol as u32, 9);
        if over >= 15 {
            self.out.push((over - 15).min(255) as u8);
            if over - 15 >= 255 {
                match u16::try_from(over) {
                    Ok(two) => self.out.extend(two.to_le_bytes()),
                    Err(_) => {
                        self.out.extend([0, 0]);
                        self.out.extend((over as u32).to_le_bytes());
                    }
                }
            }
        }
        self.bits(distance as u32 - (1 << width), width);
    }

    fn flush(mut self) {
        let word = self.word << self.free;
        self.put(word);
    }
}

#[cfg(test)]
mod tests {
    use super::super::alone::{follow, shown};
    use super::*;
    use crate::model::Limits;

    #[test]
    fn a_published_value() {
        // [MS-XCA] section 3.2: the alphabet; the codes of its letters have four and five bits.
        let mut packed = vec![0; TABLE];
        packed[48..62].fill(0x55);
        for (at, pair) in [(48, 0x50), (59, 0x45), (60, 0x44), (61, 0x04), (128, 0x04)] {
            packed[at] = pair;
        }
        packed.extend(b"\xd8\x52\x3e\xd7\x94\x11\x5b\xe9\x19\x5f\xf9\xd6\x7c\xdf\x8d\x04\0\0\0\0");
        let again = follow("xpress-huffman", "", &packed, &Limits::default());
        assert_eq!(again.as_deref(), Some(&b"abcdefghijklmnopqrstuvwxyz"[..]));
        assert_eq!(
            shown("xpress-huffman", &packed),
            [" = abcdefghijklmnopqrstuvwxyz"]
        );
        // A code more than there can be, and one less.
        for pair in [0x54, 0x00] {
            packed[128] = pair;
            assert!(shown("xpress-huffman", &packed).is_empty());
        }
    }

    #[test]
    fn blocks_and_long_matches_come_back() {
        let rows: Vec<u8> = (0..9000u32)
            .flat_map(|n| format!("row {n};").into_bytes())
            .collect();
        // The shortest match, four symbols before the end and just before it, when all words are read already.
        let (early, late) = (b"abaaaacd", b"abcdaaaa");
        for bytes in [
            &rows[..],
            &rows[..BLOCK],
            &[b'a'; 70_000],
            b"x",
            early,
            late,
        ] {
            let again = follow("xpress-huffman", "", &encode(bytes), &Limits::default());
            assert!(again.as_deref() == Some(bytes), "{}", bytes.len());
        }
    }
}
