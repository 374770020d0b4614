//! Zeek logs (docs.zeek.org, "Zeek Logs"): conn, ssl, http, dns and quic, as tab-separated text or JSON.
//!
//! Text logs name their columns in lines that begin with `#`; labelled logs (`.log.labeled`) have more of
//! them. JSON logs say what they are by their fields.

use std::borrow::Cow;

use super::lines::{Found, Place};
use super::lookup::address;
use super::output::{
    Output, Told, application, host, protocol, seconds, seen, tls_version, transport, untold,
};
use super::record::{Record, text};
use super::rows::json_line;
use super::{Input, LogError, Reading, Summary, Taken};
use crate::model::{Connection, Header, Limits, NOT_TOLD, Name, Sink, Stopped, Transport};

/// Columns of a text log that are read; Zeek's widest log has about 60.
const MAX_COLUMNS: usize = 512;

/// What a text log says of itself.
struct Columns {
    separator: String,
    set_separator: String,
    empty: String,
    unset: String,
    path: String,
    /// Name, and whether it is a set or vector.
    names: Vec<(String, bool)>,
}

impl Default for Columns {
    fn default() -> Self {
        Columns {
            separator: "\t".to_owned(),
            set_separator: ",".to_owned(),
            empty: "(empty)".to_owned(),
            unset: "-".to_owned(),
            path: String::new(),
            names: Vec::new(),
        }
    }
}

/// Read a log.
///
/// # Errors
/// [`LogError`] when no line is of such a log.
pub fn read_zeek(input: Input, limits: &Limits, sink: &mut dyn Sink) -> Result<Summary, LogError> {
    let mut reading = Reading::open(input, limits, sink)?;
    let mut record = Record::default();
    let mut columns = Columns::default();
    loop {
        match reading.lines.advance() {
            Found::End => return reading.finish("a Zeek log"),
            Found::TooLong => reading.too_long(),
            Found::Line => {
                let line = reading.lines.text();
                match line.trim_ascii_start().first() {
                    None => {}
                    Some(b'{') => {
                        json_line(&mut reading, limits, &mut record, &mut |r, place, out| {
                            row(r, r.get("_path").unwrap_or(kind(r)), place, out)
                        })?;
                    }
                    Some(b'#') => {
                        let line = text(line).into_owned();
                        if !columns.directive(line.trim_start()) {
                            let place = reading.lines.place();
                            reading.out.limit("columns", MAX_COLUMNS as u64, place);
                        }
                    }
                    Some(_) => {
                        let place = reading.lines.place();
                        let line = text(line).into_owned();
                        let taken = match columns.fill(&line, &mut record) {
                            Ok(()) => row(&record, &columns.path, place, &mut reading.out)?,
                            Err(why) => Taken::Damaged(why),
                        };
                        reading.count(taken)?;
                    }
                }
            }
        }
    }
}

impl Columns {
    /// Read a line that begins with `#`. False: more columns than are read.
    fn directive(&mut self, line: &str) -> bool {
        if let Some(separator) = line.strip_prefix("#separator ") {
            let separator = unescape(separator.trim_end());
            if !separator.is_empty() {
                self.separator = separator;
            }
            return true;
        }
        let mut words = line.split(self.separator.as_str());
        let name = words.next().unwrap_or_default();
        let first = || {
            line.split(self.separator.as_str())
                .nth(1)
                .map(str::to_owned)
        };
        match name {
            "#set_separator" => self.set_separator = first().unwrap_or_default(),
            "#empty_field" => self.empty = first().unwrap_or_default(),
            "#unset_field" => self.unset = first().unwrap_or_default(),
            "#path" => self.path = first().unwrap_or_default(),
            "#fields" => {
                let all: Vec<&str> = words.collect();
                let kept = all.iter().take(MAX_COLUMNS);
                self.names = kept.map(|n| ((*n).to_owned(), false)).collect();
                return all.len() <= MAX_COLUMNS;
            }
            "#types" => {
                for ((_, list), kind) in self.names.iter_mut().zip(words) {
                    *list = kind.starts_with("set[") || kind.starts_with("vector[");
                }
            }
            _ => {}
        }
        true
    }

