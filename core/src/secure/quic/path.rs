//! What is known of QUIC on one network path (RFC 9000 section 9): a pair of addresses and ports.

use super::sessions::Sender;
use crate::protocol::output::Arrival;

/// Packets kept per path until what opens them is known.
pub const EARLY: usize = 64;
/// Their bytes on all paths together.
pub const EARLY_BYTES: u64 = 32 << 20;
/// Connections remembered per path: clients may use one port for all of theirs.
const SESSIONS: usize = 256;

/// A packet that waits.
#[derive(Debug)]
pub struct Early {
    /// The packet.
    pub bytes: Vec<u8>,
    /// Who sent it.
    pub sender: Sender,
    /// Where it was.
    pub at: Arrival,
}

/// One path.
#[derive(Debug, Default)]
pub struct Path {
    /// Places of the connections seen here, in the order they came.
    pub sessions: Vec<u32>,
    /// Which end is the client, once seen.
    pub client: Option<usize>,
    /// The version last named; 0: none.
    pub version: u32,
    /// Server name in a hello of Google's own handshake.
    pub google_name: Option<String>,
    /// Datagrams looked at for it.
    pub looks: u32,
    /// Packets that wait.
    pub early: Vec<Early>,
    /// They are being read now.
    pub replaying: bool,
}

impl Path {
    /// True when no more connections are noted.
    pub fn is_full(&self) -> bool {
        self.sessions.len() >= SESSIONS
    }

    /// Notes a connection. False: it was known, or there are too many.
    pub fn add(&mut self, place: u32) -> bool {
        if self.sessions.contains(&place) || self.is_full() {
            return false;
        }
        self.sessions.push(place);
        true
    }
}
