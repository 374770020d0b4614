//! The other side of the reader: TLS 1.3 records (RFC 8446 section 5.2) under secrets that the key log tells.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;

use crate::pieces::{DOWN, Piece, SEALED};

/// Random of the client in every session.
pub const RANDOM: [u8; 32] = [5; 32];

/// HKDF-Expand-Label (RFC 8446 section 7.1) for up to 32 bytes.
pub fn expand_label(secret: &[u8], label: &str, bytes: usize) -> Vec<u8> {
    let label = format!("tls13 {label}");
    let info = [
        &(bytes as u16).to_be_bytes()[..],
        &[label.len() as u8],
        label.as_bytes(),
        &[0, 1],
    ]
    .concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&key, &info).as_ref()[..bytes].to_vec()
}

/// A vector with a length of so many bytes.
pub fn vector(length_bytes: usize, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    [&length[8 - length_bytes..], body].concat()
}

/// An extension of a hello.
pub fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector(2, body)].concat()
}

/// A message of the handshake.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vector(3, body)].concat()
}

/// A record in clear.
pub fn clear(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &vector(2, body)].concat()
}

/// The client's hello, with a server name and this protocol.
pub fn client_hello(alpn: &[u8]) -> Vec<u8> {
    let name = vector(2, &[&[0][..], &vector(2, b"collect.example")].concat());
    let extensions = [
        extension(0, &name),
        extension(16, &vector(2, &vector(1, alpn))),
        extension(43, &[2, 3, 4]),
    ]
    .concat();
    let body = [
        &[3, 3][..],
        &RANDOM,
        &vector(1, &[1; 32]),
        &vector(2, &[0x13, 1]),
        &vector(1, &[0]),
        &vector(2, &extensions),
    ];
    message(1, &body.concat())
}

fn server_hello() -> Vec<u8> {
    let versions = extension(43, &[3, 4]);
    let body = [
        &[3, 3][..],
        &[9; 32],
        &vector(1, &[1; 32]),
        &[0x13, 1, 0],
        &vector(2, &versions),
    ];
    message(2, &body.concat())
}

/// Protects the records of one side.
struct Sealer {
    key: LessSafeKey,
    iv: Vec<u8>,
    number: u64,
}

impl Sealer {
    fn new(secret: &[u8]) -> Sealer {
        let key =
            UnboundKey::new(&AES_128_GCM, &expand_label(secret, "key", 16)).expect("16 bytes");
        Sealer {
            key: LessSafeKey::new(key),
            iv: expand_label(secret, "iv", 12),
            number: 0,
        }
    }

    fn record(&mut self, kind: u8, plain: &[u8]) -> Vec<u8> {
        let mut sealed = [plain, &[kind]].concat();
        let length = (sealed.len() + 16) as u16;
        let [high, low] = length.to_be_bytes();
        let head = [23, 3, 3, high, low];
        let mut nonce: [u8; 12] = self.iv.as_slice().try_into().expect("12 bytes");
        for (byte, number) in nonce[4..].iter_mut().zip(self.number.to_be_bytes()) {
            *byte ^= number;
        }
        self.number += 1;
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(nonce, Aad::from(head), &mut sealed)
            .expect("small");
        [&head[..], &sealed].concat()
    }
}

/// The key log of every session.
pub fn key_log() -> String {
    let labels = [
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2u8),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", 3),
        ("CLIENT_TRAFFIC_SECRET_0", 4),
        ("SERVER_TRAFFIC_SECRET_0", 5),
    ];
    let hex = |byte: u8| format!("{byte:02x}").repeat(32);
    labels
        .iter()
        .map(|(label, byte)| format!("{label} {} {}\n", hex(RANDOM[0]), hex(*byte)))
        .collect()
}

/// A handshake, then the pieces; those that say so in records whose last byte tells their kind.
pub fn session(alpn: &[u8], pieces: &[Piece<'_>]) -> Vec<(u8, Vec<u8>)> {
    let mut hidden = [Sealer::new(&[2; 32]), Sealer::new(&[3; 32])];
    let mut traffic = [Sealer::new(&[4; 32]), Sealer::new(&[5; 32])];
    let chosen = extension(16, &vector(2, &vector(1, alpn)));
    let server = [message(8, &vector(2, &chosen)), message(20, &[4; 32])].concat();
    let finished = message(20, &[4; 32]);
    let mut said = vec![
        (0, clear(22, &client_hello(alpn))),
        (
            DOWN,
            [clear(22, &server_hello()), hidden[1].record(22, &server)].concat(),
        ),
        (0, hidden[0].record(22, &finished)),
    ];
    for (flags, bytes) in pieces {
        let bytes = if flags & SEALED == 0 {
            bytes.to_vec()
        } else {
            let side = usize::from(flags & DOWN);
            bytes
                .chunks(16_000)
                .flat_map(|part| traffic[side].record(23 - (flags >> 4 & 3), part))
                .collect()
        };
        said.push((flags & !SEALED, bytes));
    }
    said
}
