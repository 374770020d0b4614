//! DNS: over UDP (first byte even), over TCP (odd), and multicast DNS (3).
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::capture;
use waakzaam_fuzz::packets::{pcap, stream, udp};
use waakzaam_fuzz::pieces::{DOWN, pieces};

fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let pieces = pieces(rest);
    let packets = match first & 3 {
        1 => stream(53, &pieces),
        kind => {
            let port = if kind == 3 { 5353 } else { 53 };
            pieces
                .iter()
                .map(|(flags, bytes)| udp(flags & DOWN == 0, port, bytes))
                .collect()
        }
    };
    capture(pcap(&packets), Secrets::default());
});
