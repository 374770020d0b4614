//! WireGuard (J. A. Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel", section 5.4), read by a listener
//! that was given keys: a key log names them one by one, as Wireshark's does.

pub mod keys;
pub mod noise;
mod tunnels;
pub mod wire;

#[cfg(any(test, feature = "seal"))]
pub mod seal;

pub use keys::Keys;
pub use tunnels::{Found, Path, Tunnels};
