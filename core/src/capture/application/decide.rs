//! Which protocol a connection speaks, told from its first bytes.

use super::super::flow::Talk;
use super::{Application, First, Part, Piece};
use crate::model::{Direction, Stopped};
use crate::protocol::detect::{self, Stream};
use crate::protocol::dns::Lookups;
use crate::protocol::http1::{Exchange, head};
use crate::protocol::http2;
use crate::protocol::mqtt;
use crate::protocol::output::Output;
use crate::protocol::raw::{self, Burst};

impl Application {
    /// Looks at first bytes, and feeds them once it is known what they are.
    pub(super) fn decide(
        &mut self,
        talk: &mut Talk,
        piece: Piece<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Application::Undecided(firsts, carried) = self else {
            return Ok(());
        };
        let carried = *carried;
        let Some(first) = firsts.get_mut(piece.side) else {
            return Ok(());
        };
        let mut held = Vec::new();
        let (mut position, mut at) = (piece.position, *piece.at);
        let searching = matches!(first, First::Searching);
        match first {
            First::Unknown(burst) => {
                let room = raw::STREAM_BYTES.saturating_sub(burst.held());
                if room > piece.bytes.len() as u64 {
                    burst.add(piece.bytes, room, piece.at, out);
                    return Ok(());
                }
                return self.keep(talk, None, carried, out)?.data(talk, piece, out);
            }
            First::Part(part) => {
                part.bytes.extend_from_slice(piece.bytes);
                held = std::mem::take(&mut part.bytes);
                (position, at) = (part.position, part.at);
            }
            First::Fresh | First::Searching => {}
        }
        let bytes = if held.is_empty() { piece.bytes } else { &held };
        let found = detect::stream(bytes, talk.ports());
        match found {
            Stream::More if !searching && bytes.len() < detect::ENOUGH => {
                if held.is_empty() {
                    held.extend_from_slice(piece.bytes);
                }
                let bytes = held;
                *first = First::Part(Box::new(Part {
                    bytes,
                    position,
                    at,
                }));
                return Ok(());
            }
            Stream::More | Stream::Unknown => {
                if searching {
                    return Ok(());
                }
                let at = if held.is_empty() { piece.at } else { &at };
                let whole = Piece {
                    bytes,
                    position,
                    at,
                    ..piece
                };
                *first = First::Fresh;
                if firsts.iter().any(|f| matches!(f, First::Unknown(_))) {
                    return self.keep(talk, None, carried, out)?.data(talk, whole, out);
                }
                let mut burst = Box::<Burst>::default();
                burst.add(bytes, raw::STREAM_BYTES, at, out);
                if let Some(first) = firsts.get_mut(piece.side) {
                    *first = First::Unknown(burst);
                }
                return Ok(());
            }
            // In the middle of a stream only the clear marks count.
            Stream::Named(_) | Stream::Dns(_) if searching => return Ok(()),
            Stream::Http(Direction::Up) if searching && !head::surely_begins_request(bytes) => {
                return Ok(());
            }
            Stream::Named(name) if detect::is_readable(name) => {
                let whole = Piece {
                    bytes,
                    position,
                    at: if held.is_empty() { piece.at } else { &at },
                    ..piece
                };
                return self
                    .keep(talk, Some(name), carried, out)?
                    .data(talk, whole, out);
            }
            Stream::Named(name) => {
                *self = Application::Named(name);
                return Ok(());
            }
            Stream::Http(direction)
            | Stream::Dns(direction)
            | Stream::Tls(Some(direction))
            | Stream::Http2(Some(direction))
            | Stream::Mqtt(Some(direction)) => {
                talk.speaks(piece.side, direction);
            }
            Stream::Tls(None) | Stream::Http2(None) | Stream::Mqtt(None) => {}
        }
        // The other side may have said a little before.
        let other = firsts
            .get_mut(1 - piece.side.min(1))
            .map(std::mem::take)
            .unwrap_or_default();
        let mut other = other;
        if let First::Unknown(burst) = &mut other {
            burst.release(out);
        }
        let lost = matches!(other, First::Unknown(_) | First::Searching);
        *self = match found {
            Stream::Http(_) => {
                let client = piece.side == talk.client;
                let lost = if client { (false, lost) } else { (lost, false) };
                let peers = talk.peers();
                let (scheme, transport) = carried.http(peers.server.1);
                let exchange = Exchange::new(peers, scheme, transport, lost);
                Application::Http(Box::new(exchange))
            }
            Stream::Http2(_) => {
                let client = piece.side == talk.client;
                let lost = if client {
                    (searching, lost)
                } else {
                    (lost, searching)
                };
                let peers = talk.peers();
                let (scheme, transport) = carried.http(peers.server.1);
                let exchange = http2::Exchange::new(peers, scheme, transport, lost);
                Application::Http2(Box::new(exchange))
            }
            Stream::Mqtt(from) => {
                let session = mqtt::Session::new(talk.peers(), None, carried.transport());
                let session = match from {
                    Some(_) => session,
                    None => session.from_the_middle(),
                };
                Application::Mqtt(Box::new(session))
            }
            Stream::Tls(_) => Application::Tls(Box::default()),
            _ => Application::Dns(Box::new(
                Lookups::new(talk.peers()).over(carried.transport()),
            )),
        };
        if let First::Part(part) = &other {
            let other = Piece {
                side: 1 - piece.side.min(1),
                bytes: &part.bytes,
                position: part.position,
                at: &part.at,
            };
            self.data(talk, other, out)?;
        }
        let whole = Piece {
            bytes,
            position,
            at: if held.is_empty() { piece.at } else { &at },
            ..piece
        };
        self.data(talk, whole, out)
    }
}
