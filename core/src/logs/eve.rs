//! Suricata's EVE log (docs.suricata.io, "EVE JSON Format"): events of type flow, http, tls, quic and dns.
//!
//! Events of one flow carry one `flow_id` and become one connection. Alerts, anomalies, files and statistics
//! are judgements about traffic or repeat what other events say; they are not read.

use std::borrow::Cow;

use super::lines::Place;
use super::lookup::{address, code};
use super::output::{
    Output, Told, application, host, protocol, seen, tls_version, transport, untold,
};
use super::record::Record;
use super::rows::read_json_lines;
use super::{Input, LogError, Summary, Taken};
use crate::har::time::iso8601;
use crate::model::{Connection, Header, Limits, NOT_TOLD, Name, Sink, Stopped, Transport};

/// Read a log.
///
/// # Errors
/// [`LogError`] when no line is an event.
pub fn read_eve(input: Input, limits: &Limits, sink: &mut dyn Sink) -> Result<Summary, LogError> {
    read_json_lines(
        input,
        limits,
        sink,
        "a Suricata EVE log",
        &mut |record, place, out| {
            let event = Event {
                record,
                place,
                time: time(record, "timestamp"),
            };
            match record.get("event_type") {
                Some("flow") => event.flow(out),
                Some("http") => event.http(out),
                Some(kind @ ("tls" | "quic")) => event.handshake(kind, out),
                Some("dns") => event.dns(out),
                Some(_) => Ok(Taken::Other),
                None => Ok(Taken::Damaged("a line without event_type; it is left out")),
            }
        },
    )
}

fn time(record: &Record, name: &str) -> Option<i64> {
    iso8601(record.get(name)?.as_bytes())
}

struct Event<'r> {
    record: &'r Record,
    place: Place,
    time: Option<i64>,
}

