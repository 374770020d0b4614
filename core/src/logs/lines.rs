//! Lines of a text file, one at a time, whatever its size.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use crate::wrapped::Input;

/// Bytes of one line that are held. Log lines are a few kilobytes; EVE lines with payloads some hundred.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// Where in the file a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line number, from 1.
    pub line: u64,
    /// Byte offset in the decompressed file.
    pub offset: u64,
    /// Bytes, the line end included.
    pub length: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} at byte {}", self.line, self.offset)
    }
}

/// What [`Lines::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A line; its bytes are in [`Lines::text`].
    Line,
    /// A line of more than [`MAX_LINE_BYTES`], which was passed over.
    TooLong,
    /// The end of the file.
    End,
}

/// The lines of a file.
pub struct Lines {
    input: BufReader<Input>,
    buffer: Vec<u8>,
    /// Bytes that were read as part of a line and given back.
    again: VecDeque<u8>,
    /// Lines that were added to this one.
    added: u64,
    place: Place,
    failure: Option<io::Error>,
}

impl Lines {
    /// Lines of a decompressed input.
    pub fn new(input: Input) -> Lines {
        Lines {
            input: BufReader::with_capacity(1 << 18, input),
            buffer: Vec::new(),
            again: VecDeque::new(),
            added: 0,
            place: Place::default(),
            failure: None,
        }
    }

    /// Go to the next line. A read error ends the file; it is kept for [`Lines::failure`].
    pub fn advance(&mut self) -> Found {
        self.place.offset += self.place.length;
        self.place.line += 1 + std::mem::take(&mut self.added);
        self.place.length = 0;
        self.buffer.clear();
        self.extend()
    }

    /// Add the next line of the file to this one (a quoted CSV field that goes on).
    pub fn append(&mut self) -> Found {
        let found = self.extend();
        self.added += u64::from(found == Found::Line);
        found
    }

    /// Give back the lines that were added to this one.
    pub fn give_back(&mut self) {
        let first = memchr::memchr(b'\n', &self.buffer).map_or(self.buffer.len(), |at| at + 1);
        for byte in self.buffer.drain(first..).rev() {
            self.again.push_front(byte);
        }
        self.added = 0;
        self.place.length = first as u64;
    }

    fn extend(&mut self) -> Found {
        let room = MAX_LINE_BYTES.saturating_sub(self.buffer.len());
        let read = if self.again.is_empty() {
            (&mut self.input)
                .take(room as u64)
                .read_until(b'\n', &mut self.buffer)
        } else {
            // What was given back fits: it was held before.
            self.again.read_until(b'\n', &mut self.buffer)
        };
        let got = match read {
            Ok(got) => got,
            Err(error) => {
                self.failure = Some(error);
                0
            }
        };
        self.place.length += got as u64;
        if got == 0 {
            return if room == 0 { self.pass() } else { Found::End };
        }
        if self.buffer.last() != Some(&b'\n') && self.buffer.len() >= MAX_LINE_BYTES {
            return self.pass();
        }
        Found::Line
    }

    /// Pass over the rest of a line that is too long.
    fn pass(&mut self) -> Found {
        self.buffer.clear();
        loop {
            let (used, over) = match self.input.fill_buf() {
                Ok([]) => (0, true),
                Ok(bytes) => match memchr::memchr(b'\n', bytes) {
                    Some(at) => (at + 1, true),
                    None => (bytes.len(), false),
                },
                Err(error) => {
                    self.failure = Some(error);
                    (0, true)
                }
            };
            self.input.consume(used);
            self.place.length += used as u64;
            if over {
                return Found::TooLong;
            }
        }
    }

    /// The line without its end; a byte order mark of the first line is left out.
    pub fn text(&self) -> &[u8] {
        let text = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        match self.place.line {
            1 => text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
            _ => text,
        }
    }

    /// Where the line is.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The read error that ended the file early, if one did.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }
}
