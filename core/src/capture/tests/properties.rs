//! What must hold for any traffic.

use proptest::prelude::*;

use super::build::{PSH, Talk, pcap};
use super::collect::{Collect, read, try_read};
use crate::capture::segment::flag::ACK;
use crate::model::Limits;

/// One request with its answer.
#[derive(Clone, Debug)]
struct Turn {
    post: Vec<u8>,
    body: Vec<u8>,
    chunk: Option<usize>,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..300);
    let turn = (bytes(), bytes(), proptest::option::of(1usize..50));
    let turn = turn.prop_map(|(post, body, chunk)| Turn { post, body, chunk });
    proptest::collection::vec(turn, 1..8)
}

fn request(n: usize, turn: &Turn) -> Vec<u8> {
    let head = format!(
        "POST /{n} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n",
        turn.post.len()
    );
    [head.as_bytes(), &turn.post].concat()
}

fn answer(n: usize, turn: &Turn) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nX-For: {n}\r\n").into_bytes();
    if let Some(size) = turn.chunk {
        bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        for part in turn.body.chunks(size) {
            bytes.extend(format!("{:x}\r\n", part.len()).as_bytes());
            bytes.extend(part);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
    } else {
        bytes.extend(format!("Content-Length: {}\r\n\r\n", turn.body.len()).as_bytes());
        bytes.extend(&turn.body);
    }
    bytes
}

/// The conversation in segments of these sizes, turn by turn.
fn converse(turns: &[Turn], sizes: &[usize]) -> Talk {
    let mut talk = Talk::open();
    let mut sizes = sizes.iter().cycle();
    for (n, turn) in turns.iter().enumerate() {
        for (up, bytes) in [(true, request(n, turn)), (false, answer(n, turn))] {
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let size = sizes.next().copied().unwrap_or(1).min(rest.len());
                let (now, later) = rest.split_at(size);
                if up {
                    talk.up(now);
                } else {
                    talk.down(now);
                }
                rest = later;
            }
        }
        talk.ack();
    }
    talk.fin();
    talk
}

