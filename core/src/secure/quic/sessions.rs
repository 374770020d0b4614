//! All QUIC connections of a capture: found by network path and by connection id (RFC 9000 sections 5.1
//! and 9), so that a connection that moves to another address is followed.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::google;
use super::header::{self, Body, ID_BYTES, Id};
use super::path::{EARLY, EARLY_BYTES, Early, Path};
use super::session::{Packet, Session, Space};
use super::version::{Version, is_google};
use crate::model::{Connection, Direction, Problem, Stopped};
use crate::protocol::output::{Arrival, Output, Peers};
use crate::secure::hello;

/// Who sent a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// Which end of the path: 0 or 1.
    pub side: usize,
}

/// A datagram.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Its payload, as captured.
    pub bytes: &'a [u8],
    /// Who sent it.
    pub sender: Sender,
    /// Its end was not captured.
    pub cut: bool,
    /// Its packet.
    pub at: &'a Arrival,
}

/// All connections.
#[derive(Default)]
pub struct Sessions {
    places: Vec<Option<Box<Session>>>,
    free: Vec<u32>,
    by_id: HashMap<Id, u32, RandomState>,
    /// How many of the ids have each length.
    lengths: [u32; ID_BYTES + 1],
    scratch: Vec<u8>,
    /// Bytes that wait in streams.
    held: u64,
    /// Bytes of packets that wait for what opens them.
    early: u64,
    told: bool,
    full: bool,
}

impl Sessions {
    /// Does this datagram, on a path where nothing was recognised, belong to a connection that moved?
    #[inline]
    pub fn knows(&self, bytes: &[u8]) -> bool {
        // Without the fixed bit, or too short to be protected, it is not looked up.
        !self.by_id.is_empty() && bytes.len() >= 21 && self.by_short(bytes).is_some()
    }

    fn get(&self, place: u32) -> Option<&Session> {
        self.places.get(place as usize)?.as_deref()
    }

    fn by_short(&self, bytes: &[u8]) -> Option<u32> {
        let first = bytes.first()?;
        if first & 0xc0 != 0x40 {
            return None;
        }
        (1..=ID_BYTES).rev().find_map(|length| {
            if *self.lengths.get(length)? == 0 {
                return None;
            }
            let id = Id::new(bytes.get(1..length + 1)?)?;
            self.by_id.get(&id).copied()
        })
    }

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

    fn session(&mut self, place: u32) -> Option<&mut Session> {
        self.places.get_mut(place as usize)?.as_deref_mut()
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
        opened: super::guard::Opened,
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

    /// May another connection be opened?
    fn has_room(
        &mut self,
        path: &Path,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        let open = self.places.len().saturating_sub(self.free.len());
        let limit = u64::from(out.limits.open_connections.max(1));
        if (open as u64) < limit && !path.is_full() {
            return Ok(true);
        }
        if !self.full {
            self.full = true;
            let place = format!("packet {}", at.frame);
            out.limit("open QUIC connections", limit, place)?;
        }
        Ok(false)
    }

    fn place(&mut self, session: Box<Session>) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(slot) = self.places.get_mut(place as usize) {
            *slot = Some(session);
        }
        place
    }

    /// Keeps a packet that came before what opens it: before the client's hello was whole.
    fn keep(
        &mut self,
        path: &mut Path,
        place: Option<u32>,
        bytes: &[u8],
        datagram: &Datagram<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let waits = match place.and_then(|p| self.get(p)) {
            Some(session) => session.tls.random.is_none(),
            None => Version::of(path.version).is_some() || path.version == 0,
        };
        let short = bytes.first().is_some_and(|b| b & 0x80 == 0);
        let needless = out.secrets.is_empty() && (place.is_some() || short);
        if !waits || path.replaying || needless {
            return Ok(());
        }
        let cost = bytes.len() as u64;
        if path.early.len() >= EARLY || self.early.saturating_add(cost) > EARLY_BYTES {
            // Paths that never show a first packet are common; only a begun handshake counts.
            if place.is_some() && !self.told {
                self.told = true;
                let where_ = format!("packet {}", datagram.at.frame);
                out.limit("packets before their keys", EARLY as u64, where_)?;
            }
            return Ok(());
        }
        self.early = self.early.saturating_add(cost);
        path.early.push(Early {
            bytes: bytes.to_vec(),
            sender: datagram.sender,
            at: *datagram.at,
        });
        Ok(())
    }

