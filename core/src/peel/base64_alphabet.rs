//! Layer `base64-alphabet`: base64 written with another published alphabet.
//!
//! Selector: which ([`ALPHABETS`]). The text stays no leaf; the child must prove the layer: by a structure, a
//! checksum, a known kind of file, or clearly readable text. A child that begins with neither text nor a magic
//! number is not looked for: that would be trying a dozen alphabets on every identifier.

use super::base64::prove;
use super::bench::Bench;
use super::fields::{Field, Fields, Place};
use super::layer::{Context, Hint, Inner, Layer, Opened};
use super::look::{Look, kind};
use super::proof::promising;
use super::text;

/// The layer.
pub(crate) struct Base64Alphabet;

/// Twelve bytes.
const SHORTEST: usize = 16;
/// Different digits in it.
const VARIED: u32 = 6;
/// Signs of its own that a plain text must have in the alphabet.
const FEWEST_OWN: usize = 3;
/// How rare all these are together (8 bits), and log2 of the alphabets tried.
const PRIOR: i64 = 80 + 36;

/// How a text says where its last group ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Padding {
    /// This sign up to a multiple of four, or nothing.
    Sign(u8),
    /// A digit at the end: how many signs were left out.
    Count,
}

/// One published alphabet.
struct Alphabet {
    /// Its selector.
    name: &'static str,
    values: [u8; 256],
    /// Kinds of bytes that occur in it.
    kinds: u32,
    /// Kinds of which one must occur, because `base64` or `base64url` have been asked already; 0 for none.
    own: u32,
    padding: Padding,
}

const NONE: u8 = 0xff;
const UPPER_LOWER_DIGITS: &[u8; 62] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const DIGITS_UPPER_LOWER: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS_LOWER_UPPER: &[u8; 62] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ROT13: &[u8; 62] = b"NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm0123456789";

/// Alphabets with a published source, the ones whose signs tell them apart first.
static ALPHABETS: [Alphabet; 13] = [
    // .NET HttpServerUtility.UrlTokenEncode: RFC 4648 section 5 and the number of `=` left out.
    Alphabet {
        padding: Padding::Count,
        ..tail("url-token", *b"-_", kind::MINUS | kind::UNDERSCORE, 0)
    },
    // Tencent Cloud, TLS signature API 2: `+` `/` `=` become `*` `-` `_`.
    Alphabet {
        padding: Padding::Sign(b'_'),
        ..tail(
            "star-minus",
            *b"*-",
            kind::PUNCTUATION | kind::MINUS,
            kind::PUNCTUATION | kind::MINUS | kind::UNDERSCORE,
        )
    },
    // RFC 3501 section 5.1.3 (mailbox names of IMAP).
    tail(
        "imap",
        *b"+,",
        kind::PLUS | kind::PUNCTUATION,
        kind::PUNCTUATION,
    ),
    // Names of files: `/` becomes `-`.
    tail("file-name", *b"+-", kind::PLUS | kind::MINUS, kind::MINUS),
    // XML name tokens and XML identifiers (Wikipedia, "Base64", table of variants).
    tail("xml-token", *b".-", kind::DOT | kind::MINUS, kind::DOT),
    tail(
        "xml-name",
        *b"_:",
        kind::UNDERSCORE | kind::COLON,
        kind::COLON,
    ),
    // Y64 of YUI: `+` `/` `=` become `.` `_` `-`.
    Alphabet {
        padding: Padding::Sign(b'-'),
        ..tail(
            "y64",
            *b"._",
            kind::DOT | kind::UNDERSCORE,
            kind::DOT | kind::MINUS,
        )
    },
    // Freenet keys.
    tail(
        "freenet",
        *b"~-",
        kind::PUNCTUATION | kind::MINUS,
        kind::PUNCTUATION,
    ),
    // crypt(3), itoa64 of PHPass, GEDCOM 5.5 chapter 2: `.` `/` first.
    head(
        "itoa64",
        *b"./",
        DIGITS_UPPER_LOWER,
        kind::DOT | kind::SLASH,
    ),
    // bcrypt (Provos and Mazières, 1999).
    head(
        "bcrypt",
        *b"./",
        UPPER_LOWER_DIGITS,
        kind::DOT | kind::SLASH,
    ),
    // Xxencode.
    head(
        "xxencode",
        *b"+-",
        DIGITS_UPPER_LOWER,
        kind::PLUS | kind::MINUS,
    ),
    // Digits first with both orders of letters: radix-64 and z64 in CyberChef's list.
    whole("lower-upper", DIGITS_LOWER_UPPER),
    whole("rot13", ROT13),
];

