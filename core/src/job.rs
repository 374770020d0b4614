//! One job of the worker: read one evidence, peel what left the phone, write frames.

use std::io::Write;

use crate::accesses::Accesses;
use crate::announcements::Announcements;
use crate::leaves::Leaves;
use crate::model::{
    Access, Announcement, Connection, Direction, LimitHit, Limits, Message, Name, Problem, Sink,
    Stopped,
};
use crate::table::{Connections, Messages, Names, limits, problems, write_frame};
use crate::upnp;

/// What the parent wants to see of an evidence.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Keep bodies in table `messages`.
    pub bodies: bool,
    /// Peel messages that left the phone.
    pub peel: bool,
    /// Peel the answers too.
    pub answers: bool,
    /// Only the messages with these ids, sorted (for `explain`).
    pub only: Option<Vec<i64>>,
}

impl Wanted {
    /// Is the message with this id wanted?
    fn takes(&self, id: i64) -> bool {
        self.only
            .as_ref()
            .is_none_or(|ids| ids.binary_search(&id).is_ok())
    }
}

/// A sink that turns everything into frames on a pipe.
pub struct FrameSink<W: Write> {
    out: W,
    wanted: Wanted,
    messages: Messages,
    connections: Connections,
    names: Names,
    accesses: Accesses,
    announcements: Announcements,
    full_of_announcements: bool,
    leaves: Leaves,
    told_sink_limits: usize,
    /// Bytes read at which the next batch is sent although it is not full.
    next_batch: u64,
}

/// Bytes read before the first batch that is not full, and most between two of them.
const FIRST_BATCH: u64 = 8 << 20;
const MOST_BATCH: u64 = 64 << 20;

fn arrow(error: arrow_schema::ArrowError) -> Stopped {
    Stopped(std::io::Error::other(error))
}

/// Limits of the source itself that are told one by one; the rest is of the same kinds.
const MAX_SOURCE_LIMITS: usize = 1000;

/// Rows of `announcements` after which descriptions of devices are left out, which is told.
const MAX_ANNOUNCEMENTS: usize = 65_536;

impl<W: Write> FrameSink<W> {
    /// Frames go to `out`.
    pub fn new(out: W, wanted: Wanted, budget: &Limits) -> Self {
        FrameSink {
            out,
            messages: Messages::new(wanted.bodies),
            wanted,
            connections: Connections::default(),
            names: Names::default(),
            accesses: Accesses::default(),
            announcements: Announcements::default(),
            full_of_announcements: false,
            leaves: Leaves::new(budget.clone()),
            told_sink_limits: 0,
            next_batch: FIRST_BATCH,
        }
    }

    fn send_messages(&mut self) -> Result<(), Stopped> {
        if let Some(payload) = self.messages.take().map_err(arrow)? {
            write_frame(&mut self.out, "messages", &payload)?;
        }
        Ok(())
    }

    fn send_leaves(&mut self) -> Result<(), Stopped> {
        for (name, payload) in self.leaves.take().map_err(arrow)? {
            write_frame(&mut self.out, name, &payload)?;
        }
        let met = self.leaves.take_limits();
        if !met.is_empty() {
            write_frame(&mut self.out, "limits", &limits(&met).map_err(arrow)?)?;
        }
        let damaged = self.leaves.take_problems();
        if !damaged.is_empty() {
            write_frame(
                &mut self.out,
                "problems",
                &problems(&damaged).map_err(arrow)?,
            )?;
        }
        Ok(())
    }

    /// Send what waits for other messages of its endpoint.
    fn settle_leaves(&mut self) -> Result<(), Stopped> {
        while self.leaves.settle() {
            self.send_leaves()?;
        }
        Ok(())
    }

    /// Tell to which apps the recording was limited: frame `apps`, names as UTF-8 with a NUL between them.
    ///
    /// # Errors
    /// [`Stopped`] when the pipe is closed.
    pub fn apps(&mut self, apps: &[String]) -> Result<(), Stopped> {
        if !apps.is_empty() {
            write_frame(&mut self.out, "apps", apps.join("\0").as_bytes())?;
        }
        Ok(())
    }

    /// Say that reading was stopped after so many bytes.
    ///
    /// # Errors
    /// The pipe is gone.
    pub fn stopped(&mut self, bytes: u64) -> Result<(), Stopped> {
        write_frame(&mut self.out, "stopped", &bytes.to_le_bytes())?;
        Ok(())
    }

