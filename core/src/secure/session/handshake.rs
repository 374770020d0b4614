//! Handshake messages (RFC 8446 section 4, RFC 5246 section 7.4).

use super::super::certificate;
use super::super::hello::{self, ClientHello, ServerHello};
use super::super::ja4::{self, Carrier};
use super::super::protection::Schedule;
use super::super::secrets::ticket_key;
use super::{Session, keys};
use crate::model::{Direction, Stopped};
use crate::protocol::output::Output;

/// Longest handshake message that is read: chains of certificates have some ten kilobytes.
pub(super) const MESSAGE_BYTES: usize = 256 << 10;
/// Handshake messages kept for extended master secrets (RFC 7627).
const TRANSCRIPT_BYTES: usize = 256 << 10;

/// What is being negotiated; a renegotiation begins anew.
#[derive(Debug, Default)]
pub(super) struct Hand {
    pub client_random: [u8; 32],
    pub server_random: [u8; 32],
    pub version: Option<u16>,
    pub cipher: Option<u16>,
    /// The session's id, as the server told it.
    pub session_id: Vec<u8>,
    offered_id: Vec<u8>,
    /// The ticket the client offered, and the one the server gave.
    pub ticket: Option<[u8; 32]>,
    pub new_ticket: Option<[u8; 32]>,
    pub compression: u8,
    pub encrypt_then_mac: bool,
    pub extended_master: bool,
    pub encrypted_premaster: Option<Vec<u8>>,
    /// The master secret, once it opened a record.
    pub master: Option<Vec<u8>>,
    /// Master secrets that were tried, and what keys are cut from.
    pub blocks: Vec<(Vec<u8>, Vec<u8>)>,
    /// Key derivation of TLS 1.3.
    pub schedule: Option<Schedule>,
    /// Early data was announced.
    pub early: bool,
    /// Bytes of the handshake are missing.
    pub gap: bool,
    hello: Vec<u8>,
    of_client: Vec<u8>,
    of_server: Vec<u8>,
    key_exchange_seen: bool,
}

impl Hand {
    pub fn is_modern(&self) -> bool {
        match self.version {
            Some(version) => version == 0x0304 || (0x7f00..0xfe00).contains(&version),
            None => self.early,
        }
    }

    pub fn awaits_server(&self) -> bool {
        self.version.is_none()
    }

    /// The version the server chose.
    pub fn agreed_version(&self) -> Option<u16> {
        self.version
    }

    /// Did the server take up the session the client offered?
    pub fn is_resumed(&self) -> bool {
        !self.session_id.is_empty() && self.session_id == self.offered_id
    }

    /// All messages up to the client's key exchange.
    pub fn transcript(&self) -> [&[u8]; 3] {
        [&self.hello, &self.of_server, &self.of_client]
    }

    fn record(&mut self, direction: Direction, message: &[u8]) {
        let kept = self.hello.len() + self.of_client.len() + self.of_server.len();
        if self.key_exchange_seen || kept.saturating_add(message.len()) > TRANSCRIPT_BYTES {
            return;
        }
        match (direction, message.first()) {
            // HelloRequest is not counted.
            (_, Some(0)) => {}
            (Direction::Up, Some(1)) => self.hello.extend_from_slice(message),
            (Direction::Up, _) => self.of_client.extend_from_slice(message),
            (Direction::Down, _) => self.of_server.extend_from_slice(message),
        }
    }
}

/// Can a handshake message begin with these bytes? Asked where its start may be missing.
fn is_start(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0..=2 | 4..=6 | 8 | 11..=16 | 20..=25, 0 | 1, _, _, ..]
    )
}

impl Session {
    /// Reads handshake messages from the contents of a record.
    pub(super) fn messages(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let side = self.side_mut(direction);
        let dropped = side.discard.min(bytes.len());
        side.discard -= dropped;
        let bytes = bytes.get(dropped..).unwrap_or_default();
        if side.message.is_empty() && std::mem::take(&mut side.unaligned) && !is_start(bytes) {
            side.unaligned = !side.is_sealed();
            return Ok(());
        }
        let mut all = std::mem::take(&mut side.message);
        let begun = !all.is_empty();
        if begun {
            all.extend_from_slice(bytes);
        }
        let mut rest = if begun { all.as_slice() } else { bytes };
        while let [kind, a, b, c, after @ ..] = rest {
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            if length > MESSAGE_BYTES {
                let place = format!("message of type {kind}");
                out.limit(
                    "bytes of a TLS handshake message",
                    MESSAGE_BYTES as u64,
                    place,
                )?;
                let side = self.side_mut(direction);
                side.discard = length.saturating_sub(after.len());
                rest = after.get(length..).unwrap_or_default();
                continue;
            }
            let Some(body) = after.get(..length) else {
                break;
            };
            let whole = rest.get(..4 + length).unwrap_or_default();
            self.message(direction, *kind, body, whole, out);
            rest = after.get(length..).unwrap_or_default();
        }
        let side = self.side_mut(direction);
        if !side.over && !rest.is_empty() {
            side.message = if begun {
                let from = all.len().saturating_sub(rest.len());
                all.drain(..from);
                all
            } else {
                rest.to_vec()
            };
        }
        Ok(())
    }

