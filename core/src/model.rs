//! The words every stage of the core speaks: messages, connections, problems and limits.
//!
//! A source turns bytes into [`Message`]s and [`Connection`]s and hands them to a [`Sink`]. Borrowed
//! slices keep the path from a packet to the table free of copies.

use std::borrow::Cow;

/// Which way a message went, seen from the client (the phone).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the server: a request, a query, an upload.
    Up,
    /// From the server to the client.
    Down,
}

impl Direction {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

/// How the message travelled. It says nothing about disguises inside the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Readable by anyone on the path.
    Clear,
    /// Inside TLS (and opened by whoever made the capture, or by us).
    Tls,
    /// Not told by the evidence.
    Unknown,
}

impl Transport {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Transport::Clear => "clear",
            Transport::Tls => "tls",
            Transport::Unknown => "unknown",
        }
    }
}

/// One header field, name and value as bytes (RFC 9110 section 5).
pub type Header<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// One application-layer unit in one direction.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Ordinal within the evidence, from 0, in the order the source yields messages.
    pub id: i64,
    /// The connection it travelled on, where the source knows connections.
    pub connection: Option<i64>,
    /// For an answer: the `id` of the message it answers.
    pub answers: Option<i64>,
    /// `http/1.0`, `http/1.1`, `http/2`, `http/3`, `dns`, `websocket`, …
    pub protocol: &'a str,
    /// Which way it went.
    pub direction: Direction,
    /// Microseconds since 1970-01-01 UTC of the first byte.
    pub time: Option<i64>,
    /// The app that sent it, if the evidence names it.
    pub app: Option<&'a str>,
    /// The name the client asked for (Host header, `:authority`, URL), lower case, no port.
    /// For DNS: `None`; the resolver is the server address.
    pub host: Option<&'a str>,
    /// Client address and port, if known.
    pub client: Option<(&'a str, u16)>,
    /// Server address and port, if known. Port 0: not known.
    pub server: Option<(&'a str, u16)>,
    /// HTTP method; DNS query type (`A`, `AAAA`, `HTTPS`, …).
    pub method: Option<&'a str>,
    /// Absolute URL (`http://host/path?query`); `dns:name` for DNS (RFC 4501).
    /// On an answer: the URL of what it answers, if known.
    pub url: Option<&'a str>,
    /// HTTP status or DNS response code.
    pub status: Option<i64>,
    /// Header fields in order, names as sent.
    pub headers: &'a [Header<'a>],
    /// Body with the transfer coding removed and the content coding still on.
    pub body: &'a [u8],
    /// How the message travelled.
    pub transport: Transport,
    /// False when bytes of it are missing from the evidence.
    pub complete: bool,
    /// Bytes of the body known to be missing.
    pub missing: i64,
    /// First packet number (from 1, as Wireshark counts), HAR entry or flow number (from 0), or line of
    /// a log (from 1).
    pub frame: i64,
    /// Byte offset in the evidence file (after removing an outer gzip/zstd) of the first packet or
    /// of the HAR entry that carries the message.
    pub offset: i64,
    /// Bytes from `offset` to the end of the last packet or of the entry.
    pub length: i64,
}

impl<'a> Message<'a> {
    /// The first header value with this name, compared without case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, v)| v.as_ref())
    }
}

/// A number of bytes or packets of a [`Connection`] that the evidence does not tell (null in the table).
pub const NOT_TOLD: i64 = -1;

