//! One HAR entry: its members are found in one pass and stay where they are in the file's bytes.
//!
//! HAR 1.2 says which members there must be; files in the wild leave out any of them, so here all are
//! optional. Members beginning with `_` are exporters' own.

use std::borrow::Cow;

use crate::json::{Error, Token, Tokenizer, unescape};

/// A JSON string as it stands in the file, escapes still on; or a number as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Raw<'a>(pub &'a [u8]);

impl<'a> Raw<'a> {
    /// The bytes it stands for. A broken escape leaves the text as it is written.
    #[inline]
    pub fn bytes(self) -> Cow<'a, [u8]> {
        unescape(self.0).unwrap_or(Cow::Borrowed(self.0))
    }

    /// The text it stands for; bytes that are not UTF-8 become U+FFFD.
    #[inline]
    pub fn text(self) -> Cow<'a, str> {
        match self.bytes() {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes)
                    .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()),
            ),
        }
    }

    /// The number it is, if it is one.
    pub fn number(self) -> Option<f64> {
        std::str::from_utf8(self.0).ok()?.parse().ok()
    }

    /// As a size: HAR writes -1 for "not known".
    pub fn size(self) -> Option<i64> {
        self.number()
            .filter(|n| n.is_finite() && *n >= 0.0)
            .map(|n| n as i64)
    }
}

/// A name and a value (header, cookie).
pub(super) type Pair<'a> = (Raw<'a>, Raw<'a>);

/// `log.entries[*]`.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub started: Option<Raw<'a>>,
    pub time: Option<Raw<'a>>,
    pub timings: [Option<Raw<'a>>; 5],
    pub server_address: Option<Raw<'a>>,
    pub server_port: Option<Raw<'a>>,
    pub connection: Option<Raw<'a>>,
    pub app: Option<Raw<'a>>,
    /// Chrome's `_fromCache` (`memory`, `disk`) or Safari's `_fetchType` (`Memory Cache`, …).
    pub cache: Option<Raw<'a>>,
    pub request: Option<Request<'a>>,
    pub response: Option<Response<'a>>,
    pub websocket: Vec<Frame<'a>>,
}

/// `entry.request`.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub method: Option<Raw<'a>>,
    pub url: Option<Raw<'a>>,
    pub version: Option<Raw<'a>>,
    pub headers: Vec<Pair<'a>>,
    pub cookies: Vec<Pair<'a>>,
    pub headers_size: Option<Raw<'a>>,
    pub body_size: Option<Raw<'a>>,
    pub body: Content<'a>,
}

/// `entry.response`.
#[derive(Debug, Default)]
pub(super) struct Response<'a> {
    pub status: Option<Raw<'a>>,
    pub version: Option<Raw<'a>>,
    pub headers: Vec<Pair<'a>>,
    pub headers_size: Option<Raw<'a>>,
    pub body_size: Option<Raw<'a>>,
    pub error: Option<Raw<'a>>,
    pub body: Content<'a>,
}

/// `request.postData` or `response.content`.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    pub media_type: Option<Raw<'a>>,
    pub text: Option<Raw<'a>>,
    pub encoding: Option<Raw<'a>>,
    pub size: Option<Raw<'a>>,
    pub params: Vec<Param<'a>>,
}

/// `postData.params[*]`.
#[derive(Debug, Default)]
pub(super) struct Param<'a> {
    pub name: Raw<'a>,
    pub value: Raw<'a>,
    pub file_name: Option<Raw<'a>>,
    pub media_type: Option<Raw<'a>>,
}

/// One message of `_webSocketMessages`.
#[derive(Debug, Default)]
pub(super) struct Frame<'a> {
    pub kind: Option<Raw<'a>>,
    pub time: Option<Raw<'a>>,
    pub opcode: Option<Raw<'a>>,
    pub data: Raw<'a>,
    pub masked: Option<bool>,
}

type Walk<'a> = Tokenizer<'a>;

