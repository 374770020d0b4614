//! WebSocket (RFC 6455) with compression (RFC 7692), read from two streams that may have holes.
//!
//! Each data message is one message, unmasked and inflated. Control frames are read for their place only.

mod frame;
mod inflate;
mod opening;
mod side;
mod socket;

pub use opening::Opening;
pub use socket::Socket;
