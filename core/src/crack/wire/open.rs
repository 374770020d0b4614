//! What formats have in common when they are opened.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::{Layer, Outcome};
use crate::crack::cipher::take_off;
use crate::crack::selector::Selector;

/// A value and the encodings taken off it.
pub(super) struct Value {
    layers: Vec<Layer>,
    bytes: Vec<u8>,
}

impl Value {
    /// As it stands in the message.
    pub(super) fn raw(bytes: &[u8]) -> Self {
        Value {
            layers: Vec::new(),
            bytes: bytes.to_vec(),
        }
    }

    /// Hexadecimal text, or the bytes where it was taken off already.
    pub(super) fn hex(bytes: &[u8]) -> Self {
        match HEXLOWER_PERMISSIVE.decode(bytes) {
            Ok(decoded) => Value::encoded("hex", decoded),
            Err(_) => Value::raw(bytes),
        }
    }

    /// Base64 text (perhaps with line breaks at its end), or the bytes where it was taken off already.
    pub(super) fn base64(bytes: &[u8]) -> Self {
        let text = bytes.trim_ascii();
        for (layer, alphabet) in [
            ("base64", BASE64),
            ("base64", BASE64_NOPAD),
            ("base64url", BASE64URL),
            ("base64url", BASE64URL_NOPAD),
        ] {
            if let Ok(decoded) = alphabet.decode(text) {
                return Value::encoded(layer, decoded);
            }
        }
        Value::raw(bytes)
    }

    fn encoded(layer: &'static str, bytes: Vec<u8>) -> Self {
        Value {
            layers: vec![Layer {
                layer,
                selector: String::new(),
            }],
            bytes,
        }
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Decipher, and keep it only if `proves` says yes.
    pub(super) fn decipher(
        &self,
        layer: &'static str,
        selector: &Selector,
        proves: impl Fn(&[u8]) -> bool,
    ) -> Option<Outcome> {
        let plain = take_off(layer, selector, &self.bytes)?;
        if !proves(&plain) {
            return None;
        }
        let mut layers = self.layers.clone();
        layers.push(Layer {
            layer,
            selector: selector.text(),
        });
        Some(Outcome::Opened { layers, plain })
    }
}

/// True for the beginning of a gzip member.
pub(super) fn is_gzip(plain: &[u8]) -> bool {
    matches!(plain, [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0) && plain.len() >= 18
}

/// True for text that begins and ends as a JSON object or array.
pub(super) fn is_json(plain: &[u8]) -> bool {
    let text = plain.trim_ascii();
    let brackets = matches!(
        (text.first(), text.last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    );
    brackets && std::str::from_utf8(text).is_ok()
}

/// A key of a cipher from its text, `None` when the constant is no hexadecimal text.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}
