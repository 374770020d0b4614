//! HTTP/3 (RFC 9114), read from the streams of a QUIC connection that may have holes.

mod connection;
pub mod frame;
mod half;
mod messages;
pub mod qpack;
mod stream;
mod unidirectional;
mod writing;

pub use connection::Connection;
