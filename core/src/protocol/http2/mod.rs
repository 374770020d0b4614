//! HTTP/2 (RFC 9113), read from two streams that may have holes.

pub mod hpack;
