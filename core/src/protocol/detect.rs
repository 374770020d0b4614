//! Which protocol is it? Told from the first bytes; ports only where the bytes say little.

use super::dns;
use super::http1::head::{self, Verdict};
use super::{http2, mqtt};
use crate::model::Direction;

/// What the first bytes of one direction of a TCP connection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// HTTP/1; these bytes are from the client (`Up`) or from the server.
    Http(Direction),
    /// TLS records; who sends them, if they tell.
    Tls(Option<Direction>),
    /// HTTP/2; these bytes are from the client, from the server, or from either.
    Http2(Option<Direction>),
    /// MQTT; these bytes are from the client, or from the middle of either side.
    Mqtt(Option<Direction>),
    /// DNS with a length before each message (RFC 1035 section 4.2.2).
    Dns(Direction),
    /// A protocol that is known by name only.
    Named(&'static str),
    /// More bytes are needed.
    More,
    /// Nothing known.
    Unknown,
}

/// Bytes after which a direction that has not shown what it is stays unknown.
pub const ENOUGH: usize = 8 << 10;

/// Looks at the first bytes of one direction of a TCP connection.
pub fn stream(bytes: &[u8], ports: (u16, u16)) -> Stream {
    let Some(&first) = bytes.first() else {
        return Stream::More;
    };
    if (0x14..=0x17).contains(&first) {
        return match bytes {
            // RFC 8446 section 5.1: type, version 3.x, length up to 2^14 + 2048.
            [kind, 3, 0..=4, high, _, rest @ ..] if *high <= 0x48 => match (kind, rest.first()) {
                (0x16, None) => Stream::More,
                (0x16, Some(1)) => Stream::Tls(Some(Direction::Up)),
                (0x16, Some(2)) => Stream::Tls(Some(Direction::Down)),
                _ => Stream::Tls(None),
            },
            [_, 3, 0..=4, ..] | [_, 3] | [_] => Stream::More,
            // WeChat's own transport looks like TLS with another version.
            [_, 0xf1, 3..=4, ..] => Stream::Named("mmtls"),
            _ => Stream::Unknown,
        };
    }
    if crate::secure::hello::is_old_hello(bytes) {
        return Stream::Tls(Some(Direction::Up));
    }
    if bytes.starts_with(http2::PREFACE) {
        return Stream::Http2(Some(Direction::Up));
    }
    if http2::PREFACE.starts_with(bytes) {
        return Stream::More;
    }
    match http2::begins_settings(bytes) {
        Some(true) => return Stream::Http2(Some(Direction::Down)),
        None => return Stream::More,
        Some(false) if http2::surely(bytes) => return Stream::Http2(None),
        Some(false) => {}
    }
    match mqtt::begins(bytes) {
        Some(true) => return Stream::Mqtt(Some(Direction::Up)),
        None => return Stream::More,
        Some(false) if mqtt::surely(bytes) => return Stream::Mqtt(None),
        Some(false) => {}
    }
    // Some clients end a body with a line end too many (RFC 9112 section 2.2).
    let blank = bytes.iter().take_while(|b| b"\r\n".contains(b)).count();
    let line = bytes.get(blank.min(8)..).unwrap_or_default();
    match (head::begins_response(line), head::begins_request(line)) {
        (Verdict::Yes, _) => return Stream::Http(Direction::Down),
        (_, Verdict::Yes) => return Stream::Http(Direction::Up),
        (Verdict::No, Verdict::No) => {}
        _ if bytes.len() < ENOUGH && !known_otherwise(bytes) => return Stream::More,
        _ => {}
    }
    if dns::is_stream_port(ports.0) || dns::is_stream_port(ports.1) {
        match bytes {
            [high, low, message @ ..] if message.len() >= 12 => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if length >= 12 && dns::looks_right(message) {
                    let answer = message.get(2).is_some_and(|b| b & 0x80 != 0);
                    return Stream::Dns(if answer {
                        Direction::Down
                    } else {
                        Direction::Up
                    });
                }
            }
            _ if bytes.len() < 14 => return Stream::More,
            _ => {}
        }
    }
    named(bytes).map_or(Stream::Unknown, Stream::Named)
}

fn known_otherwise(bytes: &[u8]) -> bool {
    named(bytes).is_some()
}