fn check_all(got: &Collect, turns: &[Turn]) {
    assert_eq!(
        (got.up().len(), got.down().len()),
        (turns.len(), turns.len())
    );
    for (n, turn) in turns.iter().enumerate() {
        let (request, answer) = (got.up()[n], got.down()[n]);
        assert_eq!(request.url, Some(format!("http://h/{n}")));
        assert_eq!(request.body, turn.post);
        assert_eq!(answer.body, turn.body);
        assert_eq!(answer.answers, Some(request.id));
        assert!(request.complete && answer.complete);
    }
    assert!(got.problems.is_empty(), "{:?}", got.problems);
    assert_eq!(got.connections.len(), 1);
    assert_eq!(got.connections[0].missing, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Packets a little out of order, repeated and overlapping give the same messages.
    #[test]
    fn order_and_repeats_do_not_matter(
        turns in turns(),
        sizes in proptest::collection::vec(1usize..120, 1..20),
        moves in proptest::collection::vec(0usize..20, 1..30),
        repeats in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..10),
    ) {
        let mut frames = converse(&turns, &sizes).frames;
        // The handshake stays first: without it a late packet would look like the start.
        let mut late = moves.iter().cycle();
        let mut order: Vec<usize> = (0..frames.len()).collect();
        order.sort_by_cached_key(|&at| at + if at < 3 { 0 } else { 3 + late.next().copied().unwrap_or(0) });
        frames = order.iter().map(|&at| frames[at].clone()).collect();
        for (of, to) in repeats {
            let of = 3 + of.index(frames.len() - 3);
            let to = of + to.index(frames.len() - of);
            let frame = frames[of].clone();
            frames.insert(to, frame);
        }
        check_all(&read(&pcap(1, &frames)), &turns);
    }

    /// Segments that cover parts of each other.
    #[test]
    fn overlaps_do_not_matter(
        turn in turns(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 1usize..200), 0..40),
    ) {
        let turn = turn[0].clone();
        let mut talk = Talk::open();
        talk.up(&request(0, &turn));
        let bytes = answer(0, &turn);
        let (up, down) = (talk.up, talk.down);
        let pieces = cuts.iter().map(|(at, length)| (at.index(bytes.len()), *length));
        for (at, length) in pieces.chain([(0, bytes.len())]) {
            let end = (at + length).min(bytes.len());
            talk.raw(false, down.wrapping_add(at as u32), up, ACK | PSH, &bytes[at..end]);
        }
        talk.down = down.wrapping_add(bytes.len() as u32);
        talk.fin();
        check_all(&read(&talk.pcap()), &[turn]);
    }

    /// With packets missing, what is called complete is right, and answers belong to their requests.
    #[test]
    fn gaps_never_make_wrong_messages(
        turns in turns(),
        sizes in proptest::collection::vec(1usize..400, 1..10),
        lost in proptest::collection::vec(any::<prop::sample::Index>(), 1..6),
    ) {
        let mut frames = converse(&turns, &sizes).frames;
        for at in lost {
            let at = at.index(frames.len());
            frames.remove(at);
        }
        let got = read(&pcap(1, &frames));
        for message in got.messages.iter().filter(|m| m.complete && !m.up) {
            let Some(n) = message.header("x-for") else { continue };
            let n: usize = std::str::from_utf8(n).unwrap().parse().unwrap();
            prop_assert_eq!(&message.body, &turns[n].body);
            if let Some(url) = &message.url {
                // The request may itself be cut within its first line.
                prop_assert!(format!("http://h/{n}").starts_with(url), "{} {}", n, url);
            }
        }
        for message in got.messages.iter().filter(|m| m.complete && m.up) {
            let url = message.url.clone().unwrap_or_default();
            let n: Result<usize, _> = url.trim_start_matches("http://h/").parse();
            prop_assert!(n.is_ok(), "{:?}", message);
            let n = n.unwrap_or_default();
            prop_assert_eq!(&message.body, &turns[n].post);
        }
    }

    /// Any bytes behind a file header, and any payload of any protocol.
    #[test]
    fn noise_never_panics(
        noise in proptest::collection::vec(any::<u8>(), 0..400),
        link in prop::sample::select(vec![0u32, 1, 9, 12, 101, 108, 113, 228, 276, 9999]),
    ) {
        let mut file = pcap(link, std::slice::from_ref(&noise));
        file.extend(&noise);
        let _ = try_read(&file, &Limits::default());
        let mut file = super::build::section(false);
        file.extend(&noise);
        let _ = try_read(&file, &Limits::default());
        let _ = try_read(&noise, &Limits::default());
    }

    /// Noise in place of HTTP, DNS and TLS, mixed with real starts.
    #[test]
    fn noisy_protocols_never_panic(
        pieces in proptest::collection::vec(
            (any::<bool>(), prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..60),
                Just(b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()),
                Just(b"CONNECT x:1 HTTP/1.1\r\n\r\n".to_vec()),
                Just(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
                Just(b"HTTP/1.1 101 Up\r\n\r\n".to_vec()),
                Just(b"5\r\nhello\r\n".to_vec()),
                Just(b"ffffffffffffffff\r\n".to_vec()),
                Just(vec![0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3]),
                Just(vec![0, 20, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
            ], 0u32..40),
            0..30,
        ),
        port in prop::sample::select(vec![80u16, 53, 443]),
    ) {
        let mut talk = Talk::silent();
        talk.server.1 = port;
        talk = talk.handshake();
        let small = Limits { body_bytes: 50, reorder_bytes: 500, open_connections: 1, ..Limits::default() };
        for (up, bytes, skip) in pieces {
            let skip = skip.saturating_sub(30);
            if up {
                talk.lose_up(skip).up(&bytes);
            } else {
                talk.lose_down(skip).down(&bytes);
            }
        }
        let (got, _) = try_read(&talk.pcap(), &small);
        let ids: std::collections::BTreeSet<_> = got.messages.iter().map(|m| m.id).collect();
        prop_assert_eq!(ids.len(), got.messages.len());
        for message in &got.messages {
            prop_assert!(message.answers.is_none_or(|a| a < message.id));
            prop_assert!(message.body.len() <= 60);
        }
    }
}
