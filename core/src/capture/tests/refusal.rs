//! Clients that leave: what is said of it, and what is not.

use super::build::{Talk, pcap};
use super::collect::read_with;
use super::tls_script::{Script, clear, extension, message, vector};
use crate::capture::segment::flag::{ACK, FIN, RST};
use crate::model::Connection;
use crate::secure::protection::Schedule;
use crate::secure::protection::seal::Sealer;
use crate::secure::secrets::Secrets;
use crate::secure::suites;

/// TLS 1.2 and 1.3.
const CLASSIC: u16 = 0xc02f;
const MODERN: u16 = 0x1301;

/// How the connection ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Client,
    ClientReset,
    Server,
    /// The capture ends first.
    Open,
}

/// Records of both sides, each in a packet of its own, ten milliseconds apart.
struct Scene {
    flight: Vec<(bool, Vec<u8>)>,
    end: End,
    /// Seconds between the last record and the end.
    pause: u32,
    /// A packet of the server that is not in the capture.
    lost: Option<usize>,
    /// The client says before this record that it sends no more.
    left_before: Option<usize>,
    /// Of the client.
    port: u16,
    secrets: Secrets,
}

impl Scene {
    fn new(flight: Vec<(bool, Vec<u8>)>, end: End) -> Scene {
        Scene {
            flight,
            end,
            pause: 0,
            lost: None,
            left_before: None,
            port: 40_000,
            secrets: Secrets::default(),
        }
    }

    /// The packets, and how many there are before the end.
    fn packets(&self) -> (Talk, usize) {
        let mut talk = Talk::silent();
        talk.client.1 = self.port;
        talk.server.1 = 443;
        talk = talk.handshake();
        for (number, (up, record)) in self.flight.iter().enumerate() {
            if self.left_before == Some(number) {
                talk.raw(true, talk.up, talk.down, ACK | FIN, b"");
            }
            match (*up, self.lost == Some(number)) {
                (true, _) => talk.up(record),
                (false, false) => talk.down(record),
                (false, true) => talk.lose_down(u32::try_from(record.len()).expect("fits")),
            };
            talk.ack();
        }
        let before = talk.frames.len();
        let (up, down) = (talk.up, talk.down);
        match self.end {
            End::Client => talk.raw(true, up, down, ACK | FIN, b""),
            End::ClientReset => talk.raw(true, up, down, ACK | RST, b""),
            End::Server => talk.raw(false, down, up, ACK | FIN, b""),
            End::Open => {}
        }
        if self.end != End::Open {
            talk.fin();
        }
        (talk, before)
    }

    fn talk(&self) -> Talk {
        self.packets().0
    }

    fn row(self) -> Connection {
        let (talk, before) = self.packets();
        let mut file = pcap(1, &talk.frames);
        let mut at = 24;
        for number in 0..talk.frames.len() {
            let pause = if number >= before { self.pause } else { 0 };
            let micros = u32::try_from(number).expect("few") * 10_000;
            file[at..at + 4].copy_from_slice(&(1_000_000_000 + pause).to_le_bytes());
            file[at + 4..at + 8].copy_from_slice(&micros.to_le_bytes());
            at += 16 + talk.frames[number].len();
        }
        let got = read_with(&file, self.secrets);
        assert_eq!(got.connections.len(), 1);
        got.connections[0].clone()
    }

    fn word(self) -> &'static str {
        let row = self.row();
        assert!(!row.opened, "{row:?}");
        row.not_opened.expect("a reason")
    }
}

/// The session of a client that knows no session of before, up to the server's last word in clear.
fn classic() -> (Script, Vec<(bool, Vec<u8>)>) {
    let script = Script::classic(CLASSIC, 0x0303, false);
    let mut flight = script.flight.clone();
    let chain = vector(3, &vector(3, b"a certificate"));
    let server = &mut flight[1].1;
    let hello = server.len() - 5 - 4;
    let certificate = clear(22, &message(11, &chain));
    // Between its hello and ServerHelloDone, which share a record.
    let done = clear(22, &server.split_off(hello + 5));
    let length = u16::try_from(server.len() - 5).expect("fits");
    server[3..5].copy_from_slice(&length.to_be_bytes());
    server.extend(certificate);
    server.extend(done);
    (script, flight)
}

