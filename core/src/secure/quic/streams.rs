//! Streams of a connection (RFC 9000 section 2), put in order and handed to what reads them.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::assemble::{Assembler, Take};
use super::inner::Inner;
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output};

/// Streams open at the same time on one connection.
pub const STREAMS: usize = 16_384;
/// Numbers of closed streams that are remembered above the first one still open.
const REMEMBERED: usize = 16_384;
/// Bytes that wait for earlier ones, of all connections together.
pub const HELD_BYTES: u64 = 128 << 20;

/// Both directions of a stream.
#[derive(Debug, Default)]
struct Stream {
    halves: [Half; 2],
}

#[derive(Debug, Default)]
struct Half {
    assembler: Assembler,
    over: bool,
}

/// Numbers of streams of one kind that are closed.
#[derive(Debug, Default)]
struct Closed {
    below: u64,
    above: BTreeSet<u64>,
}

impl Closed {
    fn holds(&self, number: u64) -> bool {
        number < self.below || self.above.contains(&number)
    }

    fn add(&mut self, number: u64) {
        self.above.insert(number);
        while self.above.len() > REMEMBERED {
            // Streams before it that never came count as closed.
            if let Some(first) = self.above.pop_first() {
                self.below = first.saturating_add(1);
            }
        }
        while self.above.remove(&self.below) {
            self.below = self.below.saturating_add(1);
        }
    }
}

/// All streams of a connection.
#[derive(Debug, Default)]
pub struct Streams {
    open: HashMap<u64, Stream>,
    closed: [Closed; 4],
    held: u64,
    told: [bool; 2],
    /// Bytes that never came.
    pub lost: u64,
    /// Places where bytes never came.
    pub gaps: u32,
    /// The packet after the first such place.
    pub gap_frame: i64,
}

/// A frame that carries bytes of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Stream number.
    pub id: u64,
    /// Who sent it.
    pub direction: Direction,
    /// Place of the first byte.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// They are the last ones.
    pub end: bool,
}

fn side(direction: Direction) -> usize {
    match direction {
        Direction::Up => 0,
        Direction::Down => 1,
    }
}

/// May this direction send on this stream (RFC 9000 section 2.1)?
fn may_send(id: u64, direction: Direction) -> bool {
    match id & 3 {
        2 => direction == Direction::Up,
        3 => direction == Direction::Down,
        _ => true,
    }
}

impl Streams {
    /// Takes a STREAM frame. `budget`: bytes that wait on all connections.
    pub fn data(
        &mut self,
        data: &Data<'_>,
        inner: &mut Inner,
        at: &Arrival,
        budget: &mut u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Data { id, direction, .. } = *data;
        if !inner.reads(id) || !may_send(id, direction) || self.is_closed(id) {
            return Ok(());
        }
        if self.open.len() >= STREAMS && !self.open.contains_key(&id) {
            if !self.told[0] {
                self.told[0] = true;
                out.limit("open streams", STREAMS as u64, inner.place(at))?;
            }
            return Ok(());
        }
        let stream = self.open.entry(id).or_default();
        let Some(half) = stream.halves.get_mut(side(direction)).filter(|h| !h.over) else {
            return Ok(());
        };
        if data.end {
            let length = data.bytes.len() as u64;
            half.assembler.ends_at(data.offset.saturating_add(length));
        }
        match half.assembler.take(data.offset, data.bytes, at) {
            Take::Now(bytes) => {
                inner.data(id, direction, bytes, at, out)?;
                if half.assembler.is_waiting() {
                    let freed = pass_on(half, id, direction, inner, out)?;
                    self.held = self.held.saturating_sub(freed);
                    *budget = budget.saturating_sub(freed);
                }
            }
            Take::Later(cost) => {
                self.held = self.held.saturating_add(cost);
                *budget = budget.saturating_add(cost);
                let limit = out.limits.reorder_bytes;
                if cost > 0 && (self.held > limit || *budget > HELD_BYTES) {
                    if !self.told[1] {
                        self.told[1] = true;
                        let limit = limit.min(HELD_BYTES);
                        out.limit("reorder bytes", limit, inner.place(at))?;
                    }
                    self.give_up(id, direction, inner, at, budget, out)?;
                }
            }
        }
        self.settle(id, direction, inner, out)
    }

