//! `heytap-stat`: statistics of HeyTap (OPPO, later OnePlus, realme).
//!
//! Facts: decompiled by third parties. JSON, perhaps gzip; or a frame with a length and the number of a key
//! from a remote configuration, whose cipher was not read.

use super::open::{is_gzip, is_json};
use super::{Outcome, Surroundings, WireFormat};

/// The format.
pub(super) struct Statistics;

const HOSTS: [&str; 3] = [
    "dragate-*.dc.heytapmobi.com",
    "dragate-*.dc.heytapmobile.com",
    "dragate-in-dc.heytapmobile.com",
];
const CONFIGURATION: &str = "conf-*.dc.heytapmobi.com";
/// What the length in a frame counts besides the ciphertext.
const FRAME: usize = 8;

impl WireFormat for Statistics {
    fn id(&self) -> &'static str {
        "heytap-stat"
    }

    fn name(&self) -> &'static str {
        "HeyTap statistics"
    }

    fn vendor(&self) -> &'static str {
        "OPPO"
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        let events = around.host_is(&HOSTS) && around.path_is(&["/v1/stat/"]);
        let configuration = around.host_is(&[CONFIGURATION])
            && around.path_is(&["/v1/conf/sdk", "/v1/events/sdk", "/v2/id/"]);
        if !field.is_empty() || !(events || configuration) {
            return None;
        }
        if is_json(value) || is_gzip(value) {
            return Some(Outcome::Plain);
        }
        let length = u32::from_le_bytes(*value.first_chunk::<4>()?);
        let framed = usize::try_from(length).is_ok_and(|length| {
            length == value.len() || length == value.len().saturating_sub(FRAME).saturating_add(8)
        });
        framed.then_some(Outcome::NotKnown(
            "Enciphered with a key from a remote configuration; the cipher is not known.",
        ))
    }
}