/// The same up to the client's Finished and the server's.
fn classic_until(end: usize) -> Vec<(bool, Vec<u8>)> {
    classic().1.into_iter().take(end).collect()
}

fn schedule() -> Schedule {
    Schedule::new(0x0304, suites::suite(MODERN).expect("known")).expect("of TLS 1.3")
}

/// The first flights of TLS 1.3, with a certificate; what protects the client's handshake; and the secrets.
fn modern(more: &[u8], early: &[u8]) -> (Vec<(bool, Vec<u8>)>, Sealer, Secrets) {
    modern_of(b"", more, early)
}

/// The same with extensions of the client's hello.
fn modern_of(client: &[u8], more: &[u8], early: &[u8]) -> (Vec<(bool, Vec<u8>)>, Sealer, Secrets) {
    let script = Script::modern_with(MODERN, early, client);
    let schedule = schedule();
    let mut flight: Vec<(bool, Vec<u8>)> = script
        .flight
        .into_iter()
        .take_while(|(up, _)| *up)
        .collect();
    let extensions = [extension(43, &[3, 4]), more.to_vec()].concat();
    let hello = [
        &[3, 3][..],
        &[9; 32],
        &vector(1, &[1; 32]),
        &MODERN.to_be_bytes(),
        &[0],
        &vector(2, &extensions),
    ];
    let mut sealer = Sealer::modern(&schedule, &[3; 32]);
    let chain = [
        vector(1, b""),
        vector(3, &[vector(3, b"a certificate"), vector(2, b"")].concat()),
    ];
    let messages = [
        message(8, &vector(2, b"")),
        message(11, &chain.concat()),
        message(20, &[4; 32]),
    ];
    flight.push((false, clear(22, &message(2, &hello.concat()))));
    flight.push((
        false,
        [clear(20, &[1]), sealer.record(22, &messages.concat())].concat(),
    ));
    (flight, Sealer::modern(&schedule, &[2; 32]), script.secrets)
}

fn finished(sealer: &mut Sealer) -> (bool, Vec<u8>) {
    (
        true,
        [clear(20, &[1]), sealer.record(22, &message(20, &[4; 32]))].concat(),
    )
}

#[test]
fn an_alert_in_clear_that_names_the_certificate() {
    for alert in [42, 43, 44, 45, 46, 48] {
        for end in [End::Client, End::Server, End::Open] {
            let mut flight = classic_until(2);
            flight.push((true, clear(21, &[2, alert])));
            assert_eq!(
                Scene::new(flight, end).word(),
                "certificate refused",
                "{alert}"
            );
        }
    }
}

#[test]
fn other_alerts_say_nothing_of_the_certificate() {
    let mut flight = classic_until(2);
    flight.push((true, clear(21, &[2, 80])));
    assert_eq!(
        Scene::new(flight, End::Client).word(),
        "handshake broken off"
    );
    // What the server says of the client's certificate.
    let mut flight = classic_until(2);
    flight.push((false, clear(21, &[2, 42])));
    assert_eq!(Scene::new(flight, End::Server).word(), "no keys");
    // Before any certificate.
    let mut flight = Script::classic(CLASSIC, 0x0303, false).flight;
    flight.truncate(2);
    flight.push((true, clear(21, &[2, 80])));
    assert_eq!(Scene::new(flight, End::Client).word(), "no keys");
}