/// What is below messages: one TCP connection or one UDP flow.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// Ordinal within the evidence, from 0.
    pub id: i64,
    /// `tcp`, `udp`, `icmp`, …
    pub protocol: &'static str,
    /// What was recognised on top: `http`, `tls`, `dns`, `quic`, … or `None`.
    pub application: Option<&'static str>,
    /// Who opened it.
    pub client: (String, u16),
    /// Who was called.
    pub server: (String, u16),
    /// Microseconds since 1970-01-01 UTC.
    pub first: i64,
    /// Microseconds since 1970-01-01 UTC.
    pub last: i64,
    /// Server name the client asked for in the TLS hello (RFC 6066).
    pub sni: Option<String>,
    /// Protocols the client offered (RFC 7301).
    pub alpn: Vec<String>,
    /// JA4 fingerprint of the client hello.
    pub ja4: Option<String>,
    /// TLS version the server chose, `1.2`, `1.3`, ….
    pub tls_version: Option<&'static str>,
    /// Protocol the server chose (RFC 7301).
    pub alpn_chosen: Option<String>,
    /// Cipher suite the server chose, by its name in the registry of IANA.
    pub cipher: Option<String>,
    /// JA4S fingerprint of the server hello.
    pub ja4s: Option<String>,
    /// Subject of the server's certificate (RFC 4514).
    pub certificate_subject: Option<String>,
    /// Its issuer.
    pub certificate_issuer: Option<String>,
    /// Organisation of its subject.
    pub certificate_organisation: Option<String>,
    /// DNS names and addresses it is for (subjectAltName).
    pub certificate_names: Vec<String>,
    /// Not valid before: microseconds since 1970-01-01 UTC.
    pub certificate_from: Option<i64>,
    /// Not valid after.
    pub certificate_until: Option<i64>,
    /// The client sent a certificate.
    pub client_certificate: bool,
    /// The client sent encrypted_client_hello; that may be for show (GREASE).
    pub ech: bool,
    /// Payload bytes from the client; here and in the next three, [`NOT_TOLD`] where a log has no number.
    pub bytes_up: i64,
    /// Payload bytes from the server.
    pub bytes_down: i64,
    /// Packets from the client.
    pub packets_up: i64,
    /// Packets from the server.
    pub packets_down: i64,
    /// Payload bytes missing from the capture, both ways.
    pub missing: i64,
    /// `clear`, `tls`, `unknown`.
    pub transport: &'static str,
    /// True when its messages were read (clear protocols we know).
    pub opened: bool,
    /// Why it stayed closed: `no keys`, `unknown protocol`, `gap`, ….
    pub not_opened: Option<&'static str>,
    /// First packet number.
    pub frame: i64,
    /// App, if the evidence names it.
    pub app: Option<String>,
    /// Name of the server as a log gives it, lower case; `None` where only the wire told.
    pub host: Option<String>,
}

/// One use of a sensor or of personal data by an app, as the operating system recorded it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Ordinal within the evidence, from 0.
    pub id: i64,
    /// App (bundle or package name).
    pub app: Option<String>,
    /// What was used, as the record names it: `camera`, `contacts`, `location`, `microphone`, ….
    pub category: String,
    /// `interval` (begin and end are recorded) or `event`.
    pub kind: &'static str,
    /// Begin, microseconds since 1970-01-01 UTC.
    pub first: Option<i64>,
    /// End of an interval, if it is recorded.
    pub last: Option<i64>,
    /// Line of the record that tells of it first, from 1.
    pub frame: i64,
}

/// A name learnt for an address (a DNS answer).
#[derive(Clone, Debug)]
pub struct Name<'a> {
    /// The name that was asked for.
    pub name: &'a str,
    /// The name at the end of the CNAME chain, if it differs.
    pub canonical: Option<&'a str>,
    /// The address in text form.
    pub address: &'a str,
    /// The DNS answer it comes from.
    pub message: i64,
}

/// Something in the evidence that could not be read, or not fully.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Stable word: `truncated`, `gap`, `malformed`, `unsupported`, `limit`, ….
    pub code: &'static str,
    /// One sentence for a person: place, what was expected, what follows from it.
    pub text: String,
    /// Packet, entry or byte offset it belongs to, in words.
    pub place: String,
    /// How often it happened (equal problems are counted, not repeated).
    pub count: i64,
}

