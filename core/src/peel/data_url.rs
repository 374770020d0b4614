//! Layer `data-url` (RFC 2397): `data:[media type][;base64],data`. Its grammar proves it.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened};
use super::look::{Look, kind};
use super::percent;

/// The layer.
pub(crate) struct DataUrl;

/// `data:,x`
const SHORTEST: usize = 7;
/// Longest media type with its parameters.
const LONGEST_TYPE: usize = 256;
/// How rare it is (4 bits).
const PRIOR: i64 = 40;
/// Evidence asked.
const ASKED: i64 = 200;

/// The parts of the URL.
struct Parts<'a> {
    media_type: &'a [u8],
    base64: bool,
    data: &'a [u8],
}

/// What the spelling shows by itself: 8 bits for each of the five letters of the scheme, the comma, the slash
/// of a media type and the seven letters of `;base64`.
fn evidence(parts: &Parts<'_>) -> i64 {
    let letters = 6 + i64::from(!parts.media_type.is_empty()) + 7 * i64::from(parts.base64);
    80 * letters
}

fn parts(bytes: &[u8]) -> Option<Parts<'_>> {
    let (scheme, rest) = bytes.split_at_checked(5)?;
    let comma = memchr::memchr(b',', rest.get(..rest.len().min(LONGEST_TYPE))?)?;
    let (head, data) = (rest.get(..comma)?, rest.get(comma + 1..)?);
    let (media_type, base64) = match head.len().checked_sub(7).map(|at| head.split_at(at)) {
        Some((before, last)) if last.eq_ignore_ascii_case(b";base64") => (before, true),
        _ => (head, false),
    };
    // `type/subtype`, or only parameters, or nothing (RFC 2397 section 3).
    let name = media_type.split(|&b| b == b';').next().unwrap_or_default();
    let token = |b: &u8| b.is_ascii_alphanumeric() || b"/!#$&-^_.+%*".contains(b);
    let right = name.is_empty()
        || (name.iter().all(token) && name.iter().filter(|&&b| b == b'/').count() == 1);
    let whole = (media_type.is_empty() || !name.is_empty() || media_type.contains(&b'='))
        && media_type
            .iter()
            .all(|&b| b.is_ascii_graphic() || b == b' ');
    (scheme.eq_ignore_ascii_case(b"data:") && right && whole && !data.is_empty()).then_some(Parts {
        media_type,
        base64,
        data,
    })
}

/// The data itself.
fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let parts = parts(bytes)?;
    if evidence(&parts) - PRIOR < ASKED {
        return None;
    }
    let data = percent::decode(parts.data, false);
    if !parts.base64 {
        return Some(data.into_owned());
    }
    let mut digits = data;
    if digits.iter().any(u8::is_ascii_whitespace) {
        let bare = digits.iter().copied().filter(|b| !b.is_ascii_whitespace());
        digits = Cow::Owned(bare.collect());
    }
    let signs = digits.iter().rev().take_while(|&&b| b == b'=').count();
    let bare = digits.get(..digits.len() - signs)?;
    if signs > 2 {
        return None;
    }
    BASE64_NOPAD
        .decode(bare)
        .or_else(|_| BASE64URL_NOPAD.decode(bare))
        .ok()
}

impl Layer for DataUrl {
    fn name(&self) -> &'static str {
        "data-url"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'd' | b'D')
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // Without a media type and base64 any sentence could begin so: no spaces then.
        look.bytes
            .get(..5)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"))
            && (!look.has(kind::SPACE | kind::CONTROL)
                || parts(look.bytes).is_some_and(|parts| parts.media_type.contains(&b'/')))
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let bytes = decode(look.bytes)?;
        bench.spend(bytes.len());
        Some(Opened::One {
            layer: self.name(),
            bytes,
            inner: Inner::Unknown,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_rfc_2397() {
        assert_eq!(
            decode(b"data:,A%20brief%20note"),
            Some(b"A brief note".to_vec())
        );
        assert_eq!(
            decode(b"data:text/plain;charset=iso-8859-7,%be%fg%be"),
            Some(b"\xbe%fg\xbe".to_vec())
        );
        assert_eq!(
            decode(b"data:image/gif;base64,R0lGODdhMA=="),
            Some(b"GIF87a0".to_vec())
        );
        assert_eq!(decode(b"DATA:;base64,QUJD"), Some(b"ABC".to_vec()));
        for text in [
            "data:",
            "data:x",
            "data:foo,bar",
            "data:a/b/c,x",
            "data:;x,y",
            "data:;base64,A",
            "date:,x",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