#[test]
fn a_client_that_leaves_before_its_part_of_the_handshake() {
    for end in [End::Client, End::ClientReset] {
        assert_eq!(
            Scene::new(classic_until(2), end).word(),
            "handshake broken off"
        );
    }
    for end in [End::Server, End::Open] {
        assert_eq!(Scene::new(classic_until(2), end).word(), "no keys");
    }
    // It left before the server showed anything, which arrived all the same.
    let mut scene = Scene::new(classic_until(2), End::Open);
    scene.left_before = Some(1);
    assert_eq!(scene.word(), "no keys");
    // The server had shown nothing yet.
    assert_eq!(Scene::new(classic_until(1), End::Client).word(), "no keys");
}

#[test]
fn a_client_that_leaves_at_once_after_the_handshake() {
    let scene = |end, pause, data: &[u8]| {
        let (mut script, mut flight) = classic();
        if !data.is_empty() {
            flight.push((true, script.up.record(23, data)));
        }
        flight.push((true, script.up.record(21, &[1, 0])));
        Scene {
            pause,
            ..Scene::new(flight, end)
        }
    };
    assert_eq!(scene(End::Client, 0, b"").word(), "left at once");
    assert_eq!(scene(End::ClientReset, 0, b"").word(), "left at once");
    assert_eq!(
        scene(End::Client, 30, b"").word(),
        "no keys",
        "opened in advance"
    );
    assert_eq!(scene(End::Client, 0, b"x").word(), "no keys");
    assert_eq!(scene(End::Server, 0, b"").word(), "no keys");
    assert_eq!(scene(End::Open, 0, b"").word(), "no keys");
}

#[test]
fn a_session_that_is_taken_up_again_shows_no_certificate() {
    let mut script = Script::classic(CLASSIC, 0x0303, false);
    script.goodbye(true);
    assert_eq!(Scene::new(script.flight, End::Client).word(), "no keys");
}

#[test]
fn where_bytes_are_missing_nothing_is_said() {
    let scene = |lost| {
        let (mut flight, mut sealer, _) = modern(b"", b"");
        flight.push(finished(&mut sealer));
        Scene {
            lost,
            ..Scene::new(flight, End::Client)
        }
    };
    assert_eq!(scene(None).word(), "left at once");
    assert_eq!(scene(Some(2)).word(), "no keys");
}

#[test]
fn tls_1_3_without_keys() {
    let alert = |more: &[u8], code: u8| {
        let (mut flight, mut sealer, _) = modern(more, b"");
        flight.push((
            true,
            [clear(20, &[1]), sealer.record(21, &[2, code])].concat(),
        ));
        flight
    };
    // What it says cannot be known.
    for end in [End::Client, End::Server, End::Open] {
        assert_eq!(
            Scene::new(alert(b"", 42), end).word(),
            "handshake broken off"
        );
    }
    assert_eq!(
        Scene::new(alert(b"", 80), End::Client).word(),
        "handshake broken off"
    );
    let shared = extension(41, &[0, 0]);
    assert_eq!(
        Scene::new(alert(&shared, 42), End::Client).word(),
        "no keys"
    );

    let bare = |end| Scene::new(modern(b"", b"").0, end);
    assert_eq!(bare(End::Client).word(), "handshake broken off");
    assert_eq!(bare(End::ClientReset).word(), "handshake broken off");
    assert_eq!(bare(End::Server).word(), "no keys");

    let whole = |end, pause, data: &[u8]| {
        let (mut flight, mut sealer, _) = modern(b"", b"");
        flight.push(finished(&mut sealer));
        let mut sealer = Sealer::modern(&schedule(), &[4; 32]);
        if !data.is_empty() {
            flight.push((true, sealer.record(23, data)));
        }
        flight.push((true, sealer.record(21, &[1, 0])));
        Scene {
            pause,
            ..Scene::new(flight, end)
        }
    };
    assert_eq!(whole(End::Client, 0, b"").word(), "left at once");
    assert_eq!(whole(End::Client, 30, b"").word(), "no keys");
    assert_eq!(whole(End::Client, 0, b"GET /").word(), "no keys");
    assert_eq!(whole(End::Server, 0, b"").word(), "no keys");
}

