//! Bytes with offsets, put in order (RFC 9000 sections 2.2 and 7.5).

use std::collections::BTreeMap;

use crate::protocol::output::Arrival;

/// What holding one early piece costs besides its bytes.
pub const PIECE_COST: u64 = 128;

/// A piece that waits for what is before it.
#[derive(Debug)]
pub struct Piece {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The packet that carried it.
    pub at: Arrival,
}

/// What to do with bytes that came.
#[derive(Debug, PartialEq, Eq)]
pub enum Take<'a> {
    /// They come next.
    Now(&'a [u8]),
    /// Nothing new, or kept until later; what keeping them costs.
    Later(u64),
}

/// One direction of a stream.
#[derive(Debug, Default)]
pub struct Assembler {
    next: u64,
    early: BTreeMap<u64, Piece>,
    end: Option<u64>,
}

impl Assembler {
    /// Offset of the next byte.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// True when all bytes up to the end were passed on.
    pub fn is_whole(&self) -> bool {
        self.end.is_some_and(|end| self.next >= end)
    }

    /// The sender said where the end is.
    pub fn ends_at(&mut self, end: u64) {
        if self.end.is_none() {
            self.end = Some(end);
        }
    }

    /// Bytes that came. Those that come next are to be used at once, then [`Assembler::pop`] asked.
    #[inline]
    pub fn take<'a>(&mut self, offset: u64, bytes: &'a [u8], at: &Arrival) -> Take<'a> {
        let past = self.next.saturating_sub(offset);
        let fresh = usize::try_from(past)
            .ok()
            .and_then(|past| bytes.get(past..))
            .unwrap_or_default();
        if fresh.is_empty() {
            return Take::Later(0);
        }
        if offset > self.next {
            return Take::Later(self.hold(offset, bytes, at));
        }
        self.next = self.next.saturating_add(fresh.len() as u64);
        Take::Now(fresh)
    }

    fn hold(&mut self, offset: u64, bytes: &[u8], at: &Arrival) -> u64 {
        // A piece that is larger replaces one at the same place; other overlaps are cut when used.
        let known = self.early.get(&offset).map(|p| p.bytes.len());
        if known.is_some_and(|known| known >= bytes.len()) {
            return 0;
        }
        if let Some((start, before)) = self.early.range(..offset).next_back()
            && start.saturating_add(before.bytes.len() as u64)
                >= offset.saturating_add(bytes.len() as u64)
        {
            return 0;
        }
        let piece = Piece {
            bytes: bytes.to_vec(),
            at: *at,
        };
        self.early.insert(offset, piece);
        let cost = (bytes.len() as u64).saturating_sub(known.unwrap_or(0) as u64);
        cost.saturating_add(if known.is_none() { PIECE_COST } else { 0 })
    }

    /// The next piece that waited and comes now, and what keeping it cost.
    #[inline]
    pub fn pop(&mut self) -> Option<(Piece, u64)> {
        let entry = self.early.first_entry()?;
        let offset = *entry.key();
        if offset > self.next {
            return None;
        }
        let mut piece = entry.remove();
        let cost = (piece.bytes.len() as u64).saturating_add(PIECE_COST);
        let past = usize::try_from(self.next.saturating_sub(offset)).unwrap_or(usize::MAX);
        piece.bytes.drain(..past.min(piece.bytes.len()));
        self.next = self.next.saturating_add(piece.bytes.len() as u64);
        // An empty one is passed on too: its cost must be given back.
        Some((piece, cost))
    }

    /// Gives up what is missing before the first piece that waits, or before the end. Returns how many
    /// bytes that is.
    pub fn skip(&mut self) -> Option<u64> {
        let to = match self.early.first_key_value() {
            Some((offset, _)) => *offset,
            None => self.end?,
        };
        let missing = to.checked_sub(self.next).filter(|n| *n > 0)?;
        self.next = to;
        Some(missing)
    }

    /// True when pieces wait.
    pub fn is_waiting(&self) -> bool {
        !self.early.is_empty()
    }

    /// Forgets what waits; returns what it cost.
    pub fn clear(&mut self) -> u64 {
        std::mem::take(&mut self.early)
            .into_values()
            .fold(0, |sum: u64, piece| {
                sum.saturating_add(piece.bytes.len() as u64)
                    .saturating_add(PIECE_COST)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the order and however they overlap, bytes come out once and in order, and what
        /// keeping them cost is given back.
        #[test]
        fn any_order(pieces in prop::collection::vec((0usize..200, 1usize..60), 1..60)) {
            let text: Vec<u8> = (0..=255).collect();
            let mut assembler = Assembler::default();
            let (mut got, mut held) = (Vec::new(), 0u64);
            let at = Arrival::default();
            for (offset, length) in pieces.into_iter().chain([(0, 256)]) {
                let end = (offset + length).min(text.len());
                match assembler.take(offset as u64, &text[offset..end], &at) {
                    Take::Now(bytes) => {
                        got.extend_from_slice(bytes);
                        while let Some((piece, cost)) = assembler.pop() {
                            got.extend_from_slice(&piece.bytes);
                            held -= cost;
                        }
                    }
                    Take::Later(cost) => held += cost,
                }
            }
            prop_assert_eq!(got, text);
            prop_assert_eq!(held, 0);
        }
    }

    #[test]
    fn what_never_comes_is_skipped() {
        let (mut assembler, at) = (Assembler::default(), Arrival::default());
        assert!(matches!(assembler.take(10, b"later", &at), Take::Later(_)));
        assembler.ends_at(20);
        assert_eq!(assembler.skip(), Some(10));
        let (piece, _) = assembler.pop().unwrap();
        assert_eq!(piece.bytes, b"later");
        assert!(!assembler.is_whole());
        assert_eq!(assembler.skip(), Some(5));
        assert!(assembler.is_whole());
        assert_eq!(assembler.skip(), None);
    }
}
