//! The forms in which a ciphertext stands in a message: as it is, or in digits.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use crate::peel::OwnedStep;

/// Bytes below which nothing can be hidden: a block of the ciphers with the shortest blocks.
const SHORTEST: usize = 8;
/// Bytes in digits below which nothing can be proven: they are an identifier.
const SHORTEST_DECODED: usize = 16;

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
        if !is_hex {
            let lines: Vec<u8>;
            let digits = if unpadded.iter().any(u8::is_ascii_whitespace) {
                lines = unpadded
                    .iter()
                    .copied()
                    .filter(|b| !b.is_ascii_whitespace())
                    .collect();
                &lines
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
