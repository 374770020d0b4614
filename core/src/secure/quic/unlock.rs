//! Opening packets: which keys, and where they come from.

use super::guard::{Guard, Opened};
use super::keys::Suite;
use super::session::{Packet, Session, Space, begin, side};
use super::version::{Labels, Version};
use crate::model::Direction;
use crate::protocol::output::Output;
use crate::secure::secrets::Label;

/// Packets that no secret opens, after which secrets are not tried any more.
const TRIES: u32 = 64;
/// Versions of Initial packets on one connection (RFC 9368 lets it change once).
const VERSIONS: usize = 4;

impl Session {
    /// Opens a packet into `scratch`.
    pub fn unlock(
        &mut self,
        packet: &Packet<'_>,
        scratch: &mut Vec<u8>,
        out: &Output<'_>,
    ) -> Option<Opened> {
        let me = side(packet.direction);
        let (space, slot, label) = match (packet.space, packet.direction) {
            (Space::Initial, _) => return self.unlock_initial(packet, scratch),
            (Space::Early, Direction::Up) => (2, &mut self.early, Label::ClientEarly),
            (Space::Early, Direction::Down) => return None,
            (Space::Handshake, Direction::Up) => {
                (1, self.handshake.get_mut(me)?, Label::ClientHandshake)
            }
            (Space::Handshake, Direction::Down) => {
                (1, self.handshake.get_mut(me)?, Label::ServerHandshake)
            }
            (Space::Data, Direction::Up) => (2, self.data.get_mut(me)?, Label::ClientTraffic),
            (Space::Data, Direction::Down) => (2, self.data.get_mut(me)?, Label::ServerTraffic),
        };
        let largest = self.largest.get_mut(space)?.get_mut(me)?;
        if slot.guard.is_none() {
            let known = self.tls.random.filter(|random| out.secrets.knows(random));
            let Some(random) = known else {
                self.tally.keyless = self.tally.keyless.saturating_add(1);
                return None;
            };
            if slot.tries >= TRIES {
                self.tally.failed = self.tally.failed.saturating_add(1);
                return None;
            }
            slot.tries += 1;
            let chosen = self.tls.server.as_ref().map(|s| Suite::of(s.cipher));
            let number = match packet.version {
                0 => self.version,
                version => version,
            };
            let labels = Version::of(number)?.labels;
            let mut any = false;
            let found = out.secrets.get(label, &random).find_map(|secret| {
                any = true;
                try_secret(secret, chosen.flatten(), &labels, packet, *largest, scratch)
            });
            let count = if any {
                &mut self.tally.failed
            } else {
                &mut self.tally.keyless
            };
            let Some((guard, opened)) = found else {
                *count = count.saturating_add(1);
                return None;
            };
            slot.guard = Some(Box::new(guard));
            *largest = Some(largest.map_or(opened.number, |n| n.max(opened.number)));
            self.count_opened(packet.space);
            return Some(opened);
        }
        let guard = slot.guard.as_mut()?;
        let Some(opened) = guard.open(packet.bytes, packet.number_at, *largest, scratch) else {
            self.tally.failed = self.tally.failed.saturating_add(1);
            return None;
        };
        *largest = Some(largest.map_or(opened.number, |n| n.max(opened.number)));
        self.count_opened(packet.space);
        Some(opened)
    }

    fn count_opened(&mut self, space: Space) {
        if matches!(space, Space::Early | Space::Data) {
            self.tally.opened = self.tally.opened.saturating_add(1);
        }
    }

    fn unlock_initial(&mut self, packet: &Packet<'_>, scratch: &mut Vec<u8>) -> Option<Opened> {
        let me = side(packet.direction);
        let largest = self.largest.first_mut()?.get_mut(me)?;
        let full = self.initial.len() >= VERSIONS;
        let same = self
            .initial
            .iter_mut()
            .find(|i| i.version == packet.version);
        let opened = match same {
            Some(initial) => initial.guards.get_mut(me)?.open(
                packet.bytes,
                packet.number_at,
                *largest,
                scratch,
            )?,
            // Compatible version negotiation (RFC 9368 section 2.3).
            None if !full => {
                let (initial, opened) =
                    begin(packet.version, self.first.as_slice(), packet, scratch)?;
                self.initial.push(initial);
                opened
            }
            None => return None,
        };
        if packet.direction == Direction::Down {
            self.version = packet.version;
        }
        *largest = Some(largest.map_or(opened.number, |n| n.max(opened.number)));
        Some(opened)
    }
}

/// Tries a secret with the suite chosen, or with those its length allows.
fn try_secret(
    secret: &[u8],
    chosen: Option<Suite>,
    labels: &Labels,
    packet: &Packet<'_>,
    largest: Option<u64>,
    scratch: &mut Vec<u8>,
) -> Option<(Guard, Opened)> {
    // Early data may be protected with another suite than the one chosen (RFC 8446 section 4.2.11).
    let chosen = chosen.filter(|_| packet.space != Space::Early);
    let fits = Suite::of_secret(secret.len());
    fits.iter()
        .copied()
        .filter(|suite| chosen.is_none_or(|c| c == *suite))
        .find_map(|suite| {
            let mut guard = Guard::new(suite, secret, labels)?;
            let opened = guard.open(packet.bytes, packet.number_at, largest, scratch)?;
            Some((guard, opened))
        })
}
