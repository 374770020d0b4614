//! What is spoken on the streams of a connection, told by the protocol chosen (RFC 7301).

use hashbrown::HashMap;

use crate::model::{Direction, Stopped, Transport};
use crate::protocol::dns::Lookups;
use crate::protocol::http3::Connection as Http3;
use crate::protocol::output::{Arrival, Output, Peers};

/// The reader of the streams.
#[derive(Debug, Default)]
pub enum Inner {
    /// Not yet known.
    #[default]
    Undecided,
    /// HTTP/3 (RFC 9114).
    Http3(Box<Http3>),
    /// DNS over QUIC (RFC 9250): one query and its answers on each stream.
    Dns(Peers, HashMap<u64, Box<Lookups>>),
    /// Not read.
    Unread,
}

impl Inner {
    /// The reader of a protocol.
    pub fn of(alpn: &[u8], peers: Peers) -> Inner {
        if alpn == b"h3" || alpn.starts_with(b"h3-") {
            Inner::Http3(Box::new(Http3::new(peers, Transport::Tls)))
        } else if alpn == b"doq" || alpn.starts_with(b"doq-i") {
            Inner::Dns(peers, HashMap::new())
        } else {
            Inner::Unread
        }
    }

    /// True when the protocol is one that is read.
    pub fn is_read(&self) -> bool {
        matches!(self, Inner::Http3(_) | Inner::Dns(..))
    }

    /// Are the bytes of this stream wanted?
    #[inline]
    pub fn reads(&self, id: u64) -> bool {
        match self {
            Inner::Http3(_) => true,
            Inner::Dns(..) => id & 3 == 0,
            Inner::Undecided | Inner::Unread => false,
        }
    }

    /// Where a limit was met, in words.
    pub fn place(&self, at: &Arrival) -> String {
        let frame = at.frame;
        match self {
            Inner::Http3(http) => format!("connection {}, packet {frame}", http.connection()),
            Inner::Dns(peers, _) => format!("connection {}, packet {frame}", peers.connection),
            _ => format!("packet {frame}"),
        }
    }

    /// Bytes of a stream, in order.
    pub fn data(
        &mut self,
        id: u64,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        match self {
            Inner::Http3(http) => http.data(id, direction, bytes, at, out),
            Inner::Dns(peers, open) => {
                let lookups = open.entry(id).or_insert_with(|| {
                    Box::new(Lookups::new(peers.clone()).carried_by(Transport::Tls))
                });
                let side = usize::from(direction == Direction::Down);
                lookups.data(side, bytes, at, out)
            }
            Inner::Undecided | Inner::Unread => Ok(()),
        }
    }

    /// Bytes of a stream that never came.
    pub fn gap(
        &mut self,
        id: u64,
        direction: Direction,
        missing: u64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        match self {
            Inner::Http3(http) => http.gap(id, direction, missing, out),
            Inner::Dns(_, open) => {
                if let Some(lookups) = open.get_mut(&id) {
                    lookups.gap(usize::from(direction == Direction::Down));
                }
                Ok(())
            }
            Inner::Undecided | Inner::Unread => Ok(()),
        }
    }

    /// The end of one direction of a stream. `whole`: the sender said so, and all bytes came.
    pub fn end(
        &mut self,
        id: u64,
        direction: Direction,
        whole: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        match self {
            Inner::Http3(http) => http.end(id, direction, whole, out),
            Inner::Dns(_, open) => {
                if direction == Direction::Down {
                    open.remove(&id);
                }
                Ok(())
            }
            Inner::Undecided | Inner::Unread => Ok(()),
        }
    }

    /// The end of the connection.
    pub fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stopped> {
        match self {
            Inner::Http3(http) => http.finish(out),
            _ => Ok(()),
        }
    }
}
