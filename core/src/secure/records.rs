//! TLS records (RFC 8446 section 5.1) up to the two hello messages.

use super::hello::{self, ClientHello, ServerHello};
use super::ja4::{self, Carrier};
use crate::model::Direction;

/// Bytes of one direction that are kept while looking for its hello. Post-quantum key shares make
/// hellos of a few kilobytes.
const HELLO_BYTES: usize = 72 << 10;

/// The facts of one TLS connection.
#[derive(Debug, Default)]
pub struct Handshake {
    sides: [Side; 2],
    /// The client's hello.
    pub client: Option<ClientHello>,
    /// Its fingerprint.
    pub ja4: Option<String>,
    /// The server's hello.
    pub server: Option<ServerHello>,
}

#[derive(Debug, Default)]
struct Side {
    bytes: Vec<u8>,
    /// Bytes there must be before it is worth looking again.
    need: usize,
    over: bool,
}

fn index(direction: Direction) -> usize {
    match direction {
        Direction::Up => 0,
        Direction::Down => 1,
    }
}

impl Handshake {
    /// True when more bytes of this direction tell nothing.
    pub fn is_over(&self, direction: Direction) -> bool {
        self.sides.get(index(direction)).is_none_or(|s| s.over)
    }

    /// Feeds bytes of one direction in order.
    pub fn data(&mut self, direction: Direction, bytes: &[u8]) {
        let Some(side) = self.sides.get_mut(index(direction)).filter(|s| !s.over) else {
            return;
        };
        let mut held = std::mem::take(&mut side.bytes);
        let found = if held.is_empty() {
            first_message(bytes)
        } else {
            held.extend_from_slice(bytes);
            if held.len() < side.need {
                side.bytes = held;
                return;
            }
            first_message(&held)
        };
        match found {
            Found::More(need) => {
                if held.is_empty() {
                    held.extend_from_slice(bytes);
                }
                side.need = need;
                side.over = held.len().max(need) > HELLO_BYTES;
                if !side.over {
                    side.bytes = held;
                }
            }
            Found::Message(kind, body) => {
                side.over = true;
                match (kind, direction) {
                    (1, Direction::Up) => {
                        self.client = hello::client(&body);
                        self.ja4 = self.client.as_ref().map(|h| ja4::ja4(h, Carrier::Tcp));
                    }
                    (2, Direction::Down) => self.server = hello::server(&body),
                    _ => {}
                }
            }
            Found::Nothing => side.over = true,
        }
    }

    /// Bytes are missing: a hello that is not whole by now is not read.
    pub fn gap(&mut self, direction: Direction) {
        if let Some(side) = self.sides.get_mut(index(direction)) {
            side.over = true;
            side.bytes = Vec::new();
        }
    }
}

enum Found {
    /// The first handshake message: type and body.
    Message(u8, Vec<u8>),
    /// At least this many bytes are needed.
    More(usize),
    Nothing,
}

/// Puts the first handshake message together from its records.
fn first_message(all: &[u8]) -> Found {
    let mut bytes = all;
    let mut message = Vec::new();
    loop {
        match bytes {
            [0x16, 3, _, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let fragment = rest.get(..length).unwrap_or(rest);
                message.extend_from_slice(fragment);
                if let [kind, a, b, c, body @ ..] = message.as_slice() {
                    let want = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
                    if let Some(body) = body.get(..want) {
                        return Found::Message(*kind, body.to_vec());
                    }
                    if want > HELLO_BYTES || !matches!(kind, 1 | 2) {
                        return Found::Nothing;
                    }
                }
                let Some(next) = rest.get(length..) else {
                    return Found::More(all.len() - rest.len() + length);
                };
                bytes = next;
            }
            // An alert before the hello, or the change of cipher some servers send early.
            [0x14 | 0x15, 3, _, high, low, rest @ ..] if message.is_empty() => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(next) = rest.get(length..) else {
                    return Found::More(all.len() - rest.len() + length);
                };
                bytes = next;
            }
            [0x14..=0x16]
            | [0x14..=0x16, 3]
            | [0x14..=0x16, 3, _]
            | [0x14..=0x16, 3, _, _]
            | [] => {
                return Found::More(all.len() + 1);
            }
            _ => return Found::Nothing,
        }
    }
}
