//! What devices of the local network show and tell of themselves: hardware addresses, names, kinds.
//!
//! Only frames with hardware addresses say which device an address belongs to, and only for addresses of the
//! local network: whatever comes from elsewhere carries the router's. Devices also announce themselves: DHCP,
//! mDNS, SSDP, NetBIOS. Every statement is kept once, with its first packet and how often it was made.

mod arp;
mod dhcp;
mod mdns;
mod ndp;
mod netbios;
mod ssdp;
#[cfg(test)]
mod tests;

use hashbrown::HashMap;

use super::ip::Address;
use super::udp;
use crate::model::{Announcement, Stopped};
use crate::protocol::output::{Arrival, Output};

/// Statements of one capture that are kept: those of some hundred devices.
const STATEMENTS: usize = 16_384;
/// Bytes of a value; longer ones are cut.
const VALUE_BYTES: usize = 512;

/// A hardware address (EUI-48).
pub type Mac = [u8; 6];

/// Who says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Speaker {
    mac: Option<Mac>,
    address: Option<Address>,
}

/// Everything that was told so far.
#[derive(Default)]
pub struct Neighbours {
    places: HashMap<(Speaker, &'static str, String, String), usize>,
    told: Vec<Announcement>,
    /// The pair of addresses of the packet before: most packets come in runs.
    before: Option<(Mac, Address)>,
    dropped: bool,
}

impl Neighbours {
    /// The hardware address that a frame was sent from, if its link layer has one
    /// (tcpdump.org/linktypes: Ethernet, Linux cooked captures).
    #[inline]
    pub fn sender(link: u32, frame: &[u8]) -> Option<Mac> {
        let at = match link {
            1 => 6,
            113 if frame.get(2..6) == Some(&[0, 1, 0, 6]) => 6,
            276 if frame.get(8..10) == Some(&[0, 1]) && frame.get(11) == Some(&6) => 12,
            _ => return None,
        };
        frame.get(at..at + 6)?.try_into().ok()
    }

    /// An IP packet that came in a frame of `mac`.
    #[inline]
    pub fn ip(&mut self, mac: Mac, address: Address, at: &Arrival) {
        if self.before == Some((mac, address)) {
            return;
        }
        self.before = Some((mac, address));
        if address.is_local() {
            let speaker = Speaker {
                mac: Some(mac),
                address: Some(address),
            };
            self.say(speaker, "ip", "address", &address.text(), at);
        }
    }

    /// An ARP packet.
    pub fn arp(&mut self, bytes: &[u8], at: &Arrival) {
        if let Some((mac, address)) = arp::sender(bytes) {
            let speaker = Speaker {
                mac: Some(mac),
                address: Some(address),
            };
            self.say(speaker, "arp", "address", &address.text(), at);
        }
    }

    /// An ICMPv6 packet.
    pub fn icmp6(&mut self, source: Address, bytes: &[u8], at: &Arrival) {
        if let Some((mac, address)) = ndp::holder(source, bytes) {
            let speaker = Speaker {
                mac: Some(mac),
                address: Some(address),
            };
            self.say(speaker, "ndp", "address", &address.text(), at);
        }
    }

    /// A datagram from `source`, in a frame of `mac` if that is known.
    #[inline]
    pub fn datagram(
        &mut self,
        mac: Option<Mac>,
        source: Address,
        packet: &udp::Packet<'_>,
        at: &Arrival,
    ) {
        let speaker = Speaker {
            mac,
            address: Some(source),
        };
        match packet.ports {
            (67 | 68, 67 | 68) => {
                let Some(lease) = dhcp::read(packet.payload) else {
                    return;
                };
                let speaker = Speaker {
                    mac: Some(lease.client),
                    address: lease.address,
                };
                for (name, value) in &lease.told {
                    self.say(speaker, "dhcp", name, value, at);
                }
            }
            (5353, _) => mdns::read(packet.payload, |name, value| {
                self.say(speaker, "mdns", name, value, at);
            }),
            (1900, _) | (_, 1900) => ssdp::read(packet.payload, |name, value| {
                self.say(speaker, "ssdp", name, value, at);
            }),
            (137, 137) => {
                if let Some(name) = netbios::registered(packet.payload) {
                    self.say(speaker, "netbios", "name", &name, at);
                }
            }
            _ => {}
        }
    }

    fn say(&mut self, speaker: Speaker, kind: &'static str, name: &str, value: &str, at: &Arrival) {
        let mut end = value.len().min(VALUE_BYTES);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        let value = &value[..end];
        let key = (speaker, kind, name.to_owned(), value.to_owned());
        if let Some(row) = self.places.get(&key).and_then(|&p| self.told.get_mut(p)) {
            row.count = row.count.saturating_add(1);
            row.last = row.last.max(Some(at.time));
            return;
        }
        if self.told.len() >= STATEMENTS {
            self.dropped = true;
            return;
        }
        self.places.insert(key, self.told.len());
        self.told.push(Announcement {
            mac: speaker.mac.map(text),
            address: speaker.address.map(Address::text),
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
            first: Some(at.time),
            last: Some(at.time),
            count: 1,
            frame: at.frame,
        });
    }

    /// Hand everything over.
    ///
    /// # Errors
    /// The sink stops.
    pub fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stopped> {
        for row in &self.told {
            out.announcement(row)?;
        }
        if self.dropped {
            let place = "what devices of the network tell of themselves".to_owned();
            out.limit("announcements", STATEMENTS as u64, place)?;
        }
        Ok(())
    }
}

/// The usual text form of a hardware address.
fn text(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}
