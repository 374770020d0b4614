//! Flow files of mitmproxy.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waakzaam_core::flows::mitmproxy::read_mitmproxy;
use waakzaam_core::model::Limits;
use waakzaam_fuzz::sink::Nothing;

fuzz_target!(|input: &[u8]| {
    let _ = read_mitmproxy(
        Box::new(Cursor::new(input.to_vec())),
        &Limits::default(),
        &mut Nothing,
    );
});