    /// The sender gave a stream up.
    pub fn reset(
        &mut self,
        id: u64,
        direction: Direction,
        inner: &mut Inner,
        budget: &mut u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if !inner.reads(id) || !may_send(id, direction) || self.is_closed(id) {
            return Ok(());
        }
        if self.open.len() >= STREAMS && !self.open.contains_key(&id) {
            return Ok(());
        }
        let stream = self.open.entry(id).or_default();
        let Some(half) = stream.halves.get_mut(side(direction)).filter(|h| !h.over) else {
            return Ok(());
        };
        let freed = half.assembler.clear();
        self.held = self.held.saturating_sub(freed);
        *budget = budget.saturating_sub(freed);
        half.over = true;
        inner.end(id, direction, false, out)?;
        self.forget(id);
        Ok(())
    }

    /// Nothing more comes: what waits is passed on with its gaps.
    pub fn finish(
        &mut self,
        inner: &mut Inner,
        budget: &mut u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut ids: Vec<u64> = self.open.keys().copied().collect();
        // Streams of one direction hold what the others refer to.
        ids.sort_unstable_by_key(|id| (id & 2 == 0, *id));
        for id in ids {
            for direction in [Direction::Up, Direction::Down] {
                if !may_send(id, direction) {
                    continue;
                }
                let at = Arrival::default();
                while self.give_up(id, direction, inner, &at, budget, out)? {}
                self.settle(id, direction, inner, out)?;
                let half = self
                    .open
                    .get_mut(&id)
                    .and_then(|s| s.halves.get_mut(side(direction)));
                if let Some(half) = half.filter(|h| !h.over) {
                    half.over = true;
                    inner.end(id, direction, false, out)?;
                }
            }
        }
        *budget = budget.saturating_sub(self.held);
        self.held = 0;
        self.open.clear();
        inner.finish(out)
    }

    /// Passes on what waits on a stream, with the gap before it. False: nothing waited.
    fn give_up(
        &mut self,
        id: u64,
        direction: Direction,
        inner: &mut Inner,
        at: &Arrival,
        budget: &mut u64,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        let half = self
            .open
            .get_mut(&id)
            .and_then(|s| s.halves.get_mut(side(direction)));
        let Some(half) = half.filter(|h| !h.over) else {
            return Ok(false);
        };
        let Some(missing) = half.assembler.skip() else {
            return Ok(false);
        };
        self.lost = self.lost.saturating_add(missing);
        self.gaps = self.gaps.saturating_add(1);
        if self.gap_frame == 0 {
            self.gap_frame = at.frame;
        }
        inner.gap(id, direction, missing, out)?;
        let freed = pass_on(half, id, direction, inner, out)?;
        self.held = self.held.saturating_sub(freed);
        *budget = budget.saturating_sub(freed);
        Ok(true)
    }

    /// Tells the end of a direction whose bytes are all there.
    fn settle(
        &mut self,
        id: u64,
        direction: Direction,
        inner: &mut Inner,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let half = self
            .open
            .get_mut(&id)
            .and_then(|s| s.halves.get_mut(side(direction)));
        let Some(half) = half.filter(|h| !h.over && h.assembler.is_whole()) else {
            return Ok(());
        };
        half.over = true;
        inner.end(id, direction, true, out)?;
        self.forget(id);
        Ok(())
    }

    fn is_closed(&self, id: u64) -> bool {
        let kind = usize::try_from(id & 3).unwrap_or(0);
        self.closed.get(kind).is_some_and(|c| c.holds(id >> 2))
    }

    /// Lets a stream go once both directions are over.
    fn forget(&mut self, id: u64) {
        let over = self.open.get(&id).is_some_and(|stream| {
            [Direction::Up, Direction::Down]
                .into_iter()
                .zip(&stream.halves)
                .all(|(direction, half)| half.over || !may_send(id, direction))
        });
        if over {
            self.open.remove(&id);
            let kind = usize::try_from(id & 3).unwrap_or(0);
            if let Some(closed) = self.closed.get_mut(kind) {
                closed.add(id >> 2);
            }
        }
    }
}

/// Passes on pieces that waited and come now; returns what keeping them cost.
fn pass_on(
    half: &mut Half,
    id: u64,
    direction: Direction,
    inner: &mut Inner,
    out: &mut Output<'_>,
) -> Result<u64, Stopped> {
    let mut freed = 0u64;
    while let Some((piece, cost)) = half.assembler.pop() {
        freed = freed.saturating_add(cost);
        if !piece.bytes.is_empty() {
            inner.data(id, direction, &piece.bytes, &piece.at, out)?;
        }
    }
    Ok(freed)
}
