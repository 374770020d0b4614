//! Layer `protobuf`: messages of Protocol Buffers without their schema (protobuf.dev, "Encoding").
//!
//! Selector: field numbers with dots between them, `3.1`; `[n]` after a number tells the occurrences in one
//! message apart, or the elements of packed numbers, from 0: `3.1[2]`. A stream of messages with their lengths
//! before them begins with the number of the message: `[0].3.1`. A message with its length before it in the field
//! is `3.length.1`. A number that may mean something else has a second leaf: `7.double` and `7.float` for
//! fixed-width numbers that look like one, `7.hex` for 64 bits too large to be a count (identifiers are often shown
//! so; most significant byte first). Packed numbers of fixed width stand beside the bytes: `6.float[0]`. So the
//! selector alone says how a field is read, and is followed without any memory ([`path`]).
//!
//! Numbers are in decimal. A varint or a fixed-width number that is a small negative number in two's complement
//! is written as one; ZigZag cannot be told from the wire and is left as it is.
//!
//! Strings and bytes are children as they stand; what they hold is decided for all occurrences of a field
//! together ([`typing`]), in one message or in all messages of an endpoint ([`super::endpoint`]). A message proves
//! itself by evidence in bits ([`evidence`]).

mod evidence;
mod number;
mod path;
mod reader;
mod typing;
mod wire;

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::media;
use reader::{Bounds, Held, Leaf, Reading};

pub(crate) use evidence::{length as length_evidence, number as number_evidence};
pub(crate) use typing::{Tallies, Typing};
pub(crate) use wire::varint;

/// The layer.
pub(crate) struct Protobuf;

/// Its name.
pub(crate) const NAME: &str = "protobuf";

/// Shorter messages prove nothing; declared ones may be of any length.
const PROVING: usize = 6;

impl Layer for Protobuf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn shortest(&self) -> usize {
        2
    }

    fn begins_with(&self, first: u8) -> bool {
        // A tag of a field, of one byte or more; or the length of the first message of a stream.
        first != 0
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        let bytes = look.bytes;
        if context.hint == Hint::Protobuf {
            return true;
        }
        bytes.len() >= PROVING
            && begins(bytes)
            && (look.has(kind::CONTROL | kind::HIGH) || is_identifier(bytes))
            && (!look.is_text() || is_identifier(bytes))
            && !media::known(bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let bytes = look.bytes;
        let reading = reader::read(bytes, None, &bounds(bench))?;
        let proven = if context.hint == Hint::Protobuf {
            // Declared, and sound to the end; text that is nothing but text may be an error message.
            !look.is_text() || is_identifier(bytes)
        } else {
            let asked = match context.standing {
                Standing::Unchecked => evidence::ASKED + evidence::UNCHECKED,
                Standing::Given | Standing::Encoded => evidence::ASKED,
            };
            is_identifier(bytes)
                || evidence::evidence(reading.structure, reading.strings, bytes)
                    .is_some_and(|found| found >= asked)
        };
        if !proven || reading.leaves.is_empty() {
            return None;
        }
        Some(Opened::Many {
            layer: self.name(),
            fields: fields(reading, bytes.len(), bench),
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        path::follow(bytes, selector)
    }
}

fn bounds(bench: &Bench) -> Bounds {
    Bounds {
        leaves: bench.limits.leaves as usize,
        depth: bench.limits.json_depth,
    }
}

/// Can a message, or a stream of them, begin so? The first tag must be one, or follow a length that fits.
fn begins(bytes: &[u8]) -> bool {
    let tag = |byte: u8| byte >= 0x80 || (byte >> 3 != 0 && matches!(byte & 7, 0 | 1 | 2 | 3 | 5));
    match *bytes {
        [first, second, ..] => tag(first) || (usize::from(first) < bytes.len() && tag(second)),
        _ => false,
    }
}

/// A message with nothing in it but a UUID is text all the same: a line end, `$` (36) and the UUID. No text
/// begins so.
fn is_identifier(bytes: &[u8]) -> bool {
    bytes.len() == 38
        && bytes.starts_with(b"\n$")
        && bytes.iter().skip(2).enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The leaves as children.
fn fields(reading: Reading, input: usize, bench: &mut Bench) -> Fields {
    let (room, reached) = bench.room(input);
    let mut fields = bench.fields();
    let mut path = String::new();
    for leaf in &reading.leaves {
        if fields.is_full(&bench.limits) {
            break;
        }
        if fields.words.len() + fields.arena.len() > room {
            fields.flaw = Some(Flaw::Limit(reached));
            break;
        }
        path.clear();
        reading.write_path(leaf, &mut path);
        add(&mut fields, leaf, &mut path);
    }
    bench.spend(fields.words.len() + fields.arena.len());
    fields.flaw = fields.flaw.or(reading.flaw);
    fields.tallies = reading.tallies;
    fields
}

/// Add a leaf and its other meanings.
fn add(fields: &mut Fields, leaf: &Leaf, path: &mut String) {
    if let Held::Raw(start, end) = leaf.held {
        fields.add_unnamed(path, Place::Input(start..end), Hint::None);
        return;
    }
    let word = path.len();
    number::meanings(leaf.held, |meaning, value| {
        path.truncate(word);
        if let Some(meaning) = meaning {
            path.push('.');
            path.push_str(meaning);
        }
        fields.add_scalar(path, None, value);
    });
}

/// The children of a message that was opened, typed by what all messages of its endpoint showed; `None` when it
/// is not a message. No proof is asked.
pub(crate) fn retyped(message: &[u8], typing: &Typing, bench: &mut Bench) -> Option<Fields> {
    let reading = reader::read(message, Some(typing), &bounds(bench))?;
    Some(fields(reading, message.len(), bench))
}
