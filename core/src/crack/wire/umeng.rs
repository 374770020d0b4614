//! `umeng-env`: the envelope of Umeng's analytics.
//!
//! Facts: a build of 2022, decompiled by a third party. A struct in Thrift's compact protocol whose field 7
//! is zlib of JSON; with field 10 = 1 that is enciphered, and the key is in field 3 of the same envelope.

use super::open::{Value, hex};
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::padding::Padding;
use crate::crack::selector::{Iv, Selector};

/// The format.
pub(super) struct Envelope;

/// Field 1, the string "1.0", and field 2, a string of 24 bytes.
const START: &[u8] = b"\x18\x031.0\x18\x18";
/// The constant vector.
const IV: [u8; 16] = [
    0x0a, 0x01, 0x0b, 0x05, 0x04, 0x0f, 0x07, 0x09, 0x17, 0x03, 0x01, 0x06, 0x08, 0x0c, 0x0d, 0x5b,
];
/// Fields that are read.
const FIELDS: usize = 16;

/// What is needed of an envelope.
struct Parts<'a> {
    signature: &'a [u8],
    /// Place of the entity.
    start: usize,
    end: usize,
    codex: u64,
}

/// A variable-length integer and the place behind it.
fn varint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(at)?;
        at = at.checked_add(1)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}

/// Read the struct to its end; it must end with the bytes.
fn read(bytes: &[u8]) -> Option<Parts<'_>> {
    let (mut at, mut field) = (0usize, 0u8);
    let mut parts = Parts {
        signature: &[],
        start: 0,
        end: 0,
        codex: 0,
    };
    for _ in 0..FIELDS {
        let head = *bytes.get(at)?;
        at = at.checked_add(1)?;
        if head == 0 {
            return (at == bytes.len() && parts.end > 0).then_some(parts);
        }
        field = field.checked_add(head >> 4).filter(|_| head >> 4 > 0)?;
        let (number, after) = varint(bytes, at)?;
        match head & 0x0f {
            // Booleans, bytes and numbers are not used but for 32-bit numbers.
            5 => {
                at = after;
                if field == 10 {
                    // Zigzag: 2 is 1.
                    parts.codex = number >> 1;
                }
            }
            8 => {
                let end = after.checked_add(usize::try_from(number).ok()?)?;
                let content = bytes.get(after..end)?;
                match field {
                    3 => parts.signature = content,
                    7 => (parts.start, parts.end) = (after, end),
                    _ => {}
                }
                at = end;
            }
            _ => return None,
        }
    }
    None
}

/// True for the beginning of a zlib stream.
fn is_zlib(plain: &[u8]) -> bool {
    matches!(plain, [cmf, flags, ..]
        if cmf & 0x0f == 8 && cmf >> 4 <= 7 && (u32::from(*cmf) * 256 + u32::from(*flags)) % 31 == 0)
}

impl WireFormat for Envelope {
    fn id(&self) -> &'static str {
        "umeng-env"
    }

    fn name(&self) -> &'static str {
        "Umeng analytics"
    }

    fn vendor(&self) -> &'static str {
        "Umeng"
    }

    fn is_whole(&self, _host: &str, body: &[u8]) -> bool {
        body.starts_with(START)
    }

    fn outcome(&self, _around: &Surroundings<'_>, _field: &str, value: &[u8]) -> Option<Outcome> {
        if !value.starts_with(START) {
            return None;
        }
        let parts = read(value)?;
        let entity = value.get(parts.start..parts.end)?;
        if parts.codex == 0 {
            return is_zlib(entity).then_some(Outcome::Plain);
        }
        let signature = hex(std::str::from_utf8(parts.signature).ok()?)?;
        let mut selector = Selector::key(signature.get(1..17)?)
            .with_iv(Iv::Bytes(IV.to_vec()))
            .with_pad(Padding::Pkcs7);
        selector.skip = parts.start;
        selector.cut = value.len().checked_sub(parts.end)?;
        let opened = Value::raw(value).decipher("aes-128-cbc", &selector, is_zlib);
        Some(opened.unwrap_or(Outcome::NotKnown(
            "An envelope of Umeng, but the key in it does not open it.",
        )))
    }
}