    pub(super) fn message(
        &mut self,
        direction: Direction,
        kind: u8,
        body: &[u8],
        whole: &[u8],
        out: &mut Output<'_>,
    ) {
        let modern = self.hand.is_modern();
        if kind == 1 && direction == Direction::Up {
            self.client_hello(body, out);
        }
        if !modern {
            self.record_message(direction, whole, out);
        }
        if (kind, direction) == (20, Direction::Up) {
            let at = self.side(direction).at.time;
            self.refusal.finish(at);
        }
        match (kind, direction) {
            (2, Direction::Down) => self.server_hello(body, out),
            (4, Direction::Down) if !modern => {
                // Life time, then the ticket (RFC 5077 section 3.3).
                self.hand.new_ticket = body.get(6..).filter(|t| !t.is_empty()).map(ticket_key);
            }
            (5, Direction::Up) if modern => self.leave(direction, keys::EARLY),
            (8, Direction::Down) if modern => {
                let chosen = hello::encrypted_extensions(body);
                self.facts.alpn_chosen = chosen.or(self.facts.alpn_chosen.take());
            }
            (11, _) => self.certificate(direction, body, out),
            (16, Direction::Up) => {
                let sent = body.split_first_chunk::<2>().filter(|(length, rest)| {
                    usize::from(u16::from_be_bytes(**length)) == rest.len()
                });
                self.hand.encrypted_premaster = match sent {
                    // SSL 3.0 sends it without its length.
                    _ if self.hand.version == Some(0x0300) => Some(body.to_vec()),
                    Some((_, rest)) => Some(rest.to_vec()),
                    None => None,
                };
                self.hand.key_exchange_seen = true;
            }
            (20, _) if modern => self.leave(direction, keys::HANDSHAKE),
            (24, _) if modern => self.update(direction),
            (25, _) => {
                if let Some(plain) = certificate::uncompressed(body, MESSAGE_BYTES) {
                    self.certificate(direction, &plain, out);
                }
            }
            _ => {}
        }
    }

    /// Keeps a message for the master secret.
    pub(super) fn record_message(&mut self, direction: Direction, whole: &[u8], out: &Output<'_>) {
        // Only extended master secrets need them, and the server has the last word.
        let extended = self.hand.awaits_server() || self.hand.extended_master;
        if extended && out.secrets.needs_premaster(&self.hand.client_random) {
            self.hand.record(direction, whole);
        }
    }

    /// What the client said first does not count.
    pub(super) fn forget_hello(&mut self) {
        self.hand.hello.clear();
    }

    fn client_hello(&mut self, body: &[u8], out: &mut Output<'_>) {
        if let Some(client) = hello::client(body) {
            self.client_says(client, out);
        }
    }

    /// The client begins, or begins anew.
    pub(super) fn client_says(&mut self, client: ClientHello, out: &mut Output<'_>) {
        let again = self.hand.client_random == client.random && self.facts.client.is_some();
        if !again {
            self.hand = Hand {
                client_random: client.random,
                offered_id: client.session_id.clone(),
                ticket: (!client.ticket.is_empty()).then(|| ticket_key(&client.ticket)),
                early: client.has_early_data(),
                gap: self.hand.gap,
                ..Hand::default()
            };
        } else {
            // After a HelloRetryRequest.
            self.hand.early = false;
        }
        if self.hand.early {
            self.arm_early(&out.secrets);
        }
        if self.facts.client.is_none() {
            self.facts.ja4 = Some(ja4::ja4(&client, Carrier::Tcp));
            self.facts.client = Some(client);
        }
    }

    fn server_hello(&mut self, body: &[u8], out: &mut Output<'_>) {
        if let Some(server) = hello::server(body) {
            self.server_says(server, out);
        }
    }

    /// The server answers.
    pub(super) fn server_says(&mut self, server: ServerHello, out: &mut Output<'_>) {
        if server.is_retry() {
            // Early data is refused, and what is under its keys passes unread.
            let side = self.side_mut(Direction::Up);
            side.unseal();
            return;
        }
        self.hand.blocks.clear();
        self.hand.version = Some(server.version);
        self.hand.cipher = Some(server.cipher);
        self.hand.server_random = server.random;
        self.hand.session_id.clone_from(&server.session_id);
        self.hand.compression = server.compression;
        self.hand.encrypt_then_mac = server.extensions.contains(&22);
        self.hand.extended_master = server.extensions.contains(&23);
        if self.facts.server.is_none() {
            self.facts.ja4s = Some(ja4::ja4s(&server, Carrier::Tcp));
            self.facts.alpn_chosen.clone_from(&server.alpn);
            self.facts.server = Some(server);
        }
        if self.hand.is_modern() {
            self.arm_modern(out);
        }
    }

    fn certificate(&mut self, direction: Direction, body: &[u8], out: &mut Output<'_>) {
        let Some(chain) = certificate::chain(body, self.hand.is_modern()) else {
            return;
        };
        match (direction, chain.first()) {
            (Direction::Up, Some(_)) => self.facts.client_certificate = true,
            (Direction::Down, Some(leaf)) => {
                let at = self.side(direction).at.time;
                self.refusal.show(at);
                if self.facts.certificate.is_none() {
                    self.facts.certificate = out.certificates.read(leaf);
                }
            }
            _ => {}
        }
    }

    /// ChangeCipherSpec.
    pub(super) fn change_cipher(
        &mut self,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        // In TLS 1.3 it has no meaning; the client may send it before the server answered.
        let may_be_modern = self.hand.awaits_server()
            && self
                .facts
                .client
                .as_ref()
                .is_some_and(|client| client.versions.iter().any(|v| *v > 0x0303));
        if self.hand.is_modern() || may_be_modern {
            return Ok(());
        }
        self.arm(direction, out)
    }
}
