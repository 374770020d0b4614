//! HTTP/1.x on a TCP connection.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::capture;
use waakzaam_fuzz::packets::{pcap, stream};
use waakzaam_fuzz::pieces::pieces;

fuzz_target!(|input: &[u8]| capture(pcap(&stream(80, &pieces(input))), Secrets::default()));
