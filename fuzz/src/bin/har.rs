//! HTTP Archives.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waakzaam_core::har::{read_har, score};
use waakzaam_core::model::Limits;
use waakzaam_fuzz::sink::Nothing;

fuzz_target!(|input: &[u8]| {
    assert!((0.0..=1.0).contains(&score(input)));
    let _ = read_har(
        Box::new(Cursor::new(input.to_vec())),
        &Limits::default(),
        &mut Nothing,
    );
});
