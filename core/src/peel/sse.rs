//! Layer `sse`: the lines of an event stream (WHATWG HTML section 9.2.6, `text/event-stream`).
//!
//! Selector: `data`, `event` or `id`, `data#2` for a second one. The data lines of one event are one value.

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Hint, Layer, Opened};
use super::look::Look;

/// The layer.
pub(crate) struct EventStream;

impl Layer for EventStream {
    fn name(&self) -> &'static str {
        "sse"
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::Events)
    }

    fn shortest(&self) -> usize {
        4
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn can(&self, _look: &Look<'_>, context: Context) -> bool {
        context.hint == Hint::Events
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let fields = fields(look.bytes, bench);
        if fields.list.is_empty() {
            bench.give_back_fields(fields);
            return None;
        }
        Some(Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        fields(bytes, bench).select(selector, bytes)
    }
}

fn fields(bytes: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    let bytes_of_text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut at = bytes.len() - bytes_of_text.len();
    // The data of the event that is read, while it is one line: where it is.
    let mut data: Option<Place> = None;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        if line.is_empty() {
            if let Some(place) = data.take() {
                fields.add(b"data", place, Hint::None);
            }
        } else if fields.is_full(&bench.limits) {
            break;
        } else {
            let colon = memchr::memchr(b':', line).unwrap_or(line.len());
            let name = line.get(..colon).unwrap_or_default();
            let after = line.get(colon + 1..).unwrap_or_default();
            let value = after.strip_prefix(b" ").unwrap_or(after);
            let end = at + length;
            let place = end - value.len()..end;
            match name {
                b"data" => {
                    data = Some(match data.take() {
                        None => Place::Input(place),
                        Some(before) => joined(&mut fields, before, bytes, value),
                    });
                }
                b"event" | b"id" if !value.is_empty() => {
                    fields.add(name, Place::Input(place), Hint::None);
                }
                // Comments and what browsers ignore.
                _ => {}
            }
        }
        if length == rest.len() {
            break;
        }
        let both = rest.get(length..length + 2) == Some(b"\r\n");
        at += length + if both { 2 } else { 1 };
    }
    if let Some(place) = data.take() {
        fields.add(b"data", place, Hint::None);
    }
    fields.number_repeated();
    fields
}

/// Data of several lines, joined by line feeds as section 9.2.6 says.
fn joined(fields: &mut Fields, before: Place, bytes: &[u8], value: &[u8]) -> Place {
    let start = match before {
        Place::Input(range) => {
            let start = fields.arena.len();
            fields
                .arena
                .extend_from_slice(bytes.get(range).unwrap_or_default());
            start
        }
        // Always the last one stored.
        Place::Arena(range) => range.start,
    };
    fields.arena.push(b'\n');
    fields.arena.extend_from_slice(value);
    Place::Arena(start..fields.arena.len())
}
