//! All tunnels of a capture. A session is known by the numbers that its ends gave each other, so that one that moves
//! to another address is followed.

use std::collections::VecDeque;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use ring::aead::{Aad, LessSafeKey};

use super::noise::{self, Begun};
use super::wire::{self, Datagram};
use crate::model::{Connection, Direction, Stopped};
use crate::protocol::output::{Arrival, Output};

/// Handshakes remembered for their answer, and sessions whose packets are opened. A session lasts three minutes.
const SESSIONS: usize = 8192;
/// Sessions that may have the same number.
const SAME_NUMBER: usize = 4;

/// What is known of WireGuard on one network path.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path {
    opened: u64,
    closed: u64,
}

/// What a datagram was.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// An IP packet, in the buffer.
    Packet,
    /// A part of a handshake, with its direction.
    Handshake(Direction),
    /// An empty packet, or a cookie.
    Nothing,
    /// A packet that nothing opens.
    Closed,
}

/// All tunnels.
#[derive(Default)]
pub struct Tunnels {
    begun: HashMap<u32, Begun, RandomState>,
    /// Numbers of those, the oldest first.
    begun_order: VecDeque<u32>,
    /// What opens packets for the owner of a number, the newest last.
    open: HashMap<u32, Vec<LessSafeKey>, RandomState>,
    open_order: VecDeque<u32>,
    full: bool,
}

impl Tunnels {
    /// Does this datagram, on a path where nothing was recognised, belong to a session that moved?
    #[inline]
    pub fn knows(&self, bytes: &[u8]) -> bool {
        !self.open.is_empty()
            && matches!(wire::read(bytes), Some(Datagram::Data(data)) if self.open.contains_key(&data.receiver))
    }

    /// One datagram. What it carries is put into `plain`.
    pub fn datagram(
        &mut self,
        path: &mut Path,
        bytes: &[u8],
        at: &Arrival,
        plain: &mut Vec<u8>,
        out: &mut Output<'_>,
    ) -> Result<Found, Stopped> {
        let found = match wire::read(bytes) {
            Some(Datagram::Initiation(message)) => {
                if let Some(begun) = noise::begin(&out.secrets.wireguard, &message)
                    && self.begun.insert(message.sender, begun).is_none()
                {
                    self.begun_order.push_back(message.sender);
                    if self.begun_order.len() > SESSIONS
                        && let Some(oldest) = self.begun_order.pop_front()
                    {
                        self.begun.remove(&oldest);
                        self.tell(at, out)?;
                    }
                }
                Found::Handshake(Direction::Up)
            }
            Some(Datagram::Response(message)) => {
                let keys = self
                    .begun
                    .get(&message.receiver)
                    .and_then(|begun| noise::answer(begun, &out.secrets.wireguard, &message));
                if let Some([up, down]) = keys {
                    self.add(message.sender, &up, at, out)?;
                    self.add(message.receiver, &down, at, out)?;
                }
                Found::Handshake(Direction::Down)
            }
            Some(Datagram::Data(data)) => {
                let found = self.open(&data, plain);
                let count = match found {
                    Found::Closed => &mut path.closed,
                    _ => &mut path.opened,
                };
                *count = count.saturating_add(1);
                found
            }
            None => Found::Nothing,
        };
        Ok(found)
    }

    fn open(&self, data: &wire::Data<'_>, plain: &mut Vec<u8>) -> Found {
        for key in self.open.get(&data.receiver).into_iter().flatten().rev() {
            plain.clear();
            plain.extend_from_slice(data.sealed);
            let nonce = noise::nonce(data.counter);
            if let Ok(opened) = key.open_in_place(nonce, Aad::empty(), plain) {
                let length = opened.len();
                plain.truncate(length);
                return if length == 0 {
                    Found::Nothing
                } else {
                    Found::Packet
                };
            }
        }
        Found::Closed
    }

    fn add(
        &mut self,
        number: u32,
        key: &noise::Key,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Some(key) = noise::sealing_key(key) else {
            return Ok(());
        };
        let keys = self.open.entry(number).or_default();
        if keys.is_empty() {
            self.open_order.push_back(number);
        } else if keys.len() >= SAME_NUMBER {
            keys.remove(0);
        }
        keys.push(key);
        // Each session has two numbers.
        if self.open_order.len() > 2 * SESSIONS
            && let Some(oldest) = self.open_order.pop_front()
        {
            self.open.remove(&oldest);
            self.tell(at, out)?;
        }
        Ok(())
    }

    fn tell(&mut self, at: &Arrival, out: &mut Output<'_>) -> Result<(), Stopped> {
        if self.full {
            return Ok(());
        }
        self.full = true;
        let place = format!("packet {}", at.frame);
        out.limit("WireGuard sessions", SESSIONS as u64, place)
    }
}

impl Path {
    /// Fills in what the row tells. What is inside an opened tunnel has rows of its own.
    pub fn describe(&self, row: &mut Connection) {
        row.application = Some("wireguard");
        row.transport = "unknown";
        row.opened = self.opened > 0;
        row.not_opened = (!row.opened).then_some("no keys");
    }

    /// Packets that stayed closed on a path where others were opened.
    pub fn left_closed(&self) -> u64 {
        if self.opened > 0 { self.closed } else { 0 }
    }
}