/// Read one entry from the front of `text`; returns it and where it ends. `None`: not an object.
///
/// # Errors
/// The tokenizer's; [`crate::json::ErrorKind::Truncated`] means that more text is needed.
pub(super) fn parse(text: &[u8], max_depth: u32) -> Result<Option<(Entry<'_>, usize)>, Error> {
    let mut walk = Tokenizer::new(text, max_depth);
    let first = walk.next_token()?;
    if first != Token::ObjectStart {
        return Ok(None);
    }
    let mut entry = Entry::default();
    members(&mut walk, first, |walk, key, value| {
        match key {
            b"startedDateTime" => entry.started = raw(value),
            b"time" => entry.time = raw(value),
            b"serverIPAddress" => entry.server_address = raw(value),
            b"_serverPort" => entry.server_port = raw(value),
            b"connection" | b"_connectionId" => entry.connection = entry.connection.or(raw(value)),
            b"_fromCache" | b"_fetchType" => entry.cache = entry.cache.or(raw(value)),
            b"timings" => return timings(walk, value, &mut entry.timings),
            b"request" => {
                if let Some(found) = request(walk, value)? {
                    entry.request = Some(found);
                }
                return Ok(());
            }
            b"response" => {
                if let Some(found) = response(walk, value)? {
                    entry.response = Some(found);
                }
                return Ok(());
            }
            b"_app" | b"_appId" | b"_packageName" | b"_clientBundlePath" | b"_clientName" => {
                let found = app(walk, value)?;
                entry.app = entry.app.or(found);
                return Ok(());
            }
            key if names_websocket(key) => return frames(walk, value, &mut entry.websocket),
            _ => {}
        }
        walk.skip(value)
    })?;
    Ok(Some((entry, walk.range().end)))
}

/// Call `member` for each member of the object that `first` opens (nothing if it is none). The closure
/// must take the whole value.
fn members<'a>(
    walk: &mut Walk<'a>,
    first: Token<'a>,
    mut member: impl FnMut(&mut Walk<'a>, &'a [u8], Token<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    if first != Token::ObjectStart {
        return walk.skip(first);
    }
    while let Token::Key(key) = walk.next_token()? {
        let value = walk.next_token()?;
        member(walk, key, value)?;
    }
    Ok(())
}

/// Call `item` for each item of the array that `first` opens (nothing if it is none).
fn items<'a>(
    walk: &mut Walk<'a>,
    first: Token<'a>,
    mut item: impl FnMut(&mut Walk<'a>, Token<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    if first != Token::ArrayStart {
        return walk.skip(first);
    }
    loop {
        match walk.next_token()? {
            Token::ArrayEnd => return Ok(()),
            value => item(walk, value)?,
        }
    }
}

fn raw<'a>(value: Token<'a>) -> Option<Raw<'a>> {
    match value {
        Token::String(text) | Token::Number(text) => Some(Raw(text)),
        _ => None,
    }
}

/// The parts before the first byte of the answer, in milliseconds (`ssl` is contained in `connect`).
fn timings<'a>(
    walk: &mut Walk<'a>,
    first: Token<'a>,
    out: &mut [Option<Raw<'a>>; 5],
) -> Result<(), Error> {
    members(walk, first, |walk, key, value| {
        let [blocked, dns, connect, send, wait] = &mut *out;
        match key {
            b"blocked" => *blocked = raw(value),
            b"dns" => *dns = raw(value),
            b"connect" => *connect = raw(value),
            b"send" => *send = raw(value),
            b"wait" => *wait = raw(value),
            _ => {}
        }
        walk.skip(value)
    })
}

fn request<'a>(walk: &mut Walk<'a>, first: Token<'a>) -> Result<Option<Request<'a>>, Error> {
    let mut out = Request::default();
    members(walk, first, |walk, key, value| {
        match key {
            b"method" => out.method = raw(value),
            b"url" => out.url = raw(value),
            b"httpVersion" => out.version = raw(value),
            b"headersSize" => out.headers_size = raw(value),
            b"bodySize" => out.body_size = raw(value),
            b"headers" => return pairs(walk, value, &mut out.headers),
            b"cookies" => return pairs(walk, value, &mut out.cookies),
            // `_content`: where a body that is not text is kept by HTTP Toolkit.
            b"postData" | b"_content" => return content(walk, value, &mut out.body),
            _ => {}
        }
        walk.skip(value)
    })?;
    Ok((first == Token::ObjectStart).then_some(out))
}

