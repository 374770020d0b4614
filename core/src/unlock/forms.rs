//! The forms in which a ciphertext stands in a message: as it is, or in digits.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use crate::peel::{OwnedStep, text_evidence};

/// Bytes below which nothing can be hidden: a block of the ciphers with the shortest blocks.
const SHORTEST: usize = 8;
/// Bytes in digits below which nothing can be proven: they are an identifier.
const SHORTEST_DECODED: usize = 16;

/// What a sentence is worth a byte, in tenths of a bit; digits of base64 with a space in between are below.
const SENTENCE: i64 = 12;

/// How a ciphertext is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Bytes,
    /// In digits of this layer.
    Digits(&'static str),
}

impl Form {
    /// The steps that undo it.
    pub(super) fn steps(self) -> Vec<OwnedStep> {
        match self {
            Form::Bytes => Vec::new(),
            Form::Digits(layer) => vec![OwnedStep {
                layer: layer.to_owned(),
                selector: String::new(),
            }],
        }
    }

    /// True when digits were undone.
    pub(super) fn is_decoded(self) -> bool {
        self != Form::Bytes
    }

    /// True for bytes that a cipher can have made: no text, or what digits stood for.
    pub(super) fn is_binary(self, bytes: &[u8]) -> bool {
        let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        self.is_decoded() || std::str::from_utf8(bytes).is_err() || bytes.iter().any(control)
    }
}

/// The forms in which a value may hold a ciphertext, the most telling first.
pub(super) fn forms(value: &[u8]) -> Vec<(Form, Cow<'_, [u8]>)> {
    let mut found = Vec::new();
    if value.len() < SHORTEST || is_uuid(value.trim_ascii()) {
        return found;
    }
    let bare = value.trim_ascii();
    let mut add = |layer: &'static str, decoded: Option<Vec<u8>>| {
        if let Some(bytes) = decoded
            && bytes.len() >= SHORTEST_DECODED
        {
            found.push((Form::Digits(layer), Cow::Owned(bytes)));
        }
    };
    if bare.is_ascii() {
        let unpadded = bare
            .strip_suffix(b"==")
            .or_else(|| bare.strip_suffix(b"="))
            .unwrap_or(bare);
        let hex = HEXLOWER_PERMISSIVE.decode(bare).ok();
        let is_hex = hex.is_some();
        add("hex", hex);
        // Hexadecimal digits are base64 digits too, but nobody writes base64 without the other letters.
        if !is_hex && !is_sentence(bare) {
            let joined: Vec<u8>;
            let digits = if unpadded.iter().any(u8::is_ascii_whitespace) {
                // A space is what a form makes of `+`.
                let plus = unpadded
                    .iter()
                    .filter(|byte| !matches!(byte, b'\r' | b'\n' | b'\t'));
                joined = plus
                    .map(|byte| if *byte == b' ' { b'+' } else { *byte })
                    .collect();
                &joined
            } else {
                unpadded
            };
            add("base64", BASE64_NOPAD.decode(digits).ok());
            add(
                "base64url",
                digits
                    .iter()
                    .any(|b| matches!(b, b'-' | b'_'))
                    .then(|| BASE64URL_NOPAD.decode(digits).ok())
                    .flatten(),
            );
        }
    }
    found.push((Form::Bytes, Cow::Borrowed(value)));
    found
}

/// Words with spaces between them that read well: letters that could be digits too, but nobody hides a sentence.
fn is_sentence(text: &[u8]) -> bool {
    text.contains(&b' ')
        && text_evidence(text).is_some_and(|found| found >= SENTENCE * text.len() as i64)
}

/// Digits of base64 from which a text that base64 does not decode is taken to be in an alphabet of its own; a
/// shorter one proves nothing whatever the alphabet.
const OWN_ALPHABET: usize = 64;
/// Different digits in such a text.
const VARIED: u32 = 32;

/// A text of the digits of base64 that is none, because its last digit or its padding does not fit: with an
/// alphabet of its own it may be.
pub(super) fn has_own_alphabet(value: &[u8]) -> bool {
    let bare = value.trim_ascii();
    if bare.len() < OWN_ALPHABET || bare.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let mut seen = 0u128;
    for &byte in bare {
        if !byte.is_ascii_alphanumeric() && !b"+/-_=".contains(&byte) {
            return false;
        }
        seen |= 1 << (byte & 127);
    }
    let count =
        |digits: std::ops::RangeInclusive<u8>| digits.map(|d| 1u128 << d).sum::<u128>() & seen;
    let all_kinds = [count(b'0'..=b'9'), count(b'A'..=b'Z'), count(b'a'..=b'z')];
    seen.count_ones() >= VARIED && all_kinds.iter().all(|kind| *kind != 0)
}

/// A UUID in its usual spelling (RFC 9562 section 4): an identifier, whatever its digits could stand for.
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_base64_does_not_decode_may_have_an_alphabet_of_their_own() {
        let text = b"qC2IOprIktAjaRn3WHn9WRVQWRExaHEBkj9jnpNVELwIP8wIP4aXBe5yM7dKfTzu0Zy==";
        assert!(BASE64_NOPAD.decode(&text[..text.len() - 2]).is_err());
        assert!(has_own_alphabet(text));
        assert!(!has_own_alphabet(&[b'a'; 80]));
        assert!(!has_own_alphabet(&b"0123456789abcdef".repeat(8)));
        assert!(!has_own_alphabet(&text[..40]));
        assert!(!has_own_alphabet(
            b"A sentence of more than sixty-four characters, with 3 digits 1 2 3."
        ));
    }

    #[test]
    fn a_sentence_is_no_text_in_digits() {
        for sentence in [
            &b"hello world this is fine text"[..],
            b"the quick brown fox jumps over the lazy dog",
            b"a sentence that anybody can read now",
            b"Huisarts in Antwerpen",
        ] {
            let found = forms(sentence);
            assert!(
                found.iter().all(|(form, _)| *form == Form::Bytes),
                "{found:?}"
            );
        }
        // What a form has made of `+`.
        let noise = b"pF 7MkJS ixc4s0L4xN19jgviHeuPbqHpyaJ2lv2MV9TSA/ P08LTiVhOaS00rb4";
        assert_eq!(forms(noise)[0].0, Form::Digits("base64"));
    }

    #[test]
    fn digits_are_undone() {
        let names = |value: &[u8]| -> Vec<Form> {
            forms(value).into_iter().map(|(form, _)| form).collect()
        };
        assert_eq!(
            names(b"000102030405060708090a0b0c0d0e0f"),
            [Form::Digits("hex"), Form::Bytes]
        );
        assert_eq!(
            names(b"AAECAwQFBgcICQoLDA0ODw=="),
            [Form::Digits("base64"), Form::Bytes]
        );
        assert_eq!(
            names(b"-_ECAwQFBgcICQoLDA0ODw"),
            [Form::Digits("base64url"), Form::Bytes]
        );
        assert_eq!(names(&[0xff; 16]), [Form::Bytes]);
        assert_eq!(names(b"0001020304050607"), [Form::Bytes]);
        assert!(names(b"short").is_empty());
        assert!(names(b"d8c5d86c-2754-4dca-a962-5af5184dbea1").is_empty());
        assert!(!names(b"d8c5d86c_2754-4dca-a962-5af5184dbea1").is_empty());
    }
}
