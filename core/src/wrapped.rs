//! What may lie around an evidence file: gzip, zlib (as mitmproxy writes `.zhar`) or zstd.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Magic of a zstd frame (RFC 8878 section 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Window a zstd frame may ask for; RFC 8878 section 3.1.1.1.2 recommends decoders to support 8 MiB, and
/// `zstd --ultra` writes up to 128 MiB.
const ZSTD_WINDOW: u64 = 128 << 20;

/// A reader of bytes that may go to another thread.
pub type Input = Box<dyn Read + Send>;

/// Look at the first bytes and remove one gzip, zlib or zstd layer, if there is one.
///
/// # Errors
/// The read error of the input.
pub fn unwrap(mut input: Input) -> io::Result<(Input, Compression)> {
    let mut head = Vec::with_capacity(4);
    (&mut input).take(4).read_to_end(&mut head)?;
    let kind = Compression::of(&head);
    let whole: Input = Box::new(Cursor::new(head).chain(input));
    let plain: Input = match kind {
        Compression::None => whole,
        Compression::Gzip => Box::new(MultiGzDecoder::new(whole)),
        Compression::Zlib => Box::new(ZlibDecoder::new(whole)),
        Compression::Zstd => Box::new(Zstd::new(whole)),
    };
    Ok((plain, kind))
}

/// What lay around the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Nothing.
    None,
    /// RFC 1952, one or more members.
    Gzip,
    /// RFC 1950.
    Zlib,
    /// RFC 8878, one or more frames.
    Zstd,
}

impl Compression {
    /// The word used in summaries.
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Zlib => "zlib",
            Compression::Zstd => "zstd",
        }
    }

    fn of(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, 8, ..] => Compression::Gzip,
            head if head.starts_with(&ZSTD) => Compression::Zstd,
            // RFC 8878 section 3.1.2: a skippable frame, as parallel compressors write first.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Compression::Zstd,
            // RFC 1950: method 8, check bits. 0x78 is `x`, which begins no JSON text.
            [cmf, flags, ..]
                if cmf & 0x0f == 8
                    && cmf >> 4 <= 7
                    && (u16::from(*cmf) * 256 + u16::from(*flags)) % 31 == 0 =>
            {
                Compression::Zlib
            }
            _ => Compression::None,
        }
    }
}

/// All frames of a zstd stream, one after the other; the library reads one frame at a time.
struct Zstd {
    input: BufReader<Input>,
    frame: FrameDecoder,
    inside: bool,
}

impl Zstd {
    fn new(input: Input) -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(ZSTD_WINDOW);
        Zstd {
            input: BufReader::new(input),
            frame,
            inside: false,
        }
    }
}

impl Read for Zstd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.inside {
                if self.input.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                match self.frame.init(&mut self.input) {
                    Ok(()) => self.inside = true,
                    Err(FrameDecoderError::ReadFrameHeaderError(
                        ReadFrameHeaderError::SkipFrame { length, .. },
                    )) => {
                        io::copy(
                            &mut (&mut self.input).take(u64::from(length)),
                            &mut io::sink(),
                        )?;
                        continue;
                    }
                    Err(error) => return Err(damaged(&error)),
                }
            }
            let n = self.frame.read(out)?;
            if n > 0 {
                return Ok(n);
            }
            if self.frame.is_finished() {
                self.inside = false;
            } else {
                self.frame
                    .decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| damaged(&error))?;
            }
        }
    }
}

fn damaged(error: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// The first bytes of a file without its wrapping; empty when they cannot be read.
pub fn plain_head(data: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok((plain, _)) = unwrap(Box::new(Cursor::new(data.to_vec()))) {
        // An error after some bytes is expected: the head is cut from the middle of a stream.
        let _ = plain.take(limit as u64).read_to_end(&mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: Vec<u8>) -> Vec<u8> {
        let mut out = Vec::new();
        unwrap(Box::new(Cursor::new(bytes)))
            .unwrap()
            .0
            .read_to_end(&mut out)
            .unwrap();
        out
    }

    #[test]
    fn removes_one_compression() {
        let text = b"{\"log\": {}}".repeat(100);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(read(gzip.clone()), text);
        // RFC 1952 section 2.2: members follow each other.
        assert_eq!(read([gzip.clone(), gzip].concat()), text.repeat(2));
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&text).unwrap();
        assert_eq!(read(zlib.finish().unwrap()), text);
        let zstd = ruzstd::encoding::compress_to_vec(
            &text[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(read(zstd.clone()), text);
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd].concat();
        assert_eq!(read([skippable, zstd].concat()), text.repeat(2));
        assert_eq!(read(text.clone()), text);
        assert_eq!(read(Vec::new()), b"");
    }

    #[test]
    fn a_cut_gzip_still_shows_its_head() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&b"{\"log\":{}} ".repeat(5000)).unwrap();
        let data = gz.finish().unwrap();
        assert!(plain_head(&data[..data.len() - 20], 64).starts_with(b"{\"log\""));
        assert_eq!(plain_head(b"plain", 64), b"plain");
        assert_eq!(plain_head(b"", 64), b"");
    }
}
