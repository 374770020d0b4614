//! From datagrams to packets, and to the connections they belong to.

use super::google;
use super::guard::Opened;
use super::header::{self, Body};
use super::path::Path;
use super::session::{Packet, Session, Space};
use super::sessions::{Datagram, Sessions, forget};
use super::version::is_google;
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output, Peers};

impl Sessions {
    /// Reads a datagram. `peers`: who talks, when the given end is the client.
    pub fn datagram(
        &mut self,
        path: &mut Path,
        peers: &mut dyn FnMut(usize) -> Peers,
        datagram: &Datagram<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut rest = datagram.bytes;
        if path.sessions.is_empty()
            && let Some(number) = google::version(rest)
        {
            path.version = number;
            rest = &[];
        }
        // The same session for all packets of a datagram (RFC 9000 section 12.2).
        while let Some(first) = rest.first() {
            if first & 0x80 == 0 {
                return match datagram.cut {
                    true => Ok(()),
                    false => self.short(path, rest, datagram, out),
                };
            }
            let Some(long) = header::long(rest) else {
                break;
            };
            match long.body {
                Body::Negotiation => break,
                Body::Unknown => {
                    path.version = long.version;
                    break;
                }
                Body::Retry => {
                    if let Some(session) = path.sessions.last()
                        && let Some(session) = self.session(*session)
                    {
                        session.retried = true;
                        session.learn(Direction::Down, long.source);
                    }
                    break;
                }
                Body::Protected {
                    kind,
                    packet,
                    number_at,
                    rest: after,
                    missing,
                } => {
                    rest = after;
                    if path.version == 0 {
                        path.version = long.version;
                    }
                    let (Some(space), 0) = (Space::of(kind), missing) else {
                        continue;
                    };
                    let packet = Packet {
                        space,
                        version: long.version,
                        direction: Direction::Up,
                        bytes: packet,
                        number_at,
                    };
                    self.long(path, peers, &long, packet, datagram, out)?;
                }
            }
        }
        if is_google(path.version) && path.google_name.is_none() && path.looks < 8 {
            path.looks += 1;
            path.google_name = google::server_name(datagram.bytes);
        }
        Ok(())
    }

    /// A long header packet.
    fn long(
        &mut self,
        path: &mut Path,
        peers: &mut dyn FnMut(usize) -> Peers,
        long: &header::Long<'_>,
        mut packet: Packet<'_>,
        datagram: &Datagram<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Datagram { sender, at, .. } = *datagram;
        let known = path.sessions.iter().rev().copied().find(|place| {
            self.get(*place).is_some_and(|s| {
                s.knows(long.destination) && !long.destination.is_empty()
                    || s.knows(long.source) && !long.source.is_empty()
            })
        });
        let place = known.or(path.sessions.last().copied());
        if let Some(client) = path.client {
            packet.direction = match sender.side == client {
                true => Direction::Up,
                false => Direction::Down,
            };
        }
        let up = path.client.is_none_or(|client| client == sender.side);
        // A first packet has an id that nobody gave out (RFC 9000 section 7.2).
        let may_begin = packet.space == Space::Initial && up && long.destination.len() >= 4;
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut opened = None;
        let mut used = place;
        if let Some(session) = place.and_then(|p| self.session(p)) {
            opened = session.unlock(&packet, &mut scratch, out);
        }
        let mut began = false;
        if opened.is_none() && may_begin {
            packet.direction = Direction::Up;
            let retried = place.and_then(|p| self.session(p)).filter(|s| s.retried);
            if let Some(session) = retried {
                opened = session.again(long.destination, &packet, &mut scratch);
            }
            if opened.is_none()
                && self.has_room(path, at, out)?
                && let Some((mut session, first)) =
                    Session::open(peers(sender.side), long.destination, &packet, &mut scratch)
            {
                session.paths = 1;
                let place = self.place(Box::new(session));
                path.add(place);
                path.client = Some(sender.side);
                (opened, used, began) = (Some(first), Some(place), true);
            }
        }
        if let (Some(opened), Some(place)) = (opened, used) {
            if let Some(session) = self.session(place) {
                session.learn(packet.direction, long.source);
            }
            self.read(place, &packet, &scratch, opened, at, out)?;
        } else if packet.space != Space::Initial || place.is_none() {
            self.keep(path, place, packet.bytes, datagram, out)?;
        }
        self.scratch = scratch;
        if began || packet.space == Space::Initial && opened.is_some() {
            self.replay(path, peers, out)?;
        }
        Ok(())
    }

    /// A short header packet: the rest of the datagram.
    fn short(
        &mut self,
        path: &mut Path,
        bytes: &[u8],
        datagram: &Datagram<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Datagram { sender, at, .. } = *datagram;
        let after = bytes.get(1..).unwrap_or_default();
        let mut found = None;
        let direction = path.client.map(|client| match sender.side == client {
            true => Direction::Up,
            false => Direction::Down,
        });
        if let Some(direction) = direction {
            found = path.sessions.iter().rev().copied().find_map(|place| {
                let length = self.get(place)?.addressed(direction, after)?;
                Some((place, direction, length))
            });
        }
        if found.is_none()
            && let Some(place) = self.by_short(bytes)
        {
            // It moved here from another path.
            let session = self.get(place);
            found = [Direction::Up, Direction::Down]
                .into_iter()
                .find_map(|direction| {
                    let length = session?.addressed(direction, after).filter(|n| *n > 0)?;
                    Some((place, direction, length))
                });
            if let Some((place, direction, _)) = found
                && path.add(place)
            {
                if path.client.is_none() {
                    path.client = Some(match direction {
                        Direction::Up => sender.side,
                        Direction::Down => 1 - sender.side.min(1),
                    });
                }
                if let Some(session) = self.session(place) {
                    session.paths = session.paths.saturating_add(1);
                }
            }
        }
        if found.is_none()
            && let (Some(direction), Some(place)) = (direction, path.sessions.last())
            && let Some(length) = self.get(*place).and_then(|s| s.id_length(direction))
        {
            // The frame that told this id was not captured.
            found = Some((*place, direction, length));
        }
        let Some((place, direction, length)) = found else {
            return self.keep(path, None, bytes, datagram, out);
        };
        let packet = Packet {
            space: Space::Data,
            version: 0,
            direction,
            bytes,
            number_at: length.saturating_add(1),
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        let opened = self
            .session(place)
            .and_then(|s| s.unlock(&packet, &mut scratch, out));
        if let Some(opened) = opened {
            self.read(place, &packet, &scratch, opened, at, out)?;
        } else {
            self.keep(path, Some(place), bytes, datagram, out)?;
        }
        self.scratch = scratch;
        Ok(())
    }

    fn read(
        &mut self,
        place: u32,
        packet: &Packet<'_>,
        scratch: &[u8],
        opened: Opened,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Some(Some(session)) = self.places.get_mut(place as usize) else {
            return Ok(());
        };
        let payload = scratch.get(opened.start..opened.end).unwrap_or_default();
        if !session.read(packet, payload, at, &mut self.held, out)? {
            let frame = at.frame;
            out.count(
                "unsupported",
                "QUIC packets hold frames of a kind that is not known; the rest of these packets is not shown.",
                || format!("packet {frame}"),
            );
        }
        for id in std::mem::take(&mut session.stale) {
            forget(&mut self.by_id, &mut self.lengths, &id, place);
        }
        for id in std::mem::take(&mut session.fresh) {
            let length = id.as_slice().len();
            if length > 0
                && self.by_id.insert(id, place).is_none()
                && let Some(count) = self.lengths.get_mut(length)
            {
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }
}
