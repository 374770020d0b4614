//! From one flow to messages and a connection.

use hashbrown::HashMap;

use super::flow::{Flow, headers, url, version};
use super::tnet::Element;
use crate::har::address::{server, target};
use crate::har::notes::{Notes, Place};
use crate::model::{
    Connection, Direction, Header, Limits, Message, Name, Sink, Stopped, Transport,
};
use crate::protocol::dns::kind_name;

/// What all messages of a flow share.
struct Shared {
    place: Place,
    connection: i64,
    /// By which the connection is found.
    key: String,
    client: Option<(String, u16)>,
    server: Option<(String, u16)>,
    host: Option<String>,
    url: Option<String>,
    transport: Transport,
}

impl Shared {
    fn message<'a>(&'a self, id: i64, protocol: &'a str, direction: Direction) -> Message<'a> {
        Message {
            id,
            connection: Some(self.connection),
            answers: None,
            protocol,
            direction,
            time: None,
            app: None,
            host: self.host.as_deref(),
            client: self.client.as_ref().map(|(a, p)| (a.as_str(), *p)),
            server: self.server.as_ref().map(|(a, p)| (a.as_str(), *p)),
            method: None,
            url: self.url.as_deref(),
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

type Map<V> = HashMap<String, V, foldhash::quality::RandomState>;

/// Turns flows into messages.
pub(super) struct Emitter<'s> {
    pub sink: &'s mut dyn Sink,
    pub notes: Notes,
    limits: &'s Limits,
    open: Map<Connection>,
    /// URLs of WebSocket handshakes by the id of their flow, for the flows of messages before version 12.
    handshakes: Map<String>,
    messages: i64,
    connections: i64,
}

impl<'s> Emitter<'s> {
    pub fn new(sink: &'s mut dyn Sink, limits: &'s Limits) -> Self {
        Emitter {
            sink,
            notes: Notes::default(),
            limits,
            open: Map::default(),
            handshakes: Map::default(),
            messages: 0,
            connections: 0,
        }
    }

    /// Messages and connections so far.
    pub fn counts(&self) -> (i64, i64) {
        (self.messages, self.connections)
    }

    /// All messages of one flow.
    pub fn flow(&mut self, flow: &Flow<'_>, place: Place) -> Result<(), Stopped> {
        let kind = flow.kind();
        if let Some(error) = flow.error()
            && flow.0.get("response").is_none()
        {
            let text = match error.contains("killed") {
                true => {
                    "a flow was stopped at the proxy; whether it reached the server is not told"
                }
                false => "a flow ended with an error; no answer is recorded",
            };
            self.notes.problem("unanswered", text, place);
        }
        match kind.as_ref() {
            "http" => self.http(flow, place),
            "websocket" => self.old_websocket(flow, place),
            "tcp" | "udp" => {
                let protocol = if kind == "tcp" { "tcp" } else { "udp" };
                let shared = self.shared(flow, None, None, place)?;
                self.exchanged(flow.0.get("messages"), &shared, protocol, 0)
            }
            "dns" => self.dns(flow, place),
            _ => {
                let text = "a flow of a kind that is not known; it is left out";
                self.notes.problem("unsupported", text, place);
                Ok(())
            }
        }
    }

    fn http(&mut self, flow: &Flow<'_>, place: Place) -> Result<(), Stopped> {
        let Some(request) = flow.0.get("request") else {
            let text = "an HTTP flow without a request; it is left out";
            self.notes.problem("malformed", text, place);
            return Ok(());
        };
        let fields = headers(request);
        let url = url(request, &fields);
        let handshake = flow.0.get("metadata").and_then(|m| m.get("websocket"));
        if let Some(id) = flow.id().filter(|_| handshake.is_some()) {
            self.remember(id.into_owned(), url.clone(), place);
        }
        let shared = self.shared(flow, Some("http"), Some(url), place)?;
        let protocol = version(request);
        let method = request.get("method").and_then(Element::text);
        let base = Message {
            method: method.as_deref(),
            ..shared.message(0, protocol, Direction::Up)
        };
        let asked = self.content(request, &fields, base, &shared)?;
        let Some(response) = flow.0.get("response") else {
            return Ok(());
        };
        let fields = headers(response);
        let status = response.any(&["status_code", "code"]);
        let base = Message {
            answers: Some(asked),
            status: status.and_then(Element::integer),
            ..shared.message(0, version(response), Direction::Down)
        };
        self.content(response, &fields, base, &shared)?;
        let frames = flow.0.get("websocket").and_then(|w| w.get("messages"));
        self.exchanged(frames, &shared, "websocket", 1)
    }

    /// One HTTP message, with its body as it was on the wire (content coding still on).
    fn content(
        &mut self,
        element: Element<'_>,
        fields: &[Header<'_>],
        base: Message<'_>,
        shared: &Shared,
    ) -> Result<i64, Stopped> {
        let place = shared.place;
        let body = element.any(&["content", "body"]).and_then(Element::bytes);
        let left_out = ["content", "body"]
            .iter()
            .any(|name| element.member(name).is_some_and(Element::is_null));
        let declared = fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(b"content-length"))
            .and_then(|(_, value)| std::str::from_utf8(value).ok()?.trim().parse().ok())
            .filter(|n: &i64| *n >= 0);
        let (body, cut) = self.cut(body.unwrap_or_default(), place);
        let unrecorded: i64 = declared.filter(|_| left_out).unwrap_or_default();
        let missing = unrecorded.saturating_add(cut);
        let id = self.take_id();
        self.count(&shared.key, base.direction, body.len());
        self.sink.message(&Message {
            id,
            time: element.get("timestamp_start").and_then(Element::time),
            headers: fields,
            body,
            complete: cut == 0 && !left_out,
            missing,
            ..base
        })?;
        Ok(id)
    }

    /// WebSocket messages, or the data of a TCP or UDP flow: `[type,] from client, data, time, …`.
    fn exchanged(
        &mut self,
        list: Option<Element<'_>>,
        shared: &Shared,
        protocol: &'static str,
        skip: usize,
    ) -> Result<(), Stopped> {
        for item in list.into_iter().flat_map(Element::items) {
            let mut parts = item.items().skip(skip);
            let from_client = parts.next().and_then(Element::truth);
            let data = parts.next().and_then(Element::bytes);
            let (Some(from_client), Some(data)) = (from_client, data) else {
                let text = "a message of a flow is not as the format says; it is left out";
                self.notes.problem("malformed", text, shared.place);
                continue;
            };
            let direction = match from_client {
                true => Direction::Up,
                false => Direction::Down,
            };
            let (body, cut) = self.cut(data, shared.place);
            let id = self.take_id();
            self.count(&shared.key, direction, body.len());
            self.sink.message(&Message {
                time: parts.next().and_then(Element::time),
                body,
                complete: cut == 0,
                missing: cut,
                ..shared.message(id, protocol, direction)
            })?;
        }
        Ok(())
    }

    /// Messages of a WebSocket before version 12: a flow of their own that names its handshake.
    fn old_websocket(&mut self, flow: &Flow<'_>, place: Place) -> Result<(), Stopped> {
        let named = flow
            .0
            .get("metadata")
            .and_then(|m| m.get("websocket_handshake"));
        let id = named.or_else(|| flow.0.get("handshake_flow")?.get("id"));
        let url = id
            .and_then(Element::text)
            .and_then(|id| self.handshakes.get(id.as_ref()).cloned());
        let shared = self.shared(flow, Some("http"), url, place)?;
        self.exchanged(flow.0.get("messages"), &shared, "websocket", 1)
    }

    fn dns(&mut self, flow: &Flow<'_>, place: Place) -> Result<(), Stopped> {
        let mut asked = None;
        let mut shared = None;
        for (part, direction) in [("request", Direction::Up), ("response", Direction::Down)] {
            let Some(message) = flow.0.get(part) else {
                continue;
            };
            let question = message.get("questions").and_then(|q| q.items().next());
            let name = question.and_then(|q| q.get("name")).and_then(Element::text);
            let name = name.map(|n| n.trim_end_matches('.').to_ascii_lowercase());
            let kind = question
                .and_then(|q| q.get("type")?.integer())
                .and_then(|n| u16::try_from(n).ok())
                .map(kind_name);
            if shared.is_none() {
                let url = name.as_ref().map(|n| format!("dns:{n}"));
                let mut new = self.shared(flow, Some("dns"), url, place)?;
                // Who was asked is the name server, not the name.
                new.host = None;
                shared = Some(new);
            }
            let Some(shared) = &shared else { continue };
            let id = self.take_id();
            let code = message.get("response_code").and_then(Element::integer);
            let down = direction == Direction::Down;
            self.sink.message(&Message {
                answers: asked.filter(|_| down),
                time: message.get("timestamp").and_then(Element::time),
                method: kind.as_deref(),
                status: code.filter(|_| down),
                ..shared.message(id, "dns", direction)
            })?;
            asked = asked.or(Some(id));
            if let (true, Some(name)) = (down, &name) {
                self.names(message, name, id)?;
            }
        }
        Ok(())
    }

    /// Addresses in a DNS answer.
    fn names(&mut self, message: Element<'_>, name: &str, id: i64) -> Result<(), Stopped> {
        let mut canonical: Option<String> = None;
        for record in message.get("answers").into_iter().flat_map(Element::items) {
            let owner = record.get("name").and_then(Element::text);
            let owner = owner.map(|n| n.trim_end_matches('.').to_ascii_lowercase());
            canonical = owner.filter(|o| o != name).or(canonical);
            let data = record
                .get("data")
                .and_then(Element::bytes)
                .unwrap_or_default();
            let kind = record.get("type").and_then(Element::integer);
            let address = match kind {
                Some(1) => <[u8; 4]>::try_from(data).ok().map(std::net::IpAddr::from),
                Some(28) => <[u8; 16]>::try_from(data).ok().map(std::net::IpAddr::from),
                _ => None,
            };
            if let Some(address) = address {
                self.sink.name(&Name {
                    name,
                    canonical: canonical.as_deref(),
                    address: &address.to_string(),
                    message: id,
                })?;
            }
        }
        Ok(())
    }

    fn shared(
        &mut self,
        flow: &Flow<'_>,
        application: Option<&'static str>,
        url: Option<String>,
        place: Place,
    ) -> Result<Shared, Stopped> {
        let owned = |a: super::flow::Address<'_>| (a.0.into_owned(), a.1);
        let client = flow.client_address().map(owned);
        let server_at = flow.server_address().map(owned);
        let named = flow
            .server_name()
            .filter(|(host, _)| server(host).is_none());
        let named = named.map(|(host, _)| host.to_ascii_lowercase());
        let asked = url
            .as_deref()
            .filter(|_| application != Some("dns"))
            .and_then(|u| target(u).host.map(|h| h.into_owned()));
        let sni = flow.sni();
        let host = asked.or_else(|| sni.clone()).or_else(|| named.clone());
        let transport = flow.transport();
        let key = flow.connection_key();
        let key = key.unwrap_or_else(|| format!("flow {}", place.entry));
        if !self.open.contains_key(&key) && self.open.len() >= self.limits.open_connections as usize
        {
            let limit = u64::from(self.limits.open_connections);
            self.notes.limit("open connections", limit, place);
            self.flush()?;
        }
        let next = &mut self.connections;
        let connection = self.open.entry_ref(key.as_str()).or_insert_with(|| {
            let id = *next;
            *next += 1;
            Connection {
                id,
                protocol: if flow.over_udp() { "udp" } else { "tcp" },
                application,
                client: client.clone().unwrap_or_default(),
                server: server_at.clone().unwrap_or_default(),
                first: flow.opened_at().unwrap_or_default(),
                last: flow.opened_at().unwrap_or_default(),
                sni: sni.filter(|_| transport == Transport::Tls),
                alpn: flow.alpn(),
                tls_version: flow.tls_version(),
                transport: transport.as_str(),
                opened: true,
                frame: place.entry,
                host: named,
                ..Connection::default()
            }
        });
        connection.last = connection.last.max(flow.closed_at().unwrap_or_default());
        Ok(Shared {
            place,
            connection: connection.id,
            key,
            client,
            server: server_at,
            host,
            url,
            transport,
        })
    }

    fn remember(&mut self, id: String, url: String, place: Place) {
        if self.handshakes.len() >= self.limits.open_connections as usize {
            let limit = u64::from(self.limits.open_connections);
            self.notes.limit("open handshakes", limit, place);
            self.handshakes.clear();
        }
        self.handshakes.insert(id, url);
    }

    /// Add a body to the bytes of a connection.
    fn count(&mut self, key: &str, direction: Direction, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        if let Some(known) = self.open.get_mut(key) {
            let sum = match direction {
                Direction::Up => &mut known.bytes_up,
                Direction::Down => &mut known.bytes_down,
            };
            *sum = sum.saturating_add(bytes);
        }
    }

    /// The body within the limit, and how many bytes that cost.
    fn cut<'b>(&mut self, body: &'b [u8], place: Place) -> (&'b [u8], i64) {
        let limit = usize::try_from(self.limits.body_bytes).unwrap_or(usize::MAX);
        match body.get(..limit) {
            Some(kept) if kept.len() < body.len() => {
                self.notes
                    .limit("body bytes", self.limits.body_bytes, place);
                (kept, (body.len() - kept.len()) as i64)
            }
            _ => (body, 0),
        }
    }

    fn take_id(&mut self) -> i64 {
        let id = self.messages;
        self.messages += 1;
        id
    }

    fn flush(&mut self) -> Result<(), Stopped> {
        let mut all: Vec<Connection> = self.open.drain().map(|(_, c)| c).collect();
        all.sort_unstable_by_key(|c| c.id);
        all.iter().try_for_each(|c| self.sink.connection(c))
    }

    /// Hand over what is still held.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        self.flush()?;
        self.notes.flush(self.sink)
    }
}
