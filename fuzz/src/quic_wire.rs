//! A whole QUIC connection around what the fuzzer makes up: every level's packets, protected with known secrets.

use waakzaam_core::secure::quic::keys::{
    HeaderKey, PacketKey, Suite, initial_secrets, next_secret,
};
use waakzaam_core::secure::quic::version::{Kind, Version};
use waakzaam_core::secure::secrets::Secrets;

use crate::packets::{pcap, udp};
use crate::pieces::{DOWN, LATE, LOST, Piece, SEALED, pieces};
use crate::tls::{self, RANDOM, extension, message, vector};

/// What a piece is put into (bits 4 and 5 of its flags): frames of a 1-RTT packet.
pub const DATA: u8 = 0;
/// The bytes of a stream: the first one tells which, and whether they are its last.
pub const STREAM: u8 = 0x10;
/// Frames of a Handshake packet.
pub const HANDSHAKE: u8 = 0x20;
/// Frames of a 0-RTT packet.
pub const EARLY: u8 = 0x30;
/// The sender goes on with the next keys.
pub const UPDATE: u8 = 0x40;
/// The next piece of this sender stands in the same datagram.
pub const COALESCED: u8 = 0x80;

const VERSIONS: [u32; 4] = [1, 0x6b33_43cf, 0xff00_001d, 0xff00_0017];
const SUITES: [(u16, Suite); 4] = [
    (0x1301, Suite::Aes128Gcm),
    (0x1303, Suite::ChaCha20Poly1305),
    (0x1302, Suite::Aes256Gcm),
    (0x1304, Suite::Aes128Ccm),
];
const ALPNS: [&[u8]; 4] = [b"h3", b"doq", b"doq-i00", b"h3-29"];
/// Connection ids in the packets of each direction.
const IDS: [&[u8]; 2] = [&[0xa1; 8], &[0xb2; 5]];
const FIRST_ID: [u8; 8] = [0xc3; 8];
const STREAMS: usize = 16;
/// Bytes of one packet's payload at most.
const PAYLOAD: usize = 16_000;

fn varint(value: usize) -> [u8; 4] {
    (value as u32 | 0x8000_0000).to_be_bytes()
}

/// Keys of one direction at one level.
struct Sealer {
    header: HeaderKey,
    key: PacketKey,
    secret: Vec<u8>,
    phase: bool,
}

/// One connection.
pub struct Wire {
    version: Version,
    number: u32,
    cipher: u16,
    suite: Suite,
    alpn: &'static [u8],
    hidden: [Sealer; 2],
    data: [Sealer; 2],
    early: Sealer,
    numbers: [u64; 2],
    offsets: [[usize; STREAMS]; 2],
}

fn secret(suite: Suite, byte: u8) -> Vec<u8> {
    vec![byte; if suite == Suite::Aes256Gcm { 48 } else { 32 }]
}

fn sealer(version: &Version, suite: Suite, secret: Vec<u8>) -> Sealer {
    Sealer {
        header: HeaderKey::new(suite, &secret, &version.labels).expect("a secret that fits"),
        key: PacketKey::new(suite, &secret, &version.labels).expect("a secret that fits"),
        secret,
        phase: false,
    }
}

impl Wire {
    /// A connection as one byte of the fuzzer tells: version, suite, what is spoken.
    pub fn new(form: u8) -> Wire {
        let number = VERSIONS[usize::from(form & 3)];
        let version = Version::of(number).expect("all of these are read");
        let (cipher, suite) = SUITES[usize::from(form >> 2 & 3) % SUITES.len()];
        let of = |byte| sealer(&version, suite, secret(suite, byte));
        Wire {
            number,
            cipher,
            suite,
            alpn: ALPNS[usize::from(form >> 4 & 3)],
            hidden: [of(2), of(3)],
            data: [of(4), of(5)],
            early: of(6),
            numbers: [0; 2],
            offsets: [[0; STREAMS]; 2],
            version,
        }
    }

