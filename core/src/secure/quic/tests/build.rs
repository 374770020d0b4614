//! The other side of the reader: connections that our own code writes, protects and cuts into datagrams.

use super::certificate::certificate;
use crate::secure::quic::keys::{HeaderKey, PacketKey, Suite, initial_secrets, next_secret};
use crate::secure::quic::version::{V2, Version};

/// A variable-length integer.
pub(crate) fn varint(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    match value {
        0..0x40 => bytes[7..].to_vec(),
        0x40..0x4000 => (value | 0x4000).to_be_bytes()[6..].to_vec(),
        0x4000..0x4000_0000 => (value | 0x8000_0000).to_be_bytes()[4..].to_vec(),
        _ => (value | 0xc000_0000_0000_0000).to_be_bytes().to_vec(),
    }
}

/// A CRYPTO frame.
pub(crate) fn crypto(offset: usize, bytes: &[u8]) -> Vec<u8> {
    [
        &[6u8][..],
        &varint(offset as u64),
        &varint(bytes.len() as u64),
        bytes,
    ]
    .concat()
}

/// A STREAM frame with offset and length.
pub(crate) fn stream(id: u64, offset: usize, bytes: &[u8], end: bool) -> Vec<u8> {
    [
        &[0x0e | u8::from(end)][..],
        &varint(id),
        &varint(offset as u64),
        &varint(bytes.len() as u64),
        bytes,
    ]
    .concat()
}

/// A NEW_CONNECTION_ID frame.
pub(crate) fn new_id(number: u64, id: &[u8]) -> Vec<u8> {
    [
        &[0x18u8][..],
        &varint(number),
        &varint(0),
        &[id.len() as u8],
        id,
        &[0; 16],
    ]
    .concat()
}

fn vector(length_bytes: usize, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    [&length[8 - length_bytes..], body].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vector(3, body)].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &vector(2, body)].concat()
}

/// A client's hello for `name`, offering `alpn`.
pub(crate) fn client_hello(random: &[u8; 32], name: &str, alpn: &str) -> Vec<u8> {
    let host = [&[0u8][..], &vector(2, name.as_bytes())].concat();
    let extensions = [
        extension(0, &vector(2, &host)),
        extension(16, &vector(2, &vector(1, alpn.as_bytes()))),
        extension(43, &vector(1, &[3, 4])),
        extension(51, &[0; 900]),
    ]
    .concat();
    let ciphers = [0x13, 1, 0x13, 2, 0x13, 3];
    let body = [
        &[3u8, 3][..],
        random,
        &[0],
        &vector(2, &ciphers),
        &vector(1, &[0]),
        &vector(2, &extensions),
    ]
    .concat();
    message(1, &body)
}

fn server_hello(cipher: u16) -> Vec<u8> {
    let body = [
        &[3u8, 3][..],
        &[8; 32],
        &[0],
        &cipher.to_be_bytes(),
        &[0],
        &vector(2, &extension(43, &[3, 4])),
    ]
    .concat();
    message(2, &body)
}

/// The server's certificate and one more that is none and fills packets, without extensions of their own.
fn certificate_message(host: &str) -> Vec<u8> {
    let entry = |der: &[u8]| [vector(3, der), vec![0, 0]].concat();
    let list = [entry(&certificate(host)), entry(&[7; 2_500])].concat();
    [vec![0], vector(3, &list)].concat()
}

fn rest_of_handshake(alpn: &str) -> Vec<u8> {
    let chosen = extension(16, &vector(2, &vector(1, alpn.as_bytes())));
    [
        message(8, &vector(2, &chosen)),
        message(11, &certificate_message("www.example.org")),
        message(20, &[1; 32]),
    ]
    .concat()
}

/// Keys of one direction at one level, for writing.
struct Sealer {
    suite: Suite,
    version: u32,
    secret: Vec<u8>,
    header: HeaderKey,
    key: PacketKey,
    phase: bool,
}

impl Sealer {
    fn new(suite: Suite, version: u32, secret: &[u8]) -> Sealer {
        let labels = Version::of(version).unwrap().labels;
        Sealer {
            suite,
            version,
            secret: secret.to_vec(),
            header: HeaderKey::new(suite, secret, &labels).unwrap(),
            key: PacketKey::new(suite, secret, &labels).unwrap(),
            phase: false,
        }
    }

