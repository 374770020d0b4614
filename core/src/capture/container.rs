//! Compression around a capture: gzip (RFC 1952) and Zstandard (RFC 8878), told by their first bytes.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The wrapper that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// None.
    None,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
}

impl Wrapper {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Wrapper::None => "none",
            Wrapper::Gzip => "gzip",
            Wrapper::Zstd => "zstd",
        }
    }
}

type Input = Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// Removes a gzip or Zstandard wrapper. Also returns the first bytes of the input.
pub fn unwrap(
    mut input: Box<dyn Read + Send>,
) -> io::Result<(Box<dyn Read + Send>, Wrapper, Vec<u8>)> {
    let mut start = Vec::with_capacity(8);
    (&mut input).take(8).read_to_end(&mut start)?;
    let input: Input = Cursor::new(start.clone()).chain(input);
    Ok(match start.as_slice() {
        [0x1f, 0x8b, 8, ..] => {
            let decoder = flate2::read::MultiGzDecoder::new(input);
            (Box::new(decoder), Wrapper::Gzip, start)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            let frames = Frames {
                input: BufReader::new(input),
                decoder: FrameDecoder::new(),
                open: false,
            };
            (Box::new(frames), Wrapper::Zstd, start)
        }
        _ => (Box::new(input), Wrapper::None, start),
    })
}

/// Zstandard frames one after the other; skippable frames are left out.
struct Frames {
    input: BufReader<Input>,
    decoder: FrameDecoder,
    open: bool,
}

impl Frames {
    /// Opens the next frame; false at the end of the input.
    fn open(&mut self) -> io::Result<bool> {
        loop {
            if self.input.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.input).take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if !self.open || self.decoder.is_finished() {
                self.open = false;
                if !self.open()? {
                    return Ok(0);
                }
            }
            self.decoder
                .decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
        }
    }
}
