//! Layer `length-prefixed`: messages in a row, each behind its length, that fill the input exactly.
//!
//! Selector: the kind of length and the number of the message (`u32be[0]`): four or two bytes in either order,
//! or a varint in groups of seven bits, the lowest first (Protocol Buffers, "delimited" messages). Lengths do
//! not count themselves. Every message must prove itself.

use std::ops::Range;

use super::bench::Bench;
use super::fields::{Field, Fields, Place};
use super::layer::{Context, Hint, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::{media, search, text};

/// The layer.
pub(crate) struct Frames;

/// Shortest message: less proves nothing.
const SHORTEST_CHILD: usize = 8;
/// How rare it is (6 bits).
const PRIOR: i64 = 60;
/// Evidence asked of the lengths and the messages together.
const ASKED: i64 = 200;
/// Longest varint of a length that fits in 32 bits.
const LONGEST_VARINT: usize = 5;

/// Kinds of lengths, with their selectors, the surest first.
const WIDTHS: [(&str, Width); 5] = [
    ("u32be", Width::U32Be),
    ("u32le", Width::U32Le),
    ("u16be", Width::U16Be),
    ("u16le", Width::U16Le),
    ("varint", Width::Varint),
];

#[derive(Clone, Copy)]
enum Width {
    U32Be,
    U32Le,
    U16Be,
    U16Le,
    Varint,
}

impl Width {
    /// A length and how many bytes it takes.
    fn read(self, bytes: &[u8]) -> Option<(usize, usize)> {
        let four = || bytes.first_chunk::<4>().copied();
        let two = || bytes.first_chunk::<2>().copied();
        let (length, taken) = match self {
            Width::U32Be => (u32::from_be_bytes(four()?), 4),
            Width::U32Le => (u32::from_le_bytes(four()?), 4),
            Width::U16Be => (u32::from(u16::from_be_bytes(two()?)), 2),
            Width::U16Le => (u32::from(u16::from_le_bytes(two()?)), 2),
            Width::Varint => {
                let end = bytes
                    .iter()
                    .take(LONGEST_VARINT)
                    .position(|byte| byte & 0x80 == 0)?;
                let groups = bytes.get(..=end)?;
                // The shortest spelling only.
                if end > 0 && groups.last() == Some(&0) {
                    return None;
                }
                let value = groups
                    .iter()
                    .rev()
                    .fold(0u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
                (u32::try_from(value).ok()?, groups.len())
            }
        };
        Some((usize::try_from(length).ok()?, taken))
    }

    /// The first message and where the next begins.
    fn next(self, bytes: &[u8], at: usize) -> Option<Range<usize>> {
        let (length, taken) = self.read(bytes.get(at..)?)?;
        let start = at + taken;
        let end = start.checked_add(length)?;
        (length >= SHORTEST_CHILD && end <= bytes.len()).then_some(start..end)
    }

    /// All messages, if they fill the input and are not more than `most`.
    fn tile(self, bytes: &[u8], most: usize) -> Option<Vec<Range<usize>>> {
        let mut messages = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if messages.len() >= most {
                return None;
            }
            let message = self.next(bytes, at)?;
            at = message.end;
            messages.push(message);
        }
        (!messages.is_empty()).then_some(messages)
    }
}

/// What the lengths show by themselves: that the last ends with the input, 8 bits for each byte of the lengths,
/// up to 64 bits, less 2 bits for the kinds tried.
fn evidence(messages: &[Range<usize>], input: usize) -> i64 {
    let content: usize = messages.iter().map(Range::len).sum();
    80 * input.saturating_sub(content).min(8) as i64 - 20
}

/// A structure, a checksum, a known kind of file or readable text.
fn proven(message: &[u8], context: Context, bench: &mut Bench) -> bool {
    if let Some(opened) = search::open(message, context.child(Standing::Encoded), bench) {
        bench.discard(opened);
        return true;
    }
    media::known(message) || text::readable(message, text::READABLE)
}

impl Layer for Frames {
    fn name(&self) -> &'static str {
        "length-prefixed"
    }

    fn shortest(&self) -> usize {
        SHORTEST_CHILD + 1
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn needs(&self) -> u32 {
        kind::CONTROL | kind::HIGH | kind::LINE
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        // A text that begins with the code of its own length is a text.
        context.depth_left > 1
            && look.has(kind::CONTROL | kind::HIGH | kind::LINE)
            && WIDTHS
                .iter()
                .any(|(_, width)| width.next(look.bytes, 0).is_some())
            && !look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let most = bench.limits.leaves as usize;
        for (selector, width) in WIDTHS {
            let Some(messages) = width.tile(look.bytes, most) else {
                continue;
            };
            // Each readable text or structure adds more than is asked; the lengths pay for the prior.
            let enough = evidence(&messages, look.bytes.len()) + text::READABLE - PRIOR >= ASKED;
            let all = enough
                && messages.iter().all(|message| {
                    let message = look.bytes.get(message.clone()).unwrap_or_default();
                    proven(message, context, bench)
                });
            if all {
                let mut fields = bench.fields();
                for (number, message) in messages.into_iter().enumerate() {
                    add(&mut fields, &format!("{selector}[{number}]"), message);
                }
                return Some(Opened::Many {
                    layer: self.name(),
                    fields,
                });
            }
        }
        None
    }

    fn follow(&self, bytes: &[u8], selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let (kind, number) = selector.strip_suffix(']')?.split_once('[')?;
        let (_, width) = WIDTHS.iter().find(|(known, _)| *known == kind)?;
        let number: usize = number.parse().ok()?;
        let mut at = 0;
        for _ in 0..number {
            at = width.next(bytes, at)?.end;
        }
        bytes.get(width.next(bytes, at)?).map(<[u8]>::to_vec)
    }
}

fn add(fields: &mut Fields, selector: &str, message: Range<usize>) {
    let start = fields.words.len();
    fields.words.push_str(selector);
    fields.list.push(Field {
        selector: start..start + selector.len(),
        name: None,
        value: Place::Input(message),
        hint: Hint::None,
        only_if_opened: false,
        scalar: false,
    });
}

/// The inverse, for tests and the fuzzer, with one of [`WIDTHS`].
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(messages: &[&[u8]], kind: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        let length = u32::try_from(message.len()).unwrap();
        match kind {
            "u32be" => out.extend_from_slice(&length.to_be_bytes()),
            "u32le" => out.extend_from_slice(&length.to_le_bytes()),
            "u16be" => out.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes()),
            "u16le" => out.extend_from_slice(&u16::try_from(length).unwrap().to_le_bytes()),
            _ => {
                let mut rest = length;
                while rest >= 0x80 {
                    out.push(rest as u8 | 0x80);
                    rest >>= 7;
                }
                out.push(rest as u8);
            }
        }
        out.extend_from_slice(message);
    }
    out
}
