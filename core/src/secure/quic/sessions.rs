//! All QUIC connections of a capture: found by network path and by connection id (RFC 9000 sections 5.1
//! and 9), so that a connection that moves to another address is followed.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::header::{ID_BYTES, Id};
use super::path::{EARLY, EARLY_BYTES, Early, Path};
use super::rows::{describe, gap};
use super::session::Session;
use super::version::Version;
use crate::model::{Connection, Stopped};
use crate::protocol::output::{Arrival, Output, Peers};

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
    pub(super) places: Vec<Option<Box<Session>>>,
    pub(super) free: Vec<u32>,
    pub(super) by_id: HashMap<Id, u32, RandomState>,
    /// How many of the ids have each length.
    pub(super) lengths: [u32; ID_BYTES + 1],
    pub(super) scratch: Vec<u8>,
    /// Bytes that wait in streams.
    pub(super) held: u64,
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

    pub(super) fn get(&self, place: u32) -> Option<&Session> {
        self.places.get(place as usize)?.as_deref()
    }

    pub(super) fn by_short(&self, bytes: &[u8]) -> Option<u32> {
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

    pub(super) fn session(&mut self, place: u32) -> Option<&mut Session> {
        self.places.get_mut(place as usize)?.as_deref_mut()
    }

    /// May another connection be opened?
    pub(super) fn has_room(
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

    pub(super) fn place(&mut self, session: Box<Session>) -> u32 {
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
    pub(super) fn keep(
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
    pub(super) fn replay(
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
pub(super) fn forget(
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
