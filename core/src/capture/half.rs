//! One direction of a TCP connection: sequence numbers, and segments that came too early.

use std::collections::BTreeMap;

use crate::protocol::output::Arrival;

/// What holding one early segment costs besides its bytes.
pub const SEGMENT_COST: u64 = 128;

/// One direction. Positions count payload bytes from the start of the stream, gaps included.
#[derive(Debug, Default)]
pub struct Half {
    /// Sequence number of the byte at `position` (RFC 9293 section 3.4).
    pub next: u32,
    /// Payload bytes passed on or declared missing.
    pub position: u64,
    /// `next` is known.
    pub started: bool,
    /// `next` was told by the other side, in the middle of the connection.
    pub guessed: bool,
    /// Bytes counted in `position` that were sent before the capture began.
    pub before: u64,
    /// The connection request was seen, with the sequence number before `next` at position 0.
    pub syn: bool,
    /// Its sequence number.
    pub initial: u32,
    /// The end was reached.
    pub closed: bool,
    /// Highest position the other side acknowledged.
    pub acknowledged: u64,
    /// Positions of the other side up to here are not waited for any more.
    pub unblocked: u64,
    /// Bytes known to be missing.
    pub missing: u64,
    /// Gaps.
    pub gaps: u32,
    /// Packets.
    pub packets: u32,
    /// Segments that wait.
    pub early: Option<Box<Early>>,
}

/// Segments that wait for what is before them.
#[derive(Debug, Default)]
pub struct Early {
    /// By position.
    pub segments: BTreeMap<u64, Segment>,
    /// Bytes held, with what holding them costs.
    pub held: u64,
    /// Packets of the connection when the first of them began to wait.
    pub since: u32,
}

/// A segment that waits.
#[derive(Debug)]
pub struct Segment {
    /// Its bytes, empty if nobody wants them.
    pub bytes: Vec<u8>,
    /// How many they are.
    pub length: u64,
    /// Bytes after them that were not captured.
    pub cut: u64,
    /// The sender ends with it.
    pub fin: bool,
    /// Its packet.
    pub at: Arrival,
}

impl Segment {
    fn cost(&self) -> u64 {
        (self.bytes.len() as u64).saturating_add(SEGMENT_COST)
    }

    /// Leaves out the first `count` bytes.
    pub fn shorten(&mut self, count: u64) {
        let count = count.min(self.length);
        let bytes = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        self.bytes.drain(..bytes);
        self.length -= count;
    }
}

impl Half {
    /// Is what is missing now from before the capture?
    pub fn is_before_capture(&self) -> bool {
        self.guessed && self.position == 0
    }

    /// Does a packet that acknowledges `acknowledged` bytes of this half come too early for it?
    #[inline]
    pub fn is_behind(&self, acknowledged: u64) -> bool {
        // The end of a stream takes one sequence number.
        self.started && acknowledged > self.position.saturating_add(u64::from(self.closed))
    }

    /// Keeps an early segment. What is already held counts; returns the cost added.
    pub fn hold(&mut self, mut position: u64, mut segment: Segment, packets: u32) -> u64 {
        let early = self.early.get_or_insert_with(Box::default);
        if early.segments.is_empty() {
            early.since = packets;
        }
        if let Some((start, before)) = early.segments.range(..=position).next_back() {
            let end = start.saturating_add(before.length);
            let overlap = end.saturating_sub(position);
            let only_repeats = !segment.fin && segment.cut <= before.cut;
            if overlap > segment.length || overlap == segment.length && only_repeats {
                return 0;
            }
            segment.shorten(overlap);
            position = position.saturating_add(overlap);
            if early.segments.contains_key(&position) {
                return 0;
            }
        }
        let cost = segment.cost();
        early.held = early.held.saturating_add(cost);
        early.segments.insert(position, segment);
        cost
    }

    /// The first early segment: its position and what its sender had acknowledged.
    pub fn first_early(&self) -> Option<(u64, u64, i64)> {
        let (position, segment) = self.early.as_ref()?.segments.first_key_value()?;
        Some((*position, segment.at.acknowledged, segment.at.frame))
    }

    /// Takes the first early segment, and how much it cost.
    pub fn take_early(&mut self, packets: u32) -> Option<(u64, Segment, u64)> {
        let early = self.early.as_mut()?;
        let (position, segment) = early.segments.pop_first()?;
        let cost = segment.cost();
        early.held = early.held.saturating_sub(cost);
        early.since = packets;
        if early.segments.is_empty() {
            self.early = None;
        }
        Some((position, segment, cost))
    }

    /// Bytes held.
    pub fn held(&self) -> u64 {
        self.early.as_ref().map_or(0, |early| early.held)
    }
}