    /// Reads again what was kept.
    fn replay(
        &mut self,
        path: &mut Path,
        peers: &mut dyn FnMut(usize) -> Peers,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if path.replaying || path.early.is_empty() {
            return Ok(());
        }
        let ready = path
            .sessions
            .last()
            .and_then(|p| self.get(*p))
            .is_some_and(|s| s.tls.random.is_some());
        if !ready {
            return Ok(());
        }
        path.replaying = true;
        for early in std::mem::take(&mut path.early) {
            self.early = self.early.saturating_sub(early.bytes.len() as u64);
            let datagram = Datagram {
                bytes: &early.bytes,
                sender: early.sender,
                cut: false,
                at: &early.at,
            };
            self.datagram(path, peers, &datagram, out)?;
        }
        path.replaying = false;
        Ok(())
    }

    /// A path is over; with the last of its paths a connection is.
    pub fn leave(
        &mut self,
        path: &mut Path,
        row: &mut Connection,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        for early in std::mem::take(&mut path.early) {
            self.early = self.early.saturating_sub(early.bytes.len() as u64);
        }
        row.application = Some("quic");
        row.transport = "tls";
        row.sni.clone_from(&path.google_name);
        row.not_opened = Some(match Version::of(path.version) {
            // Nothing of it was protected in a way that is known.
            None if path.version != 0 => "quic draft",
            _ => "gap",
        });
        for place in std::mem::take(&mut path.sessions) {
            let Some(Some(session)) = self.places.get_mut(place as usize) else {
                continue;
            };
            session.paths = session.paths.saturating_sub(1);
            let over = session.paths == 0;
            if over {
                session.finish(&mut self.held, out)?;
            }
            describe(session, row, out);
            if over {
                if session.streams.gaps > 0 {
                    out.problem(gap(session))?;
                }
                self.close(place);
            }
        }
        Ok(())
    }

    fn close(&mut self, place: u32) {
        let Some(session) = self.places.get_mut(place as usize).and_then(Option::take) else {
            return;
        };
        for id in session.ids.iter().flatten().chain(&session.stale) {
            forget(&mut self.by_id, &mut self.lengths, id, place);
        }
        self.free.push(place);
    }
}

/// Lets go of an id, if it is still this connection's.
fn forget(
    by_id: &mut HashMap<Id, u32, RandomState>,
    lengths: &mut [u32; ID_BYTES + 1],
    id: &Id,
    place: u32,
) {
    if by_id.get(id) == Some(&place) {
        by_id.remove(id);
        if let Some(count) = lengths.get_mut(id.as_slice().len()) {
            *count = count.saturating_sub(1);
        }
    }
}

fn gap(session: &Session) -> Problem {
    Problem {
        code: "gap",
        text: format!(
            "Connection {} (QUIC): {} bytes of its streams are missing from the capture; messages they belong to are marked incomplete or not shown.",
            session.peers.connection, session.streams.lost
        ),
        place: format!("packet {}", session.streams.gap_frame),
        count: i64::from(session.streams.gaps),
    }
}

/// Fills in what a connection tells. Where several share a path, the first hello and any success count.
fn describe(session: &Session, row: &mut Connection, out: &Output<'_>) {
    if let Some(client) = &session.tls.client
        && row.ja4.is_none()
    {
        row.sni.clone_from(&client.server_name);
        row.alpn = client
            .alpn
            .iter()
            .map(|p| String::from_utf8_lossy(p).into_owned())
            .collect();
        row.ja4.clone_from(&session.tls.ja4);
    }
    if row.sni.is_none() {
        row.sni.clone_from(&session.google_name);
    }
    if row.tls_version.is_none() {
        let version = session.tls.server.as_ref().map(|s| s.version);
        row.tls_version = version.and_then(hello::version_text);
    }
    if !row.opened {
        row.not_opened = session.not_opened(out);
        row.opened = row.not_opened.is_none();
    }
    let lost = i64::try_from(session.streams.lost).unwrap_or(i64::MAX);
    if session.peers.connection == row.id {
        row.missing = row.missing.saturating_add(lost);
    }
}
