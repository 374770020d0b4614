//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and the tunnels that put one into the other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Tunnels within tunnels.
pub const TUNNELS: usize = 4;

/// An address of either version; IPv4 as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2). Bytes, not a
/// number: there is one pair in every open flow, and alignment would cost a third more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 16]);

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Address::v4(address.octets()),
            IpAddr::V6(address) => Address::v6(address.octets()),
        }
    }
}

impl Address {
    /// Of version 4.
    pub fn v4(bytes: [u8; 4]) -> Address {
        let [a, b, c, d] = bytes;
        Address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d])
    }

    /// Of version 6.
    pub fn v6(bytes: [u8; 16]) -> Address {
        Address(bytes)
    }

    /// No address yet.
    pub fn is_unspecified(self) -> bool {
        Ipv6Addr::from(self.0).is_unspecified()
            || self.as_v4().is_some_and(|address| address.is_unspecified())
    }

    /// Of a local network: private (RFC 1918), shared (RFC 6598), link-local, or unique local (RFC 4193).
    pub fn is_local(self) -> bool {
        match self.as_v4() {
            Some(address) => {
                let [a, b, ..] = address.octets();
                address.is_private() || address.is_link_local() || (a == 100 && b & 0xc0 == 64)
            }
            None => {
                let address = Ipv6Addr::from(self.0);
                address.is_unicast_link_local() || address.is_unique_local()
            }
        }
    }

    /// Is it of version 4?
    pub fn is_v4(self) -> bool {
        self.as_v4().is_some()
    }

    fn as_v4(self) -> Option<Ipv4Addr> {
        Ipv6Addr::from(self.0).to_ipv4_mapped()
    }

    /// The usual text form.
    pub fn text(self) -> String {
        match self.as_v4() {
            Some(address) => address.to_string(),
            None => Ipv6Addr::from(self.0).to_string(),
        }
    }

    /// Sent to many (RFC 5771, RFC 4291 section 2.7), or to all.
    pub fn is_multicast(self) -> bool {
        match self.as_v4() {
            Some(address) => address.is_multicast() || address.is_broadcast(),
            None => Ipv6Addr::from(self.0).is_multicast(),
        }
    }
}

/// Where a fragment belongs (RFC 791 section 3.2, RFC 8200 section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification.
    pub id: u32,
    /// Offset in bytes.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
}

/// One IP packet, headers taken off.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Sender.
    pub source: Address,
    /// Receiver.
    pub destination: Address,
    /// Protocol above (IANA protocol numbers).
    pub protocol: u8,
    /// The bytes above, as far as captured; padding of the link layer is off.
    pub payload: &'a [u8],
    /// Bytes above that were on the wire but not captured.
    pub cut: usize,
    /// Set if this is a fragment.
    pub fragment: Option<Fragment>,
    /// Bytes after the packet's end.
    pub trailer: &'a [u8],
}

/// Reads an IP header. `None`: not readable.
#[inline]
pub fn read(bytes: &[u8]) -> Option<Datagram<'_>> {
    match bytes.first()? >> 4 {
        4 => read_v4(bytes),
        6 => read_v6(bytes),
        _ => None,
    }
}

#[inline]
fn read_v4(bytes: &[u8]) -> Option<Datagram<'_>> {
    let header: &[u8; 20] = bytes.first_chunk()?;
    let header_length = usize::from(header[0] & 0x0f) * 4;
    let mut total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if total == 0 {
        total = bytes.len(); // Segmentation offload: the card fills it in later.
    }
    if header_length < 20 || total < header_length {
        return None;
    }
    let payload = bytes.get(header_length..total.min(bytes.len()))?;
    let word = u16::from_be_bytes([header[6], header[7]]);
    let fragment = (word & 0x3fff != 0).then(|| Fragment {
        id: u32::from(u16::from_be_bytes([header[4], header[5]])),
        offset: u32::from(word & 0x1fff) * 8,
        more: word & 0x2000 != 0,
    });
    Some(Datagram {
        source: Address::v4([header[12], header[13], header[14], header[15]]),
        destination: Address::v4([header[16], header[17], header[18], header[19]]),
        protocol: header[9],
        payload,
        cut: total.saturating_sub(bytes.len()),
        fragment,
        trailer: bytes.get(total..).unwrap_or_default(),
    })
}

fn read_v6(bytes: &[u8]) -> Option<Datagram<'_>> {
    let header: &[u8; 40] = bytes.first_chunk()?;
    let mut length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    if length == 0 {
        length = bytes.len() - 40; // Segmentation offload, or a jumbogram.
    }
    let total = 40 + length;
    let cut = total.saturating_sub(bytes.len());
    let mut rest = bytes.get(40..total.min(bytes.len()))?;
    let mut protocol = header[6];
    let mut fragment = None;
    loop {
        let (next, size) = match (protocol, rest) {
            (0 | 43 | 60 | 135 | 139 | 140, [next, units, ..]) => {
                (*next, 8 + usize::from(*units) * 8)
            }
            (51, [next, units, ..]) => (*next, 8 + usize::from(*units) * 4),
            (44, [next, _, high, low, id @ ..]) => {
                let word = u16::from_be_bytes([*high, *low]);
                let id: &[u8; 4] = id.first_chunk()?;
                // An "atomic" fragment (RFC 6946) is whole.
                if word & 0xfff9 != 0 {
                    fragment = Some(Fragment {
                        id: u32::from_be_bytes(*id),
                        offset: u32::from(word & 0xfff8),
                        more: word & 1 != 0,
                    });
                }
                (*next, 8)
            }
            (0 | 43 | 44 | 51 | 60 | 135 | 139 | 140, _) => return None,
            _ => break,
        };
        protocol = next;
        rest = rest.get(size..)?;
        if fragment.is_some() {
            break; // What follows is only readable once put together.
        }
    }
    let address = |at: usize| -> Option<Address> {
        let bytes: [u8; 16] = header.get(at..at + 16)?.try_into().ok()?;
        Some(Address(bytes))
    };
    Some(Datagram {
        source: address(8)?,
        destination: address(24)?,
        protocol,
        payload: rest,
        cut,
        fragment,
        trailer: bytes.get(total..).unwrap_or_default(),
    })
}

/// The IP packet inside a tunnel packet: IP in IP (RFC 2003), 6in4 (RFC 4213), GRE (RFC 2784, RFC 2890).
pub fn tunnelled(protocol: u8, payload: &[u8]) -> Option<&[u8]> {
    match protocol {
        4 | 41 => Some(payload),
        47 => {
            let [flags, version, high, low, rest @ ..] = payload else {
                return None;
            };
            let kind = u16::from_be_bytes([*high, *low]);
            if flags & 0x40 != 0 || version & 7 != 0 || !matches!(kind, 0x0800 | 0x86dd) {
                return None;
            }
            let options = [0x80, 0x20, 0x10].iter().filter(|bit| flags & **bit != 0);
            rest.get(options.count() * 4..)
        }
        _ => None,
    }
}
