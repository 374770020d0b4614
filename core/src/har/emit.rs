//! From one HAR entry to messages: the request, the answer, and the WebSocket messages after it.

use std::borrow::Cow;

use super::address::{self, Target};
use super::body::{self, Body};
use super::connections::{Connections, Used};
use super::entry::{Content, Entry, Request, Response};
use super::headers::{absolute, cookie_header, find, headers};
use super::notes::{Notes, Place};
use super::{sized, time};
use crate::model::{Direction, Header, Limits, Message, Sink, Stopped, Transport};

/// Chrome's names for requests that ended before anything was sent (`net/base/net_error_list.h`).
const NEVER_SENT: [&[u8]; 5] = [
    b"net::ERR_BLOCKED_BY_CLIENT",
    b"net::ERR_BLOCKED_BY_ADMINISTRATOR",
    b"net::ERR_BLOCKED_BY_CSP",
    b"net::ERR_INTERNET_DISCONNECTED",
    b"net::ERR_NAME_NOT_RESOLVED",
];

/// Protocol word of messages that never travelled: answered inside the browser, or blocked there.
pub const LOCAL: &str = "local";

/// What all messages of one entry share.
pub(super) struct Shared<'a> {
    pub place: Place,
    pub url: Option<&'a str>,
    pub host: Option<&'a str>,
    pub server: Option<(&'a str, u16)>,
    pub transport: Transport,
    pub app: Option<&'a str>,
    pub connection: Option<i64>,
}

impl<'a> Shared<'a> {
    /// A message with what the entry tells about all of them.
    pub fn message(&self, id: i64, direction: Direction) -> Message<'a> {
        Message {
            id,
            connection: self.connection,
            answers: None,
            protocol: "http",
            direction,
            time: None,
            app: self.app,
            host: self.host,
            client: None,
            server: self.server,
            method: None,
            url: self.url,
            status: None,
            headers: &[],
            body: &[],
            transport: self.transport,
            complete: true,
            missing: 0,
            frame: self.place.entry,
            offset: i64::try_from(self.place.offset).unwrap_or(i64::MAX),
            length: i64::try_from(self.place.length).unwrap_or(i64::MAX),
        }
    }
}

/// Turns entries into messages.
pub(super) struct Emitter<'s> {
    pub sink: &'s mut dyn Sink,
    pub limits: &'s Limits,
    pub notes: Notes,
    pub connections: Connections,
    /// Id of the next message.
    pub next: i64,
}

