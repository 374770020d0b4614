//! QUIC after its handshake: frames and streams inside 1-RTT, 0-RTT and Handshake packets whose secrets are known,
//! with HTTP/3 or DNS in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_fuzz::{capture, quic_wire};

fuzz_target!(|input: &[u8]| {
    if let Some((file, secrets)) = quic_wire::talk(input) {
        capture(file, secrets);
    }
});
