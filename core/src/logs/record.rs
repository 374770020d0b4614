//! One row of a log as names and values, however the log writes it: CSV, TSV or a JSON object.
//!
//! Nested JSON is flattened: `{"a":{"b":[7]}}` is `a.b.0` = `7`. All text of a row lies in one buffer that
//! is used again for the next row.

use crate::json::{Token, Tokenizer, unescape};

/// Fields of one row that are kept; real logs have fewer than a hundred.
pub const MAX_FIELDS: usize = 4096;
/// Bytes of the name of a field, with the names of what it lies in.
const MAX_NAME_BYTES: usize = 512;

/// A row.
#[derive(Debug, Default)]
pub struct Record {
    text: String,
    fields: Vec<[usize; 3]>,
    cut: bool,
}

impl Record {
    /// Forget everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.cut = false;
    }

    /// Add a field.
    pub fn push(&mut self, name: &str, value: &str) {
        if self.fields.len() >= MAX_FIELDS || name.len() > MAX_NAME_BYTES {
            self.cut = true;
            return;
        }
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.fields.push([start, middle, self.text.len()]);
    }

    /// True if the row had more fields than are kept.
    pub fn cut(&self) -> bool {
        self.cut
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|&[start, middle, end]| {
            Some((self.text.get(start..middle)?, self.text.get(middle..end)?))
        })
    }

    /// Is there a field of this name, whatever its value?
    pub fn has(&self, name: &str) -> bool {
        self.pairs().any(|(n, _)| n == name)
    }

    /// The value of a field; `None` where it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v)
            .filter(|v| !v.is_empty())
    }

    /// The first of these fields that has a value.
    pub fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The items of a list: the values of `name.0`, `name.1`, …; `rest` is what follows the number.
    pub fn items<'r>(
        &'r self,
        name: &'r str,
        rest: &'r str,
    ) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.pairs().filter_map(move |(n, value)| {
            let inside = n.strip_prefix(name)?.strip_prefix('.')?;
            let number = inside.strip_suffix(rest)?;
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            digits.then_some((number, value))
        })
    }

    /// A whole number, 0 or more.
    pub fn count(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok().filter(|n: &i64| *n >= 0)
    }

    /// A port; 0 where it is not known.
    pub fn port(&self, name: &str) -> u16 {
        self.get(name).and_then(|p| p.parse().ok()).unwrap_or(0)
    }
}

/// Text of bytes that should be UTF-8.
pub fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Read one JSON object into `record`. False: not an object, damaged, or deeper than `depth`.
pub fn fill_from_json(line: &[u8], depth: u32, record: &mut Record) -> bool {
    record.clear();
    let mut walk = Tokenizer::new(line, depth);
    let mut path = String::new();
    // Per open bracket: length of the path outside, and the next number if it is a list.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    loop {
        let Ok(token) = walk.next_token() else {
            return false;
        };
        match token {
            Token::End => return true,
            Token::Key(key) => {
                enter(&mut path, open.last().map_or(0, |o| o.0));
                path.push_str(&unescaped(key));
                continue;
            }
            Token::ObjectEnd | Token::ArrayEnd => {
                open.pop();
                continue;
            }
            _ if open.is_empty() && token != Token::ObjectStart => return false,
            _ => {}
        }
        if let Some((outside, Some(number))) = open.last_mut() {
            enter(&mut path, *outside);
            path.push_str(&number.to_string());
            *number += 1;
        }
        match token {
            Token::ObjectStart => open.push((path.len(), None)),
            Token::ArrayStart => open.push((path.len(), Some(0))),
            Token::String(raw) => record.push(&path, &unescaped(raw)),
            Token::Number(raw) => record.push(&path, &text(raw)),
            Token::Bool(value) => record.push(&path, if value { "true" } else { "false" }),
            _ => {}
        }
    }
}

fn enter(path: &mut String, outside: usize) {
    path.truncate(outside);
    if outside > 0 {
        path.push('.');
    }
}

fn unescaped(raw: &[u8]) -> String {
    match unescape(raw) {
        Some(bytes) => text(&bytes).into_owned(),
        None => text(raw).into_owned(),
    }
}