fn response<'a>(walk: &mut Walk<'a>, first: Token<'a>) -> Result<Option<Response<'a>>, Error> {
    let mut out = Response::default();
    members(walk, first, |walk, key, value| {
        match key {
            b"status" => out.status = raw(value),
            b"httpVersion" => out.version = raw(value),
            b"headersSize" => out.headers_size = raw(value),
            b"bodySize" => out.body_size = raw(value),
            b"_error" => out.error = raw(value),
            b"headers" => return pairs(walk, value, &mut out.headers),
            b"content" => return content(walk, value, &mut out.body),
            _ => {}
        }
        walk.skip(value)
    })?;
    Ok((first == Token::ObjectStart).then_some(out))
}

fn pairs<'a>(walk: &mut Walk<'a>, first: Token<'a>, out: &mut Vec<Pair<'a>>) -> Result<(), Error> {
    out.reserve(16);
    items(walk, first, |walk, item| {
        let mut pair = (Raw::default(), Raw::default());
        members(walk, item, |walk, key, value| {
            match key {
                b"name" => pair.0 = raw(value).unwrap_or_default(),
                b"value" => pair.1 = raw(value).unwrap_or_default(),
                _ => {}
            }
            walk.skip(value)
        })?;
        if !pair.0.0.is_empty() {
            out.push(pair);
        }
        Ok(())
    })
}

fn content<'a>(walk: &mut Walk<'a>, first: Token<'a>, out: &mut Content<'a>) -> Result<(), Error> {
    members(walk, first, |walk, key, value| {
        match key {
            b"mimeType" => out.media_type = raw(value),
            b"text" => out.text = raw(value),
            b"encoding" | b"_encoding" => out.encoding = raw(value),
            b"size" => out.size = raw(value),
            b"params" => return params(walk, value, &mut out.params),
            _ => {}
        }
        walk.skip(value)
    })
}

fn params<'a>(
    walk: &mut Walk<'a>,
    first: Token<'a>,
    out: &mut Vec<Param<'a>>,
) -> Result<(), Error> {
    items(walk, first, |walk, item| {
        let mut param = Param::default();
        members(walk, item, |walk, key, value| {
            match key {
                b"name" => param.name = raw(value).unwrap_or_default(),
                b"value" => param.value = raw(value).unwrap_or_default(),
                b"fileName" => param.file_name = raw(value),
                b"contentType" => param.media_type = raw(value),
                _ => {}
            }
            walk.skip(value)
        })?;
        out.push(param);
        Ok(())
    })
}

/// An app as a string, or as an object that names it.
fn app<'a>(walk: &mut Walk<'a>, first: Token<'a>) -> Result<Option<Raw<'a>>, Error> {
    if first != Token::ObjectStart {
        walk.skip(first)?;
        return Ok(raw(first));
    }
    let (mut id, mut name) = (None, None);
    members(walk, first, |walk, key, value| {
        match key {
            b"id" | b"package" | b"packageName" | b"bundleId" => id = id.or(raw(value)),
            b"name" => name = raw(value),
            _ => {}
        }
        walk.skip(value)
    })?;
    Ok(id.or(name))
}

fn names_websocket(key: &[u8]) -> bool {
    key.strip_prefix(b"_")
        .unwrap_or(key)
        .eq_ignore_ascii_case(b"webSocketMessages")
}

fn frames<'a>(
    walk: &mut Walk<'a>,
    first: Token<'a>,
    out: &mut Vec<Frame<'a>>,
) -> Result<(), Error> {
    items(walk, first, |walk, item| {
        let mut frame = Frame::default();
        members(walk, item, |walk, key, value| {
            match key {
                b"type" | b"direction" => frame.kind = raw(value).or(frame.kind),
                b"time" | b"timestamp" | b"timeStamp" => frame.time = raw(value),
                b"opcode" | b"opCode" => frame.opcode = raw(value),
                b"data" | b"payload" | b"payloadData" => {
                    frame.data = raw(value).unwrap_or_default()
                }
                b"mask" | b"maskBit" => {
                    frame.masked = if let Token::Bool(b) = value {
                        Some(b)
                    } else {
                        None
                    }
                }
                _ => {}
            }
            walk.skip(value)
        })?;
        if item == Token::ObjectStart {
            out.push(frame);
        }
        Ok(())
    })
}
