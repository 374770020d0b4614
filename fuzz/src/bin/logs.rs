//! Logs and phone reports; the first byte chooses the reader.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waakzaam_core::logs::reader;
use waakzaam_core::model::Limits;
use waakzaam_fuzz::seeds::LOGS;
use waakzaam_fuzz::sink::Nothing;

fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let name = LOGS[usize::from(first) % LOGS.len()].0;
    let read = reader(name).expect("a reader that is registered");
    let _ = read(
        Box::new(Cursor::new(rest.to_vec())),
        &Limits::default(),
        &mut Nothing,
    );
});
