//! DTLS 1.0 and 1.2, from records that our own code protected; the capture of others is in `tests/shared`.

use proptest::prelude::*;

use super::build::{datagram, datagram_back, pcap};
use super::collect::{Collect, read_with};
use super::tls_script::{extension, vector};
use crate::model::Transport;
use crate::secure::protection::Agreed;
use crate::secure::protection::seal::Sealer;
use crate::secure::secrets::{Label, Secrets};
use crate::secure::suites;

const MASTER: [u8; 48] = [7; 48];
const RANDOM: [u8; 32] = [5; 32];
const DTLS_1_0: u16 = 0xfeff;
const DTLS_1_2: u16 = 0xfefd;
/// TLS_PSK_WITH_AES_128_CCM_8.
const PSK_CCM: u16 = 0xc0a8;

/// Who sends, and what.
type Sent = Vec<(bool, Vec<u8>)>;

fn clear(version: u16, kind: u8, number: u64, body: &[u8]) -> Vec<u8> {
    let mut record = vec![kind];
    record.extend(version.to_be_bytes());
    record.extend(number.to_be_bytes());
    record.extend(vector(2, body));
    record
}

/// A handshake message in fragments of at most `size` bytes.
fn fragments(kind: u8, sequence: u16, body: &[u8], size: usize) -> Vec<Vec<u8>> {
    let three = |n: usize| n.to_be_bytes()[5..].to_vec();
    let mut parts: Vec<(usize, &[u8])> = body
        .chunks(size)
        .enumerate()
        .map(|(n, part)| (n * size, part))
        .collect();
    if parts.is_empty() {
        parts.push((0, b""));
    }
    let whole = |(offset, part): (usize, &[u8])| {
        let mut fragment = vec![kind];
        fragment.extend(three(body.len()));
        fragment.extend(sequence.to_be_bytes());
        fragment.extend(three(offset));
        fragment.extend(three(part.len()));
        fragment.extend(part);
        fragment
    };
    parts.into_iter().map(whole).collect()
}

struct Session {
    sent: Sent,
    sealers: [Sealer; 2],
    secrets: Secrets,
}

/// After the handshake, with a HelloVerifyRequest.
fn session(suite: u16, version: u16, size: usize) -> Session {
    let agreed = Agreed {
        suite: suites::suite(suite).expect("known"),
        version: if version == DTLS_1_2 { 0x0303 } else { 0x0302 },
        encrypt_then_mac: false,
        client: RANDOM,
        server: [9; 32],
    };
    let hello = |cookie: &[u8]| {
        [
            &version.to_be_bytes()[..],
            &RANDOM,
            &vector(1, b""),
            &vector(1, cookie),
            &vector(2, &suite.to_be_bytes()),
            &vector(1, &[0]),
            &vector(
                2,
                &extension(
                    0,
                    &vector(2, &[&[0][..], &vector(2, b"d.example")].concat()),
                ),
            ),
        ]
        .concat()
    };
    let server = [
        &version.to_be_bytes()[..],
        &[9; 32],
        &vector(1, &[1; 32]),
        &suite.to_be_bytes(),
        &[0],
        &vector(2, b""),
    ]
    .concat();
    let verify = [&version.to_be_bytes()[..], &vector(1, b"cookie")].concat();
    let messages = [
        (true, 1, 0, hello(b"")),
        (false, 3, 0, verify),
        (true, 1, 1, hello(b"cookie")),
        (false, 2, 1, server),
        (false, 14, 2, Vec::new()),
        (true, 16, 2, vector(2, b"identity")),
    ];
    let mut sent = Sent::new();
    let mut number = 0;
    for (up, kind, sequence, body) in messages {
        for fragment in fragments(kind, sequence, &body, size) {
            sent.push((up, clear(version, 22, number, &fragment)));
            number += 1;
        }
    }
    let seal = |client| Sealer::new(&agreed, &MASTER, client).for_datagrams(version);
    let mut sealers = [seal(true), seal(false)];
    for (side, sealer) in sealers.iter_mut().enumerate() {
        let finished = fragments(20, 3, &[4; 12], 100).concat();
        let change = clear(version, 20, number, &[1]);
        sent.push((side == 0, [change, sealer.datagram(22, &finished)].concat()));
    }
    let mut secrets = Secrets::default();
    secrets.add(Label::Master, RANDOM, &MASTER);
    Session {
        sent,
        sealers,
        secrets,
    }
}

impl Session {
    fn say(&mut self, up: bool, plain: &[u8]) {
        let record = self.sealers[usize::from(!up)].datagram(23, plain);
        self.sent.push((up, record));
    }

    fn read(self) -> Collect {
        let frames: Vec<Vec<u8>> = self
            .sent
            .iter()
            .map(|(up, bytes)| match up {
                true => datagram(50_000, 5_684, bytes),
                false => datagram_back(5_684, 50_000, bytes),
            })
            .collect();
        read_with(&pcap(1, &frames), self.secrets)
    }
}

fn said(got: &Collect) -> Vec<(bool, Vec<u8>)> {
    let messages = got.messages.iter();
    messages.map(|m| (m.up, m.body.clone())).collect()
}

