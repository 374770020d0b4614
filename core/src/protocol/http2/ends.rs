//! Gaps in a direction, and its end.

use super::exchange::Exchange;
use super::frame::{flag, kind};
use super::side::{Pending, Side, State};
use super::stream::Progress;
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output};

impl Exchange {
    /// `bytes` of this direction are missing from the capture.
    pub fn gap(
        &mut self,
        direction: Direction,
        bytes: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        let gone = u32::try_from(bytes).unwrap_or(u32::MAX);
        let after = |left: u32| match left {
            0 => State::Header,
            left => State::Skip(left),
        };
        match side.state {
            // The gap is within a frame whose end is known: the frames after it are in their place.
            State::Data(data, pad) if bytes <= u64::from(data.saturating_add(pad)) => {
                let lost = data.min(gone);
                side.state = State::Data(data - lost, pad.saturating_sub(gone - lost));
                let at = side.start;
                self.missing(direction, u64::from(lost), out)?;
                self.after_data(direction, &at, out)
            }
            State::Skip(left) if bytes <= u64::from(left) => {
                side.state = after(left - gone);
                Ok(())
            }
            State::Payload(left) if bytes <= u64::from(left) => {
                side.state = after(left - gone);
                side.gapped |= side.frame.kind != kind::SETTINGS;
                if side.frame.kind == kind::SETTINGS {
                    side.held.clear();
                    return Ok(());
                }
                self.cut_block(direction, out)
            }
            _ => self.lose(direction, out),
        }
    }

    /// Body bytes of the frame that is read are missing.
    fn missing(
        &mut self,
        direction: Direction,
        bytes: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let id = self.side(direction).frame.stream;
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        if let Some(socket) = &mut stream.socket {
            return socket.gap(direction, bytes, out);
        }
        let half = stream.half(direction);
        half.missing = half.missing.saturating_add(bytes);
        Ok(())
    }

    /// The place in a direction is lost.
    pub(super) fn lose(
        &mut self,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if let State::Data(left, _) = self.side(direction).state {
            self.missing(direction, u64::from(left), out)?;
        }
        self.cut_block(direction, out)?;
        self.side(direction).lose();
        let mut waiting = Vec::new();
        for (id, stream) in &mut self.streams {
            if let Some(socket) = &mut stream.socket {
                // Frames may be missing: more than any payload that is read.
                socket.gap(direction, u64::MAX, out)?;
                continue;
            }
            if stream.half(direction).progress == Progress::Open {
                stream.half(direction).broken = true;
            }
            // Its request may never be seen now.
            if stream.down.progress == Progress::Ended {
                waiting.push(*id);
            }
        }
        for id in waiting {
            self.write(Direction::Down, id, out)?;
        }
        Ok(())
    }

    /// A header block breaks off: what came of it is read.
    pub(super) fn cut_block(
        &mut self,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        let held = std::mem::take(&mut side.held);
        let frame = side.frame;
        let mut block = std::mem::take(&mut side.block);
        let mut begun = held.as_slice();
        let pending = match side.pending.take() {
            Some(pending) => pending,
            // With padding it is not known where the block ends.
            None if frame.kind == kind::HEADERS && !frame.has(flag::PADDED) => {
                let skipped = if frame.has(flag::PRIORITY) { 5 } else { 0 };
                begun = begun.get(skipped..).unwrap_or_default();
                Pending {
                    stream: frame.stream,
                    promised: None,
                    ends: frame.has(flag::END_STREAM),
                    start: side.start,
                }
            }
            None => {
                side.decoder.lose();
                return Ok(());
            }
        };
        let at: Arrival = side.start;
        block.extend_from_slice(begun);
        if block.is_empty() {
            side.decoder.lose();
            return Ok(());
        }
        self.block(direction, &pending, &block, false, &at, out)?;
        let side = self.side(direction);
        Side::keep(&mut side.block, block);
        Side::keep(&mut side.held, held);
        Ok(())
    }

    /// The direction is over.
    pub fn close(&mut self, direction: Direction, out: &mut Output<'_>) -> Result<(), Stopped> {
        let side = self.side(direction);
        let between = matches!(
            side.state,
            State::Preface(_) | State::Header | State::Skip(_) | State::Lost
        );
        if side.pending.is_some() || !between {
            self.lose(direction, out)?;
        }
        self.side(direction).over = true;
        let open: Vec<u32> = self.streams.keys().copied().collect();
        for id in open {
            let Some(stream) = self.streams.get_mut(&id) else {
                continue;
            };
            if let Some(socket) = &mut stream.socket {
                socket.close(direction, out)?;
                stream.half(direction).progress = Progress::Written;
                self.forget(id);
                continue;
            }
            let half = stream.half(direction);
            if half.progress == Progress::Open {
                half.broken = true;
                self.write(direction, id, out)?;
            }
            let ended = |s: &super::stream::Stream| s.down.progress == Progress::Ended;
            if self.streams.get(&id).is_some_and(|s| ended(s)) {
                self.write(Direction::Down, id, out)?;
            }
            self.forget(id);
        }
        Ok(())
    }
}
