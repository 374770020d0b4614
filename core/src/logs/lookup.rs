//! One lookup of a name, as the log of a name server tells of it.

use std::net::IpAddr;

use super::lines::Place;
use super::output::{BLOCKED, ONLY_LOOKED_UP, Output, Told, host, seen, untold};
use crate::model::{Connection, Name, Stopped, Transport};

/// A lookup.
#[derive(Debug, Default)]
pub struct Lookup<'a> {
    /// When, in microseconds since 1970.
    pub time: Option<i64>,
    /// Who asked: an address, or the name the log has for the device.
    pub client: Option<&'a str>,
    /// The name asked for.
    pub name: &'a str,
    /// The type asked for (`A`, `AAAA`, …).
    pub kind: Option<&'a str>,
    /// How the question travelled from the device to the name server.
    pub transport: Option<Transport>,
    /// True when the name server refused the name.
    pub blocked: bool,
    /// The response code, if the log tells of an answer (RFC 1035 section 4.1.1).
    pub status: Option<i64>,
    /// Addresses in the answer.
    pub addresses: Vec<String>,
    /// End of the CNAME chain, if another name.
    pub canonical: Option<String>,
}

/// Hand over the question, its answer, the addresses, and that the name was looked up. Returns false when
/// the name is empty.
///
/// # Errors
/// [`Stopped`].
pub fn emit(lookup: &Lookup<'_>, place: Place, out: &mut Output<'_>) -> Result<bool, Stopped> {
    let Some(name) = host(lookup.name) else {
        return Ok(false);
    };
    let url = format!("dns:{name}");
    let told = Told {
        protocol: "dns",
        time: lookup.time,
        client: lookup.client.map(|c| (c, 0)),
        method: lookup.kind,
        url: Some(&url),
        transport: lookup.transport,
        ..Told::default()
    };
    let asked = out.ask(&told, place)?;
    if lookup.status.is_some() || !lookup.addresses.is_empty() {
        let answer = out.answer(&told, Some(asked), lookup.status.or(Some(0)), place)?;
        for address in &lookup.addresses {
            out.name(&Name {
                name: &name,
                canonical: lookup.canonical.as_deref().filter(|c| *c != name),
                address,
                message: answer,
            })?;
        }
    }
    looked_up(&name, lookup, place, out)?;
    Ok(true)
}

/// A row of table `connections` for each client and name: to whom a device may have gone.
fn looked_up(
    name: &str,
    lookup: &Lookup<'_>,
    place: Place,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    // Names within the own network, and names made from addresses, are not recipients.
    if !name.contains('.') || name.ends_with(".arpa") || name.ends_with(".local") {
        return Ok(());
    }
    let client = lookup.client.unwrap_or_default();
    let connection = out.shared(&key(client, name), place, || Connection {
        client: (client.to_owned(), 0),
        host: Some(name.to_owned()),
        not_opened: Some(BLOCKED),
        ..untold()
    })?;
    if !lookup.blocked {
        connection.not_opened = Some(ONLY_LOOKED_UP);
    }
    seen(connection, lookup.time);
    Ok(())
}

fn key(client: &str, name: &str) -> String {
    format!("{client}\0{name}")
}

/// Say of a lookup that was handed over that the name server refused it, for logs that tell so later.
pub fn refused(client: &str, name: &str, out: &mut Output<'_>) {
    if let Some(connection) = out.known(&key(client, name)) {
        connection.not_opened = Some(BLOCKED);
    }
}

/// The text if it is an address.
pub fn address(text: &str) -> Option<String> {
    text.parse::<IpAddr>().ok().map(|a| a.to_string())
}

/// The response code of a name such as `NXDOMAIN` (IANA DNS RCODEs), or of a number.
pub fn code(word: &str) -> Option<i64> {
    Some(match word.to_ascii_uppercase().as_str() {
        "NOERROR" | "NODATA" => 0,
        "FORMERR" => 1,
        "SERVFAIL" => 2,
        "NXDOMAIN" => 3,
        "NOTIMP" => 4,
        "REFUSED" => 5,
        other => return other.parse().ok().filter(|n| (0..4096).contains(n)),
    })
}
