//! Damaged files: everything before the damage is delivered, and the damage is told.

use super::build::{Talk, block, enhanced, interface, section};
use super::collect::{read, try_read};
use crate::model::Limits;

fn conversation() -> Talk {
    let mut talk = Talk::open();
    talk.up(b"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    talk.down(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    talk.up(b"GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    talk.down(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz")
        .fin();
    talk
}

fn pcapng(talk: &Talk) -> Vec<u8> {
    let mut file = section(false);
    file.extend(interface(1, 6, 0, false));
    for (index, frame) in talk.frames.iter().enumerate() {
        file.extend(enhanced(0, index as u64, frame, false));
    }
    file
}

#[test]
fn cut_at_every_byte() {
    let talk = conversation();
    for file in [talk.pcap(), pcapng(&talk)] {
        let whole = read(&file).messages;
        let mut most = 0;
        for length in 0..file.len() {
            let (got, result) = try_read(&file[..length], &Limits::default());
            let complete: Vec<_> = got.messages.iter().filter(|m| m.complete).collect();
            // Messages that are called complete are the same as in the whole file.
            for message in &complete {
                assert!(whole.contains(message), "cut at {length}: {message:?}");
            }
            assert!(complete.len() >= most, "cut at {length}");
            most = complete.len();
            let Ok(summary) = result else {
                continue;
            };
            assert_eq!(
                summary.damaged,
                got.codes().contains(&"file-truncated"),
                "cut at {length}"
            );
            if summary.damaged {
                let place = format!("packet {} at byte ", summary.packets + 1);
                assert!(
                    got.problems.iter().any(|p| p.place.starts_with(&place)),
                    "{got:?}"
                );
            }
        }
        assert_eq!(most, 4);
    }
}

#[test]
fn impossible_lengths_end_the_reading() {
    let talk = conversation();
    let mut file = talk.pcap();
    let at = 24 + 16 + talk.frames[0].len() + 8;
    file[at..at + 4].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
    let (got, result) = try_read(&file, &Limits::default());
    assert_eq!(result.expect("a capture").packets, 1);
    assert_eq!(
        (got.problems[0].code, got.problems[0].place.as_str()),
        ("file-malformed", "packet 2 at byte 94")
    );

    let mut file = pcapng(&talk);
    file.extend(enhanced(7, 0, b"", false));
    let (got, _) = try_read(&file, &Limits::default());
    assert_eq!(got.codes(), ["file-malformed"]);
    assert_eq!(got.messages.len(), 4);

    let mut file = pcapng(&talk);
    file.extend(block(6, b"short", false));
    assert_eq!(read(&file).codes(), ["file-malformed"]);
}

#[test]
fn every_single_byte_changed() {
    let talk = conversation();
    for file in [talk.pcap(), pcapng(&talk)] {
        for at in 0..file.len() {
            for value in [0, 0xff, file[at] ^ 1] {
                let mut changed = file.clone();
                changed[at] = value;
                let _ = try_read(&changed, &Limits::default());
            }
        }
    }
}
