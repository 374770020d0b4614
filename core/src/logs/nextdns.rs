//! NextDNS: the CSV that the page "Logs" downloads.
//!
//! Columns: timestamp, domain, query_type, dnssec, protocol, client_ip, status, reasons,
//! destination_country, root_domain, device_id, device_name, device_model, device_local_ip, matched_name,
//! client_name.

use super::lookup::{Lookup, emit};
use super::rows::read_csv;
use super::{Input, LogError, Summary, Taken};
use crate::har::time::iso8601;
use crate::model::{Limits, Sink, Transport};

/// Read a log.
///
/// # Errors
/// [`LogError`] when it is another table.
pub fn read_nextdns(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    let needed = ["timestamp", "domain", "query_type", "status"];
    read_csv(
        input,
        limits,
        sink,
        "a NextDNS log",
        &needed,
        &mut |record, place, out| {
            let lookup = Lookup {
                time: record.get("timestamp").and_then(|t| iso8601(t.as_bytes())),
                client: record.any(&["device_local_ip", "client_ip", "device_name", "device_id"]),
                name: record.get("domain").unwrap_or_default(),
                kind: record.get("query_type"),
                transport: record.get("protocol").map(way),
                blocked: record.get("status") == Some("blocked"),
                ..Lookup::default()
            };
            Ok(if emit(&lookup, place, out)? {
                Taken::Yes
            } else {
                Taken::Damaged("a lookup without a name; its row is left out")
            })
        },
    )
}

/// How the question travelled, by NextDNS's word for the protocol.
fn way(protocol: &str) -> Transport {
    match protocol {
        "DNS-over-HTTPS" | "DNS-over-TLS" | "DNS-over-QUIC" | "DNS-over-HTTP/3" => Transport::Tls,
        "UDP" | "TCP" | "Do53" => Transport::Clear,
        _ => Transport::Unknown,
    }
}