    /// Send what is still held.
    ///
    /// # Errors
    /// The pipe is gone.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        self.send_messages()?;
        self.settle_leaves()?;
        self.send_leaves()?;
        if let Some(payload) = self.connections.take().map_err(arrow)? {
            write_frame(&mut self.out, "connections", &payload)?;
        }
        if let Some(payload) = self.names.take().map_err(arrow)? {
            write_frame(&mut self.out, "names", &payload)?;
        }
        if let Some(payload) = self.accesses.take().map_err(arrow)? {
            write_frame(&mut self.out, "accesses", &payload)?;
        }
        if let Some(payload) = self.announcements.take().map_err(arrow)? {
            write_frame(&mut self.out, "announcements", &payload)?;
        }
        self.out.flush()?;
        Ok(())
    }
}

impl<W: Write> Sink for FrameSink<W> {
    fn message(&mut self, message: &Message<'_>) -> Result<(), Stopped> {
        if !self.wanted.takes(message.id) {
            return Ok(());
        }
        self.messages.push(message);
        if self.messages.full() {
            self.send_messages()?;
        }
        for told in upnp::described(message) {
            if self.announcements.len() < MAX_ANNOUNCEMENTS {
                self.announcements.push(&told);
            } else if !self.full_of_announcements {
                self.full_of_announcements = true;
                self.limit(LimitHit {
                    what: "announcements",
                    limit: MAX_ANNOUNCEMENTS as u64,
                    place: format!("message {}", message.id),
                })?;
            }
        }
        // `local`: the file itself says that the exchange never left the device (cache, blocked).
        let travelled = message.protocol != "local";
        if self.wanted.peel
            && travelled
            && (message.direction == Direction::Up || self.wanted.answers)
        {
            self.leaves.push(message);
            if self.leaves.full() {
                self.send_leaves()?;
            }
            if self.leaves.overdue() {
                self.settle_leaves()?;
            }
        }
        Ok(())
    }

    fn wants_answers(&self) -> bool {
        self.wanted.bodies || (self.wanted.peel && self.wanted.answers)
    }

    fn sized(&mut self, message: &Message<'_>, bytes: i64) -> Result<(), Stopped> {
        if self.wanted.takes(message.id) {
            self.messages.push_sized(message, bytes);
            if self.messages.full() {
                self.send_messages()?;
            }
        }
        Ok(())
    }

    fn connection(&mut self, connection: &Connection) -> Result<(), Stopped> {
        self.connections.push(connection);
        if self.connections.full()
            && let Some(payload) = self.connections.take().map_err(arrow)?
        {
            write_frame(&mut self.out, "connections", &payload)?;
        }
        Ok(())
    }

    fn name(&mut self, name: &Name<'_>) -> Result<(), Stopped> {
        self.names.push(name);
        if self.names.full()
            && let Some(payload) = self.names.take().map_err(arrow)?
        {
            write_frame(&mut self.out, "names", &payload)?;
        }
        Ok(())
    }

    fn access(&mut self, access: &Access) -> Result<(), Stopped> {
        self.accesses.push(access);
        if self.accesses.full()
            && let Some(payload) = self.accesses.take().map_err(arrow)?
        {
            write_frame(&mut self.out, "accesses", &payload)?;
        }
        Ok(())
    }

    fn announcement(&mut self, announcement: &Announcement) -> Result<(), Stopped> {
        self.announcements.push(announcement);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) -> Result<(), Stopped> {
        write_frame(
            &mut self.out,
            "problems",
            &problems(&[problem]).map_err(arrow)?,
        )?;
        Ok(())
    }

    fn limit(&mut self, limit: LimitHit) -> Result<(), Stopped> {
        self.told_sink_limits += 1;
        if self.told_sink_limits <= MAX_SOURCE_LIMITS {
            write_frame(&mut self.out, "limits", &limits(&[limit]).map_err(arrow)?)?;
        }
        Ok(())
    }

    fn progress(&mut self, bytes: u64) -> Result<(), Stopped> {
        // What a person waits for should not wait for a full batch: the first findings come soon, and later
        // ones in batches that cost little. By bytes, never by time: the numbers of paths and values depend
        // on it.
        if bytes >= self.next_batch {
            self.send_messages()?;
            self.send_leaves()?;
            self.next_batch = bytes.saturating_add(bytes.min(MOST_BATCH));
        }
        write_frame(&mut self.out, "progress", &bytes.to_le_bytes())?;
        self.out.flush()?;
        Ok(())
    }
}