/// Two connections to one server, of which the client keeps the second.
#[test]
fn a_client_that_speaks_to_the_server_elsewhere_does_not_refuse_it() {
    let flight = |name: &[u8], data: &[u8]| {
        let name = [&[0][..], &vector(2, name)].concat();
        let (mut flight, mut sealer, _) = modern_of(&extension(0, &vector(2, &name)), b"", b"");
        if !data.is_empty() {
            flight.push(finished(&mut sealer));
            flight.push((true, Sealer::modern(&schedule(), &[4; 32]).record(23, data)));
        }
        flight
    };
    let words = |first: &[u8], second: &[u8], data: &[u8]| -> Vec<&'static str> {
        let mut frames = Vec::new();
        for (port, flight) in [(1, flight(first, b"")), (2, flight(second, data))] {
            let mut scene = Scene::new(flight, End::Client);
            scene.port += port;
            frames.extend(scene.talk().frames);
        }
        let got = read_with(&pcap(1, &frames), Secrets::default());
        got.connections
            .iter()
            .filter_map(|c| c.not_opened)
            .collect()
    };
    assert_eq!(
        words(b"one.example", b"one.example", b"GET /"),
        ["no keys", "no keys"]
    );
    assert_eq!(
        words(b"one.example", b"two.example", b"GET /"),
        ["handshake broken off", "no keys"]
    );
    assert_eq!(
        words(b"one.example", b"one.example", b""),
        ["handshake broken off"; 2]
    );
}

#[test]
fn short_early_data_are_no_alert() {
    let (mut flight, mut sealer, _) = modern(b"", b"ab");
    flight.push((
        true,
        Sealer::modern(&schedule(), &[1; 32]).record(23, b"ab"),
    ));
    flight.push(finished(&mut sealer));
    assert_eq!(Scene::new(flight, End::Client).word(), "no keys");
}

#[test]
fn tls_1_3_with_keys() {
    let (mut flight, mut sealer, secrets) = modern(b"", b"");
    flight.push((true, sealer.record(21, &[2, 46])));
    let scene = Scene {
        secrets,
        ..Scene::new(flight, End::Client)
    };
    assert_eq!(scene.word(), "certificate refused");

    let (mut flight, mut sealer, secrets) = modern(b"", b"");
    flight.push((true, sealer.record(21, &[2, 80])));
    let scene = Scene {
        secrets,
        ..Scene::new(flight, End::Client)
    };
    assert_eq!(scene.word(), "handshake broken off");

    let (mut flight, mut sealer, secrets) = modern(b"", b"");
    flight.push(finished(&mut sealer));
    let mut sealer = Sealer::modern(&schedule(), &[4; 32]);
    flight.push((true, sealer.record(21, &[1, 0])));
    let scene = Scene {
        secrets,
        ..Scene::new(flight, End::Client)
    };
    assert_eq!(scene.word(), "left at once");
}

#[test]
fn data_of_the_server_do_not_open_what_the_client_refused() {
    let scene = |alert: &[u8], data: &[u8]| {
        let (mut flight, mut sealer, secrets) = modern(b"", b"");
        let mut server = Sealer::modern(&schedule(), &[5; 32]);
        flight.push((false, server.record(23, b"early words of the server")));
        if data.is_empty() {
            flight.push((true, sealer.record(21, alert)));
        } else {
            flight.push(finished(&mut sealer));
            flight.push((true, Sealer::modern(&schedule(), &[4; 32]).record(23, data)));
        }
        Scene {
            secrets,
            ..Scene::new(flight, End::Client)
        }
    };
    assert_eq!(scene(&[2, 42], b"").word(), "certificate refused");
    assert!(
        scene(b"", b"GET / HTTP/1.1\r\nHost: h.example\r\n\r\n")
            .row()
            .opened
    );
}
