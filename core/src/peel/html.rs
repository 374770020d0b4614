//! Layer `html`: character references of HTML and XML (WHATWG HTML section 13.5; XML 1.0 section 4.1): decimal,
//! hexadecimal, and the named ones of HTML 4 for ASCII, Latin-1 and common punctuation.
//!
//! Every `&` begins a reference and none of `<`, `>` stands raw: what has them is markup itself, not a value
//! that was put into markup.

use super::bench::Bench;
use super::layer::{Context, Hint, Inner, Layer, Opened};
use super::look::{Look, kind};
use super::search;

/// The layer.
pub(crate) struct Html;

/// `&lt;`
const SHORTEST: usize = 4;
/// Longest reference, with its signs.
const LONGEST: usize = 12;
/// How rare it is (4 bits).
const PRIOR: i64 = 40;
/// Evidence asked where nothing but the references themselves speaks for them.
const ASKED: i64 = 200;

/// Names of U+00A0 to U+00FF in order (HTML 4.01 section 24.2.1).
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg \
    plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute \
    Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve \
    Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc \
    atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute \
    ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// Names of other characters.
const OTHERS: [(&str, char); 22] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("OElig", '\u{152}'),
    ("oelig", '\u{153}'),
    ("Scaron", '\u{160}'),
    ("scaron", '\u{161}'),
    ("Yuml", '\u{178}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("sbquo", '\u{201a}'),
    ("ldquo", '\u{201c}'),
    ("rdquo", '\u{201d}'),
    ("bdquo", '\u{201e}'),
    ("bull", '\u{2022}'),
    ("hellip", '\u{2026}'),
    ("euro", '\u{20ac}'),
    ("trade", '\u{2122}'),
];

/// What a reference shows by itself: 8 bits for each of its bytes, less 7 bits for the choice of a name and 4
/// for each digit of a number.
fn evidence(reference: &[u8]) -> i64 {
    let length = reference.len() as i64;
    if reference.get(1) == Some(&b'#') {
        40 * length
    } else {
        80 * length - 70
    }
}

/// Program text names references without being markup: it has braces, backslashes or calls.
fn is_program(bytes: &[u8]) -> bool {
    memchr::memchr3(b'{', b'}', b'\\', bytes).is_some()
        || memchr::memchr_iter(b'(', bytes).any(|at| {
            let next = bytes.get(at + 1);
            next.is_some_and(|next| b")'\"/".contains(next))
        })
}

/// The character that a reference without its `&` and `;` stands for.
fn character(reference: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let all = !digits.is_empty() && digits.bytes().all(|b| char::from(b).is_digit(radix));
        all.then(|| u32::from_str_radix(digits, radix).ok())
            .flatten()
    };
    if let Some(digits) = reference.strip_prefix('#') {
        let value = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(digits, 10),
        }?;
        let c = char::from_u32(value)?;
        return (!c.is_control() || matches!(c, '\n' | '\r' | '\t')).then_some(c);
    }
    if let Some(&(_, c)) = OTHERS.iter().find(|(name, _)| *name == reference) {
        return Some(c);
    }
    let at = LATIN_1
        .split_ascii_whitespace()
        .position(|name| name == reference)?;
    char::from_u32(0xa0 + u32::try_from(at).ok()?)
}

/// Undo all references, and the evidence of all; `None` when some `&` begins none.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<i64> {
    let mut shown = 0i64;
    let mut done = 0;
    while let Some(found) = memchr::memchr(b'&', bytes.get(done..)?) {
        let at = done + found;
        let rest = bytes.get(at..)?;
        let end = memchr::memchr(b';', rest.get(..rest.len().min(LONGEST))?)?;
        let c = character(std::str::from_utf8(rest.get(1..end)?).ok()?)?;
        out.extend_from_slice(bytes.get(done..at)?);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        shown = shown.saturating_add(evidence(rest.get(..=end)?));
        done = at + end + 1;
    }
    out.extend_from_slice(bytes.get(done..)?);
    (shown > 0).then_some(shown)
}

impl Layer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first >= b' ' || first.is_ascii_whitespace()
    }

    fn never(&self) -> u32 {
        kind::CONTROL
    }

    fn needs(&self) -> u32 {
        kind::AMPERSAND
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, context: Context) -> bool {
        look.has(kind::AMPERSAND)
            && !look.has(kind::CONTROL)
            && context.hint != Hint::Form
            && memchr::memchr(b'&', look.bytes).is_some_and(|at| {
                let rest = look.bytes.get(at..).unwrap_or_default();
                memchr::memchr(
                    b';',
                    rest.get(..LONGEST.min(rest.len())).unwrap_or_default(),
                )
                .is_some()
            })
            && memchr::memchr2(b'<', b'>', look.bytes).is_none()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        let shown = decode(look.bytes, &mut decoded);
        let inner = match shown {
            None => None,
            Some(shown) if context.given() && shown - PRIOR >= ASKED && !is_program(look.bytes) => {
                Look::at(&decoded).is_text().then_some(Inner::Unknown)
            }
            Some(_) => search::open(&decoded, context.child(context.standing), bench)
                .map(|inner| Inner::Known(Box::new(inner))),
        };
        let Some(inner) = inner else {
            bench.give_back(decoded);
            return None;
        };
        bench.spend(decoded.len());
        Some(Opened::One {
            layer: self.name(),
            bytes: decoded,
            inner,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|_| out)
    }
}

/// The inverse, for tests and the fuzzer: what markup cannot hold by name, what is not ASCII by number.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(text: &str) -> Vec<u8> {
    let mut out = String::new();
    for c in text.chars() {
        match OTHERS.iter().find(|(_, known)| *known == c) {
            Some((name, _)) if c.is_ascii() => out.push_str(&format!("&{name};")),
            _ if c.is_ascii() => out.push(c),
            _ if (c as u32).is_multiple_of(2) => out.push_str(&format!("&#{};", c as u32)),
            _ => out.push_str(&format!("&#x{:X};", c as u32)),
        }
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let shown = |text: &str| {
            let mut out = Vec::new();
            decode(text.as_bytes(), &mut out).map(|_| String::from_utf8(out).unwrap())
        };
        assert_eq!(
            shown("&lt;a&gt;&#65;&#x42;&nbsp;&yuml;&eacute;&euro;").as_deref(),
            Some("<a>AB\u{a0}ÿé€")
        );
        for text in [
            "a & b;",
            "&notreal;",
            "&#0;",
            "&#xd800;",
            "&#1114112;",
            "&#;",
            "&#x;",
            "&;",
            "&amp",
            "plain",
            "&#+65;",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
        assert_eq!(LATIN_1.split_ascii_whitespace().count(), 96);
    }
}
