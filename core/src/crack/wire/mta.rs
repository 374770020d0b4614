//! `mta`: Tencent's mobile analytics.
//!
//! Facts: a public capture of 2022 (the length in the plaintext matches). The header `Content-Encoding` says
//! `rc4` or `rc4,gzip`; the key is a constant of 32 characters. That `rc4` alone is JSON without a length is from
//! memory and not confirmed: it is opened only where JSON comes out.

use super::open::{Value, is_gzip, is_json};
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::selector::Selector;

/// The format.
pub(super) struct Mta;

const KEY: &[u8; 32] = b"03a976511e2cbe3a7f26808fb7af3c05";
/// A length of four bytes stands before the gzip member.
const LENGTH: usize = 4;

impl WireFormat for Mta {
    fn id(&self) -> &'static str {
        "mta"
    }

    fn name(&self) -> &'static str {
        "Tencent mobile analytics"
    }

    fn vendor(&self) -> &'static str {
        "Tencent"
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        let coding = around.header("Content-Encoding")?;
        let declared: Vec<u8> = coding
            .iter()
            .filter(|byte| **byte != b' ')
            .map(u8::to_ascii_lowercase)
            .collect();
        let zipped = match declared.as_slice() {
            b"rc4,gzip" => true,
            b"rc4" => false,
            _ => return None,
        };
        if !field.is_empty() {
            return None;
        }
        let value = Value::raw(value);
        let mut selector = Selector::key(KEY);
        let opened = if zipped {
            selector.drop = LENGTH;
            value.decipher("rc4", &selector, is_gzip)
        } else {
            value.decipher("rc4", &selector, is_json)
        };
        Some(opened.unwrap_or(Outcome::NotKnown(
            "Declared as RC4, but the key that is known does not open it.",
        )))
    }
}
