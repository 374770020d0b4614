//! TLS: what it shows without keys (the two hello messages), and the secrets that open it.

pub mod hello;
pub mod ja4;
pub mod keys;
pub mod quic;
pub mod records;
pub mod secrets;

pub use records::Handshake;
