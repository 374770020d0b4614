//! A session that is not opened, watched for how the client leaves it.

use super::{Session, content};
use crate::model::Direction;
use crate::protocol::output::{Arrival, Output};

/// Extension of a server that takes up a key it shares with the client (RFC 8446 section 4.2.11).
const PRE_SHARED_KEY: u16 = 41;

impl Session {
    /// The client takes this server.
    pub(super) fn take(&self, out: &mut Output<'_>) {
        let client = self.facts.client.as_ref();
        if let Some(name) = client.and_then(|client| client.server_name.as_deref()) {
            out.taken.add(name);
        }
    }

    /// Nothing more can be read of one direction for want of keys: how the client leaves may still be seen.
    pub(super) fn shut_keyless(
        &mut self,
        direction: Direction,
        why: &'static str,
        out: &mut Output<'_>,
    ) {
        self.shut(direction, why);
        let modern = self.hand.is_modern();
        let server = self.facts.server.as_ref();
        // With a key that was shared before, the server shows no certificate.
        let shows = modern && !server.is_some_and(|s| s.extensions.contains(&PRE_SHARED_KEY));
        let tells = match direction {
            Direction::Up => shows || self.refusal.is_shown(),
            Direction::Down => shows && !self.refusal.is_shown(),
        };
        self.refusal.unsure |= self.hand.early;
        if direction == Direction::Up && !tells && !self.hand.awaits_server() {
            // It goes on with a session of before, when it took the certificate.
            self.take(out);
        }
        if tells && !self.hand.gap {
            let side = self.side_mut(direction);
            side.over = false;
            side.watching = true;
        }
    }

    pub(super) fn shut_both_keyless(&mut self, why: &'static str, out: &mut Output<'_>) {
        self.shut_keyless(Direction::Up, why, out);
        self.shut_keyless(Direction::Down, why, out);
    }

    /// Looks at the header of a record that is not opened. False: more bytes are needed.
    pub(super) fn watch(
        &mut self,
        direction: Direction,
        input: &mut &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> bool {
        let modern = self.hand.is_modern();
        let side = self.side_mut(direction);
        // What an alert in clear says is wanted, too.
        let clear = |held: &[u8]| matches!(held, [content::ALERT, _, _, 0, 2, ..]);
        while side.held.len() < 5 + 2 * usize::from(clear(&side.held)) {
            let Some((first, rest)) = input.split_first() else {
                return false;
            };
            side.held.push(*first);
            *input = rest;
        }
        let held = std::mem::take(&mut side.held);
        let more = match held.as_slice() {
            [content::ALERT, 3, _, 0, 2, alert @ ..] => {
                self.refusal.alert(direction, alert);
                false
            }
            [kind @ 20..=24, 3, _, high, low] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                side.skip = length;
                self.refusal
                    .record(direction, *kind, length, modern, at.time)
            }
            _ => {
                self.refusal.unsure = true;
                false
            }
        };
        self.side_mut(direction).over = !more;
        if self.refusal.has_spoken() {
            self.take(out);
        }
        true
    }
}
