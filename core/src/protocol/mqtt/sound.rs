//! Which bytes are surely MQTT.

use super::packet::{field, kind, remaining};

/// Do these bytes begin a CONNECT packet? `None`: more are needed.
pub fn begins(bytes: &[u8]) -> Option<bool> {
    let (&first, rest) = bytes.split_first()?;
    if first != kind::CONNECT << 4 {
        return Some(false);
    }
    let end = rest.iter().take(4).position(|b| b & 0x80 == 0);
    let Some(end) = end else {
        return if rest.len() < 4 { None } else { Some(false) };
    };
    let body = rest.get(end + 1..).unwrap_or_default();
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    let known = |name: &&[u8]| body.starts_with(name);
    let begun = |name: &&[u8]| name.starts_with(body);
    if names.iter().any(known) {
        Some(true)
    } else if names.iter().any(begun) {
        None
    } else {
        Some(false)
    }
}

/// Are these bytes, which start a segment in the middle of a connection, surely MQTT? Told by a PUBLISH with
/// a readable topic, among packets that end where the bytes do.
pub fn surely(bytes: &[u8]) -> bool {
    let mut published = false;
    let sound = walk(bytes, |packet, mut body| {
        if packet == kind::PUBLISH {
            let topic = field(&mut body).and_then(|topic| std::str::from_utf8(topic).ok());
            published |= topic.is_some_and(|topic| {
                topic.len() >= 3
                    && !topic
                        .chars()
                        .any(|c| c.is_control() || c == '#' || c == '+')
            });
        }
    });
    sound && published
}

pub(super) fn whole_packets(bytes: &[u8]) -> bool {
    walk(bytes, |_, _| {})
}

/// Shows type and rest of each packet; false if the bytes are not whole packets of sound form.
fn walk<'a>(bytes: &'a [u8], mut show: impl FnMut(u8, &'a [u8])) -> bool {
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let (packet, flags) = (first >> 4, first & 0x0f);
        // MQTT 5.0 section 2.1.3.
        let sound = match packet {
            kind::PUBLISH => flags & 6 != 6,
            kind::PUBREL | kind::SUBSCRIBE | kind::UNSUBSCRIBE => flags == 2,
            0 => false,
            _ => flags == 0,
        };
        let empty = matches!(packet, kind::PINGREQ | kind::PINGRESP);
        let mut size = 0;
        let length = (1..=4).find_map(|count| {
            size = count;
            remaining(after.get(..count)?).flatten()
        });
        let body = length.and_then(|length| after.get(size..)?.split_at_checked(length));
        match body {
            Some((body, next)) if sound && (body.is_empty() || !empty) => {
                show(packet, body);
                rest = next;
            }
            _ => return false,
        }
    }
    true
}
