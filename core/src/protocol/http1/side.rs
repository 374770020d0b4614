//! One direction of an HTTP/1 connection: the message being read.

use super::framing::Framing;
use super::head::{self, Head};
use crate::model::{Direction, Stopped};
use crate::protocol::output::{Arrival, Output};

/// Longest chunk-size or trailer line kept, in bytes.
const LINE_BYTES: usize = 64 << 10;

/// Where the reader of one direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A message must begin here.
    Start,
    /// In a head; the first `scanned` bytes of it hold no end.
    Head { scanned: usize },
    /// In a body of known length.
    Length { left: u64 },
    /// Before the end of a chunk-size line (RFC 9112 section 7.1).
    Size,
    /// In a chunk.
    Chunk { left: u64 },
    /// Before the line end after a chunk.
    ChunkEnd,
    /// In the trailer section.
    Trailer,
    /// In a body that ends with the connection.
    UntilClose,
    /// The place in the stream is lost: looking for the next start line.
    Lost,
    /// After CONNECT: what these bytes are depends on the answer.
    Held,
    /// Not HTTP any more (after 101).
    Over,
}

/// What became of bytes given to a body.
pub(super) enum Step {
    /// This many bytes were used and the body goes on (or its state changed).
    Used(usize),
    /// This many bytes were used and the message is whole.
    Done(usize),
    /// The chunk framing is broken here.
    Broken(usize),
}

/// One direction.
#[derive(Debug)]
pub(super) struct Side {
    pub state: State,
    pub head_bytes: Vec<u8>,
    pub head: Head,
    pub body: Vec<u8>,
    line: Vec<u8>,
    pub start: Arrival,
    pub end: u64,
    pub missing: u64,
    pub cut: u64,
    /// False once bytes of the message are known to be missing.
    pub whole: bool,
    /// The request this message is, or answers: a serial number of the connection.
    pub request: Option<u64>,
    /// Messages may have been lost before this one.
    pub uncertain: bool,
    /// Bytes that belonged to no message.
    pub skipped: u64,
}

impl Side {
    pub fn new(state: State) -> Side {
        Side {
            state,
            head_bytes: Vec::new(),
            head: Head::default(),
            body: Vec::new(),
            line: Vec::new(),
            start: Arrival::default(),
            end: 0,
            missing: 0,
            cut: 0,
            whole: true,
            request: None,
            uncertain: state == State::Lost,
            skipped: 0,
        }
    }

    /// Begins a message with the packet at `at`.
    pub fn begin(&mut self, at: &Arrival) {
        self.start = *at;
        self.end = at.end;
        self.missing = 0;
        self.cut = 0;
        self.whole = true;
        self.request = None;
        self.line.clear();
    }

    /// Loses the place: what follows is searched for a start line.
    pub fn lose(&mut self) {
        self.state = State::Lost;
        self.uncertain = true;
    }

    /// The state in which a body of this framing begins.
    pub fn enter(&mut self, framing: Framing) {
        self.state = match framing {
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => State::Size,
            Framing::UntilClose => State::UntilClose,
        };
    }

    /// True while a message has begun and not ended.
    pub fn in_message(&self) -> bool {
        !matches!(
            self.state,
            State::Start | State::Lost | State::Held | State::Over
        )
    }

    /// Adds to the body, within the limits.
    fn append(&mut self, bytes: &[u8], out: &mut Output<'_>) {
        let cut = out.append(&mut self.body, bytes);
        self.cut = self.cut.saturating_add(cut);
    }

    /// Feeds body bytes in any body state.
    pub fn body_step(&mut self, bytes: &[u8], out: &mut Output<'_>) -> Step {
        match self.state {
            State::Length { left } => {
                let (mine, left) = split(bytes, left);
                self.append(mine, out);
                self.state = State::Length { left };
                if left == 0 {
                    Step::Done(mine.len())
                } else {
                    Step::Used(mine.len())
                }
            }
            State::Chunk { left } => {
                let (mine, left) = split(bytes, left);
                self.append(mine, out);
                self.state = if left == 0 {
                    State::ChunkEnd
                } else {
                    State::Chunk { left }
                };
                Step::Used(mine.len())
            }
            State::UntilClose => {
                self.append(bytes, out);
                Step::Used(bytes.len())
            }
            State::Size | State::ChunkEnd | State::Trailer => self.line_step(bytes),
            _ => Step::Broken(0),
        }
    }

