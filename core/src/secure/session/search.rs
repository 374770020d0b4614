//! After a gap: the next record is looked for, and its number found by trying.

use super::side::split;
use super::{Found, Session};
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output};

impl Session {
    /// Looks for the next record. `None`: more bytes are needed.
    pub(super) fn search(
        &mut self,
        direction: Direction,
        input: &mut &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<Option<Found>, Stopped> {
        let modern = self.hand.is_modern();
        let side = self.side_mut(direction);
        if side.held.is_empty() {
            side.at = *at;
        }
        let mut held = std::mem::take(&mut side.held);
        held.extend_from_slice(input);
        *input = &[];
        let mut from = 0;
        let mut found = None;
        while let Some(bytes) = held.get(from..).filter(|b| b.len() >= 5) {
            let side = self.side_mut(direction);
            if !side.is_plausible(bytes, modern) {
                from += 1;
                continue;
            }
            if !side.is_sealed() {
                // Nothing to try it with: one that is followed by another, or by nothing yet.
                let follows = split(bytes)
                    .is_none_or(|(_, _, rest)| rest.len() < 5 || side.is_plausible(rest, modern));
                if follows {
                    side.searching = false;
                    side.loss = None;
                    found = Some(Found::Nothing);
                    break;
                }
                from += 1;
                continue;
            }
            let Some((header, fragment, rest)) = split(bytes) else {
                break;
            };
            let (before, epoch) = (side.sequence, side.epoch);
            let mut loss = side.loss.unwrap_or_default();
            loss.wire = loss.wire.saturating_add(from as u64);
            side.loss = Some(loss);
            let mut scratch = std::mem::take(&mut self.scratch);
            let side = self.side_mut(direction);
            let opened = side.open(header, fragment, side.most_lost(), &mut scratch);
            self.scratch = scratch;
            let side = self.side_mut(direction);
            let after = held.len().saturating_sub(rest.len());
            if opened.is_some() && side.inflate.is_some() {
                // What was compressed before is needed, and missing.
                self.shut(direction, "gap");
                return Ok(Some(Found::Nothing));
            }
            if let Some(range) = opened {
                let number = side.sequence.saturating_sub(1);
                let records = if epoch == side.epoch {
                    number.saturating_sub(before)
                } else {
                    number
                };
                let plain = side.plain_of(loss.wire, records);
                let told = side.proven;
                side.searching = false;
                side.loss = None;
                held.drain(..after);
                from = 0;
                self.settled(direction, out);
                self.pending = Some(self.inner(direction, header.kind, range));
                found = Some(if told {
                    Found::Gap(plain)
                } else {
                    Found::Nothing
                });
                break;
            }
            let chained = side.keys.first().is_some_and(|k| k.open.is_chained());
            loss.wire = loss.wire.saturating_sub(from as u64);
            side.loss = Some(loss);
            if chained {
                // Its last block is needed for the next one, so it is passed over if it looks like a record.
                if rest.len() < 5 {
                    break;
                }
                if side.is_plausible(rest, modern) {
                    side.keys.iter_mut().for_each(|k| k.open.skip(fragment));
                    side.lose(after as u64, 1);
                    held.drain(..after);
                    from = 0;
                    continue;
                }
            }
            if side.is_tired() {
                self.shut(direction, "gap");
                return Ok(Some(Found::Nothing));
            }
            from += 1;
        }
        let side = self.side_mut(direction);
        if let Some(loss) = &mut side.loss {
            loss.wire = loss.wire.saturating_add(from as u64);
        }
        held.drain(..from.min(held.len()));
        side.held = held;
        Ok(found)
    }
}
