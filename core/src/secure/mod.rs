//! TLS: what it shows without keys (the two hello messages), and the secrets that open it.

pub mod hello;
pub mod hmac;
pub mod ja4;
pub mod protection;
pub mod records;
pub mod rsa;
pub mod secrets;
pub mod suites;

pub use records::Handshake;
