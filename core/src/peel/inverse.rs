//! Inverses of layers: what puts each on, for tests and for the fuzzer.
//!
//! Each is written against the format's description and not against its reader, and the compressors are those of
//! the crates. `None`: this value cannot stand in the layer (text for a layer of text, whole groups).

use std::io::Write;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

use super::inverse_files::{wrap_bplist, wrap_tar, wrap_xz, wrap_zip};
use super::json::quote;
use super::look::Look;
use super::lz_string_write::lz_digits;
use super::{
    avro, base32, base45, base58, base62, base64_alphabet, base85, base91, escape, frames, grpc,
    html, lznt1, modhex, percent, php, quoted_printable, rison, signed_token, tlv, utf16, uuencode,
    xpress, xpress_huffman,
};

/// Puts a layer on.
pub type Wrap = fn(&[u8]) -> Option<Vec<u8>>;

/// An inverse.
pub struct Inverse {
    /// The layer.
    pub layer: &'static str,
    /// What leads to the value again.
    pub selector: &'static str,
    /// What a part is called, and which media type it has, where the layer needs that.
    pub part: (&'static str, Option<&'static str>),
    /// Puts the layer on.
    pub wrap: Wrap,
}

/// Longer values are not written in base58, which takes time that grows with the square.
const MOST_BASE58: usize = 340;
const BODY: (&str, Option<&str>) = ("body", None);

const fn inverse(layer: &'static str, selector: &'static str, wrap: Wrap) -> Inverse {
    Inverse {
        layer,
        selector,
        part: BODY,
        wrap,
    }
}

const fn in_part(
    layer: &'static str,
    selector: &'static str,
    part: (&'static str, Option<&'static str>),
    wrap: Wrap,
) -> Inverse {
    Inverse {
        layer,
        selector,
        part,
        wrap,
    }
}

