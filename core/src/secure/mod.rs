//! TLS, QUIC and WireGuard: what they show without keys, and what opens them with them.

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
pub mod wireguard;

pub use session::Session;
