//! HAR 1.1 and 1.2 as browsers, proxies and research tools write it, read as a stream.
//!
//! Format: the archived W3C draft "HTTP Archive (HAR) format", 14 August 2012, and HAR 1.2 by Jan Odvarko.
//! Only one entry is in memory at a time, so a file may be larger than memory. What exporters leave out
//! is left out here; what they add (WebSocket messages, cache marks, app names) is used.

pub(crate) mod address;
mod body;
mod connections;
mod emit;
mod entry;
mod headers;
pub(crate) mod notes;
mod outline;
mod sized;
mod skip;
pub(crate) mod time;
mod websocket;
mod window;

use std::io::Read;

pub use emit::LOCAL;

use crate::model::{Limits, Sink, Stopped};
use crate::wrapped::unwrap;

/// Bytes of one entry that are held in memory; a larger one is skipped and becomes a limit row. Together
/// with its unescaped text and a decoded body it must fit the memory of a worker.
pub const MAX_ENTRY_BYTES: usize = 128 << 20;

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries read.
    pub entries: i64,
    /// Entries that could not be read (each is counted in a problem or limit).
    pub skipped: i64,
    /// Messages handed to the sink.
    pub messages: i64,
    /// Connections handed to the sink.
    pub connections: i64,
    /// Bytes of the file after removing an outer compression.
    pub bytes: u64,
    /// `log.version`.
    pub version: Option<String>,
    /// `log.creator`: name and version.
    pub creator: Option<String>,
    /// `log.browser`: name and version.
    pub browser: Option<String>,
    /// Ids of the apps that the recording was limited to, where the file says so (tweasel's
    /// `log._tweasel.apps[*].id`).
    pub apps: Vec<String>,
    /// True when the file ends in order.
    pub complete: bool,
}

/// Why a file gave nothing at all.
#[derive(Debug)]
pub enum HarError {
    /// Not HAR; the sentence says what it is instead.
    NotHar(String),
    /// The input cannot be read.
    Read(std::io::Error),
    /// The sink asked to stop.
    Stopped(Stopped),
}

impl std::fmt::Display for HarError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            HarError::NotHar(sentence) => f.write_str(sentence),
            HarError::Read(error) => write!(f, "the file cannot be read: {error}"),
            HarError::Stopped(stopped) => write!(f, "reading was stopped: {}", stopped.0),
        }
    }
}

impl std::error::Error for HarError {}

impl From<Stopped> for HarError {
    fn from(stopped: Stopped) -> Self {
        HarError::Stopped(stopped)
    }
}

/// Read a HAR file, plain or wrapped in gzip, zlib or zstd, and hand what it holds to `sink`.
///
/// Offsets of messages are those of their entry in the decompressed file (a byte order mark counts),
/// frames are entry numbers from 0. Messages with protocol [`LOCAL`] never travelled: the file says that
/// they were answered by a cache or blocked before anything was sent.
///
/// # Errors
/// [`HarError`] when not a single entry could be looked for. A file that breaks off later is `Ok`, with a
/// problem that tells where.
pub fn read_har(
    input: Box<dyn Read + Send>,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, HarError> {
    let (plain, _) = unwrap(input).map_err(HarError::Read)?;
    outline::read(plain, limits, sink)
}

/// How likely the first bytes of a (decompressed) file begin a HAR, from 0 to 1. Needs 4 KiB at most.
pub fn score(head: &[u8]) -> f64 {
    let head = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let Some(rest) = head.strip_prefix(b"{") else {
        return 0.0;
    };
    let has = |word: &str| memchr::memmem::find(head, word.as_bytes()).is_some();
    if rest.trim_ascii_start().starts_with(b"\"log\"") {
        let inside = rest
            .trim_ascii_start()
            .get(5..)
            .unwrap_or_default()
            .trim_ascii_start();
        let opened = inside
            .strip_prefix(b":")
            .is_some_and(|v| v.trim_ascii_start().starts_with(b"{"));
        let words = [
            "\"creator\"",
            "\"entries\"",
            "\"pages\"",
            "\"browser\"",
            "\"startedDateTime\"",
            "\"version\"",
        ];
        return match (opened, words.iter().any(|w| has(w))) {
            (true, true) => 0.98,
            (true, false) => 0.6,
            _ => 0.1,
        };
    }
    if has("\"log\"") && has("\"entries\"") {
        return 0.8;
    }
    // `log` may come after members that are longer than what was looked at.
    0.05
}

#[cfg(test)]
mod tests;
