//! mitmproxy's flow files (`.mitm`, `.flow`, `dumpfile-…`) of every version since 0.10.
//!
//! Flows follow each other as typed netstrings; one is in memory at a time. Read are HTTP flows with
//! WebSocket messages (inside the flow since version 12, in a flow of their own before), TCP, UDP and DNS
//! flows. mitmproxy opened the TLS of what it recorded, so the contents are there.

mod emit;
mod flow;
#[cfg(test)]
mod tests;
mod tnet;

use std::io::{self, BufRead, BufReader, Read};

use crate::har::notes::Place;
use crate::model::{Limits, Sink, Stopped};
use crate::wrapped::{Input, unwrap};
use emit::Emitter;
use flow::Flow;

/// Bytes of one flow that are held in memory; a larger one is skipped and becomes a limit row.
pub const MAX_FLOW_BYTES: usize = 128 << 20;
/// Bytes of the length of a flow, its colon included.
const LENGTH_BYTES: u64 = 13;
/// Bytes between two calls of [`Sink::progress`].
const PROGRESS_BYTES: u64 = 8 << 20;

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Flows read.
    pub flows: i64,
    /// Flows that could not be read (each is counted in a problem or limit).
    pub skipped: i64,
    /// Messages handed to the sink.
    pub messages: i64,
    /// Connections handed to the sink.
    pub connections: i64,
}

/// Why a file gave nothing at all.
#[derive(Debug)]
pub enum FlowError {
    /// Not a flow file; the sentence says what is wrong.
    NotFlows(String),
    /// The input cannot be read.
    Read(io::Error),
    /// The sink asked to stop.
    Stopped(Stopped),
}

impl std::fmt::Display for FlowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FlowError::NotFlows(sentence) => f.write_str(sentence),
            FlowError::Read(error) => write!(f, "the file cannot be read: {error}"),
            FlowError::Stopped(stopped) => write!(f, "reading was stopped: {}", stopped.0),
        }
    }
}

impl std::error::Error for FlowError {}

impl From<Stopped> for FlowError {
    fn from(stopped: Stopped) -> Self {
        FlowError::Stopped(stopped)
    }
}

/// One element of the file.
enum Next {
    /// It is in the buffer, from its length to its type.
    Flow,
    /// It is larger than is held, and was passed over.
    TooLarge(u64),
    /// The end of the file.
    End,
    /// The file cannot be read further.
    Damaged(&'static str, String),
}

/// Read a flow file, plain or wrapped in gzip, zlib or zstd, and hand what it holds to `sink`.
///
/// Offsets of messages are those of their flow in the decompressed file, frames are flow numbers from 0.
///
/// # Errors
/// [`FlowError`] when not a single flow could be read. A file that breaks off later is `Ok`, with a problem
/// that tells where.
pub fn read_mitmproxy(
    input: Box<dyn Read + Send>,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, FlowError> {
    let (plain, _) = unwrap(input).map_err(FlowError::Read)?;
    let mut input = BufReader::with_capacity(1 << 18, plain);
    let mut buffer = Vec::new();
    let mut summary = Summary::default();
    let mut emitter = Emitter::new(sink, limits);
    let mut place = Place {
        entry: 0,
        offset: 0,
        length: 0,
    };
    let mut told = 0;
    loop {
        match next(&mut input, &mut buffer) {
            Next::End => break,
            Next::Flow => {
                place.length = buffer.len() as u64;
                match tnet::take(&buffer).filter(|(e, _)| e.is_dictionary()) {
                    Some((element, _)) => {
                        summary.flows += 1;
                        emitter.flow(&Flow(element), place)?;
                    }
                    None if place.entry == 0 => {
                        return Err(FlowError::NotFlows(
                            "this is not a flow file: its first element is not a dictionary".into(),
                        ));
                    }
                    None => {
                        summary.skipped += 1;
                        let text = "an element that is not a flow; it is left out";
                        emitter.notes.problem("malformed", text, place);
                    }
                }
            }
            Next::TooLarge(length) => {
                place.length = length;
                summary.skipped += 1;
                let limit = MAX_FLOW_BYTES as u64;
                emitter.notes.limit("flow bytes", limit, place);
            }
            Next::Damaged(_, why) if summary.flows + summary.skipped == 0 => {
                return Err(FlowError::NotFlows(format!(
                    "not one flow can be read: {why}"
                )));
            }
            Next::Damaged(code, why) => {
                let text =
                    format!("The file cannot be read further: {why}. What came before is shown.");
                emitter.notes.problem(code, &text, place);
                break;
            }
        }
        place.entry += 1;
        place.offset = place.offset.saturating_add(place.length);
        if place.offset.saturating_sub(told) >= PROGRESS_BYTES {
            told = place.offset;
            emitter.sink.progress(told)?;
        }
    }
    emitter.finish()?;
    emitter.sink.progress(place.offset)?;
    (summary.messages, summary.connections) = emitter.counts();
    Ok(summary)
}

/// Read the next element into `buffer`.
fn next(input: &mut BufReader<Input>, buffer: &mut Vec<u8>) -> Next {
    buffer.clear();
    let failed = |error: &io::Error| Next::Damaged("file-truncated", error.to_string());
    if let Err(error) = input.take(LENGTH_BYTES).read_until(b':', buffer) {
        return failed(&error);
    }
    if buffer.trim_ascii().is_empty() {
        return Next::End;
    }
    let Some((length, _)) = tnet::length(buffer) else {
        let whole = buffer.len() as u64 >= LENGTH_BYTES || !buffer.iter().all(u8::is_ascii_digit);
        return if whole {
            Next::Damaged(
                "file-malformed",
                "a flow does not begin with its length".into(),
            )
        } else {
            Next::Damaged(
                "file-truncated",
                "the file ends within the length of a flow".into(),
            )
        };
    };
    // The data, and one byte for the type.
    let wanted = length as u64 + 1;
    let head = buffer.len() as u64;
    if length > MAX_FLOW_BYTES {
        return match io::copy(&mut input.take(wanted), &mut io::sink()) {
            Ok(passed) if passed == wanted => Next::TooLarge(head + wanted),
            Ok(_) => cut(length),
            Err(error) => failed(&error),
        };
    }
    match input.take(wanted).read_to_end(buffer) {
        Ok(got) if got as u64 == wanted => Next::Flow,
        Ok(_) => cut(length),
        Err(error) => failed(&error),
    }
}

fn cut(length: usize) -> Next {
    let why = format!("it ends within a flow of {length} bytes");
    Next::Damaged("file-truncated", why)
}
