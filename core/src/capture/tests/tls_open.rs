//! TLS with keys: every suite, any fragmentation, gaps.

use proptest::prelude::*;

use super::collect::{Collect, read_with};
use super::tls_script::{Script, clear};
use crate::model::Transport;
use crate::secure::secrets::Secrets;
use crate::secure::suites::{self, Cipher};

fn request(n: usize) -> Vec<u8> {
    format!("GET /{n} HTTP/1.1\r\nHost: h.example\r\n\r\n").into_bytes()
}

fn answer(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Turns of requests and answers.
fn converse(script: &mut Script, turns: usize, body: usize, size: usize) {
    for n in 0..turns {
        script.say(true, &request(n), size);
        script.say(false, &answer(&vec![n as u8; body]), size);
    }
    script.goodbye(true);
    script.goodbye(false);
}

fn read_script(script: &mut Script, sizes: &[usize], lost: &[usize]) -> Collect {
    let file = script.talk(sizes, lost).pcap();
    read_with(&file, std::mem::take(&mut script.secrets))
}

fn check(got: &Collect, turns: usize, body: usize, name: &str) {
    assert_eq!((got.up().len(), got.down().len()), (turns, turns), "{name}");
    for n in 0..turns {
        let (request, answer) = (got.up()[n], got.down()[n]);
        assert_eq!(
            request.url,
            Some(format!("https://h.example/{n}")),
            "{name}"
        );
        assert_eq!(answer.body, vec![n as u8; body], "{name}");
        assert_eq!(answer.transport, Transport::Tls);
        assert!(request.complete && answer.complete, "{name}");
    }
    let row = &got.connections[0];
    assert_eq!(
        (row.application, row.transport),
        (Some("http"), "tls"),
        "{name}"
    );
    assert!(row.opened && row.not_opened.is_none(), "{name}: {row:?}");
    assert!(got.problems.is_empty(), "{name}: {:?}", got.problems);
}

fn supported() -> impl Iterator<Item = (u16, suites::Suite)> {
    suites::NAMES
        .iter()
        .filter_map(|(id, _)| Some((*id, suites::suite(*id)?)))
}

/// Suites of TLS 1.3.
fn is_modern(id: u16) -> bool {
    id >> 8 == 0x13
}

#[test]
fn every_suite_opens() {
    let mut count = 0;
    for (id, suite) in supported() {
        let name = suites::name(id).unwrap();
        let mut scripts = Vec::new();
        if is_modern(id) {
            scripts.push(Script::modern(id, b""));
        } else {
            scripts.push(Script::classic(id, 0x0303, false));
            if !suite.cipher.is_aead() {
                scripts.push(Script::classic(id, 0x0301, false));
                scripts.push(Script::classic(id, 0x0302, false));
            }
            if matches!(suite.cipher, Cipher::Cbc(_)) {
                scripts.push(Script::classic(id, 0x0303, true));
            }
        }
        for mut script in scripts {
            converse(&mut script, 2, 500, 300);
            let got = read_script(&mut script, &[400], &[]);
            check(&got, 2, 500, &name);
            assert_eq!(got.connections[0].cipher.as_deref(), Some(name.as_str()));
            count += 1;
        }
    }
    assert!(count > 600, "{count}");
}

#[test]
fn early_data_updates_and_padding() {
    let mut script = Script::modern(0x1301, &request(0));
    script.down.padding = 77;
    script.say(false, &answer(&[0; 500]), 100);
    for n in 1..4 {
        script.update(true);
        script.say(true, &request(n), 50);
        script.update(false);
        script.say(false, &answer(&[n as u8; 500]), 120);
    }
    let got = read_script(&mut script, &[77], &[]);
    check(&got, 4, 500, "early data");
    assert_eq!(got.connections[0].alpn_chosen.as_deref(), Some("http/1.1"));
}

#[test]
fn without_keys_or_with_wrong_ones() {
    for suite in [0x1301, 0xc02f] {
        let make = || {
            let mut script = if is_modern(suite) {
                Script::modern(suite, b"")
            } else {
                Script::classic(suite, 0x0303, false)
            };
            converse(&mut script, 1, 500, 300);
            script
        };
        let file = make().talk(&[400], &[]).pcap();
        let got = read_with(&file, Secrets::default());
        assert_eq!(got.connections[0].not_opened, Some("no keys"));
        assert!(got.messages.is_empty());
        let mut wrong = Secrets::default();
        let random = "05".repeat(32);
        let secret = "aa".repeat(if is_modern(suite) { 32 } else { 48 });
        for label in [
            "CLIENT_RANDOM",
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
        ] {
            wrong.add_key_log(format!("{label} {random} {secret}\n").as_bytes());
        }
        let got = read_with(&file, wrong);
        let row = &got.connections[0];
        assert!(!row.opened && got.messages.is_empty());
        assert_eq!(row.not_opened, Some("keys do not fit"), "{suite:#x}");
    }
}

#[test]
fn a_suite_that_is_not_supported_is_named() {
    let mut script = Script::classic(0xc02f, 0x0303, false);
    // TLS_GOSTR341112_256_WITH_MAGMA_CTR_OMAC
    for (_, bytes) in &mut script.flight {
        for at in 0..bytes.len().saturating_sub(1) {
            if bytes[at..at + 2] == [0xc0, 0x2f] {
                bytes[at..at + 2].copy_from_slice(&[0xc1, 0x01]);
            }
        }
    }
    let got = read_script(&mut script, &[400], &[]);
    assert_eq!(got.connections[0].not_opened, Some("suite not supported"));
    assert_eq!(got.codes(), ["unsupported"]);
    assert!(got.problems[0].place.contains("MAGMA"));
}

#[test]
fn tls_inside_tls() {
    let mut inner = Script::modern(0x1301, b"");
    inner.random = [5; 32];
    converse(&mut inner, 2, 300, 200);
    let mut outer = Script::classic(0xc02f, 0x0303, false);
    for (up, bytes) in std::mem::take(&mut inner.flight) {
        outer.say(up, &bytes, 90);
    }
    // Both have the same client random; the labels differ.
    let mut secrets = std::mem::take(&mut inner.secrets);
    secrets.add(crate::secure::secrets::Label::Master, [5; 32], &[7; 48]);
    let got = read_with(&outer.talk(&[133], &[]).pcap(), secrets);
    check(&got, 2, 300, "inner");
}

#[test]
fn an_alert_in_clear_changes_nothing() {
    let mut script = Script::modern(0x1302, b"");
    converse(&mut script, 1, 100, 50);
    script.flight.insert(1, (true, clear(21, &[1, 90])));
    check(&read_script(&mut script, &[64], &[]), 1, 100, "alert");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn fragmentation_does_not_matter(
        pick in any::<prop::sample::Index>(),
        size in 1usize..900,
        sizes in proptest::collection::vec(1usize..700, 1..20),
        body in 0usize..1500,
    ) {
        let all: Vec<u16> = supported().map(|(id, _)| id).collect();
        let id = *pick.get(&all);
        let mut script = if is_modern(id) {
            Script::modern(id, b"")
        } else {
            Script::classic(id, 0x0303, false)
        };
        converse(&mut script, 3, body, size);
        check(&read_script(&mut script, &sizes, &[]), 3, body, "fragments");
    }

    /// Segments of the server are missing: what they do not touch is read.
    #[test]
    fn gaps_are_left_behind(
        suite in prop::sample::select(vec![0x1301u16, 0x1303, 0xc02f, 0xcca8, 0xc014, 0x003c, 0x0005]),
        version in prop::sample::select(vec![0x0301u16, 0x0303]),
        size in 60usize..900,
        segment in 100usize..700,
        lost in proptest::collection::btree_set(0usize..40, 1..4),
    ) {
        let aead = suites::suite(suite).unwrap().cipher.is_aead();
        let version = if aead { 0x0303 } else { version };
        let mut script = if is_modern(suite) {
            Script::modern(suite, b"")
        } else {
            Script::classic(suite, version, false)
        };
        let turns = 12;
        converse(&mut script, turns, 2000, size);
        let handshake: usize = script.flight.iter().take(4).filter(|(up, _)| !up)
            .map(|(_, b)| b.len().div_ceil(segment)).sum();
        let lost: Vec<usize> = lost.iter().map(|n| n + handshake).collect();
        let got = read_script(&mut script, &[segment], &lost);
        prop_assert_eq!(got.up().len(), turns);
        // Every answer after the last loss and one more is whole.
        let mut number = handshake;
        let mut untouched = Vec::new();
        let mut turn = 0;
        for (up, bytes) in script.flight.iter().skip(if is_modern(suite) { 3 } else { 4 }) {
            if *up || turn == turns {
                continue;
            }
            let segments = bytes.len().div_ceil(segment);
            let hit = lost.iter().any(|l| (number..number + segments).contains(l));
            untouched.push(!hit);
            number += segments;
            turn += 1;
        }
        for (n, whole) in untouched.iter().enumerate() {
            let after_loss = n > 0 && !untouched[n - 1];
            if *whole && !after_loss {
                let body = vec![n as u8; 2000];
                prop_assert!(got.down().iter().any(|m| m.body == body && m.complete), "{:x} {:x} {n} {lost:?} {untouched:?}", suite, version);
            }
        }
    }

    /// Whatever comes, nothing breaks.
    #[test]
    fn damage_is_survived(
        modern in any::<bool>(),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..12),
        lost in proptest::collection::vec(0usize..30, 0..4),
        segment in 20usize..600,
    ) {
        let mut script = if modern { Script::modern(0x1301, &request(9)) } else { Script::classic(0xc014, 0x0301, false) };
        converse(&mut script, 3, 700, 200);
        for (flight, at, value) in hits {
            let count = script.flight.len();
            let bytes = &mut script.flight[flight.index(count)].1;
            let length = bytes.len();
            bytes[at.index(length)] = value;
        }
        let got = read_script(&mut script, &[segment], &lost);
        prop_assert_eq!(got.connections.len(), 1);
    }
}
