//! The inverse of every layer.

use std::io::Write;

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::peel::json::quote;
use crate::peel::percent;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 5,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters).unwrap();
    out
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(super) fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    BASE64
        .encode(bytes)
        .as_bytes()
        .chunks(76)
        .collect::<Vec<_>>()
        .join(&b"\r\n"[..])
}

pub(super) fn form(name: &str, value: &[u8]) -> Vec<u8> {
    [
        b"v=1&",
        name.as_bytes(),
        b"=",
        &percent::encode(value),
        b"&z=2",
    ]
    .concat()
}

pub(super) fn json(name: &str, value: &[u8]) -> Vec<u8> {
    [
        b"{\"a\":[null,{\"",
        name.as_bytes(),
        b"\":",
        &quote(value),
        b"}],\"n\":1.5}",
    ]
    .concat()
}

pub(super) fn multipart(name: &str, value: &[u8]) -> Vec<u8> {
    // A boundary must not occur in what it bounds.
    let boundary = format!("--b0undary{}", value.len());
    let mut out = Vec::new();
    write!(
        out,
        "{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f.bin\"\r\n\r\n"
    )
    .unwrap();
    out.extend_from_slice(value);
    write!(out, "\r\n{boundary}--\r\n").unwrap();
    out
}

/// Puts a layer on.
pub(super) type Wrap = fn(&[u8]) -> Vec<u8>;

/// Every way to wrap; the flag says whether only text can be wrapped.
pub(super) const WRAPPERS: &[(&str, bool, Wrap)] = &[
    ("base64", false, |b| BASE64.encode(b).into_bytes()),
    ("base64 lines", false, base64_lines),
    ("base64url", false, |b| BASE64URL.encode(b).into_bytes()),
    ("base64url bare", false, |b| {
        BASE64URL_NOPAD.encode(b).into_bytes()
    }),
    ("hex", false, |b| HEXLOWER.encode(b).into_bytes()),
    ("HEX", false, |b| HEXUPPER.encode(b).into_bytes()),
    ("percent", false, |b| percent::encode(b)),
    ("gzip", false, gzip),
    ("gzip twice", false, |b| {
        [gzip(&b[..b.len() / 2]), gzip(&b[b.len() / 2..])].concat()
    }),
    ("zlib", false, zlib),
    ("zstd", false, zstd),
    ("deflate", false, deflate),
    ("brotli", false, brotli),
    ("form", false, |b| form("payload", b)),
    ("multipart", false, |b| multipart("payload", b)),
    ("json", true, |b| json("payload", b)),
];
