//! QUIC (RFC 9000, RFC 9001), read by a listener: versions 1 and 2 and the drafts that differ only in salts
//! and labels. Initial packets open without a key log; the rest with its secrets.

pub mod assemble;
mod datagram;
pub mod frames;
pub mod google;
pub mod guard;
pub mod handshake;
pub mod header;
pub mod inner;
pub mod keys;
pub mod path;
mod rows;
pub mod session;
pub mod sessions;
pub mod streams;
#[cfg(test)]
pub mod tests;
mod unlock;
pub mod version;

pub use path::Path;
pub use sessions::Sessions;
