//! What all versions of the flow format say of a flow, by whatever names they say it.
//!
//! Versions 0.10 to 0.19, 1 to 3 and 4 to 21 differ in names and nesting (mitmproxy `io/compat.py` lists the
//! changes). Instead of upgrading step by step, each question here knows all names the answer has had.

use std::borrow::Cow;

use super::tnet::Element;
use crate::har::address::server;
use crate::model::{Header, Transport};

/// A flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow<'a>(pub Element<'a>);

/// A host and a port.
pub(super) type Address<'a> = (Cow<'a, str>, u16);

impl<'a> Flow<'a> {
    /// `http`, `websocket`, `tcp`, `udp`, `dns`. The oldest files do not say, since there was only HTTP.
    pub fn kind(&self) -> Cow<'a, str> {
        self.0
            .get("type")
            .and_then(Element::text)
            .unwrap_or("http".into())
    }

    /// Id of the flow.
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.0.get("id")?.text()
    }

    /// What the client spoke on. Before 0.11 it lay in the request.
    fn client(&self) -> Option<Element<'a>> {
        self.0
            .get("client_conn")
            .or_else(|| self.0.get("request")?.get("client_conn"))
    }

    fn server(&self) -> Option<Element<'a>> {
        self.0.get("server_conn")
    }

    /// The client.
    pub fn client_address(&self) -> Option<Address<'a>> {
        address(self.client()?.any(&["peername", "address"])?)
    }

    /// Name and port of the server as the proxy was told it.
    pub fn server_name(&self) -> Option<Address<'a>> {
        address(self.server()?.get("address")?)
    }

    /// Address and port of the server, if the proxy looked it up or was told an address.
    pub fn server_address(&self) -> Option<Address<'a>> {
        let looked_up = self
            .server()
            .and_then(|s| s.any(&["peername", "ip_address", "peer_address"]))
            .and_then(address);
        looked_up
            .or_else(|| self.server_name())
            .filter(|(host, _)| server(host).is_some())
    }

    /// A text that is the same for all flows on one connection to a server.
    pub fn connection_key(&self) -> Option<String> {
        let server = self.server()?;
        if let Some(id) = server.get("id").and_then(Element::text) {
            return Some(id.into_owned());
        }
        let started = server.get("timestamp_start")?.number()?;
        let source = address(server.any(&["sockname", "source_address"])?)?;
        Some(format!("{started} {} {}", source.0, source.1))
    }

    /// When the connection to the server, or else that of the client, was made.
    pub fn opened_at(&self) -> Option<i64> {
        let start = |e: Element<'a>| e.get("timestamp_start").and_then(Element::time);
        self.server()
            .and_then(start)
            .or_else(|| self.client().and_then(start))
    }

    /// When it was closed.
    pub fn closed_at(&self) -> Option<i64> {
        self.server()?.get("timestamp_end")?.time()
    }

    /// How the messages travelled to the server.
    pub fn transport(&self) -> Transport {
        let names = ["tls", "tls_established", "ssl_established"];
        let established = |e: Option<Element<'a>>| e?.any(&names)?.truth();
        let scheme = self
            .0
            .get("request")
            .and_then(|r| r.get("scheme"))
            .and_then(Element::bytes);
        match (established(self.server()), scheme) {
            (Some(true), _) | (_, Some(b"https" | b"wss")) => Transport::Tls,
            (Some(false), _) | (_, Some(b"http" | b"ws")) => Transport::Clear,
            _ => match established(self.client()) {
                Some(true) => Transport::Tls,
                Some(false) => Transport::Clear,
                None => Transport::Unknown,
            },
        }
    }

    /// Server name of the TLS hello: of the proxy's connection, else of the client's.
    pub fn sni(&self) -> Option<String> {
        let sni = |e: Option<Element<'a>>| {
            let name = e?.get("sni")?.text()?.to_ascii_lowercase();
            (!name.is_empty()).then_some(name)
        };
        sni(self.server()).or_else(|| sni(self.client()))
    }

    /// Protocols the client offered; where only the outcome is known, that.
    pub fn alpn(&self) -> Vec<String> {
        let Some(client) = self.client() else {
            return Vec::new();
        };
        let offered = client.get("alpn_offers").map(Element::items);
        let mut all: Vec<String> = offered
            .into_iter()
            .flatten()
            .filter_map(|e| Some(e.text()?.into_owned()))
            .take(32)
            .collect();
        if all.is_empty() {
            let chosen = client.any(&["alpn", "alpn_proto_negotiated"]);
            all.extend(chosen.and_then(|e| Some(e.text()?.into_owned())));
        }
        all
    }

    /// TLS version of the connection to the server; QUIC is TLS 1.3 (RFC 9001).
    pub fn tls_version(&self) -> Option<&'static str> {
        match self.server()?.get("tls_version")?.bytes()? {
            b"TLSv1" | b"TLSv1.0" => Some("1.0"),
            b"TLSv1.1" => Some("1.1"),
            b"TLSv1.2" => Some("1.2"),
            b"TLSv1.3" | b"QUIC" | b"QUICv1" | b"QUICv2" => Some("1.3"),
            _ => None,
        }
    }

    /// True if the server was spoken to over UDP (QUIC, DNS, datagrams).
    pub fn over_udp(&self) -> bool {
        let told = self.server().and_then(|s| s.get("transport_protocol"));
        match told.and_then(Element::bytes) {
            Some(word) => word == b"udp",
            None => matches!(self.kind().as_ref(), "udp" | "dns"),
        }
    }

    /// What went wrong, if something did.
    pub fn error(&self) -> Option<Cow<'a, str>> {
        self.0.get("error")?.get("msg")?.text()
    }
}

