//! One TLS session: records in, plaintext out (RFC 8446, RFC 5246, RFC 4346, RFC 2246).
//!
//! A session is pulled: [`Session::step`] takes bytes of one direction until it has something to tell. Without
//! keys it reads the handshake, as far as that is in clear, and then wants nothing more.

pub mod datagrams;
mod facts;
mod handshake;
mod keys;
mod opened;
mod refusal;
mod search;
mod side;
mod watch;

use std::ops::Range;

use super::hello;
use super::protection::Header;
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output};
pub use facts::Facts;
use handshake::Hand;
use refusal::Refusal;
pub use refusal::{End, Taken, names_certificate};
use side::{Protected, Side};

/// Longest fragment of a record: 2^14 and what ciphers may add (RFC 5246 section 6.2.3).
pub const FRAGMENT_BYTES: usize = (16 << 10) + 2048;
/// Records that may fail before keys that never opened one are given up.
const FAILURES: u32 = 512;
/// Records that may be missing where nothing tells how many.
const UNTOLD: u64 = 64;

/// Content types (RFC 8446 section 5.1).
pub(crate) mod content {
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    pub const ALERT: u8 = 21;
    pub const HANDSHAKE: u8 = 22;
    pub const APPLICATION_DATA: u8 = 23;
}

/// What a step found.
#[derive(Debug)]
pub enum Event<'a> {
    /// Application data.
    Plain {
        /// The bytes.
        bytes: &'a [u8],
        /// The first packet of the record, up to the end of the last one.
        at: Arrival,
    },
    /// Application data is missing: so many bytes, as far as can be told.
    Gap(u64),
    /// The sender said that it sends nothing more (close_notify).
    End,
}

/// What one record was.
#[derive(Debug)]
enum Found {
    Nothing,
    Plain(Range<usize>),
    Gap(u64),
    End,
}

/// One session.
#[derive(Debug, Default)]
pub struct Session {
    /// What is known about it.
    pub facts: Facts,
    sides: [Side; 2],
    hand: Hand,
    refusal: Refusal,
    /// The record that is being opened.
    scratch: Vec<u8>,
    /// A record that was opened and is not told yet.
    pending: Option<(u8, Range<usize>)>,
}

impl Session {
    /// True when more bytes of this direction tell nothing.
    pub fn is_over(&self, direction: Direction) -> bool {
        self.side(direction).over
    }

