//! Segments that are lost, repeated, late, or in an odd order.

use super::build::{PSH, Talk, pcap};
use super::collect::read;
use crate::capture::segment::flag::{ACK, SYN};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";

fn get(n: u32) -> Vec<u8> {
    format!("GET /{n} HTTP/1.1\r\nHost: h\r\n\r\n").into_bytes()
}

fn answer(n: u32) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-For: /{n}\r\n\r\n{n:04}").into_bytes()
}

#[test]
fn segments_in_another_order_are_put_right() {
    let mut talk = Talk::open();
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-")
        .down(b"Length: 9\r\n\r\nabc")
        .down(b"def")
        .down(b"ghi")
        .ack();
    for (a, b) in [(4, 7), (5, 6), (3, 5)] {
        let mut frames = talk.frames.clone();
        frames.swap(a, b);
        let got = read(&pcap(1, &frames));
        assert_eq!(got.down()[0].body, b"abcdefghi");
        assert!(got.down()[0].complete && got.problems.is_empty());
        assert_eq!(got.down()[0].answers, Some(got.up()[0].id));
    }
}

#[test]
fn repeats_and_overlaps_change_nothing() {
    let mut talk = Talk::open();
    talk.up(GET);
    let start = talk.down;
    talk.down(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        .down(b"abc");
    let up = talk.up;
    talk.raw(
        false,
        start,
        up,
        ACK | PSH,
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcd",
    );
    talk.raw(false, talk.down - 1, up, ACK, b"X");
    talk.raw(false, talk.down + 2, up, ACK, b"f");
    talk.raw(false, talk.down, up, ACK, b"?ef");
    let got = read(&talk.pcap());
    assert_eq!(got.down().len(), 1);
    assert_eq!(got.down()[0].body, b"abcdef");
    assert_eq!(got.connections[0].bytes_down, 44);
}

#[test]
fn a_gap_in_a_body_of_known_length_is_counted() {
    let mut talk = Talk::open();
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
        .lose_down(5)
        .down(b"hij")
        .ack();
    talk.up(&get(2)).down(&answer(2)).fin();
    let got = read(&talk.pcap());
    let down = got.down();
    assert_eq!(
        (down[0].body.as_slice(), down[0].missing, down[0].complete),
        (&b"abhij"[..], 5, false)
    );
    assert_eq!(
        (down[1].body.as_slice(), down[1].complete),
        (&b"0002"[..], true)
    );
    assert_eq!(down[1].answers, Some(got.up()[1].id));
    assert_eq!(got.connections[0].missing, 5);
    assert_eq!(got.codes(), ["gap"]);
}

#[test]
fn answers_lost_with_a_gap_are_not_given_to_other_requests() {
    let mut talk = Talk::open();
    for n in 0..10 {
        talk.up(&get(n));
        if (3..6).contains(&n) {
            talk.lose_down(answer(n).len() as u32);
        } else {
            talk.down(&answer(n));
        }
        talk.ack();
    }
    talk.fin();
    let got = read(&talk.pcap());
    assert_eq!((got.up().len(), got.down().len()), (10, 7));
    for message in got.down() {
        let path = String::from_utf8_lossy(message.header("x-for").unwrap()).into_owned();
        assert_eq!(message.url, Some(format!("http://h{path}")));
        assert!(message.complete);
    }
}

#[test]
fn a_gap_in_a_chunk_is_skipped_and_elsewhere_ends_the_message() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01";
    let mut talk = Talk::open();
    talk.up(GET)
        .down(head)
        .lose_down(4)
        .down(b"6789\r\n0\r\n\r\n")
        .up(&get(2))
        .down(&answer(2));
    let got = read(&talk.pcap());
    assert_eq!(
        (got.down()[0].body.as_slice(), got.down()[0].missing),
        (&b"016789"[..], 4)
    );
    assert_eq!(got.down()[1].body, b"0002");

    let mut talk = Talk::open();
    talk.up(GET)
        .down(head)
        .lose_down(40)
        .down(b"junk\r\n0\r\n\r\n")
        .ack()
        .up(&get(2))
        .down(&answer(2));
    let got = read(&talk.pcap());
    assert!(!got.down()[0].complete);
    assert_eq!(
        (got.down()[1].body.as_slice(), got.down()[1].answers),
        (&b"0002"[..], Some(got.up()[1].id))
    );
}

