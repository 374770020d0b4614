//! Layer `hex-bytes`: hexadecimal written byte by byte (`41:42`, `41 42`, `0x41, 0x42`, `\x41\x42`), or whole
//! behind one prefix (`0x4142`, PostgreSQL's `\x4142`).
//!
//! Addresses, fingerprints and lists of numbers are written like this, so the child must prove the layer.

use super::bench::Bench;
use super::deflate;
use super::layer::{Context, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::proof::{opened, promising};
use super::search;

/// The layer.
pub(crate) struct HexBytes;

/// `0x` and eight bytes; byte by byte at least as much.
const SHORTEST: usize = 18;
/// Bytes that may prove something.
const SHORTEST_CHILD: usize = 8;
/// How rare it is: one of some 60 encoded fields (6 bits).
const PRIOR: i64 = 60;

/// What the spelling shows by itself: `\x` before every byte is predicted, 16 bits each up to 32 bits;
/// separators alone say nothing about what is between them.
fn evidence(bytes: &[u8]) -> i64 {
    if bytes.starts_with(b"\\x") && bytes.get(4) == Some(&b'\\') {
        320
    } else {
        0
    }
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let value = char::from(*byte?).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Prefix of every byte, or of the whole.
fn prefix(bytes: &[u8]) -> &[u8] {
    match bytes.get(..2) {
        Some(two @ (b"\\x" | b"0x" | b"0X")) => two,
        _ => b"",
    }
}

/// Undo it strictly: the same prefix and separator everywhere, digits of one case.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let upper = |b: &u8| matches!(b, b'A'..=b'F');
    let lower = |b: &u8| matches!(b, b'a'..=b'f');
    if bytes.iter().any(upper) && bytes.iter().any(lower) {
        return None;
    }
    let prefix = prefix(bytes);
    let first = bytes.get(prefix.len() + 2);
    let whole = !prefix.is_empty() && first.is_some_and(u8::is_ascii_hexdigit);
    // `\x41\x42` has no separator; `41 42` and lines have none but the space.
    let sign = first.copied().filter(|b| b":,;- \r\n\t".contains(b));
    if sign.is_none() && prefix != b"\\x" && !whole {
        return None;
    }
    let sign = sign.filter(|b| !b.is_ascii_whitespace());
    let mut at = 0;
    let mut begun = false;
    while at < bytes.len() {
        if !whole || !begun {
            bytes.get(at..)?.strip_prefix(prefix).map(|_| ())?;
            at += prefix.len();
            begun = true;
        }
        let (high, low) = (digit(bytes.get(at))?, digit(bytes.get(at + 1))?);
        out.push(high << 4 | low);
        at += 2;
        if whole || at >= bytes.len() {
            continue;
        }
        let before = at;
        if sign.is_some() && bytes.get(at) == sign.as_ref() {
            at += 1;
        } else if sign.is_some() {
            return None;
        }
        let gap = bytes.get(at..).unwrap_or_default();
        at += gap.iter().take_while(|b| b.is_ascii_whitespace()).count();
        if at == before && prefix != b"\\x" {
            return None;
        }
    }
    Some(())
}

/// A look at the first four bytes: text, a magic number, or long enough for a compressor.
fn could_begin(bytes: &[u8]) -> bool {
    let prefix = prefix(bytes).len();
    let Some(first) = bytes.get(prefix..) else {
        return false;
    };
    let (Some(_), Some(_), Some(third)) = (digit(first.first()), digit(first.get(1)), first.get(2))
    else {
        return false;
    };
    b":,;- \r\n\t\\".contains(third) || (prefix > 0 && third.is_ascii_hexdigit())
}

/// `x` is of a kind with the letters from `g`, `\` with the quotes, `,` with other punctuation.
const EVER: u32 = kind::DIGIT
    | kind::LOWER_HEX
    | kind::UPPER_HEX
    | kind::LOWER
    | kind::UPPER
    | kind::COLON
    | kind::SPACE
    | kind::LINE
    | kind::MINUS
    | kind::NOT_URI
    | kind::PUNCTUATION;

impl Layer for HexBytes {
    fn name(&self) -> &'static str {
        "hex-bytes"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_hexdigit() || first == b'\\'
    }

    fn never(&self) -> u32 {
        !EVER
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.only(EVER) && could_begin(look.bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        let whole = decode(look.bytes, &mut decoded).is_some()
            && decoded.len() >= SHORTEST_CHILD
            && (promising(decoded.get(..4).unwrap_or_default())
                || decoded.len() >= deflate::SHORTEST)
            // Decimal numbers in a row are numbers: only a structure in them says otherwise.
            && (look.has(kind::LOWER_HEX | kind::UPPER_HEX)
                || !prefix(look.bytes).is_empty()
                || is_structure(&decoded, context, bench));
        if !whole {
            bench.give_back(decoded);
            return None;
        }
        let missing = PRIOR - evidence(look.bytes);
        opened(self.name(), decoded, context, bench, missing)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }
}

fn is_structure(decoded: &[u8], context: Context, bench: &mut Bench) -> bool {
    match search::open(decoded, context.child(Standing::Encoded), bench) {
        Some(opened) => {
            bench.discard(opened);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let decoded = |text: &str| {
            let mut out = Vec::new();
            decode(text.as_bytes(), &mut out).map(|()| out)
        };
        for text in [
            "4a:4b:4c",
            "4A 4B 4C",
            "0x4a,0x4b,0x4c",
            "0x4a, 0x4b,\n0x4c",
            "\\x4a\\x4b\\x4c",
            "0x4a4b4c",
            "\\x4a4b4c",
            "4a-4b-4c",
            "4a 4b\r\n4c",
            "0x4a 0x4b 0x4c",
        ] {
            assert_eq!(decoded(text), Some(b"JKL".to_vec()), "{text}");
        }
        for text in [
            "4a:4b-4c", "4a4b4c", "4a:4B:4c", "4a:4:b", "0x4a,4b", "4a,,4b", "", "0x", "4a4b 4c",
        ] {
            assert!(decoded(text).is_none_or(|out| out.is_empty()), "{text}");
        }
    }
}