    /// What a client would write to its key log.
    pub fn key_log(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        [
            ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", 2),
            ("SERVER_HANDSHAKE_TRAFFIC_SECRET", 3),
            ("CLIENT_TRAFFIC_SECRET_0", 4),
            ("SERVER_TRAFFIC_SECRET_0", 5),
            ("CLIENT_EARLY_TRAFFIC_SECRET", 6),
        ]
        .map(|(label, byte)| {
            let secret = hex(&secret(self.suite, byte));
            format!("{label} {} {secret}\n", hex(&RANDOM))
        })
        .concat()
    }

    fn next(&mut self, side: usize) -> u64 {
        self.numbers[side] += 1;
        self.numbers[side] - 1
    }

    fn long(&self, kind: Kind, side: usize, payload: usize) -> Vec<u8> {
        let bits = (0..4u8).find(|bits| self.version.kind(0xc0 | bits << 4) == kind);
        let to: &[u8] = match (kind, side) {
            (Kind::Initial | Kind::ZeroRtt, 0) => &FIRST_ID,
            _ => IDS[side],
        };
        let mut head = vec![0xc3 | bits.expect("one of four") << 4];
        head.extend(self.number.to_be_bytes());
        head.extend(vector(1, to));
        head.extend(vector(1, IDS[1 - side]));
        if kind == Kind::Initial {
            head.push(0);
        }
        head.extend(varint(payload + 20));
        head
    }

    fn packet(&mut self, side: usize, flags: u8, frames: &[u8]) -> Vec<u8> {
        let mut payload = frames[..frames.len().min(PAYLOAD)].to_vec();
        payload.resize(payload.len().max(20), 0);
        let number = self.next(side);
        let kind = match flags & EARLY {
            HANDSHAKE => Some(Kind::Handshake),
            EARLY if side == 0 => Some(Kind::ZeroRtt),
            _ => None,
        };
        let (sealer, head) = match kind {
            Some(Kind::Handshake) => (
                &self.hidden[side],
                self.long(Kind::Handshake, side, payload.len()),
            ),
            Some(kind) => (&self.early, self.long(kind, side, payload.len())),
            None => {
                let sealer = &self.data[side];
                let first = 0x43 | u8::from(sealer.phase) << 2;
                (sealer, [&[first], IDS[side]].concat())
            }
        };
        seal(sealer, head, number, payload)
    }

    fn initial(&mut self, side: usize, frames: &[u8]) -> Vec<u8> {
        let secrets = initial_secrets(&self.version.salts[0], &FIRST_ID).expect("an id");
        let sealer = sealer(&self.version, Suite::Aes128Gcm, secrets[side].to_vec());
        let number = self.next(side);
        let head = self.long(Kind::Initial, side, frames.len());
        seal(&sealer, head, number, frames.to_vec())
    }

    /// STREAM frames with the offset that comes next; the low bits of `name` tell the stream, the highest its end.
    fn stream(&mut self, side: usize, name: u8, bytes: &[u8]) -> Vec<u8> {
        let id = name & 15;
        let offset = &mut self.offsets[side][usize::from(id)];
        let head = [
            &[0x0e | name >> 7, id][..],
            &varint(*offset),
            &varint(bytes.len()),
        ];
        *offset += bytes.len();
        [&head.concat(), bytes].concat()
    }

