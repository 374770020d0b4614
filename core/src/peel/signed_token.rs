//! Layer `signed-token`: what itsdangerous (sessions of Flask) and Django's `signing` write, a payload, mostly a
//! time, and a signature, with `.` or `:` between them (itsdangerous 2, "Serialization" and "Timestamps"; Django 5,
//! "Cryptographic signing"). The token stays a leaf as it is. Nothing is said about whether the signature is right.
//!
//! Selectors: `payload`, the bytes of the base64 digits (behind a `.` they are compressed); `time`, in seconds.

use data_encoding::BASE64URL_NOPAD;

use super::bench::Bench;
use super::fields::Fields;
use super::layer::{Context, Hint, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::search;

/// The layer.
pub(crate) struct SignedToken;

/// An empty object, a separator, the digits of SHA-1.
const SHORTEST: usize = 31;
/// Digits of signatures with SHA-1, SHA-256, SHA-384 and SHA-512.
const SIGNATURES: [usize; 4] = [27, 43, 64, 86];
/// Digits of a time: to the base 62 (from 1999 to 3769), and four bytes in base64.
const TIME: usize = 6;
const DIGITS_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Layer for SignedToken {
    fn name(&self) -> &'static str {
        "signed-token"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        // `{`, `[` or `"` in base64, or the sign of a compressed payload.
        matches!(first, b'e' | b'W' | b'I' | b'.')
    }

    fn never(&self) -> u32 {
        !(kind::ALNUM | kind::MINUS | kind::UNDERSCORE | kind::DOT | kind::COLON)
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.depth_left > 1 && look.has(kind::DOT | kind::COLON)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let token = split(look.bytes)?;
        let payload = BASE64URL_NOPAD.decode(token.payload).ok()?;
        // What is inside must be of the kind that the token says.
        let inside = search::open(&payload, context.child(Standing::Encoded), bench)?;
        let layer = inside.layer();
        bench.discard(inside);
        if layer != if token.compressed { "zlib" } else { "json" } {
            return None;
        }
        Some(Opened::Many {
            layer: self.name(),
            fields: fields(&token, &payload, bench),
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let token = split(bytes)?;
        let payload = BASE64URL_NOPAD.decode(token.payload).ok()?;
        fields(&token, &payload, bench).select(selector, bytes)
    }
}

/// The pieces of a token.
struct Token<'a> {
    payload: &'a [u8],
    compressed: bool,
    time: Option<u64>,
}

/// The pieces, if the last has the length of a signature.
fn split(bytes: &[u8]) -> Option<Token<'_>> {
    let django = memchr::memchr(b':', bytes).is_some();
    let separator = if django { b':' } else { b'.' };
    let compressed = bytes.starts_with(b".");
    let bare = bytes.get(usize::from(compressed)..)?;
    let mut pieces = bare.split(|&byte| byte == separator);
    let (payload, second, third) = (pieces.next()?, pieces.next()?, pieces.next());
    if pieces.next().is_some() || payload.is_empty() {
        return None;
    }
    let (time, signature) = match third {
        Some(third) => (Some(time(second, django)?), third),
        None => (None, second),
    };
    let right = SIGNATURES.contains(&signature.len()) && BASE64URL_NOPAD.decode(signature).is_ok();
    right.then_some(Token {
        payload,
        compressed,
        time,
    })
}

/// Seconds: a number of four bytes in base64, or six digits to the base 62.
fn time(digits: &[u8], django: bool) -> Option<u64> {
    if !django {
        if digits.len() != TIME {
            return None;
        }
        let bytes: [u8; 4] = BASE64URL_NOPAD.decode(digits).ok()?.try_into().ok()?;
        return Some(u32::from_be_bytes(bytes).into());
    }
    if digits.len() != TIME {
        return None;
    }
    digits.iter().try_fold(0u64, |time, digit| {
        let value = DIGITS_62.iter().position(|known| known == digit)?;
        Some(time * 62 + value as u64)
    })
}

fn fields(token: &Token<'_>, payload: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    fields.keep = true;
    bench.spend(payload.len());
    let place = fields.store(payload);
    fields.add_quiet("payload", place, Hint::None);
    if let Some(time) = token.time {
        fields.add_scalar("time", Some("time"), format_args!("{time}"));
    }
    fields
}

/// The inverse, for tests and the fuzzer: a token of this payload as Django writes it.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(payload: &[u8], compressed: bool) -> Vec<u8> {
    let dot = if compressed { "." } else { "" };
    let (payload, signature) = (
        BASE64URL_NOPAD.encode(payload),
        BASE64URL_NOPAD.encode(&[0x5a; 32]),
    );
    format!("{dot}{payload}:1tLkZf:{signature}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;
    use super::*;

    #[test]
    fn tokens_of_both() {
        // A session of Flask, then a token in the form of Django.
        let flask =
            b"eyJyb2xlIjoic3VwZXJ1c2VyIiwidXNlciI6ImFkbWluIn0.aZ-KEw.E_x6bOhA4GU9t72pMinJUjN-O3I";
        assert_eq!(
            shown("signed-token", flask),
            [
                r#"payload = {"role":"superuser","user":"admin"}"#,
                "time = 1772063251"
            ]
        );
        let object = br#"{"user":"admin","imei":"869836900602677"}"#;
        assert_eq!(
            shown("signed-token", &encode(object, false)),
            [
                r#"payload = {"user":"admin","imei":"869836900602677"}"#,
                "time = 1734015235"
            ]
        );
        let without = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(object),
            BASE64URL_NOPAD.encode(&[1; 20])
        );
        assert_eq!(shown("signed-token", without.as_bytes()).len(), 1);
    }

    #[test]
    fn what_is_no_token() {
        let object = BASE64URL_NOPAD.encode(br#"{"user":"admin"}"#);
        let signature = BASE64URL_NOPAD.encode(&[1; 20]);
        for token in [
            format!("{object}.{}", BASE64URL_NOPAD.encode(&[1; 19])),
            format!("{object}.aaaa.{signature}"),
            format!("{object}.aZ-KEw.{signature}.x"),
            format!(".{object}.aZ-KEw.{signature}"),
            format!(
                "{}.aZ-KEw.{signature}",
                BASE64URL_NOPAD.encode(b"{not json, 16}")
            ),
            format!("e.{signature}"),
        ] {
            assert!(
                shown("signed-token", token.as_bytes()).is_empty(),
                "{token}"
            );
        }
    }
}
