//! The other side of the reader: records up to TLS 1.2 (RFC 5246), under a master secret that the key log tells.

use waakzaam_core::secure::protection::Agreed;
use waakzaam_core::secure::protection::seal::Sealer;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_core::secure::suites;

use crate::packets::{pcap, stream};
use crate::pieces::{DOWN, Piece, SEALED, pieces};
use crate::seeds_http;
use crate::tls::{RANDOM, clear, extension, message, vector};

/// Flag of a piece: one bit of its last byte is wrong, after protection.
pub const BROKEN: u8 = 0x40;
/// Flag of a piece: its records come in pieces of 61 bytes, not of 16,000.
pub const SMALL: u8 = 0x80;

/// One suite for each cipher, mode and hash that is read.
pub const SUITES: [u16; 22] = [
    0xc02f, 0xc030, 0xcca8, 0xc09c, 0xc0a0, 0xc07a, 0xc050, 0x002f, 0x0035, 0x003c, 0xc028, 0x0041,
    0xc03c, 0x0096, 0x000a, 0x0009, 0x0007, 0x0006, 0x0005, 0x0004, 0x0003, 0x0002,
];
const MASTER: [u8; 48] = [7; 48];
const SERVER: [u8; 32] = [9; 32];

/// The key log of every session.
pub fn key_log() -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    format!("CLIENT_RANDOM {} {}\n", hex(&RANDOM), hex(&MASTER))
}

/// What a session agrees on, by two bytes of the fuzzer: a suite; a version and whether the MAC is of what is encrypted.
pub fn agreed(suite: u8, form: u8) -> (u16, Agreed) {
    let id = SUITES[usize::from(suite) % SUITES.len()];
    let suite = suites::suite(id).expect("all of these are read");
    // Suites that authenticate by themselves came with TLS 1.2.
    let version = match form & 3 {
        _ if suite.cipher.is_aead() => 0x0303,
        1 => 0x0301,
        2 => 0x0302,
        _ => 0x0303,
    };
    let agreed = Agreed {
        suite,
        version,
        encrypt_then_mac: form & 4 != 0,
        client: RANDOM,
        server: SERVER,
    };
    (id, agreed)
}

/// A handshake, then the pieces; those that say so in records.
pub fn session(id: u16, agreed: &Agreed, alpn: &[u8], pieces: &[Piece<'_>]) -> Vec<(u8, Vec<u8>)> {
    let mut sealers = [
        Sealer::new(agreed, &MASTER, true),
        Sealer::new(agreed, &MASTER, false),
    ];
    let name = extension(16, &vector(2, &vector(1, alpn)));
    let guarded = extension(22, b"");
    let chosen = if agreed.encrypt_then_mac {
        [name.as_slice(), &guarded].concat()
    } else {
        name.clone()
    };
    let client = [
        &[3, 3][..],
        &RANDOM,
        &vector(1, &[1; 32]),
        &vector(2, &id.to_be_bytes()),
        &vector(1, &[0]),
        &vector(2, &[name, guarded].concat()),
    ];
    let server = [
        &agreed.version.to_be_bytes()[..],
        &SERVER,
        &vector(1, &[1; 32]),
        &id.to_be_bytes(),
        &[0],
        &vector(2, &chosen),
    ];
    let finished = message(20, &[4; 12]);
    let hello = [message(2, &server.concat()), message(14, b"")].concat();
    let exchange = clear(22, &message(16, &vector(2, &[3; 128])));
    let up = [exchange, clear(20, &[1]), sealers[0].record(22, &finished)];
    let down = [clear(20, &[1]), sealers[1].record(22, &finished)];
    let mut said = vec![
        (0, clear(22, &message(1, &client.concat()))),
        (DOWN, clear(22, &hello)),
        (0, up.concat()),
        (DOWN, down.concat()),
    ];
    for (flags, bytes) in pieces {
        let mut bytes = if flags & SEALED == 0 {
            bytes.to_vec()
        } else {
            let sealer = &mut sealers[usize::from(flags & DOWN)];
            let size = if flags & SMALL == 0 { 16_000 } else { 61 };
            // Bits 4 and 5 tell the kind: data, handshake, alert, change of ciphers.
            bytes
                .chunks(size)
                .flat_map(|part| sealer.record(23 - (flags >> 4 & 3), part))
                .collect()
        };
        if flags & BROKEN != 0
            && let Some(last) = bytes.last_mut()
        {
            *last ^= 1;
        }
        said.push((flags & 0x0f & !SEALED, bytes));
    }
    said
}

/// The capture of target `tls12`, and what opens it. Three bytes of the input tell the suite, the version and what is
/// inside: HTTP/1, HTTP/2 or WebSocket.
pub fn talk(input: &[u8]) -> Option<(Vec<u8>, Secrets)> {
    let [suite, form, inside, rest @ ..] = input else {
        return None;
    };
    let answer = seeds_http::upgraded(inside & 3 == 3);
    let mut said = match inside & 3 {
        0 => Vec::new(),
        1 => vec![(SEALED, seeds_http::PREFACE)],
        _ => vec![
            (SEALED, seeds_http::UPGRADE),
            (SEALED | DOWN, answer.as_bytes()),
        ],
    };
    said.extend(pieces(rest));
    let alpn: &[u8] = if inside & 3 == 1 { b"h2" } else { b"http/1.1" };
    let (id, agreed) = agreed(*suite, *form);
    let said = session(id, &agreed, alpn, &said);
    let said: Vec<_> = said
        .iter()
        .map(|(flags, bytes)| (*flags, bytes.as_slice()))
        .collect();
    let mut secrets = Secrets::default();
    secrets.add_key_log(key_log().as_bytes());
    Some((pcap(&stream(443, &said)), secrets))
}
