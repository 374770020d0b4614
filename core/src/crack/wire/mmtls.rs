//! `mmtls`: the transport of WeChat, inside or beside TLS.
//!
//! Facts: the Citizen Lab's report and repository. Records with a type, a version of two bytes and a length;
//! the keys are agreed for each session.

use super::{Outcome, Surroundings, WireFormat};

/// The format.
pub(super) struct MmTls;

/// Type, version, length.
const HEADER: usize = 5;
/// Records that are looked at.
const RECORDS: usize = 64;

impl WireFormat for MmTls {
    fn id(&self) -> &'static str {
        "mmtls"
    }

    fn name(&self) -> &'static str {
        "MMTLS"
    }

    fn vendor(&self) -> &'static str {
        "Tencent"
    }

    fn outcome(&self, _around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        if !field.is_empty() {
            return None;
        }
        let mut rest = value;
        for _ in 0..RECORDS {
            let &[kind, 0xf1, 0x04, high, low] = rest.first_chunk::<HEADER>()? else {
                return None;
            };
            if !matches!(kind, 0x15 | 0x16 | 0x17 | 0x19) {
                return None;
            }
            let length = usize::from(u16::from_be_bytes([high, low]));
            rest = rest.get(HEADER.checked_add(length)?..)?;
            if rest.is_empty() {
                return Some(Outcome::ToRecipient(
                    "The keys are agreed between the app and the server for each session.",
                ));
            }
        }
        None
    }
}
