//! DTLS on a UDP flow: records out of datagrams, handshake messages out of fragments (RFC 6347 section 4).

use std::collections::BTreeMap;

use super::flow::Talk;
use crate::model::{Connection, Direction, Stopped, Transport};
use crate::protocol::output::{Arrival, Output};
use crate::protocol::raw;
use crate::secure::Session;
use crate::secure::hello::version_text;
use crate::secure::protection::Header;
use crate::secure::session::datagrams::Record;

/// Bytes of a record's header.
const RECORD_HEADER: usize = 13;
/// Bytes of a handshake message's header.
const MESSAGE_HEADER: usize = 12;
/// Content type of the handshake.
const HANDSHAKE: u8 = 22;
/// Longest handshake message that is put together.
const MESSAGE_BYTES: usize = 64 << 10;
/// Fragments that wait for what comes before them.
const WAITING: usize = 32;

/// A DTLS session and what came of it.
#[derive(Debug, Default)]
pub struct Dtls {
    session: Session,
    sides: [Side; 2],
}

#[derive(Debug, Default)]
struct Side {
    /// Number of the next message.
    next: u16,
    /// Its bytes so far.
    message: Vec<u8>,
    /// Fragments that came too early, by number and place.
    early: BTreeMap<(u16, usize), Vec<u8>>,
    /// Numbers of the records with data that were opened last: the highest, and those below it as bits.
    latest: u64,
    seen: u64,
    datagrams: u32,
    bytes: u64,
}

/// Takes a whole message: kind, body, and all of it with one header.
type Handed<'m> = dyn FnMut(u8, &[u8], &[u8]) + 'm;

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b))
}

impl Side {
    /// A fragment with its header.
    fn fragment(&mut self, fragment: &[u8], message: &mut Handed<'_>) {
        let mut waiting = Some(fragment.to_vec());
        while let Some(fragment) = waiting.take() {
            let Some((header, bytes)) = fragment.split_first_chunk::<MESSAGE_HEADER>() else {
                return;
            };
            let [kind, _, _, _, high, low, ..] = *header;
            let sequence = u16::from_be_bytes([high, low]);
            let part = |from: usize, to: usize| number(header.get(from..to).unwrap_or_default());
            let (length, offset, size) = (part(1, 4), part(6, 9), part(9, 12));
            let Some(bytes) = bytes.get(..size) else {
                return;
            };
            if length > MESSAGE_BYTES || sequence < self.next {
                return;
            }
            if sequence > self.next || offset > self.message.len() {
                if self.early.len() < WAITING {
                    self.early.insert((sequence, offset), fragment);
                }
                return;
            }
            let known = self.message.len().saturating_sub(offset);
            self.message
                .extend_from_slice(bytes.get(known..).unwrap_or_default());
            if self.message.len() >= length {
                let body = std::mem::take(&mut self.message);
                self.next = self.next.saturating_add(1);
                let mut whole = header.to_vec();
                for (to, from) in [(6, [0, 0, 0]), (9, [header[1], header[2], header[3]])] {
                    if let Some(to) = whole.get_mut(to..to + 3) {
                        to.copy_from_slice(&from);
                    }
                }
                whole.extend_from_slice(&body);
                message(kind, &body, &whole);
            }
            let first = self.early.first_key_value().map(|(key, _)| *key);
            waiting = first
                .filter(|(s, o)| *s < self.next || *s == self.next && *o <= self.message.len())
                .and_then(|key| self.early.remove(&key));
        }
    }

    /// Is this record new? (RFC 6347 section 4.1.2.6)
    fn is_new(&mut self, number: u64) -> bool {
        if number > self.latest || self.seen == 0 {
            let ahead = u32::try_from(number.saturating_sub(self.latest)).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.latest = number;
            return true;
        }
        let behind = u32::try_from(self.latest.saturating_sub(number)).unwrap_or(u32::MAX);
        let Some(bit) = 1u64.checked_shl(behind) else {
            return false;
        };
        let new = self.seen & bit == 0;
        self.seen |= bit;
        new
    }
}

impl Dtls {
    /// One datagram, of which `cut` bytes were not captured.
    pub fn datagram(
        &mut self,
        talk: &mut Talk,
        side: usize,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut rest = bytes;
        while let Some((header, after)) = rest.split_first_chunk::<RECORD_HEADER>() {
            let [kind @ 20..=23, 0xfe, minor, epoch @ .., high, low] = *header else {
                break;
            };
            let length = u16::from_be_bytes([high, low]);
            let Some((fragment, after)) = after.split_at_checked(usize::from(length)) else {
                break;
            };
            rest = after;
            let record = Record {
                header: Header {
                    kind,
                    version: [0xfe, minor],
                    length,
                },
                number: u64::from_be_bytes(epoch),
                fragment,
                time: at.time,
            };
            if kind == HANDSHAKE && record.is_clear() {
                self.handshake(talk, side, fragment, out);
                continue;
            }
            let direction = talk.direction(side);
            if let Some(range) = self.session.datagram_record(direction, &record, out)? {
                let Some(mine) = self.sides.get_mut(side) else {
                    return Ok(());
                };
                if mine.is_new(record.number) {
                    mine.message(talk, direction, self.session.plain(range), at, out)?;
                }
            }
        }
        Ok(())
    }

    fn handshake(&mut self, talk: &mut Talk, side: usize, bytes: &[u8], out: &mut Output<'_>) {
        match bytes.first() {
            Some(1) => talk.speaks(side, Direction::Up),
            Some(2 | 3) => talk.speaks(side, Direction::Down),
            _ => {}
        }
        let direction = talk.direction(side);
        let (session, mut rest) = (&mut self.session, bytes);
        let Some(mine) = self.sides.get_mut(side) else {
            return;
        };
        // One record may hold several fragments.
        while let Some(header) = rest.first_chunk::<MESSAGE_HEADER>() {
            let size = number(header.get(9..).unwrap_or_default()).saturating_add(MESSAGE_HEADER);
            let Some((fragment, after)) = rest.split_at_checked(size) else {
                return;
            };
            rest = after;
            mine.fragment(fragment, &mut |kind, body, whole| {
                session.datagram_message(direction, kind, body, whole, out);
            });
        }
    }

    /// Fills in what the connection's row says.
    pub fn describe(&self, row: &mut Connection) {
        let facts = &self.session.facts;
        facts.describe(row);
        row.application = Some("dtls");
        row.transport = "tls";
        if let Some(server) = &facts.server {
            row.tls_version = version_text(server.version);
        }
        let left = self.session.left(None);
        row.opened = facts.opened && left != Some("certificate refused");
        row.not_opened = (!row.opened).then(|| left.unwrap_or(self.session.why_closed()));
    }
}

impl Side {
    /// What is inside is not known: the first datagrams are messages.
    fn message(
        &mut self,
        talk: &Talk,
        direction: Direction,
        bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.datagrams >= raw::DATAGRAMS || self.bytes >= raw::DATAGRAM_BYTES {
            raw::left_out(talk.id, out);
            return Ok(());
        }
        self.datagrams = self.datagrams.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        raw::datagram(&talk.peers(), direction, Transport::Tls, bytes, 0, at, out)
    }
}
