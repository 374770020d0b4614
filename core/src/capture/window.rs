//! A sliding window over a stream: large reads, slices without copies.

use std::io::Read;

/// Bytes asked of the system at once. Larger windows leave the processor's cache.
const WINDOW_BYTES: usize = 256 << 10;

/// The window.
pub struct Window {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    position: u64,
    over: bool,
    /// Why reading stopped, if it was not the end of the stream.
    pub error: Option<std::io::Error>,
}

impl Window {
    /// A window at the start of `input`.
    pub fn new(input: Box<dyn Read + Send>) -> Window {
        Window {
            input,
            buffer: vec![0; WINDOW_BYTES],
            start: 0,
            end: 0,
            position: 0,
            over: false,
            error: None,
        }
    }

    /// Offset of the next byte in the stream.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The bytes at hand.
    pub fn peek(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Makes `count` bytes available; false if the stream ends before.
    #[inline]
    pub fn need(&mut self, count: usize) -> bool {
        self.end - self.start >= count || self.fill(count)
    }

    #[cold]
    fn fill(&mut self, count: usize) -> bool {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while self.end < count && !self.over {
            if self.end == self.buffer.len() {
                // Grows with what is really there, not with what a header promises.
                let larger = self
                    .buffer
                    .len()
                    .saturating_mul(2)
                    .min(count.max(WINDOW_BYTES));
                self.buffer.resize(larger.max(self.end + 1), 0);
            }
            let Some(room) = self.buffer.get_mut(self.end..) else {
                return false;
            };
            match self.input.read(room) {
                Ok(0) => self.over = true,
                Ok(read) => self.end = self.end.saturating_add(read).min(self.buffer.len()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error);
                    self.over = true;
                }
            }
        }
        self.end >= count
    }

    /// Passes over `count` bytes, which [`Window::need`] made available, and returns them.
    #[inline]
    pub fn take(&mut self, count: usize) -> &[u8] {
        let from = self.start;
        let to = from.saturating_add(count).min(self.end);
        self.start = to;
        self.position = self.position.saturating_add((to - from) as u64);
        self.buffer.get(from..to).unwrap_or_default()
    }

    /// Passes over `count` bytes without holding them; false if the stream ends before.
    pub fn skip(&mut self, mut count: u64) -> bool {
        while count > 0 {
            if !self.need(1) {
                return false;
            }
            let here = usize::try_from(count).unwrap_or(usize::MAX);
            count = count.saturating_sub(self.take(here).len() as u64);
        }
        true
    }
}
