//! Service records SVCB and HTTPS (RFC 9460): where a service is, which protocols it speaks, whether it
//! takes encrypted hellos.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::wire::read_name;

/// Record types (RFC 9460 section 14.1).
const SVCB: u16 = 64;
const HTTPS: u16 = 65;

/// Parameters (RFC 9460 section 14.3.2, RFC 9461).
mod key {
    pub const ALPN: u16 = 1;
    pub const NO_DEFAULT_ALPN: u16 = 2;
    pub const PORT: u16 = 3;
    pub const IPV4HINT: u16 = 4;
    pub const ECH: u16 = 5;
    pub const IPV6HINT: u16 = 6;
    pub const DOHPATH: u16 = 7;
}

/// The name of its type, if it is a service record.
pub(super) fn name_of(kind: u16) -> Option<&'static str> {
    match kind {
        SVCB => Some("SVCB"),
        HTTPS => Some("HTTPS"),
        _ => None,
    }
}

/// What a service record says.
pub(super) struct Service {
    /// Where the service is; empty for the owner of the record.
    pub target: String,
    /// Addresses given as hints (RFC 9460 section 7.3).
    pub addresses: Vec<IpAddr>,
    /// The record in the form of RFC 9460 section 2.1; the keys of `ech` are left out.
    pub text: String,
}

/// Reads the data of a record, which stands at `start..end` of a message.
pub(super) fn read(bytes: &[u8], start: usize, end: usize) -> Option<Service> {
    let whole = bytes.get(..end)?;
    let priority = whole.get(start..)?.first_chunk::<2>()?;
    let mut target = String::new();
    let mut at = read_name(whole, start + 2, &mut target)?;
    let mut text = format!("{} {target}", u16::from_be_bytes(*priority));
    if target == "." {
        target.clear();
    }
    let mut addresses = Vec::new();
    while let Some((&[a, b, c, d], rest)) = whole.get(at..).and_then(<[u8]>::split_first_chunk) {
        let length = usize::from(u16::from_be_bytes([c, d]));
        let value = rest.get(..length)?;
        at += 4 + length;
        parameter(u16::from_be_bytes([a, b]), value, &mut text, &mut addresses);
    }
    Some(Service {
        target,
        addresses,
        text,
    })
}

fn parameter(key: u16, value: &[u8], text: &mut String, addresses: &mut Vec<IpAddr>) {
    let before = addresses.len();
    // Writing to a String cannot fail.
    let _ = match key {
        key::ALPN => write!(text, " alpn={}", protocols(value)),
        key::NO_DEFAULT_ALPN => write!(text, " no-default-alpn"),
        key::PORT => match *value {
            [high, low] => write!(text, " port={}", u16::from_be_bytes([high, low])),
            _ => Ok(()),
        },
        key::IPV4HINT => {
            let four = value
                .chunks_exact(4)
                .filter_map(|a| <[u8; 4]>::try_from(a).ok());
            addresses.extend(four.map(|a| IpAddr::V4(Ipv4Addr::from(a))));
            write!(text, " ipv4hint={}", list(addresses.get(before..)))
        }
        key::IPV6HINT => {
            let sixteen = value
                .chunks_exact(16)
                .filter_map(|a| <[u8; 16]>::try_from(a).ok());
            addresses.extend(sixteen.map(|a| IpAddr::V6(Ipv6Addr::from(a))));
            write!(text, " ipv6hint={}", list(addresses.get(before..)))
        }
        key::ECH => write!(text, " ech"),
        key::DOHPATH => write!(text, " dohpath={}", String::from_utf8_lossy(value)),
        other => write!(text, " key{other}"),
    };
}

/// Protocols with their lengths (RFC 9460 section 7.1.1), with commas between.
fn protocols(value: &[u8]) -> String {
    let mut rest = value;
    let mut out = String::new();
    while let Some((&length, after)) = rest.split_first() {
        let Some((name, next)) = after.split_at_checked(usize::from(length)) else {
            break;
        };
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&String::from_utf8_lossy(name));
        rest = next;
    }
    out
}

fn list(addresses: Option<&[IpAddr]>) -> String {
    let words: Vec<String> = addresses
        .unwrap_or_default()
        .iter()
        .map(IpAddr::to_string)
        .collect();
    words.join(",")
}