#[test]
fn suites_of_both_versions_open() {
    for (version, suite) in [
        (DTLS_1_2, PSK_CCM),
        (DTLS_1_2, 0xc02b),
        (DTLS_1_2, 0xc030),
        (DTLS_1_2, 0xcca8),
        (DTLS_1_2, 0xc027),
        (DTLS_1_2, 0xc013),
        (DTLS_1_0, 0xc013),
        (DTLS_1_0, 0x000a),
    ] {
        for size in [1_000, 30] {
            let mut session = session(suite, version, size);
            session.say(true, b"a question");
            session.say(false, b"an answer");
            let got = session.read();
            let expected = [
                (true, b"a question".to_vec()),
                (false, b"an answer".to_vec()),
            ];
            assert_eq!(said(&got), expected, "{version:04x} {suite:04x}");
            assert_eq!(got.messages[0].transport, Transport::Tls);
            let row = &got.connections[0];
            assert_eq!(
                (row.application, row.transport, row.opened),
                (Some("dtls"), "tls", true)
            );
            assert_eq!(row.sni.as_deref(), Some("d.example"));
            let told = if version == DTLS_1_2 {
                "DTLS 1.2"
            } else {
                "DTLS 1.0"
            };
            assert_eq!(row.tls_version, Some(told));
            assert!(
                row.ja4.as_deref().is_some_and(|j| j.starts_with("dd")),
                "{:?}",
                row.ja4
            );
            assert!(got.problems.is_empty());
        }
    }
}

#[test]
fn without_keys_or_with_wrong_ones() {
    let make = || {
        let mut session = session(PSK_CCM, DTLS_1_2, 1_000);
        session.say(true, b"a question");
        session
    };
    let mut session = make();
    session.secrets = Secrets::default();
    let got = session.read();
    assert!(got.messages.is_empty());
    assert_eq!(got.connections[0].not_opened, Some("no keys"));
    let mut session = make();
    session.secrets = Secrets::default();
    session.secrets.add(Label::Master, RANDOM, &[8; 48]);
    let got = session.read();
    assert!(got.messages.is_empty());
    assert_eq!(got.connections[0].not_opened, Some("keys do not fit"));
}

#[test]
fn a_repeated_datagram_is_one_message_and_a_lost_one_loses_no_other() {
    let mut session = session(PSK_CCM, DTLS_1_2, 1_000);
    for word in [b"one", b"two", b"six"] {
        session.say(true, word);
    }
    let lost = session.sent.len() - 2;
    let last = session.sent.last().expect("one").clone();
    session.sent.push(last);
    session.sent.remove(lost);
    assert_eq!(
        said(&session.read()),
        [(true, b"one".to_vec()), (true, b"six".to_vec())]
    );
}

#[test]
fn a_changed_record_is_no_message() {
    let mut session = session(PSK_CCM, DTLS_1_2, 1_000);
    session.say(true, b"one");
    session.say(true, b"two");
    let at = session.sent.len() - 2;
    *session.sent[at].1.last_mut().expect("bytes") ^= 1;
    assert_eq!(said(&session.read()), [(true, b"two".to_vec())]);
}

#[test]
fn a_client_that_refuses_the_certificate_says_so() {
    let mut session = session(PSK_CCM, DTLS_1_2, 1_000);
    session.sent.truncate(5);
    session.sent.push((true, clear(DTLS_1_2, 21, 9, &[2, 42])));
    session.secrets = Secrets::default();
    assert_eq!(
        session.read().connections[0].not_opened,
        Some("certificate refused")
    );
}

#[test]
fn later_datagrams_are_counted() {
    let mut session = session(PSK_CCM, DTLS_1_2, 1_000);
    for _ in 0..10 {
        session.say(true, b"again");
    }
    let got = session.read();
    assert_eq!(got.messages.len(), 8);
    assert_eq!(
        (got.problems[0].code, got.problems[0].count),
        ("beginning", 2)
    );
}

proptest! {
    /// Fragments of the handshake in any order within a flight, some of them twice.
    #[test]
    fn fragments_come_in_any_order(size in 10usize..60, seed in any::<u64>(), twice in 0usize..12) {
        let mut session = session(PSK_CCM, DTLS_1_2, size);
        let mut from = 0;
        while from < session.sent.len() {
            let up = session.sent[from].0;
            let mut end = from;
            while end < session.sent.len() && session.sent[end].0 == up && session.sent[end].1[0] == 22 {
                end += 1;
            }
            // The first fragment says who begins.
            let begin = (from + usize::from(from == 0)).min(end);
            let flight = &mut session.sent[begin..end];
            for at in 0..flight.len() {
                let other = (seed as usize).wrapping_mul(at + 7) % flight.len();
                flight.swap(at, other);
            }
            from = end.max(from + 1);
        }
        let again = session.sent[twice % session.sent.len()].clone();
        session.sent.insert(twice % session.sent.len(), again);
        session.say(true, b"a question");
        prop_assert_eq!(said(&session.read()), vec![(true, b"a question".to_vec())]);
    }

    #[test]
    fn strange_records_end_nothing(kind in 18u8..28, number in any::<u64>(), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut session = session(PSK_CCM, DTLS_1_2, 1_000);
        session.sent.push((true, clear(DTLS_1_2, kind, number, &bytes)));
        session.sent.push((false, bytes));
        session.say(true, b"a question");
        let said = said(&session.read());
        prop_assert!(said.contains(&(true, b"a question".to_vec())));
    }
}
