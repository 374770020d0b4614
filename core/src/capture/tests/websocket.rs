//! WebSocket in a TCP connection.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::build::Talk;
use super::collect::{read, try_read};
use crate::model::Limits;

fn opened(extensions: &str) -> Talk {
    let mut talk = Talk::open();
    talk.up(b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n");
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: {extensions}\r\n\r\n"
    );
    talk.down(answer.as_bytes());
    talk
}

/// A frame; what a client sends is masked.
fn frame(first: u8, up: bool, payload: &[u8]) -> Vec<u8> {
    let mask = [1u8, 0xab, 0, 0x7f];
    let masked = if up { 0x80 } else { 0 };
    let mut out = vec![first];
    match payload.len() {
        short @ 0..126 => out.push(masked | short as u8),
        long @ 126..65_536 => {
            out.push(masked | 126);
            out.extend((long as u16).to_be_bytes());
        }
        long => {
            out.push(masked | 127);
            out.extend((long as u64).to_be_bytes());
        }
    }
    if up {
        out.extend(mask);
    }
    let key = if up { mask } else { [0; 4] };
    out.extend(payload.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k));
    out
}

/// RFC 7692 section 7.2.1, with a window that is kept.
struct Deflater(Compress);

impl Deflater {
    fn new() -> Deflater {
        Deflater(Compress::new(Compression::default(), false))
    }

    fn message(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + 1000);
        self.0
            .compress_vec(bytes, &mut out, FlushCompress::Sync)
            .unwrap();
        // Nothing to flush: section 7.2.3.6.
        if out.is_empty() {
            return vec![0];
        }
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
        out.truncate(out.len() - 4);
        out
    }
}

fn bodies(talk: &Talk) -> Vec<(bool, Vec<u8>, bool)> {
    let got = read(&talk.pcap());
    let found = got.messages.iter().filter(|m| m.protocol == "websocket");
    found
        .map(|m| {
            assert_eq!(
                (m.url.as_deref(), m.host.as_deref()),
                (Some("http://h/ws"), Some("h"))
            );
            (m.up, m.body.clone(), m.complete)
        })
        .collect()
}

#[test]
fn fragments_with_control_frames_between() {
    let mut talk = opened("");
    talk.up(&[
        frame(1, true, b"one "),
        frame(0x89, true, b"ping"),
        frame(0, true, b"two "),
        frame(0x80, true, b"three"),
    ]
    .concat());
    talk.down(&frame(0x82, false, &[5; 300]));
    for part in frame(0x82, false, &[6; 70_000]).chunks(1400) {
        talk.down(part);
    }
    talk.down(&frame(0x88, false, &[3, 0xe8])).down(b"not read");
    assert_eq!(
        bodies(&talk),
        [
            (true, b"one two three".to_vec(), true),
            (false, vec![5; 300], true),
            (false, vec![6; 70_000], true),
        ]
    );
}

#[test]
fn compression_with_a_window_that_is_kept_and_lost() {
    let mut deflater = Deflater::new();
    let words = b"a long enough text that is sent again and again";
    let parts: Vec<_> = (0..4)
        .map(|_| frame(0xc1, false, &deflater.message(words)))
        .collect();
    let mut talk = opened("permessage-deflate; client_max_window_bits=12");
    talk.down(&parts[0]).down(&parts[1]);
    let whole = (false, words.to_vec(), true);
    assert_eq!(bodies(&talk), [whole.clone(), whole.clone()]);
    // Behind a gap the window is not known: nothing is made up.
    talk.lose_down(parts[2].len() as u32).down(&parts[3]);
    let mut fresh = Deflater::new();
    talk.down(&frame(0xc1, false, &fresh.message(words)));
    let got = bodies(&talk);
    assert_eq!(
        (got.len(), &got[..2]),
        (4, &[whole.clone(), whole.clone()][..])
    );
    assert!(!got[2].2 && words.starts_with(&got[2].1));
    assert_eq!(got[3], whole);
}

#[test]
fn compression_of_each_message_alone() {
    let mut talk =
        opened("permessage-deflate; server_no_context_takeover;client_no_context_takeover");
    for text in [&b"first first first"[..], b"", b"second second"] {
        talk.up(&frame(0xc2, true, &Deflater::new().message(text)));
        talk.down(&frame(0x82, false, text));
    }
    let got = bodies(&talk);
    assert_eq!(got.len(), 6);
    for pair in got.chunks(2) {
        assert!(pair[0].2 && pair[0].1 == pair[1].1);
    }
}

#[test]
fn limits_are_told() {
    let mut talk = opened("permessage-deflate");
    talk.down(&frame(
        0xc2,
        false,
        &Deflater::new().message(&vec![0; 100_000]),
    ));
    let limits = Limits {
        body_bytes: 2_000,
        ..Limits::default()
    };
    let (got, _) = try_read(&talk.pcap(), &limits);
    let message = got.messages.last().unwrap();
    assert_eq!((message.body.len(), message.complete), (2_000, false));
    assert_eq!(got.limits[0].what, "body bytes");
}

#[test]
fn a_gap_within_a_frame_and_one_over_its_end() {
    let mut talk = opened("");
    let long = frame(0x82, true, &(0..=255).collect::<Vec<u8>>());
    talk.up(&long[..100]).lose_up(50).up(&long[150..]);
    talk.up(&frame(0x82, true, b"next"));
    talk.lose_up(77)
        .up(b"\xff\xff\xff")
        .up(&frame(0x82, true, b"found again"));
    let got = bodies(&talk);
    let want: Vec<u8> = (0..=255u8).filter(|b| !(92..142).contains(b)).collect();
    assert_eq!(got[0], (true, want, false));
    assert_eq!(got[1], (true, b"next".to_vec(), true));
    assert_eq!(got[2], (true, b"found again".to_vec(), true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_pieces(
        messages in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..400), 1usize..200, any::<bool>()), 1..8),
        segment in 1usize..300,
    ) {
        let mut talk = opened("permessage-deflate");
        let mut deflaters = [Deflater::new(), Deflater::new()];
        for (up, body, piece, compress) in &messages {
            let sent = if *compress { deflaters[usize::from(*up)].message(body) } else { body.clone() };
            let mut parts = sent.chunks(*piece).peekable();
            let mut first = if *compress { 0x42 } else { 2 };
            let mut bytes = Vec::new();
            if parts.peek().is_none() {
                bytes = frame(0x80 | first, *up, b"");
            }
            while let Some(part) = parts.next() {
                let last = if parts.peek().is_none() { 0x80 } else { 0 };
                bytes.write_all(&frame(last | first, *up, part)).unwrap();
                first = 0;
            }
            for part in bytes.chunks(segment) {
                if *up { talk.up(part); } else { talk.down(part); }
            }
        }
        let want: Vec<_> = messages.iter().map(|(up, body, _, _)| (*up, body.clone(), true)).collect();
        prop_assert_eq!(bodies(&talk), want);
    }

    #[test]
    fn noise(parts in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..20)) {
        let mut talk = opened("permessage-deflate");
        for (up, part) in parts {
            if up { talk.up(&part); } else { talk.down(&part); }
        }
        talk.fin();
        read(&talk.pcap());
    }
}