/// `[host, port, …]`, or before version 2 a dictionary with that list in `address`.
fn address(element: Element<'_>) -> Option<Address<'_>> {
    let list = element.get("address").unwrap_or(element);
    let mut items = list.items();
    let host = items.next()?.text()?;
    let port = items.next().and_then(Element::integer).unwrap_or_default();
    let host = match host {
        // A socket for both IP versions writes IPv4 like this (RFC 4291 section 2.5.5.2).
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix("::ffff:").unwrap_or(text)),
        owned => owned,
    };
    (!host.is_empty()).then(|| (host, u16::try_from(port).unwrap_or_default()))
}

/// Header fields of a message, and its trailer fields after them (RFC 9110 section 6.5).
pub(super) fn headers(message: Element<'_>) -> Vec<Header<'_>> {
    let lists = ["headers", "trailers"].map(|name| message.get(name));
    let pairs = lists.into_iter().flatten().flat_map(Element::items);
    pairs
        .filter_map(|pair| {
            let mut items = pair.items();
            let (name, value) = (items.next()?.bytes()?, items.next()?.bytes()?);
            // Pseudo-header fields are not header fields (RFC 9113 section 8.3).
            (name.first() != Some(&b':')).then_some((name.into(), value.into()))
        })
        .collect()
}

/// The word for the version of HTTP.
pub(super) fn version(message: Element<'_>) -> &'static str {
    if let Some(text) = message.get("http_version").and_then(Element::bytes) {
        return crate::har::address::protocol(text);
    }
    let mut numbers = message
        .get("httpversion")
        .into_iter()
        .flat_map(Element::items);
    let mut next = || numbers.next().and_then(Element::integer);
    match (next(), next()) {
        (Some(1), Some(0)) => "http/1.0",
        (Some(1), _) => "http/1.1",
        (Some(2), _) => "http/2",
        (Some(3), _) => "http/3",
        _ => "http",
    }
}

/// The absolute URL of a request, with the name the client asked for where it told one.
pub(super) fn url(request: Element<'_>, headers: &[Header<'_>]) -> String {
    let text = |name| {
        request
            .get(name)
            .and_then(Element::text)
            .unwrap_or_default()
    };
    let (scheme, path) = (text("scheme"), text("path"));
    let port = request
        .get("port")
        .and_then(Element::integer)
        .unwrap_or_default();
    let standard = match scheme.as_ref() {
        "https" | "wss" => 443,
        "http" | "ws" => 80,
        _ => 0,
    };
    let named = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(b"host"))
        .map(|(_, value)| String::from_utf8_lossy(value));
    let authority = Some(text("authority")).filter(|a| !a.is_empty());
    let is_connect = text("method").eq_ignore_ascii_case("connect");
    let host = match authority.or(named.filter(|n| !n.is_empty() && !is_connect)) {
        Some(named) => match named.rsplit_once(':') {
            Some((host, digits)) if digits.parse() == Ok(standard) => host.to_owned(),
            _ => named.into_owned(),
        },
        None => {
            let host = text("host");
            let host = match host.contains(':') && !host.starts_with('[') {
                true => format!("[{host}]"),
                false => host.into_owned(),
            };
            match port {
                0 => host,
                port if port == standard && !is_connect => host,
                port => format!("{host}:{port}"),
            }
        }
    };
    if is_connect || scheme.is_empty() {
        return format!("//{host}{path}");
    }
    format!("{scheme}://{host}{path}")
}