    fn update(&mut self) {
        let labels = Version::of(self.version).unwrap().labels;
        self.secret = next_secret(self.suite, &self.secret, &labels).unwrap();
        self.key = PacketKey::new(self.suite, &self.secret, &labels).unwrap();
        self.phase = !self.phase;
    }

    /// `header` ends before the packet number, which takes four bytes.
    fn seal(&self, mut header: Vec<u8>, number: u64, payload: &[u8]) -> Vec<u8> {
        let at = header.len();
        header.extend(&number.to_be_bytes()[4..]);
        let mut payload = payload.to_vec();
        self.key.seal(&header, &mut payload, number);
        let mut packet = [header, payload].concat();
        let mask = self.header.mask(&packet[at + 4..at + 20]);
        packet[0] ^= mask[0] & if packet[0] & 0x80 == 0 { 0x1f } else { 0x0f };
        for (byte, mask) in packet[at..at + 4].iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
        }
        packet
    }
}

/// One connection, written by both of its ends.
pub(crate) struct Wire {
    pub version: u32,
    pub random: [u8; 32],
    pub suite: Suite,
    pub alpn: &'static str,
    /// Connection ids in packets of each direction.
    pub ids: [Vec<u8>; 2],
    /// The id the client makes up for its first packets.
    pub first_id: Vec<u8>,
    secrets: [[Vec<u8>; 2]; 2],
    data: [Sealer; 2],
    numbers: [u64; 2],
}

impl Wire {
    pub fn new(seed: u8, suite: Suite, version: u32) -> Wire {
        let length = match suite {
            Suite::Aes256Gcm => 48,
            _ => 32,
        };
        let secret = |n: u8| vec![seed.wrapping_mul(31).wrapping_add(n); length];
        let data = [secret(3), secret(4)];
        Wire {
            version,
            random: [seed; 32],
            suite,
            alpn: "h3",
            ids: [vec![seed, 1, 2, 3, 4, 5, 6, 7], vec![seed, 9, 9, 9]],
            first_id: vec![seed; 9],
            secrets: [[secret(1), secret(2)], data.clone()],
            data: data.map(|secret| Sealer::new(suite, version, &secret)),
            numbers: [0; 2],
        }
    }

    /// What a client would write to its key log.
    pub fn key_log(&self) -> String {
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        let [[client_hs, server_hs], [client, server]] = &self.secrets;
        [
            ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client_hs),
            ("SERVER_HANDSHAKE_TRAFFIC_SECRET", server_hs),
            ("CLIENT_TRAFFIC_SECRET_0", client),
            ("SERVER_TRAFFIC_SECRET_0", server),
        ]
        .map(|(label, secret)| format!("{label} {} {}\n", hex(&self.random), hex(secret)))
        .concat()
    }

    fn number(&mut self, side: usize) -> u64 {
        self.numbers[side] += 1;
        self.numbers[side] - 1
    }

    fn long(&self, kind: u8, side: usize, first: bool, payload: usize) -> Vec<u8> {
        let kind = (kind + u8::from(self.version == V2)) & 3;
        let destination = if first {
            &self.first_id
        } else {
            &self.ids[side]
        };
        let mut header = vec![0xc3 | kind << 4];
        header.extend(self.version.to_be_bytes());
        header.extend(vector(1, destination));
        header.extend(vector(1, &self.ids[1 - side]));
        if kind == u8::from(self.version == V2) {
            header.push(0);
        }
        header.extend(varint(payload as u64 + 20));
        header
    }

    /// An Initial packet. `first`: the server's id is not known yet.
    pub fn initial(&mut self, side: usize, first: bool, payload: &[u8]) -> Vec<u8> {
        let salt = Version::of(self.version).unwrap().salts[0];
        let secrets = initial_secrets(&salt, &self.first_id).unwrap();
        let sealer = Sealer::new(Suite::Aes128Gcm, self.version, &secrets[side]);
        let header = self.long(0, side, first, payload.len());
        let number = self.number(side);
        sealer.seal(header, number, payload)
    }

    /// A Handshake packet.
    pub fn handshake(&mut self, side: usize, payload: &[u8]) -> Vec<u8> {
        let sealer = Sealer::new(self.suite, self.version, &self.secrets[0][side]);
        let header = self.long(2, side, false, payload.len());
        let number = self.number(side);
        sealer.seal(header, number, payload)
    }

    /// A short header packet.
    pub fn short(&mut self, side: usize, payload: &[u8]) -> Vec<u8> {
        let number = self.number(side);
        let sealer = &self.data[side];
        let mut header = vec![0x43 | u8::from(sealer.phase) << 2];
        header.extend(&self.ids[side]);
        sealer.seal(header, number, payload)
    }

    /// Both sides go on with the next keys.
    pub fn update(&mut self) {
        self.data.iter_mut().for_each(Sealer::update);
    }

    /// The datagrams of a handshake, with who sends them; CRYPTO frames are cut and mixed.
    pub fn opening(&mut self, name: &str, coalesced: bool) -> Vec<(usize, Vec<u8>)> {
        let hello = client_hello(&self.random, name, self.alpn);
        let (one, two) = hello.split_at(hello.len() / 3);
        let (two, three) = two.split_at(two.len() / 2);
        let cut = one.len() + two.len();
        let mut frames = crypto(cut, three);
        frames.extend([0; 40]);
        frames.extend(crypto(0, one));
        // Datagrams with first packets are padded (RFC 9000 section 14.1).
        frames.resize(1_180, 0);
        let mut datagrams = vec![
            (0, self.initial(0, true, &frames)),
            (0, self.initial(0, true, &crypto(one.len(), two))),
        ];
        let cipher = match self.suite {
            Suite::Aes128Gcm => 0x1301,
            Suite::Aes256Gcm => 0x1302,
            Suite::ChaCha20Poly1305 => 0x1303,
            Suite::Aes128Ccm => 0x1304,
        };
        let mut initial = self.initial(1, false, &crypto(0, &server_hello(cipher)));
        let rest = rest_of_handshake(self.alpn);
        for (index, part) in rest.chunks(1_000).enumerate() {
            let packet = self.handshake(1, &crypto(index * 1_000, part));
            if coalesced && !initial.is_empty() {
                initial.extend(packet);
                datagrams.push((1, std::mem::take(&mut initial)));
            } else {
                if !initial.is_empty() {
                    datagrams.push((1, std::mem::take(&mut initial)));
                }
                datagrams.push((1, packet));
            }
        }
        datagrams
    }
}

