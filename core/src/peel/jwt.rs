//! Layer `jwt` (RFC 7519, RFC 7515 section 7.1): a signed token stays a leaf as it is, and header and payload
//! are looked into. Selectors: `header`, `payload`.

use data_encoding::BASE64URL_NOPAD;

use super::bench::Bench;
use super::fields::Fields;
use super::layer::{Context, Hint, Layer, Opened};
use super::look::{Look, kind};

/// The layer.
pub(crate) struct Jwt;

/// Two objects, two dots.
const SHORTEST: usize = 8;

impl Layer for Jwt {
    fn name(&self) -> &'static str {
        "jwt"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'e'
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // `ey` is how `{"` begins in base64.
        look.bytes.starts_with(b"ey")
            && look.has(kind::DOT)
            && look.only(kind::ALNUM | kind::MINUS | kind::UNDERSCORE | kind::DOT)
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
    let mut pieces = bytes.split(|&b| b == b'.');
    let (header, payload, _signature) = (pieces.next()?, pieces.next()?, pieces.next()?);
    if pieces.next().is_some() {
        return None;
    }
    let object = |piece: &[u8]| {
        let json = BASE64URL_NOPAD.decode(piece).ok()?;
        (json.starts_with(b"{") && json.ends_with(b"}")).then_some(json)
    };
    let (header, payload) = (object(header)?, object(payload)?);
    let mut fields = bench.fields();
    fields.keep = true;
    for (selector, json) in [("header", header), ("payload", payload)] {
        bench.spend(json.len());
        let place = fields.store(&json);
        fields.add_quiet(selector, place, Hint::None);
    }
    Some(fields)
}