/// A limit that was met. Never silent: it becomes a row of the report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LimitHit {
    /// What was limited: `output bytes`, `ratio`, `depth`, `items`, ….
    pub what: &'static str,
    /// The value of the limit.
    pub limit: u64,
    /// Where: a path or place.
    pub place: String,
}

/// What a device of the local network told of itself, or what its frames show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// Hardware address of the device (EUI-48), if it is known.
    pub mac: Option<String>,
    /// Its address at that time, if it is known.
    pub address: Option<String>,
    /// Where it stands: `arp`, `ndp`, `ip`, `dhcp`, `mdns`, `ssdp`, `netbios`, `upnp`.
    pub kind: &'static str,
    /// What is told: `address`, `host-name`, `vendor-class`, `service`, ….
    pub name: String,
    /// Its value.
    pub value: String,
    /// Microseconds since 1970-01-01 UTC of the first time.
    pub first: Option<i64>,
    /// The same of the last.
    pub last: Option<i64>,
    /// How often it was told.
    pub count: i64,
    /// Packet (from 1) or entry of the first time.
    pub frame: i64,
}

/// The consumer asked to stop (its pipe is gone, or it has what it wanted).
#[derive(Debug)]
pub struct Stopped(pub std::io::Error);

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Stopped(error)
    }
}

/// Where a source puts what it read. Every call may ask the source to stop.
pub trait Sink {
    /// One message.
    fn message(&mut self, message: &Message<'_>) -> Result<(), Stopped>;
    /// False where nobody asks what is in an answer. A source that must work to have the body may then leave it
    /// out and tell its length with [`Sink::sized`].
    fn wants_answers(&self) -> bool {
        true
    }
    /// An answer without its body, which has so many bytes; only where [`Sink::wants_answers`] says false.
    fn sized(&mut self, message: &Message<'_>, _bytes: i64) -> Result<(), Stopped> {
        self.message(message)
    }
    /// One connection, when it is over (or at the end of the evidence).
    fn connection(&mut self, connection: &Connection) -> Result<(), Stopped>;
    /// One name for an address.
    fn name(&mut self, name: &Name<'_>) -> Result<(), Stopped>;
    /// Something that could not be read.
    fn problem(&mut self, problem: Problem) -> Result<(), Stopped>;
    /// A limit that was met.
    fn limit(&mut self, limit: LimitHit) -> Result<(), Stopped>;
    /// One use of a sensor or of personal data. Sinks that look at traffic only have no use for it.
    fn access(&mut self, _access: &Access) -> Result<(), Stopped> {
        Ok(())
    }
    /// What a device of the network told of itself. Sinks that look at messages only have no use for it.
    fn announcement(&mut self, _announcement: &Announcement) -> Result<(), Stopped> {
        Ok(())
    }
    /// Bytes of the evidence read so far; called now and then.
    fn progress(&mut self, bytes: u64) -> Result<(), Stopped>;
}

/// The one budget that is handed to every reader and layer.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one body kept (the rest is counted as cut by this limit).
    pub body_bytes: u64,
    /// Bytes one layer may yield.
    pub output_bytes: u64,
    /// Bytes all layers of one part of a message may yield together.
    pub part_bytes: u64,
    /// Growth one layer may cause, once it has yielded more than 1 MiB.
    pub ratio: u64,
    /// Layers on top of each other.
    pub depth: u32,
    /// Nesting inside one JSON text.
    pub json_depth: u32,
    /// Leaves of one part of a message.
    pub leaves: u32,
    /// Bytes held for reordering on one TCP connection, per direction.
    pub reorder_bytes: u64,
    /// TCP connections and UDP flows open at the same time.
    pub open_connections: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 64 << 20,
            output_bytes: 64 << 20,
            part_bytes: 128 << 20,
            ratio: 2048,
            depth: 12,
            json_depth: 512,
            leaves: 100_000,
            reorder_bytes: 4 << 20,
            open_connections: 50_000,
        }
    }
}
