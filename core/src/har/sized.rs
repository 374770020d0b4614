//! The length of a body without the body: most answers are counted, and nobody asks what is in them.

use super::entry::Content;
use crate::scan;

/// The length of the body that [`super::body::body`] gives for an answer; `None` where only the body tells it
/// (text that is not ASCII may stand for bytes, base64 may be broken or written otherwise than RFC 4648 has it).
pub(super) fn length(content: &Content<'_>) -> Option<usize> {
    let text = content.text.unwrap_or_default().0;
    if text.is_empty() || !text.is_ascii() {
        return None;
    }
    match content.encoding {
        Some(encoding) if encoding.0.eq_ignore_ascii_case(b"base64") => base64(text),
        _ => unescaped(text),
    }
}

/// Length of what a JSON string of ASCII stands for, if that is ASCII as well.
fn unescaped(raw: &[u8]) -> Option<usize> {
    let mut length = raw.len();
    let mut over = 0;
    for piece in (0..raw.len()).step_by(scan::LONG) {
        let (mut begins, next) = scan::escapes(raw, piece, over);
        over = next;
        while begins != 0 {
            let at = piece + begins.trailing_zeros() as usize;
            begins &= begins - 1;
            length -= match raw.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 1,
                b'u' => match raw.get(at + 2..at + 6)? {
                    [b'0', b'0', b'0'..=b'7', last] if last.is_ascii_hexdigit() => 5,
                    _ => return None,
                },
                _ => return None,
            };
        }
    }
    Some(length)
}

/// Length of what padded base64 in the standard alphabet stands for (RFC 4648 section 4), without line breaks.
fn base64(text: &[u8]) -> Option<usize> {
    let symbols = match text {
        [rest @ .., b'=', b'='] | [rest @ .., b'='] => rest,
        _ => text,
    };
    let padding = text.len() - symbols.len();
    let last = value(*symbols.last()?);
    // Bits that stand for nothing are zero (section 3.5).
    let whole = text.len().is_multiple_of(4) && last & [0, 0b11, 0b1111][padding] == 0;
    let (pieces, rest) = symbols.as_chunks::<64>();
    // Without a way out in the middle, so that many are compared at once.
    let all = |piece: &[u8]| piece.iter().fold(true, |all, &byte| all & is_symbol(byte));
    (whole && pieces.iter().all(|piece| all(piece)) && all(rest))
        .then_some(text.len() / 4 * 3 - padding)
}

fn is_symbol(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26)
        | (byte.wrapping_sub(b'0') < 10)
        | (byte == b'+')
        | (byte == b'/')
}

/// What a symbol of the standard alphabet stands for; of other bytes, anything.
fn value(symbol: u8) -> u8 {
    match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        _ => 63,
    }
}

#[cfg(test)]
mod tests {
    use super::super::body::body;
    use super::super::entry::Raw;
    use super::*;
    use proptest::prelude::*;

    fn same(text: &[u8], encoding: Option<&'static [u8]>) -> Option<usize> {
        let content = Content {
            text: Some(Raw(text)),
            encoding: encoding.map(Raw),
            ..Content::default()
        };
        let found = length(&content);
        let whole = body(&content, None, None);
        if let Some(found) = found {
            assert_eq!(
                (found, whole.broken_base64, whole.rebuilt),
                (whole.bytes.len(), false, false),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        found
    }

    #[test]
    fn what_is_common_is_told() {
        assert_eq!(same(br#"a\"b\\c\n\u003cd"#, None), Some(8));
        assert_eq!(same(br"a\u00e9", None), None);
        assert_eq!(same(br"a\x", None), None);
        assert_eq!(same("é".as_bytes(), None), None);
        for (text, found) in [
            (&b"QUJD"[..], Some(3)),
            (b"QUI=", Some(2)),
            (b"QQ==", Some(1)),
            (b"QR==", None),
            (b"QUJ=", None),
            (b"QUI", None),
            (b"QU=I", None),
            (b"QQ==QQ==", None),
            (b"====", None),
            (b"QU-D", None),
            (b"QU{D", None),
            (br"QU\/D", None),
        ] {
            assert_eq!(same(text, Some(b"base64")), found, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_length_is_that_of_the_body(
            raw in prop::collection::vec(
                prop::sample::select(&["a", "b", "{", "\\\"", "\\\\", "\\n", "\\u0041", "\\u00e9", "\\ud83d", "\\", "é"][..]),
                0..150,
            ),
        ) {
            let raw = raw.concat();
            same(raw.as_bytes(), None);
        }

        #[test]
        fn the_length_is_that_of_the_bytes(
            bytes in prop::collection::vec(any::<u8>(), 1..300),
            at: prop::sample::Index,
            other: u8,
        ) {
            let mut text = data_encoding::BASE64.encode(&bytes).into_bytes();
            prop_assert_eq!(same(&text, Some(b"base64")), Some(bytes.len()));
            let at = at.index(text.len());
            text[at] = other;
            same(&text, Some(b"BASE64"));
        }
    }
}
