//! The TLS handshake inside CRYPTO frames (RFC 9001 section 4): hello messages, the protocol chosen, and
//! the server's certificates.

use super::assemble::{Assembler, Take};
use crate::model::Direction;
use crate::protocol::output::Arrival;
use crate::protocol::varint::Reader;
use crate::secure::certificate::{self, Certificate};
use crate::secure::hello::{self, ClientHello, ServerHello};
use crate::secure::ja4::{self, Carrier};

/// Bytes of the handshake that are kept, per direction and level. Chains of certificates take a few
/// kilobytes; a handshake that needs more is not read further.
pub const CRYPTO_BYTES: u64 = 256 << 10;

/// Levels of encryption that carry parts of the handshake which are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Initial packets.
    Initial,
    /// Handshake packets.
    Handshake,
}

/// One direction at one level.
#[derive(Debug, Default)]
struct Line {
    assembler: Assembler,
    message: Vec<u8>,
    held: u64,
    over: bool,
}

/// What the handshake told.
#[derive(Debug, Default)]
pub struct Handshake {
    lines: [[Line; 2]; 2],
    /// The client's hello.
    pub client: Option<ClientHello>,
    /// Random value of the client's hello: what its secrets are found by.
    pub random: Option<[u8; 32]>,
    /// Fingerprint of the client's hello.
    pub ja4: Option<String>,
    /// The server's hello.
    pub server: Option<ServerHello>,
    /// The protocol the server chose (RFC 7301).
    pub alpn: Option<Vec<u8>>,
    /// The server's own certificate, where it could be read.
    pub certificate: Option<Certificate>,
    /// The client sent a certificate.
    pub client_certificate: bool,
    /// More bytes came than are kept.
    pub full: bool,
}

impl Handshake {
    /// Bytes of a CRYPTO frame.
    pub fn crypto(
        &mut self,
        direction: Direction,
        level: Level,
        offset: u64,
        bytes: &[u8],
        at: &Arrival,
    ) {
        let up = direction == Direction::Up;
        let [initial, handshake] = &mut self.lines;
        let [client, server] = match level {
            Level::Initial => initial,
            Level::Handshake => handshake,
        };
        let line = if up { client } else { server };
        if line.over {
            return;
        }
        if offset.saturating_add(bytes.len() as u64) > CRYPTO_BYTES || line.held > CRYPTO_BYTES {
            self.full = true;
            line.over = true;
            line.message = Vec::new();
            line.assembler.clear();
            return;
        }
        match line.assembler.take(offset, bytes, at) {
            Take::Now(bytes) => line.message.extend_from_slice(bytes),
            Take::Later(cost) => {
                line.held = line.held.saturating_add(cost);
                return;
            }
        }
        while let Some((piece, cost)) = line.assembler.pop() {
            line.held = line.held.saturating_sub(cost);
            line.message.extend_from_slice(&piece.bytes);
        }
        let mut held = std::mem::take(&mut line.message);
        let mut rest = Reader(&held);
        while let Some((kind, body)) = message(&mut rest) {
            self.message(direction, kind, body);
        }
        let used = held.len().saturating_sub(rest.0.len());
        held.drain(..used);
        let [initial, handshake] = &mut self.lines;
        let [client, server] = match level {
            Level::Initial => initial,
            Level::Handshake => handshake,
        };
        let line = if up { client } else { server };
        line.message = held;
    }

    fn message(&mut self, direction: Direction, kind: u8, body: &[u8]) {
        match (kind, direction) {
            // After a HelloRetryRequest there is a second one; the first is the one fingerprinted.
            (1, Direction::Up) if self.client.is_none() => {
                self.client = hello::client(body);
                self.random = body.get(2..34).and_then(|r| r.try_into().ok());
                self.ja4 = self.client.as_ref().map(|h| ja4::ja4(h, Carrier::Quic));
            }
            (2, Direction::Down) => self.server = hello::server(body).or(self.server.take()),
            (8, Direction::Down) => self.alpn = chosen(body),
            (11, _) => self.certificate(direction, body),
            // Compressed (RFC 8879).
            (25, _) => {
                if let Some(plain) = certificate::uncompressed(body, CRYPTO_BYTES as usize) {
                    self.certificate(direction, &plain);
                }
            }
            _ => {}
        }
    }

    fn certificate(&mut self, direction: Direction, body: &[u8]) {
        let Some(chain) = certificate::chain(body, true) else {
            return;
        };
        match (direction, chain.first()) {
            (Direction::Up, Some(_)) => self.client_certificate = true,
            (Direction::Down, Some(leaf)) if self.certificate.is_none() => {
                self.certificate = certificate::read(leaf);
            }
            _ => {}
        }
    }

    /// Is a first packet of the client that carries this hello one of the same connection?
    pub fn is_begun(&self) -> bool {
        self.client.is_some()
    }
}

fn message<'a>(bytes: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let mut at = *bytes;
    let kind = at.byte()?;
    let length = usize::from(at.byte()?) << 16 | usize::from(at.word()?);
    let body = at.take(length)?;
    *bytes = at;
    Some((kind, body))
}

/// The protocol in EncryptedExtensions (RFC 8446 section 4.3.1, RFC 7301 section 3.1).
fn chosen(body: &[u8]) -> Option<Vec<u8>> {
    let mut at = Reader(body);
    let length = usize::from(at.word()?);
    let mut list = Reader(at.take(length)?);
    loop {
        let kind = list.word()?;
        let length = usize::from(list.word()?);
        let mut data = Reader(list.take(length)?);
        if kind == 16 {
            data.word()?;
            let length = usize::from(data.byte()?);
            return data.take(length).map(<[u8]>::to_vec);
        }
    }
}
