//! QUIC after its handshake: frames and streams inside 1-RTT, 0-RTT and Handshake packets whose secrets are known,
//! with HTTP/3 or DNS in them. One byte tells version, suite and protocol.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::capture;
use waakzaam_fuzz::packets::{pcap, udp};
use waakzaam_fuzz::pieces::pieces;
use waakzaam_fuzz::quic_wire::Wire;

fuzz_target!(|input: &[u8]| {
    let Some((&form, rest)) = input.split_first() else {
        return;
    };
    let mut wire = Wire::new(form);
    let mut secrets = Secrets::default();
    secrets.add_key_log(wire.key_log().as_bytes());
    let packets: Vec<_> = wire
        .datagrams(&pieces(rest))
        .iter()
        .map(|(up, bytes)| udp(*up, 443, bytes))
        .collect();
    capture(pcap(&packets), secrets);
});
