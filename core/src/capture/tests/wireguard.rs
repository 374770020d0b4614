//! WireGuard, from tunnels whose both ends are our own code; the captures of others are in `tests/shared`.

use data_encoding::BASE64;
use proptest::prelude::*;

use super::build::{CLIENT, SERVER, block, ethernet, ipv4, numbers, pcap, section, tcp, udp};
use super::collect::{Collect, read, read_with};
use crate::capture::ip::TUNNELS;
use crate::capture::segment::flag::{ACK, SYN};
use crate::model::Transport;
use crate::secure::secrets::Secrets;
use crate::secure::wireguard::keys::public;
use crate::secure::wireguard::noise::Key;
use crate::secure::wireguard::seal::{Ends, Tunnel, open};

const PORT: u16 = 51_820;
const REQUEST: &[u8] = b"GET /inside HTTP/1.1\r\nHost: tunnel.example\r\n\r\n";

fn ends(seed: u8, preshared: Key) -> Ends {
    let key = |n: u8| [seed.wrapping_mul(16).wrapping_add(n); 32];
    Ends {
        identities: [key(1), key(2)],
        ephemerals: [key(3), key(4)],
        preshared,
        numbers: [u32::from(seed) + 100, u32::from(seed) + 200],
    }
}

/// The lines of the key log that side 0 or 1 would write.
fn log(ends: &Ends, side: usize) -> String {
    let text = |key: &Key| BASE64.encode(key);
    format!(
        "LOCAL_STATIC_PRIVATE_KEY = {}\nREMOTE_STATIC_PUBLIC_KEY = {}\nLOCAL_EPHEMERAL_PRIVATE_KEY = {}\nPRESHARED_KEY = {}\n",
        text(&ends.identities[side]),
        text(&public(&ends.identities[1 - side])),
        text(&ends.ephemerals[side]),
        text(&ends.preshared),
    )
}

fn outer(side: usize, port: u16, datagram: &[u8]) -> Vec<u8> {
    let (from, to) = match side {
        0 => ((CLIENT.0, port), (SERVER.0, PORT)),
        _ => ((SERVER.0, PORT), (CLIENT.0, port)),
    };
    ipv4(17, from.0, to.0, &udp(from.1, to.1, datagram))
}

/// A request in three packets, as the client's end of a tunnel is given them.
fn request() -> Vec<Vec<u8>> {
    let (from, to) = (([10, 9, 0, 2], 40_001), ([198, 51, 100, 7], 80));
    let packet =
        |seq, flags, bytes: &[u8]| ipv4(6, from.0, to.0, &tcp(from.1, to.1, seq, 1, flags, bytes));
    let (first, second) = REQUEST.split_at(20);
    vec![
        packet(99, SYN, b""),
        packet(100, ACK, first),
        packet(120, ACK, second),
    ]
}

fn handshake(tunnel: &Tunnel, port: u16) -> Vec<Vec<u8>> {
    let messages = tunnel.handshake.iter().enumerate();
    messages
        .map(|(side, message)| outer(side, port, message))
        .collect()
}

/// The packets of a tunnel that carries these, all from its initiator.
fn carry(ends: &Ends, port: u16, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut tunnel = open(ends);
    let mut all = handshake(&tunnel, port);
    all.extend(
        packets
            .iter()
            .map(|packet| outer(0, port, &tunnel.send(0, packet))),
    );
    all
}

fn capture(packets: &[Vec<u8>]) -> Vec<u8> {
    let frames: Vec<Vec<u8>> = packets.iter().map(|p| ethernet(0x0800, p)).collect();
    pcap(1, &frames)
}

fn with(log: &str, packets: &[Vec<u8>]) -> Collect {
    let mut secrets = Secrets::default();
    let (_, strange) = secrets.add_key_log(log.as_bytes());
    assert_eq!(strange, 0);
    read_with(&capture(packets), secrets)
}

fn assert_opened(got: &Collect) {
    assert_eq!(got.messages.len(), 1, "{:?}", got.connections);
    let message = &got.messages[0];
    assert_eq!(message.url.as_deref(), Some("http://tunnel.example/inside"));
    assert_eq!(message.transport, Transport::Clear);
    assert_eq!(message.server, Some(("198.51.100.7".to_owned(), 80)));
    let outer = got
        .connections
        .iter()
        .find(|c| c.application == Some("wireguard"));
    let outer = outer.expect("the tunnel");
    assert_eq!((outer.opened, outer.not_opened), (true, None));
    assert_eq!(outer.client.0, "10.0.0.2");
    assert!(got.problems.is_empty(), "{:?}", got.problems);
}

#[test]
fn the_keys_of_either_end_open_a_tunnel() {
    for preshared in [[0; 32], [9; 32]] {
        let ends = ends(1, preshared);
        let packets = carry(&ends, PORT, &request());
        for side in 0..2 {
            assert_opened(&with(&log(&ends, side), &packets));
        }
    }
}

#[test]
fn the_place_of_a_message_is_that_of_the_packets_around_it() {
    let ends = ends(1, [0; 32]);
    let got = with(&log(&ends, 0), &carry(&ends, PORT, &request()));
    assert_eq!(
        got.messages[0].frame, 4,
        "after the handshake and a connection request"
    );
}