    fn fill(&self, line: &str, record: &mut Record) -> Result<(), &'static str> {
        record.clear();
        if self.names.is_empty() {
            return Err("a row before the line that names the columns; it is left out");
        }
        let mut values = line.split(self.separator.as_str());
        for (name, list) in &self.names {
            let value = values
                .next()
                .ok_or("a row with fewer fields than there are columns; it is left out")?;
            if value == self.unset {
                continue;
            }
            if *list {
                if value == self.empty || self.set_separator.is_empty() {
                    continue;
                }
                for (number, item) in value.split(self.set_separator.as_str()).enumerate() {
                    record.push(&format!("{name}.{number}"), &unescape(item));
                }
                continue;
            }
            let value = if value == self.empty { "" } else { value };
            record.push(name, &unescape(value));
        }
        Ok(())
    }
}

/// Undo `\xHH` (the only escape Zeek writes).
fn unescape(value: &str) -> String {
    if !value.contains("\\x") {
        return value.to_owned();
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = rest.strip_prefix(b"\\x").and_then(|h| h.get(..2));
        let code = hex.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                rest = rest.get(4..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    text(&out).into_owned()
}

/// Which log a JSON row is of, by fields that no other log has.
fn kind(record: &Record) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|n| record.has(n));
    if has(&["client_initial_dcid", "client_scid"]) {
        "quic"
    } else if has(&["trans_depth", "status_msg", "request_body_len"]) {
        "http"
    } else if has(&["qtype", "qtype_name", "trans_id", "rcode_name"]) {
        "dns"
    } else if has(&["cipher", "established", "server_name", "cert_chain_fuids"]) {
        "ssl"
    } else if has(&["conn_state", "orig_ip_bytes", "missed_bytes"]) {
        "conn"
    } else {
        ""
    }
}

fn row(record: &Record, path: &str, place: Place, out: &mut Output<'_>) -> Result<Taken, Stopped> {
    if record.get("id.resp_h").is_none() {
        return Ok(match path {
            "conn" | "ssl" | "http" | "dns" | "quic" => {
                Taken::Damaged("a row without the address of the server; it is left out")
            }
            "" => Taken::Damaged("a row that is of no log that is known; it is left out"),
            _ => Taken::Other,
        });
    }
    let row = Row {
        record,
        place,
        time: record.get("ts").and_then(seconds),
    };
    match path {
        "conn" => row.conn(out),
        "ssl" | "quic" => row.handshake(path, out),
        "http" => row.http(out),
        "dns" => row.dns(out),
        _ => Ok(Taken::Other),
    }
}

struct Row<'r> {
    record: &'r Record,
    place: Place,
    time: Option<i64>,
}

