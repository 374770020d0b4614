//! Bodies: base64, text that stands for bytes, and forms of which only the fields were kept.

use std::borrow::Cow;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};

use super::entry::{Content, Param};

/// Boundary for multipart bodies that had to be rebuilt without knowing theirs (RFC 2046 section 5.1.1).
const BOUNDARY: &str = "----rebuilt-from-har-params";

/// A body and how it was come by.
#[derive(Debug, Default)]
pub(super) struct Body<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// Built from `params`: not the bytes that were sent, but the same fields.
    pub rebuilt: bool,
    /// For a rebuilt multipart body without known boundary: the content type that fits it.
    pub content_type: Option<String>,
    /// Declared as base64 but is not; the text is kept as it stands.
    pub broken_base64: bool,
}

/// The bytes of a body.
///
/// `declared` is the body's length on the wire where a header tells it; `limit` bounds the bytes that are
/// decoded from base64 (the text itself is in memory already).
pub(super) fn body<'a>(
    content: &Content<'a>,
    content_type: Option<&[u8]>,
    declared: Option<u64>,
) -> Body<'a> {
    let text = content.text.unwrap_or_default();
    if text.0.is_empty() {
        return if content.params.is_empty() {
            Body::default()
        } else {
            rebuild(content, content_type)
        };
    }
    let bytes = text.bytes();
    if content
        .encoding
        .is_some_and(|e| e.0.eq_ignore_ascii_case(b"base64"))
    {
        return match base64(&bytes) {
            Some(decoded) => Body {
                bytes: Cow::Owned(decoded),
                ..Body::default()
            },
            None => Body {
                bytes,
                broken_base64: true,
                ..Body::default()
            },
        };
    }
    let media_type = content_type
        .map(Cow::Borrowed)
        .or(content.media_type.map(|m| m.bytes()));
    match latin1(&bytes, media_type.as_deref().unwrap_or_default(), declared) {
        Some(narrow) => Body {
            bytes: Cow::Owned(narrow),
            ..Body::default()
        },
        None => Body {
            bytes,
            ..Body::default()
        },
    }
}

/// Base64 with either alphabet, with or without padding and line breaks (RFC 4648).
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if let Ok(decoded) = BASE64.decode(text) {
        return Some(decoded);
    }
    let mut text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    if let Ok(decoded) = BASE64.decode(&text).or_else(|_| BASE64URL.decode(&text)) {
        return Some(decoded);
    }
    while text.last() == Some(&b'=') {
        text.pop();
    }
    BASE64_NOPAD
        .decode(&text)
        .or_else(|_| BASE64URL_NOPAD.decode(&text))
        .ok()
}

/// Bytes that were written as text with one character U+0000–U+00FF per byte.
///
/// Decided by the declared length where there is one: it equals the number of characters and not the
/// length in UTF-8. Else by the media type (a declared Latin-1 charset, or one that is no text at all) or by
/// the bytes: mitmproxy reads what names no charset as Latin-1, so what was UTF-8 is UTF-8 again afterwards.
fn latin1(text: &[u8], media_type: &[u8], declared: Option<u64>) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return None;
    }
    let characters = std::str::from_utf8(text).ok()?;
    let narrow: Vec<u8> = characters
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect::<Option<_>>()?;
    let meant = match declared {
        Some(n) if n == narrow.len() as u64 => true,
        Some(n) if n == text.len() as u64 => false,
        _ => {
            let media_type = media_type.to_ascii_lowercase();
            let holds = |word: &[u8]| memchr::memmem::find(&media_type, word).is_some();
            let latin = [&b"iso-8859-1"[..], b"latin1", b"windows-1252"]
                .iter()
                .any(|c| holds(c));
            let binary = [
                &b"octet-stream"[..],
                b"protobuf",
                b"gzip",
                b"msgpack",
                b"image/",
                b"application/grpc",
            ];
            let again = std::str::from_utf8(&narrow).is_ok() || narrow.starts_with(b"\x1f\x8b");
            latin || again || (binary.iter().any(|m| holds(m)) && !holds(b"charset=utf-8"))
        }
    };
    meant.then_some(narrow)
}

fn rebuild<'a>(content: &Content<'a>, content_type: Option<&[u8]>) -> Body<'a> {
    let media_type = content.media_type.map(|m| m.bytes()).unwrap_or_default();
    let multipart = |t: &[u8]| {
        t.get(..10)
            .is_some_and(|t| t.eq_ignore_ascii_case(b"multipart/"))
    };
    let is_multipart = multipart(&media_type)
        || content_type.is_some_and(multipart)
        || content.params.iter().any(|p| p.file_name.is_some());
    if !is_multipart {
        return Body {
            bytes: Cow::Owned(urlencoded(&content.params)),
            rebuilt: true,
            ..Body::default()
        };
    }
    let known = content_type
        .and_then(boundary)
        .or_else(|| boundary(&media_type));
    let bytes = multipart_body(
        &content.params,
        known.as_deref().unwrap_or(BOUNDARY.as_bytes()),
    );
    let fits = content_type.and_then(boundary).is_some();
    let content_type = (!fits).then(|| {
        let boundary = known.map_or(BOUNDARY.into(), |b| {
            String::from_utf8_lossy(&b).into_owned()
        });
        format!("multipart/form-data; boundary={boundary}")
    });
    Body {
        bytes: Cow::Owned(bytes),
        rebuilt: true,
        content_type,
        ..Body::default()
    }
}

