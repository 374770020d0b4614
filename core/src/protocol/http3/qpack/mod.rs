//! Field compression of HTTP/3 (RFC 9204), read by a listener.
//!
//! A listener sees the encoder's instructions and the field sections, but not when the decoder used them:
//! a section may be there before the instructions it needs. It is then *blocked*, and read again later.
//! When the instructions never come, its static and literal fields are still read, and the others counted as
//! missing.

mod decoder;
mod dynamic;
mod fixed;
mod integer;
#[cfg(test)]
pub(crate) mod tests;

pub use decoder::{Decoder, Outcome};