impl Row<'_> {
    fn client(&self) -> (&str, u16) {
        let address = self.record.get("id.orig_h").unwrap_or_default();
        (address, self.record.port("id.orig_p"))
    }

    fn server(&self) -> (&str, u16) {
        let address = self.record.get("id.resp_h").unwrap_or_default();
        (address, self.record.port("id.resp_p"))
    }

    fn base(&self, protocol: &'static str, kind: Option<&'static str>) -> Connection {
        let (client, server) = (self.client(), self.server());
        let time = self.time.unwrap_or_default();
        Connection {
            protocol,
            application: kind,
            client: (client.0.to_owned(), client.1),
            server: (server.0.to_owned(), server.1),
            first: time,
            last: time,
            transport: transport(kind),
            ..untold()
        }
    }

    fn conn(&self, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let count = |name| record.count(name).unwrap_or(NOT_TOLD);
        let kind = record.get("service").and_then(application);
        let lasted = record.get("duration").and_then(seconds).unwrap_or_default();
        let base = self.base(protocol(record.get("proto").unwrap_or_default()), kind);
        out.connection(
            Connection {
                last: base.last.saturating_add(lasted),
                bytes_up: count("orig_bytes"),
                bytes_down: count("resp_bytes"),
                packets_up: count("orig_pkts"),
                packets_down: count("resp_pkts"),
                missing: record.count("missed_bytes").unwrap_or_default(),
                ..base
            },
            self.place,
        )?;
        Ok(Taken::Yes)
    }

    fn handshake(&self, path: &str, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let (protocol, kind) = match path {
            "quic" => ("udp", "quic"),
            _ => ("tcp", "tls"),
        };
        let name = record.get("server_name").and_then(host);
        let spoken = record.any(&["next_protocol", "client_protocol"]);
        out.connection(
            Connection {
                sni: name.map(Cow::into_owned),
                alpn: spoken.map(str::to_owned).into_iter().collect(),
                tls_version: record
                    .get("version")
                    .filter(|_| path == "ssl")
                    .and_then(tls_version),
                ja4: record.get("ja4").map(str::to_owned),
                ..self.base(protocol, Some(kind))
            },
            self.place,
        )?;
        Ok(Taken::Yes)
    }

    /// The connection of a row in a log that has several rows for one.
    fn shared<'o>(
        &self,
        protocol: &'static str,
        kind: &'static str,
        out: &'o mut Output<'_>,
    ) -> Result<&'o mut Connection, Stopped> {
        let (client, server) = (self.client(), self.server());
        let uid = self.record.get("uid").unwrap_or_default();
        let key = format!("{uid} {} {} {} {}", client.0, client.1, server.0, server.1);
        let connection = out.shared(&key, self.place, || Connection {
            opened: true,
            not_opened: None,
            ..self.base(protocol, Some(kind))
        })?;
        seen(connection, self.time);
        Ok(connection)
    }

    fn http(&self, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let count = |name| record.count(name).unwrap_or_default();
        let connection = self.shared("tcp", "http", out)?;
        let more = |sum: i64, name| sum.max(0).saturating_add(count(name));
        connection.bytes_up = more(connection.bytes_up, "request_body_len");
        connection.bytes_down = more(connection.bytes_down, "response_body_len");
        let id = connection.id;
        let named = record.get("host").unwrap_or(self.server().0);
        let uri = record.get("uri").unwrap_or("/");
        let url = match uri.contains("://") {
            true => uri.to_owned(),
            false => format!("http://{}{uri}", self.authority(named)),
        };
        let asked_host = crate::har::address::target(&url).host;
        let headers: Vec<Header<'_>> = [
            ("Host", "host"),
            ("User-Agent", "user_agent"),
            ("Referer", "referrer"),
            ("Origin", "origin"),
        ]
        .into_iter()
        .filter_map(|(name, field)| {
            Some((name.as_bytes().into(), record.get(field)?.as_bytes().into()))
        })
        .collect();
        let version = match record.get("version") {
            Some(version) => crate::har::address::protocol(version.as_bytes()),
            None => "http",
        };
        let mut told = Told {
            connection: Some(id),
            protocol: version,
            time: self.time,
            host: asked_host.as_deref(),
            client: Some(self.client()),
            server: Some(self.server()),
            method: record.get("method"),
            url: Some(&url),
            headers: &headers,
            transport: Some(Transport::Clear),
            ..Told::default()
        };
        let asked = out.ask(&told, self.place)?;
        if let Some(status) = record.count("status_code") {
            told.headers = &[];
            told.method = None;
            out.answer(&told, Some(asked), Some(status), self.place)?;
        }
        Ok(Taken::Yes)
    }

    /// Name and port as they stand in a URL.
    fn authority(&self, name: &str) -> String {
        let port = self.server().1;
        let plain = !name.contains(':');
        let bracketed = name.parse::<std::net::Ipv6Addr>().is_ok();
        match port {
            80 | 0 if bracketed => format!("[{name}]"),
            _ if bracketed => format!("[{name}]:{port}"),
            80 | 0 => name.to_owned(),
            _ if plain => format!("{name}:{port}"),
            _ => name.to_owned(),
        }
    }

    fn dns(&self, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let name = record.get("query").and_then(host);
        let transported = protocol(record.get("proto").unwrap_or_default());
        let id = self.shared(transported, "dns", out)?.id;
        let url = name.as_deref().map(|n| format!("dns:{n}"));
        let told = Told {
            connection: Some(id),
            protocol: "dns",
            time: self.time,
            client: Some(self.client()),
            server: Some(self.server()),
            method: record.get("qtype_name"),
            url: url.as_deref(),
            transport: Some(Transport::Clear),
            ..Told::default()
        };
        let asked = out.ask(&told, self.place)?;
        let Some(status) = record.count("rcode") else {
            return Ok(Taken::Yes);
        };
        let message = out.answer(&told, Some(asked), Some(status), self.place)?;
        let Some(name) = name else {
            return Ok(Taken::Yes);
        };
        let mut canonical = None;
        for (_, said) in record.items("answers", "") {
            match address(said) {
                Some(address) => out.name(&Name {
                    name: &name,
                    canonical,
                    address: &address,
                    message,
                })?,
                None => canonical = Some(said).filter(|c| *c != name),
            }
        }
        Ok(Taken::Yes)
    }
}
