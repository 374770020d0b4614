//! Captures of which a part is missing: packets cut short, packets before the first one, all after some byte. A reading
//! that is stopped and one that ends where it was stopped must find the same.
#![no_main]

use std::io::{Cursor, Read};

use libfuzzer_sys::fuzz_target;
use waakzaam_core::capture::read_capture;
use waakzaam_core::model::Limits;
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_core::until::Until;
use waakzaam_fuzz::packets::{pcap_cut, stream, udp};
use waakzaam_fuzz::pieces::{DOWN, Piece, pieces};
use waakzaam_fuzz::quic_wire::Wire;
use waakzaam_fuzz::sink::Fingerprint;
use waakzaam_fuzz::{classic, seeds_http, tls};

/// Gives a few bytes at a time.
struct Drip(Cursor<Vec<u8>>, usize);

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn borrowed(said: &[(u8, Vec<u8>)]) -> Vec<Piece<'_>> {
    said.iter()
        .map(|(flags, bytes)| (*flags, bytes.as_slice()))
        .collect()
}

/// The packets of one connection, and what opens them.
fn talk(kind: u8, form: [u8; 2], pieces: &[Piece<'_>]) -> (Vec<Vec<u8>>, String) {
    let before = |first: &[Piece<'_>]| stream(80, &[first, pieces].concat());
    match kind % 6 {
        0 => (before(&[]), String::new()),
        1 => (before(&[(0, seeds_http::PREFACE)]), String::new()),
        2 => {
            let answer = seeds_http::upgraded(form[0] & 1 == 0);
            let said = [(0, seeds_http::UPGRADE), (DOWN, answer.as_bytes())];
            (before(&said), String::new())
        }
        3 => {
            let said = tls::session(b"http/1.1", pieces);
            (stream(443, &borrowed(&said)), tls::key_log())
        }
        4 => {
            let (id, agreed) = classic::agreed(form[0], form[1]);
            let said = classic::session(id, &agreed, b"http/1.1", pieces);
            (stream(443, &borrowed(&said)), classic::key_log())
        }
        _ => {
            let mut wire = Wire::new(form[0]);
            let said = wire.datagrams(pieces);
            let packets = said.iter().map(|(up, bytes)| udp(*up, 443, bytes));
            (packets.collect(), wire.key_log())
        }
    }
}

/// Reads until `end` or until `stop` says so; returns what was found, and where it was stopped.
fn read(
    file: &[u8],
    step: usize,
    end: Option<u64>,
    mut reads: usize,
    key_log: &str,
) -> (u64, String, Option<u64>) {
    let mut secrets = Secrets::default();
    secrets.add_key_log(key_log.as_bytes());
    let stop = move || {
        reads = reads.saturating_sub(1);
        reads == 0
    };
    let input = Until::new(Drip(Cursor::new(file.to_vec()), step), end, stop);
    let place = input.place();
    let mut sink = Fingerprint::default();
    let read = read_capture(Box::new(input), &Limits::default(), secrets, &mut sink);
    // A summary, or why there is none.
    let told = match read {
        Ok(summary) => format!("{summary:?}"),
        Err(error) => error.to_string(),
    };
    (sink.value(), told, place.get())
}

fuzz_target!(|input: &[u8]| {
    let [
        kind,
        step,
        reads,
        kept,
        mask,
        begin,
        place,
        one,
        two,
        rest @ ..,
    ] = input
    else {
        return;
    };
    let (packets, key_log) = talk(*kind, [*one, *two], &pieces(rest));
    let begin = usize::from(*begin).min(packets.len());
    let file = pcap_cut(&packets[begin..], |number, whole| {
        match mask >> (number % 8) & 1 {
            0 => whole,
            _ => usize::from(*kept) * 4,
        }
    });
    // Places far apart in small files, near each other in large ones.
    let end = match place {
        0 => file.len(),
        _ => file.len() * usize::from(*place) / 256,
    };
    let file = &file[..end];
    let step = usize::from(*step) * 64 + 16;
    let reads = match reads {
        0 => usize::MAX,
        _ => usize::from(*reads),
    };
    let (rows, told, stopped) = read(file, step, None, reads, &key_log);
    let again = read(file, 1 << 16, stopped, usize::MAX, &key_log);
    assert_eq!((rows, told, None), again, "stopped at {stopped:?}");
});
