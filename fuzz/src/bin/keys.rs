//! Key logs and private keys of servers.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::keys::read_keys;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::sink::Nothing;

fuzz_target!(|input: &[u8]| {
    let mut secrets = Secrets::default();
    secrets.add_key_file(input);
    secrets.premaster(input);
    let _ = read_keys(Box::new(Cursor::new(input.to_vec())), &mut Nothing);
});
