//! The cheap tests: could this block be plaintext?

use hashbrown::HashSet;

use crate::peel::text_evidence;

/// True when every byte can stand in text: no control characters but tab, CR and LF, and bytes from 0x80 only
/// in UTF-8, which may be cut at both ends. Sixteen random bytes pass once in about a million times.
#[inline(always)]
pub(crate) fn text(bytes: &[u8]) -> bool {
    let (mut control, mut high) = (0u8, 0u8);
    // No early end: the compiler makes a few wide comparisons of it where the length is known.
    for &byte in bytes {
        let line = (byte == b'\t') | (byte == b'\n') | (byte == b'\r');
        control |= u8::from((byte < 0x20) & !line) | u8::from(byte == 0x7f);
        high |= byte;
    }
    control == 0 && (high < 0x80 || utf8(bytes))
}

/// True when every byte can stand in ASCII text.
#[inline(always)]
pub(crate) fn ascii(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

/// UTF-8 that may be cut at both ends, without control, private and non-characters. Noise fails at its first
/// or second high byte.
#[inline(never)]
fn utf8(bytes: &[u8]) -> bool {
    let mut needed = 0u8;
    // Continuation bytes of a character that was cut in front.
    let mut cut = 0u8;
    let mut inside = false;
    for &byte in bytes {
        match byte {
            0x80..=0xbf if needed > 0 => needed -= 1,
            0x80..=0xbf if !inside && cut < 3 => {
                cut += 1;
                continue;
            }
            _ if needed > 0 => return false,
            0..=0x7f => {}
            0xc2..=0xdf => needed = 1,
            0xe0..=0xef => needed = 2,
            0xf0..=0xf3 => needed = 3,
            _ => return false,
        }
        inside = true;
    }
    characters(bytes.get(usize::from(cut)..).unwrap_or_default())
}

/// The slow part: which characters they are.
#[cold]
fn characters(bytes: &[u8]) -> bool {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let mut first = None;
    whole.chars().all(|c| {
        let allowed = match c {
            '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{ffff}' => false,
            c => c < '\u{30000}',
        };
        // Noise that happens to be UTF-8 jumps from script to script.
        allowed && script(c).is_none_or(|now| *first.get_or_insert(now) == now)
    })
}

/// Roughly the script of a character, by its place in Unicode; `None` for what goes with all of them.
fn script(c: char) -> Option<u32> {
    match u32::from(c) {
        0..=0x7f | 0xa0..=0xbf | 0x2000..=0x2bff | 0x1_f000..=0x1_ffff | 0xfe00..=0xfe0f => None,
        // Latin.
        0..=0x36f | 0x1e00..=0x1eff => Some(0),
        // Greek, Cyrillic.
        0x370..=0x3ff | 0x1f00..=0x1fff => Some(1),
        0x400..=0x52f => Some(2),
        // Chinese and Japanese, and forms for their width.
        0x2e80..=0x9fff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x2_0000.. => {
            Some(3)
        }
        // Korean.
        0xac00..=0xd7ff => Some(4),
        other => Some(8 + (other >> 8)),
    }
}

/// True when the bytes begin as compressed data or an archive does, perhaps behind a length of four bytes.
#[inline(always)]
pub(crate) fn magic(bytes: &[u8]) -> bool {
    match bytes {
        [0x1f, 0x8b, 8, flags, ..] => flags & 0xe0 == 0,
        // The first block is compressed with fixed or with own codes.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, first, ..] => matches!(first & 6, 2 | 4),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', 3, 4, ..] => true,
        [b'b', b'p', b'l', b'i', b's', b't', ..] => true,
        [_, _, _, _, 0x1f, 0x8b, 8, flags, ..] => flags & 0xe0 == 0,
        _ => false,
    }
}

/// Beginnings of [`magic`] that are short enough to look for the vector under which a block begins so.
pub(crate) const BEGINNINGS: [&[u8]; 5] = [
    b"\x1f\x8b\x08",
    b"\x78\x9c",
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\xda",
];

/// True when a plaintext can begin so.
#[inline(always)]
pub(crate) fn head(bytes: &[u8]) -> bool {
    magic(bytes) || text(bytes)
}

/// Bytes that [`promising`] looks at.
const SAMPLE: usize = 256;
/// Bytes of a text that are looked at.
const TEXT: usize = 64;
/// What the kinds of bytes must say, in tenths of a bit.
const KINDS: i64 = 120;

/// True when it is worth asking the judge: noise is not.
pub(crate) fn promising(plain: &[u8]) -> bool {
    !plain.is_empty()
        && (magic(plain)
            || text(plain.get(..TEXT).unwrap_or(plain))
            || kinds(plain.get(..SAMPLE).unwrap_or(plain)) >= KINDS)
}

/// Evidence in tenths of a bit that bytes are a record of a program and not noise, by kinds of bytes alone:
/// log2 of (frequency in such records / 1/256). Letters, digits and zeros are common there, high bytes rare.
fn kinds(bytes: &[u8]) -> i64 {
    bytes
        .iter()
        .map(|byte| match byte {
            0 => 39,
            1..=0x1f => 5,
            b'a'..=b'z' | b'0'..=b'9' => 17,
            b' '..=b'~' => -7,
            _ => -15,
        })
        .sum()
}

/// What the input is worth as text, in tenths of a bit: a plaintext must be better than that. Nothing where
/// it is no text.
pub(crate) fn as_it_is(bytes: &[u8]) -> i64 {
    text_evidence(bytes).unwrap_or(0).max(0)
}

/// Bytes that the estimate of repetition looks at.
const ESTIMATE: usize = 1 << 14;

/// What a block of eight bytes that came before takes away, in tenths of a bit: as much as eight bytes of text
/// bring.
const BLOCK_AGAIN: i64 = 300;

/// How many tenths of a bit shorter the bytes become when each is coded by how often it came before
/// (Krichevsky–Trofimov). Nothing for noise.
pub(crate) fn frequencies(bytes: &[u8]) -> i64 {
    let sample = bytes.get(..ESTIMATE).unwrap_or(bytes);
    let mut counts = [0u32; 256];
    let mut saved = 0f64;
    for (before, &byte) in sample.iter().enumerate() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            saved += 8.0 + ((f64::from(*count) + 0.5) / (before as f64 + 128.0)).log2();
            *count += 1;
        }
    }
    (saved * scale(bytes, sample) * 10.0).max(0.0) as i64
}

