//! HTTP/2 and HPACK on a TCP connection, after the client's preface.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::packets::{pcap, stream};
use waakzaam_fuzz::pieces::pieces;
use waakzaam_fuzz::{capture, seeds_http};

fuzz_target!(|input: &[u8]| {
    let mut said = vec![(0, seeds_http::PREFACE)];
    said.extend(pieces(input));
    capture(pcap(&stream(80, &said)), Secrets::default());
});
