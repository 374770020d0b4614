//! DHCP (RFC 2131, options of RFC 2132): what a client tells of itself when it joins a network.

use super::{Address, Mac};

const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
/// Options of one message that are looked at.
const OPTIONS: usize = 128;

/// What one message says.
pub(super) struct Lease {
    /// The client.
    pub client: Mac,
    /// The address it has or is given.
    pub address: Option<Address>,
    /// What it tells of itself: name of the option and its value. Empty in answers.
    pub told: Vec<(&'static str, String)>,
}

/// Read a message of either side.
pub(super) fn read(bytes: &[u8]) -> Option<Lease> {
    let request = match bytes.first_chunk()? {
        [1, 1, 6] => true,
        [2, 1, 6] => false,
        _ => return None,
    };
    let client = bytes.get(28..34)?.try_into().ok()?;
    if bytes.get(236..240)? != COOKIE {
        return None;
    }
    let own = address(bytes.get(12..16)?);
    let mut lease = Lease {
        client,
        address: if request {
            own
        } else {
            address(bytes.get(16..20)?)
        },
        told: Vec::new(),
    };
    let mut rest = bytes.get(240..)?;
    for _ in 0..OPTIONS {
        match *rest {
            [0, ..] => rest = &rest[1..],
            [255, ..] | [] | [_] => break,
            [code, length, ..] => {
                let Some(value) = rest.get(2..2 + usize::from(length)) else {
                    break;
                };
                if request {
                    lease.told.extend(option(code, value));
                }
                rest = rest.get(2 + usize::from(length)..).unwrap_or_default();
            }
        }
    }
    if !request && let Some(given) = lease.address {
        lease.told.push(("given", given.text()));
    }
    Some(lease)
}

fn address(bytes: &[u8]) -> Option<Address> {
    let four: [u8; 4] = bytes.try_into().ok()?;
    (four != [0; 4]).then(|| Address::v4(four))
}

/// An option that says something about the device.
fn option(code: u8, value: &[u8]) -> Option<(&'static str, String)> {
    let words = |bytes: &[u8]| {
        let end = bytes
            .iter()
            .rposition(|&b| b != 0)
            .map_or(0, |last| last + 1);
        String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
    };
    let found = match code {
        12 => ("host-name", words(value)),
        // Parameters asked for, in order: a fingerprint of the client's system.
        55 => {
            let numbers: Vec<String> = value.iter().map(u8::to_string).collect();
            ("parameters", numbers.join(","))
        }
        60 => ("vendor-class", words(value)),
        // RFC 4702: three bytes of flags before the name.
        81 => ("host-name", words(value.get(3..)?)),
        _ => return None,
    };
    (!found.1.is_empty()).then_some(found)
}