/// The `boundary` parameter of a multipart content type.
fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    let at = memchr::memmem::find(&content_type.to_ascii_lowercase(), b"boundary=")?;
    let rest = content_type.get(at + 9..)?;
    let value = match rest.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|&b| b == b'"').next()?,
        None => rest.split(|&b| b == b';' || b == b' ').next()?,
    };
    // RFC 2046 section 5.1.1: 1 to 70 characters.
    (1..=70).contains(&value.len()).then(|| value.to_vec())
}

fn multipart_body(params: &[Param<'_>], boundary: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let quoted = |out: &mut Vec<u8>, text: &[u8]| {
        for &byte in text {
            match byte {
                b'"' => out.extend_from_slice(b"%22"),
                b'\r' | b'\n' => out.push(b' '),
                byte => out.push(byte),
            }
        }
    };
    for param in params {
        out.extend_from_slice(b"--");
        out.extend_from_slice(boundary);
        out.extend_from_slice(b"\r\nContent-Disposition: form-data; name=\"");
        quoted(&mut out, &param.name.bytes());
        out.push(b'"');
        if let Some(name) = param.file_name {
            out.extend_from_slice(b"; filename=\"");
            quoted(&mut out, &name.bytes());
            out.push(b'"');
        }
        if let Some(media_type) = param.media_type.filter(|m| !m.0.is_empty()) {
            out.extend_from_slice(b"\r\nContent-Type: ");
            quoted(&mut out, &media_type.bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(&param.value.bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"--");
    out.extend_from_slice(boundary);
    out.extend_from_slice(b"--\r\n");
    out
}

fn urlencoded(params: &[Param<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, param) in params.iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        encode(&mut out, &param.name.bytes());
        out.push(b'=');
        encode(&mut out, &param.value.bytes());
    }
    out
}

/// Percent-encode, unless the exporter kept the encoding (Chrome does, mitmproxy does not): then the text
/// has a valid escape and nothing that would have needed one.
fn encode(out: &mut Vec<u8>, text: &[u8]) {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~*+!'()".contains(&b);
    let encoded = memchr::memchr(b'%', text).is_some()
        && text.iter().enumerate().all(|(i, &b)| {
            let escape = || {
                text.get(i + 1..i + 3)
                    .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            };
            plain(b) || (b == b'%' && escape())
        });
    for &byte in text {
        match byte {
            byte if encoded || (plain(byte) && byte != b'+') => out.push(byte),
            b' ' => out.push(b'+'),
            byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Raw;
    use super::*;

    fn text(text: &'static str) -> Content<'static> {
        Content {
            text: Some(Raw(text.as_bytes())),
            ..Content::default()
        }
    }

    #[test]
    fn text_that_stands_for_bytes() {
        let gzip = text(r"\u001f\u008b\u0008\u00ff");
        assert_eq!(
            body(&gzip, None, Some(4)).bytes.as_ref(),
            [0x1f, 0x8b, 8, 0xff]
        );
        assert_eq!(
            body(&gzip, Some(b"application/octet-stream"), None)
                .bytes
                .as_ref(),
            [0x1f, 0x8b, 8, 0xff]
        );
        assert_eq!(
            body(&text("é"), None, Some(2)).bytes.as_ref(),
            "é".as_bytes()
        );
        assert_eq!(
            body(&text("é"), Some(b"text/plain; charset=ISO-8859-1"), None)
                .bytes
                .as_ref(),
            [0xe9]
        );
        assert_eq!(
            body(&text("é"), Some(b"application/json"), None)
                .bytes
                .as_ref(),
            "é".as_bytes()
        );
        assert_eq!(
            body(&text("€"), None, Some(1)).bytes.as_ref(),
            "€".as_bytes()
        );
        assert_eq!(
            body(&text(r"\udc1f\udc8b\udcff"), None, None)
                .bytes
                .as_ref(),
            "\u{fffd}".bytes().chain([0x8b, 0xff]).collect::<Vec<_>>()
        );
    }

    #[test]
    fn base64_in_every_dress() {
        for word in ["-_-_AA==", "+/+/AA", "+/+/\r\nAA=="] {
            assert_eq!(
                base64(word.as_bytes()).unwrap(),
                [0xfb, 0xff, 0xbf, 0],
                "{word}"
            );
        }
        let bad = Content {
            encoding: Some(Raw(b"base64")),
            ..text("a%")
        };
        assert!(body(&bad, None, None).broken_base64);
    }

    #[test]
    fn forms_are_rebuilt() {
        let param = |name, value| Param {
            name: Raw(name),
            value: Raw(value),
            ..Param::default()
        };
        let form = Content {
            params: vec![
                param(b"a", b"x y|\\u00e9"),
                param(b"b", b"%7C+1"),
                param(b"c", b"1+1"),
            ],
            ..Content::default()
        };
        let built = body(&form, None, None);
        assert_eq!(built.bytes.as_ref(), b"a=x+y%7C%C3%A9&b=%7C+1&c=1%2B1");
        assert!(built.rebuilt);
        let file = Param {
            file_name: Some(Raw(b"f.bin")),
            media_type: Some(Raw(b"x/y")),
            ..param(b"a", b"1")
        };
        let form = Content {
            params: vec![file],
            ..Content::default()
        };
        let built = body(&form, Some(b"multipart/form-data; boundary=\"zz\""), None);
        assert_eq!(
            built.bytes.as_ref(),
            b"--zz\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f.bin\"\r\nContent-Type: x/y\r\n\r\n1\r\n--zz--\r\n"
        );
        assert_eq!(built.content_type, None);
        assert!(
            body(&form, None, None)
                .content_type
                .unwrap()
                .contains(BOUNDARY)
        );
    }
}
