//! TLS on a connection: the session, and what is spoken inside it.

use super::application::{Application, Carried, Piece};
use super::flow::Talk;
use crate::model::{Connection, Stopped};
use crate::protocol::output::{Arrival, Output};
use crate::secure::Session;
use crate::secure::session::{End, Event};

/// TLS sessions inside each other that are opened.
const DEPTH: u32 = 8;

/// A TLS session and what it carries.
#[derive(Debug)]
pub struct Tls {
    session: Session,
    inner: Application,
    /// By side: bytes of the connection that were read, and bytes of plaintext, gaps included.
    places: [Place; 2],
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    sealed: u64,
    plain: u64,
    closed: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Tls {
            session: Session::default(),
            inner: Application::undecided(false, Carried::Tls),
            places: [Place::default(); 2],
        }
    }
}

impl Tls {
    /// Does it want the bytes of this side?
    pub fn wants(&self, talk: &Talk, side: usize) -> bool {
        !self.session.is_over(talk.direction(side))
    }

    /// The protocol the server chose (RFC 7301), once it is known.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.session.facts.alpn_chosen.as_deref()
    }

    /// What is spoken inside.
    pub fn inner(&self) -> &Application {
        &self.inner
    }

    /// Feeds bytes in order.
    pub fn data(
        &mut self,
        talk: &mut Talk,
        piece: Piece<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        self.session.begin(out);
        out.nested = out.nested.saturating_add(1);
        let read = self.read(talk, piece, out);
        out.nested = out.nested.saturating_sub(1);
        self.session.rest(out);
        read
    }

    fn read(
        &mut self,
        talk: &mut Talk,
        piece: Piece<'_>,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let Piece {
            side,
            bytes,
            position,
            at,
        } = piece;
        let other = self
            .places
            .get(1 - side.min(1))
            .copied()
            .unwrap_or_default();
        let mut rest = bytes;
        let direction = talk.direction(side);
        while let Some(event) = self.session.step(direction, &mut rest, at, out)? {
            let Some(place) = self.places.get_mut(side) else {
                return Ok(());
            };
            match event {
                Event::Plain { bytes, at } => {
                    let position = place.plain;
                    place.plain = position.saturating_add(bytes.len() as u64);
                    if out.nested > DEPTH {
                        deep(&mut self.inner, out)?;
                        continue;
                    }
                    let at = Arrival {
                        acknowledged: acknowledged(at.acknowledged, other),
                        ..at
                    };
                    let piece = Piece {
                        side,
                        bytes,
                        position,
                        at: &at,
                    };
                    if self.inner.wants(talk, side) {
                        self.inner.data(talk, piece, out)?;
                    }
                }
                Event::Gap(bytes) => {
                    place.plain = place.plain.saturating_add(bytes);
                    self.inner.gap(talk, side, bytes, out)?;
                }
                Event::End => {
                    place.closed = true;
                    self.inner.close(talk, side, true, out)?;
                }
            }
        }
        if let Some(place) = self.places.get_mut(side) {
            place.sealed = position.saturating_add(bytes.len() as u64);
        }
        Ok(())
    }

    /// Bytes of a side are missing.
    pub fn gap(&mut self, talk: &Talk, side: usize, bytes: u64) {
        self.session.gap(talk.direction(side), bytes);
    }

    /// A side is over. `clean`: it said so itself.
    pub fn close(
        &mut self,
        talk: &Talk,
        side: usize,
        clean: bool,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        if let Some(lost) = self.session.finish(talk.direction(side)) {
            self.inner.gap(talk, side, lost, out)?;
        }
        let closed = self
            .places
            .get_mut(side)
            .is_none_or(|place| std::mem::replace(&mut place.closed, true));
        if closed {
            return Ok(());
        }
        self.inner.close(talk, side, clean, out)
    }

    /// Fills in what the connection's row says. `end`: who ended it.
    pub fn describe(&self, row: &mut Connection, end: Option<End>) {
        let facts = &self.session.facts;
        let left = self.session.left(end);
        // Servers may send data before they know that the client refuses.
        if facts.opened && left != Some("certificate refused") {
            self.inner.describe(row, end);
            if row.application.is_none() {
                row.application = Some("tls");
                (row.opened, row.not_opened) = (true, None);
            }
        } else {
            row.application = Some("tls");
            row.opened = false;
            let why = match self.session.why_closed() {
                why @ ("no keys" | "no data") => left.unwrap_or(why),
                why => left
                    .filter(|_| left == Some("certificate refused"))
                    .unwrap_or(why),
            };
            row.not_opened = Some(why);
        }
        row.transport = "tls";
        facts.describe(row);
    }

    /// Bytes of an HTTP connection that belonged to no message.
    pub fn skipped(&self) -> u64 {
        self.inner.skipped()
    }
}

/// What was acknowledged counts bytes of the connection: it is told of plaintext only where all bytes read so far
/// were meant, and else as nothing.
fn acknowledged(count: u64, other: Place) -> u64 {
    if count >= other.sealed {
        other.plain
    } else {
        0
    }
}

/// Too many sessions inside each other: what is inside is not read.
fn deep(inner: &mut Application, out: &mut Output<'_>) -> Result<(), Stopped> {
    if !matches!(inner, Application::Unknown) {
        *inner = Application::Unknown;
        out.limit(
            "TLS sessions inside each other",
            u64::from(DEPTH),
            "TLS".to_owned(),
        )?;
    }
    Ok(())
}
