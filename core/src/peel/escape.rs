//! Layer `escape`: backslash escapes as in strings of C, JavaScript and JSON (`\n`, `\"`, `\x41`, `\u0041`,
//! `\u{1f600}`; ECMA-262 section 12.9.4) without the quotes around them, as web servers write them into logs,
//! and the escapes of JavaScript's `escape` (`%u0041`, `%41`; ECMA-262 annex B.2.1).
//!
//! `\x41` is a byte, the others are characters and become UTF-8.

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened, Standing};
use super::look::{Look, kind};
use super::search;

/// The layer.
pub(crate) struct Escape;

/// `\u0041`
const SHORTEST: usize = 6;
/// How rare it is: one of some 60 encoded fields (6 bits).
const PRIOR: i64 = 60;
/// Evidence asked where nothing but the escapes themselves speaks for them.
const ASKED: i64 = 200;
/// Signs of program text, which has escapes of its own and stays as it is.
const PROGRAM: &[u8] = b"(){}[];=<>|^$*+`\"";

/// What came out, and how it was written.
#[derive(Default)]
struct Decoded {
    bytes: Vec<u8>,
    /// Escapes of one letter or digit by its number.
    letters: usize,
    /// Escapes of anything else by its number.
    others: usize,
    /// Escapes by a letter or sign: `\n`, `\"`.
    short: usize,
}

/// What the spelling shows by itself. `\u` and four digits in the place of a letter: 16 bits for the two signs
/// and 4 bits for each digit out of all characters, together 32 bits. Nothing for the others: regular
/// expressions and paths have them too.
fn evidence(decoded: &Decoded) -> i64 {
    320 * decoded.letters.min(8) as i64
}

