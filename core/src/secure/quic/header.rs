//! Headers of packets, as far as they are readable without keys (RFC 8999, RFC 9000 section 17).

use super::version::{Kind, Version};
use crate::protocol::varint::Reader;

/// Longest connection id of the versions that are read (RFC 9000 section 17.2).
pub const ID_BYTES: usize = 20;

/// A connection id.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Id {
    length: u8,
    bytes: [u8; ID_BYTES],
}

impl Id {
    /// From bytes; `None` if they are too many.
    pub fn new(id: &[u8]) -> Option<Id> {
        let mut bytes = [0; ID_BYTES];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        Some(Id {
            length: u8::try_from(id.len()).ok()?,
            bytes,
        })
    }

    /// Its bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or_default()
    }
}

/// A long header packet.
#[derive(Clone, Copy, Debug)]
pub struct Long<'a> {
    /// Version number.
    pub version: u32,
    /// Connection id of the receiver.
    pub destination: &'a [u8],
    /// Connection id of the sender.
    pub source: &'a [u8],
    /// What follows.
    pub body: Body<'a>,
}

/// What follows the connection ids of a long header.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Version negotiation (version 0): nothing to read.
    Negotiation,
    /// A version that is not known.
    Unknown,
    /// Retry.
    Retry,
    /// A protected packet.
    Protected {
        /// What it is.
        kind: Kind,
        /// The whole packet from its first byte, less than told if it was cut.
        packet: &'a [u8],
        /// Where the packet number begins.
        number_at: usize,
        /// What comes after it in the datagram.
        rest: &'a [u8],
        /// Bytes of it that were not captured.
        missing: usize,
    },
}

/// Smallest datagram with a client's first packet (RFC 9000 section 14.1).
const FIRST_BYTES: usize = 1_200;

/// Does this datagram begin a connection of a version that is known? Asked on paths where something else was
/// seen before, or the middle of another connection.
#[inline]
pub fn begins(bytes: &[u8]) -> bool {
    bytes.len() >= FIRST_BYTES
        && bytes.first().is_some_and(|first| first & 0xc0 == 0xc0)
        && long(bytes).is_some_and(|long| {
            matches!(
                long.body,
                Body::Protected {
                    kind: Kind::Initial,
                    ..
                }
            )
        })
}

/// Reads a long header. `None`: it is none.
pub fn long(bytes: &[u8]) -> Option<Long<'_>> {
    let mut at = Reader(bytes);
    let first = at.byte()?;
    if first & 0x80 == 0 {
        return None;
    }
    let version = at.long()?;
    let length = usize::from(at.byte()?);
    let destination = at.take(length)?;
    let length = usize::from(at.byte()?);
    let source = at.take(length)?;
    let body = match Version::of(version) {
        None if version == 0 => Body::Negotiation,
        None => Body::Unknown,
        Some(_) if destination.len() > ID_BYTES || source.len() > ID_BYTES => return None,
        Some(known) => {
            let kind = known.kind(first);
            match kind {
                Kind::Retry => Body::Retry,
                _ => {
                    if kind == Kind::Initial {
                        at.vector()?;
                    }
                    let length = usize::try_from(at.varint()?).ok()?;
                    let number_at = bytes.len().checked_sub(at.0.len())?;
                    let whole = number_at.checked_add(length)?;
                    let (packet, rest) = bytes.split_at(whole.min(bytes.len()));
                    Body::Protected {
                        kind,
                        packet,
                        number_at,
                        rest,
                        missing: whole.saturating_sub(bytes.len()),
                    }
                }
            }
        }
    };
    Some(Long {
        version,
        destination,
        source,
        body,
    })
}