/// A frame of HTTP/3.
pub(crate) fn frame(kind: u64, payload: &[u8]) -> Vec<u8> {
    [&varint(kind)[..], &varint(payload.len() as u64), payload].concat()
}

/// An integer with a prefix of `bits` bits.
fn prefixed(first: u8, bits: u32, value: usize) -> Vec<u8> {
    let mask = (1usize << bits) - 1;
    if value < mask {
        return vec![first | value as u8];
    }
    let mut bytes = vec![first | mask as u8];
    let mut rest = value - mask;
    while rest >= 128 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// The encoder of one direction. Every second field goes through the dynamic table.
#[derive(Default)]
pub(crate) struct Encoder {
    inserted: usize,
    /// Instructions so far.
    pub instructions: Vec<u8>,
}

/// The table our encoders use, as SETTINGS tell it.
pub(crate) const TABLE: usize = 16_384;

impl Encoder {
    pub fn new() -> Encoder {
        Encoder {
            inserted: 0,
            instructions: prefixed(0x20, 5, TABLE),
        }
    }

    /// A field section.
    pub fn section(&mut self, fields: &[(&str, &str)]) -> Vec<u8> {
        let mut lines = Vec::new();
        let before = self.inserted;
        for (index, (name, value)) in fields.iter().enumerate() {
            if index % 2 == 1 {
                self.instructions.extend(prefixed(0x40, 5, name.len()));
                self.instructions.extend(name.as_bytes());
                self.instructions.extend(prefixed(0, 7, value.len()));
                self.instructions.extend(value.as_bytes());
                // After the base.
                lines.extend(prefixed(0x10, 4, self.inserted - before));
                self.inserted += 1;
            } else {
                lines.extend(prefixed(0x20, 3, name.len()));
                lines.extend(name.as_bytes());
                lines.extend(prefixed(0, 7, value.len()));
                lines.extend(value.as_bytes());
            }
        }
        if self.inserted == before {
            return [vec![0, 0], lines].concat();
        }
        let full = 2 * TABLE / 32;
        let mut section = prefixed(0, 8, self.inserted % full + 1);
        section.extend(prefixed(0x80, 7, self.inserted - before - 1));
        section.extend(lines);
        section
    }
}