fn number(digits: Option<&[u8]>) -> Option<u32> {
    let digits = digits?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

impl Decoded {
    fn push(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.bytes
            .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        if c.is_alphanumeric() {
            self.letters += 1;
        } else {
            self.others += 1;
        }
    }

    /// A UTF-16 unit written with `prefix` and four digits at `at`, with its second half if it needs one.
    /// Returns where it ends.
    fn unit(&mut self, bytes: &[u8], at: usize, prefix: &[u8]) -> Option<usize> {
        let read = |at: usize| {
            let rest = bytes.get(at..)?.strip_prefix(prefix)?;
            number(rest.get(..4))
        };
        let length = prefix.len() + 4;
        let first = read(at)?;
        let (value, end) = match first {
            0xd800..=0xdbff => {
                let second = read(at + length)?
                    .checked_sub(0xdc00)
                    .filter(|&low| low < 0x400)?;
                (0x10000 + ((first - 0xd800) << 10) + second, at + 2 * length)
            }
            _ => (first, at + length),
        };
        self.push(char::from_u32(value)?);
        Some(end)
    }

    /// The escape at `at`, which is a backslash. Returns where it ends.
    fn backslash(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let sign = *bytes.get(at + 1)?;
        match sign {
            b'u' if bytes.get(at + 2) == Some(&b'{') => {
                let digits = bytes.get(at + 3..)?;
                let length = digits.iter().take(9).position(|&b| b == b'}')?;
                self.push(char::from_u32(number(digits.get(..length))?)?);
                return Some(at + 4 + length);
            }
            b'u' => return self.unit(bytes, at, b"\\u"),
            b'x' => {
                let value = number(bytes.get(at + 2..at + 4))?;
                self.bytes.push(u8::try_from(value).ok()?);
                self.others += 1;
                return Some(at + 4);
            }
            b'n' => self.bytes.push(b'\n'),
            b'r' => self.bytes.push(b'\r'),
            b't' => self.bytes.push(b'\t'),
            b'b' => self.bytes.push(0x08),
            b'f' => self.bytes.push(0x0c),
            b'v' => self.bytes.push(0x0b),
            b'0' if !bytes.get(at + 2).is_some_and(u8::is_ascii_digit) => self.bytes.push(0),
            b'"' | b'\'' | b'\\' | b'/' => self.bytes.push(sign),
            _ => return None,
        }
        self.short += 1;
        Some(at + 2)
    }

    /// The escape at `at`, which is `%`: of a UTF-16 unit or of a character up to U+00FF.
    fn percent(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        if bytes.get(at + 1) == Some(&b'u') {
            return self.unit(bytes, at, b"%u");
        }
        let value = number(bytes.get(at + 1..at + 3))?;
        let mut buffer = [0; 4];
        let c = char::from_u32(value)?;
        self.bytes
            .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        Some(at + 3)
    }
}

/// Undo all escapes of one kind; `None` when one is malformed or there is none.
fn decode(bytes: &[u8]) -> Option<Decoded> {
    let sign = if bytes.contains(&b'\\') { b'\\' } else { b'%' };
    let mut decoded = Decoded::default();
    let mut done = 0;
    while let Some(found) = memchr::memchr(sign, bytes.get(done..)?) {
        let at = done + found;
        decoded.bytes.extend_from_slice(bytes.get(done..at)?);
        done = if sign == b'\\' {
            decoded.backslash(bytes, at)?
        } else {
            decoded.percent(bytes, at)?
        };
    }
    decoded.bytes.extend_from_slice(bytes.get(done..)?);
    let any = decoded.letters + decoded.others + decoded.short > 0;
    any.then_some(decoded)
}

impl Layer for Escape {
    fn name(&self) -> &'static str {
        "escape"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        !first.is_ascii_control()
    }

    fn never(&self) -> u32 {
        kind::CONTROL
    }

    fn needs(&self) -> u32 {
        kind::NOT_URI | kind::PERCENT
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        // `%u` needs a look of its own: only what `percent` does not take.
        let backslash = look.has(kind::NOT_URI) && look.bytes.contains(&b'\\');
        let percent = || {
            look.has(kind::PERCENT)
                && memchr::memmem::find(look.bytes, b"%u").is_some()
                && !look.has(kind::SPACE | kind::LINE)
        };
        !look.has(kind::CONTROL) && (backslash || percent())
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let decoded = decode(look.bytes)?;
        bench.spend(decoded.bytes.len());
        let standing = match context.standing {
            Standing::Given => Standing::Encoded,
            other => other,
        };
        let inner = match search::open(&decoded.bytes, context.child(standing), bench) {
            Some(inner) => Inner::Known(Box::new(inner)),
            None => {
                let speaks = context.given()
                    && evidence(&decoded) - PRIOR >= ASKED
                    && !look.bytes.iter().any(|b| PROGRAM.contains(b))
                    && Look::at(&decoded.bytes).is_text();
                if !speaks {
                    bench.give_back(decoded.bytes);
                    return None;
                }
                Inner::Unknown
            }
        };
        Some(Opened::One {
            layer: self.name(),
            bytes: decoded.bytes,
            inner,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        decode(bytes).map(|decoded| decoded.bytes)
    }
}

/// Escape everything but letters and digits: the inverse for tests, for text with `\u` or `%u`.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(text: &str, prefix: &str) -> Vec<u8> {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("{prefix}{unit:04x}"));
            }
        }
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let shown = |text: &str| decode(text.as_bytes()).map(|decoded| decoded.bytes);
        let some = |text: &str| Some(text.as_bytes().to_vec());
        assert_eq!(
            shown(r"a\n\t\\\x41\u0042\u{1f600}"),
            some("a\n\t\\AB\u{1f600}")
        );
        assert_eq!(shown(r"\ud83d\ude00"), some("\u{1f600}"));
        assert_eq!(shown("%u4f60%u597d%20%e9"), some("\u{4f60}\u{597d} \u{e9}"));
        for text in [
            r"\",
            r"\q",
            r"\u12",
            r"\ud83d",
            r"\ud83dx",
            r"\u{110000}",
            r"\u{}",
            r"\x4",
            "%u12",
            "%zz",
            "plain",
            r"\u+123",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
