//! Sources that are not raw traffic: logs of network sensors, name servers, firewalls and of the phone.
//!
//! A log holds no contents (bodies are empty, not missing). What it does hold becomes the same tables:
//! connections with the name of the server and the app, messages where there are URLs or lookups, accesses
//! where the operating system recorded the use of a sensor. A damaged line is a problem with its number; the
//! rest is read.

mod adguard;
mod app_privacy;
mod csv;
mod dnsmasq;
mod eve;
mod lines;
mod lookup;
mod nextdns;
mod output;
mod pcapdroid;
mod pihole;
mod record;
mod rows;
#[cfg(test)]
mod tests;
mod tracker_control;
mod zeek;

use std::io::Read;

use crate::model::{Limits, Sink, Stopped};
use crate::wrapped::unwrap;
use lines::Lines;
use output::Output;

pub use adguard::read_adguard;
pub use app_privacy::read_app_privacy;
pub use dnsmasq::read_dnsmasq;
pub use eve::read_eve;
pub use nextdns::read_nextdns;
pub use pcapdroid::read_pcapdroid;
pub use pihole::read_pihole;
pub use tracker_control::read_tracker_control;
pub use zeek::read_zeek;

/// Bytes between two calls of [`Sink::progress`].
const PROGRESS_BYTES: u64 = 8 << 20;

/// What a log held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that told something.
    pub rows: u64,
    /// Rows of kinds that are not read (alerts, statistics) or that tell nothing.
    pub others: u64,
    /// Rows that could not be read; each is counted in a problem or limit.
    pub damaged: u64,
    /// Messages handed over.
    pub messages: i64,
    /// Connections handed over.
    pub connections: i64,
    /// Accesses handed over.
    pub accesses: i64,
}

/// Why a file gave nothing at all.
#[derive(Debug)]
pub enum LogError {
    /// Not of this format; the sentence says what was expected.
    NotThis(String),
    /// The input cannot be read.
    Read(std::io::Error),
    /// The sink asked to stop.
    Stopped(Stopped),
}

impl std::fmt::Display for LogError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LogError::NotThis(sentence) => f.write_str(sentence),
            LogError::Read(error) => write!(f, "the file cannot be read: {error}"),
            LogError::Stopped(stopped) => write!(f, "reading was stopped: {}", stopped.0),
        }
    }
}

impl std::error::Error for LogError {}

impl From<Stopped> for LogError {
    fn from(stopped: Stopped) -> Self {
        LogError::Stopped(stopped)
    }
}

/// Any readable input.
pub type Input = Box<dyn Read + Send>;

/// A reader of one format.
pub type Reader = fn(Input, &Limits, &mut dyn Sink) -> Result<Summary, LogError>;

/// The reader of this name (that of the source in `waakzaam.sources`).
pub fn reader(name: &str) -> Option<Reader> {
    Some(match name {
        "adguard-home" => read_adguard,
        "app-privacy-report" => read_app_privacy,
        "dnsmasq" => read_dnsmasq,
        "nextdns" => read_nextdns,
        "pcapdroid-csv" => read_pcapdroid,
        "pihole-csv" => read_pihole,
        "suricata-eve" => read_eve,
        "tracker-control" => read_tracker_control,
        "zeek" => read_zeek,
        _ => return None,
    })
}

/// What a row was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was read.
    Yes,
    /// It is of a kind that tells nothing here.
    Other,
    /// It is not as the format says; the sentence says what is wrong.
    Damaged(&'static str),
}

/// A file being read: its lines, the way out, and the sums.
pub(crate) struct Reading<'s> {
    /// The lines.
    pub lines: Lines,
    /// The way out.
    pub out: Output<'s>,
    /// The sums so far.
    pub summary: Summary,
    told: u64,
}

impl<'s> Reading<'s> {
    /// Open a file, plain or in gzip, zlib or zstd.
    ///
    /// # Errors
    /// [`LogError::Read`].
    pub fn open(input: Input, limits: &Limits, sink: &'s mut dyn Sink) -> Result<Self, LogError> {
        let (plain, _) = unwrap(input).map_err(LogError::Read)?;
        Ok(Reading {
            lines: Lines::new(plain),
            out: Output::new(sink, limits),
            summary: Summary::default(),
            told: 0,
        })
    }

    /// Count a row.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn count(&mut self, taken: Taken) -> Result<(), Stopped> {
        let place = self.lines.place();
        match taken {
            Taken::Yes => self.summary.rows += 1,
            Taken::Other => self.summary.others += 1,
            Taken::Damaged(why) => {
                self.summary.damaged += 1;
                self.out.problem("malformed", why, place);
            }
        }
        if place.offset.saturating_sub(self.told) >= PROGRESS_BYTES {
            self.told = place.offset;
            self.out.progress(place.offset)?;
        }
        Ok(())
    }

    /// A line that was longer than is held.
    pub fn too_long(&mut self) {
        self.summary.damaged += 1;
        let place = self.lines.place();
        self.out
            .limit("line bytes", lines::MAX_LINE_BYTES as u64, place);
    }

    /// Hand over what is held. `expected` completes "this is not …".
    ///
    /// # Errors
    /// [`LogError::NotThis`] when there were rows and not one of them could be read.
    pub fn finish(mut self, expected: &str) -> Result<Summary, LogError> {
        let place = self.lines.place();
        if let Some(error) = self.lines.failure() {
            let text =
                format!("The file cannot be read further ({error}); what came before is shown.");
            self.out.problem("file-truncated", &text, place);
        }
        let nothing = self.summary.rows == 0 && self.summary.others == 0;
        if nothing && self.summary.damaged > 0 {
            return Err(LogError::NotThis(format!(
                "this is not {expected}: none of its {} lines could be read",
                self.summary.damaged
            )));
        }
        self.out.finish()?;
        self.out.progress(place.offset)?;
        (
            self.summary.messages,
            self.summary.connections,
            self.summary.accesses,
        ) = self.out.counts();
        Ok(self.summary)
    }
}