/// The usual 62 and two other signs at the end.
const fn tail(name: &'static str, signs: [u8; 2], kinds: u32, own: u32) -> Alphabet {
    Alphabet {
        name,
        values: values(UPPER_LOWER_DIGITS, 0, signs, 62),
        kinds: kinds | kind::ALNUM,
        own,
        padding: Padding::Sign(b'='),
    }
}

/// Two signs, then 62 in some order.
const fn head(name: &'static str, signs: [u8; 2], rest: &[u8; 62], kinds: u32) -> Alphabet {
    Alphabet {
        name,
        values: values(rest, 2, signs, 0),
        kinds: kinds | kind::ALNUM,
        own: 0,
        padding: Padding::Sign(b'='),
    }
}

/// 62 in some order, then `+` and `/`.
const fn whole(name: &'static str, first: &[u8; 62]) -> Alphabet {
    Alphabet {
        name,
        values: values(first, 0, *b"+/", 62),
        kinds: kind::PLUS | kind::SLASH | kind::ALNUM,
        own: 0,
        padding: Padding::Sign(b'='),
    }
}

const fn values(most: &[u8; 62], from: u8, signs: [u8; 2], signs_from: u8) -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 62 {
        table[most[i] as usize] = from + i as u8;
        i += 1;
    }
    table[signs[0] as usize] = signs_from;
    table[signs[1] as usize] = signs_from + 1;
    table
}

impl Alphabet {
    /// Could this be text or begin with a magic number in this alphabet?
    fn could_be(&self, look: &Look<'_>) -> bool {
        let padding = match self.padding {
            Padding::Sign(b'=') => kind::EQUAL,
            Padding::Sign(b'_') => kind::UNDERSCORE,
            Padding::Sign(b'-') => kind::MINUS,
            _ => 0,
        };
        if !look.only(self.kinds | padding) || (self.own != 0 && !look.has(self.own)) {
            return false;
        }
        if self.padding == Padding::Count && self.bare(look.bytes).is_none() {
            return false;
        }
        let Some(digits) = look.bytes.first_chunk::<8>() else {
            return false;
        };
        let mut bits = 0u64;
        for (place, &digit) in digits.iter().enumerate() {
            let value = self.values[usize::from(digit)];
            if value == NONE {
                return false;
            }
            bits = bits << 6 | u64::from(value);
            // Three bytes say no to most.
            if place == 3 && !promising(&bits.to_be_bytes()[5..]) {
                return false;
            }
        }
        promising(&bits.to_be_bytes()[2..])
    }

    /// True when too few signs of its own are in it to tell a digit from something between two texts
    /// (`enc.eyJ…`, `…=.…=`): then only a structure proves it.
    fn could_be_separators(&self, bytes: &[u8]) -> bool {
        let own = |b: &&u8| !b.is_ascii_alphanumeric() && !b"+/=".contains(*b);
        self.own != 0
            && self
                .bare(bytes)
                .is_some_and(|bare| bare.iter().filter(own).count() < FEWEST_OWN)
    }

