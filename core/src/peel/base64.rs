//! Layers `base64` and `base64url` (RFC 4648 sections 4 and 5), with or without padding, with line ends.
//!
//! Nearly every identifier is made of letters of these alphabets, so the layer is there only when the child
//! proves it: it has a structure or a checksum, is a known kind of file, or is clearly readable text.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding};

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::{media, search, text};

/// One of the two alphabets.
pub(crate) struct Base64 {
    name: &'static str,
    encoding: Encoding,
    /// Kinds of bytes of the alphabet, besides letters and digits.
    own: u32,
    /// A text without any of these says nothing about the alphabet: only `base64` then tries it.
    needs_own: bool,
}

/// The alphabet with `+` and `/`.
pub(crate) static STANDARD: Base64 = Base64 {
    name: "base64",
    encoding: BASE64_NOPAD,
    own: kind::PLUS | kind::SLASH,
    needs_own: false,
};
/// The alphabet with `-` and `_`.
pub(crate) static URL_SAFE: Base64 = Base64 {
    name: "base64url",
    encoding: BASE64URL_NOPAD,
    own: kind::MINUS | kind::UNDERSCORE,
    needs_own: true,
};

/// Eight bytes without padding: the shortest text that could prove anything.
const SHORTEST: usize = 11;
/// Different digits in it.
const VARIED: u32 = 6;

impl Base64 {
    /// Undo it strictly: padding right or absent, no bits left over, so that encoding again gives the same.
    fn decode(&self, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let cleaned;
        let digits = if memchr::memchr3(b'\n', b'\r', b' ', bytes).is_some() {
            cleaned = clean(bytes);
            &cleaned[..]
        } else {
            bytes
        };
        let bare = digits
            .strip_suffix(b"==")
            .or_else(|| digits.strip_suffix(b"="))
            .unwrap_or(digits);
        if bare.len() < SHORTEST || (bare.len() != digits.len() && digits.len() % 4 != 0) {
            return None;
        }
        out.resize(self.encoding.decode_len(bare.len()).ok()?, 0);
        let length = self.encoding.decode_mut(bare, out).ok()?;
        out.truncate(length);
        Some(())
    }
}

impl Base64 {
    /// True when the last digits are padding as some alphabets of `base64-alphabet` have it, which only a
    /// structure in the others shows: read as digits, they add a character or two to a text.
    fn is_padded_otherwise(&self, bytes: &[u8], context: Context, bench: &mut Bench) -> bool {
        let signs = match bytes {
            [.., b'_', b'_'] | [.., b'-', b'-'] if bytes.len().is_multiple_of(4) => 2,
            [.., b'1' | b'_' | b'-'] if bytes.len().is_multiple_of(4) => 1,
            [.., b'2'] if bytes.len() % 4 == 3 => 1,
            _ => return false,
        };
        let rest = bytes.get(..bytes.len() - signs).unwrap_or_default();
        let mut decoded = bench.buffer();
        let opened = self
            .decode(rest, &mut decoded)
            .and_then(|()| search::open(&decoded, context.child(Standing::Encoded), bench));
        bench.give_back(decoded);
        opened.map(|opened| bench.discard(opened)).is_some()
    }
}

impl Layer for Base64 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_alphanumeric() || b"+/-_ \r\n".contains(&first)
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // A space is what a form makes of `+`.
        let space = if self.needs_own { 0 } else { kind::SPACE };
        look.only(kind::ALNUM | self.own | kind::EQUAL | kind::LINE | space)
            && (!self.needs_own || look.has(self.own))
            && could_begin(look)
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if self.decode(look.bytes, &mut decoded).is_none() {
            bench.give_back(decoded);
            return None;
        }
        bench.spend(decoded.len());
        match prove(&decoded, context, bench, text::READABLE) {
            Some(Inner::Unknown) if self.is_padded_otherwise(look.bytes, context, bench) => {
                bench.give_back(decoded);
                None
            }
            Some(inner) => Some(Opened::One {
                layer: self.name,
                bytes: decoded,
                inner,
                flaw: None,
            }),
            None => {
                bench.give_back(decoded);
                None
            }
        }
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        self.decode(bytes, &mut out)?;
        Some(out)
    }
}

/// What is in decoded bytes, if it proves that decoding was right.
///
/// That all of the input was of a small alphabet says enough about where it came from, so a decompressor
/// without a checksum may stand on both sides. `readable` is the evidence asked of plain text, in tenths of a bit.
pub(crate) fn prove(
    decoded: &[u8],
    context: Context,
    bench: &mut Bench,
    readable: i64,
) -> Option<Inner> {
    if let Some(opened) = search::open(decoded, context.child(Standing::Encoded), bench) {
        return Some(Inner::Known(Box::new(opened)));
    }
    if media::known(decoded) {
        return Some(Inner::Leaf);
    }
    text::readable(decoded, readable).then_some(Inner::Unknown)
}

/// Without line ends and the white space around them; with `+` where a form has made it a space.
fn clean(bytes: &[u8]) -> Vec<u8> {
    let plus = !bytes.contains(&b'+');
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(u8::is_ascii_whitespace) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        let gap = after.iter().take_while(|b| b.is_ascii_whitespace());
        let length = gap.clone().count();
        if plus && gap.clone().all(|&b| b == b' ') {
            out.resize(out.len() + length, b'+');
        }
        rest = after.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// Bytes of the shortest compressed child worth a look, in digits.
const COMPRESSED: usize = 28;

/// A look at the first eight digits. Text and JSON begin with printable bytes. A compressor does not; its
/// output is longer, and mixes upper and lower case where hashes and names do not.
fn could_begin(look: &Look<'_>) -> bool {
    let Some(digits) = look.bytes.first_chunk::<8>() else {
        return false;
    };
    let mut bits = 0u64;
    for &digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' | b' ' => 62,
            b'/' | b'_' => 63,
            // A line end so early: rather decode.
            _ => return true,
        };
        bits = bits << 6 | u64::from(value);
    }
    if printable(&bits.to_be_bytes()[2..]) {
        return true;
    }
    look.bytes.len() >= COMPRESSED
        && look.has(kind::UPPER | kind::UPPER_HEX)
        && look.has(kind::LOWER | kind::LOWER_HEX)
}

/// True when these first bytes could begin a text of any alphabet.
pub(crate) fn printable(first: &[u8]) -> bool {
    if first.is_ascii() {
        return first
            .iter()
            .all(|&byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e));
    }
    let whole = match std::str::from_utf8(first) {
        Ok(_) => first.len(),
        // A character that goes on after these bytes is no error.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return false,
    };
    first[..whole]
        .iter()
        .all(|&byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..))
}
