//! Evidence files are often wrapped in gzip or zstd by the tool that made them.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

/// Bytes read from a file at once.
const READ_BUFFER: usize = 1 << 18;

/// The stream without its outer wrapping, told by magic numbers: gzip (RFC 1952), zlib (RFC 1950, as
/// mitmproxy writes `.zhar`), zstd (RFC 8878).
///
/// # Errors
/// Reading the first bytes failed, or the zstd frame header is damaged.
pub fn unwrap(input: Box<dyn Read + Send>) -> std::io::Result<Box<dyn Read + Send>> {
    let mut input = BufReader::with_capacity(READ_BUFFER, input);
    let head = input.fill_buf()?;
    Ok(match head {
        [0x1f, 0x8b, 8, ..] => Box::new(MultiGzDecoder::new(input)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Box::new(StreamingDecoder::new(input).map_err(|e| std::io::Error::other(e.to_string()))?)
        }
        [cmf, flg, ..] if is_zlib(*cmf, *flg) => Box::new(ZlibDecoder::new(input)),
        _ => Box::new(input),
    })
}

/// RFC 1950 section 2.2: deflate with a window of 32 KiB, check bits, no dictionary.
fn is_zlib(cmf: u8, flg: u8) -> bool {
    cmf == 0x78 && (u16::from(cmf) << 8 | u16::from(flg)).is_multiple_of(31) && flg & 0x20 == 0
}

/// The first bytes of a file without its wrapping; empty when they cannot be read.
pub fn plain_head(data: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(plain) = unwrap(Box::new(std::io::Cursor::new(data.to_vec()))) {
        // An error after some bytes is expected: the head is cut from the middle of a stream.
        let _ = plain.take(limit as u64).read_to_end(&mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    #[test]
    fn a_cut_gzip_still_shows_its_head() {
        let mut gz = GzEncoder::new(Vec::new(), Compression::default());
        gz.write_all(&b"{\"log\":{}} ".repeat(5000)).unwrap();
        let data = gz.finish().unwrap();
        assert!(plain_head(&data[..data.len() - 20], 64).starts_with(b"{\"log\""));
        assert_eq!(plain_head(b"plain", 64), b"plain");
        assert_eq!(plain_head(b"", 64), b"");
    }
}
