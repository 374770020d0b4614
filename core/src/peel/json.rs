//! Layer `json` (RFC 8259): objects and arrays, JSON lines, and a JSON text in quotes.
//!
//! Selector: an RFC 9535 path (`$[0].properties.url`, `$['odd name']`); in JSON lines with the number of
//! the line before it (`3:$.url`). Values that say nothing (`null`, empty strings) are no children.

use super::bench::Bench;
use super::json_record::Recorder;
use super::layer::{Context, Flaw, Layer, Opened, Reached, Standing};
use super::look::Look;
use super::search;
use super::tree::{Kind, Node};
use super::walk::{PathKey, Scalar, Visitor};
use crate::json::{ErrorKind, Token, Tokenizer, unescape};

/// The layer.
pub(crate) struct Json;

/// `[1]`
const SHORTEST: usize = 3;
/// After base64 or a bare decompressor, a shorter text proves nothing.
const SHORTEST_PROOF: usize = 7;
/// Nodes recorded per leaf allowed: names and brackets come on top of values.
const NODES_PER_LEAF: usize = 4;
/// Byte order mark, which RFC 8259 section 8.1 lets a parser ignore.
const BOM: &[u8] = b"\xef\xbb\xbf";

impl Layer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == BOM[0] || b"{[\" \t\r\n".contains(&first)
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        let bytes = look.bytes;
        (context.given() || bytes.len() >= SHORTEST_PROOF)
            && u32::try_from(bytes.len()).is_ok()
            && first(bytes).is_some_and(|byte| {
                byte == b'{'
                    || byte == b'['
                    || (byte == b'"' && bytes.trim_ascii_end().ends_with(b"\""))
            })
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let parsed = parse(look.bytes, bench);
        let accepted = match parsed.flaw {
            _ if parsed.scalars == 0 => false,
            None => !parsed.quoted || quotes_structure(look.bytes, &parsed.nodes, context, bench),
            // A text that breaks off tells less: it must stand in the message and have a member.
            Some(Flaw::Truncated) => {
                context.given() && parsed.nodes.iter().any(|node| node.kind == Kind::Key)
            }
            Some(Flaw::Limit(_)) => true,
            Some(Flaw::Malformed | Flaw::Unread) => false,
        };
        match parsed.flaw {
            // Deep nesting around nothing: only the limit is worth telling.
            Some(Flaw::Limit(reached)) if parsed.scalars == 0 && context.given() => {
                bench.give_back_tree(parsed.nodes);
                Some(Opened::Stopped {
                    layer: self.name(),
                    reached,
                })
            }
            _ if accepted => Some(Opened::Tree {
                layer: self.name(),
                nodes: parsed.nodes,
                flaw: parsed.flaw,
            }),
            _ => {
                bench.give_back_tree(parsed.nodes);
                None
            }
        }
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let parsed = parse(bytes, bench);
        let mut found = None;
        let mut walker = bench.walker();
        walker.walk(
            PathKey::default(),
            &parsed.nodes,
            bytes,
            &mut Wanted {
                selector,
                path: String::new(),
                found: &mut found,
            },
        );
        bench.give_back_walker(walker);
        bench.give_back_tree(parsed.nodes);
        found
    }
}

/// Looks for the scalar at one path.
struct Wanted<'a> {
    selector: &'a str,
    path: String,
    found: &'a mut Option<Vec<u8>>,
}

impl Visitor for Wanted<'_> {
    fn scalar(&mut self, scalar: Scalar<'_>) -> bool {
        self.path.clear();
        scalar.path.write(&mut self.path);
        if self.path == self.selector {
            *self.found = Some(scalar.value.to_vec());
        }
        self.found.is_none()
    }
}

