//! TCP reassembly (RFC 9293) from a capture, which may lack packets and have them in another order.
//!
//! A segment is passed on when everything before it was, and when everything its sender had already
//! received was: so that a request is always read before its answer. What comes too early waits. It
//! waits longer while the receiver itself may still be waiting (then a retransmission will come), and
//! shorter once the receiver has acknowledged the missing bytes (then the capture lacks them, or has
//! them a few packets later). After that the bytes are declared missing, counted, and reading goes on
//! behind them.

use super::application::Piece;
use super::flow::Flow;
use super::half::{Half, Segment};
use super::segment::{Packet, flag};
use crate::model::Stopped;
use crate::protocol::output::{Arrival, Output};

/// Packets of the connection to wait for bytes that the other side has acknowledged. Captures from
/// several queues or threads are out of order by some tens of packets.
const PATIENCE_ACKNOWLEDGED: u32 = 64;
/// Packets to wait for bytes that nobody acknowledged.
const PATIENCE: u32 = 2_048;
/// Packets to wait for bytes that were probably sent before the capture began.
const PATIENCE_START: u32 = 8;
/// The largest window (RFC 7323 section 2.2): an acknowledgement further ahead is damaged.
const LARGEST_WINDOW: u32 = 1 << 30;
/// At the end, acknowledged bytes that never came are counted as missing up to this distance.
const BELIEVED_TAIL: u64 = 16 << 20;
/// All waiting segments together, as a multiple of `Limits::reorder_bytes`.
const HELD_SEGMENTS: u64 = 8;

/// Bytes held in waiting segments of all connections.
#[derive(Debug, Default)]
pub struct Budget {
    held: u64,
}

/// The reassembly of one packet's connection.
pub struct Reassembly<'r, 's> {
    /// The connection.
    pub flow: &'r mut Flow,
    /// Shared budget.
    pub budget: &'r mut Budget,
    /// Where messages go.
    pub out: &'r mut Output<'s>,
}

impl Reassembly<'_, '_> {
    /// One packet from `side`.
    #[inline]
    pub fn packet(
        &mut self,
        side: usize,
        packet: &Packet<'_>,
        at: &mut Arrival,
    ) -> Result<(), Stopped> {
        let [a, b] = &mut self.flow.halves;
        let (me, other) = if side == 0 { (a, b) } else { (b, a) };
        me.packets = me.packets.saturating_add(1);
        let mut sequence = packet.sequence;
        if packet.has(flag::SYN) {
            // A second one with another number is a stray: some servers answer a repeated request so.
            if !me.started || me.guessed && me.position == 0 {
                me.started = true;
                me.guessed = false;
                me.syn = true;
                me.initial = sequence;
                me.next = sequence.wrapping_add(1);
            }
            sequence = sequence.wrapping_add(1);
        }
        if packet.has(flag::ACK) && !other.started && !packet.has(flag::RST) {
            // The other side has not been heard, but this tells where it is.
            other.started = true;
            other.guessed = !me.syn || me.position > 0;
            other.next = packet.acknowledgement;
        }
        if packet.has(flag::ACK) && other.started {
            let ahead = packet.acknowledgement.wrapping_sub(other.next);
            if ahead <= LARGEST_WINDOW {
                at.acknowledged = other.position.saturating_add(u64::from(ahead));
                other.acknowledged = other.acknowledged.max(at.acknowledged);
            } else {
                let behind = u64::from(other.next.wrapping_sub(packet.acknowledgement));
                at.acknowledged = other.position.saturating_sub(behind);
            }
        }
        if packet.has(flag::RST) {
            // Its payload, if any, is a diagnostic text (RFC 9293 section 3.5.3).
            self.flow.reset = true;
            self.flow.ended.get_or_insert((side, at.time));
            return self.settle();
        }
        let fin = packet.has(flag::FIN);
        let length = packet.payload.len().saturating_add(packet.cut);
        if length == 0 && !fin {
            return self.settle_if_waiting();
        }
        if !me.started {
            if length == 1 && packet.payload.first().is_none_or(|b| *b == 0) {
                return Ok(()); // A keep-alive: its byte was sent long ago.
            }
            me.started = true;
            me.next = sequence;
        }
        let ahead = sequence.wrapping_sub(me.next);
        let waits = me.early.is_some()
            || other.is_behind(at.acknowledged) && at.acknowledged > me.unblocked;
        if ahead == 0 && !waits {
            self.pass_on(side, packet.payload, packet.cut as u64, fin, at)?;
            return self.settle_if_waiting();
        }
        self.out_of_order(side, sequence, packet, fin, at)
    }

