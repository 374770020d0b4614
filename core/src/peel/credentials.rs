//! Layer `credentials` (RFC 9110 section 11.4): `Bearer token`, `Basic token` in an Authorization header.
//!
//! The value stays a leaf as it is, and the token is looked into. Selector: the scheme in lower case.

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Hint, Layer, Opened};
use super::look::{Look, kind};

/// The layer.
pub(crate) struct Credentials;

impl Layer for Credentials {
    fn name(&self) -> &'static str {
        "credentials"
    }

    fn hint(&self) -> Option<Hint> {
        Some(Hint::Credentials)
    }

    fn shortest(&self) -> usize {
        3
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_alphanumeric()
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        context.hint == Hint::Credentials && look.has(kind::SPACE)
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

fn fields(bytes: &[u8], bench: &mut Bench) -> Option<Fields> {
    let space = memchr::memchr(b' ', bytes)?;
    let scheme = std::str::from_utf8(&bytes[..space])
        .ok()
        .filter(|s| s.bytes().all(|b| b.is_ascii_alphanumeric()))?;
    let rest = &bytes[space..];
    let from = bytes.len() - rest.trim_ascii_start().len();
    let to = from + rest.trim_ascii().len();
    let mut fields = bench.fields();
    fields.keep = true;
    fields.add_quiet(
        &scheme.to_ascii_lowercase(),
        Place::Input(from..to),
        Hint::None,
    );
    Some(fields)
}
