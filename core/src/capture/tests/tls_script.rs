//! TLS sessions made by the tests: handshakes and protected records.

use super::build::Talk;
use crate::secure::protection::seal::Sealer;
use crate::secure::protection::{Agreed, Schedule};
use crate::secure::secrets::{Label, Secrets};
use crate::secure::suites;

pub(crate) fn vector(length_bytes: usize, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    [&length[8 - length_bytes..], body].concat()
}

pub(crate) fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector(2, body)].concat()
}

pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vector(3, body)].concat()
}

pub(crate) fn clear(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &vector(2, body)].concat()
}

/// One side's records to come, in order: (from the client, bytes).
pub(crate) type Flight = Vec<(bool, Vec<u8>)>;

/// A session.
pub(crate) struct Script {
    pub suite: u16,
    pub version: u16,
    pub random: [u8; 32],
    pub session_id: Vec<u8>,
    pub up: Sealer,
    pub down: Sealer,
    pub traffic: [Vec<u8>; 2],
    pub flight: Flight,
    pub secrets: Secrets,
}

const MASTER: [u8; 48] = [7; 48];

fn schedule(suite: u16) -> Schedule {
    Schedule::new(0x0304, suites::suite(suite).unwrap()).unwrap()
}

impl Script {
    fn hello(&self, client_extensions: &[u8], server_extensions: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let id = vector(1, &self.session_id);
        let client = [
            &[3, 3][..],
            &self.random,
            &id,
            &vector(2, &self.suite.to_be_bytes()),
            &vector(1, &[0]),
            &vector(2, client_extensions),
        ]
        .concat();
        let version = self.version.min(0x0303).to_be_bytes();
        let server = [
            &version[..],
            &[9; 32],
            &id,
            &self.suite.to_be_bytes(),
            &[0],
            &vector(2, server_extensions),
        ]
        .concat();
        (message(1, &client), message(2, &server))
    }

    /// A session up to TLS 1.2, after its handshake.
    pub fn classic(suite: u16, version: u16, encrypt_then_mac: bool) -> Script {
        let agreed = Agreed {
            suite: suites::suite(suite).unwrap(),
            version,
            encrypt_then_mac,
            client: [5; 32],
            server: [9; 32],
        };
        let mut script = Script {
            suite,
            version,
            random: [5; 32],
            session_id: vec![1; 32],
            up: Sealer::new(&agreed, &MASTER, true),
            down: Sealer::new(&agreed, &MASTER, false),
            traffic: [Vec::new(), Vec::new()],
            flight: Vec::new(),
            secrets: Secrets::default(),
        };
        let server = if encrypt_then_mac {
            extension(22, b"")
        } else {
            Vec::new()
        };
        let (client, server) = script.hello(b"", &server);
        script.secrets.add(Label::Master, [5; 32], &MASTER);
        script.flight.push((true, clear(22, &client)));
        script
            .flight
            .push((false, clear(22, &[server, message(14, b"")].concat())));
        let exchange = message(16, &vector(2, &[3; 128]));
        let finished = message(20, &[4; 12]);
        let up = [
            clear(22, &exchange),
            clear(20, &[1]),
            script.up.record(22, &finished),
        ];
        script.flight.push((true, up.concat()));
        let down = [clear(20, &[1]), script.down.record(22, &finished)];
        script.flight.push((false, down.concat()));
        script
    }

    /// A session of TLS 1.3; `early`: data before the server answers.
    pub fn modern(suite: u16, early: &[u8]) -> Script {
        Script::modern_with(suite, early, b"")
    }

    /// The same with more extensions in the client's hello.
    pub fn modern_with(suite: u16, early: &[u8], more: &[u8]) -> Script {
        let schedule = schedule(suite);
        let bytes = schedule.suite.prf.bytes();
        let secret = |n: u8| vec![n; bytes];
        let mut script = Script {
            suite,
            version: 0x0304,
            random: [5; 32],
            session_id: vec![1; 32],
            up: Sealer::modern(&schedule, &secret(2)),
            down: Sealer::modern(&schedule, &secret(3)),
            traffic: [secret(4), secret(5)],
            flight: Vec::new(),
            secrets: Secrets::default(),
        };
        for (label, n) in [
            (Label::ClientEarly, 1),
            (Label::ClientHandshake, 2),
            (Label::ServerHandshake, 3),
            (Label::ClientTraffic, 4),
            (Label::ServerTraffic, 5),
        ] {
            script.secrets.add(label, [5; 32], &secret(n));
        }
        let mut extensions = extension(43, &vector(1, &[3, 4]));
        extensions.extend(more);
        if !early.is_empty() {
            extensions.extend(extension(42, b""));
        }
        let (client, server) = script.hello(&extensions, &extension(43, &[3, 4]));
        script.flight.push((true, clear(22, &client)));
        let mut before = Sealer::modern(&schedule, &secret(1));
        if !early.is_empty() {
            let records = [clear(20, &[1]), before.record(23, early)].concat();
            script.flight.push((true, records));
        }
        let alpn = extension(16, &vector(2, &vector(1, b"http/1.1")));
        let messages = [message(8, &vector(2, &alpn)), message(20, &[4; 32])].concat();
        let (one, two) = messages.split_at(9);
        let down = [
            clear(22, &server),
            clear(20, &[1]),
            script.down.record(22, one),
            script.down.record(22, two),
        ];
        script.flight.push((false, down.concat()));
        let mut up = Vec::new();
        if !early.is_empty() {
            up.extend(before.record(22, &message(5, b"")));
        }
        up.extend(script.up.record(22, &message(20, &[4; 32])));
        script.flight.push((true, up));
        script.up = Sealer::modern(&schedule, &script.traffic[0]);
        script.down = Sealer::modern(&schedule, &script.traffic[1]);
        script
    }

    /// Application data in records of these sizes.
    pub fn say(&mut self, up: bool, plain: &[u8], size: usize) {
        let sealer = if up { &mut self.up } else { &mut self.down };
        let bytes = plain.chunks(size).flat_map(|part| sealer.record(23, part));
        let bytes = bytes.collect();
        self.flight.push((up, bytes));
    }

    /// KeyUpdate of one side.
    pub fn update(&mut self, up: bool) {
        let schedule = schedule(self.suite);
        let side = usize::from(!up);
        let next = schedule.update(&self.traffic[side]);
        let sealer = if up { &mut self.up } else { &mut self.down };
        let record = sealer.record(22, &message(24, &[0]));
        *sealer = Sealer::modern(&schedule, &next);
        self.traffic[side] = next;
        self.flight.push((up, record));
    }

    /// close_notify of one side.
    pub fn goodbye(&mut self, up: bool) {
        let sealer = if up { &mut self.up } else { &mut self.down };
        let record = sealer.record(21, &[1, 0]);
        self.flight.push((up, record));
    }

    /// The conversation in segments of at most these sizes; segments of the server with these numbers are lost.
    pub fn talk(&self, sizes: &[usize], lost: &[usize]) -> Talk {
        let mut talk = Talk::silent();
        talk.server.1 = 443;
        talk = talk.handshake();
        let mut sizes = sizes.iter().cycle();
        let mut number = 0;
        for (up, bytes) in &self.flight {
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let size = sizes.next().copied().unwrap_or(1000).min(rest.len());
                let (now, later) = rest.split_at(size);
                if *up {
                    talk.up(now);
                } else {
                    if lost.contains(&number) {
                        talk.lose_down(size as u32);
                    } else {
                        talk.down(now);
                    }
                    number += 1;
                }
                rest = later;
            }
            talk.ack();
        }
        talk.fin();
        talk
    }
}
