//! Layers `url` (RFC 3986) and `segment`: a value that is a URL stays a leaf as it is, and what is in its query,
//! fragment or path segments is looked into as well.
//!
//! Selectors of `url`: `path`, `query`, `fragment`; of `segment`: its number in the path, from 1.

use std::ops::Range;

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Hint, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::search;

/// The layer `url`.
pub(crate) struct Url;
/// The layer `segment`.
pub(crate) struct Segment;

/// `a/b?c=d&e=f`
const SHORTEST: usize = 8;
/// Longest scheme looked for.
const LONGEST_SCHEME: usize = 24;
/// Shorter segments cannot hold an encoding that proves itself.
const SEGMENT: usize = 12;

impl Layer for Url {
    fn name(&self) -> &'static str {
        "url"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_alphanumeric() || b"/._-~%".contains(&first)
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        const NEVER: u32 = kind::SPACE | kind::LINE | kind::CONTROL;
        context.given()
            && context.hint != Hint::Path
            && look.has(kind::SLASH)
            && !look.has(NEVER)
            && cut(look.bytes).is_some_and(|cut| cut.is_worth_it())
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        fields(look.bytes, bench).map(|fields| Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        fields(bytes, bench)?.select(selector, bytes)
    }
}

/// Ranges of the components that are looked into.
struct Cut {
    path: Range<usize>,
    query: Range<usize>,
    fragment: Range<usize>,
}

impl Cut {
    fn is_worth_it(&self) -> bool {
        self.query.len() > 2 || self.fragment.len() > 2 || self.path.len() > SEGMENT
    }
}

/// Components of `scheme://authority/path?query#fragment`, or of `/path?name=value&name=value` without a
/// scheme, as batches of requests carry it.
fn cut(bytes: &[u8]) -> Option<Cut> {
    let fragment = memchr::memchr(b'#', bytes).unwrap_or(bytes.len());
    let query = memchr::memchr(b'?', &bytes[..fragment]).unwrap_or(fragment);
    let path = match authority(&bytes[..query]) {
        Some(after) => after + memchr::memchr(b'/', &bytes[after..query]).unwrap_or(query - after),
        None => {
            let relative = |b: &u8| b.is_ascii_alphanumeric() || b"/._-~%".contains(b);
            let pairs = bytes.get(query + 1..).unwrap_or_default();
            if !bytes[..query].contains(&b'/')
                || !bytes[..query].iter().all(relative)
                || !pairs.contains(&b'=')
                || !pairs.contains(&b'&')
            {
                return None;
            }
            0
        }
    };
    Some(Cut {
        path: path..query,
        query: (query + 1).min(fragment)..fragment,
        fragment: (fragment + 1).min(bytes.len())..bytes.len(),
    })
}

/// Offset after `scheme://`.
fn authority(bytes: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', bytes.get(..bytes.len().min(LONGEST_SCHEME))?)?;
    let scheme = &bytes[..colon];
    (scheme.first()?.is_ascii_alphabetic()
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(b))
        && bytes[colon..].starts_with(b"://"))
    .then_some(colon + 3)
}

fn fields(bytes: &[u8], bench: &mut Bench) -> Option<Fields> {
    let cut = cut(bytes)?;
    let mut fields = bench.fields();
    fields.keep = true;
    for (selector, range, hint, shortest) in [
        ("path", cut.path, Hint::Path, SEGMENT),
        ("query", cut.query, Hint::Form, 2),
        ("fragment", cut.fragment, Hint::Form, 2),
    ] {
        if range.len() >= shortest {
            fields.add_quiet(selector, Place::Input(range), hint);
        }
    }
    Some(fields)
}

impl Layer for Segment {
    fn name(&self) -> &'static str {
        "segment"
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::Path)
    }

    fn shortest(&self) -> usize {
        SEGMENT
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.hint == Hint::Path && look.bytes.len() > SEGMENT
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut fields = segments(look.bytes, bench);
        let mut kept = Vec::new();
        for field in std::mem::take(&mut fields.list) {
            let inner = context.child(Standing::Given);
            if let Some(opened) = search::open(fields.value(&field, look.bytes), inner, bench) {
                // A segment that is only escaped is no reason to cut the path.
                if opened.layer() != "percent" {
                    kept.push(field);
                }
                bench.discard(opened);
            }
        }
        if kept.is_empty() {
            bench.give_back_fields(fields);
            return None;
        }
        fields.list = kept;
        Some(Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        segments(bytes, bench).select(selector, bytes)
    }
}

fn segments(bytes: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    fields.keep = true;
    let mut start = 0;
    for (number, segment) in bytes.split(|&b| b == b'/').enumerate() {
        if segment.len() >= SEGMENT {
            if fields.is_full(&bench.limits) {
                break;
            }
            fields.add_quiet(
                &number.to_string(),
                Place::Input(start..start + segment.len()),
                Hint::None,
            );
        }
        start += segment.len() + 1;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_urls() {
        let shown = |url: &str| {
            cut(url.as_bytes())
                .map(|c| [c.path, c.query, c.fragment].map(|range| url[range].to_owned()))
        };
        let some = |parts: [&str; 3]| Some(parts.map(str::to_owned));
        assert_eq!(shown("https://a.be/b/c?d=e#f"), some(["/b/c", "d=e", "f"]));
        assert_eq!(shown("market://details?id=x"), some(["", "id=x", ""]));
        assert_eq!(shown("/v2/x?a=1&b=2"), some(["/v2/x", "a=1&b=2", ""]));
        assert_eq!(shown("find/early"), None);
        assert_eq!(shown("what? a/b=c&d=e"), None);
        assert_eq!(shown("text/html; charset=utf-8"), None);
    }
}
