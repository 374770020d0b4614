//! The inverse of every text-like layer.

pub(super) use crate::peel::lz_string_write::{lz_bytes, lz_characters, lz_digits};
use crate::peel::{base32, base58, base64_alphabet, base85, escape, frames, html, modhex, utf16};

/// What is written in every way.
pub(super) const JSON: &str = r#"{"imei":"490154203237518","event":"page_load","props":{"ok":true,"list":[1,2,3]},"naam":"café"}"#;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE32_HEX: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn bytewise(text: &str, before: &str, between: &str) -> Vec<u8> {
    let bytes: Vec<String> = text.bytes().map(|b| format!("{before}{b:02x}")).collect();
    bytes.join(between).into_bytes()
}

pub(super) fn data_url(text: &str) -> Vec<u8> {
    format!(
        "data:application/json;base64,{}",
        data_encoding::BASE64.encode(text.as_bytes())
    )
    .into_bytes()
}

/// Every way to write a text, with the layers that must be found around it.
pub(super) fn spellings(text: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("base32".into(), base32::encode(bytes, BASE32, true)),
        ("base32".into(), base32::encode(bytes, BASE32, false)),
        (
            "base32".into(),
            base32::encode(bytes, BASE32, false).to_ascii_lowercase(),
        ),
        ("base32hex".into(), base32::encode(bytes, BASE32_HEX, true)),
        (
            "base32crockford".into(),
            base32::encode(bytes, CROCKFORD, false),
        ),
        ("base58".into(), base58::encode(bytes)),
        ("modhex".into(), modhex::encode(bytes)),
        ("base58check".into(), base58::encode_checked(bytes)),
        ("ascii85".into(), base85::encode(bytes, &base85::ASCII85)),
        (
            "ascii85".into(),
            [&b"<~"[..], &base85::encode(bytes, &base85::ASCII85), b"~>"].concat(),
        ),
        ("base85".into(), base85::encode(bytes, &base85::RFC1924)),
        ("html".into(), html::encode(text)),
        ("escape".into(), escape::encode(text, "\\u")),
        ("escape".into(), escape::encode(text, "%u")),
        (
            "escape".into(),
            text.replace('\\', "\\\\").replace('"', "\\\"").into_bytes(),
        ),
        ("hex-bytes".into(), bytewise(text, "", ":")),
        ("hex-bytes".into(), bytewise(text, "", " ")),
        ("hex-bytes".into(), bytewise(text, "0x", ", ")),
        ("hex-bytes".into(), bytewise(text, "\\x", "")),
        (
            "hex-bytes".into(),
            [&b"0x"[..], &bytewise(text, "", "")].concat(),
        ),
        ("utf-16".into(), utf16::encode(text, false, false)),
        ("utf-16".into(), utf16::encode(text, true, true)),
        ("lz-string".into(), lz_digits(text, *b"/==")),
        ("lz-string".into(), lz_digits(text, *b"-$$")),
        ("lz-string".into(), lz_characters(text)),
        ("lz-string".into(), lz_bytes(text)),
        ("data-url".into(), data_url(text)),
    ];
    if bytes.len().is_multiple_of(4) {
        all.push(("z85".into(), base85::encode(bytes, &base85::Z85)));
    }
    for (name, written) in base64_alphabet::encode_all(bytes) {
        all.push((format!("base64-alphabet:{name}"), written));
    }
    for kind in ["u32be", "u32le", "u16be", "u16le", "varint"] {
        // What begins with the code of its own length is a text already.
        if kind == "varint" && (0x20..0x80).contains(&bytes.len()) {
            continue;
        }
        all.push((
            format!("length-prefixed:{kind}[0]"),
            frames::encode(&[bytes], kind),
        ));
    }
    all
}
