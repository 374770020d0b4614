//! What the readers of logs hand over: rows get their numbers here, equal problems are counted, and
//! connections that several lines tell of are put together.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::lines::Place;
use crate::har::notes::Notes;
use crate::model::{
    Access, Connection, Direction, Header, Limits, Message, NOT_TOLD, Name, Sink, Stopped,
    Transport,
};

/// Why the contents of a connection that only a log tells of were not read.
pub const NOT_IN_LOG: &str = "not in the log";
/// Why nothing is known of a connection whose name was only looked up.
pub const ONLY_LOOKED_UP: &str = "only looked up";
/// Why there was no connection: the name server refused the name.
pub const BLOCKED: &str = "blocked by the name server";

/// A message as a log line tells of it. What is not told is left as it is by default.
#[derive(Debug, Default)]
pub struct Told<'a> {
    pub connection: Option<i64>,
    pub protocol: &'a str,
    pub time: Option<i64>,
    pub app: Option<&'a str>,
    pub host: Option<&'a str>,
    pub client: Option<(&'a str, u16)>,
    pub server: Option<(&'a str, u16)>,
    pub method: Option<&'a str>,
    pub url: Option<&'a str>,
    pub headers: &'a [Header<'a>],
    pub transport: Option<Transport>,
}

/// The way to the sink.
pub struct Output<'s> {
    sink: &'s mut dyn Sink,
    most: u32,
    notes: Notes,
    open: HashMap<String, Connection, foldhash::quality::RandomState>,
    waiting: HashMap<String, Access, foldhash::quality::RandomState>,
    messages: i64,
    connections: i64,
    accesses: i64,
}

impl<'s> Output<'s> {
    /// Hand everything to `sink`.
    pub fn new(sink: &'s mut dyn Sink, limits: &Limits) -> Output<'s> {
        Output {
            sink,
            most: limits.open_connections,
            notes: Notes::default(),
            open: HashMap::default(),
            waiting: HashMap::default(),
            messages: 0,
            connections: 0,
            accesses: 0,
        }
    }

    /// Messages, connections and accesses so far.
    pub fn counts(&self) -> (i64, i64, i64) {
        (self.messages, self.connections, self.accesses)
    }

    /// Count a problem.
    pub fn problem(&mut self, code: &'static str, text: &str, place: Place) {
        self.notes.problem(code, text, place);
    }

    /// Note that a limit was met.
    pub fn limit(&mut self, what: &'static str, limit: u64, place: Place) {
        self.notes.limit(what, limit, place);
    }

    /// A message up; returns its id.
    pub fn ask(&mut self, told: &Told<'_>, place: Place) -> Result<i64, Stopped> {
        self.message(told, Direction::Up, None, None, place)
    }

    /// The answer to a message.
    pub fn answer(
        &mut self,
        told: &Told<'_>,
        answers: Option<i64>,
        status: Option<i64>,
        place: Place,
    ) -> Result<i64, Stopped> {
        self.message(told, Direction::Down, answers, status, place)
    }

    fn message(
        &mut self,
        told: &Told<'_>,
        direction: Direction,
        answers: Option<i64>,
        status: Option<i64>,
        place: Place,
    ) -> Result<i64, Stopped> {
        let id = self.messages;
        self.messages += 1;
        self.sink.message(&Message {
            id,
            connection: told.connection,
            answers,
            protocol: told.protocol,
            direction,
            time: told.time,
            app: told.app,
            host: told.host,
            client: told.client,
            server: told.server,
            method: told.method,
            url: told.url,
            status,
            headers: told.headers,
            body: &[],
            transport: told.transport.unwrap_or(Transport::Unknown),
            complete: true,
            missing: 0,
            frame: signed(place.line),
            offset: signed(place.offset),
            length: signed(place.length),
        })?;
        Ok(id)
    }

    /// A name learnt for an address.
    pub fn name(&mut self, name: &Name<'_>) -> Result<(), Stopped> {
        self.sink.name(name)
    }

    /// A connection that one line tells all of; returns its id.
    pub fn connection(&mut self, mut connection: Connection, place: Place) -> Result<i64, Stopped> {
        connection.id = self.connections;
        connection.frame = signed(place.line);
        self.connections += 1;
        self.sink.connection(&connection)?;
        Ok(connection.id)
    }

    /// The connection that lines with this `key` tell of, made by `new` at the first of them. When more
    /// are open than the limit allows, those so far are handed over.
    pub fn shared(
        &mut self,
        key: &str,
        place: Place,
        new: impl FnOnce() -> Connection,
    ) -> Result<&mut Connection, Stopped> {
        if !self.open.contains_key(key) && self.open.len() >= self.most as usize {
            self.notes
                .limit("open connections", u64::from(self.most), place);
            self.flush_connections()?;
        }
        let next = &mut self.connections;
        Ok(self.open.entry_ref(key).or_insert_with(|| {
            let id = *next;
            *next += 1;
            Connection {
                id,
                frame: signed(place.line),
                ..new()
            }
        }))
    }

    /// The connection of this key, if it is open.
    pub fn known(&mut self, key: &str) -> Option<&mut Connection> {
        self.open.get_mut(key)
    }

    /// An access that is complete, or whose end is not recorded.
    pub fn access(&mut self, access: &Access) -> Result<(), Stopped> {
        self.sink.access(access)
    }

    /// An id for an access.
    pub fn next_access(&mut self) -> i64 {
        let id = self.accesses;
        self.accesses += 1;
        id
    }

    /// Remember the begin of an access until its end comes.
    pub fn begin(&mut self, key: &str, access: Access, place: Place) -> Result<(), Stopped> {
        if self.waiting.len() >= self.most as usize {
            self.notes
                .limit("open accesses", u64::from(self.most), place);
            self.flush_accesses()?;
        }
        if let Some(before) = self.waiting.insert(key.to_owned(), access) {
            self.sink.access(&before)?;
        }
        Ok(())
    }

    /// The access that began with this key.
    pub fn ended(&mut self, key: &str) -> Option<Access> {
        self.waiting.remove(key)
    }

    fn flush_connections(&mut self) -> Result<(), Stopped> {
        let mut all: Vec<Connection> = self.open.drain().map(|(_, c)| c).collect();
        all.sort_unstable_by_key(|c| c.id);
        all.iter().try_for_each(|c| self.sink.connection(c))
    }

    fn flush_accesses(&mut self) -> Result<(), Stopped> {
        let mut all: Vec<Access> = self.waiting.drain().map(|(_, a)| a).collect();
        all.sort_unstable_by_key(|a| a.id);
        all.iter().try_for_each(|a| self.sink.access(a))
    }

    /// Bytes read so far.
    pub fn progress(&mut self, bytes: u64) -> Result<(), Stopped> {
        self.sink.progress(bytes)
    }

    /// Hand over what is still held.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        self.flush_connections()?;
        self.flush_accesses()?;
        self.notes.flush(self.sink)
    }
}

