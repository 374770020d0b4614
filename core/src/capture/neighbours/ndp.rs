//! Neighbour discovery (RFC 4861): which hardware address has an IPv6 address.

use super::{Address, Mac};

/// Options of one message that are looked at.
const OPTIONS: usize = 16;
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;

/// Who has an address, from a solicitation (its sender) or an advertisement (its target).
pub(super) fn holder(source: Address, bytes: &[u8]) -> Option<(Mac, Address)> {
    let (wanted, address) = match *bytes.first()? {
        // The unspecified address asks whether one is free.
        SOLICITATION if !source.is_unspecified() => (1, source),
        ADVERTISEMENT => (2, Address::v6(bytes.get(8..24)?.try_into().ok()?)),
        _ => return None,
    };
    let mut options = bytes.get(24..)?;
    for _ in 0..OPTIONS {
        let [kind, length, ..] = *options else {
            return None;
        };
        let length = usize::from(length) * 8;
        if kind == wanted && length == 8 {
            return Some((options.get(2..8)?.try_into().ok()?, address));
        }
        options = options.get(length.max(8)..)?;
    }
    None
}
