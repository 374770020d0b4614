//! QUIC: datagrams as they are, and frames inside Initial packets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::packets::{pcap, udp};
use waakzaam_fuzz::pieces::{DOWN, SEALED, pieces};
use waakzaam_fuzz::{capture, quic, tls};

fuzz_target!(|input: &[u8]| {
    let mut packets = Vec::new();
    for (number, (flags, bytes)) in (0u32..).zip(pieces(input)) {
        let up = flags & DOWN == 0;
        packets.push(match flags & SEALED {
            0 => udp(up, 443, bytes),
            _ => udp(up, 443, &quic::initial(up, number, bytes)),
        });
    }
    let mut secrets = Secrets::default();
    secrets.add_key_log(tls::key_log().as_bytes());
    capture(pcap(&packets), secrets);
});
