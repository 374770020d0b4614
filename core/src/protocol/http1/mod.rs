//! HTTP/1.0 and HTTP/1.1 (RFC 9112), read from two streams that may have holes.

mod ends;
mod exchange;
mod framing;
pub mod head;
mod requests;
mod side;
mod upgrade;
pub(crate) mod url;
mod writing;

pub use exchange::Exchange;
pub use upgrade::Upgrade;
