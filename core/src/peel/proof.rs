//! What decoders that cannot prove themselves ask of their child. All numbers are evidence in tenths of a bit.

use super::base64::{printable, prove};
use super::bench::Bench;
use super::layer::{Context, Opened};
use super::text;

/// What self-proving compressors and known files begin with: gzip, zlib at its four levels, Zstandard, the frames of
/// LZ4 and Snappy, bzip2, xz, zip, PNG, JPEG, bplist.
const MAGIC: [&[u8]; 14] = [
    b"\x1f\x8b\x08",
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\x9c",
    b"\x78\xda",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"BZh",
    b"\xfd7zX",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"bplist",
    b"\xff\x06\0\0sN",
    b"PK\x03\x04",
];

/// True when `first` goes together with one of them as far as both go.
fn magic(first: &[u8]) -> bool {
    let same = |magic: &&[u8]| {
        first
            .iter()
            .zip(*magic)
            .all(|(byte, wanted)| byte == wanted)
    };
    MAGIC.iter().any(same)
}

/// True for bytes that begin as one of them, with three bytes at least.
pub(crate) fn is_file(bytes: &[u8]) -> bool {
    MAGIC
        .iter()
        .any(|magic| magic.len() > 2 && bytes.starts_with(magic))
}

/// A look at the first bytes, for rare codecs that must say no to nearly everything at once: one in 50 for four
/// random bytes, one in 400 for six.
pub(crate) fn promising(first: &[u8]) -> bool {
    match first.first() {
        Some(b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0xc2..=0xf4) => printable(first) || magic(first),
        Some(0x1f | 0x04 | 0x89 | 0xfd | 0xff) => magic(first),
        _ => false,
    }
}

/// True when text that was made of 16-bit units reads so well that decoding is proven by it. Nearly any unit is
/// a character, so only ASCII speaks for it; that others are well-formed UTF-8 is our own doing.
pub(crate) fn readable_units(decoded: &[u8], asked: i64) -> bool {
    if decoded.is_ascii() {
        return text::readable(decoded, asked);
    }
    let ascii: Vec<u8> = decoded.iter().copied().filter(u8::is_ascii).collect();
    text::readable(&ascii, asked)
}

/// The layer over `decoded`, if its child proves it: a structure or a checksum, a known kind of file, or text
/// with `missing` more evidence than a common codec must have (prior of the decoder and log2 of the hypotheses
/// tried, less what the codec shows by itself).
pub(crate) fn opened(
    layer: &'static str,
    decoded: Vec<u8>,
    context: Context,
    bench: &mut Bench,
    missing: i64,
) -> Option<Opened> {
    bench.spend(decoded.len());
    match prove(&decoded, context, bench, text::READABLE + missing.max(0)) {
        Some(inner) => Some(Opened::One {
            layer,
            bytes: decoded,
            inner,
            flaw: None,
        }),
        None => {
            bench.give_back(decoded);
            None
        }
    }
}
