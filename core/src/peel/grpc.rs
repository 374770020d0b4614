//! Layers `grpc` (gRPC over HTTP/2, and gRPC-Web) and `grpc-web-text`: messages with five bytes before each.
//!
//! The five bytes are flags and length. The flags tell that a message is compressed (the layer inside proves
//! with what) or that it is the trailers of gRPC-Web. `grpc-web-text` is the same in base64.
//! Selector: `[0]`, `[1]`, … for messages, `trailers` for the trailers.

use data_encoding::BASE64;

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Inner, Layer, Opened, Standing};
use super::look::Look;
use super::{search, text};

/// Flags and length.
const PREFIX: usize = 5;
/// A message that is compressed.
const COMPRESSED: u8 = 1;
/// The trailers of gRPC-Web.
const TRAILERS: u8 = 0x80;
/// Bytes from which on structure alone proves it: below, counters with a length look alike.
const PROVEN: usize = 12;

/// The layer.
pub(crate) struct Grpc;

impl Layer for Grpc {
    fn name(&self) -> &'static str {
        "grpc"
    }

    fn shortest(&self) -> usize {
        PREFIX
    }

    fn begins_with(&self, first: u8) -> bool {
        first & !(COMPRESSED | TRAILERS) == 0
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        let whole = next(look.bytes).is_some();
        whole || context.hint == Hint::Grpc
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let fields = fields(look.bytes, bench);
        let message = |field: &super::fields::Field| match &field.value {
            Place::Input(range) => look.bytes.get(range.clone()).filter(|m| m.len() > 1),
            Place::Arena(_) => None,
        };
        let first = fields.list.iter().find_map(message);
        // Lengths that lead exactly to the end prove it, if there is more than lengths. Where nobody says that it is
        // gRPC, tables of numbers have such lengths too: a message must be something.
        let mut proven = || {
            fields.flaw.is_none()
                && look.bytes.len() >= PROVEN
                && first.is_some_and(|message| is_something(message, context, bench))
        };
        let believed = context.hint == Hint::Grpc && !fields.list.is_empty();
        if !believed && !proven() {
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

/// True for a message that another layer, as a rule Protocol Buffers, or text explains.
fn is_something(message: &[u8], context: Context, bench: &mut Bench) -> bool {
    // Messages in messages: what comes after would be told as a limit anyway.
    if context.depth_left == 0 {
        return true;
    }
    let inside = Context {
        hint: Hint::Protobuf,
        ..context.child(Standing::Encoded)
    };
    match search::open(message, inside, bench) {
        Some(opened) => {
            bench.discard(opened);
            true
        }
        None => text::readable(message, text::READABLE),
    }
}

/// The first message and what follows it: flags, message, rest.
fn next(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[flags, a, b, c, d], rest) = bytes.split_first_chunk::<PREFIX>()?;
    if flags & !(COMPRESSED | TRAILERS) != 0 {
        return None;
    }
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
    let (message, rest) = rest.split_at_checked(length)?;
    Some((flags, message, rest))
}

fn fields(bytes: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    let mut rest = bytes;
    let mut number = 0usize;
    while !rest.is_empty() && !fields.is_full(&bench.limits) {
        let start = bytes.len() - rest.len() + PREFIX;
        let (flags, length, after) = match next(rest) {
            Some((flags, message, after)) => (flags, message.len(), after),
            // What there is of a message that breaks off.
            None if rest.len() > PREFIX && begins(rest) => {
                fields.flaw = Some(Flaw::Truncated);
                (rest[0], rest.len() - PREFIX, &[][..])
            }
            None => {
                let cut = rest.len() <= PREFIX && begins(rest);
                fields.flaw = Some(if cut {
                    Flaw::Truncated
                } else {
                    Flaw::Malformed
                });
                break;
            }
        };
        let place = Place::Input(start..start + length);
        if flags & TRAILERS != 0 {
            fields.add(b"trailers", place, Hint::None);
        } else {
            fields.add(format!("[{number}]").as_bytes(), place, Hint::Protobuf);
            if let Some(field) = fields.list.last_mut() {
                field.name = None;
            }
            number += 1;
        }
        rest = after;
    }
    fields.number_repeated();
    fields
}

/// Is the first byte one of flags?
fn begins(bytes: &[u8]) -> bool {
    bytes
        .first()
        .is_some_and(|flags| flags & !(COMPRESSED | TRAILERS) == 0)
}

/// The layer of gRPC-Web in text form: base64 in parts, each of which may be padded.
pub(crate) struct GrpcWebText;

impl Layer for GrpcWebText {
    fn name(&self) -> &'static str {
        "grpc-web-text"
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::Grpc)
    }

    fn shortest(&self) -> usize {
        8
    }

    fn begins_with(&self, first: u8) -> bool {
        // The first six bits of the flags.
        matches!(first, b'A' | b'g')
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.len().is_multiple_of(4)
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut bytes = bench.buffer();
        let inner = decode(look.bytes, &mut bytes).map(|()| fields(&bytes, bench));
        match inner {
            Some(fields) if !fields.list.is_empty() && fields.flaw.is_none() => {
                bench.spend(bytes.len());
                let inner = Opened::Many {
                    layer: Grpc.name(),
                    fields,
                };
                Some(Opened::One {
                    layer: self.name(),
                    bytes,
                    inner: Inner::Known(Box::new(inner)),
                    flaw: None,
                })
            }
            other => {
                if let Some(fields) = other {
                    bench.give_back_fields(fields);
                }
                bench.give_back(bytes);
                None
            }
        }
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }
}

/// Decodes base64 that may be padded after any group of four. It never yields more than goes in.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        // Up to the end of the group with the next padding.
        let end = memchr::memchr(b'=', rest).map_or(rest.len(), |at| (at / 4 + 1) * 4);
        let (part, after) = rest.split_at_checked(end)?;
        let start = out.len();
        out.resize(start + BASE64.decode_len(part.len()).ok()?, 0);
        let room = out.get_mut(start..)?;
        let length = BASE64.decode_mut(part, room).ok()?;
        out.truncate(start + length);
        rest = after;
    }
    Some(())
}

#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(flags: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flags][..], &length, message].concat()
}
