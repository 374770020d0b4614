//! What TLS shows without keys: the two hello messages.

pub mod hello;
pub mod ja4;
pub mod records;

pub use records::Handshake;