/// The first byte of the text after a byte order mark and whitespace.
fn first(bytes: &[u8]) -> Option<u8> {
    bytes
        .strip_prefix(BOM)
        .unwrap_or(bytes)
        .iter()
        .copied()
        .find(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t'))
}

/// A top-level string is a layer only around another JSON text or something else with a structure.
fn quotes_structure(bytes: &[u8], nodes: &[Node], context: Context, bench: &mut Bench) -> bool {
    let raw = nodes
        .first()
        .and_then(|node| bytes.get(node.start as usize..node.end as usize))
        .unwrap_or_default();
    if raw.len() as u64 > bench.limits.output_bytes {
        return false;
    }
    let Some(inner) = unescape(raw) else {
        return false;
    };
    match search::open(&inner, context.child(Standing::Encoded), bench) {
        Some(opened) => {
            bench.discard(opened);
            true
        }
        None => false,
    }
}

/// What tokenizing gave.
struct Parsed {
    nodes: Vec<Node>,
    scalars: u64,
    quoted: bool,
    flaw: Option<Flaw>,
}

fn parse(bytes: &[u8], bench: &mut Bench) -> Parsed {
    let most = bench.limits.leaves;
    let mut record = Recorder {
        nodes: bench.tree(),
        open: Vec::new(),
        scalars: 0,
        most_scalars: u64::from(most),
        most_nodes: (most as usize).saturating_mul(NODES_PER_LEAF),
        full: false,
        beside: bench.earlier.beside(bytes),
    };
    let mut quoted = false;
    let flaw = if u32::try_from(bytes.len()).is_err() {
        Some(Flaw::Malformed)
    } else {
        let base = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
        quoted = first(bytes) == Some(b'"');
        let depth = bench.limits.json_depth;
        match one_text(bytes, base..bytes.len(), depth, &mut record) {
            Err(Stop::At(offset)) if second_text(bytes, offset) => {
                record.restart();
                lines(bytes, base, depth, &mut record)
            }
            Err(Stop::At(offset)) if record.open.is_empty() && adjacent_text(bytes, offset) => {
                record.restart();
                sequence(bytes, base, depth, &mut record)
            }
            Err(Stop::At(_)) => Some(Flaw::Malformed),
            Err(Stop::Truncated) => Some(Flaw::Truncated),
            Err(Stop::Depth) => Some(Flaw::Limit(Reached {
                what: "depth",
                limit: u64::from(depth),
            })),
            Ok(()) => None,
        }
    };
    let flaw = match flaw {
        None if record.full => Some(Flaw::Limit(Reached {
            what: "leaves",
            limit: u64::from(most),
        })),
        flaw => flaw,
    };
    if let Some(beside) = record.beside {
        bench
            .earlier
            .keep(beside, flaw.is_none(), bytes, &record.nodes);
    }
    Parsed {
        nodes: record.nodes,
        scalars: record.scalars,
        quoted,
        flaw,
    }
}

/// Why a text was not read to its end.
enum Stop {
    At(usize),
    Truncated,
    Depth,
}

fn one_text(
    bytes: &[u8],
    range: std::ops::Range<usize>,
    max_depth: u32,
    record: &mut Recorder,
) -> Result<(), Stop> {
    let base = range.start;
    let Some(text) = bytes.get(range) else {
        return Err(Stop::Truncated);
    };
    let mut tokenizer = Tokenizer::new(text, max_depth).with_gaps();
    loop {
        let token = tokenizer.next_token().map_err(|error| match error.kind {
            ErrorKind::Truncated => Stop::Truncated,
            ErrorKind::Syntax => Stop::At(base + error.offset),
            ErrorKind::Depth => Stop::Depth,
        })?;
        let range = tokenizer.range();
        let (start, end) = (base + range.start, base + range.end);
        match token {
            Token::ObjectStart | Token::ArrayStart => match record.again(bytes, start) {
                Some(end) => tokenizer.pass(end - base),
                None if token == Token::ObjectStart => record.open(Kind::Object, start, end),
                None => record.open(Kind::Array, start, end),
            },
            Token::ObjectEnd | Token::ArrayEnd => record.close(start, end),
            // Without the quotes; the range of a key reaches to its value.
            Token::Key(key) => record.key(start + 1, key),
            Token::String(string) => {
                record.scalar(Kind::String, start + 1, start + 1 + string.len())
            }
            Token::Number(_) | Token::Bool(_) => record.scalar(Kind::Scalar, start, end),
            Token::Null => record.skip_element(),
            Token::End => return Ok(()),
        }
    }
}

/// True when after a complete text, on a new line, another one begins.
fn second_text(bytes: &[u8], offset: usize) -> bool {
    let (before, after) = bytes.split_at(offset.min(bytes.len()));
    let end = before.trim_ascii_end();
    matches!(after.first(), Some(b'{' | b'['))
        && matches!(end.last(), Some(b'}' | b']'))
        && before[end.len()..].contains(&b'\n')
}

/// True when right after a complete text another one begins.
fn adjacent_text(bytes: &[u8], offset: usize) -> bool {
    let (before, after) = bytes.split_at(offset.min(bytes.len()));
    matches!(after.first(), Some(b'{' | b'['))
        && matches!(before.trim_ascii_end().last(), Some(b'}' | b']'))
}

/// Texts one after the other with nothing between them; numbered like lines.
fn sequence(bytes: &[u8], base: usize, max_depth: u32, record: &mut Recorder) -> Option<Flaw> {
    let mut start = base;
    let mut number = 0usize;
    loop {
        record.node(Kind::Line, number, number);
        match one_text(bytes, start..bytes.len(), max_depth, record) {
            Ok(()) => return None,
            Err(Stop::At(offset))
                if offset > start && record.open.is_empty() && adjacent_text(bytes, offset) =>
            {
                start = offset;
                number += 1;
            }
            Err(Stop::At(_)) => return Some(Flaw::Malformed),
            Err(Stop::Truncated) => return Some(Flaw::Truncated),
            Err(Stop::Depth) => {
                return Some(Flaw::Limit(Reached {
                    what: "depth",
                    limit: u64::from(max_depth),
                }));
            }
        }
    }
}

/// JSON lines: one text per line. The last one may break off.
fn lines(bytes: &[u8], base: usize, max_depth: u32, record: &mut Recorder) -> Option<Flaw> {
    let mut start = base;
    let mut number = 0usize;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n);
        let line = &bytes[start..end];
        if !line.trim_ascii().is_empty() {
            if !matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')) {
                return Some(Flaw::Malformed);
            }
            record.node(Kind::Line, number, number);
            match one_text(bytes, start..end, max_depth, record) {
                Ok(()) => {}
                Err(Stop::Truncated) if end == bytes.len() => return Some(Flaw::Truncated),
                Err(Stop::Depth) => {
                    return Some(Flaw::Limit(Reached {
                        what: "depth",
                        limit: u64::from(max_depth),
                    }));
                }
                Err(_) => return Some(Flaw::Malformed),
            }
        }
        number += 1;
        start = end + 1;
    }
    None
}

/// Write a string as a JSON string, quotes included: the inverse for tests and examples.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn quote(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out.into_bytes()
}
