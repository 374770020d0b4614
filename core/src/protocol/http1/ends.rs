//! Gaps in a direction, and its end.

use super::exchange::Exchange;
use super::side::State;
use crate::model::{Direction, Stopped};
use crate::protocol::output::Output;

impl Exchange {
    /// `bytes` of this direction are missing from the capture.
    pub fn gap(
        &mut self,
        direction: Direction,
        bytes: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        match side.state {
            State::Length { left } if bytes <= left => {
                side.missing = side.missing.saturating_add(bytes);
                side.state = State::Length { left: left - bytes };
                if left == bytes {
                    self.finish(direction, None, None, out)?;
                }
            }
            State::Length { left } => {
                side.missing = side.missing.saturating_add(left);
                self.finish(direction, None, None, out)?;
                self.side(direction).lose();
            }
            State::Chunk { left } if bytes < left => {
                side.missing = side.missing.saturating_add(bytes);
                side.state = State::Chunk { left: left - bytes };
            }
            State::Chunk { .. } | State::Size | State::ChunkEnd | State::Trailer => {
                side.missing = side.missing.saturating_add(bytes);
                self.finish(direction, None, None, out)?;
                self.side(direction).lose();
            }
            State::UntilClose => side.missing = side.missing.saturating_add(bytes),
            State::Head { .. } => {
                self.partial_head(direction, out)?;
                self.side(direction).lose();
            }
            State::Start | State::Lost => side.lose(),
            State::Held => {
                // The tunnel's first bytes would be wrong: what follows is not read.
                self.held.clear();
            }
            State::Over => {}
        }
        if direction == Direction::Up && self.up.state == State::Lost {
            // Requests may be lost: the next answer need not be to the next one known.
            self.down.uncertain = true;
        }
        Ok(())
    }

    /// The direction is over. `clean`: its sender said so (FIN).
    pub fn close(
        &mut self,
        direction: Direction,
        clean: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side(direction);
        match side.state {
            State::Head { .. } => self.partial_head(direction, out)?,
            State::Length { left } => {
                side.missing = side.missing.saturating_add(left);
                self.finish(direction, None, None, out)?;
            }
            State::UntilClose => {
                side.whole &= clean;
                self.finish(direction, None, None, out)?;
            }
            _ if side.in_message() => {
                side.whole = false;
                self.finish(direction, None, None, out)?;
            }
            _ => {}
        }
        let side = self.side(direction);
        if !matches!(side.state, State::Held | State::Over) {
            side.lose();
        }
        Ok(())
    }
}