    /// Feeds the lines between chunks.
    fn line_step(&mut self, bytes: &[u8]) -> Step {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            if self.line.len().saturating_add(bytes.len()) > LINE_BYTES {
                return Step::Broken(0);
            }
            self.line.extend_from_slice(bytes);
            return Step::Used(bytes.len());
        };
        let part = bytes.get(..end).unwrap_or_default();
        let mut held = std::mem::take(&mut self.line);
        let line = if held.is_empty() {
            part
        } else {
            held.extend_from_slice(part);
            &held
        };
        let blank = line.trim_ascii().is_empty();
        let step = match self.state {
            State::Size => match chunk_size(line) {
                Some(0) => {
                    self.state = State::Trailer;
                    Step::Used(end + 1)
                }
                Some(left) => {
                    self.state = State::Chunk { left };
                    Step::Used(end + 1)
                }
                None => Step::Broken(0),
            },
            State::ChunkEnd if blank => {
                self.state = State::Size;
                Step::Used(end + 1)
            }
            State::Trailer if blank => Step::Done(end + 1),
            // Trailer fields describe the body; they are not header fields and are left out.
            State::Trailer if line.contains(&b':') => Step::Used(end + 1),
            _ => Step::Broken(0),
        };
        held.clear();
        self.line = held;
        step
    }

    /// Is a body still to come that is whole within `bytes`? Then it need not be copied.
    pub fn whole_body(&self, length: usize) -> Option<usize> {
        match self.state {
            State::Length { left } if self.body.is_empty() && self.cut == 0 && self.whole => {
                usize::try_from(left).ok().filter(|&left| left <= length)
            }
            _ => None,
        }
    }

    /// Where the next message begins in a stream whose place is lost. `at_segment`: `bytes` start a
    /// TCP segment.
    pub fn find_start(
        &self,
        direction: Direction,
        bytes: &[u8],
        at_segment: bool,
    ) -> Option<usize> {
        match direction {
            Direction::Down => memchr::memmem::find_iter(bytes, b"HTTP/1.").find(|&at| {
                let rest = bytes.get(at..).unwrap_or_default();
                match head::begins_response(rest) {
                    head::Verdict::Yes => true,
                    head::Verdict::More => at_segment && at == 0,
                    head::Verdict::No => false,
                }
            }),
            Direction::Up => {
                if at_segment && head::surely_begins_request(bytes) {
                    return Some(0);
                }
                memchr::memchr_iter(b'\n', bytes)
                    .map(|at| at + 1)
                    .find(|&at| {
                        let rest = bytes.get(at..).unwrap_or_default();
                        rest.first().is_some_and(u8::is_ascii_uppercase)
                            && head::surely_begins_request(rest)
                    })
            }
        }
    }

    /// Feeds head bytes that continue over packets: how many were used, and whether the head is whole.
    pub fn head_step(&mut self, bytes: &[u8], scanned: usize) -> (usize, bool) {
        let had = self.head_bytes.len();
        let room = (head::HEAD_BYTES + 1).saturating_sub(had);
        let mine = bytes.get(..room).unwrap_or(bytes);
        self.head_bytes.extend_from_slice(mine);
        match head::end_of_head(&self.head_bytes, scanned) {
            Some(end) => {
                self.head_bytes.truncate(end);
                (end.saturating_sub(had), true)
            }
            None => {
                let scanned = self.head_bytes.len().saturating_sub(2);
                self.state = State::Head { scanned };
                (mine.len(), false)
            }
        }
    }

    /// Writes down that the body was cut, if it was.
    pub fn report_cut(&mut self, connection: i64, out: &mut Output<'_>) -> Result<(), Stopped> {
        if self.cut == 0 {
            return Ok(());
        }
        let place = format!(
            "connection {connection}, message from packet {}: {} more bytes of the body left out",
            self.start.frame, self.cut
        );
        out.limit("body bytes", out.limits.body_bytes, place)
    }
}

/// The first `left` bytes, and how many are left after them.
fn split(bytes: &[u8], left: u64) -> (&[u8], u64) {
    let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    let mine = bytes.get(..take).unwrap_or(bytes);
    (mine, left.saturating_sub(mine.len() as u64))
}

/// Hexadecimal size before an optional extension.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&b| b == b';').next()?.trim_ascii();
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0u64, |size, &digit| {
        let value = char::from(digit).to_digit(16)?;
        size.checked_mul(16)?.checked_add(u64::from(value))
    })
}
