//! PCAPdroid for Android: the CSV of the page "Connections".
//!
//! Columns: IPProto, SrcIP, SrcPort, DstIp, DstPort, UID, App, Proto, Status, Info, BytesSent, BytesRcvd,
//! PktsSent, PktsRcvd, FirstSeen, LastSeen (milliseconds). `Info` is the name of the server, the URL, or the
//! name that was looked up.

use super::lines::Place;
use super::output::{NOT_IN_LOG, Output, Told, application, host, protocol, transport};
use super::record::Record;
use super::rows::read_csv;
use super::{Input, LogError, Summary, Taken};
use crate::har::address::target;
use crate::har::time::{epoch, iso8601};
use crate::model::{Connection, Limits, NOT_TOLD, Sink, Stopped, Transport};

/// Read an export. Each row is one connection.
///
/// # Errors
/// [`LogError`] when it is another table.
pub fn read_pcapdroid(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    let needed = ["ipproto", "srcip", "dstip", "uid", "app", "info"];
    read_csv(
        input,
        limits,
        sink,
        "a PCAPdroid connection list",
        &needed,
        &mut row,
    )
}

fn time(record: &Record, name: &str) -> Option<i64> {
    let text = record.get(name)?;
    match text.parse() {
        Ok(number) => epoch(number),
        Err(_) => iso8601(text.as_bytes()),
    }
}

fn row(record: &Record, place: Place, out: &mut Output<'_>) -> Result<Taken, Stopped> {
    let Some(server) = record.get("dstip") else {
        return Ok(Taken::Damaged(
            "a connection without a server; its row is left out",
        ));
    };
    let spoken = record.get("proto").unwrap_or_default();
    let kind = application(spoken).or_else(|| (spoken == "HTTPS").then_some("tls"));
    let info = record.get("info");
    let lookup = kind == Some("dns");
    let name = info
        .filter(|_| !lookup)
        .map(|i| match i.contains("://") {
            true => target(i).host.unwrap_or_default().into_owned(),
            false => {
                let end = i.find(['/', ':']).unwrap_or(i.len());
                i.get(..end).unwrap_or_default().to_owned()
            }
        })
        .and_then(|name| host(&name).map(|n| n.into_owned()));
    let app = record.any(&["package", "app"]).filter(|a| *a != "Unknown");
    let first = time(record, "firstseen").unwrap_or_default();
    let client = record.get("srcip").unwrap_or_default();
    let ports = (record.port("srcport"), record.port("dstport"));
    let url = info.filter(|i| i.starts_with("http://") || i.starts_with("https://"));
    let readable = url.is_some() || lookup && info.is_some();
    let id = out.connection(
        Connection {
            protocol: protocol(record.get("ipproto").unwrap_or_default()),
            application: kind,
            client: (client.to_owned(), ports.0),
            server: (server.to_owned(), ports.1),
            first,
            last: time(record, "lastseen").unwrap_or(first),
            bytes_up: record.count("bytessent").unwrap_or(NOT_TOLD),
            bytes_down: record.count("bytesrcvd").unwrap_or(NOT_TOLD),
            packets_up: record.count("pktssent").unwrap_or(NOT_TOLD),
            packets_down: record.count("pktsrcvd").unwrap_or(NOT_TOLD),
            transport: transport(kind),
            opened: readable,
            not_opened: (!readable).then_some(NOT_IN_LOG),
            app: app.map(str::to_owned),
            host: name.clone(),
            ..Connection::default()
        },
        place,
    )?;
    if readable {
        let looked_up = info.map(|i| format!("dns:{}", i.to_ascii_lowercase()));
        out.ask(
            &Told {
                connection: Some(id),
                protocol: if lookup { "dns" } else { "http" },
                time: Some(first).filter(|&t| t != 0),
                app,
                host: name.as_deref(),
                client: Some((client, ports.0)),
                server: Some((server, ports.1)),
                url: if lookup { looked_up.as_deref() } else { url },
                transport: Some(match url {
                    Some(url) => target(url).transport,
                    None => Transport::Clear,
                }),
                ..Told::default()
            },
            place,
        )?;
    }
    Ok(Taken::Yes)
}