    /// A segment that repeats, overlaps or comes too early.
    #[cold]
    fn out_of_order(
        &mut self,
        side: usize,
        sequence: u32,
        packet: &Packet<'_>,
        fin: bool,
        at: &Arrival,
    ) -> Result<(), Stopped> {
        let packets = self.packets();
        let wanted = self.flow.application.wants(&self.flow.talk, side);
        let Some(me) = self.flow.halves.get_mut(side) else {
            return Ok(());
        };
        let ahead = sequence.wrapping_sub(me.next);
        let mut segment = Segment {
            bytes: if wanted {
                packet.payload.to_vec()
            } else {
                Vec::new()
            },
            length: packet.payload.len() as u64,
            cut: packet.cut as u64,
            fin,
            at: *at,
        };
        let position = if ahead <= u32::MAX / 2 {
            me.position.saturating_add(u64::from(ahead))
        } else {
            let behind = u64::from(me.next.wrapping_sub(sequence));
            if behind > segment.length || behind == segment.length && (!fin || me.closed) {
                return self.settle_if_waiting(); // Seen before.
            }
            segment.shorten(behind);
            me.position
        };
        if me.closed && position >= me.position {
            return self.settle_if_waiting(); // Beyond the end.
        }
        let cost = me.hold(position, segment, packets);
        self.budget.held = self.budget.held.saturating_add(cost);
        self.settle()
    }

    fn packets(&self) -> u32 {
        let [a, b] = &self.flow.halves;
        a.packets.wrapping_add(b.packets)
    }

    #[inline]
    fn settle_if_waiting(&mut self) -> Result<(), Stopped> {
        if self.flow.halves.iter().any(|h| h.early.is_some()) {
            return self.settle();
        }
        Ok(())
    }

    /// Passes on what can be passed on, and gives up what was waited for long enough.
    #[cold]
    fn settle(&mut self) -> Result<(), Stopped> {
        loop {
            while self.advance(0)? || self.advance(1)? {}
            if !(self.lose_patience(0)? || self.lose_patience(1)?) {
                return Ok(());
            }
        }
    }

    /// Both directions: (this one, the other).
    fn pair(&mut self, side: usize) -> (&mut Half, &mut Half) {
        let [a, b] = &mut self.flow.halves;
        if side == 0 { (a, b) } else { (b, a) }
    }

    /// Passes on the first early segment of a side if nothing is missing before it.
    fn advance(&mut self, side: usize) -> Result<bool, Stopped> {
        let packets = self.packets();
        let (me, other) = self.pair(side);
        let Some((position, acknowledged, _)) = me.first_early() else {
            return Ok(false);
        };
        if position > me.position || other.is_behind(acknowledged) && acknowledged > me.unblocked {
            return Ok(false);
        }
        let Some((position, mut segment, cost)) = me.take_early(packets) else {
            return Ok(false);
        };
        let repeated = me.position.saturating_sub(position);
        let behind = repeated.saturating_sub(segment.length);
        segment.shorten(repeated);
        segment.cut = segment.cut.saturating_sub(behind);
        self.budget.held = self.budget.held.saturating_sub(cost);
        // Where nobody wanted the bytes, only their number is passed on.
        let unkept = segment.length.saturating_sub(segment.bytes.len() as u64);
        if unkept > 0 {
            let (me, _) = self.pair(side);
            me.position = me.position.saturating_add(unkept);
            me.next = me.next.wrapping_add(unkept as u32);
        }
        self.pass_on(side, &segment.bytes, segment.cut, segment.fin, &segment.at)?;
        Ok(true)
    }

