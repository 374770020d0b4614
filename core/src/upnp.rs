//! Descriptions that devices of the local network give over HTTP (UPnP Device Architecture 2.0, section 2.3).

use std::net::IpAddr;

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::capture::ip::Address;
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
        .is_some_and(|address: IpAddr| Address::from(address).is_local());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Transport;

    const DESCRIPTION: &[u8] = b"<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">\
        <device><deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType>\
        <friendlyName> Kitchen </friendlyName><manufacturer>Maker</manufacturer><serialNumber>77</serialNumber>\
        <deviceList><device><friendlyName>Inner</friendlyName></device></deviceList></device></root>";

    fn told(server: &str, direction: Direction, body: &[u8]) -> Vec<(String, String)> {
        let message = Message {
            id: 1,
            connection: None,
            answers: None,
            protocol: "http/1.1",
            direction,
            time: Some(5),
            app: None,
            host: None,
            client: None,
            server: Some((server, 80)),
            method: None,
            url: None,
            status: Some(200),
            headers: &[],
            body,
            transport: Transport::Clear,
            complete: true,
            missing: 0,
            frame: 9,
            offset: 0,
            length: 0,
        };
        let rows = described(&message);
        assert!(rows.iter().all(|row| row.frame == 9 && row.kind == "upnp"));
        rows.into_iter().map(|row| (row.name, row.value)).collect()
    }

    #[test]
    fn a_device_says_what_it_is_and_its_serial_number_stays_where_it_is() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            told("192.168.1.7", Direction::Down, DESCRIPTION),
            [
                pair("deviceType", "urn:schemas-upnp-org:device:MediaRenderer:1"),
                pair("friendlyName", "Kitchen"),
                pair("manufacturer", "Maker"),
            ]
        );
    }

    #[test]
    fn only_answers_of_the_local_network_that_are_descriptions() {
        assert!(told("8.8.8.8", Direction::Down, DESCRIPTION).is_empty());
        assert!(told("192.168.1.7", Direction::Up, DESCRIPTION).is_empty());
        assert!(
            told(
                "192.168.1.7",
                Direction::Down,
                b"<root><friendlyName>x</friendlyName></root>"
            )
            .is_empty()
        );
        let large = [DESCRIPTION, &vec![b' '; BYTES][..]].concat();
        assert!(told("192.168.1.7", Direction::Down, &large).is_empty());
        for end in 0..DESCRIPTION.len() {
            told("fe80::1", Direction::Down, &DESCRIPTION[..end]);
        }
    }
}
