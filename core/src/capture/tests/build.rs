//! Packets and capture files, byte by byte.

use crate::capture::segment::flag::{ACK, FIN, RST, SYN};

pub(crate) const PSH: u8 = 0x08;
pub(crate) const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 2], 40_000);
pub(crate) const SERVER: ([u8; 4], u16) = ([192, 0, 2, 80], 80);

/// An IPv4 packet.
pub(crate) fn ipv4(protocol: u8, from: [u8; 4], to: [u8; 4], payload: &[u8]) -> Vec<u8> {
    fragment(protocol, from, to, payload, 1, 0x4000)
}

/// An IPv4 packet with this identification and flags-and-offset word.
pub(crate) fn fragment(
    protocol: u8,
    from: [u8; 4],
    to: [u8; 4],
    payload: &[u8],
    id: u16,
    word: u16,
) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).expect("fits");
    let mut packet = vec![0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend(word.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend(from);
    packet.extend(to);
    packet.extend(payload);
    packet
}

/// An IPv6 packet; `next` is the first header after the fixed one.
pub(crate) fn ipv6(next: u8, from: [u8; 16], to: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(payload.len()).expect("fits").to_be_bytes());
    packet.extend([next, 64]);
    packet.extend(from);
    packet.extend(to);
    packet.extend(payload);
    packet
}

pub(crate) fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    packet.extend(from.to_be_bytes());
    packet.extend(to.to_be_bytes());
    packet.extend(
        u16::try_from(8 + payload.len())
            .expect("fits")
            .to_be_bytes(),
    );
    packet.extend([0, 0]);
    packet.extend(payload);
    packet
}

