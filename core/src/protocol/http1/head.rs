//! Start lines and header fields (RFC 9112 sections 2 to 5), read tolerantly.
//!
//! Real traffic has bare line feeds, folded lines, spaces before colons, lines without a colon and
//! spaces in request targets. Nothing of that may cost the message, so this reads lines, not a grammar.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::Header;

/// Longest head kept, in bytes. Servers refuse far shorter ones.
pub const HEAD_BYTES: usize = 256 << 10;
/// Longest method name taken for one; the registered ones end at 17.
const METHOD_BYTES: usize = 32;

/// Methods that are recognised before the end of the first line is seen (IANA's registry, and those
/// that proxies and media clients use).
const METHODS: &[&[u8]] = &[
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"CONNECT",
    b"PATCH",
    b"TRACE",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
    b"SEARCH",
    b"REPORT",
    b"CHECKOUT",
    b"CHECKIN",
    b"UNCHECKOUT",
    b"MKWORKSPACE",
    b"UPDATE",
    b"LABEL",
    b"MERGE",
    b"MKACTIVITY",
    b"BASELINE-CONTROL",
    b"VERSION-CONTROL",
    b"ORDERPATCH",
    b"ACL",
    b"BIND",
    b"UNBIND",
    b"REBIND",
    b"LINK",
    b"UNLINK",
    b"MKCALENDAR",
    b"MKREDIRECTREF",
    b"UPDATEREDIRECTREF",
    b"PURGE",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
    b"NOTIFY",
    b"POLL",
    b"BMOVE",
    b"BCOPY",
    b"BDELETE",
    b"BPROPFIND",
    b"BPROPPATCH",
    b"RPC_IN_DATA",
    b"RPC_OUT_DATA",
    b"M-SEARCH",
    b"SOURCE",
    b"CCM_POST",
];

/// What the first bytes of a direction are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are it.
    Yes,
    /// They are not.
    No,
    /// More bytes are needed.
    More,
}

/// Byte positions within a head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(range: Range<usize>) -> Span {
        Span {
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
        }
    }

    /// The bytes it stands for.
    pub fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// One header field.
#[derive(Clone, Debug)]
pub struct Field {
    name: Span,
    value: Span,
    folded: bool,
}

/// The start line, and where the header fields are.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Method (empty on a response).
    pub method: Span,
    /// Request target (empty on a response).
    pub target: Span,
    /// Status code (0 on a request).
    pub status: u16,
    /// True for HTTP/1.0 and before.
    pub old: bool,
    /// The header fields, in order.
    pub fields: Vec<Field>,
}

impl Head {
    /// The values of a field, compared without case, in order.
    pub fn values<'a>(
        &'a self,
        bytes: &'a [u8],
        name: &'a [u8],
    ) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.fields
            .iter()
            .filter(move |f| f.name.of(bytes).eq_ignore_ascii_case(name))
            .map(|f| f.value.of(bytes))
    }

    /// The fields as a message carries them; a folded value becomes one line (RFC 9112 section 5.2).
    pub fn headers<'a>(&self, bytes: &'a [u8]) -> Vec<Header<'a>> {
        self.fields
            .iter()
            .map(|field| {
                let value = field.value.of(bytes);
                let value = if field.folded {
                    Cow::Owned(unfold(value))
                } else {
                    Cow::Borrowed(value)
                };
                (Cow::Borrowed(field.name.of(bytes)), value)
            })
            .collect()
    }

    /// `http/1.0` or `http/1.1`.
    pub fn protocol(&self) -> &'static str {
        if self.old { "http/1.0" } else { "http/1.1" }
    }
}

fn unfold(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for line in value.split(|&b| b == b'\n') {
        let line = line.trim_ascii();
        if !line.is_empty() {
            if !out.is_empty() {
                out.push(b' ');
            }
            out.extend_from_slice(line);
        }
    }
    out
}

/// True for the characters of a token (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Do these bytes begin a request?
pub fn begins_request(bytes: &[u8]) -> Verdict {
    let Some(&first) = bytes.first() else {
        return Verdict::More;
    };
    if !is_token(first) {
        return Verdict::No;
    }
    let window = bytes.get(..=METHOD_BYTES).unwrap_or(bytes);
    let Some(space) = memchr::memchr3(b' ', b'\r', b'\n', window) else {
        let token = window.iter().copied().all(is_token);
        return if token && bytes.len() <= METHOD_BYTES {
            Verdict::More
        } else {
            Verdict::No
        };
    };
    let (method, rest) = bytes.split_at(space);
    if rest.first() != Some(&b' ') {
        // A bare method: broken, but servers answer it.
        return if METHODS.contains(&method) {
            Verdict::Yes
        } else {
            Verdict::No
        };
    }
    if METHODS.contains(&method) {
        // SIP and RTSP share method names, but not the look of the target.
        match rest.get(1) {
            None => return Verdict::More,
            Some(b'/' | b'*') => return Verdict::Yes,
            Some(b'h' | b'H')
                if rest
                    .get(1..5)
                    .is_some_and(|s| s.eq_ignore_ascii_case(b"http")) =>
            {
                return Verdict::Yes;
            }
            Some(&b) if method == b"CONNECT" && (b.is_ascii_alphanumeric() || b == b'[') => {
                return Verdict::Yes;
            }
            Some(_) => {}
        }
    }
    if !method.iter().copied().all(is_token) {
        return Verdict::No;
    }
    // Anything else: only the version at the end of the line tells.
    match memchr::memchr(b'\n', rest.get(..HEAD_BYTES / 32).unwrap_or(rest)) {
        None if rest.len() >= HEAD_BYTES / 32 => Verdict::No,
        None if memchr::memchr2(0, 0xff, rest).is_some() => Verdict::No,
        None => Verdict::More,
        Some(end) => match version_at_end(rest.get(..end).unwrap_or_default()) {
            Some(_) => Verdict::Yes,
            None => Verdict::No,
        },
    }
}