#[test]
fn a_request_seen_after_its_answer_still_comes_first() {
    let mut talk = Talk::open();
    talk.up(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    talk.frames.swap(3, 4);
    let got = read(&talk.pcap());
    assert_eq!(got.down()[0].answers, Some(got.up()[0].id));
    assert!(got.down()[0].complete);
}

#[test]
fn one_direction_alone_is_read() {
    let mut talk = Talk::silent();
    talk.up(&get(1))
        .lose_down(100)
        .up(&get(2))
        .lose_up(7)
        .up(&get(3));
    for n in 4..100 {
        talk.up(&get(n));
    }
    assert_eq!(read(&talk.pcap()).up().len(), 99);

    let mut talk = Talk::silent();
    talk.lose_up(100)
        .down(&answer(1))
        .lose_up(50)
        .down(&answer(2));
    let got = read(&talk.pcap());
    assert_eq!(got.down().len(), 2);
    assert!(
        got.down()
            .iter()
            .all(|m| m.answers.is_none() && m.url.is_none())
    );
    assert_eq!(got.connections[0].server.1, 80);
}

#[test]
fn beginning_in_the_middle_of_an_answer() {
    let mut talk = Talk::silent();
    talk.down(b"the tail of something")
        .down(b"more of it")
        .ack()
        .up(&get(1))
        .down(&answer(1));
    let got = read(&talk.pcap());
    assert_eq!((got.up().len(), got.down().len()), (1, 1));
    assert_eq!(got.down()[0].answers, Some(got.up()[0].id));
    assert_eq!(got.connections[0].client.1, 40_000);
}

#[test]
fn keep_alive_bytes_are_not_data() {
    let mut talk = Talk::open();
    talk.up(GET).down(&answer(1));
    let (up, down) = (talk.up, talk.down);
    talk.raw(true, up.wrapping_sub(1), down, ACK, b"\0");
    talk.raw(true, up.wrapping_sub(1), down, ACK, b"");
    talk.up(&get(2)).down(&answer(2));
    let got = read(&talk.pcap());
    assert_eq!((got.up().len(), got.down().len()), (2, 2));
    assert!(got.problems.is_empty());

    let mut talk = Talk::silent();
    let (up, down) = (talk.up, talk.down);
    talk.raw(true, up.wrapping_sub(1), down, ACK, b"\0");
    talk.up(GET).down(&answer(1));
    let got = read(&talk.pcap());
    assert_eq!((got.up().len(), got.connections[0].missing), (1, 0));
}

#[test]
fn a_port_used_again_is_another_connection() {
    let mut talk = Talk::open();
    talk.up(GET).down(&answer(1)).fin();
    (talk.up, talk.down) = (77_000, 88_000);
    talk = talk.handshake();
    talk.up(&get(2)).down(&answer(2));
    let again = talk.frames[0].clone();
    talk.frames.insert(1, again);
    let got = read(&talk.pcap());
    assert_eq!(got.connections.len(), 2);
    assert_eq!(
        got.messages
            .iter()
            .map(|m| m.connection)
            .collect::<Vec<_>>(),
        [Some(0), Some(0), Some(1), Some(1)]
    );
}

#[test]
fn data_in_the_first_packet_counts() {
    let mut talk = Talk::silent();
    let (up, down) = (talk.up, talk.down);
    talk.raw(true, up.wrapping_sub(1), 0, SYN, GET);
    talk.raw(false, down.wrapping_sub(1), up, SYN | ACK, b"");
    talk.up(GET);
    let got = read(&talk.pcap());
    assert_eq!(got.up().len(), 1);
}

#[test]
fn bytes_never_captured_but_acknowledged_at_the_end_are_missing() {
    let mut talk = Talk::open();
    talk.up(GET)
        .down(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
        .lose_down(8)
        .ack();
    let got = read(&talk.pcap());
    assert_eq!((got.down()[0].missing, got.connections[0].missing), (8, 8));
}

#[test]
fn a_damaged_number_far_ahead_loses_nothing() {
    let mut talk = Talk::open();
    talk.up(GET);
    let (up, down) = (talk.up, talk.down);
    talk.raw(false, down.wrapping_add(900_000_000), up, ACK, b"nonsense");
    talk.raw(true, up, down.wrapping_add(800_000_000), ACK, b"");
    talk.down(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n");
    for _ in 0..300 {
        talk.down(b"x");
    }
    let got = read(&talk.pcap());
    assert_eq!(
        (got.down()[0].body.len(), got.down()[0].complete),
        (300, true)
    );
}
