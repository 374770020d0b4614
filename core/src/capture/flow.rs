//! One TCP connection or UDP flow.

use super::application::{Application, direction_of};
use super::half::Half;
use super::ip::Address;
use crate::model::{Connection, Direction};
use crate::protocol::output::Peers;
use crate::secure::session::End;

/// TCP or UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
}

/// What a flow is found by: both ends in a fixed order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// The lower address and port.
    pub a: (Address, u16),
    /// The higher.
    pub b: (Address, u16),
    /// The protocol.
    pub carrier: Carrier,
}

impl FlowKey {
    /// The key, and which side (0 or 1) the source is.
    #[inline]
    pub fn new(
        carrier: Carrier,
        source: (Address, u16),
        destination: (Address, u16),
    ) -> (FlowKey, usize) {
        if source <= destination {
            let key = FlowKey {
                a: source,
                b: destination,
                carrier,
            };
            (key, 0)
        } else {
            let key = FlowKey {
                a: destination,
                b: source,
                carrier,
            };
            (key, 1)
        }
    }
}

/// Who talks: what the protocol readers need of a flow.
#[derive(Debug)]
pub struct Talk {
    /// The connection's ordinal.
    pub id: i64,
    /// The ends.
    pub key: FlowKey,
    /// Which side is the client.
    pub client: usize,
    /// True once it is seen, not guessed.
    pub certain: bool,
    /// App, if the capture names it.
    pub app: Option<Box<str>>,
}

impl Talk {
    /// Which way this side talks.
    #[inline]
    pub fn direction(&self, side: usize) -> Direction {
        direction_of(side == self.client)
    }

    /// Both ports.
    pub fn ports(&self) -> (u16, u16) {
        (self.key.a.1, self.key.b.1)
    }

    /// This side was heard to talk like a client (`Up`) or server. What it says counts more than who
    /// sent the first packet, unless the handshake was seen.
    pub fn speaks(&mut self, side: usize, direction: Direction) {
        if !self.certain {
            self.client = match direction {
                Direction::Up => side,
                Direction::Down => 1 - side.min(1),
            };
            self.certain = true;
        }
    }

    fn end(&self, side: usize) -> (String, u16) {
        let (address, port) = if side == 0 { self.key.a } else { self.key.b };
        (address.text(), port)
    }

    /// The ends as text.
    pub fn peers(&self) -> Peers {
        Peers {
            connection: self.id,
            client: self.end(self.client),
            server: self.end(1 - self.client.min(1)),
            app: self.app.clone(),
        }
    }

    /// A guess from the ports: servers have lower ones.
    pub fn guess(&mut self, sender: usize) {
        let (a, b) = self.ports();
        let low = |port: u16| {
            port < 1024 || matches!(port, 5353 | 8080 | 8443 | 5222 | 5223 | 5228 | 1883 | 8883)
        };
        self.client = match (low(a), low(b)) {
            (true, false) => 1,
            (false, true) => 0,
            _ => sender,
        };
    }
}

/// A flow and everything known about it.
#[derive(Debug)]
pub struct Flow {
    /// Who talks.
    pub talk: Talk,
    /// Microseconds of the first and last packet.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// First packet number.
    pub frame: i64,
    /// Last packet number.
    pub last_frame: i64,
    /// Both directions, by side.
    pub halves: [Half; 2],
    /// What is spoken.
    pub application: Application,
    /// A reset was seen.
    pub reset: bool,
    /// Which side ended it first, and when.
    pub ended: Option<(usize, i64)>,
    /// First packet after a gap.
    pub gap_frame: i64,
}

impl Flow {
    /// True when nothing more is expected.
    pub fn is_over(&self) -> bool {
        self.reset || self.halves.iter().all(|h| h.closed)
    }

    /// Bytes known to be missing.
    pub fn missing(&self) -> u64 {
        self.halves
            .iter()
            .fold(0, |sum, half| sum.saturating_add(half.missing))
    }

    /// Its row.
    pub fn row(&self) -> Connection {
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let [a, b] = &self.halves;
        let (up, down) = if self.talk.client == 0 {
            (a, b)
        } else {
            (b, a)
        };
        let peers = self.talk.peers();
        let mut row = Connection {
            id: self.talk.id,
            protocol: match self.talk.key.carrier {
                Carrier::Tcp => "tcp",
                Carrier::Udp => "udp",
            },
            client: peers.client,
            server: peers.server,
            first: self.first,
            last: self.last,
            bytes_up: count(up.position.saturating_sub(up.before)),
            bytes_down: count(down.position.saturating_sub(down.before)),
            packets_up: i64::from(up.packets),
            packets_down: i64::from(down.packets),
            missing: count(self.missing()),
            frame: self.frame,
            app: self.talk.app.as_deref().map(str::to_owned),
            ..Connection::default()
        };
        let end = self.ended.map(|(side, at)| End {
            by: self.talk.direction(side),
            at,
        });
        self.application.describe(&mut row, end);
        row
    }
}
