//! `sensors`, `sensors-enc`: Sensors Analytics.
//!
//! Facts: the vendor's own published source (sa-sdk-android of 2025-07-18). Events are base64 of gzip of JSON
//! in `data_list` (or `data`), `crc` is Java's `String.hashCode` of that text. With encryption switched on,
//! the content key of each session is wrapped with the server's public key. The code 0 (base64 of JSON) and the
//! field `data` are from memory and not confirmed: nothing is read because of them that the peeler does not read.

use super::{Outcome, Surroundings, WireFormat};

/// The form without a key.
pub(super) struct Sensors;
/// The form with a wrapped key.
pub(super) struct Encrypted;

const NAME: &str = "Sensors Analytics";
const VENDOR: &str = "Sensors Data";
const FIELDS: [&str; 2] = ["data_list", "data"];

/// Java's `String.hashCode` of ASCII text.
fn java_hash(text: &[u8]) -> i32 {
    text.iter().fold(0i32, |hash, &byte| {
        hash.wrapping_mul(31).wrapping_add(i32::from(byte))
    })
}

fn code<'a>(around: &Surroundings<'a>) -> Option<&'a [u8]> {
    around.field("gzip")
}

/// True when the field that holds the events is there and the check value is right, or is not sent by a
/// client that calls the usual path.
fn is_right(around: &Surroundings<'_>) -> bool {
    let Some(data) = FIELDS.iter().find_map(|name| around.field(name)) else {
        return false;
    };
    match around.field("crc") {
        Some(crc) => {
            let crc = std::str::from_utf8(crc)
                .ok()
                .and_then(|text| text.parse().ok());
            crc == Some(java_hash(data))
        }
        None => around.path.trim_end_matches('/').ends_with("/sa"),
    }
}

impl WireFormat for Sensors {
    fn id(&self) -> &'static str {
        "sensors"
    }

    fn name(&self) -> &'static str {
        NAME
    }

    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, _value: &[u8]) -> Option<Outcome> {
        let known = field.is_empty() || FIELDS.contains(&field);
        let is_code = matches!(code(around), Some(b"0" | b"1"));
        (known && is_code && is_right(around)).then_some(Outcome::Plain)
    }
}

impl WireFormat for Encrypted {
    fn id(&self) -> &'static str {
        "sensors-enc"
    }

    fn name(&self) -> &'static str {
        NAME
    }

    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        let is_code = matches!(code(around), Some(b"9" | b"13"));
        let data = FIELDS
            .iter()
            .find_map(|name| around.field(name))
            .unwrap_or(value);
        let grouped = [&b"\"ekey\""[..], b"\"pkv\"", b"\"payloads\""]
            .iter()
            .all(|word| memchr::memmem::find(data, word).is_some());
        let inside = matches!(field, "" | "data_list" | "data" | "ekey" | "payloads");
        (is_code && grouped && inside).then_some(Outcome::ToRecipient(
            "The content key of the session is wrapped with the public key of the server.",
        ))
    }
}
