//! Layer `hex` (RFC 4648 section 8): an even number of digits in one case, at least 16.
//!
//! Hashes, identifiers and keys are written like this too, so the child must prove the layer as for base64.

use data_encoding::{HEXLOWER, HEXUPPER};

use super::base64::{printable, prove};
use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::{deflate, text, xpress};

/// The layer.
pub(crate) struct Hex;

/// Eight bytes.
const SHORTEST: usize = 16;
/// Different digits in it.
const VARIED: u32 = 6;
/// Evidence asked of text when all digits are decimal: such a number is an identifier far more often.
const DECIMAL: i64 = 480;

impl Layer for Hex {
    fn name(&self) -> &'static str {
        "hex"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_hexdigit()
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.len().is_multiple_of(2)
            && (look.only(kind::DIGIT | kind::LOWER_HEX)
                || look.only(kind::DIGIT | kind::UPPER_HEX))
            && look.varied(VARIED)
            && could_begin(look.bytes)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if decode(look.bytes, &mut decoded).is_none() {
            bench.give_back(decoded);
            return None;
        }
        bench.spend(decoded.len());
        let readable = if look.only(kind::DIGIT) {
            DECIMAL
        } else {
            text::READABLE
        };
        match prove(&decoded, context, bench, readable) {
            Some(inner) => Some(Opened::One {
                layer: self.name(),
                bytes: decoded,
                inner,
                flaw: None,
            }),
            None => {
                bench.give_back(decoded);
                None
            }
        }
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out)?;
        Some(out)
    }
}

/// Text begins with printable bytes; anything else comes out of a compressor and is longer than a hash.
fn could_begin(bytes: &[u8]) -> bool {
    let mut first = Vec::with_capacity(4);
    bytes.len() >= 2 * deflate::SHORTEST
        || bytes.get(..8).is_some_and(|digits| {
            decode(digits, &mut first).is_some()
                && (printable(&first) || xpress::begins_short(&first))
        })
}

fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let upper = bytes.iter().any(u8::is_ascii_uppercase);
    let encoding = if upper { &HEXUPPER } else { &HEXLOWER };
    out.resize(encoding.decode_len(bytes.len()).ok()?, 0);
    let length = encoding.decode_mut(bytes, out).ok()?;
    out.truncate(length);
    Some(())
}
