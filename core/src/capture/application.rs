//! What is spoken on a connection: recognised from the first bytes, then fed.

mod decide;
mod describe;

use super::dtls::Dtls;
use super::flow::Talk;
use super::tls::Tls;
use crate::model::{Direction, Stopped, Transport};
use crate::protocol::dns::Lookups;
use crate::protocol::http1::{Exchange, Upgrade};
use crate::protocol::http2;
use crate::protocol::mqtt;
use crate::protocol::output::{Arrival, Output};
use crate::protocol::raw::{self, Burst, Raw};
use crate::protocol::websocket::Socket;
use crate::secure::{quic, wireguard};

/// What is known about the protocol of a connection.
#[derive(Debug)]
pub enum Application {
    /// Not yet recognised.
    Undecided([First; 2], Carried),
    /// HTTP/1.
    Http(Box<Exchange>),
    /// HTTP/2.
    Http2(Box<http2::Exchange>),
    /// WebSocket.
    WebSocket(Box<Socket>),
    /// MQTT.
    Mqtt(Box<mqtt::Session>),
    /// Not read, but kept.
    Raw(Box<Raw>),
    /// TLS, with what is inside once it is opened.
    Tls(Box<Tls>),
    /// DNS.
    Dns(Box<Lookups>),
    /// QUIC; its connections are kept for the whole capture, as they may move to other addresses.
    Quic(Box<quic::Path>),
    /// WireGuard; its sessions, too, may move.
    WireGuard(wireguard::Path),
    /// DTLS.
    Dtls(Box<Dtls>),
    /// Recognised, not read.
    Named(&'static str),
    /// Looked at and not recognised, or nothing was sent.
    Unknown,
}

/// What carries a stream of bytes. It decides what is said about how its messages travelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carried {
    /// The packets themselves.
    #[default]
    Bare,
    /// A TLS session that was opened.
    Tls,
}

impl Carried {
    /// The scheme of URLs of HTTP here, and how its messages travelled.
    pub fn http(self, server_port: u16) -> (&'static str, Transport) {
        match (self, server_port) {
            (Carried::Tls, _) => ("https", Transport::Tls),
            // Readable HTTP on the port of https comes from tools that write down what they
            // decrypted: how it really travelled is not told.
            (Carried::Bare, 443) => ("https", Transport::Unknown),
            (Carried::Bare, _) => ("http", Transport::Clear),
        }
    }

    /// How messages of other protocols travelled.
    pub fn transport(self) -> Transport {
        match self {
            Carried::Tls => Transport::Tls,
            Carried::Bare => Transport::Clear,
        }
    }
}

/// What one direction has shown so far.
#[derive(Debug, Default)]
pub enum First {
    /// Nothing.
    #[default]
    Fresh,
    /// Too little to tell.
    Part(Box<Part>),
    /// Something unknown, the beginning of which is kept.
    Unknown(Box<Burst>),
    /// The start is missing: any segment may begin a message.
    Searching,
}

/// Bytes that are too few to tell.
#[derive(Debug)]
pub struct Part {
    bytes: Vec<u8>,
    position: u64,
    at: Arrival,
}

/// Bytes of one side, and where they are.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// 0 or 1: who sent them.
    pub side: usize,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Bytes of this side before them, gaps included.
    pub position: u64,
    /// The packet.
    pub at: &'a Arrival,
}

impl Application {
    /// Nothing known. `searching`: the start of the connection was not captured.
    pub fn undecided(searching: bool, carried: Carried) -> Application {
        let first = || {
            if searching {
                First::Searching
            } else {
                First::Fresh
            }
        };
        Application::Undecided([first(), first()], carried)
    }

    /// Does it want the bytes of this side, or only their number?
    pub fn wants(&self, talk: &Talk, side: usize) -> bool {
        match self {
            Application::Undecided(..)
            | Application::Dns(_)
            | Application::Http(_)
            | Application::Http2(_)
            | Application::WebSocket(_)
            | Application::Mqtt(_) => true,
            Application::Raw(raw) => raw.wants(talk.direction(side)),
            Application::Tls(tls) => tls.wants(talk, side),
            Application::Named(_)
            | Application::Quic(_)
            | Application::WireGuard(_)
            | Application::Dtls(_)
            | Application::Unknown => false,
        }
    }

