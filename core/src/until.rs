//! Evidence that is read up to a place only: the person said enough, or said so when it was audited.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Not stopped.
const WHOLE: u64 = u64::MAX;
/// Bytes of one read at most, so that the question is asked often enough.
const PIECE: usize = 1 << 20;

/// Where reading was stopped; shared with the reader.
#[derive(Clone, Debug)]
pub struct Place(Arc<AtomicU64>);

impl Place {
    /// Bytes that were read when somebody stopped it; `None` if nobody did.
    pub fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|&at| at != WHOLE)
    }
}

/// Reads until `stop` answers true or `end` bytes were read, and says then that the file is at its end.
pub struct Until<R, S> {
    inner: R,
    stop: S,
    end: u64,
    read: u64,
    place: Place,
}

impl<R: Read, S: FnMut() -> bool> Until<R, S> {
    /// Reads `inner`, at most `end` bytes of it; `stop` is asked before every read.
    pub fn new(inner: R, end: Option<u64>, stop: S) -> Self {
        Until {
            inner,
            stop,
            end: end.unwrap_or(WHOLE),
            read: 0,
            place: Place(Arc::new(AtomicU64::new(WHOLE))),
        }
    }

    /// Where it was stopped, to be asked afterwards.
    pub fn place(&self) -> Place {
        self.place.clone()
    }
}

impl<R: Read, S: FnMut() -> bool> Read for Until<R, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.place.get().is_none() && (self.stop)() {
            self.place.0.store(self.read, Ordering::Relaxed);
        }
        let left = self.end.saturating_sub(self.read);
        if self.place.get().is_some() || left == 0 {
            return Ok(0);
        }
        let most = buffer
            .len()
            .min(PIECE)
            .min(usize::try_from(left).unwrap_or(PIECE));
        let count = self
            .inner
            .read(buffer.get_mut(..most).unwrap_or_default())?;
        self.read = self.read.saturating_add(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_if_nobody_stops_it() {
        let mut input = Until::new(&b"abcdef"[..], None, || false);
        let place = input.place();
        let mut text = Vec::new();
        input.read_to_end(&mut text).unwrap();
        assert_eq!((text.as_slice(), place.get()), (&b"abcdef"[..], None));
    }

    #[test]
    fn the_same_end_comes_again() {
        let mut asked = 0;
        let mut input = Until::new(io::repeat(7), None, || {
            asked += 1;
            asked > 3
        });
        let place = input.place();
        let mut text = Vec::new();
        input.read_to_end(&mut text).unwrap();
        assert_eq!(place.get(), Some(text.len() as u64));
        let mut again = Vec::new();
        let mut input = Until::new(io::repeat(7), place.get(), || false);
        input.read_to_end(&mut again).unwrap();
        assert_eq!(text, again);
        assert_eq!(input.place().get(), None);
    }
}
