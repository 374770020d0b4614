//! Layer `form`: `application/x-www-form-urlencoded` (WHATWG URL section 5) and query strings.
//!
//! Selector: the field name, `name#2` for the second of the same name. A field without `=` is a value that
//! is its own selector and has no name.

use std::borrow::Cow;
use std::ops::Range;

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Layer, Opened, Reached, Standing};
use super::look::{Look, kind};
use super::{percent, search, text};

/// The layer.
pub(crate) struct Form;

/// `a=`
const SHORTEST: usize = 2;
/// Longest name of a field in a form that nobody declared.
const LONGEST_NAME: usize = 64;
/// Shortest value that can prove a form that nothing else does.
const PROVING_VALUE: usize = 16;

impl Layer for Form {
    fn name(&self) -> &'static str {
        "form"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        !first.is_ascii_control()
    }

    fn needs(&self) -> u32 {
        kind::EQUAL
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        if !look.has(kind::EQUAL) {
            return false;
        }
        match context.hint {
            // A control character in some value must not hide the others.
            Hint::Form => declared(look.bytes),
            _ => !look.has(kind::CONTROL) && undeclared(look.bytes) && look.is_text(),
        }
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let bytes = look.bytes;
        if context.hint != Hint::Form {
            // `key=value` alone is an ordinary text, and any text can have pairs by chance after decoding.
            let lone = memchr::memchr(b'&', bytes).is_none();
            let readable = !lone && (context.given() || text::readable(bytes, text::READABLE));
            if !readable && !some_value_opens(bytes, context, bench) {
                return None;
            }
        }
        Some(Opened::Many {
            layer: self.name(),
            fields: fields(bytes, bench),
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        fields(bytes, bench).select(selector, bytes)
    }
}

/// Byte ranges of name and value; without `=` there is no name.
fn pairs(bytes: &[u8]) -> impl Iterator<Item = (Option<Range<usize>>, Range<usize>)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        while start < bytes.len() {
            let end = memchr::memchr(b'&', &bytes[start..]).map_or(bytes.len(), |n| start + n);
            let pair = start..end;
            start = end + 1;
            if pair.is_empty() {
                continue;
            }
            return Some(match memchr::memchr(b'=', &bytes[pair.clone()]) {
                Some(at) => (
                    Some(pair.start..pair.start + at),
                    pair.start + at + 1..pair.end,
                ),
                None => (None, pair),
            });
        }
        None
    })
}

/// A declared form whose first name could be one: XML and JSON are often declared as forms by default.
fn declared(bytes: &[u8]) -> bool {
    pairs(bytes).next().is_some_and(|(name, value)| {
        let first = &bytes[name.unwrap_or(value)];
        first.len() <= 2 * LONGEST_NAME
            && !first.iter().any(|b| {
                b.is_ascii_control() || matches!(b, b'<' | b'>' | b'"' | b'{' | b'}' | b' ')
            })
    })
}

/// Every pair has a plain name.
fn undeclared(bytes: &[u8]) -> bool {
    !bytes.contains(&b'\n')
        && pairs(bytes).all(|(name, value)| {
            name.is_some_and(|name| plausible_name(&bytes[name])) && value.start <= value.end
        })
}

fn plausible_name(name: &[u8]) -> bool {
    name.len() <= LONGEST_NAME
        && name.iter().any(u8::is_ascii_alphabetic)
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-[]$~@:".contains(b))
}

/// True when a value of the form proves it.
fn some_value_opens(bytes: &[u8], context: Context, bench: &mut Bench) -> bool {
    if context.depth_left < 2 {
        return false;
    }
    let standing = match context.standing {
        Standing::Given => Standing::Encoded,
        standing => standing,
    };
    let most = usize::try_from(bench.limits.output_bytes).unwrap_or(usize::MAX);
    pairs(bytes)
        .filter(|(_, value)| value.len() >= PROVING_VALUE && value.len() <= most)
        .any(|(_, value)| {
            let value = percent::decode(&bytes[value], true);
            let opened = search::open(&value, context.child(standing), bench);
            opened.map(|opened| bench.discard(opened)).is_some()
        })
}

fn fields(bytes: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    for (name, value) in pairs(bytes) {
        if fields.is_full(&bench.limits) {
            break;
        }
        let unnamed = name.is_none();
        let most = bench.limits.output_bytes;
        let escaped = || memchr::memchr2(b'%', b'+', &bytes[value.clone()]).is_some();
        if (fields.arena.len() + value.len()) as u64 > most && escaped() {
            fields.flaw = Some(Flaw::Limit(Reached {
                what: "output bytes",
                limit: most,
            }));
            break;
        }
        let place = match percent::decode(&bytes[value.clone()], true) {
            Cow::Borrowed(_) => Place::Input(value.clone()),
            Cow::Owned(decoded) => fields.store(&decoded),
        };
        let name = percent::decode(&bytes[name.unwrap_or(value)], true);
        fields.add(&name, place, Hint::None);
        if let Some(field) = fields.list.last_mut().filter(|_| unnamed) {
            field.name = None;
        }
    }
    fields.number_repeated();
    fields
}