    /// Feeds bytes in order.
    pub fn data(
        &mut self,
        talk: &mut Talk,
        mut piece: Piece<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        loop {
            match self {
                Application::Http(exchange) => {
                    let direction = talk.direction(piece.side);
                    let Piece {
                        bytes,
                        position,
                        at,
                        ..
                    } = piece;
                    let Some(used) = exchange.data(direction, bytes, position, at, out)? else {
                        return Ok(());
                    };
                    // A tunnel: both directions begin again with something else.
                    let upgrade = exchange.take_upgrade();
                    let held = exchange.take_held();
                    let carried = match exchange.transport() {
                        Transport::Tls => Carried::Tls,
                        _ => Carried::Bare,
                    };
                    *self = match upgrade {
                        Some(Upgrade::WebSocket(opening)) => {
                            let (peers, transport) = (exchange.peers(), exchange.transport());
                            let socket = Socket::new(peers.clone(), opening, transport);
                            Application::WebSocket(Box::new(socket))
                        }
                        Some(Upgrade::Http2(upgraded)) => {
                            let (scheme, transport) = carried.http(exchange.peers().server.1);
                            let peers = exchange.peers().clone();
                            let lost = (false, false);
                            let next = http2::Exchange::new(peers, scheme, transport, lost);
                            Application::Http2(Box::new(next.answering(upgraded)))
                        }
                        Some(Upgrade::Other) | None => Application::undecided(false, carried),
                    };
                    if !held.is_empty() {
                        let ahead = Piece {
                            side: talk.client,
                            bytes: &held,
                            ..piece
                        };
                        self.data(talk, ahead, out)?;
                    }
                    piece.bytes = bytes.get(used..).unwrap_or_default();
                    piece.position = position.saturating_add(used as u64);
                    if piece.bytes.is_empty() {
                        return Ok(());
                    }
                }
                Application::Http2(exchange) => {
                    let direction = talk.direction(piece.side);
                    return exchange.data(direction, piece.bytes, piece.at, out);
                }
                Application::WebSocket(socket) => {
                    let direction = talk.direction(piece.side);
                    return socket.data(direction, piece.bytes, piece.at, out);
                }
                Application::Mqtt(session) => {
                    let direction = talk.direction(piece.side);
                    return session.data(direction, piece.bytes, piece.at, out);
                }
                Application::Raw(raw) => {
                    return raw.data(talk.direction(piece.side), piece.bytes, piece.at, out);
                }
                Application::Tls(tls) => return tls.data(talk, piece, out),
                Application::Dns(lookups) => {
                    return lookups.data(piece.side, piece.bytes, piece.at, out);
                }
                Application::Named(_)
                | Application::Quic(_)
                | Application::WireGuard(_)
                | Application::Dtls(_)
                | Application::Unknown => return Ok(()),
                Application::Undecided(..) => return self.decide(talk, piece, out),
            }
        }
    }

    /// Nobody knows what is spoken: from here on the bytes are kept.
    fn keep(
        &mut self,
        talk: &Talk,
        name: Option<&'static str>,
        carried: Carried,
        out: &mut Output<'_>,
    ) -> Result<&mut Self, Stopped> {
        let mut raw = Raw::new(talk.peers(), carried.transport(), name);
        if let Application::Undecided(firsts, _) = self {
            for (side, first) in firsts.iter_mut().enumerate() {
                let burst = match std::mem::take(first) {
                    First::Unknown(burst) => *burst,
                    First::Part(part) => {
                        let mut burst = Burst::default();
                        burst.add(&part.bytes, raw::STREAM_BYTES, &part.at, out);
                        burst
                    }
                    First::Fresh | First::Searching => continue,
                };
                raw.begin(talk.direction(side), burst);
            }
        }
        *self = Application::Raw(Box::new(raw));
        Ok(self)
    }

    /// Bytes of a side are missing.
    pub fn gap(
        &mut self,
        talk: &Talk,
        side: usize,
        bytes: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if self.is_unknown()
            && let Application::Undecided(_, carried) = *self
        {
            self.keep(talk, None, carried, out)?;
        }
        match self {
            Application::Http2(exchange) => exchange.gap(talk.direction(side), bytes, out),
            Application::WebSocket(socket) => socket.gap(talk.direction(side), bytes, out),
            Application::Mqtt(session) => {
                session.gap(talk.direction(side), out);
                Ok(())
            }
            Application::Raw(raw) => raw.gap(talk.direction(side), bytes, out),
            Application::Http(exchange) => exchange.gap(talk.direction(side), bytes, out),
            Application::Tls(tls) => {
                tls.gap(talk, side, bytes);
                Ok(())
            }
            Application::Dns(lookups) => {
                lookups.gap(side);
                Ok(())
            }
            Application::Undecided(firsts, _) => {
                if let Some(first) = firsts.get_mut(side) {
                    *first = First::Searching;
                }
                Ok(())
            }
            Application::Named(_)
            | Application::Quic(_)
            | Application::WireGuard(_)
            | Application::Dtls(_)
            | Application::Unknown => Ok(()),
        }
    }

    /// Has a side said something nobody knows?
    fn is_unknown(&self) -> bool {
        let Application::Undecided(firsts, _) = self else {
            return false;
        };
        firsts.iter().any(|f| matches!(f, First::Unknown(_)))
    }

    /// A side is over. `clean`: it said so itself.
    pub fn close(
        &mut self,
        talk: &Talk,
        side: usize,
        clean: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        // What is too short to tell, too: nothing more comes.
        if let Application::Undecided(firsts, carried) = self {
            let carried = *carried;
            let told = |f: &First| matches!(f, First::Unknown(_) | First::Part(_));
            if firsts.get(side).is_some_and(told) {
                self.keep(talk, None, carried, out)?;
            }
        }
        match self {
            Application::Http2(exchange) => exchange.close(talk.direction(side), out),
            Application::WebSocket(socket) => socket.close(talk.direction(side), out),
            Application::Mqtt(session) => {
                session.close(talk.direction(side), out);
                Ok(())
            }
            Application::Raw(raw) => raw.close(talk.direction(side), out),
            Application::Http(exchange) => exchange.close(talk.direction(side), clean, out),
            Application::Tls(tls) => tls.close(talk, side, clean, out),
            _ => Ok(()),
        }
    }
}

/// The direction of what a client or a server says.
pub fn direction_of(is_client: bool) -> Direction {
    if is_client {
        Direction::Up
    } else {
        Direction::Down
    }
}
