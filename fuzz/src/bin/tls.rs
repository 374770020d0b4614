//! TLS: records in clear and protected ones, after a handshake whose keys are known (first byte odd) or without one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::packets::{pcap, stream};
use waakzaam_fuzz::pieces::pieces;
use waakzaam_fuzz::{capture, tls};

fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let mut secrets = Secrets::default();
    secrets.add_key_log(tls::key_log().as_bytes());
    let pieces = pieces(rest);
    let packets = if first & 1 == 0 {
        stream(443, &pieces)
    } else {
        let alpn: &[u8] = if first & 2 == 0 { b"http/1.1" } else { b"h2" };
        let said = tls::session(alpn, &pieces);
        let said: Vec<_> = said
            .iter()
            .map(|(flags, bytes)| (*flags, bytes.as_slice()))
            .collect();
        stream(443, &said)
    };
    capture(pcap(&packets), secrets);
});