fn named(bytes: &[u8]) -> Option<&'static str> {
    const STARTS: &[(&[u8], &str)] = &[
        (b"SSH-", "ssh"),
        (b"<?xml", "xmpp"),
        (b"<stream:stream", "xmpp"),
        (b"\x13BitTorrent protocol", "bittorrent"),
        (b"RTSP/1.", "rtsp"),
        (b"SIP/2.0 ", "sip"),
        (b"* OK ", "imap"),
        (b"+OK ", "pop3"),
        (b"WA", "whatsapp"),
        (b"ED\0\x01", "whatsapp"),
    ];
    if let Some((_, name)) = STARTS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(name);
    }
    match bytes {
        // TPKT with an X.224 connection request: remote desktop.
        [3, 0, _, _, _, 0xe0, ..] => Some("rdp"),
        [5, 1..=4, 0..=3, ..] if bytes.len() <= 6 => Some("socks"),
        [b'2', b'2', b'0', b' ' | b'-', ..] => Some("smtp or ftp"),
        _ => None,
    }
}

/// Is a protocol that is known by its name sent in words anyone can read, and not read here? Its bytes are
/// then kept like those of unknown ones.
pub fn is_readable(name: &str) -> bool {
    matches!(
        name,
        "xmpp" | "rtsp" | "sip" | "imap" | "pop3" | "smtp or ftp"
    )
}

/// Looks at a UDP datagram. DNS is asked for by [`dns::is_port`] first.
pub fn datagram(bytes: &[u8], ports: (u16, u16)) -> Option<&'static str> {
    let on = |port: u16| ports.0 == port || ports.1 == port;
    match bytes {
        // RFC 8999: long header, version, connection id of at most 20 bytes (255 in version negotiation).
        [first, v0, v1, v2, v3, id, ..]
            if first & 0x80 != 0 && quic_version([*v0, *v1, *v2, *v3], *first, *id) =>
        {
            Some("quic")
        }
        // Google's QUIC before version 46: public flags, connection id, version `Qnnn`.
        [first, ..]
            if first & 0x89 == 0x09
                && matches!(bytes.get(9..13), Some([b'Q', a, b, c]) if [a, b, c].iter().all(|d| d.is_ascii_digit())) =>
        {
            Some("quic")
        }
        // RFC 8489 section 5: magic cookie, and the two first bits are zero.
        [0..=0x3f, _, _, _, 0x21, 0x12, 0xa4, 0x42, ..] => Some("stun"),
        [0x14..=0x17, 0xfe, 0xfd | 0xff | 0xfc, ..] if bytes.len() >= 13 => Some("dtls"),
        [0x01, 0, 0, 0, ..] if bytes.len() == 148 => Some("wireguard"),
        [0x02, 0, 0, 0, ..] if bytes.len() == 92 => Some("wireguard"),
        _ if bytes.starts_with(b"M-SEARCH * HTTP/1.") || bytes.starts_with(b"NOTIFY * HTTP/1.") => {
            Some("ssdp")
        }
        [op @ (1 | 2), 1, 6, ..] if bytes.len() >= 240 && (on(67) || on(68)) && *op > 0 => {
            Some("dhcp")
        }
        [_, ..] if on(546) || on(547) => Some("dhcpv6"),
        [first, ..] if on(123) && bytes.len() >= 48 && matches!(first & 7, 1..=5) => Some("ntp"),
        _ if on(137) => Some("netbios"),
        _ if bytes.starts_with(b"SIP/2.0 ") || on(5060) && bytes.len() > 20 => Some("sip"),
        _ => None,
    }
}

fn quic_version(version: [u8; 4], first: u8, id: u8) -> bool {
    match version {
        [0, 0, 0, 0] => first & 0x40 != 0 && id <= 20,
        [0, 0, 0, 1] | [0x6b, 0x33, 0x43, 0xcf] | [0xff, 0, 0, _] | [0xfa, 0xce, 0xb0, _] => {
            id <= 20
        }
        [b'Q' | b'T', a, b, c] => [a, b, c].iter().all(|d| d.is_ascii_digit()),
        [a, b, c, d] => [a, b, c, d].iter().all(|v| *v & 0x0f == 0x0a) && id <= 20,
    }
}
