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
    /// The same as its first drafts had it, without a length before each message.
    EarlyDns(Peers, HashMap<u64, Box<Exchange>>),
    /// Not read.
    Unread,
}

/// A query and its answer, each a whole stream.
#[derive(Debug)]
pub struct Exchange {
    lookups: Lookups,
    parts: [Part; 2],
}

/// One of them, as far as it came.
#[derive(Debug, Default)]
struct Part {
    bytes: Vec<u8>,
    start: Arrival,
}

/// Longest DNS message.
const MESSAGE_BYTES: usize = 65_535;

impl Part {
    fn push(&mut self, bytes: &[u8], at: &Arrival) {
        if self.bytes.is_empty() {
            self.start = *at;
        }
        self.start.end = self.start.end.max(at.end);
        let room = MESSAGE_BYTES.saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }
}

impl Exchange {
    fn new(peers: &Peers) -> Box<Exchange> {
        Box::new(Exchange {
            lookups: Lookups::new(peers.clone()).over(Transport::Tls),
            parts: Default::default(),
        })
    }
}

fn side(direction: Direction) -> usize {
    usize::from(direction == Direction::Down)
}

impl Inner {
    /// The reader of a protocol.
    pub fn of(alpn: &[u8], peers: Peers) -> Inner {
        if alpn == b"h3" || alpn.starts_with(b"h3-") {
            Inner::Http3(Box::new(Http3::new(peers, Transport::Tls)))
        } else if matches!(alpn, b"doq-i00" | b"doq-i01" | b"doq-i02") {
            Inner::EarlyDns(peers, HashMap::new())
        } else if alpn == b"doq" || alpn.starts_with(b"doq-i") {
            Inner::Dns(peers, HashMap::new())
        } else {
            Inner::Unread
        }
    }

    /// True when the protocol is one that is read.
    pub fn is_read(&self) -> bool {
        !matches!(self, Inner::Undecided | Inner::Unread)
    }

    /// Are the bytes of this stream wanted?
    #[inline]
    pub fn reads(&self, id: u64) -> bool {
        match self {
            Inner::Http3(_) => true,
            Inner::Dns(..) | Inner::EarlyDns(..) => id & 3 == 0,
            Inner::Undecided | Inner::Unread => false,
        }
    }

    /// Where a limit was met, in words.
    pub fn place(&self, at: &Arrival) -> String {
        let frame = at.frame;
        match self {
            Inner::Http3(http) => format!("connection {}, packet {frame}", http.connection()),
            Inner::Dns(peers, _) | Inner::EarlyDns(peers, _) => {
                format!("connection {}, packet {frame}", peers.connection)
            }
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
                let lookups = open
                    .entry(id)
                    .or_insert_with(|| Box::new(Lookups::new(peers.clone()).over(Transport::Tls)));
                lookups.data(side(direction), bytes, at, out)
            }
            Inner::EarlyDns(peers, open) => {
                let exchange = open.entry(id).or_insert_with(|| Exchange::new(peers));
                if let Some(part) = exchange.parts.get_mut(side(direction)) {
                    part.push(bytes, at);
                }
                Ok(())
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
                    lookups.gap(side(direction));
                }
                Ok(())
            }
            Inner::EarlyDns(_, open) => {
                open.remove(&id);
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
            Inner::EarlyDns(_, open) => {
                let Some(exchange) = open.get_mut(&id) else {
                    return Ok(());
                };
                if let Some(part) = exchange.parts.get(side(direction))
                    && whole
                {
                    let at = part.start;
                    exchange.lookups.datagram(&part.bytes, 0, &at, out)?;
                }
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