fn scale(bytes: &[u8], sample: &[u8]) -> f64 {
    bytes.len() as f64 / sample.len().max(1) as f64
}

/// How many tenths of a bit of evidence the bytes give away by repeating themselves: what repeats in the
/// input repeats in what comes out under any key, and would be counted again and again. Nothing for noise.
///
/// Bytes count by their [`frequencies`], blocks by those that came before.
pub(crate) fn repetition(bytes: &[u8]) -> i64 {
    let sample = bytes.get(..ESTIMATE).unwrap_or(bytes);
    let mut seen: HashSet<[u8; 8], foldhash::fast::RandomState> = HashSet::default();
    let (blocks, _) = sample.as_chunks::<8>();
    let again = blocks.iter().filter(|block| !seen.insert(**block)).count();
    let blocks = (again as f64) * scale(bytes, sample) * BLOCK_AGAIN as f64;
    frequencies(bytes).saturating_add(blocks as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_text_and_magic() {
        assert!(text(b"{\"a\":1,\t\"b\":2}"));
        assert!(text("ë".as_bytes()));
        assert!(text(&"我在布鲁塞尔".as_bytes()[1..17]));
        assert!(text("Sjö 12 °C — «ça»".as_bytes()));
        assert!(!text("졶\u{38d}ddދz=q3ߧ\r".as_bytes()));
        assert!(!text(b"a\0b"));
        assert!(!text(b"abc\xff"));
        assert!(!text(b"\x80\x80\x80\x80abc"));
        assert!(magic(b"\x1f\x8b\x08\0aaaa"));
        assert!(magic(b"\0\0\x01\0\x1f\x8b\x08\0"));
        assert!(!magic(b"\x1f\x8b\x08\xff"));
        assert!(promising(b"\x08\x01\x12\x08deviceid\x1a\x04abcd\0\0"));
        assert!(!promising(b"\x98\xf1\xe2\xd3\xc4\xb5\xa6\x97\x88\x89"));
    }
}
