//! From packets to flows: link layer, IP, fragments, tunnels, TCP and UDP.

use super::Summary;
use super::application::{Application, Carried};
use super::flow::{Carrier, Flow, FlowKey};
use super::fragments::Fragments;
use super::ip::{self, Datagram};
use super::link::{self, Inside};
use super::neighbours::Neighbours;
use super::packet::Packet;
use super::segment::{self, flag};
use super::table::Table;
use super::tcp::{Budget, Reassembly};
use super::trailer;
use super::udp::{self, Moving};
use crate::model::{Problem, Stopped};
use crate::protocol::output::{Arrival, Output};

/// Everything that is known while a capture is read.
#[derive(Default)]
pub struct Tracker {
    table: Table,
    fragments: Fragments,
    budget: Budget,
    neighbours: Neighbours,
    moving: Moving,
    evicted: bool,
    /// An IP packet out of a tunnel; empty between packets.
    plain: Vec<u8>,
    /// Counters.
    pub summary: Summary,
}

impl Tracker {
    /// One packet.
    pub fn packet(&mut self, packet: &Packet<'_>, out: &mut Output<'_>) -> Result<(), Stopped> {
        let summary = &mut self.summary;
        summary.packets = summary.packets.saturating_add(1);
        summary.first = Some(summary.first.map_or(packet.time, |t| t.min(packet.time)));
        summary.last = Some(summary.last.map_or(packet.time, |t| t.max(packet.time)));
        if packet.original > packet.data.len() as u64 {
            summary.cut = summary.cut.saturating_add(1);
            out.count(
                "truncated",
                "Packets were captured without their end (snapshot length); the bytes cut off are counted as missing.",
                || place(packet),
            );
        }
        let at = Arrival {
            frame: i64::try_from(packet.frame).unwrap_or(i64::MAX),
            time: packet.time,
            offset: packet.offset,
            end: packet.offset.saturating_add(packet.length),
            acknowledged: 0,
        };
        match link::inside(packet.link, packet.data) {
            Inside::Ip(bytes) => return self.ip(bytes, packet, at, 0, out),
            Inside::Arp(bytes) => {
                summary.arp = summary.arp.saturating_add(1);
                self.neighbours.arp(bytes, &at);
            }
            Inside::Other => summary.other = summary.other.saturating_add(1),
            Inside::Short => self.unreadable(packet, out),
            Inside::Unsupported => {
                summary.other = summary.other.saturating_add(1);
                out.count(
                    "unsupported",
                    "Packets have a link layer that is not read; nothing of them is shown.",
                    || format!("{}, link type {}", place(packet), packet.link),
                );
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, packet: &Packet<'_>, out: &mut Output<'_>) {
        self.summary.malformed = self.summary.malformed.saturating_add(1);
        out.count(
            "malformed",
            "Packets have headers that cannot be read; nothing of them is shown.",
            || place(packet),
        );
    }

    /// An IP packet, inside `around` tunnels.
    fn ip(
        &mut self,
        bytes: &[u8],
        packet: &Packet<'_>,
        at: Arrival,
        around: usize,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let mut inner = bytes;
        let mut app = packet.app;
        for level in around..=ip::TUNNELS {
            let Some(datagram) = ip::read(inner) else {
                self.unreadable(packet, out);
                return Ok(());
            };
            if !datagram.trailer.is_empty() && app.is_none() {
                app = trailer::app(datagram.trailer);
            }
            if let Some(fragment) = datagram.fragment {
                self.summary.fragments = self.summary.fragments.saturating_add(1);
                if let Some(whole) = self.fragments.add(&datagram, fragment, &at) {
                    let joined = Datagram {
                        protocol: whole.protocol,
                        payload: &whole.payload,
                        cut: 0,
                        fragment: None,
                        ..datagram
                    };
                    return self.transport(&joined, app, packet, whole.arrival, level, out);
                }
                return Ok(());
            }
            match ip::tunnelled(datagram.protocol, datagram.payload) {
                Some(next) => inner = next,
                None => return self.transport(&datagram, app, packet, at, level, out),
            }
        }
        self.summary.other = self.summary.other.saturating_add(1);
        Ok(())
    }

    fn transport(
        &mut self,
        datagram: &Datagram<'_>,
        app: Option<&str>,
        packet: &Packet<'_>,
        mut at: Arrival,
        level: usize,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let (source, destination) = (datagram.source, datagram.destination);
        // Who sent the packet around a tunnel has not the address of the packet in it.
        let mac = (level == 0)
            .then(|| Neighbours::sender(packet.link, packet.data))
            .flatten();
        if let Some(mac) = mac {
            self.neighbours.ip(mac, source, &at);
        }
        match datagram.protocol {
            6 => {
                let Some(tcp) = segment::Packet::read(datagram.payload, datagram.cut) else {
                    self.unreadable(packet, out);
                    return Ok(());
                };
                self.summary.tcp = self.summary.tcp.saturating_add(1);
                let (from, to) = tcp.ports;
                let (key, side) = FlowKey::new(Carrier::Tcp, (source, from), (destination, to));
                let place = self.tcp_flow(key, side, &tcp, &at, out)?;
                let Some(flow) = self.table.get(place) else {
                    return Ok(());
                };
                seen(flow, app, &at);
                let mut reassembly = Reassembly {
                    flow,
                    budget: &mut self.budget,
                    out,
                };
                reassembly.packet(side, &tcp, &mut at)
            }
            17 => {
                let Some(message) = udp::Packet::read(datagram.payload, datagram.cut) else {
                    self.unreadable(packet, out);
                    return Ok(());
                };
                self.summary.udp = self.summary.udp.saturating_add(1);
                self.neighbours.datagram(mac, source, &message, &at);
                let (from, to) = message.ports;
                let (key, side) = FlowKey::new(Carrier::Udp, (source, from), (destination, to));
                let place = match self.table.find(&key) {
                    Some(place) => place,
                    None => {
                        let place = self.open(key, side, &at, out)?;
                        if let Some(flow) = self.table.get(place) {
                            flow.talk.guess(side);
                        }
                        place
                    }
                };
                let Some(flow) = self.table.get(place) else {
                    return Ok(());
                };
                seen(flow, app, &at);
                let mut plain = std::mem::take(&mut self.plain);
                plain.clear();
                udp::packet(flow, side, &message, &at, &mut self.moving, &mut plain, out)?;
                if !plain.is_empty() {
                    // Whose the tunnel is says nothing of whose the packets in it are.
                    let inside = Packet {
                        app: None,
                        ..*packet
                    };
                    self.ip(&plain, &inside, at, level.saturating_add(1), out)?;
                }
                self.plain = plain;
                Ok(())
            }
            1 | 58 => {
                if mac.is_some() {
                    self.neighbours.icmp6(source, datagram.payload, &at);
                }
                self.summary.icmp = self.summary.icmp.saturating_add(1);
                Ok(())
            }
            _ => {
                self.summary.other = self.summary.other.saturating_add(1);
                Ok(())
            }
        }
    }

    /// The place of a TCP packet's connection; a new connection request on old ports opens a new one.
    #[inline]
    fn tcp_flow(
        &mut self,
        key: FlowKey,
        side: usize,
        packet: &segment::Packet<'_>,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<u32, Stopped> {
        let request = packet.has(flag::SYN);
        if let Some(place) = self.table.find(&key) {
            if !request {
                return Ok(place);
            }
            let Some(flow) = self.table.get(place) else {
                return Ok(place);
            };
            let over = flow.is_over();
            let reused = flow.halves.get(side).is_some_and(|me| {
                let same = me.syn && me.initial == packet.sequence;
                let used = me.position > 0;
                match packet.has(flag::ACK) {
                    true => over && used && !same,
                    false if same => over && used,
                    false => used || me.syn,
                }
            });
            if !reused {
                if !flow.talk.certain {
                    handshake(flow, side, packet);
                }
                return Ok(place);
            }
            if let Some(old) = self.table.close(place) {
                self.end(old, out)?;
            }
        }
        let place = self.open(key, side, at, out)?;
        if let Some(flow) = self.table.get(place) {
            if request {
                handshake(flow, side, packet);
            } else {
                flow.talk.guess(side);
                flow.application = Application::undecided(true, Carried::Bare);
            }
        }
        Ok(place)
    }

    fn open(
        &mut self,
        key: FlowKey,
        side: usize,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<u32, Stopped> {
        for old in self.table.sweep(at.time).into_iter().flatten() {
            self.end(old, out)?;
        }
        let limit = out.limits.open_connections.max(1);
        while self.table.open_flows() >= limit as usize {
            let Some(old) = self.table.evict() else {
                break;
            };
            let place = format!("packet {}", at.frame);
            if !self.evicted {
                self.evicted = true;
                out.limit("open connections", u64::from(limit), place.clone())?;
            }
            out.count(
                "evicted",
                "More connections were open at once than the limit; those idle for longest were ended early.",
                || place,
            );
            self.end(old, out)?;
        }
        Ok(self.table.open(key, side, at.frame, at.time))
    }

    /// Writes what is left of a flow, and its row.
    fn end(&mut self, mut flow: Box<Flow>, out: &mut Output<'_>) -> Result<(), Stopped> {
        if flow.talk.key.carrier == Carrier::Tcp {
            let mut reassembly = Reassembly {
                flow: &mut flow,
                budget: &mut self.budget,
                out,
            };
            reassembly.finish()?;
        }
        let mut row = flow.row();
        if let Application::Quic(path) = &mut flow.application {
            self.moving.quic.leave(path, &mut row, out)?;
        }
        let instead = if out.secrets.is_empty() {
            "no keys"
        } else {
            "no data"
        };
        out.taken.settle(&mut row, instead);
        if let Application::WireGuard(path) = &flow.application
            && path.left_closed() > 0
        {
            let (packets, first) = (path.left_closed(), flow.frame);
            out.count_many(
                "closed",
                "Packets of WireGuard tunnels stayed closed: no key fits, or their handshake was not captured.",
                i64::try_from(packets).unwrap_or(i64::MAX),
                || format!("connection that begins at packet {first}"),
            );
        }
        out.connection(&row)?;
        let gaps = flow
            .halves
            .iter()
            .fold(0i64, |n, h| n.saturating_add(i64::from(h.gaps)));
        let first = flow.gap_frame;
        if gaps > 0 && row.opened {
            out.problem(Problem {
                code: "gap",
                text: format!(
                    "Connection {} ({} to {} port {}): {} bytes are missing from the capture; messages they belong to are marked incomplete or not shown.",
                    row.id, row.client.0, row.server.0, row.server.1, row.missing
                ),
                place: format!("packet {first}"),
                count: gaps,
            })?;
        } else if gaps > 0 {
            out.count_many(
                "gap",
                "Bytes of connections that were not opened are missing from the capture; the connections' rows tell how many.",
                gaps,
                || format!("packet {first}"),
            );
        }
        if flow.application.skipped() > 0 {
            out.count(
                "gap",
                "HTTP connections hold bytes whose message has no start in the capture; these bytes are not shown.",
                || format!("packet {}", flow.frame),
            );
        }
        Ok(())
    }

    /// The end of the capture.
    pub fn finish(&mut self, out: &mut Output<'_>) -> Result<(), Stopped> {
        for flow in self.table.drain() {
            self.end(flow, out)?;
        }
        self.neighbours.finish(out)?;
        let lost = i64::try_from(self.fragments.unfinished()).unwrap_or(i64::MAX);
        if lost > 0 {
            out.count_many(
                "gap",
                "IP packets sent in fragments lack some of them; what they carried is not shown.",
                lost,
                || "whole capture".to_owned(),
            );
        }
        Ok(())
    }
}

fn place(packet: &Packet<'_>) -> String {
    format!("packet {} at byte {}", packet.frame, packet.offset)
}

#[inline]
fn seen(flow: &mut Flow, app: Option<&str>, at: &Arrival) {
    flow.last = flow.last.max(at.time);
    flow.first = flow.first.min(at.time);
    flow.last_frame = at.frame;
    if let Some(app) = app
        && flow.talk.app.is_none()
    {
        flow.talk.app = Some(app.into());
    }
}

/// The sender of a connection request is the client; of its confirmation, the server.
fn handshake(flow: &mut Flow, side: usize, packet: &segment::Packet<'_>) {
    flow.talk.client = if packet.has(flag::ACK) {
        1 - side.min(1)
    } else {
        side
    };
    flow.talk.certain = true;
}
