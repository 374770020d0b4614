//! Packets and captures around bytes: RFC 791, RFC 768, RFC 9293, draft-ietf-opsawg-pcap(ng).

use crate::pieces::{DOWN, LATE, LOST, Piece};

/// Link type of packets that begin with their IP header.
const RAW_IP: u32 = 101;
/// The phone and the server.
const ENDS: [[u8; 4]; 2] = [[10, 0, 0, 2], [203, 0, 113, 7]];
/// Port of the phone.
const CLIENT_PORT: u16 = 40_000;
/// Bytes of one segment at most.
const SEGMENT: usize = 60_000;

fn ipv4(protocol: u8, up: bool, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len()).min(0xffff) as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
    packet.extend(ENDS[usize::from(!up)]);
    packet.extend(ENDS[usize::from(up)]);
    packet.extend(payload);
    packet
}

fn ports(up: bool, port: u16) -> [u8; 4] {
    let (from, to) = if up {
        (CLIENT_PORT, port)
    } else {
        (port, CLIENT_PORT)
    };
    let ([a, b], [c, d]) = (from.to_be_bytes(), to.to_be_bytes());
    [a, b, c, d]
}

/// One datagram.
pub fn udp(up: bool, port: u16, payload: &[u8]) -> Vec<u8> {
    let payload = &payload[..payload.len().min(SEGMENT)];
    let length = (8 + payload.len()) as u16;
    let head = [&ports(up, port)[..], &length.to_be_bytes(), &[0, 0]].concat();
    ipv4(17, up, &[&head, payload].concat())
}

fn tcp(up: bool, port: u16, numbers: [u32; 2], flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut head = ports(up, port).to_vec();
    head.extend(numbers[0].to_be_bytes());
    head.extend(numbers[1].to_be_bytes());
    head.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    ipv4(6, up, &[&head, payload].concat())
}

/// A whole TCP connection in which these pieces are said.
pub fn stream(port: u16, pieces: &[Piece<'_>]) -> Vec<Vec<u8>> {
    let mut next = [1_001u32, 5_001];
    let mut packets = vec![
        tcp(true, port, [1_000, 0], 2, b""),
        tcp(false, port, [5_000, 1_001], 18, b""),
    ];
    let mut late = None;
    for (flags, bytes) in pieces {
        let up = flags & DOWN == 0;
        let side = usize::from(!up);
        for part in bytes.chunks(SEGMENT) {
            let numbers = [next[side], next[1 - side]];
            next[side] = next[side].wrapping_add(part.len() as u32);
            if flags & LOST != 0 {
                continue;
            }
            let packet = tcp(up, port, numbers, 24, part);
            if flags & LATE != 0 && late.is_none() {
                late = Some(packet);
                continue;
            }
            packets.push(packet);
            packets.extend(late.take());
        }
    }
    packets.extend(late);
    packets.push(tcp(true, port, next, 17, b""));
    packets.push(tcp(false, port, [next[1], next[0] + 1], 17, b""));
    packets
}

/// A pcap of these packets, a millisecond apart.
pub fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    pcap_cut(packets, |_, whole| whole)
}

/// The same, where `kept` tells how many bytes of a packet, by its number and length, were captured.
pub fn pcap_cut(packets: &[Vec<u8>], kept: impl Fn(usize, usize) -> usize) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 0xffff, RAW_IP] {
        file.extend(word.to_le_bytes());
    }
    for (index, packet) in packets.iter().enumerate() {
        let captured = kept(index, packet.len()).min(packet.len());
        let number = index as u32;
        for word in [
            1_600_000_000 + number / 1_000,
            number % 1_000 * 1_000,
            captured as u32,
            packet.len() as u32,
        ] {
            file.extend(word.to_le_bytes());
        }
        file.extend(&packet[..captured]);
    }
    file
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = (12 + padded) as u32;
    let mut bytes = [kind.to_le_bytes(), total.to_le_bytes()].concat();
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(total.to_le_bytes());
    bytes
}

/// What a pcapng begins with: section, a block with this key log, one interface.
pub fn pcapng_head(key_log: &[u8]) -> Vec<u8> {
    let mut head = block(
        0x0a0d_0d0a,
        &[&0x1a2b_3c4du32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat(),
    );
    let secrets = [
        &0x544c_534bu32.to_le_bytes()[..],
        &(key_log.len() as u32).to_le_bytes(),
        key_log,
    ]
    .concat();
    head.extend(block(10, &secrets));
    head.extend(block(1, &[RAW_IP as u8, 0, 0, 0, 0, 0, 0, 0]));
    head
}

/// Enhanced packet blocks of these packets.
pub fn pcapng_packets(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut blocks = Vec::new();
    for (number, packet) in packets.iter().enumerate() {
        let ticks = 1_600_000_000_000_000u64 + number as u64 * 1_000;
        let length = packet.len() as u32;
        let words = [0, (ticks >> 32) as u32, ticks as u32, length, length];
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        blocks.extend(block(6, &[body, packet.clone()].concat()));
    }
    blocks
}
