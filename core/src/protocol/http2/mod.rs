//! HTTP/2 (RFC 9113), read from two streams that may have holes.
//!
//! Frames are read as they come, in any pieces; data goes straight to the body of its message. After a
//! gap the next frame is searched; what the header table of that direction held is then not known any
//! more, see [`hpack`].

mod blocks;
mod ends;
mod exchange;
mod frame;
pub mod hpack;
mod payload;
mod side;
mod stream;
mod writing;

pub use exchange::{Exchange, Upgraded};
pub use frame::{PREFACE, begins_settings, surely};
