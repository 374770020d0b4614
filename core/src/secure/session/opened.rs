//! Protected records: opened, uncompressed, told apart.

use std::ops::Range;

use super::super::protection::Header;
use super::{FAILURES, FRAGMENT_BYTES, Found, Session, UNTOLD, content, keys};
use crate::model::{Direction, Stopped};
use crate::protocol::output::Output;

impl Session {
    /// A protected record. `fragment`: `None` where it lies in `scratch`, behind its header.
    pub(super) fn sealed(
        &mut self,
        direction: Direction,
        header: Header,
        fragment: Option<&[u8]>,
        out: &mut Output<'_>,
    ) -> Result<Found, Stopped> {
        let modern = self.hand.is_modern();
        let mut scratch = std::mem::take(&mut self.scratch);
        let side = self.side_mut(direction);
        let opened = match fragment {
            Some(fragment) => side.open(header, fragment, 0, &mut scratch),
            None => side.open_in_place(header, &mut scratch),
        };
        self.scratch = scratch;
        if opened.is_none() && direction == Direction::Up && self.hand.awaits_server() {
            // Early data that cannot be opened.
            let side = self.side_mut(direction);
            side.unread = side.unread.saturating_add(u64::from(header.length));
            return Ok(Found::Nothing);
        }
        if let Some(range) = opened {
            self.settled(direction, out);
            let (kind, range) = self.inner(direction, header.kind, range);
            let Some(range) = self.inflated(direction, range) else {
                self.shut(direction, "gap");
                return Ok(Found::Nothing);
            };
            return self.content(direction, kind, range, out);
        }
        self.refusal.unsure = true;
        let agreed = self.hand.agreed_version().is_some();
        let side = self.side_mut(direction);
        side.failures = side.failures.saturating_add(1);
        if side.proven && side.epoch.is_none_or(|epoch| epoch != 0) {
            side.lose(u64::from(header.length).saturating_add(5), UNTOLD);
        } else if !modern && agreed || side.failures > FAILURES {
            self.shut(direction, "keys do not fit");
        }
        Ok(Found::Nothing)
    }

    /// The content type and place of what a record held. In TLS 1.3 the type is inside, before padding.
    pub(super) fn inner(
        &self,
        direction: Direction,
        kind: u8,
        range: Range<usize>,
    ) -> (u8, Range<usize>) {
        if self
            .side(direction)
            .epoch
            .is_none_or(|epoch| epoch == keys::SESSION)
        {
            return (kind, range);
        }
        let bytes = self.scratch.get(range.clone()).unwrap_or_default();
        match bytes.iter().rposition(|b| *b != 0) {
            Some(last) => {
                let kind = bytes.get(last).copied().unwrap_or_default();
                (kind, range.start..range.start.saturating_add(last))
            }
            None => (0, range.start..range.start),
        }
    }

    /// Takes the compression off. `None`: what came before is missing.
    fn inflated(&mut self, direction: Direction, range: Range<usize>) -> Option<Range<usize>> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let side = self.side_mut(direction);
        let inflated = match &mut side.inflate {
            None => Some(range),
            Some(inflate) => {
                let begin = scratch.len();
                scratch.resize(begin.saturating_add(FRAGMENT_BYTES), 0);
                let (sealed, plain) = scratch.split_at_mut(begin);
                let before = inflate.total_out();
                let flush = flate2::FlushDecompress::Sync;
                let done = inflate.decompress(sealed.get(range)?, plain, flush);
                let length = inflate.total_out().saturating_sub(before);
                let end = begin.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
                done.is_ok().then_some(begin..end)
            }
        };
        self.scratch = scratch;
        inflated
    }

    /// What a record held, once opened.
    pub(super) fn content(
        &mut self,
        direction: Direction,
        kind: u8,
        range: Range<usize>,
        out: &mut Output<'_>,
    ) -> Result<Found, Stopped> {
        match kind {
            content::APPLICATION_DATA => {
                self.facts.opened = true;
                if direction == Direction::Up && !range.is_empty() && self.refusal.speak() {
                    self.take(out);
                }
                let side = self.side_mut(direction);
                let unread = std::mem::take(&mut side.unread);
                if unread > 0 {
                    self.pending = Some((kind, range));
                    return Ok(Found::Gap(unread));
                }
                if side.ended || range.is_empty() {
                    return Ok(Found::Nothing);
                }
                Ok(Found::Plain(range))
            }
            content::HANDSHAKE => {
                let scratch = std::mem::take(&mut self.scratch);
                let bytes = scratch.get(range).unwrap_or_default();
                let read = self.messages(direction, bytes, out);
                self.scratch = scratch;
                read.map(|()| Found::Nothing)
            }
            content::ALERT => {
                let alert = self.scratch.get(range).unwrap_or_default();
                self.refusal.alert(direction, alert);
                // close_notify (RFC 8446 section 6.1).
                if let [_, 0] = alert
                    && !std::mem::replace(&mut self.side_mut(direction).ended, true)
                {
                    return Ok(Found::End);
                }
                Ok(Found::Nothing)
            }
            content::CHANGE_CIPHER_SPEC => {
                self.change_cipher(direction, out)?;
                Ok(Found::Nothing)
            }
            _ => Ok(Found::Nothing),
        }
    }
}
