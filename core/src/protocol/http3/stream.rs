//! A stream that carries a request and its responses, or a pushed response (RFC 9114 sections 4.1 and 4.6).

use super::half::Half;
use crate::model::Direction;

/// A request as its answers need it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Number of its message, once it has one.
    pub id: Option<i64>,
    /// URL.
    pub url: Option<String>,
    /// Host.
    pub host: Option<String>,
}

/// Both directions of a stream.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The request.
    pub asked: Asked,
    /// From the client.
    pub up: Half,
    /// From the server.
    pub down: Half,
}

impl Stream {
    /// The half of a direction.
    pub fn half(&mut self, direction: Direction) -> &mut Half {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
