//! Whole captures, through the whole worker: packets, streams, protocols, peeling, tables.
//! First byte odd: a section, a key log and an interface stand in front.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waakzaam_core::capture::{blocks, read_capture};
use waakzaam_core::job::{FrameSink, Wanted};
use waakzaam_core::model::Limits;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::{packets, tls};

fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let file = match first & 1 {
        0 => rest.to_vec(),
        _ => [
            packets::pcapng_head(tls::key_log().as_bytes()),
            rest.to_vec(),
        ]
        .concat(),
    };
    let wanted = Wanted {
        bodies: first & 2 != 0,
        peel: true,
        answers: first & 4 != 0,
        only: None,
    };
    let limits = Limits::default();
    let mut sink = FrameSink::new(std::io::sink(), wanted, &limits);
    let mut secrets = Secrets::default();
    blocks::find_secrets(Box::new(Cursor::new(file.clone())), &mut secrets);
    let _ = read_capture(Box::new(Cursor::new(file)), &limits, secrets, &mut sink);
    sink.finish().expect("a sink takes everything");
});
