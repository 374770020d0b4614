//! File formats: pcap, pcapng, gzip, Zstandard.

use std::io::Write;

use super::build::{Talk, block, enhanced, interface, ipv4, numbers, pcap, section, udp};
use super::collect::{read, try_read};
use crate::capture::CaptureError;
use crate::capture::pcapng::{OtherBlock, Pcapng};
use crate::capture::window::Window;
use crate::model::Limits;

fn packet() -> Vec<u8> {
    ipv4(
        17,
        [10, 0, 0, 1],
        [10, 0, 0, 2],
        &udp(1000, 2000, b"payload"),
    )
}

/// The times of the connections' first packets.
fn times(file: &[u8]) -> Vec<i64> {
    read(file).connections.iter().map(|c| c.first).collect()
}

#[test]
fn pcap_in_all_byte_orders_and_resolutions() {
    for (magic, longer, expected) in [
        (0xa1b2_c3d4u32, false, 7_000_123),
        (0xa1b2_3c4d, false, 7_000_000),
        (0xa1b2_cd34, true, 7_000_123),
    ] {
        for big in [false, true] {
            let packet = packet();
            let length = packet.len() as u64;
            let mut file = numbers(
                &[
                    (4, u64::from(magic)),
                    (2, 2),
                    (2, 4),
                    (8, 0),
                    (4, 65_535),
                    (4, 101),
                ],
                big,
            );
            file.extend(numbers(&[(4, 7), (4, 123), (4, length), (4, length)], big));
            if longer {
                file.extend([0; 8]);
            }
            file.extend(&packet);
            assert_eq!(times(&file), [expected], "{magic:x} {big}");
        }
    }
}

#[test]
fn pcapng_with_sections_interfaces_and_clocks() {
    let ethernet = super::build::datagram(1, 2, b"x");
    let mut file = section(false);
    file.extend(interface(101, 6, 0, false));
    file.extend(interface(1, 9, 100, false));
    file.extend(interface(101, 0x80 | 10, -1, false));
    file.extend(block(0x1234, b"unknown", false));
    file.extend(enhanced(0, 5_000_000, &packet(), false));
    file.extend(enhanced(1, 7_000_001_000, &ethernet, false));
    file.extend(section(true));
    file.extend(interface(101, 3, 0, true));
    let mut third = packet();
    third[15] = 77;
    file.extend(enhanced(0, 9_000, &third, true));
    let (got, result) = try_read(&file, &Limits::default());
    let summary = result.expect("a capture");
    assert_eq!((summary.format, summary.packets), ("pcapng", 3));
    let times: Vec<_> = got.connections.iter().map(|c| c.first).collect();
    assert_eq!(times, [5_000_000, 107_000_001, 9_000_000]);
    assert!(got.problems.is_empty(), "{got:?}");
}

#[test]
fn simple_old_and_other_blocks_are_numbered_as_by_wireshark() {
    let length = packet().len() as u64;
    let mut file = section(false);
    file.extend(interface(101, 6, 0, false));
    file.extend(block(9, b"a journal entry", false));
    let mut simple = numbers(&[(4, length)], false);
    simple.extend(packet());
    file.extend(block(3, &simple, false));
    file.extend(block(0xbad, b"1234 custom", false));
    file.extend(block(10, b"LSKT0000secrets!", false));
    file.extend(block(5, &[0; 12], false));
    let mut old = numbers(
        &[(2, 0), (2, 0), (4, 0), (4, 4), (4, length), (4, length)],
        false,
    );
    let mut other = packet();
    other[15] = 9;
    old.extend(other);
    file.extend(block(2, &old, false));
    let got = read(&file);
    let frames: Vec<_> = got.connections.iter().map(|c| c.frame).collect();
    assert_eq!(frames, [2, 4]);

    let mut window = Window::new(Box::new(std::io::Cursor::new(file)));
    let mut seen = Vec::new();
    let mut reader = Pcapng::default();
    let mut note = |b: OtherBlock<'_>| seen.push((b.kind, b.body.to_vec()));
    while let Ok(Some(_)) = reader.next(&mut window, &mut note) {}
    assert_eq!(
        seen,
        [
            (0xbad, b"1234 custom\0".to_vec()),
            (10, b"LSKT0000secrets!".to_vec())
        ]
    );
}

#[test]
fn compressed_captures() {
    let file = Talk::open().up(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").pcap();
    let (first, second) = file.split_at(file.len() / 2);
    let gzip = |part: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(part).expect("in memory");
        encoder.finish().expect("in memory")
    };
    let zstd = |part: &[u8]| {
        ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest)
    };
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let wrapped = [
        ("gzip", [gzip(first), gzip(second)].concat()),
        (
            "zstd",
            [&skippable[..], &zstd(first), &skippable, &zstd(second)].concat(),
        ),
    ];
    let plain = read(&file);
    for (name, bytes) in wrapped {
        let (got, result) = try_read(&bytes, &Limits::default());
        assert_eq!(result.expect("a capture").compression, name);
        assert_eq!(got.messages, plain.messages);
        // Cut short: what is there is read, and the rest is told.
        let (got, _) = try_read(&bytes[..bytes.len() - 8], &Limits::default());
        assert!(got.codes().contains(&"file-truncated"), "{name}: {got:?}");
    }
}

#[test]
fn what_is_not_a_capture_is_said_in_one_sentence() {
    for bytes in [
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"{}",
        &[0x1f, 0x8b, 8, 0],
        b"\x28\xb5\x2f\xfd",
        &[0xa1, 0xb2, 0xc3, 0xd4, 0],
    ] {
        let (_, result) = try_read(bytes, &Limits::default());
        let error = result.expect_err("no capture");
        assert!(!matches!(error, CaptureError::Stopped(_)));
        assert_eq!(error.to_string().matches(". ").count(), 0, "{error}");
    }
    assert!(try_read(&pcap(1, &[]), &Limits::default()).1.is_ok());
}
