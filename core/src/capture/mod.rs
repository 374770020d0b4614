//! Reading traffic captures: pcap and pcapng, compressed or not, of any length in constant memory.
//!
//! Bytes flow through [`crate::wrapped`] (gzip, Zstandard), [`window`], [`pcap`] or [`pcapng`], [`link`],
//! [`ip`] (with [`fragments`]), [`tcp`] or [`udp`], to the readers in [`crate::protocol`]. In-order
//! data is parsed where it lies in the window; only what spans packets is copied.

pub mod application;
pub mod apps;
pub mod blocks;
pub mod dtls;
pub mod flow;
pub mod fragments;
pub mod half;
pub mod ip;
pub mod link;
pub mod neighbours;
pub mod packet;
pub mod pcap;
pub mod pcapng;
pub mod segment;
pub mod table;
pub mod tcp;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod tracker;
pub mod trailer;
pub mod udp;
pub mod window;

use std::fmt;
use std::io::Read;

use crate::model::{Limits, Problem, Sink, Stopped};
use crate::protocol::output::Output;
use crate::secure::secrets::Secrets;
use crate::wrapped::{Compression, unwrap};
use packet::{Damage, Packet};
use pcap::Pcap;
use pcapng::Pcapng;
use tracker::Tracker;
use window::Window;

/// Bytes between two calls of [`Sink::progress`].
const PROGRESS_BYTES: u64 = 8 << 20;

/// What a capture held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// `pcap` or `pcapng`.
    pub format: &'static str,
    /// `none`, `gzip` or `zstd`.
    pub compression: &'static str,
    /// Bytes of the capture, decompressed.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Microseconds since 1970-01-01 UTC of the earliest packet.
    pub first: Option<i64>,
    /// The same of the latest.
    pub last: Option<i64>,
    /// TCP packets.
    pub tcp: u64,
    /// UDP packets.
    pub udp: u64,
    /// ICMP and ICMPv6 packets.
    pub icmp: u64,
    /// ARP packets.
    pub arp: u64,
    /// Packets of other protocols or link layers.
    pub other: u64,
    /// IP fragments.
    pub fragments: u64,
    /// Packets whose headers cannot be read.
    pub malformed: u64,
    /// Packets captured without their end.
    pub cut: u64,
    /// Connections written.
    pub connections: i64,
    /// Messages written.
    pub messages: i64,
    /// Names written.
    pub names: i64,
    /// True if the file could not be read to its end.
    pub damaged: bool,
}

/// Why nothing could be read at all, or reading was stopped.
#[derive(Debug)]
pub enum CaptureError {
    /// Not a capture, or one in a format that is not read. One sentence for a person.
    NotACapture(String),
    /// The evidence could not be read.
    Unreadable(std::io::Error),
    /// The sink asked to stop.
    Stopped(std::io::Error),
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaptureError::NotACapture(text) => f.write_str(text),
            CaptureError::Unreadable(error) => write!(f, "The capture cannot be read: {error}."),
            CaptureError::Stopped(error) => write!(f, "Reading was stopped: {error}."),
        }
    }
}

impl std::error::Error for CaptureError {}

impl From<Stopped> for CaptureError {
    fn from(stopped: Stopped) -> Self {
        CaptureError::Stopped(stopped.0)
    }
}

/// Can a file that starts with these bytes be read as a capture? gzip and Zstandard say nothing of what
/// is inside and count as no.
pub fn is_capture(start: &[u8]) -> bool {
    Pcap::knows(start) || Pcapng::knows(start)
}

