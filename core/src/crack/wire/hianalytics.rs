//! `hianalytics`: Huawei HiAnalytics.
//!
//! Facts: decompiled by third parties. JSON with `header` and `event`; where `header.chifer` (so spelled) is
//! filled, it is the content key wrapped with the server's RSA key.

use memchr::memmem::find;

use super::{Outcome, Surroundings, WireFormat};

/// The format.
pub(super) struct HiAnalytics;

const PATHS: [&str; 3] = [
    "/common/hmshioperqrt",
    "/common/hmshimaintqrt",
    "/common/common2",
];

impl WireFormat for HiAnalytics {
    fn id(&self) -> &'static str {
        "hianalytics"
    }

    fn name(&self) -> &'static str {
        "HiAnalytics"
    }

    fn vendor(&self) -> &'static str {
        "Huawei"
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        if !around.path_is(&PATHS) || !matches!(field, "" | "event") {
            return None;
        }
        // The body was taken apart: the wrapped key stands beside the events.
        if let ("event", Some(key)) = (field, around.field("chifer")) {
            return Some(outcome(key.is_empty()));
        }
        let at = find(value, b"\"chifer\"")?;
        let rest = value.get(at.checked_add(8)?..)?.trim_ascii_start();
        let rest = rest.strip_prefix(b":")?.trim_ascii_start();
        Some(outcome(
            rest.starts_with(b"\"\"") || rest.starts_with(b"null"),
        ))
    }
}

fn outcome(without_key: bool) -> Outcome {
    if without_key {
        Outcome::Plain
    } else {
        Outcome::ToRecipient("The content key is wrapped with the public key of the server.")
    }
}
