//! Descriptions that devices of the local network give over HTTP (UPnP Device Architecture 2.0, section 2.3).

use std::net::IpAddr;

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::model::{Announcement, Direction, Message};

/// Longest description that is read.
const BYTES: usize = 256 << 10;
/// Events of one description that are read.
const EVENTS: usize = 4096;
/// Bytes of one value.
const VALUE_BYTES: usize = 256;
/// Elements that say what the device is; serial numbers and addresses stay where they are.
const TOLD: &[&str] = &[
    "deviceType",
    "friendlyName",
    "manufacturer",
    "modelName",
    "modelNumber",
    "modelDescription",
];

/// What a server of the local network says that it is, if this is its description: the first device in it.
pub fn described(message: &Message<'_>) -> Vec<Announcement> {
    let from_here = message
        .server
        .and_then(|(address, _)| address.parse().ok())
        .is_some_and(is_local);
    if message.direction != Direction::Down
        || !from_here
        || message.body.len() > BYTES
        || memmem::find(message.body, b"urn:schemas-upnp-org:device").is_none()
    {
        return Vec::new();
    }
    let mut reader = Reader::from_reader(message.body);
    let mut told: Vec<(String, String)> = Vec::new();
    let mut element = None;
    for _ in 0..EVENTS {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.local_name();
                element = TOLD.iter().find(|known| **known == name.as_ref());
            }
            Ok(Event::Text(text)) => {
                let Some(name) = element.take() else {
                    continue;
                };
                let value: String = text.trim().chars().take(VALUE_BYTES).collect();
                if !value.is_empty() && told.iter().all(|(known, _)| known != name) {
                    told.push(((*name).to_owned(), value));
                }
            }
            Ok(Event::End(_)) => element = None,
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let address = message.server.map(|(address, _)| address.to_owned());
    told.into_iter()
        .map(|(name, value)| Announcement {
            mac: None,
            address: address.clone(),
            kind: "upnp",
            name,
            value,
            first: message.time,
            last: message.time,
            count: 1,
            frame: message.frame,
        })
        .collect()
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local() || address.is_unique_local(),
    }
}
