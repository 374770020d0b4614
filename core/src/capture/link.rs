//! From a link-layer frame to the IP packet inside (tcpdump.org/linktypes).

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside<'a> {
    /// An IP packet, and perhaps padding or a trailer after it.
    Ip(&'a [u8]),
    /// An ARP packet.
    Arp(&'a [u8]),
    /// Another protocol.
    Other,
    /// Shorter than its own headers.
    Short,
    /// A link type that is not read.
    Unsupported,
}

/// VLAN tags and MPLS labels on top of each other.
const TAGS: usize = 16;

/// Takes the link-layer header off.
#[inline]
pub fn inside(link: u32, frame: &[u8]) -> Inside<'_> {
    match link {
        1 => match frame {
            [_, _, _, _, _, _, _, _, _, _, _, _, high, low, rest @ ..] => {
                by_type(u16::from_be_bytes([*high, *low]), rest)
            }
            _ => Inside::Short,
        },
        // Raw IP, in the numberings of several systems.
        12 | 14 | 101 | 228 | 229 => by_version(frame),
        // BSD null (host byte order) and loopback (network byte order): an address family.
        0 | 108 => match frame {
            [a, b, c, d, rest @ ..] => {
                match (u32::from_be_bytes([*a, *b, *c, *d]), [*a, *b, *c, *d]) {
                    (2 | 10 | 24 | 28 | 30, _) => by_version(rest),
                    (_, [2 | 10 | 24 | 28 | 30, 0, 0, 0]) => by_version(rest),
                    _ => Inside::Other,
                }
            }
            _ => Inside::Short,
        },
        // Linux cooked captures, versions 1 and 2.
        113 => match (frame.get(14..16), frame.get(16..)) {
            (Some([high, low]), Some(rest)) => by_type(u16::from_be_bytes([*high, *low]), rest),
            _ => Inside::Short,
        },
        276 => match (frame.get(..2), frame.get(20..)) {
            (Some([high, low]), Some(rest)) => by_type(u16::from_be_bytes([*high, *low]), rest),
            _ => Inside::Short,
        },
        // PPP, with or without HDLC framing.
        9 | 50 => match frame {
            [0xff, 3, rest @ ..] => by_ppp(rest),
            rest => by_ppp(rest),
        },
        _ => Inside::Unsupported,
    }
}

/// By EtherType, through VLAN tags, PPPoE, MPLS and SNAP.
fn by_type(mut kind: u16, mut rest: &[u8]) -> Inside<'_> {
    for _ in 0..TAGS {
        match (kind, rest) {
            (0x0800 | 0x86dd, _) => return by_version(rest),
            (0x0806, _) => return Inside::Arp(rest),
            (0x8100 | 0x88a8 | 0x9100 | 0x9200, [_, _, high, low, inner @ ..]) => {
                kind = u16::from_be_bytes([*high, *low]);
                rest = inner;
            }
            (0x8864, [_, _, _, _, _, _, inner @ ..]) => return by_ppp(inner),
            (0x8847 | 0x8848, [_, _, last, _, inner @ ..]) => {
                if last & 1 != 0 {
                    return by_version(inner);
                }
                rest = inner;
            }
            // IEEE 802.3 length, or Linux's mark for it, with LLC and SNAP.
            (0..=0x05dc, [0xaa, 0xaa, 3, 0, 0, 0, high, low, inner @ ..]) => {
                kind = u16::from_be_bytes([*high, *low]);
                rest = inner;
            }
            (0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x8864 | 0x8847 | 0x8848, _) => {
                return Inside::Short;
            }
            _ => return Inside::Other,
        }
    }
    Inside::Other
}

fn by_ppp(bytes: &[u8]) -> Inside<'_> {
    match bytes {
        [0, 0x21 | 0x57, rest @ ..] | [0x21 | 0x57, rest @ ..] => by_version(rest),
        [] => Inside::Short,
        _ => Inside::Other,
    }
}

/// By the version in the first four bits, which is right even where the link layer is not.
fn by_version(bytes: &[u8]) -> Inside<'_> {
    match bytes.first().map(|b| b >> 4) {
        Some(4 | 6) => Inside::Ip(bytes),
        Some(_) => Inside::Other,
        None => Inside::Short,
    }
}
