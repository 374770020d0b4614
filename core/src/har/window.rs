//! A sliding window over the input: what is being looked at is in memory, the rest is not.

use std::io::{self, Read};

use super::MAX_ENTRY_BYTES;
use crate::wrapped::Input;

/// Bytes asked from the input at a time; large enough that the copy of a partial entry to the front of
/// the buffer is rare, small enough that they are still in the processor's cache when they are looked at.
const CHUNK: usize = 512 << 10;

/// The window and where it stands in the file.
pub(super) struct Window {
    input: Input,
    buffer: Vec<u8>,
    start: usize,
    /// Offset in the file of `buffer[0]`.
    base: u64,
    over: bool,
    failure: Option<io::Error>,
}

impl Window {
    pub(super) fn new(input: Input) -> Self {
        Window {
            input,
            buffer: Vec::new(),
            start: 0,
            base: 0,
            over: false,
            failure: None,
        }
    }

    /// What is in memory from here on.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Offset of `data()[0]` in the file.
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The read error that ended the input early, if one did.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Move on by `n` bytes (no further than what is in memory).
    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.buffer.len());
    }

    /// Read more. Doubles what is held (up to [`MAX_ENTRY_BYTES`]), so that reading a large entry again and
    /// again costs no more than twice its size. False at the end of the input.
    pub(super) fn fill(&mut self) -> bool {
        if self.over {
            return false;
        }
        self.buffer.drain(..self.start);
        self.base += self.start as u64;
        self.start = 0;
        let held = self.buffer.len();
        let wanted = CHUNK.max(held.min(MAX_ENTRY_BYTES.saturating_sub(held)));
        self.buffer.reserve_exact(wanted);
        if let Err(error) = (&mut self.input)
            .take(wanted as u64)
            .read_to_end(&mut self.buffer)
        {
            self.over = true;
            self.failure = Some(error);
        }
        if self.buffer.len() == held {
            self.over = true;
        }
        self.buffer.len() > held
    }

    /// The byte at the window's start, read if needed.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            if let Some(&byte) = self.buffer.get(self.start) {
                return Some(byte);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// The next byte that is not JSON whitespace, without taking it.
    pub(super) fn peek_token(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.start += 1,
                byte => return Some(byte),
            }
        }
    }
}