impl Emitter<'_> {
    /// All messages of one entry.
    pub fn entry(&mut self, entry: &Entry<'_>, place: Place) -> Result<(), Stopped> {
        if entry.request.is_none() {
            self.notes.problem(
                "malformed",
                "an entry has no request; only its answer is read",
                place,
            );
        }
        let nothing = Request::default();
        let request = entry.request.as_ref().unwrap_or(&nothing);
        let mut url = request.url.map(|u| u.text()).unwrap_or_default();
        if !url.contains(':') || url.starts_with('/') {
            url = Cow::Owned(absolute(&url, &request.headers));
        }
        let Target {
            host,
            port,
            transport,
            local,
        } = address::target(&url);
        let status = entry
            .response
            .as_ref()
            .and_then(|r| r.status?.number())
            .map_or(0, |n| n as i64);
        let local = local || self.never_travelled(entry, status, place);
        let version = request
            .version
            .or(entry.response.as_ref().and_then(|r| r.version))
            .unwrap_or_default();
        let protocol = if local {
            LOCAL
        } else {
            address::protocol(version.0)
        };
        let time = entry
            .started
            .and_then(|t| time::iso8601(&t.bytes()).or_else(|| time::epoch(t.number()?)));
        let app = entry.app.map(|a| a.text()).filter(|a| !a.is_empty());
        let address = entry.server_address.map(|a| a.text()).unwrap_or_default();
        let server = address::server(&address).filter(|_| !local).map(|address| {
            let named = entry.server_port.and_then(|p| p.text().parse().ok());
            (address, named.unwrap_or(port))
        });
        let mut shared = Shared {
            place,
            url: (!url.is_empty()).then_some(url.as_ref()),
            host: host.as_deref(),
            server,
            transport: if local { Transport::Unknown } else { transport },
            app: app.as_deref(),
            connection: None,
        };
        if let Some((address, port)) = server {
            let name = entry.connection.unwrap_or_default().0;
            let host = shared.host.unwrap_or_default();
            let used = Used {
                address,
                port,
                name,
                host,
                transport,
                protocol,
                time,
                app: shared.app,
            };
            let most = self.limits.open_connections;
            shared.connection =
                Some(
                    self.connections
                        .id(&used, place, most, &mut self.notes, self.sink)?,
                );
        }
        let asked = match &entry.request {
            Some(request) => Some(self.request(request, &shared, protocol, time)?),
            None => None,
        };
        if let Some(response) = &entry.response
            && (status > 0 || response.body.text.is_some_and(|t| !t.0.is_empty()))
        {
            let waited = waited(entry).unwrap_or_default();
            let time = time.and_then(|t| t.checked_add(waited));
            self.response(response, status, asked, &shared, protocol, time)?;
        }
        if !entry.websocket.is_empty() {
            self.websocket(&entry.websocket, &shared)?;
        }
        Ok(())
    }

    /// True where the file itself says that nothing left the device for this entry.
    fn never_travelled(&mut self, entry: &Entry<'_>, status: i64, place: Place) -> bool {
        let cached = entry.cache.is_some_and(|c| {
            let word = c.0.to_ascii_lowercase();
            [&b"memory"[..], b"disk", b"prefetch"]
                .iter()
                .any(|w| word.starts_with(w))
        });
        if cached {
            let text = "answered from the browser's cache; nothing was sent (protocol `local`)";
            self.notes.problem("local", text, place);
            return true;
        }
        if status > 0 || entry.response.is_none() {
            return false;
        }
        let error = entry
            .response
            .as_ref()
            .and_then(|r| r.error)
            .unwrap_or_default();
        if NEVER_SENT.contains(&error.0) {
            let text = "blocked or offline before anything was sent (protocol `local`)";
            self.notes.problem("local", text, place);
            return true;
        }
        let text =
            "status 0: no answer is recorded; whether the request reached the server is not told";
        self.notes.problem("unanswered", text, place);
        false
    }

    fn request(
        &mut self,
        request: &Request<'_>,
        shared: &Shared<'_>,
        protocol: &str,
        time: Option<i64>,
    ) -> Result<i64, Stopped> {
        let mut headers = headers(&request.headers);
        if !request.cookies.is_empty() && find(&headers, b"cookie").is_none() {
            headers.push((
                Cow::Borrowed(b"Cookie"),
                Cow::Owned(cookie_header(&request.cookies)),
            ));
        }
        let (body, missing) = self.body(
            &request.body,
            &headers,
            request.body_size.and_then(|s| s.size()),
            shared,
        );
        if let Some(content_type) = body.content_type {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case(b"content-type"));
            headers.push((
                Cow::Borrowed(b"Content-Type"),
                Cow::Owned(content_type.into_bytes()),
            ));
        }
        let method = request.method.map(|m| m.text());
        let id = self.take_id();
        let (bytes, cut) = self.cut(&body.bytes, shared.place);
        self.sink.message(&Message {
            protocol,
            time,
            method: method.as_deref(),
            headers: &headers,
            body: bytes,
            complete: missing + cut == 0,
            missing: missing + cut,
            ..shared.message(id, Direction::Up)
        })?;
        if shared.connection.is_some() {
            let known = |size: Option<super::entry::Raw<'_>>| size.and_then(|s| s.size());
            let size = known(request.headers_size)
                .unwrap_or_default()
                .saturating_add(known(request.body_size).unwrap_or(body.bytes.len() as i64));
            self.connections.add(size, 0, missing);
        }
        Ok(id)
    }

    fn response(
        &mut self,
        response: &Response<'_>,
        status: i64,
        answers: Option<i64>,
        shared: &Shared<'_>,
        protocol: &str,
        time: Option<i64>,
    ) -> Result<(), Stopped> {
        let headers = headers(&response.headers);
        let length = match self.sink.wants_answers() {
            true => None,
            false => sized::length(&response.body),
        };
        // Answers are kept content-decoded, so only HAR's own size tells of a body that was left out.
        let body = match length {
            Some(_) => Body::default(),
            None => self.body(&response.body, &[], None, shared).0,
        };
        let bytes = length.unwrap_or(body.bytes.len());
        let size = response
            .body
            .size
            .and_then(|s| s.size())
            .unwrap_or_default();
        let missing = if bytes == 0 { size } else { 0 };
        let id = self.take_id();
        let (kept, cut) = self.kept(bytes, shared.place);
        let message = Message {
            answers,
            protocol,
            time,
            status: (status > 0).then_some(status),
            headers: &headers,
            body: body.bytes.get(..kept).unwrap_or_default(),
            complete: missing.saturating_add(cut) == 0,
            missing: missing.saturating_add(cut),
            ..shared.message(id, Direction::Down)
        };
        match length {
            Some(_) => self.sink.sized(&message, kept as i64)?,
            None => self.sink.message(&message)?,
        }
        if shared.connection.is_some() {
            let head = response
                .headers_size
                .and_then(|s| s.size())
                .unwrap_or_default();
            let body = response
                .body_size
                .and_then(|s| s.size())
                .unwrap_or(bytes as i64);
            self.connections.add(0, head.saturating_add(body), missing);
        }
        Ok(())
    }

    /// The body and the bytes of it that the file left out.
    fn body<'a>(
        &mut self,
        content: &Content<'a>,
        headers: &[Header<'_>],
        recorded: Option<i64>,
        shared: &Shared<'_>,
    ) -> (Body<'a>, i64) {
        let length = find(headers, b"content-length")
            .and_then(|v| std::str::from_utf8(v).ok()?.trim().parse().ok());
        let body = body::body(content, find(headers, b"content-type"), length);
        if body.broken_base64 {
            let text = "a body is declared as base64 but is not; its text is kept as it stands";
            self.notes.problem("malformed", text, shared.place);
        }
        if body.rebuilt {
            let text = "only the fields of a form were kept; its body is rebuilt from them";
            self.notes.problem("rebuilt", text, shared.place);
        }
        let declared = length
            .and_then(|n: u64| i64::try_from(n).ok())
            .or(recorded)
            .unwrap_or_default();
        let got = body.bytes.len() as i64;
        // With a content coding the declared length is that of the coded body, which may not be what is kept.
        let comparable =
            !body.rebuilt && (got == 0 || find(headers, b"content-encoding").is_none());
        let missing = if comparable && got < declared && length.is_some() | (got == 0) {
            declared - got
        } else {
            0
        };
        (body, missing)
    }

    /// The body within the limit, and how many bytes that cost.
    pub fn cut<'b>(&mut self, body: &'b [u8], place: Place) -> (&'b [u8], i64) {
        let (kept, cut) = self.kept(body.len(), place);
        (body.get(..kept).unwrap_or_default(), cut)
    }

    /// How many bytes of a body are within the limit, and how many are not.
    fn kept(&mut self, bytes: usize, place: Place) -> (usize, i64) {
        let limit = usize::try_from(self.limits.body_bytes).unwrap_or(usize::MAX);
        if bytes > limit {
            self.notes
                .limit("body bytes", self.limits.body_bytes, place);
        }
        (bytes.min(limit), bytes.saturating_sub(limit) as i64)
    }

    /// Id for the next message.
    pub fn take_id(&mut self) -> i64 {
        let id = self.next;
        self.next += 1;
        id
    }
}

/// Microseconds from the start of the entry to the first byte of its answer.
fn waited(entry: &Entry<'_>) -> Option<i64> {
    let [.., wait] = entry.timings;
    let positive = |raw: super::entry::Raw<'_>| raw.number().filter(|n| *n > 0.0 && *n < 1e12);
    let millis = match wait.and_then(|w| w.number()).filter(|n| *n >= 0.0) {
        Some(_) => entry
            .timings
            .iter()
            .flatten()
            .filter_map(|raw| positive(*raw))
            .sum(),
        None => positive(entry.time?)?,
    };
    Some((millis * 1000.0) as i64)
}
