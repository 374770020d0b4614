//! How a client left that did not take what the server showed: the words `certificate refused`, `handshake broken
//! off` and `left at once`. Each says only what is in the packets; why a client leaves is mostly encrypted.

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use super::content;
use crate::model::{Connection, Direction};

/// Alerts that name the certificate (RFC 8446 section 6.2): bad, unsupported, revoked, expired, unknown, and one of
/// an unknown authority.
const CERTIFICATE_ALERTS: [u8; 6] = [42, 43, 44, 45, 46, 48];
/// Microseconds between the client's part of the handshake and its leaving that count as at once. Connections that
/// are opened in advance and not used stay open for longer.
const AT_ONCE: i64 = 2_000_000;
/// Bytes of an alert under TLS 1.3: two, its type, and a tag of 16 or 8 bytes. No other message of a client is as
/// short: its shortest, Finished, has 36 bytes without the rest.
const SEALED_ALERTS: [usize; 2] = [19, 11];

/// Does this alert say that the certificate is not taken?
pub fn names_certificate(alert: u8) -> bool {
    CERTIFICATE_ALERTS.contains(&alert)
}

/// Who ended a connection first, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The end that said it sends no more, or reset the connection.
    pub by: Direction,
    /// Microseconds since 1970-01-01 UTC.
    pub at: i64,
}

/// Names of servers remembered as taken.
const NAMES: usize = 16 << 10;
/// Longest of them.
const NAME_BYTES: usize = 255;

/// Names of servers to which a client of this capture did speak. Clients often open several connections to a server
/// and keep one: how they leave the others says nothing.
#[derive(Debug, Default)]
pub struct Taken(HashSet<Box<str>, RandomState>);

impl Taken {
    /// A client speaks to this server.
    pub fn add(&mut self, name: &str) {
        if name.len() <= NAME_BYTES && self.0.len() < NAMES && !self.0.contains(name) {
            self.0.insert(name.into());
        }
    }

    /// Takes back what the row says of how the client left, where it spoke to the same server elsewhere.
    pub fn settle(&self, row: &mut Connection, instead: &'static str) {
        let left = matches!(
            row.not_opened,
            Some("handshake broken off" | "left at once")
        );
        if left && row.sni.as_deref().is_some_and(|name| self.0.contains(name)) {
            row.not_opened = Some(instead);
        }
    }
}

/// What was seen of it.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// When the server showed a certificate, or (TLS 1.3, without keys) what must hold it.
    shown: Option<i64>,
    /// An alert of the client that ends the session.
    alert: Option<u8>,
    /// The first thing the client protected was an alert, whatever it says.
    sealed_alert: bool,
    /// When its part of the handshake ended.
    finished: Option<i64>,
    /// It sent application data.
    spoke: bool,
    /// Something is missing, so that nothing is told.
    pub unsure: bool,
}

impl Refusal {
    /// An alert that could be read.
    pub fn alert(&mut self, direction: Direction, bytes: &[u8]) {
        // After a warning it may go on; close_notify is one.
        if let [level, code] = *bytes
            && direction == Direction::Up
            && (level == 2 || names_certificate(code))
        {
            self.alert.get_or_insert(code);
        }
    }

    /// The server shows its certificate.
    pub fn show(&mut self, at: i64) {
        self.shown.get_or_insert(at);
    }

    /// Did the server show one?
    pub fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// The client's part of the handshake is over.
    pub fn finish(&mut self, at: i64) {
        self.finished.get_or_insert(at);
    }

    /// The client sent application data. True: for the first time.
    pub fn speak(&mut self) -> bool {
        !std::mem::replace(&mut self.spoke, true)
    }

    /// Has the client sent application data?
    pub fn has_spoken(&self) -> bool {
        self.spoke
    }

    /// A record that is not opened. True: more of this direction may tell something.
    pub fn record(
        &mut self,
        direction: Direction,
        kind: u8,
        length: usize,
        modern: bool,
        at: i64,
    ) -> bool {
        match (direction, kind) {
            (_, content::CHANGE_CIPHER_SPEC) => true,
            (Direction::Down, content::APPLICATION_DATA) => {
                self.show(at);
                false
            }
            (Direction::Down, _) => modern,
            (Direction::Up, content::APPLICATION_DATA) if modern => {
                let (first, short) = (self.finished.is_none(), SEALED_ALERTS.contains(&length));
                match (first, short) {
                    (true, true) => self.sealed_alert = true,
                    (true, false) => self.finish(at),
                    // Most likely close_notify.
                    (false, true) => {}
                    (false, false) => {
                        self.speak();
                    }
                }
                first && !short
            }
            (Direction::Up, content::HANDSHAKE) => {
                self.finish(at);
                true
            }
            (Direction::Up, content::ALERT) => false,
            (Direction::Up, _) => {
                self.speak();
                false
            }
        }
    }

    /// The word for how the client left, if it is known.
    pub fn word(&self, end: Option<End>) -> Option<&'static str> {
        if self.alert.is_some_and(names_certificate) && !self.spoke {
            return Some("certificate refused");
        }
        let shown = self.shown.filter(|_| !self.spoke && !self.unsure)?;
        if self.sealed_alert || self.alert.is_some() && self.finished.is_none() {
            return Some("handshake broken off");
        }
        let end = end.filter(|end| end.by == Direction::Up)?;
        match self.finished {
            // A client that left before cannot have looked at it.
            None => (end.at > shown).then_some("handshake broken off"),
            Some(finished) if end.at.saturating_sub(finished) <= AT_ONCE => Some("left at once"),
            Some(_) => None,
        }
    }
}
