//! Layer `php`: what PHP's `serialize` writes, arrays, objects and strings that fill the input
//! (PHP manual, `serialize`; the source's `ext/standard/var.c`).
//!
//! Selector: a path as in layer `json`; a key that is a number is the place of an element (`$[0]`). Names of private
//! and protected members stand without their class. Null, references and empty values are no children; what a class
//! wrote itself (`C:`) is one child.

use std::ops::Range;

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::values::{Values, span};

/// The layer.
pub(crate) struct Php;

/// A string of two bytes.
const SHORTEST: usize = 9;
/// Texts are seldom of PHP: one in 2⁸.
const PRIOR: i64 = 80;
/// Evidence of a character that the grammar asks, beside what text would have there: 5 bits.
const SIGN: i64 = 50;
/// Evidence of a length that fits: 3 bits, what a small number costs beside the choice of one.
const FITS: i64 = 30;
/// Digits of a length or a number of elements.
const DIGITS: usize = 10;

impl Layer for Php {
    fn name(&self) -> &'static str {
        "php"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        matches!(first, b'a' | b'O' | b'C' | b's')
    }

    fn needs(&self) -> u32 {
        kind::COLON
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        matches!(look.bytes, [_, b':', b'0'..=b'9', .., b'}' | b';'])
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        read(look.bytes, bench)?.prove(self.name(), PRIOR, context, bench)
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        let values = read(bytes, bench)?;
        values.finish(bench).select(selector, bytes)
    }
}

/// Reads signs and numbers one after the other.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn sign(&mut self, wanted: &[u8], values: &mut Values) -> Option<()> {
        if !self.bytes.get(self.at..)?.starts_with(wanted) {
            return None;
        }
        self.at += wanted.len();
        values.vouch(SIGN * wanted.len() as i64);
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// A number without a sign, written the shortest way.
    fn count(&mut self) -> Option<u64> {
        let digits = self.until(b':', DIGITS)?;
        let shortest = digits.len() == 1 || !digits.starts_with(b"0");
        let all = digits.iter().all(u8::is_ascii_digit);
        if !shortest || !all {
            return None;
        }
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// What stands before the next `end`, of at most so many bytes.
    fn until(&mut self, end: u8, most: usize) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let length = memchr::memchr(end, rest.get(..=most).unwrap_or(rest))?;
        self.at += length;
        rest.get(..length).filter(|found| !found.is_empty())
    }

    /// `5:"hello"`.
    fn quoted(&mut self, values: &mut Values) -> Option<Range<usize>> {
        let length = self.count()?;
        self.sign(b":\"", values)?;
        // The quote behind it is where the length says.
        values.vouch(FITS);
        let range = span(self.bytes, self.at, length)?;
        self.at = range.end;
        self.sign(b"\"", values)?;
        Some(range)
    }

    /// `2:{`.
    fn enter(&mut self, values: &mut Values) -> Option<u64> {
        let count = self.count()?;
        self.sign(b":{", values)?;
        // Every key and value takes two bytes at least.
        (count <= self.bytes.len() as u64 / 4).then_some(count)
    }
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
    let mut reader = Reader { bytes, at: 0 };
    // Keys that are left in each open array or object.
    let mut levels: Vec<u64> = Vec::new();
    loop {
        if values.is_full() {
            return Some(());
        }
        if let Some(left) = value(&mut reader, values)? {
            values.open();
            levels.push(left);
        }
        while levels.last() == Some(&0) {
            reader.sign(b"}", values)?;
            levels.pop();
            values.close();
        }
        match levels.last_mut() {
            Some(left) => *left -= 1,
            None => return (reader.at == bytes.len()).then_some(()),
        }
        key(&mut reader, values)?;
    }
}

/// Go to the member or element that a key names.
fn key(reader: &mut Reader<'_>, values: &mut Values) -> Option<()> {
    match reader.byte()? {
        b'i' => {
            reader.sign(b":", values)?;
            let digits = number(reader, |byte| byte.is_ascii_digit() || byte == b'-')?;
            match digits.parse::<u64>() {
                Ok(place) => values.element(place),
                Err(_) => values.member(digits),
            }
        }
        b's' => {
            reader.sign(b":", values)?;
            let range = reader.quoted(values)?;
            reader.sign(b";", values)?;
            let name = reader.bytes.get(range)?;
            // Private members begin with their class between zeros, protected ones with an asterisk.
            let bare = name.rsplit(|&byte| byte == 0).next().unwrap_or(name);
            values.member(&String::from_utf8_lossy(bare));
        }
        _ => return None,
    }
    Some(())
}

