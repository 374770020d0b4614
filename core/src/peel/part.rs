//! Parts of a message: path, query, header fields, body.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::Message;

/// One part of a message, where a chain begins.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// `path`, `query`, `header:User-Agent` (the name as sent; `header:Cookie#2` for a second field of the
    /// same name), `body`.
    pub name: Cow<'a, str>,
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
    /// Declared media type (RFC 9110 section 8.3), for a body.
    pub content_type: Option<Cow<'a, str>>,
    /// Declared content codings (RFC 9110 section 8.4), for a body, as sent: `gzip`, `gzip, br`.
    pub content_encoding: Option<Cow<'a, str>>,
}

impl<'a> Part<'a> {
    /// A part of which only name and bytes are known.
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Part {
            name: Cow::Borrowed(name),
            bytes: Cow::Borrowed(bytes),
            content_type: None,
            content_encoding: None,
        }
    }
}

/// The parts of one message. All header part names live in one buffer.
#[derive(Debug)]
pub struct Parts<'a> {
    words: String,
    list: Vec<(Range<usize>, Cow<'a, [u8]>)>,
    content_type: Option<String>,
    content_encoding: Option<String>,
}

impl Parts<'_> {
    /// The parts in order: path, query, header fields, body. Empty parts are left out.
    pub fn iter(&self) -> impl Iterator<Item = Part<'_>> {
        self.list.iter().map(|(name, bytes)| {
            let name = self.words.get(name.clone()).unwrap_or_default();
            let declared =
                |text: &'_ Option<String>| (name == "body").then(|| text.clone()).flatten();
            Part {
                name: Cow::Borrowed(name),
                bytes: Cow::Borrowed(bytes.as_ref()),
                content_type: declared(&self.content_type).map(Cow::Owned),
                content_encoding: declared(&self.content_encoding).map(Cow::Owned),
            }
        })
    }

    /// The part with this name.
    pub fn get(&self, name: &str) -> Option<Part<'_>> {
        self.iter().find(|part| part.name == name)
    }
}

/// Path and query of an absolute URL (RFC 3986 section 3), without a fragment.
fn path_and_query(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split('#').next().unwrap_or_default();
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    Some(rest[at..].split_once('?').unwrap_or((&rest[at..], "")))
}

/// Cut a message into its parts.
///
/// Header values are given as sent. A URL that is not hierarchical (`dns:name`) has neither path nor query.
pub fn parts<'a>(message: &Message<'a>) -> Parts<'a> {
    let mut words = String::new();
    let mut list = Vec::with_capacity(message.headers.len() + 3);
    let mut add = |words: &mut String, name: std::fmt::Arguments<'_>, bytes: Cow<'a, [u8]>| {
        if !bytes.is_empty() {
            use std::fmt::Write as _;
            let start = words.len();
            // Writing to a String cannot fail.
            let _ = words.write_fmt(name);
            list.push((start..words.len(), bytes));
        }
    };
    if let Some((path, query)) = message.url.and_then(path_and_query) {
        if path != "/" {
            add(
                &mut words,
                format_args!("path"),
                Cow::Borrowed(path.as_bytes()),
            );
        }
        add(
            &mut words,
            format_args!("query"),
            Cow::Borrowed(query.as_bytes()),
        );
    }
    for (index, (name, value)) in message.headers.iter().enumerate() {
        let same = message.headers.get(..index).unwrap_or_default();
        let before = same
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .count();
        let shown = String::from_utf8_lossy(name);
        if before == 0 {
            add(&mut words, format_args!("header:{shown}"), value.clone());
        } else {
            add(
                &mut words,
                format_args!("header:{shown}#{}", before + 1),
                value.clone(),
            );
        }
    }
    add(
        &mut words,
        format_args!("body"),
        Cow::Borrowed(message.body),
    );
    let text = |name: &str| {
        message
            .header(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
    };
    // Several Content-Encoding fields are one list (RFC 9110 section 5.3).
    let codings: Vec<_> = message
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"))
        .map(|(_, value)| String::from_utf8_lossy(value))
        .collect();
    Parts {
        words,
        list,
        content_type: text("content-type"),
        content_encoding: (!codings.is_empty()).then(|| codings.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Direction, Header, Transport};

    fn message<'a>(url: &'a str, headers: &'a [Header<'a>], body: &'a [u8]) -> Message<'a> {
        Message {
            id: 0,
            connection: None,
            answers: None,
            protocol: "http/1.1",
            direction: Direction::Up,
            time: None,
            app: None,
            host: None,
            client: None,
            server: None,
            method: Some("POST"),
            url: Some(url),
            status: None,
            headers,
            body,
            transport: Transport::Clear,
            complete: true,
            missing: 0,
            frame: 1,
            offset: 0,
            length: 0,
        }
    }

    #[test]
    fn cuts_a_message() {
        let header = |n: &'static str, v: &'static str| {
            (Cow::Borrowed(n.as_bytes()), Cow::Borrowed(v.as_bytes()))
        };
        let headers = [
            header("Cookie", "a=1"),
            header("cookie", "b=2"),
            header("Content-Type", "text/plain"),
            header("Content-Encoding", "gzip"),
            header("X-Empty", ""),
        ];
        let message = message("https://example.be:8443/a/b?c=d#e", &headers, b"hello");
        let parts = parts(&message);
        let names: Vec<_> = parts.iter().map(|part| part.name.into_owned()).collect();
        assert_eq!(
            names,
            [
                "path",
                "query",
                "header:Cookie",
                "header:cookie#2",
                "header:Content-Type",
                "header:Content-Encoding",
                "body"
            ]
        );
        let body = parts.get("body").unwrap();
        assert_eq!(body.content_type.as_deref(), Some("text/plain"));
        assert_eq!(body.content_encoding.as_deref(), Some("gzip"));
        assert_eq!(parts.get("query").unwrap().bytes.as_ref(), b"c=d");
        assert_eq!(parts.get("path").unwrap().bytes.as_ref(), b"/a/b");
    }

    #[test]
    fn urls_without_path() {
        assert_eq!(path_and_query("http://h?x=1"), Some(("", "x=1")));
        assert_eq!(path_and_query("http://h"), Some(("", "")));
        assert_eq!(path_and_query("dns:example.be"), None);
    }
}