/// One for every layer that has children.
pub static INVERSES: &[Inverse] = &[
    in_part("cookie", "payload", ("header:Cookie", None), |value| {
        let token = |&byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%+/=".contains(&byte);
        let whole = !value.is_empty() && value.iter().all(token);
        whole.then(|| [b"v=1; payload=", value, b"; z=2"].concat())
    }),
    in_part(
        "sse",
        "data",
        ("body", Some("text/event-stream")),
        |value| {
            let line = !value.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
            (line && !value.is_empty()).then(|| [b"event: m\ndata: ", value, b"\n\n"].concat())
        },
    ),
    in_part(
        "grpc-web-text",
        "",
        ("body", Some("application/grpc-web-text")),
        |value| {
            let framed = [&[0][..], &length(value)?, value].concat();
            Some(BASE64.encode(&framed).into_bytes())
        },
    ),
    in_part("grpc", "[0]", ("body", Some("application/grpc")), |value| {
        (!value.is_empty()).then(|| grpc::encode(0, value))
    }),
    inverse("json", "$.a[1].payload", |value| {
        std::str::from_utf8(value).ok()?;
        let quoted = quote(value);
        Some([b"{\"a\":[null,{\"payload\":", &quoted[..], b"}],\"n\":1.5}"].concat())
    }),
    inverse("gzip", "", |value| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(value).ok()?;
        out.finish().ok()
    }),
    inverse("zstd", "", |value| {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        Some(ruzstd::encoding::compress_to_vec(value, level))
    }),
    inverse("zlib", "", |value| {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(value).ok()?;
        out.finish().ok()
    }),
    inverse("lz4", "", |value| {
        let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
        out.write_all(value).ok()?;
        out.finish().ok()
    }),
    inverse("snappy", "", |value| {
        let mut out = snap::write::FrameEncoder::new(Vec::new());
        out.write_all(value).ok()?;
        out.into_inner().ok()
    }),
    inverse("bzip2", "", |value| {
        let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        out.write_all(value).ok()?;
        out.finish().ok()
    }),
    inverse("xz", "", wrap_xz),
    inverse("zip", "data.bin", wrap_zip),
    inverse("tar", "data.bin", wrap_tar),
    inverse("bplist", "$.payload", wrap_bplist),
    inverse("bson", "$.payload", |value| {
        let inside = [
            b"\x02event\0\x0a\0\0\0page_load\0\x05payload\0",
            &u32::try_from(value.len()).ok()?.to_le_bytes()[..],
            b"\0",
            value,
            b"\0",
        ]
        .concat();
        let size = u32::try_from(inside.len() + 4).ok()?.to_le_bytes();
        Some([&size[..], &inside].concat())
    }),
    inverse("multipart", "payload", |value| {
        // A boundary must not occur in what it bounds.
        let boundary = format!("--b0undary{}", value.len());
        memchr::memmem::find(value, boundary.as_bytes()).is_none().then(|| {
            let head = format!(
                "{boundary}\r\nContent-Disposition: form-data; name=\"payload\"; filename=\"f.bin\"\r\n\r\n"
            );
            [head.as_bytes(), value, format!("\r\n{boundary}--\r\n").as_bytes()].concat()
        })
    }),
    inverse("php", "$.payload", |value| {
        Some(php::encode(&[("event", b"page_load"), ("payload", value)]))
    }),
    inverse("rison", "$.payload", |value| {
        let quoted = rison::quote(text(value)?);
        (!value.is_empty()).then(|| format!("(event:page_load,n:!n,payload:{quoted})").into_bytes())
    }),
    inverse("avro", "$[0].payload", |value| {
        Some(avro::encode(&[("event", b"page_load"), ("payload", value)]))
    }),
    inverse("signed-token", "payload", |value| {
        let object = value.starts_with(b"{\"") && value.ends_with(b"}");
        object.then(|| signed_token::encode(value, false))
    }),
    inverse("jwt", "payload", |value| {
        let object = value.starts_with(b"{\"") && value.ends_with(b"}");
        object.then(|| {
            let head = BASE64URL_NOPAD.encode(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
            let payload = BASE64URL_NOPAD.encode(value);
            format!("{head}.{payload}.{}", BASE64URL_NOPAD.encode(&[7; 32])).into_bytes()
        })
    }),
    in_part(
        "credentials",
        "bearer",
        ("header:Authorization", None),
        |value| {
            let token = |&byte: &u8| byte.is_ascii_graphic();
            let whole = !value.is_empty() && value.iter().all(token);
            whole.then(|| [b"Bearer ", value].concat())
        },
    ),
    inverse("uuencode", "", |value| {
        (!value.is_empty()).then(|| uuencode::encode(value, b'`'))
    }),
    inverse("data-url", "", |value| {
        let text = BASE64.encode(value);
        (!value.is_empty()).then(|| format!("data:application/json;base64,{text}").into_bytes())
    }),
    inverse("utf-16", "", |value| {
        Some(utf16::encode(text(value)?, false, true))
    }),
    inverse("lz-string", "", |value| {
        let text = text(value)?;
        (!text.is_empty()).then(|| lz_digits(text, *b"/=="))
    }),
    inverse("hex", "", |value| Some(HEXLOWER.encode(value).into_bytes())),
    inverse("modhex", "", |value| Some(modhex::encode(value))),
    inverse("base64", "", |value| {
        Some(BASE64.encode(value).into_bytes())
    }),
    inverse("base64url", "", |value| {
        Some(BASE64URL_NOPAD.encode(value).into_bytes())
    }),
    in_part("segment", "2", ("path", None), |value| {
        let plain = |&byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let whole = value.len() > 12 && value.iter().all(plain);
        whole.then(|| [b"/v1/", value, b"/x"].concat())
    }),
    inverse("form", "payload", |value| {
        Some([b"v=1&payload=", &percent::encode(value)[..], b"&z=2"].concat())
    }),
    inverse("url", "query", |value| {
        let plain = |&byte: &u8| byte.is_ascii_graphic() && byte != b'#';
        let whole = value.len() > 2 && value.iter().all(plain);
        whole.then(|| [b"https://log.example/collect?", value].concat())
    }),
    inverse("percent", "", |value| {
        let any = value
            .iter()
            .any(|byte| !byte.is_ascii_alphanumeric() && !b"-._~".contains(byte));
        any.then(|| percent::encode(value))
    }),
    inverse("msgpack", "$.payload", |value| {
        let head = b"\x82\xa5event\xa9page_load\xa7payload\xc6";
        Some([head, &length(value)?[..], value].concat())
    }),
    inverse("cbor", "$.payload", |value| {
        let head = b"\xa2\x65event\x69page_load\x67payload";
        let size = value.len();
        let argument = match size {
            0..=23 => vec![0x40 | size as u8],
            24..=0xff => vec![0x58, size as u8],
            0x100..=0xffff => [&[0x59][..], &(size as u16).to_be_bytes()].concat(),
            _ => [&[0x5a][..], &length(value)?].concat(),
        };
        Some([head, &argument[..], value].concat())
    }),
    inverse("thrift", "2", |value| {
        let head = b"\x18\x09page_load\x18";
        Some([head, &varint(value.len())[..], value, b"\x15\x02\0"].concat())
    }),
    inverse("thrift-binary", "2", |value| {
        let head = b"\x0b\0\x01\0\0\0\x09page_load\x0b\0\x02";
        Some([head, &length(value)?[..], value, b"\x08\0\x03\0\0\0\x01\0"].concat())
    }),
    inverse("protobuf", "2", |value| {
        let head = b"\x0a\x17com.example.app.browser\x12";
        (!value.is_empty()).then(|| [head, &varint(value.len())[..], value, b"\x18\x01"].concat())
    }),
    inverse("tars", "2", |value| {
        // A time, two strings (with one or four bytes of length), a small number.
        text(value)?;
        let head = match u8::try_from(value.len()) {
            Ok(short) => vec![0x26, short],
            Err(_) => [&[0x27][..], &length(value)?].concat(),
        };
        let time = b"\x02\x65\x53\xf1\x00\x16\x17com.example.app.browser";
        Some([time, &head[..], value, b"\x30\x05"].concat())
    }),
    #[cfg(test)]
    inverse("lzma", "", |value| {
        let options = lzma_rust2::LzmaOptions::default();
        let mut out =
            lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, Some(value.len() as u64))
                .ok()?;
        out.write_all(value).ok()?;
        out.finish().ok()
    }),
    inverse("snappy-block", "", |value| {
        snap::raw::Encoder::new().compress_vec(value).ok()
    }),
    inverse("lz4-block", "", |value| {
        // A block that is no smaller than what is in it says nothing.
        let block = lz4_flex::block::compress(value);
        (block.len() < value.len()).then_some(block)
    }),
    inverse("html", "", |value| {
        let text = text(value)?;
        text.contains(['"', '<', '>', '&'])
            .then(|| html::encode(text))
    }),
    inverse("xml", "/a/payload", |value| {
        let text = std::str::from_utf8(value).ok()?;
        let fits = |c: char| c >= ' ' && !('\u{7f}'..='\u{9f}').contains(&c) && c < '\u{fffe}';
        let whole = text.trim() == text && !text.is_empty() && text.chars().all(fits);
        whole.then(|| {
            let inside = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            format!("<a><event>page_load</event><payload>{inside}</payload></a>").into_bytes()
        })
    }),
    inverse("quoted-printable", "", |value| {
        let written = quoted_printable::encode(text(value)?.as_bytes());
        (written != value).then_some(written)
    }),
    inverse("hex-bytes", "", |value| {
        let bytes: Vec<String> = value.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        (!value.is_empty()).then(|| bytes.concat().into_bytes())
    }),
    inverse("escape", "", |value| {
        let text = text(value)?;
        let escaped = escape::encode(text, "\\u");
        (escaped != value).then_some(escaped)
    }),
    inverse("base58check", "", |value| {
        (value.len() <= MOST_BASE58).then(|| base58::encode_checked(value))
    }),
    inverse("base32", "", |value| {
        Some(base32::encode(
            value,
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            true,
        ))
    }),
    inverse("base32hex", "", |value| {
        Some(base32::encode(
            value,
            b"0123456789ABCDEFGHIJKLMNOPQRSTUV",
            true,
        ))
    }),
    inverse("base32crockford", "", |value| {
        Some(base32::encode(
            value,
            b"0123456789ABCDEFGHJKMNPQRSTVWXYZ",
            false,
        ))
    }),
    inverse("base58", "", |value| {
        (value.len() <= MOST_BASE58).then(|| base58::encode(value))
    }),
    inverse("ascii85", "", |value| {
        let inside = base85::encode(value, &base85::ASCII85);
        Some([b"<~", &inside[..], b"~>"].concat())
    }),
    inverse("z85", "", |value| {
        let whole = value.len().is_multiple_of(4);
        whole.then(|| base85::encode(value, &base85::Z85))
    }),
    inverse("base85", "", |value| {
        Some(base85::encode(value, &base85::RFC1924))
    }),
    inverse("base45", "", |value| Some(base45::encode(value))),
    inverse("base91", "", |value| Some(base91::encode(value))),
    inverse("base62", "0aA", |value| {
        (value.len() <= MOST_BASE58).then(|| base62::encode(value, "0aA"))?
    }),
    inverse("base64-alphabet", "imap", |value| {
        let all = base64_alphabet::encode_all(value);
        all.into_iter()
            .find_map(|(name, text)| (name == "imap").then_some(text))
    }),
    inverse("base64-offset", "4", |value| {
        // The reader takes the last bytes for a character that was cut.
        let cut = std::str::from_utf8(value).is_err_and(|error| error.error_len().is_none());
        let text = BASE64.encode(value);
        (value.len() >= 15 && !cut).then(|| format!("v1.:{text}").into_bytes())
    }),
    inverse("length-prefixed", "u32be[0]", |value| {
        let whole = u32::try_from(value.len()).is_ok() && !value.is_empty();
        whole.then(|| frames::encode(&[value], "u32be"))
    }),
    inverse("tlv", "t1-ber.2", |value| {
        Some(tlv::encode(&[
            (1, b"page_load"),
            (2, value),
            (3, b"com.example.app.browser"),
        ]))
    }),
    inverse("lznt1", "", |value| {
        (!value.is_empty()).then(|| lznt1::encode(value))
    }),
    inverse("xpress", "", |value| {
        (!value.is_empty()).then(|| xpress::encode(value))
    }),
    inverse("xpress-huffman", "", |value| {
        (!value.is_empty()).then(|| xpress_huffman::encode(value))
    }),
    inverse("deflate", "", |value| {
        let mut out =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(value).ok()?;
        out.finish().ok()
    }),
    inverse("brotli", "", |value| {
        let mut out = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 5,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &value[..], &mut out, &parameters).ok()?;
        Some(out)
    }),
];

/// Text without control characters.
fn text(value: &[u8]) -> Option<&str> {
    Look::at(value)
        .is_text()
        .then(|| std::str::from_utf8(value).ok())?
}

pub(super) fn length(value: &[u8]) -> Option<[u8; 4]> {
    Some(u32::try_from(value.len()).ok()?.to_be_bytes())
}

pub(super) fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}
