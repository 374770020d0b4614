//! WebSocket with and without permessage-deflate, after its opening handshake.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::packets::{pcap, stream};
use waakzaam_fuzz::pieces::{DOWN, pieces};
use waakzaam_fuzz::{capture, seeds_http};

fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let answer = seeds_http::upgraded(first & 1 != 0);
    let mut said = vec![(0, seeds_http::UPGRADE), (DOWN, answer.as_bytes())];
    said.extend(pieces(rest));
    capture(pcap(&stream(80, &said)), Secrets::default());
});