impl Event<'_> {
    /// Address and port of the client (`false`) or the server (`true`). Events of DNS answers are written
    /// from the answer's point of view.
    fn side(&self, server: bool) -> (&str, u16) {
        let record = self.record;
        let ports = (record.port("src_port"), record.port("dest_port"));
        let turned = record.get("event_type") == Some("dns")
            && matches!(ports.0, 53 | 5353 | 5355)
            && ports.1 != ports.0;
        if server == turned {
            (record.get("src_ip").unwrap_or_default(), ports.0)
        } else {
            (record.get("dest_ip").unwrap_or_default(), ports.1)
        }
    }

    fn connection<'o>(&self, out: &'o mut Output<'_>) -> Result<&'o mut Connection, Stopped> {
        let (client, server) = (self.side(false), self.side(true));
        let named = self.record.get("flow_id");
        let key = named.map_or_else(
            || format!("{} {} {} {}", client.0, client.1, server.0, server.1),
            str::to_owned,
        );
        let connection = out.shared(&key, self.place, || Connection {
            protocol: protocol(self.record.get("proto").unwrap_or_default()),
            client: (client.0.to_owned(), client.1),
            server: (server.0.to_owned(), server.1),
            ..untold()
        })?;
        Ok(connection)
    }

    fn flow(&self, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let connection = self.connection(out)?;
        seen(connection, time(record, "flow.start").or(self.time));
        seen(connection, time(record, "flow.end"));
        let count = |name| record.count(name).unwrap_or(NOT_TOLD);
        connection.packets_up = count("flow.pkts_toserver");
        connection.packets_down = count("flow.pkts_toclient");
        connection.bytes_up = count("flow.bytes_toserver");
        connection.bytes_down = count("flow.bytes_toclient");
        if connection.application.is_none() {
            connection.application = record.get("app_proto").and_then(application);
            connection.transport = transport(connection.application);
        }
        Ok(Taken::Yes)
    }

    fn handshake(&self, kind: &str, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let field = |name: &str| record.get(&format!("{kind}.{name}"));
        let connection = self.connection(out)?;
        seen(connection, self.time);
        connection.application = application(kind);
        connection.transport = "tls";
        let name = field("sni").and_then(host).map(Cow::into_owned);
        connection.sni = name.or(connection.sni.take());
        connection.tls_version = field("version").and_then(tls_version);
        let ja4 = field("ja4").map(str::to_owned);
        connection.ja4 = ja4.or(connection.ja4.take());
        let offered = format!("{kind}.client_alpns");
        let alpn: Vec<String> = record.items(&offered, "").map(|i| i.1.to_owned()).collect();
        if !alpn.is_empty() {
            connection.alpn = alpn;
        }
        Ok(Taken::Yes)
    }

    fn http(&self, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let name = record.get("http.hostname").and_then(host);
        let connection = self.connection(out)?;
        seen(connection, self.time);
        connection.application = Some("http");
        // What Suricata logs as HTTP it saw in clear.
        connection.transport = "clear";
        connection.opened = true;
        connection.not_opened = None;
        let id = connection.id;
        let url = record.get("http.url").unwrap_or("/");
        let url = match (&name, url.contains("://")) {
            (_, true) => url.to_owned(),
            (Some(name), _) => format!("http://{}{url}", authority(name, record)),
            (None, _) => format!("http://{}{url}", authority(self.side(true).0, record)),
        };
        let headers = request_headers(record);
        let version = record.get("http.protocol").unwrap_or_default();
        let mut told = Told {
            connection: Some(id),
            protocol: crate::har::address::protocol(version.as_bytes()),
            time: self.time,
            host: name.as_deref(),
            client: Some(self.side(false)),
            server: Some(self.side(true)),
            method: record.get("http.http_method"),
            url: Some(&url),
            headers: &headers,
            transport: Some(Transport::Clear),
            ..Told::default()
        };
        let asked = out.ask(&told, self.place)?;
        if let Some(status) = record.count("http.status") {
            let headers = response_headers(record);
            told.headers = &headers;
            told.method = None;
            out.answer(&told, Some(asked), Some(status), self.place)?;
        }
        Ok(Taken::Yes)
    }

    fn dns(&self, out: &mut Output<'_>) -> Result<Taken, Stopped> {
        let record = self.record;
        let questions = record.any(&["dns.rrname", "dns.queries.0.rrname"]);
        let name = questions.and_then(host);
        let connection = self.connection(out)?;
        seen(connection, self.time);
        connection.application = Some("dns");
        connection.transport = "clear";
        connection.opened = true;
        connection.not_opened = None;
        let id = connection.id;
        let url = name.as_deref().map(|n| format!("dns:{n}"));
        let told = Told {
            connection: Some(id),
            protocol: "dns",
            time: self.time,
            client: Some(self.side(false)),
            server: Some(self.side(true)),
            method: record.any(&["dns.rrtype", "dns.queries.0.rrtype"]),
            url: url.as_deref(),
            transport: Some(Transport::Clear),
            ..Told::default()
        };
        if !matches!(record.get("dns.type"), Some("answer" | "response")) {
            out.ask(&told, self.place)?;
            return Ok(Taken::Yes);
        }
        let status = record.get("dns.rcode").and_then(code);
        let message = out.answer(&told, None, status, self.place)?;
        let Some(name) = name else {
            return Ok(Taken::Yes);
        };
        // Version 1 writes an event for each record, later ones a list.
        let listed = record.items("dns.answers", ".rdata").map(|i| i.1);
        for address in listed.chain(record.get("dns.rdata")).filter_map(address) {
            out.name(&Name {
                name: &name,
                canonical: None,
                address: &address,
                message,
            })?;
        }
        Ok(Taken::Yes)
    }
}

/// Name and port as they stand in a URL.
fn authority(name: &str, record: &Record) -> String {
    let name = match name.contains(':') && !name.starts_with('[') {
        true => format!("[{name}]"),
        false => name.to_owned(),
    };
    match record.port("http.http_port") {
        0 | 80 => name,
        port => format!("{name}:{port}"),
    }
}

/// Header fields that Suricata logs by its own names, and those of `dump-all-headers`.
fn request_headers(record: &Record) -> Vec<Header<'_>> {
    let named = [
        ("Host", "http.hostname"),
        ("User-Agent", "http.http_user_agent"),
        ("Referer", "http.http_refer"),
        ("Cookie", "http.cookie"),
    ];
    headers(record, "http.request_headers", &named)
}

fn response_headers(record: &Record) -> Vec<Header<'_>> {
    let named = [
        ("Content-Type", "http.http_content_type"),
        ("Location", "http.redirect"),
        ("Set-Cookie", "http.set_cookie"),
    ];
    headers(record, "http.response_headers", &named)
}

fn headers<'r>(
    record: &'r Record,
    list: &'static str,
    named: &[(&'static str, &str)],
) -> Vec<Header<'r>> {
    let mut out: Vec<Header<'r>> = record
        .items(list, ".name")
        .filter_map(|(number, name)| {
            let value = record.get(&format!("{list}.{number}.value"))?;
            Some((name.as_bytes().into(), value.as_bytes().into()))
        })
        .collect();
    for (name, field) in named {
        let there = out
            .iter()
            .any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        if let Some(value) = record.get(field).filter(|_| !there) {
            out.push((name.as_bytes().into(), value.as_bytes().into()));
        }
    }
    out
}
