//! DNS messages (RFC 1035) in datagrams, streams and HTTP; multicast DNS (RFC 6762) and LLMNR (RFC 4795).

mod answer;
pub(crate) mod over_http;
pub mod records;
mod service;
mod wire;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{Direction, Header, Message, Name, Stopped, Transport};
use crate::protocol::output::{Arrival, Output, Peers};
use wire::{Fixed, read_name, read_question, read_record, type_name};

pub use answer::{Answer, answer};
pub use wire::looks_right;
pub(crate) use wire::type_name as kind_name;

/// Queries of one flow that are remembered for their answers.
const REMEMBERED_QUERIES: usize = 64;
/// Records of one message that are read for names; a 64 KiB message cannot hold more than about 5,000.
const RECORDS: u32 = 8_192;

/// Ports on which DNS, multicast DNS and LLMNR are spoken.
pub fn is_port(port: u16) -> bool {
    matches!(port, 53 | 5353 | 5355)
}

/// Does a stream on this port carry DNS? Beside the others: DNS over TLS (RFC 7858).
pub fn is_stream_port(port: u16) -> bool {
    is_port(port) || port == 853
}

/// The reader of the DNS messages of one flow.
#[derive(Debug)]
pub struct Lookups {
    peers: Peers,
    transport: Transport,
    asked: VecDeque<(u16, i64)>,
    parts: [Part; 2],
    question: String,
    owner: String,
    target: String,
}

/// An unfinished message of one direction of a stream.
#[derive(Debug, Default)]
struct Part {
    bytes: Vec<u8>,
    start: Arrival,
    lost: bool,
}

/// One message and where it was.
struct Carried<'a> {
    bytes: &'a [u8],
    start: Arrival,
    end: u64,
    missing: u64,
}

impl Lookups {
    /// A reader for a flow between `peers`.
    pub fn new(peers: Peers) -> Lookups {
        Lookups {
            peers,
            transport: Transport::Clear,
            asked: VecDeque::new(),
            parts: Default::default(),
            question: String::new(),
            owner: String::new(),
            target: String::new(),
        }
    }

