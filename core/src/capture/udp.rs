//! UDP datagrams (RFC 768): DNS is read, others are recognised.

use super::application::Application;
use super::dtls::Dtls;
use super::flow::Flow;
use crate::model::{Direction, Stopped, Transport};
use crate::protocol::detect;
use crate::protocol::dns::{self, Lookups};
use crate::protocol::output::{Arrival, Output};
use crate::protocol::raw;
use crate::secure::quic::sessions::{Datagram, Sender};
use crate::secure::wireguard::Found;
use crate::secure::{quic, wireguard};

/// Datagrams of a flow that are looked at to recognise it.
const LOOKS: u32 = 8;

/// One UDP packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Ports: source, destination.
    pub ports: (u16, u16),
    /// Payload as captured.
    pub payload: &'a [u8],
    /// Payload bytes that were not captured.
    pub cut: usize,
}

impl<'a> Packet<'a> {
    /// Reads a header. `cut`: bytes of the IP payload that were not captured.
    #[inline]
    pub fn read(bytes: &'a [u8], cut: usize) -> Option<Packet<'a>> {
        let header: &[u8; 8] = bytes.first_chunk()?;
        let total = usize::from(u16::from_be_bytes([header[4], header[5]]));
        let end = if total < 8 {
            bytes.len()
        } else {
            total.min(bytes.len())
        };
        Some(Packet {
            ports: (
                u16::from_be_bytes([header[0], header[1]]),
                u16::from_be_bytes([header[2], header[3]]),
            ),
            payload: bytes.get(8..end).unwrap_or_default(),
            cut: cut.min(total.saturating_sub(bytes.len())),
        })
    }
}

/// What outlives a flow, because it may move to other addresses.
#[derive(Default)]
pub struct Moving {
    /// Connections of QUIC.
    pub quic: quic::Sessions,
    /// Sessions of WireGuard.
    pub tunnels: wireguard::Tunnels,
}

/// One datagram from `side` of a flow. What a tunnel carried is put into `plain`.
pub fn packet(
    flow: &mut Flow,
    side: usize,
    packet: &Packet<'_>,
    at: &Arrival,
    moving: &mut Moving,
    plain: &mut Vec<u8>,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    let seen = flow
        .halves
        .iter()
        .fold(0u32, |n, h| n.saturating_add(h.packets));
    if let Some(half) = flow.halves.get_mut(side) {
        half.packets = half.packets.saturating_add(1);
        let length = packet.payload.len().saturating_add(packet.cut) as u64;
        half.position = half.position.saturating_add(length);
        half.missing = half.missing.saturating_add(packet.cut as u64);
    }
    if let Application::Dns(lookups) = &mut flow.application {
        if !lookups.datagram(packet.payload, packet.cut as u64, at, out)? {
            unreadable(at, out);
        }
        return Ok(());
    }
    if matches!(flow.application, Application::Quic(_)) {
        return quic_datagram(flow, side, packet, at, &mut moving.quic, out);
    }
    if let Application::Dtls(dtls) = &mut flow.application {
        return dtls.datagram(&mut flow.talk, side, packet.payload, at, out);
    }
    if matches!(flow.application, Application::WireGuard(_)) {
        return tunnel(flow, side, packet, at, &mut moving.tunnels, plain, out);
    }
    if !matches!(flow.application, Application::Unknown) {
        return Ok(());
    }
    if seen >= LOOKS {
        // A path whose start was not captured may be used again.
        if quic::header::begins(packet.payload) {
            return quic_path(flow, side, packet, at, &mut moving.quic, out);
        }
        return unknown(flow, side, packet, at, out);
    }
    let (from, to) = packet.ports;
    if (dns::is_port(from) || dns::is_port(to)) && !packet.payload.is_empty() {
        if dns::looks_right(packet.payload) {
            let answer = packet.payload.get(2).is_some_and(|b| b & 0x80 != 0);
            let to_many = [flow.talk.key.a.0, flow.talk.key.b.0]
                .iter()
                .any(|address| address.is_multicast());
            // An announcement to many comes from the client; any other answer goes to it.
            let up = !answer || to_many;
            let direction = if up { Direction::Up } else { Direction::Down };
            flow.talk.speaks(side, direction);
            let mut lookups = Lookups::new(flow.talk.peers());
            if lookups.datagram(packet.payload, packet.cut as u64, at, out)? {
                flow.application = Application::Dns(Box::new(lookups));
                return Ok(());
            }
        }
        unreadable(at, out);
    }
    match detect::datagram(packet.payload, packet.ports) {
        Some("quic") => return quic_path(flow, side, packet, at, &mut moving.quic, out),
        Some("dtls") => {
            let mut dtls = Box::<Dtls>::default();
            let read = dtls.datagram(&mut flow.talk, side, packet.payload, at, out);
            flow.application = Application::Dtls(dtls);
            return read;
        }
        Some("wireguard") => {
            flow.application = Application::WireGuard(wireguard::Path::default());
            return tunnel(flow, side, packet, at, &mut moving.tunnels, plain, out);
        }
        Some(name) => {
            flow.application = Application::Named(name);
            return Ok(());
        }
        None if moving.quic.knows(packet.payload) => {
            return quic_path(flow, side, packet, at, &mut moving.quic, out);
        }
        None if moving.tunnels.knows(packet.payload) => {
            flow.application = Application::WireGuard(wireguard::Path::default());
            return tunnel(flow, side, packet, at, &mut moving.tunnels, plain, out);
        }
        None => {}
    }
    if dns::is_port(from) || dns::is_port(to) {
        return Ok(());
    }
    unknown(flow, side, packet, at, out)
}

/// The first datagram of QUIC on a path.
fn quic_path(
    flow: &mut Flow,
    side: usize,
    packet: &Packet<'_>,
    at: &Arrival,
    sessions: &mut quic::Sessions,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    flow.application = Application::Quic(Box::default());
    quic_datagram(flow, side, packet, at, sessions, out)
}

/// A datagram of a path on which QUIC is spoken.
fn quic_datagram(
    flow: &mut Flow,
    side: usize,
    packet: &Packet<'_>,
    at: &Arrival,
    sessions: &mut quic::Sessions,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    let Application::Quic(path) = &mut flow.application else {
        return Ok(());
    };
    let talk = &mut flow.talk;
    let datagram = Datagram {
        bytes: packet.payload,
        sender: Sender { side },
        cut: packet.cut > 0,
        at,
    };
    let mut peers = |sender: usize| {
        talk.speaks(sender, Direction::Up);
        talk.peers()
    };
    sessions.datagram(path, &mut peers, &datagram, out)?;
    if let Some(client) = path.client {
        flow.talk.speaks(client, Direction::Up);
    }
    Ok(())
}

/// A datagram of WireGuard.
fn tunnel(
    flow: &mut Flow,
    side: usize,
    packet: &Packet<'_>,
    at: &Arrival,
    tunnels: &mut wireguard::Tunnels,
    plain: &mut Vec<u8>,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    let Application::WireGuard(path) = &mut flow.application else {
        return Ok(());
    };
    match tunnels.datagram(path, packet.payload, at, plain, out)? {
        Found::Packet => {}
        Found::Handshake(direction) => flow.talk.speaks(side, direction),
        Found::Nothing | Found::Closed => plain.clear(),
    }
    Ok(())
}

/// A datagram nobody knows: the first ones of a flow are messages.
fn unknown(
    flow: &Flow,
    side: usize,
    packet: &Packet<'_>,
    at: &Arrival,
    out: &mut Output<'_>,
) -> Result<(), Stopped> {
    let (from, to) = packet.ports;
    // QUIC whose start was not captured shows nothing but its port.
    if packet.payload.is_empty() || from == 443 || to == 443 {
        return Ok(());
    }
    let Some(half) = flow.halves.get(side) else {
        return Ok(());
    };
    let before = half.position.saturating_sub(packet.payload.len() as u64);
    if half.packets > raw::DATAGRAMS || before >= raw::DATAGRAM_BYTES {
        raw::left_out(flow.talk.id, out);
        return Ok(());
    }
    let direction = flow.talk.direction(side);
    let missing = packet.cut as u64;
    raw::datagram(
        &flow.talk.peers(),
        direction,
        Transport::Clear,
        packet.payload,
        missing,
        at,
        out,
    )
}

fn unreadable(at: &Arrival, out: &mut Output<'_>) {
    let frame = at.frame;
    out.count(
        "malformed",
        "Datagrams on a DNS port cannot be read as DNS; they are counted, not shown.",
        || format!("packet {frame}"),
    );
}
