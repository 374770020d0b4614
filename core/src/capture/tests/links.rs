//! Link layers, IP versions, fragments and tunnels.

use super::build::{CLIENT, SERVER, ethernet, fragment, ipv4, ipv6, pcap, tcp, udp};
use super::collect::read;

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
const A: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const B: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

fn segment() -> Vec<u8> {
    tcp(CLIENT.1, SERVER.1, 1, 1, 0x18, GET)
}

fn packet() -> Vec<u8> {
    ipv4(6, CLIENT.0, SERVER.0, &segment())
}

fn found(link: u32, frame: Vec<u8>) -> usize {
    read(&pcap(link, &[frame])).messages.len()
}

fn with(head: &[u8], rest: &[u8]) -> Vec<u8> {
    [head, rest].concat()
}

#[test]
fn every_link_layer() {
    let six = ipv6(6, A, B, &segment());
    let mut sll = vec![0; 14];
    sll.extend([8, 0]);
    let mut sll2 = vec![0x86, 0xdd];
    sll2.extend([0; 18]);
    let cases: Vec<(u32, Vec<u8>)> = vec![
        (1, ethernet(0x0800, &packet())),
        (1, ethernet(0x86dd, &six)),
        (1, ethernet(0x8100, &with(&[0, 5, 8, 0], &packet()))),
        (
            1,
            ethernet(0x88a8, &with(&[0, 5, 0x81, 0, 0, 6, 8, 0], &packet())),
        ),
        (
            1,
            ethernet(0x0100, &with(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet())),
        ),
        (
            1,
            ethernet(0x8864, &with(&[0x11, 0, 0, 1, 0, 9, 0, 0x21], &packet())),
        ),
        (
            1,
            ethernet(0x8847, &with(&[0, 1, 0, 9, 0, 2, 1, 9], &packet())),
        ),
        (113, with(&sll, &packet())),
        (276, with(&sll2, &six)),
        (12, packet()),
        (101, six.clone()),
        (228, packet()),
        (229, six.clone()),
        (0, with(&[2, 0, 0, 0], &packet())),
        (0, with(&[0, 0, 0, 30], &six)),
        (108, with(&[0, 0, 0, 2], &packet())),
        (9, with(&[0xff, 3, 0, 0x21], &packet())),
    ];
    for (link, frame) in cases {
        assert_eq!(
            found(link, frame.clone()),
            1,
            "link type {link}: {frame:02x?}"
        );
    }
}

#[test]
fn a_link_layer_that_is_not_read_is_told() {
    let got = read(&pcap(105, &[packet(), packet()]));
    assert_eq!(
        (got.problems[0].code, got.problems[0].count),
        ("unsupported", 2)
    );
    assert!(got.problems[0].place.contains("link type 105"));
}

#[test]
fn ethernet_padding_is_not_payload() {
    let mut frame = ethernet(0x0800, &packet());
    frame.extend([0xee; 30]);
    let got = read(&pcap(1, &[frame]));
    assert_eq!(got.connections[0].bytes_up, GET.len() as i64);
}

#[test]
fn the_app_named_behind_a_packet() {
    let mut frame = ethernet(0x0800, &packet());
    frame.extend([1, 7, 0x20, 0x21, 0, 0, 0x27, 0x84]);
    let mut name = b"Example App".to_vec();
    name.resize(20, 0);
    frame.extend(name);
    frame.extend([0; 4]);
    let got = read(&pcap(1, &[frame]));
    assert_eq!(got.messages[0].app.as_deref(), Some("Example App"));
    assert_eq!(got.connections[0].app.as_deref(), Some("Example App"));
}

#[test]
fn fragments_of_both_versions_in_any_order() {
    let data = udp(40_000, 9_999, &[b'x'; 100]);
    let part = |from: usize, to: usize, more: u16| {
        let word = u16::try_from(from / 8).unwrap() | more;
        ipv4_fragment(&data[from..to], word)
    };
    let frames = [
        part(48, 108, 0),
        part(0, 24, 0x2000),
        part(24, 48, 0x2000),
        part(24, 48, 0x2000),
    ];
    let got = read(&pcap(101, &frames));
    assert_eq!(got.connections[0].bytes_up, 100);
    assert_eq!(got.connections[0].frame, 1);

    let part = |from: usize, to: usize, more: u16| {
        let mut bytes = vec![17, 0];
        bytes.extend((u16::try_from(from).unwrap() | more).to_be_bytes());
        bytes.extend([0, 0, 0, 7]);
        bytes.extend(&data[from..to]);
        ipv6(44, A, B, &bytes)
    };
    let got = read(&pcap(101, &[part(0, 64, 1), part(64, 108, 0)]));
    assert_eq!(got.connections[0].bytes_up, 100);
    assert_eq!(got.connections[0].client.0, "2001:db8::1");
}

fn ipv4_fragment(payload: &[u8], word: u16) -> Vec<u8> {
    fragment(17, CLIENT.0, SERVER.0, payload, 99, word)
}

#[test]
fn fragments_without_their_rest_are_told() {
    let got = read(&pcap(101, &[ipv4_fragment(&[0; 24], 0x2000)]));
    assert_eq!(got.codes(), ["gap"]);
    assert!(got.connections.is_empty());
}

#[test]
fn extension_headers_and_tunnels() {
    let options = with(&[6, 0, 1, 4, 0, 0, 0, 0], &segment());
    assert_eq!(found(101, ipv6(0, A, B, &options)), 1);
    let atomic = with(&[6, 0, 0, 0, 0, 0, 0, 9], &segment());
    assert_eq!(found(101, ipv6(44, A, B, &atomic)), 1);
    assert_eq!(
        found(
            101,
            ipv4(41, CLIENT.0, SERVER.0, &ipv6(6, A, B, &segment()))
        ),
        1
    );
    let gre = with(&[0x20, 0, 8, 0, 0, 0, 0, 1], &packet());
    assert_eq!(found(101, ipv4(47, CLIENT.0, SERVER.0, &gre)), 1);
    let mut deep = packet();
    for _ in 0..20 {
        deep = ipv4(4, CLIENT.0, SERVER.0, &deep);
    }
    assert_eq!(found(101, deep), 0);
}

#[test]
fn a_snapshot_length_counts_as_missing() {
    let mut file = pcap(101, &[packet()]);
    let cut = file.len() - 5;
    file.truncate(cut);
    let captured = u32::try_from(packet().len() - 5).unwrap();
    file[32..36].copy_from_slice(&captured.to_le_bytes());
    let got = read(&file);
    assert_eq!(got.connections[0].missing, 5);
    assert_eq!(got.messages.len(), 1);
    assert!(!got.messages[0].complete);
    assert!(got.codes().contains(&"truncated"));
}
