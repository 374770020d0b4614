//! A capture for measuring.

use std::io::Write as _;

use super::build::{block, datagram, datagram_back, enhanced, interface, section};
use super::quic::{PORT, body};
use crate::secure::quic::keys::Suite;
use crate::secure::quic::tests::build::{Encoder, Wire, frame, stream};

/// Writes a large capture with its secrets, for measuring: `WAAKZAAM_WRITE_QUIC=FILE cargo test -- --ignored`.
#[test]
#[ignore = "writes a file of 200 MB"]
fn a_large_capture_for_measuring() {
    let Some(path) = std::env::var_os("WAAKZAAM_WRITE_QUIC") else {
        return;
    };
    let file = std::fs::File::create(path).expect("a file");
    let mut file = std::io::BufWriter::new(file);
    let mut wire = Wire::new(5, Suite::Aes128Gcm, 1);
    let mut secrets = b"KSLT".to_vec();
    let log = wire.key_log();
    secrets.extend((log.len() as u32).to_le_bytes());
    secrets.extend(log.as_bytes());
    for part in [
        section(false),
        interface(1, 6, 0, false),
        block(10, &secrets, false),
    ] {
        file.write_all(&part).expect("written");
    }
    let opening = wire.opening("www.example.org", true);
    for (side, bytes) in opening {
        let packet = match side {
            0 => datagram(PORT, 443, &bytes),
            _ => datagram_back(443, PORT, &bytes),
        };
        file.write_all(&enhanced(0, 0, &packet, false))
            .expect("written");
    }
    for index in 0..200u64 {
        let request = Encoder::new().section(&[(":method", "GET")]);
        let up = wire.short(0, &stream(4 * index, 0, &frame(1, &request), true));
        let packet = datagram(PORT, 443, &up);
        file.write_all(&enhanced(0, 0, &packet, false))
            .expect("written");
        let response = Encoder::new().section(&[(":status", "200")]);
        let down = [frame(1, &response), frame(0, &body(1, 1, 1_000_000))].concat();
        let parts = down.chunks(1_300).count();
        for (n, part) in down.chunks(1_300).enumerate() {
            let payload = stream(4 * index, n * 1_300, part, n + 1 == parts);
            let packet = datagram_back(443, PORT, &wire.short(1, &payload));
            file.write_all(&enhanced(0, 0, &packet, false))
                .expect("written");
        }
    }
}
