//! Layer `rison`: JSON written so that it stays readable in addresses, as dashboards keep their state
//! (Rison, "Compact Data in URIs", N. Mashadi; <https://github.com/Nanonid/rison>): `(a:1,b:!(x,'y z'),c:!t)`.
//!
//! Selector: a path as in layer `json`. Only objects and arrays, and only with so many signs of the grammar that no
//! text has them by chance: `(max-width:600px)` is none.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::values::Values;

/// The layer.
pub(crate) struct Rison;

/// An object with a member that proves anything.
const SHORTEST: usize = 8;
/// Texts are seldom Rison: one in 2¹⁰.
const PRIOR: i64 = 100;
/// Evidence of a bracket, colon or comma where the grammar asks it: 5 bits.
const SIGN: i64 = 50;
/// Evidence of `!` with one of three letters: 9 bits.
const WORD: i64 = 90;

impl Layer for Rison {
    fn name(&self) -> &'static str {
        "rison"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'(' | b'!')
    }

    fn never(&self) -> u32 {
        kind::CONTROL
    }

    fn needs(&self) -> u32 {
        kind::PUNCTUATION
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        matches!(look.bytes, [b'(', .., b')'] | [b'!', b'(', .., b')']) && look.is_text()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        read(look.bytes, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = read(bytes, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// A word without quotes: none of these, and no digit or minus first.
fn is_plain(byte: u8) -> bool {
    !b" '!:(),*@$\r\n\t".contains(&byte)
}

/// An open object or array.
enum Level {
    Object,
    Array(u64),
}

fn read(bytes: &[u8], bench: &mut Bench) -> Option<Values> {
    let mut values = Values::new("$", bytes.len(), bench);
    if whole(bytes, &mut values).is_none() {
        bench.give_back_fields(values.fields);
        return None;
    }
    Some(values)
}

fn whole(bytes: &[u8], values: &mut Values) -> Option<()> {
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    loop {
        if values.is_full() {
            return Some(());
        }
        let (level, length) = match bytes.get(at..)? {
            [b'(', ..] => (Level::Object, 1),
            [b'!', b'(', ..] => (Level::Array(0), 2),
            _ => {
                at = scalar(bytes, at, values)?;
                at = next(bytes, at, &mut levels, values)?;
                if levels.is_empty() {
                    return (at == bytes.len()).then_some(());
                }
                continue;
            }
        };
        values.vouch(SIGN);
        values.open();
        levels.push(level);
        at += length;
        // The first child needs no comma.
        at = if bytes.get(at) == Some(&b')') {
            next(bytes, at, &mut levels, values)?
        } else {
            enter(bytes, at, &mut levels, values)?
        };
        if levels.is_empty() {
            return (at == bytes.len()).then_some(());
        }
    }
}

/// Leave what ends here, and go to the child behind the comma; returns where its value begins.
fn next(
    bytes: &[u8],
    mut at: usize,
    levels: &mut Vec<Level>,
    values: &mut Values,
) -> Option<usize> {
    while bytes.get(at) == Some(&b')') {
        levels.pop()?;
        values.vouch(SIGN);
        values.close();
        at += 1;
        if levels.is_empty() {
            return Some(at);
        }
    }
    if bytes.get(at) != Some(&b',') {
        return None;
    }
    values.vouch(SIGN);
    enter(bytes, at + 1, levels, values)
}

/// Go to the child that begins here; returns where its value begins.
fn enter(bytes: &[u8], at: usize, levels: &mut [Level], values: &mut Values) -> Option<usize> {
    match levels.last_mut()? {
        Level::Array(index) => {
            values.element(*index);
            *index += 1;
            Some(at)
        }
        Level::Object => name(bytes, at, values),
    }
}

/// Go to the member whose name begins here; returns where its value begins.
fn name(bytes: &[u8], at: usize, values: &mut Values) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let end = if rest.first() == Some(&b'\'') {
        let (text, end) = quoted(bytes, at)?;
        values.member(std::str::from_utf8(&text).ok()?);
        end
    } else {
        let length = rest.iter().take_while(|&&byte| is_plain(byte)).count();
        let word = rest.get(..length).filter(|word| !word.is_empty())?;
        values.member(std::str::from_utf8(word).ok()?);
        at + length
    };
    if bytes.get(end) != Some(&b':') {
        return None;
    }
    values.vouch(SIGN);
    Some(end + 1)
}

/// Record a value that is no container; returns where the next sign stands.
fn scalar(bytes: &[u8], at: usize, values: &mut Values) -> Option<usize> {
    let rest = bytes.get(at..)?;
    match rest {
        [b'!', letter @ (b't' | b'f' | b'n'), ..] => {
            values.vouch(WORD);
            match letter {
                b't' => values.scalar(format_args!("true")),
                b'f' => values.scalar(format_args!("false")),
                _ => {}
            }
            Some(at + 2)
        }
        [b'\'', ..] => {
            let (text, end) = quoted(bytes, at)?;
            values.vouch(SIGN);
            values.decoded(&text);
            Some(end)
        }
        [first, ..] => {
            let length = rest.iter().take_while(|&&byte| is_plain(byte)).count();
            let word = rest.get(..length).filter(|word| !word.is_empty())?;
            if first.is_ascii_digit() || *first == b'-' {
                let number = std::str::from_utf8(word)
                    .ok()
                    .filter(|text| is_number(text))?;
                values.scalar(format_args!("{number}"));
            } else {
                values.bytes(at..at + length);
            }
            Some(at + length)
        }
        [] => None,
    }
}

/// As JSON has them, but for the plus sign of an exponent.
fn is_number(text: &str) -> bool {
    let bare = text.strip_prefix('-').unwrap_or(text);
    bare.starts_with(|first: char| first.is_ascii_digit())
        && bare
            .bytes()
            .all(|b| b.is_ascii_digit() || b".eE-".contains(&b))
        && text.parse::<f64>().is_ok()
}

/// A string in quotes, `!` before a quote or another `!` in it; and where it ends.
fn quoted(bytes: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let mut text = Vec::new();
    let mut from = at + 1;
    loop {
        let rest = bytes.get(from..)?;
        let length = memchr::memchr2(b'\'', b'!', rest)?;
        text.extend_from_slice(rest.get(..length)?);
        from += length + 1;
        if rest.get(length) == Some(&b'\'') {
            return Some((text, from));
        }
        let escaped = *bytes
            .get(from)
            .filter(|&&byte| matches!(byte, b'\'' | b'!'))?;
        text.push(escaped);
        from += 1;
    }
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('!', "!!").replace('\'', "!'"))
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;

    #[test]
    fn values_as_its_authors_write_them() {
        assert_eq!(
            shown("rison", b"(any:json,yes:!t)"),
            ["$.any = json", "$.yes = true"]
        );
        let state = b"(filters:!(),refreshInterval:(pause:!t,value:0),time:(from:now-15m,to:now),q:'can!'t !!',n:!n,l:!(a,(b:-1.5e3),!f))";
        assert_eq!(
            shown("rison", state),
            [
                "$.refreshInterval.pause = true",
                "$.refreshInterval.value = 0",
                "$.time.from = now-15m",
                "$.time.to = now",
                "$.q = can't !",
                "$.l[0] = a",
                "$.l[1].b = -1.5e3",
                "$.l[2] = false",
            ]
        );
        assert_eq!(
            shown("rison", b"!(one,two,!(three,'4'),five)"),
            [
                "$[0] = one",
                "$[1] = two",
                "$[2][0] = three",
                "$[2][1] = 4",
                "$[3] = five"
            ]
        );
    }

    #[test]
    fn brackets_in_texts_are_none() {
        for text in [
            &b"(max-width:600px)"[..],
            b"(see: below)",
            b"(a,b,c,d,e)",
            b"(any:json,yes:!x)",
            b"(any:json,yes:!t",
            b"(any:json,,yes:!t)",
            b"(any:json,yes:!t))",
            b"(any:json,yes:!t,)",
            b"(any:json,yes:)",
            b"(a:1x,b:!t,c:!f)",
            b"!(unbalanced,'quote)",
            b"(a:'b,c:!t,d:!f)",
            b"(width:100)(height:2)",
        ] {
            let nothing: [&str; 0] = [];
            assert_eq!(
                shown("rison", text),
                nothing,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }
}