pub(crate) fn tcp(from: u16, to: u16, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    packet.extend(from.to_be_bytes());
    packet.extend(to.to_be_bytes());
    packet.extend(seq.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

/// An Ethernet frame.
pub(crate) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    frame.extend(kind.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A datagram from client to a port of the server, in Ethernet.
pub(crate) fn datagram(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(
        0x0800,
        &ipv4(17, CLIENT.0, SERVER.0, &udp(from, to, payload)),
    )
}

/// The other way.
pub(crate) fn datagram_back(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(
        0x0800,
        &ipv4(17, SERVER.0, CLIENT.0, &udp(from, to, payload)),
    )
}

/// A classic pcap file of these frames, one second apart, starting at 1,000,000,000 s.
pub(crate) fn pcap(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 262_144, link] {
        file.extend(word.to_le_bytes());
    }
    for (index, frame) in frames.iter().enumerate() {
        let length = u32::try_from(frame.len()).expect("fits");
        let seconds = 1_000_000_000 + u32::try_from(index).expect("fits");
        for word in [seconds, 0, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

/// A conversation over TCP; every call appends a frame.
#[derive(Clone)]
pub(crate) struct Talk {
    pub client: ([u8; 4], u16),
    pub server: ([u8; 4], u16),
    pub up: u32,
    pub down: u32,
    pub frames: Vec<Vec<u8>>,
}

impl Talk {
    /// Without a handshake: the first packets come from the middle.
    pub fn silent() -> Talk {
        Talk {
            client: CLIENT,
            server: SERVER,
            up: 0xffff_fff0,
            down: 5_000,
            frames: Vec::new(),
        }
    }

    /// With a handshake. The client's sequence numbers wrap around soon.
    pub fn open() -> Talk {
        Talk::silent().handshake()
    }

    pub fn handshake(mut self) -> Talk {
        let (up, down) = (self.up, self.down);
        self.raw(true, up.wrapping_sub(1), 0, SYN, b"");
        self.raw(false, down.wrapping_sub(1), up, SYN | ACK, b"");
        self.raw(true, up, down, ACK, b"");
        self
    }

    pub fn raw(&mut self, up: bool, seq: u32, ack: u32, flags: u8, payload: &[u8]) {
        let (from, to) = if up {
            (self.client, self.server)
        } else {
            (self.server, self.client)
        };
        let segment = tcp(from.1, to.1, seq, ack, flags, payload);
        self.frames
            .push(ethernet(0x0800, &ipv4(6, from.0, to.0, &segment)));
    }

    /// Data from the client, one segment.
    pub fn up(&mut self, payload: &[u8]) -> &mut Talk {
        self.raw(true, self.up, self.down, ACK | PSH, payload);
        self.up = self.up.wrapping_add(payload.len() as u32);
        self
    }

    /// Data from the server, one segment.
    pub fn down(&mut self, payload: &[u8]) -> &mut Talk {
        self.raw(false, self.down, self.up, ACK | PSH, payload);
        self.down = self.down.wrapping_add(payload.len() as u32);
        self
    }

    /// Data that was sent and acknowledged, but is not in the capture.
    pub fn lose_down(&mut self, length: u32) -> &mut Talk {
        self.down = self.down.wrapping_add(length);
        self
    }

    /// The same of the client.
    pub fn lose_up(&mut self, length: u32) -> &mut Talk {
        self.up = self.up.wrapping_add(length);
        self
    }

    /// The client acknowledges all it was sent.
    pub fn ack(&mut self) -> &mut Talk {
        self.raw(true, self.up, self.down, ACK, b"");
        self
    }

    pub fn fin(&mut self) -> &mut Talk {
        self.raw(false, self.down, self.up, ACK | FIN, b"");
        self.down = self.down.wrapping_add(1);
        self.raw(true, self.up, self.down, ACK | FIN, b"");
        self.up = self.up.wrapping_add(1);
        self
    }

    pub fn reset(&mut self) -> &mut Talk {
        self.raw(false, self.down, self.up, ACK | RST, b"");
        self
    }

    pub fn pcap(&self) -> Vec<u8> {
        pcap(1, &self.frames)
    }
}

/// A pcapng block.
pub(crate) fn block(kind: u32, body: &[u8], big: bool) -> Vec<u8> {
    let word = |value: u32| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let padded = body.len().next_multiple_of(4);
    let total = u32::try_from(12 + padded).expect("fits");
    let mut bytes = Vec::new();
    bytes.extend(word(kind));
    bytes.extend(word(total));
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(word(total));
    bytes
}

/// Numbers one after the other, in a byte order: (bytes, value).
pub(crate) fn numbers(values: &[(usize, u64)], big: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (size, value) in values {
        if big {
            bytes.extend(&value.to_be_bytes()[8 - size..]);
        } else {
            bytes.extend(&value.to_le_bytes()[..*size]);
        }
    }
    bytes
}

/// A section header block.
pub(crate) fn section(big: bool) -> Vec<u8> {
    let body = numbers(&[(4, 0x1a2b_3c4d), (2, 1), (2, 0), (8, u64::MAX)], big);
    block(0x0a0d_0d0a, &body, big)
}

/// An interface description block with an if_tsresol and an if_tsoffset.
pub(crate) fn interface(link: u16, resolution: u8, offset: i64, big: bool) -> Vec<u8> {
    let mut body = numbers(&[(2, u64::from(link)), (2, 0), (4, 0)], big);
    body.extend(numbers(&[(2, 9), (2, 1)], big));
    body.extend([resolution, 0, 0, 0]);
    body.extend(numbers(
        &[(2, 14), (2, 8), (8, offset as u64), (2, 0), (2, 0)],
        big,
    ));
    block(1, &body, big)
}

/// An enhanced packet block.
pub(crate) fn enhanced(interface: u32, ticks: u64, frame: &[u8], big: bool) -> Vec<u8> {
    let length = frame.len() as u64;
    let words = [
        u64::from(interface),
        ticks >> 32,
        ticks & 0xffff_ffff,
        length,
        length,
    ];
    let mut body = numbers(&words.map(|w| (4, w)), big);
    body.extend(frame);
    block(6, &body, big)
}