    /// The datagrams of a handshake and of the pieces: from the client or not, bytes.
    pub fn datagrams(&mut self, pieces: &[Piece<'_>]) -> Vec<(bool, Vec<u8>)> {
        let hello = tls::client_hello(self.alpn);
        let crypto = |bytes: &[u8]| [&[6, 0][..], &varint(bytes.len()), bytes].concat();
        let mut first = crypto(&hello);
        first.resize(1_180, 0);
        let server = message(
            2,
            &[
                &[3, 3][..],
                &[9; 32],
                &[0],
                &self.cipher.to_be_bytes(),
                &[0],
                &vector(2, &extension(43, &[3, 4])),
            ]
            .concat(),
        );
        let chosen = extension(16, &vector(2, &vector(1, self.alpn)));
        let rest = [message(8, &vector(2, &chosen)), message(20, &[1; 32])].concat();
        // Early data comes before the server answers.
        let early = pieces
            .iter()
            .take_while(|(flags, _)| flags & (SEALED | DOWN | EARLY) == SEALED | EARLY)
            .count();
        let (before, after) = pieces.split_at(early);
        let mut said = vec![(true, self.initial(0, &first))];
        self.say(before, &mut said);
        let answer = [
            self.initial(1, &crypto(&server)),
            self.packet(1, HANDSHAKE, &crypto(&rest)),
        ];
        said.push((false, answer.concat()));
        let finished = crypto(&message(20, &[1; 32]));
        said.push((true, self.packet(0, HANDSHAKE, &finished)));
        self.say(after, &mut said);
        said
    }

    fn say(&mut self, pieces: &[Piece<'_>], said: &mut Vec<(bool, Vec<u8>)>) {
        let mut open = [Vec::new(), Vec::new()];
        let mut late = None;
        for (flags, bytes) in pieces {
            let side = usize::from(flags & DOWN);
            if flags & UPDATE != 0 {
                self.update(side);
            }
            let packet = match (flags & SEALED, flags & EARLY, bytes.split_first()) {
                (0, ..) => bytes.to_vec(),
                (_, STREAM, Some((name, bytes))) => {
                    let bytes = &bytes[..bytes.len().min(PAYLOAD)];
                    let frame = self.stream(side, *name, bytes);
                    self.packet(side, DATA, &frame)
                }
                _ => self.packet(side, *flags, bytes),
            };
            open[side].extend(packet);
            if flags & COALESCED != 0 && open[side].len() < 50_000 {
                continue;
            }
            let datagram = std::mem::take(&mut open[side]);
            if flags & LOST != 0 {
                continue;
            }
            if flags & LATE != 0 && late.is_none() {
                late = Some((side == 0, datagram));
                continue;
            }
            said.push((side == 0, datagram));
            said.extend(late.take());
        }
        said.extend(late);
    }

    fn update(&mut self, side: usize) {
        let sealer = &mut self.data[side];
        let labels = &self.version.labels;
        sealer.secret = next_secret(self.suite, &sealer.secret, labels).expect("a secret");
        sealer.key = PacketKey::new(self.suite, &sealer.secret, labels).expect("a secret");
        sealer.phase = !sealer.phase;
    }
}

/// `head` ends before the packet number, which takes four bytes.
fn seal(sealer: &Sealer, mut head: Vec<u8>, number: u64, mut payload: Vec<u8>) -> Vec<u8> {
    let at = head.len();
    head.extend(&number.to_be_bytes()[4..]);
    sealer.key.seal(&head, &mut payload, number);
    let mut packet = [head, payload].concat();
    let mask = sealer.header.mask(&packet[at + 4..at + 20]);
    packet[0] ^= mask[0] & if packet[0] & 0x80 == 0 { 0x1f } else { 0x0f };
    for (byte, mask) in packet[at..at + 4].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
    packet
}

/// The capture of target `quic1rtt`, and what opens it. One byte of the input tells version, suite and protocol.
pub fn talk(input: &[u8]) -> Option<(Vec<u8>, Secrets)> {
    let (&form, rest) = input.split_first()?;
    let mut wire = Wire::new(form);
    let mut secrets = Secrets::default();
    secrets.add_key_log(wire.key_log().as_bytes());
    let packets: Vec<_> = wire
        .datagrams(&pieces(rest))
        .iter()
        .map(|(up, bytes)| udp(*up, 443, bytes))
        .collect();
    Some((pcap(&packets), secrets))
}
