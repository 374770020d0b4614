//! HTTP/3 (RFC 9114), read from the streams of a QUIC connection that may have holes.

mod connection;
pub mod frame;
mod half;
pub mod qpack;
mod stream;
#[cfg(test)]
mod tests;
mod unidirectional;
mod writing;

pub use connection::Connection;
