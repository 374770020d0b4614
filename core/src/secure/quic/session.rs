//! One QUIC connection: its keys, handshake and streams.

use super::frames::{self, Frame};
use super::guard::{Guard, Opened};
use super::handshake::{CRYPTO_BYTES, Handshake, Level};
use super::header::Id;
use super::inner::Inner;
use super::keys::{Suite, initial_secrets};
use super::streams::{Data, Streams};
use super::version::{Kind, Version};
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output, Peers};
use crate::protocol::varint::Reader;
use crate::secure::session::names_certificate;

/// Connection ids remembered per side.
pub const IDS: usize = 64;

/// A level of encryption, as a packet tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Initial packets.
    Initial,
    /// Early data.
    Early,
    /// Handshake packets.
    Handshake,
    /// Short header packets.
    Data,
}

impl Space {
    /// Of a long header packet; `None` for Retry, which is not protected.
    pub fn of(kind: Kind) -> Option<Space> {
        match kind {
            Kind::Initial => Some(Space::Initial),
            Kind::ZeroRtt => Some(Space::Early),
            Kind::Handshake => Some(Space::Handshake),
            Kind::Retry => None,
        }
    }
}

/// A protected packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Level.
    pub space: Space,
    /// Version of a long header; 0 for a short one.
    pub version: u32,
    /// Who sent it.
    pub direction: Direction,
    /// The packet from its first byte.
    pub bytes: &'a [u8],
    /// Where the packet number begins.
    pub number_at: usize,
}

/// Keys of one direction at one level.
#[derive(Default)]
pub(super) struct Slot {
    pub guard: Option<Box<Guard>>,
    pub tries: u32,
}

/// Keys of Initial packets of one version.
pub(super) struct Initial {
    pub version: u32,
    pub guards: [Box<Guard>; 2],
}

/// Both directions.
type Pair<T> = [T; 2];

/// How many packets were opened, and why others were not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Packets with early data or data that were opened.
    pub opened: u64,
    /// Packets whose keys are known and that they did not open.
    pub failed: u64,
    /// Packets for which there are no keys.
    pub keyless: u64,
}

/// A connection.
#[derive(Default)]
pub struct Session {
    /// Who talks.
    pub peers: Peers,
    /// Version number in use.
    pub version: u32,
    /// Network paths (address and port pairs) on which it was seen and that are still open.
    pub paths: u32,
    /// What the handshake told.
    pub tls: Handshake,
    /// Streams.
    pub streams: Streams,
    /// What reads them.
    pub inner: Inner,
    /// Counted packets.
    pub tally: Tally,
    /// Connection ids in packets of each direction: those by which the server is reached, then those of
    /// the client.
    pub ids: Pair<Vec<Id>>,
    /// Ids learnt since they were last asked for.
    pub fresh: Vec<Id>,
    /// Ids let go since then.
    pub stale: Vec<Id>,
    /// Server name in a hello of Google's own handshake.
    pub google_name: Option<String>,
    /// A Retry was seen.
    pub retried: bool,
    pub(super) first: Id,
    pub(super) initial: Vec<Initial>,
    pub(super) early: Slot,
    pub(super) handshake: Pair<Slot>,
    pub(super) data: Pair<Slot>,
    pub(super) largest: [Pair<Option<u64>>; 3],
    told: bool,
    /// The client said during the handshake that it does not take the certificate.
    refused: bool,
}

pub(super) fn side(direction: Direction) -> usize {
    match direction {
        Direction::Up => 0,
        Direction::Down => 1,
    }
}

/// Keys of Initial packets, and the client's packet opened with them.
pub(super) fn begin(
    version: u32,
    id: &[u8],
    packet: &Packet<'_>,
    scratch: &mut Vec<u8>,
) -> Option<(Initial, Opened)> {
    let known = Version::of(version)?;
    known.salts.iter().find_map(|salt| {
        let [client, server] = initial_secrets(salt, id)?;
        let guard =
            |secret: &[u8]| Guard::new(Suite::Aes128Gcm, secret, &known.labels).map(Box::new);
        let mut guards = [guard(&client)?, guard(&server)?];
        let mine = guards.get_mut(side(packet.direction))?;
        let opened = mine.open(packet.bytes, packet.number_at, None, scratch)?;
        Some((Initial { version, guards }, opened))
    })
}

impl Session {
    /// A connection that a client's Initial packet opens; what it carries is then read from `scratch`.
    /// `None`: the packet is not the first of a connection.
    pub fn open(
        peers: Peers,
        id: &[u8],
        packet: &Packet<'_>,
        scratch: &mut Vec<u8>,
    ) -> Option<(Session, Opened)> {
        let (initial, opened) = begin(packet.version, id, packet, scratch)?;
        let mut session = Session {
            peers,
            version: packet.version,
            initial: vec![initial],
            first: Id::new(id)?,
            ..Session::default()
        };
        session.learn(Direction::Down, id);
        Some((session, opened))
    }

    /// The client begins again with another id (after a Retry, RFC 9000 section 17.2.5).
    pub fn again(
        &mut self,
        id: &[u8],
        packet: &Packet<'_>,
        scratch: &mut Vec<u8>,
    ) -> Option<Opened> {
        let (initial, opened) = begin(packet.version, id, packet, scratch)?;
        self.initial = vec![initial];
        self.first = Id::new(id)?;
        self.learn(Direction::Down, id);
        Some(opened)
    }

