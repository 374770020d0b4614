//! HTTP/3 and QPACK: bytes of streams, gaps and ends. The flags of a piece also tell its stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waakzaam_core::model::{Direction, Limits, Transport};
use waakzaam_core::protocol::http3::Connection;
use waakzaam_core::protocol::output::{Arrival, Output, Peers};
use waakzaam_core::secure::secrets::Secrets;
use waakzaam_fuzz::pieces::{DOWN, LOST, pieces};
use waakzaam_fuzz::sink::Nothing;

fuzz_target!(|input: &[u8]| {
    let limits = Limits::default();
    let mut sink = Nothing;
    let mut out = Output::new(&mut sink, &limits, Secrets::default());
    let mut connection = Connection::new(Peers::default(), Transport::Tls);
    let mut at = Arrival::default();
    for (flags, bytes) in pieces(input) {
        at.frame += 1;
        let direction = if flags & DOWN == 0 {
            Direction::Up
        } else {
            Direction::Down
        };
        let id = u64::from(flags >> 4);
        let done = if flags & LOST == 0 {
            connection.data(id, direction, bytes, &at, &mut out)
        } else {
            connection.gap(id, direction, bytes.len() as u64, &mut out)
        };
        done.expect("the sink takes everything");
        if flags & 8 != 0 {
            connection
                .end(id, direction, flags & LOST == 0, &mut out)
                .expect("the sink takes everything");
        }
    }
    connection
        .finish(&mut out)
        .expect("the sink takes everything");
});
