//! What the fuzz targets share: a sink that keeps nothing, packets around what the fuzzer makes up, seeds.

pub mod classic;
pub mod closed;
pub mod packets;
pub mod pieces;
pub mod quic;
pub mod quic_wire;
pub mod seeds;
pub mod seeds_http;
pub mod seeds_layers;
pub mod seeds_sealed;
pub mod sink;
pub mod solver;
pub mod tls;

use std::io::Cursor;

use waakzaam_core::capture::read_capture;
use waakzaam_core::model::Limits;
use waakzaam_core::secure::secrets::Secrets;

/// Reads these bytes as a whole capture.
pub fn capture(bytes: Vec<u8>, secrets: Secrets) {
    let input = Box::new(Cursor::new(bytes));
    // Refusing is right; only a panic, a hang or too much memory is not.
    let _ = read_capture(input, &Limits::default(), secrets, &mut sink::Nothing);
}
