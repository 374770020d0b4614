//! Frames that are read as a whole: header blocks and settings.

use super::exchange::{Exchange, malformed};
use super::frame::{Frame, flag, kind};
use super::side::{Pending, Side};
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output};

impl Exchange {
    /// The whole payload of a frame that is read as a whole.
    pub(super) fn payload(
        &mut self,
        direction: Direction,
        payload: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let frame = self.side(direction).frame;
        if frame.kind == kind::SETTINGS {
            self.settings(direction, payload);
            return Ok(());
        }
        let Some((promised, fragment)) = fragment(&frame, payload) else {
            malformed("a frame with header fields is too short", at, out);
            // The block it carried is lost, and with it the order of the table.
            self.side(direction).decoder.lose();
            return Ok(());
        };
        let side = self.side(direction);
        let pending = side.pending.take().unwrap_or(Pending {
            stream: frame.stream,
            promised,
            ends: frame.kind == kind::HEADERS && frame.has(flag::END_STREAM),
            start: side.start,
        });
        if !frame.has(flag::END_HEADERS) {
            side.block.extend_from_slice(fragment);
            side.pending = Some(pending);
            return Ok(());
        }
        if side.block.is_empty() {
            return self.block(direction, &pending, fragment, true, at, out);
        }
        let mut block = std::mem::take(&mut side.block);
        block.extend_from_slice(fragment);
        self.block(direction, &pending, &block, true, at, out)?;
        Side::keep(&mut self.side(direction).block, block);
        Ok(())
    }

    /// What this direction allows the other one.
    fn settings(&mut self, direction: Direction, payload: &[u8]) {
        let other = match direction {
            Direction::Up => &mut self.down,
            Direction::Down => &mut self.up,
        };
        for setting in payload.chunks_exact(6) {
            let [a, b, w, x, y, z] = *setting else {
                continue;
            };
            let value = u32::from_be_bytes([w, x, y, z]);
            match u16::from_be_bytes([a, b]) {
                1 => other.decoder.allow(value),
                5 => other.long_frames |= value > 1 << 14,
                _ => {}
            }
        }
    }
}

/// The part of a payload that is header block, without padding and priority (RFC 9113 section 6.2), and
/// the stream that is promised (section 6.6).
fn fragment<'p>(frame: &Frame, payload: &'p [u8]) -> Option<(Option<u32>, &'p [u8])> {
    if frame.kind == kind::CONTINUATION {
        return Some((None, payload));
    }
    let mut rest = payload;
    if frame.has(flag::PADDED) {
        let (&pad, after) = rest.split_first()?;
        let end = after.len().checked_sub(usize::from(pad))?;
        rest = after.get(..end)?;
    }
    if frame.kind == kind::PUSH_PROMISE {
        let (id, after) = rest.split_first_chunk::<4>()?;
        return Some((Some(u32::from_be_bytes(*id) & 0x7fff_ffff), after));
    }
    if frame.has(flag::PRIORITY) {
        rest = rest.get(5..)?;
    }
    Some((None, rest))
}