enum Reader {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Reader {
    fn open(window: &mut Window, compression: Compression) -> Result<Reader, CaptureError> {
        window.need(12);
        let magic = window.peek();
        if magic.is_empty() {
            return Err(match window.error.take() {
                Some(error) => CaptureError::Unreadable(error),
                None => CaptureError::NotACapture("The file is empty.".to_owned()),
            });
        }
        if Pcapng::knows(magic) {
            return Ok(Reader::Pcapng(Pcapng::default()));
        }
        if Pcap::knows(magic) {
            return Pcap::open(window)
                .map(Reader::Pcap)
                .map_err(|damage| not_a_capture(&damage.text));
        }
        let found: String = magic.iter().take(4).map(|b| format!("{b:02x}")).collect();
        let inside = match compression {
            Compression::None => "",
            _ => " inside its compression",
        };
        Err(not_a_capture(&format!(
            "it begins with {found}{inside}, which is neither pcap nor pcapng"
        )))
    }

    fn next<'w>(
        &mut self,
        window: &'w mut Window,
        secrets: &mut Secrets,
    ) -> Result<Option<Packet<'w>>, Damage> {
        match self {
            Reader::Pcap(pcap) => pcap.next(window),
            Reader::Pcapng(pcapng) => {
                pcapng.next(window, &mut |block| blocks::take_secrets(block, secrets))
            }
        }
    }

    fn app(&self, user: Option<i32>) -> Option<&str> {
        match self {
            Reader::Pcap(_) => None,
            Reader::Pcapng(pcapng) => pcapng.app(user),
        }
    }

    fn frames(&self) -> u64 {
        match self {
            Reader::Pcap(pcap) => pcap.frames(),
            Reader::Pcapng(pcapng) => pcapng.frames(),
        }
    }
}

fn not_a_capture(why: &str) -> CaptureError {
    CaptureError::NotACapture(format!(
        "This is not a traffic capture that can be read: {why}."
    ))
}

/// Reads a whole capture and hands everything to `sink`. `secrets` open what is encrypted; those that the
/// capture itself carries are added as they come.
///
/// # Errors
/// [`CaptureError`] when nothing can be read, or when the sink stops. Damage further on is a
/// [`Problem`]: everything before it has been delivered.
pub fn read_capture(
    input: Box<dyn Read + Send>,
    limits: &Limits,
    secrets: Secrets,
    sink: &mut dyn Sink,
) -> Result<Summary, CaptureError> {
    let (input, compression) = unwrap(input).map_err(CaptureError::Unreadable)?;
    let mut window = Window::new(input);
    let mut reader = Reader::open(&mut window, compression)?;
    let mut out = Output::new(sink, limits, secrets);
    let mut tracker = Tracker::default();
    tracker.summary.compression = compression.as_str();
    tracker.summary.format = match reader {
        Reader::Pcap(_) => "pcap",
        Reader::Pcapng(_) => "pcapng",
    };
    let mut told = 0;
    loop {
        let before = window.position();
        if before.saturating_sub(told) >= PROGRESS_BYTES {
            told = before;
            out.progress(before)?;
        }
        match reader.next(&mut window, &mut out.secrets) {
            Ok(Some(packet)) => {
                let app = reader.app(packet.user);
                tracker.packet(&Packet { app, ..packet }, &mut out)?;
            }
            Ok(None) => break,
            Err(damage) => {
                tracker.summary.damaged = true;
                let problem = damaged(damage, &reader, &mut window, before);
                out.problem(problem)?;
                break;
            }
        }
    }
    if let Some(error) = window.error.take() {
        tracker.summary.damaged = true;
        let damage = Damage::truncated(error.to_string());
        let end = window.position();
        let problem = damaged(damage, &reader, &mut window, end);
        out.problem(problem)?;
    }
    tracker.finish(&mut out)?;
    out.finish()?;
    out.progress(window.position())?;
    let mut summary = tracker.summary;
    summary.bytes = window.position();
    (summary.messages, summary.names, summary.connections) = out.written();
    Ok(summary)
}

fn damaged(damage: Damage, reader: &Reader, window: &mut Window, at: u64) -> Problem {
    let why = match window.error.take() {
        Some(error) => format!("{} ({error})", damage.text),
        None => damage.text,
    };
    Problem {
        code: damage.code,
        text: format!("The capture cannot be read further: {why}. Everything before is shown."),
        place: format!("packet {} at byte {at}", reader.frames().saturating_add(1)),
        count: 1,
    }
}