    /// The same for messages that travel otherwise than in the clear.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Lookups {
        self.transport = transport;
        self
    }

    /// How its messages travel.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// One datagram, of which `missing` bytes were not captured. False: not a DNS message.
    pub fn datagram(
        &mut self,
        bytes: &[u8],
        missing: u64,
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<bool, Stopped> {
        self.message(
            &Carried {
                bytes,
                start: *at,
                end: at.end,
                missing,
            },
            out,
        )
    }

    /// Bytes of a stream in order. `side` is 0 or 1, whichever way; messages tell their direction.
    pub fn data(
        &mut self,
        side: usize,
        mut bytes: &[u8],
        at: &Arrival,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        while !bytes.is_empty() {
            let Some(part) = self.parts.get_mut(side).filter(|p| !p.lost) else {
                return Ok(());
            };
            if part.bytes.is_empty() {
                part.start = *at;
            }
            let want = match part.bytes.as_slice() {
                [high, low, ..] => 2 + usize::from(u16::from_be_bytes([*high, *low])),
                _ => 2,
            };
            let take = want.saturating_sub(part.bytes.len()).min(bytes.len());
            let (mine, rest) = bytes.split_at(take);
            part.bytes.extend_from_slice(mine);
            bytes = rest;
            if part.bytes.len() < want || want == 2 && part.bytes.as_slice() != [0, 0] {
                continue;
            }
            let (held, start) = (std::mem::take(&mut part.bytes), part.start);
            let carried = Carried {
                bytes: held.get(2..).unwrap_or_default(),
                start,
                end: at.end,
                missing: 0,
            };
            let good = carried.bytes.is_empty() || self.message(&carried, out)?;
            if let Some(part) = self.parts.get_mut(side) {
                part.bytes = held;
                part.bytes.clear();
                part.lost = !good;
            }
        }
        Ok(())
    }

    /// Bytes are missing: the place of the next length is not known any more.
    pub fn gap(&mut self, side: usize) {
        if let Some(part) = self.parts.get_mut(side) {
            part.lost = true;
            part.bytes = Vec::new();
        }
    }

    fn message(&mut self, carried: &Carried<'_>, out: &mut Output<'_>) -> Result<bool, Stopped> {
        let bytes = carried.bytes;
        let Some(fixed) = Fixed::read(bytes).filter(|_| looks_right(bytes)) else {
            return Ok(false);
        };
        let mut at = 12;
        let mut kind = None;
        self.question.clear();
        if fixed.questions > 0 {
            match read_question(bytes, at, &mut self.question) {
                Some((end, asked)) => {
                    at = end;
                    kind = Some(type_name(asked));
                }
                None if carried.missing == 0 => return Ok(false),
                None => at = bytes.len(),
            }
        } else if let Some(end) = read_name(bytes, at, &mut self.question) {
            // An announcement (mDNS) asks nothing: it is known by its first record.
            let word = bytes.get(end..end + 2);
            kind = word.map(|w| type_name(u16::from_be_bytes([w[0], w[1]])));
        }
        for _ in 1..fixed.questions {
            let Some((end, _)) = read_question(bytes, at, &mut self.owner) else {
                break;
            };
            at = end;
        }
        let services = self.services(bytes, at, fixed);
        let headers: Vec<Header<'_>> = services
            .iter()
            .map(|(kind, text)| (kind.as_bytes().into(), text.as_bytes().into()))
            .collect();
        let id = out.reserve();
        let answers = self.pair(fixed, id);
        let url = (!self.question.is_empty()).then(|| format!("dns:{}", self.question));
        let message = Message {
            id,
            connection: Some(self.peers.connection),
            answers,
            protocol: "dns",
            direction: if fixed.is_answer() {
                Direction::Down
            } else {
                Direction::Up
            },
            time: Some(carried.start.time),
            app: self.peers.app.as_deref(),
            host: None,
            client: Some((&self.peers.client.0, self.peers.client.1)),
            server: Some((&self.peers.server.0, self.peers.server.1)),
            method: kind.as_deref(),
            url: url.as_deref(),
            status: fixed.is_answer().then(|| fixed.code()),
            headers: &headers,
            body: bytes,
            transport: self.transport,
            complete: carried.missing == 0,
            missing: i64::try_from(carried.missing).unwrap_or(i64::MAX),
            frame: carried.start.frame,
            offset: i64::try_from(carried.start.offset).unwrap_or(i64::MAX),
            length: i64::try_from(carried.end.saturating_sub(carried.start.offset))
                .unwrap_or(i64::MAX),
        };
        out.message(&message)?;
        if fixed.is_answer() {
            self.names(bytes, at, fixed, id, out)?;
        }
        Ok(true)
    }

    /// Service records in the answer section: type and text. They stand where HTTP has header fields.
    fn services(&mut self, bytes: &[u8], at: usize, fixed: Fixed) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        if !fixed.is_answer() {
            return found;
        }
        let mut at = at;
        for _ in 0..u32::from(fixed.answers).min(RECORDS) {
            let Some(record) = read_record(bytes, at, &mut self.owner) else {
                break;
            };
            at = record.end;
            if let Some(kind) = service::name_of(record.kind)
                && let Some(service) = service::read(bytes, record.data, record.end)
            {
                found.push((kind, service.text));
            }
        }
        found
    }

    /// Remembers a query; for an answer, the message it answers.
    fn pair(&mut self, fixed: Fixed, id: i64) -> Option<i64> {
        if fixed.is_answer() {
            let asked = self
                .asked
                .iter()
                .rev()
                .find(|(asked, _)| *asked == fixed.id);
            return asked.map(|(_, message)| *message);
        }
        if self.asked.len() >= REMEMBERED_QUERIES {
            self.asked.pop_front();
        }
        self.asked.push_back((fixed.id, id));
        None
    }

    /// Addresses in the answer section, each with the name that led to it.
    fn names(
        &mut self,
        bytes: &[u8],
        mut at: usize,
        fixed: Fixed,
        message: i64,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        // The chain so far: aliases come before what they stand for (RFC 1034 section 4.3.2).
        let mut canonical = self.question.clone();
        let asked = fixed.questions > 0;
        for _ in 0..u32::from(fixed.answers).min(RECORDS) {
            let Some(record) = read_record(bytes, at, &mut self.owner) else {
                return Ok(());
            };
            at = record.end;
            let data = bytes.get(record.data..record.end).unwrap_or_default();
            let mut addresses = Vec::new();
            let mut target = None;
            match record.kind {
                5 if read_name(bytes, record.data, &mut self.target).is_some()
                    && self.owner == canonical =>
                {
                    std::mem::swap(&mut canonical, &mut self.target);
                }
                1 => addresses.extend(
                    <[u8; 4]>::try_from(data)
                        .ok()
                        .map(|a| IpAddr::V4(Ipv4Addr::from(a))),
                ),
                28 => addresses.extend(
                    <[u8; 16]>::try_from(data)
                        .ok()
                        .map(|a| IpAddr::V6(Ipv6Addr::from(a))),
                ),
                kind if service::name_of(kind).is_some() => {
                    if let Some(service) = service::read(bytes, record.data, record.end) {
                        addresses = service.addresses;
                        target = Some(service.target).filter(|target| !target.is_empty());
                    }
                }
                _ => {}
            }
            let led = asked && self.owner == canonical;
            let name = if led { &self.question } else { &self.owner };
            let at_end = target.as_deref().unwrap_or(&canonical);
            let canonical = (led && at_end != self.question).then_some(at_end);
            for address in addresses {
                out.name(&Name {
                    name,
                    canonical,
                    address: &address.to_string(),
                    message,
                })?;
            }
        }
        Ok(())
    }
}
