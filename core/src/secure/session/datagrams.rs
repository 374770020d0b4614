//! A session whose records come in datagrams: DTLS 1.0 and 1.2 (RFC 6347). Records carry their own numbers, and the
//! handshake's messages arrive whole.

use std::ops::Range;

use super::super::hello;
use super::super::ja4::{self, Carrier};
use super::super::protection::Header;
use super::{Session, content, keys};
use crate::model::{Direction, Stopped};
use crate::protocol::output::Output;

/// A record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Content type and version, as sent.
    pub header: Header,
    /// Epoch, and number in it.
    pub number: u64,
    /// What it holds.
    pub fragment: &'a [u8],
    /// When it came.
    pub time: i64,
}

impl Record<'_> {
    /// Before anything is protected.
    pub fn is_clear(&self) -> bool {
        self.number >> 48 == 0
    }
}

/// The version of TLS that does the same.
fn as_tls(version: u16) -> u16 {
    match version {
        0xfeff => 0x0302,
        0xfefd => 0x0303,
        other => other,
    }
}

impl Session {
    /// A whole message of the handshake. `whole`: with its header as if it had come in one piece.
    pub fn datagram_message(
        &mut self,
        direction: Direction,
        kind: u8,
        body: &[u8],
        whole: &[u8],
        out: &mut Output<'_>,
    ) {
        match (kind, direction) {
            (1, Direction::Up) => {
                let Some(client) = hello::client_datagram(body) else {
                    return;
                };
                let first = self.facts.client.is_none();
                let ja4 = first.then(|| ja4::ja4(&client, Carrier::Datagram));
                self.client_says(client, out);
                self.facts.ja4 = ja4.or(self.facts.ja4.take());
                self.record_message(direction, whole, out);
            }
            (2, Direction::Down) => {
                let Some(mut server) = hello::server(body) else {
                    return;
                };
                let (told, first) = (server.version, self.facts.server.is_none());
                let ja4s = first.then(|| ja4::ja4s(&server, Carrier::Datagram));
                self.record_message(direction, whole, out);
                server.version = as_tls(told);
                self.server_says(server, out);
                self.facts.ja4s = ja4s.or(self.facts.ja4s.take());
                if let Some(server) = self.facts.server.as_mut().filter(|_| first) {
                    server.version = told;
                }
            }
            // HelloVerifyRequest: what was said before does not count.
            (3, Direction::Down) => self.forget_hello(),
            _ => self.message(direction, kind, body, whole, out),
        }
    }

    /// A record that is no message of the handshake in clear. Where application data was opened, its place among
    /// [`Session::plain`].
    ///
    /// # Errors
    /// The sink asked to stop.
    pub fn datagram_record(
        &mut self,
        direction: Direction,
        record: &Record<'_>,
        out: &mut Output<'_>,
    ) -> Result<Option<Range<usize>>, Stopped> {
        if record.is_clear() {
            match record.header.kind {
                content::CHANGE_CIPHER_SPEC => self.change_cipher(direction, out)?,
                content::ALERT => self.refusal.alert(direction, record.fragment),
                _ => {}
            }
            return Ok(None);
        }
        if !self.side(direction).is_sealed() && self.facts.shut.is_none() {
            // ChangeCipherSpec was lost.
            self.change_cipher(direction, out)?;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let side = self.side_mut(direction);
        side.epoch = Some(keys::SESSION);
        side.sequence = record.number;
        let opened = side.open(record.header, record.fragment, 0, &mut scratch);
        self.scratch = scratch;
        let Some(range) = opened else {
            let side = self.side_mut(direction);
            if side.is_sealed() {
                side.failures = side.failures.saturating_add(1);
            }
            return Ok(None);
        };
        self.settled(direction, out);
        match record.header.kind {
            content::APPLICATION_DATA => {
                self.facts.opened = true;
                if direction == Direction::Up && self.refusal.speak() {
                    self.take(out);
                }
                Ok(Some(range))
            }
            content::ALERT => {
                let alert = self.scratch.get(range).unwrap_or_default();
                self.refusal.alert(direction, alert);
                Ok(None)
            }
            content::HANDSHAKE if direction == Direction::Up => {
                self.refusal.finish(record.time);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// What was opened last.
    pub fn plain(&self, range: Range<usize>) -> &[u8] {
        self.scratch.get(range).unwrap_or_default()
    }
}
