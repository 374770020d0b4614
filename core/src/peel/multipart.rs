//! Layer `multipart` (RFC 2046 section 5.1, RFC 7578): the boundary is read from the first line.
//!
//! Selector: the `name` of the part, or its number (from 1) where it has none; `name;filename` for the file
//! name that came with it.

use std::ops::Range;

use super::bench::Bench;
use super::fields::{Fields, Place};
use super::layer::{Context, Flaw, Hint, Layer, Opened};
use super::look::Look;

/// The layer.
pub(crate) struct Multipart;

/// Delimiter line and the name of a header.
const SHORTEST: usize = 12;
/// `--`, a boundary of at most 70 characters, and some room for senders that do not count.
const LONGEST_DELIMITER: usize = 130;
/// Header bytes of one part.
const LONGEST_HEAD: usize = 16 << 10;

impl Layer for Multipart {
    fn name(&self) -> &'static str {
        "multipart"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'-'
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        delimiter(look.bytes).is_some()
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let fields = fields(look.bytes, bench);
        if fields.list.is_empty() || (fields.flaw.is_some() && !context.given()) {
            bench.give_back_fields(fields);
            return None;
        }
        Some(Opened::Many {
            layer: self.name(),
            fields,
        })
    }

    fn follow(&self, bytes: &[u8], selector: &str, bench: &mut Bench) -> Option<Vec<u8>> {
        fields(bytes, bench).select(selector, bytes)
    }
}

/// `--boundary` and the offset after its line, when a header of a part follows.
fn delimiter(bytes: &[u8]) -> Option<(&[u8], usize)> {
    if !bytes.starts_with(b"--") {
        return None;
    }
    let end = memchr::memchr(b'\n', bytes.get(..bytes.len().min(LONGEST_DELIMITER))?)?;
    let line = bytes[..end].trim_ascii_end();
    let header = bytes.get(end + 1..end + 9)?;
    (line.len() > 2 && header.eq_ignore_ascii_case(b"content-")).then_some((line, end + 1))
}

fn fields(bytes: &[u8], bench: &mut Bench) -> Fields {
    let mut fields = bench.fields();
    let Some((delimiter, mut at)) = delimiter(bytes) else {
        return fields;
    };
    let mut number = 0u32;
    let finder = memchr::memmem::Finder::new(delimiter);
    loop {
        let Some((head, start)) = head(bytes, at) else {
            fields.flaw = Some(Flaw::Truncated);
            break;
        };
        if fields.is_full(&bench.limits) {
            break;
        }
        number = number.saturating_add(1);
        let end = next_delimiter(bytes, start, &finder);
        add_part(
            &mut fields,
            &bytes[head],
            content(bytes, start, end),
            number,
        );
        let Some(end) = end else {
            fields.flaw = Some(Flaw::Truncated);
            break;
        };
        let after = end + delimiter.len();
        if bytes
            .get(after..)
            .is_some_and(|rest| rest.starts_with(b"--"))
        {
            break;
        }
        match memchr::memchr(b'\n', &bytes[after..]) {
            Some(line) => at = after + line + 1,
            None => {
                fields.flaw = Some(Flaw::Truncated);
                break;
            }
        }
    }
    fields.number_repeated();
    fields
}

/// Range of the header lines and start of the content.
fn head(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let limit = bytes.len().min(at + LONGEST_HEAD);
    let mut line = at;
    loop {
        let end = line + memchr::memchr(b'\n', bytes.get(line..limit)?)?;
        if bytes[line..end].trim_ascii().is_empty() {
            return Some((at..line, end + 1));
        }
        line = end + 1;
    }
}

/// Start of the next delimiter that begins a line.
fn next_delimiter(
    bytes: &[u8],
    start: usize,
    finder: &memchr::memmem::Finder<'_>,
) -> Option<usize> {
    let mut from = start;
    loop {
        let at = from + finder.find(bytes.get(from..)?)?;
        let begins_line = at == start || bytes.get(at.wrapping_sub(1)) == Some(&b'\n');
        let after = bytes.get(at + finder.needle().len()..).unwrap_or_default();
        // A longer boundary that begins alike belongs to something inside.
        let ends = matches!(
            after,
            [] | [b'\r' | b'\n' | b' ' | b'\t', ..] | [b'-', b'-', ..]
        );
        if begins_line && ends {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The content without the line end that belongs to the delimiter.
fn content(bytes: &[u8], start: usize, end: Option<usize>) -> Range<usize> {
    let Some(end) = end else {
        return start..bytes.len();
    };
    let content = &bytes[start..end.max(start)];
    let content = content
        .strip_suffix(b"\n")
        .map_or(content, |text| text.strip_suffix(b"\r").unwrap_or(text));
    start..start + content.len()
}

fn add_part(fields: &mut Fields, head: &[u8], content: Range<usize>, number: u32) {
    let mut name = None;
    let mut file = None;
    let mut hint = Hint::None;
    for line in head.split(|&b| b == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        let (field, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if field.eq_ignore_ascii_case(b"content-disposition") {
            name = parameter(value, b"name");
            file = parameter(value, b"filename");
        } else if field.eq_ignore_ascii_case(b"content-type") && is_form(value) {
            hint = Hint::Form;
        }
    }
    let label = name.map_or_else(|| number.to_string().into_bytes(), <[u8]>::to_vec);
    fields.add(&label, Place::Input(content), hint);
    if name.is_none()
        && let Some(field) = fields.list.last_mut()
    {
        field.name = None;
    }
    if let Some(file) = file.filter(|file| !file.is_empty()) {
        let place = fields.store(file);
        fields.add(&[&label[..], b";filename"].concat(), place, Hint::None);
    }
}

/// True for `application/x-www-form-urlencoded`, with or without parameters.
pub(crate) fn is_form(media_type: &[u8]) -> bool {
    let essence = media_type
        .split(|&b| b == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// Value of a parameter, quoted or not (RFC 9110 section 5.6.6).
fn parameter<'a>(value: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let mut rest = value;
    while let Some(semicolon) = memchr::memchr(b';', rest) {
        rest = &rest[semicolon + 1..];
        let Some(equal) = memchr::memchr(b'=', rest) else {
            break;
        };
        let name = rest[..equal].trim_ascii();
        let after = rest[equal + 1..].trim_ascii_start();
        let found = match after.strip_prefix(b"\"") {
            Some(quoted) => &quoted[..memchr::memchr(b'"', quoted).unwrap_or(quoted.len())],
            None => after
                .split(|&b| b == b';')
                .next()
                .unwrap_or_default()
                .trim_ascii(),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(found);
        }
        rest = &after[(found.len() + 2 * usize::from(after.starts_with(b"\""))).min(after.len())..];
    }
    None
}