    /// Notes an id by which the sender of packets in `direction` is reached.
    pub fn learn(&mut self, direction: Direction, id: &[u8]) {
        // What the client sends as its own id is where the server's packets go.
        let Some(ids) = self.ids.get_mut(1 - side(direction).min(1)) else {
            return;
        };
        let Some(id) = Id::new(id).filter(|id| !ids.contains(id)) else {
            return;
        };
        if ids.len() >= IDS {
            self.stale.push(ids.remove(1));
        }
        ids.push(id);
        self.fresh.push(id);
    }

    /// The id by which a packet in this direction names its receiver, if it is one of this connection.
    pub fn addressed(&self, direction: Direction, short: &[u8]) -> Option<usize> {
        let ids = self.ids.get(side(direction))?;
        ids.iter()
            .rev()
            .find(|id| short.starts_with(id.as_slice()))
            .map(|id| id.as_slice().len())
    }

    /// The length of ids in packets of this direction, if one is known.
    pub fn id_length(&self, direction: Direction) -> Option<usize> {
        let ids = self.ids.get(side(direction))?;
        ids.last().map(|id| id.as_slice().len())
    }

    /// Is this id one by which a side is reached?
    pub fn knows(&self, id: &[u8]) -> bool {
        self.ids
            .iter()
            .flatten()
            .any(|known| known.as_slice() == id)
    }

    /// Reads the frames of a packet that was opened. False: something in it is not understood.
    pub fn read(
        &mut self,
        packet: &Packet<'_>,
        payload: &[u8],
        at: &Arrival,
        budget: &mut u64,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        let direction = packet.direction;
        let level = match packet.space {
            Space::Initial => Some(Level::Initial),
            Space::Handshake => Some(Level::Handshake),
            // Tickets for later connections tell nothing.
            Space::Early | Space::Data => None,
        };
        if packet.space == Space::Initial && direction == Direction::Up && !self.tls.is_begun() {
            let google = Version::of(self.version).is_some_and(|v| !v.tls);
            if google && self.google_name.is_none() {
                self.google_name = super::google::server_name(payload);
            }
        }
        if Version::of(self.version).is_some_and(|v| !v.tls) {
            return Ok(true);
        }
        let mut rest = Reader(payload);
        while !rest.0.is_empty() {
            let Some(frame) = frames::next(&mut rest) else {
                return Ok(false);
            };
            match frame {
                Frame::Crypto { offset, bytes } => {
                    if let Some(level) = level {
                        self.tls.crypto(direction, level, offset, bytes, at);
                        if self.tls.full && !self.told {
                            self.told = true;
                            let place = format!("connection {}", self.peers.connection);
                            out.limit("handshake bytes", CRYPTO_BYTES, place)?;
                        }
                    }
                }
                Frame::Stream {
                    id,
                    offset,
                    bytes,
                    end,
                } if level.is_none() => {
                    self.decide();
                    let data = Data {
                        id,
                        direction,
                        offset,
                        bytes,
                        end,
                    };
                    self.streams.data(&data, &mut self.inner, at, budget, out)?;
                }
                Frame::Reset { id } if level.is_none() => {
                    self.streams
                        .reset(id, direction, &mut self.inner, budget, out)?;
                }
                Frame::NewId(id) if level.is_none() => self.learn(direction, id),
                Frame::Close { alert: Some(alert) } if level.is_some() => {
                    self.refused |= direction == Direction::Up && names_certificate(alert);
                }
                _ => {}
            }
        }
        Ok(true)
    }

    /// Finds what is spoken, once it must be known: what the server chose, or what the client offered
    /// first where that was not seen (early data comes before the answer).
    fn decide(&mut self) {
        if !matches!(self.inner, Inner::Undecided) {
            return;
        }
        let offered = self.tls.client.as_ref().and_then(|c| c.alpn.first());
        let alpn = self.tls.alpn.as_ref().or(offered);
        self.inner = Inner::of(alpn.map_or(&[], Vec::as_slice), self.peers.clone());
    }

    /// Nothing more comes.
    pub fn finish(&mut self, budget: &mut u64, out: &mut Output<'_>) -> Result<(), Stopped> {
        self.streams.finish(&mut self.inner, budget, out)
    }

    /// Why its messages were not read; `None`: they were.
    pub fn not_opened(&self, out: &Output<'_>) -> Option<&'static str> {
        if self.refused {
            return Some("certificate refused");
        }
        if self.tally.opened > 0 {
            return match &self.inner {
                Inner::Unread => Some("not read"),
                _ => None,
            };
        }
        let random = self.tls.random.as_ref();
        let cipher = self.tls.server.as_ref().map(|s| s.cipher);
        Some(match random {
            None if self.google_name.is_some() => "no keys",
            None => "gap",
            Some(random) if !out.secrets.knows(random) => "no keys",
            Some(_) if cipher.is_some_and(|c| Suite::of(c).is_none()) => "suite not supported",
            Some(_) if self.tally.failed > 0 => "keys do not fit",
            Some(_) if self.tally.keyless > 0 => "no keys",
            Some(_) => "no data",
        })
    }
}