    /// Why no application data was opened.
    pub fn why_closed(&self) -> &'static str {
        match self.facts.shut {
            Some(why) => why,
            None if self.sides.iter().any(|side| side.proven) => "no data",
            None if self.sides.iter().any(|side| side.loss.is_some()) => "gap",
            None if self.sides.iter().any(|side| side.failures > 0) => "keys do not fit",
            None => "no keys",
        }
    }

    /// How the client left without taking up the session, if that was seen.
    pub fn left(&self, end: Option<End>) -> Option<&'static str> {
        self.refusal.word(end)
    }

    fn side(&self, direction: Direction) -> &Side {
        let [up, down] = &self.sides;
        match direction {
            Direction::Up => up,
            Direction::Down => down,
        }
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        let [up, down] = &mut self.sides;
        match direction {
            Direction::Up => up,
            Direction::Down => down,
        }
    }

    /// Takes bytes of one direction off the front of `input` until there is something to tell, or nothing left.
    pub fn step(
        &mut self,
        direction: Direction,
        input: &mut &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<Option<Event<'_>>, Stopped> {
        loop {
            let side = self.side_mut(direction);
            if side.over {
                *input = &[];
                side.held = Vec::new();
                return Ok(None);
            }
            let pending = self.pending.take();
            let side = self.side_mut(direction);
            let found = if let Some((kind, range)) = pending {
                self.content(direction, kind, range, out)?
            } else if side.skip > 0 {
                let count = side.skip.min(input.len());
                side.skip -= count;
                *input = input.get(count..).unwrap_or_default();
                if input.is_empty() {
                    return Ok(None);
                }
                Found::Nothing
            } else if side.watching {
                if !self.watch(direction, input, at, out) {
                    return Ok(None);
                }
                Found::Nothing
            } else if side.searching {
                match self.search(direction, input, at, out)? {
                    Some(found) => found,
                    None => return Ok(None),
                }
            } else {
                match self.next_record(direction, input, at, out)? {
                    Some(found) => found,
                    None => return Ok(None),
                }
            };
            match found {
                Found::Nothing => {}
                Found::Plain(range) => {
                    let at = self.side(direction).span(at);
                    let bytes = self.scratch.get(range).unwrap_or_default();
                    return Ok(Some(Event::Plain { bytes, at }));
                }
                Found::Gap(bytes) => return Ok(Some(Event::Gap(bytes))),
                Found::End => return Ok(Some(Event::End)),
            }
        }
    }

    /// Reads one record. `None`: more bytes are needed.
    fn next_record(
        &mut self,
        direction: Direction,
        input: &mut &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<Option<Found>, Stopped> {
        let side = self.side_mut(direction);
        if side.held.is_empty() {
            if input.is_empty() {
                return Ok(None);
            }
            side.at = *at;
            if let Some((header, fragment, rest)) = side::split(input) {
                *input = rest;
                return self.record(direction, header, fragment, out).map(Some);
            }
        }
        if side.held.capacity() == 0 {
            side.held = out.take_buffer();
        }
        // No more than one record is put together.
        let need = side::need(&side.held, input);
        let count = need.saturating_sub(side.held.len()).min(input.len());
        let (now, rest) = input.split_at_checked(count).unwrap_or((input, &[]));
        side.held.extend_from_slice(now);
        *input = rest;
        if side::is_broken(&side.held) {
            if self.may_be_old(direction) {
                return Ok(self.old_hello(direction, input, out));
            }
            return Ok(Some(self.broken(direction, out)));
        }
        if side.held.len() < need {
            return Ok((!input.is_empty()).then_some(Found::Nothing));
        }
        let mut held = std::mem::take(&mut side.held);
        let Some((header, fragment, rest)) = side::split(&held) else {
            return Ok(None);
        };
        let length = held.len().saturating_sub(rest.len());
        let alone = rest.is_empty();
        let side = self.side_mut(direction);
        if alone && header.kind == content::APPLICATION_DATA && side.opens_in_place() {
            side.minor = header.version[1];
            std::mem::swap(&mut self.scratch, &mut held);
            held.clear();
            self.side_mut(direction).held = held;
            return self.sealed(direction, header, None, out).map(Some);
        }
        let found = self.record(direction, header, fragment, out);
        held.drain(..length);
        let side = self.side_mut(direction);
        if side.held.is_empty() && !held.is_empty() {
            side.held = held;
        } else {
            // The record was put back, to be looked at again.
            side.held.extend_from_slice(&held);
            held.clear();
            out.keep_buffer(&mut held);
        }
        found.map(Some)
    }

    fn may_be_old(&self, direction: Direction) -> bool {
        let first = self.side(direction).held.first().copied();
        direction == Direction::Up
            && self.facts.client.is_none()
            && first.is_some_and(|b| b >= 0x80)
    }

    /// A first hello in the form of SSL 2.0.
    fn old_hello(
        &mut self,
        direction: Direction,
        input: &mut &[u8],
        out: &mut Output<'_>,
    ) -> Option<Found> {
        let side = self.side_mut(direction);
        side.held.extend_from_slice(input);
        *input = &[];
        let Some((hello, length)) = hello::old_client(&side.held) else {
            return (side.held.len() >= 11).then(|| self.broken(direction, out));
        };
        if side.held.len() < length {
            return None;
        }
        side.held.drain(..length);
        self.client_says(hello, out);
        Some(Found::Nothing)
    }

    /// What stands where a record should begin is none.
    fn broken(&mut self, direction: Direction, out: &mut Output<'_>) -> Found {
        let side = self.side_mut(direction);
        if side.is_sealed() {
            side.lose(0, UNTOLD);
        } else {
            let why = if out.secrets.is_empty() {
                "no keys"
            } else {
                "malformed records"
            };
            self.shut(direction, why);
        }
        Found::Nothing
    }

    /// One record.
    fn record(
        &mut self,
        direction: Direction,
        header: Header,
        fragment: &[u8],
        out: &mut Output<'_>,
    ) -> Result<Found, Stopped> {
        let modern = self.hand.is_modern();
        let side = self.side_mut(direction);
        side.minor = header.version[1];
        match (&side.protected, header.kind) {
            (Protected::Sealed, content::CHANGE_CIPHER_SPEC) if modern => Ok(Found::Nothing),
            // An alert or a second hello that comes before the keys are used.
            (Protected::Sealed, content::ALERT | content::HANDSHAKE) if modern => {
                let early = side.epoch.is_none_or(|e| e == 0);
                match header.kind {
                    content::HANDSHAKE if early => self.messages(direction, fragment, out)?,
                    content::ALERT => self.refusal.alert(direction, fragment),
                    _ => {}
                }
                Ok(Found::Nothing)
            }
            (Protected::Sealed, _) => self.sealed(direction, header, Some(fragment), out),
            (Protected::Clear, content::CHANGE_CIPHER_SPEC) => {
                self.change_cipher(direction, out)?;
                Ok(Found::Nothing)
            }
            (Protected::Clear, content::HANDSHAKE) => {
                self.messages(direction, fragment, out)?;
                Ok(Found::Nothing)
            }
            (Protected::Clear, content::APPLICATION_DATA) => {
                self.unexpected(direction, header, fragment, out)?;
                Ok(Found::Nothing)
            }
            (Protected::Clear, content::ALERT) => {
                self.refusal.alert(direction, fragment);
                Ok(Found::Nothing)
            }
            (Protected::Clear, _) => Ok(Found::Nothing),
        }
    }

    /// Application data where no keys are set up: early data, or what comes after a gap in the handshake.
    fn unexpected(
        &mut self,
        direction: Direction,
        header: Header,
        fragment: &[u8],
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if direction == Direction::Up && self.hand.awaits_server() && self.hand.early {
            let side = self.side_mut(direction);
            side.unread = side.unread.saturating_add(fragment.len() as u64);
            return Ok(());
        }
        if self.hand.gap && self.hand.agreed_version().is_some() && !self.hand.is_modern() {
            self.arm(direction, out)?;
            let side = self.side_mut(direction);
            if side.is_sealed() {
                side.lose(0, UNTOLD);
                side.put_back(header, fragment);
                return Ok(());
            }
        }
        let why = if out.secrets.is_empty() {
            "no keys"
        } else {
            "gap"
        };
        self.shut(direction, why);
        Ok(())
    }

    /// Bytes of one direction are missing.
    pub fn gap(&mut self, direction: Direction, bytes: u64) {
        self.refusal.unsure = true;
        let side = self.side_mut(direction);
        side.over |= side.watching;
        if self.side(direction).is_sealed() {
            self.expect_update(direction);
        } else {
            self.hand.gap = true;
        }
        self.side_mut(direction).gap(bytes);
    }

    /// The end of one direction: application data that was lost and not told yet, in bytes.
    pub fn finish(&mut self, direction: Direction) -> Option<u64> {
        let side = self.side_mut(direction);
        let lost = side.loss.take().filter(|_| side.proven)?;
        Some(side.plain_of(lost.wire, lost.wire.div_ceil(FRAGMENT_BYTES as u64)))
    }

    /// Nothing more can be read of one direction.
    fn shut(&mut self, direction: Direction, why: &'static str) {
        let side = self.side_mut(direction);
        side.over = true;
        side.held = Vec::new();
        side.keys = Vec::new();
        self.facts.shut.get_or_insert(why);
    }

    fn shut_both(&mut self, why: &'static str) {
        self.shut(Direction::Up, why);
        self.shut(Direction::Down, why);
    }

    /// Makes room for opening records; [`Session::rest`] gives it back.
    pub fn begin(&mut self, out: &mut Output<'_>) {
        if self.scratch.capacity() == 0 {
            self.scratch = out.take_buffer();
        }
    }

    /// Gives back what is only needed while bytes come.
    pub fn rest(&mut self, out: &mut Output<'_>) {
        if self.pending.is_none() {
            out.keep_buffer(&mut self.scratch);
        }
        for side in &mut self.sides {
            if side.held.is_empty() {
                out.keep_buffer(&mut side.held);
            }
        }
    }
}