/// Do these bytes surely begin a request, in a stream whose place is lost? Only with a registered method:
/// the rest of a cut line may look like a line with another.
pub fn surely_begins_request(bytes: &[u8]) -> bool {
    begins_request(bytes) == Verdict::Yes
        && bytes
            .split(|b| *b == b' ')
            .next()
            .is_some_and(|method| METHODS.contains(&method))
}

/// Do these bytes begin a response?
pub fn begins_response(bytes: &[u8]) -> Verdict {
    const START: &[u8] = b"HTTP/1.";
    let shared = bytes.len().min(START.len());
    if bytes.get(..shared) != START.get(..shared) {
        return Verdict::No;
    }
    match bytes.get(START.len()..START.len() + 5) {
        None => Verdict::More,
        Some([minor, b' ', a, b, c])
            if [minor, a, b, c].iter().all(|d| d.is_ascii_digit()) && *a != b'0' =>
        {
            Verdict::Yes
        }
        Some(_) => Verdict::No,
    }
}

/// Splits `target HTTP/1.x` at the end of a request line: (length of the target part, old).
fn version_at_end(line: &[u8]) -> Option<(usize, bool)> {
    let line = line.trim_ascii_end();
    let at = memchr::memmem::rfind(line, b" HTTP/")?;
    match line.get(at + 6..)? {
        [b'1', b'.', minor] if minor.is_ascii_digit() => Some((at, *minor == b'0')),
        [b'1', b'.'] => Some((at, false)),
        [b'0', b'.', b'9'] => Some((at, true)),
        _ => None,
    }
}

/// The length of the head that starts these bytes, blank line included. `from`: bytes known to hold no end.
pub fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    let from = from.min(bytes.len());
    for at in memchr::memchr_iter(b'\n', bytes.get(from..)?) {
        let next = from + at + 1;
        match bytes.get(next..) {
            Some([b'\n', ..]) => return Some(next + 1),
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            _ => {}
        }
    }
    None
}

/// Reads a start line and the header lines after it. `bytes` is a head, or the part of one that was
/// captured: a last line without its end is left out. `None`: the first line is not a start line.
/// `reuse` is emptied and used for the fields.
pub fn parse(bytes: &[u8], mut reuse: Vec<Field>) -> Option<Head> {
    reuse.clear();
    let first = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let mut head = start_line(bytes.get(..first)?)?;
    head.fields = reuse;
    let mut at = first + 1;
    while let Some(length) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        let end = at + length;
        let line = bytes.get(at..end)?;
        let trimmed = line.strip_suffix(b"\r").unwrap_or(line);
        match trimmed.first() {
            None => break,
            Some(b' ' | b'\t') => {
                if let Some(last) = head.fields.last_mut() {
                    last.value.end = Span::new(at..at + trimmed.trim_ascii_end().len()).end;
                    last.folded = true;
                }
            }
            Some(_) => head.fields.push(field(trimmed, at)),
        }
        at = end + 1;
    }
    Some(head)
}

fn start_line(line: &[u8]) -> Option<Head> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut head = Head::default();
    if begins_response(line) == Verdict::Yes {
        head.old = line.get(7) == Some(&b'0');
        head.status = line
            .get(9..12)?
            .iter()
            .fold(0, |n, d| n * 10 + u16::from(d.wrapping_sub(b'0') % 10));
        return Some(head);
    }
    let space = memchr::memchr(b' ', line).unwrap_or(line.len());
    head.method = Span::new(0..space);
    let rest = line.get(space..)?;
    let (length, old) = match version_at_end(rest) {
        Some(found) => found,
        // Cut by the end of the capture: the target is all there is.
        None if METHODS.contains(&line.get(..space)?) => (rest.len(), false),
        None => return None,
    };
    head.old = old;
    let target = rest.get(..length)?;
    let left = target.len() - target.trim_ascii_start().len();
    head.target = Span::new(space + left..space + target.trim_ascii_end().len().max(left));
    Some(head)
}

fn field(line: &[u8], at: usize) -> Field {
    // A line without a colon is kept as a name without a value.
    let colon = memchr::memchr(b':', line).unwrap_or(line.len());
    let name = line.get(..colon).unwrap_or(line).trim_ascii_end();
    let value = line.get(colon + 1..).unwrap_or_default();
    let start = line.len() - value.trim_ascii_start().len();
    let trimmed = value.trim_ascii();
    Field {
        name: Span::new(at..at + name.len()),
        value: Span::new(at + start..at + start + trimmed.len()),
        folded: false,
    }
}