/// A connection of which nothing is told yet, not even how much was sent.
pub fn untold() -> Connection {
    Connection {
        protocol: "unknown",
        bytes_up: NOT_TOLD,
        bytes_down: NOT_TOLD,
        packets_up: NOT_TOLD,
        packets_down: NOT_TOLD,
        transport: "unknown",
        not_opened: Some(NOT_IN_LOG),
        ..Connection::default()
    }
}

/// A number of lines or bytes for a table.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Widen the time of a connection.
pub fn seen(connection: &mut Connection, time: Option<i64>) {
    if let Some(time) = time {
        connection.first = match connection.first {
            0 => time,
            first => first.min(time),
        };
        connection.last = connection.last.max(time);
    }
}

/// A name of a host in normal form: lower case, no dot at the end. `None` if there is none.
pub fn host(name: &str) -> Option<Cow<'_, str>> {
    let name = name.trim().trim_end_matches('.');
    if name.is_empty() {
        return None;
    }
    Some(if name.bytes().any(|b| b.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    })
}

/// The word of table `connections` for a transport protocol, named or by its IANA number.
pub fn protocol(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "tcp" | "6" => "tcp",
        "udp" | "17" => "udp",
        "icmp" | "1" => "icmp",
        "icmp6" | "icmpv6" | "ipv6-icmp" | "58" => "icmpv6",
        "sctp" | "132" => "sctp",
        _ => "unknown",
    }
}

/// The word of table `connections` for what was recognised on top, as Zeek, Suricata and nDPI name it.
pub fn application(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    // nDPI writes `TLS.Google`, Zeek `gssapi,smb`.
    let first = word.split(['.', ',']).next().unwrap_or_default();
    Some(match first {
        "http" | "http2" | "http1" => "http",
        "ssl" | "tls" | "https" => "tls",
        "dns" | "mdns" | "llmnr" => "dns",
        "quic" => "quic",
        "dtls" => "dtls",
        "ntp" => "ntp",
        "dhcp" => "dhcp",
        "ssh" => "ssh",
        "smb" | "smb2" => "smb",
        "smtp" => "smtp",
        "imap" => "imap",
        "ftp" => "ftp",
        "mqtt" => "mqtt",
        "websocket" => "websocket",
        _ => return None,
    })
}

/// How a connection travelled, as far as its application tells.
pub fn transport(application: Option<&str>) -> &'static str {
    match application {
        Some("tls" | "quic" | "dtls") => "tls",
        Some("http" | "dns" | "ftp" | "ntp" | "dhcp") => "clear",
        _ => "unknown",
    }
}

/// A TLS version as logs write it: `TLSv12`, `TLS 1.2`, `TLSv1.2`, `QUIC`.
pub fn tls_version(word: &str) -> Option<&'static str> {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    match (
        word.to_ascii_lowercase().starts_with("ssl"),
        digits.as_str(),
    ) {
        (true, "3" | "30") => Some("ssl3"),
        (false, "1" | "10") => Some("1.0"),
        (false, "11") => Some("1.1"),
        (false, "12") => Some("1.2"),
        (false, "13") => Some("1.3"),
        _ => None,
    }
}

/// Microseconds since 1970-01-01 UTC of a number of seconds with a fraction, digit by digit: a double does
/// not hold the microseconds of every time.
pub fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut micros = 0;
    for place in 0..6 {
        let digit = fraction.as_bytes().get(place).map_or(0, |b| b - b'0');
        micros = micros * 10 + i64::from(digit);
    }
    whole.checked_mul(1_000_000)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_logs_become_words_of_tables() {
        assert_eq!(seconds("1601998366.785668"), Some(1_601_998_366_785_668));
        assert_eq!(seconds("29.5"), Some(29_500_000));
        assert_eq!(seconds("7"), Some(7_000_000));
        for bad in ["", "-", "1e5", "1.x", "99999999999999999999"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
        assert_eq!(tls_version("TLSv13"), Some("1.3"));
        assert_eq!(tls_version("TLS 1.1"), Some("1.1"));
        assert_eq!(tls_version("QUIC"), None);
        assert_eq!(host("Example.COM.").as_deref(), Some("example.com"));
        assert_eq!(host("."), None);
        assert_eq!(application("TLS.Google"), Some("tls"));
        assert_eq!(protocol("17"), "udp");
    }
}
