//! The four kinds of datagrams. Numbers are little-endian; three zeros follow the kind.

use super::noise::Key;

/// First message of a handshake.
#[derive(Clone, Copy, Debug)]
pub struct Initiation<'a> {
    /// How the sender wants to be called.
    pub sender: u32,
    /// Its key for this handshake.
    pub ephemeral: Key,
    /// Its own key, sealed.
    pub identity: &'a [u8],
    /// When it was sent, sealed.
    pub timestamp: &'a [u8],
    /// What is authenticated by `mac`.
    pub before_mac: &'a [u8],
    /// Made with the public key of the receiver.
    pub mac: &'a [u8],
}

/// The answer.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// How the sender wants to be called.
    pub sender: u32,
    /// Whose message it answers.
    pub receiver: u32,
    /// Its key for this handshake.
    pub ephemeral: Key,
    /// Nothing, sealed.
    pub empty: &'a [u8],
}

/// A packet in the tunnel.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Who it is for.
    pub receiver: u32,
    /// Its number.
    pub counter: u64,
    /// An IP packet, sealed; or nothing, sealed, to keep the tunnel open.
    pub sealed: &'a [u8],
}

/// A datagram.
#[derive(Clone, Copy, Debug)]
pub enum Datagram<'a> {
    /// Kind 1.
    Initiation(Initiation<'a>),
    /// Kind 2.
    Response(Response<'a>),
    /// Kind 4.
    Data(Data<'a>),
}

/// Bytes of an initiation.
pub const INITIATION_BYTES: usize = 148;
/// Bytes of a response.
pub const RESPONSE_BYTES: usize = 92;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

fn key(bytes: &[u8], at: usize) -> Option<Key> {
    bytes.get(at..)?.first_chunk::<32>().copied()
}

/// Reads a datagram. `None`: it is another kind (a cookie), or no WireGuard.
#[inline]
pub fn read(bytes: &[u8]) -> Option<Datagram<'_>> {
    let [kind, 0, 0, 0, ..] = bytes else {
        return None;
    };
    match (kind, bytes.len()) {
        (1, INITIATION_BYTES) => Some(Datagram::Initiation(Initiation {
            sender: word(bytes, 4)?,
            ephemeral: key(bytes, 8)?,
            identity: bytes.get(40..88)?,
            timestamp: bytes.get(88..116)?,
            before_mac: bytes.get(..116)?,
            mac: bytes.get(116..132)?,
        })),
        (2, RESPONSE_BYTES) => Some(Datagram::Response(Response {
            sender: word(bytes, 4)?,
            receiver: word(bytes, 8)?,
            ephemeral: key(bytes, 12)?,
            empty: bytes.get(44..60)?,
        })),
        (4, 32..) => Some(Datagram::Data(Data {
            receiver: word(bytes, 4)?,
            counter: u64::from_le_bytes(*bytes.get(8..)?.first_chunk::<8>()?),
            sealed: bytes.get(16..)?,
        })),
        _ => None,
    }
}