    /// The digits alone, if the padding is right.
    fn bare<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        match self.padding {
            Padding::Count => {
                let (count, bare) = bytes.split_last()?;
                let missing = (4 - bare.len() % 4) % 4;
                (usize::from(count.wrapping_sub(b'0')) == missing && missing < 3).then_some(bare)
            }
            Padding::Sign(sign) => {
                let signs = bytes.iter().rev().take_while(|&&b| b == sign).count();
                let bare = bytes.get(..bytes.len() - signs)?;
                let right = signs == 0 || (signs < 3 && bytes.len().is_multiple_of(4));
                (right && bare.len() % 4 != 1).then_some(bare)
            }
        }
    }

    /// Undo it strictly: no bits left over, so that encoding again gives the same.
    fn decode(&self, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (mut bits, mut held) = (0u32, 0u32);
        for &digit in self.bare(bytes)? {
            let value = self.values[usize::from(digit)];
            if value == NONE {
                return None;
            }
            bits = bits << 6 | u32::from(value);
            held += 6;
            if held >= 8 {
                held -= 8;
                out.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        (bits == 0).then_some(())
    }
}

/// What a spelling shows by itself: right padding, 4 bits for each sign.
fn evidence(bytes: &[u8], alphabet: &Alphabet) -> i64 {
    let bare = alphabet.bare(bytes).map_or(bytes.len(), <[u8]>::len);
    40 * (bytes.len() - bare) as i64
}

/// Kinds of bytes that are in it.
const EVER: u32 = kind::ALNUM
    | kind::PLUS
    | kind::SLASH
    | kind::MINUS
    | kind::UNDERSCORE
    | kind::EQUAL
    | kind::DOT
    | kind::COLON
    | kind::PUNCTUATION;

impl Layer for Base64Alphabet {
    fn name(&self) -> &'static str {
        "base64-alphabet"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_alphanumeric() || b"*+,-._:~/".contains(&first)
    }

    fn never(&self) -> u32 {
        !EVER
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.only(EVER)
            && look.mixed_case()
            && ALPHABETS.iter().any(|alphabet| alphabet.could_be(look))
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        // Two alphabets that differ in one sign give two texts, but seldom two structures.
        let mut readable = None;
        for alphabet in &ALPHABETS {
            if !alphabet.could_be(look) {
                continue;
            }
            let mut decoded = bench.buffer();
            if alphabet.decode(look.bytes, &mut decoded).is_some() {
                bench.spend(decoded.len());
                let missing = (PRIOR - evidence(look.bytes, alphabet)).max(0);
                match prove(&decoded, context, bench, text::READABLE + missing) {
                    Some(Inner::Known(inner)) => {
                        bench.discard(*inner);
                        return Some(found(self.name(), alphabet.name, decoded, bench));
                    }
                    Some(_) if readable.is_none() && !alphabet.could_be_separators(look.bytes) => {
                        readable = Some((alphabet.name, decoded));
                        continue;
                    }
                    _ => {}
                }
            }
            bench.give_back(decoded);
        }
        let (name, decoded) = readable?;
        Some(found(self.name(), name, decoded, bench))
    }

    fn follow(&self, bytes: &[u8], selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let alphabet = ALPHABETS.iter().find(|known| known.name == selector)?;
        let mut out = Vec::new();
        alphabet.decode(bytes, &mut out).map(|()| out)
    }
}

/// One child with a selector that says how it was found.
fn found(layer: &'static str, selector: &str, decoded: Vec<u8>, bench: &mut Bench) -> Opened {
    let mut fields = bench.fields();
    add_only(&mut fields, selector, &decoded);
    bench.give_back(decoded);
    Opened::Many { layer, fields }
}

/// Append a child that is a leaf when nothing is in it, with a selector but no name.
pub(crate) fn add_only(fields: &mut Fields, selector: &str, bytes: &[u8]) {
    let start = fields.words.len();
    fields.words.push_str(selector);
    let value: Place = fields.store(bytes);
    fields.list.push(Field {
        selector: start..start + selector.len(),
        name: None,
        value,
        hint: Hint::None,
        only_if_opened: false,
        scalar: false,
    });
}

/// The inverse, for tests and the fuzzer: names and texts in every alphabet.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode_all(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let encode = |alphabet: &Alphabet| {
        let digit = |value: u8| (0..=255u8).find(|&b| alphabet.values[usize::from(b)] == value);
        let mut out = Vec::new();
        for group in bytes.chunks(3) {
            let mut all = [0u8; 4];
            all[1..=group.len()].copy_from_slice(group);
            let bits = u32::from_be_bytes(all);
            for place in 0..=group.len() {
                out.push(digit((bits >> (18 - 6 * place)) as u8 & 63).unwrap());
            }
        }
        match alphabet.padding {
            Padding::Count => out.push(b'0' + ((4 - out.len() % 4) % 4) as u8),
            Padding::Sign(sign) => {
                while !out.len().is_multiple_of(4) {
                    out.push(sign);
                }
            }
        }
        out
    };
    ALPHABETS
        .iter()
        .map(|alphabet| (alphabet.name, encode(alphabet)))
        .collect()
}
