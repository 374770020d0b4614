//! Pi-hole: tables of queries, exported from the web page or from the long-term database
//! (docs.pi-hole.net/database/query-database), as CSV.

use super::lookup::{Lookup, code, emit};
use super::rows::read_csv;
use super::{Input, LogError, Summary, Taken};
use crate::har::time::{epoch, iso8601};
use crate::model::{Limits, Sink};

/// Query types by their number in the database, from 1.
const KINDS: [&str; 16] = [
    "A", "AAAA", "ANY", "SRV", "SOA", "PTR", "TXT", "NAPTR", "MX", "DS", "RRSIG", "DNSKEY", "NS",
    "OTHER", "SVCB", "HTTPS",
];
/// Numbers of statuses that mean a name was refused.
const REFUSED: [i64; 12] = [1, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 18];

/// Read an export.
///
/// # Errors
/// [`LogError`] when it is another table.
pub fn read_pihole(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    let needed = ["domain", "client", "status"];
    read_csv(
        input,
        limits,
        sink,
        "a table of Pi-hole queries",
        &needed,
        &mut |record, place, out| {
            let kind = record.any(&["type", "query type", "query_type"]);
            let numbered = kind
                .and_then(|k| k.parse::<usize>().ok())
                .and_then(|n| KINDS.get(n.checked_sub(1)?).copied());
            let status = record.get("status").unwrap_or_default();
            let time = record.any(&["timestamp", "time", "date"]);
            let lookup = Lookup {
                time: time.and_then(|t| {
                    t.parse()
                        .ok()
                        .and_then(epoch)
                        .or_else(|| iso8601(t.as_bytes()))
                }),
                client: record.get("client"),
                name: record.get("domain").unwrap_or_default(),
                kind: numbered.or(kind),
                blocked: refused(status),
                status: record.any(&["reply", "reply_type"]).and_then(|word| {
                    // The database numbers replies otherwise than RFC 1035.
                    code(word).filter(|_| word.parse::<i64>().is_err())
                }),
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

fn refused(status: &str) -> bool {
    let word = status.to_ascii_lowercase();
    match word.parse::<i64>() {
        Ok(number) => REFUSED.contains(&number),
        Err(_) => {
            ["block", "gravity", "deny", "denied", "blacklist", "regex"]
                .iter()
                .any(|w| word.contains(w))
                && !word.contains("not blocked")
        }
    }
}
