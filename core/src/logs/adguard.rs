//! AdGuard Home: `querylog.json`, one JSON object per lookup (AdGuardHome `internal/querylog`).
//!
//! `T` time, `QH` name, `QT` type, `IP` client, `CP` protocol of the client (empty: plain DNS), `Answer` the
//! answer as DNS message in base64, `Result` what the filters did.

use data_encoding::BASE64;

use super::lookup::{Lookup, emit};
use super::rows::read_json_lines;
use super::{Input, LogError, Summary, Taken};
use crate::har::time::iso8601;
use crate::model::{Limits, Sink, Transport};
use crate::protocol::dns;

/// Read a log.
///
/// # Errors
/// [`LogError`] when no line is such a lookup.
pub fn read_adguard(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    read_json_lines(
        input,
        limits,
        sink,
        "an AdGuard Home query log",
        &mut |record, place, out| {
            let Some(name) = record.get("QH") else {
                return Ok(Taken::Damaged(
                    "a line without the name that was looked up; it is left out",
                ));
            };
            let packed = record
                .get("Answer")
                .map(|text| BASE64.decode(text.as_bytes()));
            let answer = match packed {
                Some(Ok(bytes)) => dns::answer(&bytes),
                Some(Err(_)) => {
                    let text = "an answer is not base64; its lookup is kept without it";
                    out.problem("malformed", text, place);
                    None
                }
                None => None,
            };
            let answer = answer.unwrap_or_default();
            let lookup = Lookup {
                time: record.get("T").and_then(|t| iso8601(t.as_bytes())),
                client: record.any(&["IP", "CID"]),
                name,
                kind: record.get("QT"),
                transport: Some(match record.get("CP") {
                    None => Transport::Clear,
                    Some("doh" | "dot" | "doq") => Transport::Tls,
                    Some(_) => Transport::Unknown,
                }),
                blocked: record.get("Result.IsFiltered") == Some("true"),
                status: answer.code,
                addresses: answer.addresses,
                canonical: answer.canonical,
            };
            Ok(if emit(&lookup, place, out)? {
                Taken::Yes
            } else {
                Taken::Damaged("a lookup without a name; its row is left out")
            })
        },
    )
}
