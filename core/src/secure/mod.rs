//! TLS: what it shows without keys, and what opens it with them.

pub mod certificate;
pub mod certificates;
pub mod hello;
pub mod hmac;
pub mod ja4;
pub mod keys;
pub mod protection;
pub mod quic;
pub mod rsa;
pub mod secrets;
pub mod session;
pub mod suites;

pub use session::Session;
