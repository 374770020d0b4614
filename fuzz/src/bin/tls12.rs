//! Records up to TLS 1.2, protected with every kind of suite, after a handshake whose keys are known; inside them
//! HTTP/1, HTTP/2 or WebSocket. Three bytes tell the suite, the version and what is inside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::packets::{pcap, stream};
use waakzaam_fuzz::pieces::{DOWN, SEALED, pieces};
use waakzaam_fuzz::{capture, classic, seeds_http};

fuzz_target!(|input: &[u8]| {
    let [suite, form, inside, rest @ ..] = input else {
        return;
    };
    let answer = seeds_http::upgraded(inside & 3 == 3);
    let mut said = match inside & 3 {
        0 => Vec::new(),
        1 => vec![(SEALED, seeds_http::PREFACE)],
        _ => vec![
            (SEALED, seeds_http::UPGRADE),
            (SEALED | DOWN, answer.as_bytes()),
        ],
    };
    said.extend(pieces(rest));
    let alpn: &[u8] = if inside & 3 == 1 { b"h2" } else { b"http/1.1" };
    let (id, agreed) = classic::agreed(*suite, *form);
    let said = classic::session(id, &agreed, alpn, &said);
    let said: Vec<_> = said
        .iter()
        .map(|(flags, bytes)| (*flags, bytes.as_slice()))
        .collect();
    let mut secrets = Secrets::default();
    secrets.add_key_log(classic::key_log().as_bytes());
    capture(pcap(&stream(443, &said)), secrets);
});
