//! Layer `cookie` (RFC 6265 sections 4.1 and 4.2): values of Cookie and Set-Cookie.
//!
//! Selector: the cookie name (for Set-Cookie also the attribute names), `name#2` when repeated.

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Hint, Layer, Opened};
use super::look::{Look, kind};

/// The layer.
pub(crate) struct Cookie;

impl Layer for Cookie {
    fn name(&self) -> &'static str {
        "cookie"
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::Cookie)
    }

    fn shortest(&self) -> usize {
        3
    }

    fn begins_with(&self, _first: u8) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.hint == Hint::Cookie && look.has(kind::EQUAL)
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
    let mut start = 0;
    while start < bytes.len() && !fields.is_full(&bench.limits) {
        let end = memchr::memchr(b';', &bytes[start..]).map_or(bytes.len(), |n| start + n);
        let pair = &bytes[start..end];
        if let Some(equal) = memchr::memchr(b'=', pair) {
            let name = pair[..equal].trim_ascii();
            let raw = &pair[equal + 1..];
            let value = raw.trim_ascii();
            // The value may stand in quotes (RFC 6265 section 4.1.1).
            let quoted = value.len() >= 2 && value.starts_with(b"\"") && value.ends_with(b"\"");
            let indent = raw.len() - raw.trim_ascii_start().len() + usize::from(quoted);
            let from = start + equal + 1 + indent;
            let length = value.len() - 2 * usize::from(quoted);
            fields.add(name, Place::Input(from..from + length), Hint::None);
        }
        start = end + 1;
    }
    fields.number_repeated();
    fields
}