    /// Gives up what the first early segment of a side waits for, if it waited long enough.
    fn lose_patience(&mut self, side: usize) -> Result<bool, Stopped> {
        let packets = self.packets();
        let per_connection = self.out.limits.reorder_bytes;
        let full = self.budget.held > per_connection.saturating_mul(HELD_SEGMENTS);
        let (me, other) = self.pair(side);
        let Some((position, _, _)) = me.first_early() else {
            return Ok(false);
        };
        let since = me.early.as_ref().map_or(packets, |early| early.since);
        let waited = packets.wrapping_sub(since);
        let hole = position > me.position;
        let patience = if hole && me.is_before_capture() {
            PATIENCE_START
        } else if !hole || me.acknowledged >= position || other.packets == 0 {
            PATIENCE_ACKNOWLEDGED
        } else {
            PATIENCE
        };
        if waited < patience && me.held() <= per_connection && !full {
            return Ok(false);
        }
        self.give_up(side)?;
        Ok(true)
    }

    /// Gives up waiting for what is before the first early segment of a side.
    fn give_up(&mut self, side: usize) -> Result<(), Stopped> {
        let (me, _) = self.pair(side);
        let Some((position, acknowledged, frame)) = me.first_early() else {
            return Ok(());
        };
        me.unblocked = me.unblocked.max(acknowledged);
        let missing = position.saturating_sub(me.position);
        if missing > 0 {
            self.gap(side, missing, frame)?;
        }
        Ok(())
    }

    /// Declares bytes missing.
    fn gap(&mut self, side: usize, bytes: u64, frame: i64) -> Result<(), Stopped> {
        let flow = &mut *self.flow;
        if let Some(me) = flow.halves.get_mut(side) {
            let before = me.is_before_capture();
            me.position = me.position.saturating_add(bytes);
            me.next = me.next.wrapping_add(bytes as u32);
            if before {
                me.before = bytes;
            } else {
                me.missing = me.missing.saturating_add(bytes);
                me.gaps = me.gaps.saturating_add(1);
                if flow.gap_frame == 0 {
                    flow.gap_frame = frame;
                }
            }
        }
        flow.application.gap(&flow.talk, side, bytes, self.out)
    }

    /// Passes bytes on, in order.
    #[inline]
    fn pass_on(
        &mut self,
        side: usize,
        bytes: &[u8],
        cut: u64,
        fin: bool,
        at: &Arrival,
    ) -> Result<(), Stopped> {
        let flow = &mut *self.flow;
        if let Some(me) = flow.halves.get_mut(side)
            && !bytes.is_empty()
        {
            let position = me.position;
            me.position = position.saturating_add(bytes.len() as u64);
            me.next = me.next.wrapping_add(bytes.len() as u32);
            let piece = Piece {
                side,
                bytes,
                position,
                at,
            };
            flow.application.data(&mut flow.talk, piece, self.out)?;
        }
        if cut > 0 {
            self.gap(side, cut, at.frame)?;
        }
        if fin {
            let flow = &mut *self.flow;
            flow.ended.get_or_insert((side, at.time));
            if let Some(me) = flow.halves.get_mut(side) {
                me.closed = true;
            }
            flow.application.close(&flow.talk, side, true, self.out)?;
        }
        Ok(())
    }

    /// The end of the connection, or of the capture: nothing is waited for any more.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        loop {
            while self.advance(0)? || self.advance(1)? {}
            let [a, b] = &self.flow.halves;
            let side = match (a.first_early(), b.first_early()) {
                (Some((_, _, a)), Some((_, _, b))) => usize::from(a > b),
                (Some(_), None) => 0,
                (None, Some(_)) => 1,
                (None, None) => break,
            };
            self.give_up(side)?;
        }
        for side in [0, 1] {
            let frame = self.flow.last_frame;
            let (me, _) = self.pair(side);
            let tail = me.acknowledged.saturating_sub(me.position);
            // One more may be acknowledged: the end of the stream.
            if !me.closed && tail > 1 && tail <= BELIEVED_TAIL && !me.is_before_capture() {
                self.gap(side, tail, frame)?;
            }
            let flow = &mut *self.flow;
            if flow.halves.get(side).is_some_and(|h| !h.closed) {
                flow.application.close(&flow.talk, side, false, self.out)?;
            }
        }
        Ok(())
    }
}