#[test]
fn who_is_asked_need_not_be_told_who_asks() {
    let ends = ends(1, [0; 32]);
    let log = log(&ends, 1);
    let fewer: Vec<&str> = log.lines().filter(|l| !l.starts_with("REMOTE")).collect();
    assert_opened(&with(&fewer.join("\n"), &carry(&ends, PORT, &request())));
}

#[test]
fn without_the_right_keys_it_is_recognised_and_stays_closed() {
    let mine = ends(1, [9; 32]);
    let packets = carry(&mine, PORT, &request());
    let without = |word: &str| -> String {
        let log = log(&mine, 0);
        let lines: Vec<&str> = log.lines().filter(|l| !l.starts_with(word)).collect();
        lines.join("\n")
    };
    let logs = [
        String::new(),
        without("LOCAL_STATIC"),
        without("LOCAL_EPHEMERAL"),
        without("REMOTE"),
        without("PRESHARED"),
        log(&ends(2, [9; 32]), 0),
    ];
    for log in logs {
        let got = with(&log, &packets);
        assert!(got.messages.is_empty(), "{log}");
        let row = &got.connections[0];
        assert_eq!(got.connections.len(), 1);
        assert_eq!(row.application, Some("wireguard"));
        assert_eq!((row.opened, row.not_opened), (false, Some("no keys")));
    }
}

#[test]
fn a_session_is_followed_to_another_address() {
    let ends = ends(1, [0; 32]);
    let mut tunnel = open(&ends);
    let mut packets = handshake(&tunnel, PORT);
    for (number, packet) in request().iter().enumerate() {
        let port = PORT + u16::try_from(number).expect("few");
        packets.push(outer(0, port, &tunnel.send(0, packet)));
    }
    let got = with(&log(&ends, 0), &packets);
    assert_opened(&got);
    let tunnels = got
        .connections
        .iter()
        .filter(|c| c.application == Some("wireguard"));
    assert_eq!(tunnels.count(), 3);
}

#[test]
fn a_changed_packet_stays_closed_and_is_counted() {
    let ends = ends(1, [0; 32]);
    let mut packets = carry(&ends, PORT, &request());
    let mut broken = packets.last().expect("one").clone();
    *broken.last_mut().expect("bytes") ^= 1;
    packets.push(broken);
    let got = with(&log(&ends, 0), &packets);
    assert_eq!(got.messages.len(), 1);
    let closed: Vec<_> = got.problems.iter().filter(|p| p.code == "closed").collect();
    assert_eq!((closed.len(), closed[0].count), (1, 1));
}

#[test]
fn packets_before_their_handshake_stay_closed() {
    let ends = ends(1, [0; 32]);
    let mut packets = carry(&ends, PORT, &request());
    let early = packets[2].clone();
    packets.insert(1, early);
    let got = with(&log(&ends, 0), &packets);
    assert_eq!(got.messages.len(), 1);
    assert_eq!((got.problems[0].code, got.problems[0].count), ("closed", 1));
}

#[test]
fn tunnels_in_tunnels_are_opened_up_to_a_limit() {
    let nested = |levels: usize| -> Collect {
        let (mut packets, mut logs) = (request(), String::new());
        for level in 0..levels {
            let level = u8::try_from(level).expect("few");
            let ends = ends(level + 1, [0; 32]);
            packets = carry(&ends, PORT + u16::from(level), &packets);
            logs.push_str(&log(&ends, 0));
        }
        with(&logs, &packets)
    };
    assert_eq!(nested(2).messages.len(), 1);
    assert_eq!(nested(TUNNELS).messages.len(), 1);
    assert_eq!(nested(TUNNELS + 1).messages.len(), 0);
}

#[test]
fn keys_may_stand_in_the_capture() {
    let ends = ends(1, [0; 32]);
    let log = log(&ends, 0);
    let mut body = numbers(&[(4, 0x5747_4b4c), (4, log.len() as u64)], false);
    body.extend(log.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    let mut file = section(false);
    file.extend(block(1, &numbers(&[(2, 1), (2, 0), (4, 0)], false), false));
    file.extend(block(10, &body, false));
    for packet in carry(&ends, PORT, &request()) {
        file.extend(super::build::enhanced(
            0,
            1,
            &ethernet(0x0800, &packet),
            false,
        ));
    }
    assert_opened(&read(&file));
}

proptest! {
    #[test]
    fn strange_datagrams_in_a_tunnel_end_nothing(
        kind in 0u8..6,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        inside in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let ends = ends(1, [0; 32]);
        let mut tunnel = open(&ends);
        let mut packets = handshake(&tunnel, PORT);
        let mut datagram = vec![kind, 0, 0, 0];
        datagram.extend(&bytes);
        packets.push(outer(0, PORT, &datagram));
        packets.push(outer(1, PORT, &tunnel.send(1, &inside)));
        for packet in request() {
            packets.push(outer(0, PORT, &tunnel.send(0, &packet)));
        }
        let got = with(&log(&ends, 0), &packets);
        prop_assert!(got.messages.iter().any(|m| m.url.as_deref() == Some("http://tunnel.example/inside")));
    }
}