/// What stands before the next `;`, of these bytes only.
fn number<'a>(reader: &mut Reader<'a>, allowed: impl Fn(u8) -> bool) -> Option<&'a str> {
    let digits = reader.until(b';', 64)?;
    reader.at += 1;
    if !digits.iter().all(|&byte| allowed(byte)) {
        return None;
    }
    std::str::from_utf8(digits).ok()
}

/// Record a value, or tell how many keys the array or object has that begins.
fn value(reader: &mut Reader<'_>, values: &mut Values) -> Option<Option<u64>> {
    let kind = reader.byte()?;
    if kind == b'N' {
        reader.sign(b";", values)?;
        return Some(None);
    }
    reader.sign(b":", values)?;
    match kind {
        b'a' => return Some(Some(reader.enter(values)?)),
        b'O' => {
            reader.quoted(values)?;
            reader.sign(b":", values)?;
            return Some(Some(reader.enter(values)?));
        }
        b'C' => {
            reader.quoted(values)?;
            reader.sign(b":", values)?;
            let length = reader.count()?;
            reader.sign(b":{", values)?;
            let range = span(reader.bytes, reader.at, length)?;
            reader.at = range.end;
            values.bytes(range);
            reader.sign(b"}", values)?;
        }
        b's' | b'E' => {
            let range = reader.quoted(values)?;
            reader.sign(b";", values)?;
            values.bytes(range);
        }
        b'b' => {
            let truth = reader.byte()?;
            reader.sign(b";", values)?;
            match truth {
                b'0' | b'1' => values.scalar(format_args!("{}", truth == b'1')),
                _ => return None,
            }
        }
        b'i' => {
            let digits = number(reader, |byte| byte.is_ascii_digit() || byte == b'-')?;
            values.scalar(format_args!("{digits}"));
        }
        b'd' => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
            let digits = number(reader, allowed)?;
            let special = matches!(digits, "NAN" | "INF" | "-INF");
            if !special && digits.parse::<f64>().is_err() {
                return None;
            }
            values.scalar(format_args!("{digits}"));
        }
        // The number of a value before.
        b'r' | b'R' => {
            number(reader, |byte| byte.is_ascii_digit())?;
        }
        _ => return None,
    }
    Some(None)
}

/// The inverse, for tests and the fuzzer: an array of these strings.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = format!("a:{}:{{", members.len()).into_bytes();
    for (name, value) in members {
        out.extend(format!("s:{}:\"{name}\";s:{}:\"", name.len(), value.len()).bytes());
        out.extend_from_slice(value);
        out.extend(b"\";");
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;

    #[test]
    fn values_as_php_writes_them() {
        // serialize(["a" => 10, 0 => ["ab" => true, "n" => null, "d" => 0.1, "s" => "é;\""]])
        let text = "a:2:{s:1:\"a\";i:10;i:0;a:4:{s:2:\"ab\";b:1;s:1:\"n\";N;s:1:\"d\";d:0.1;s:1:\"s\";s:4:\"é;\"\";}}";
        assert_eq!(
            shown("php", text.as_bytes()),
            [
                "$.a = 10",
                "$[0].ab = true",
                "$[0].d = 0.1",
                "$[0].s = é;\""
            ]
        );
        // An object with a public, a protected and a private member, and one that writes itself.
        let object = b"O:4:\"User\":4:{s:2:\"id\";i:-7;s:5:\"\0*\0ip\";s:9:\"192.0.2.1\";s:10:\"\0User\0mail\";s:3:\"a@b\";s:1:\"c\";C:3:\"Set\":5:{x:i:1}}";
        assert_eq!(
            shown("php", object),
            [
                "$.id = -7",
                "$.ip = 192.0.2.1",
                "$.mail = a@b",
                "$.c = x:i:1"
            ]
        );
        assert_eq!(shown("php", b"s:5:\"hello\";"), ["$ = hello"]);
    }

    #[test]
    fn what_is_not_whole_is_none() {
        for text in [
            &b"a:2:{s:1:\"a\";i:10;}"[..],
            b"a:1:{s:1:\"a\";i:10;}x",
            b"a:1:{s:2:\"a\";i:10;}",
            b"a:1:{i:10;i:1x;i:2;}",
            b"a:01:{s:1:\"a\";i:10;}",
            b"a:1:{d:1;i:10;}",
            b"s:6:\"hello\";",
            b"a:99999999:{s:1:\"a\";i:10;}",
            b"a:0:{}...}",
        ] {
            let nothing: [&str; 0] = [];
            assert_eq!(
                shown("php", text),
                nothing,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }
}
