//! Records up to TLS 1.2, protected with every kind of suite, after a handshake whose keys are known.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_fuzz::{capture, classic};

fuzz_target!(|input: &[u8]| {
    if let Some((file, secrets)) = classic::talk(input) {
        capture(file, secrets);
    }
});
