//! The per-byte work of waakzaam: read captures, peel disguises, seek known values.
//!
//! Bytes go in, Arrow IPC streams come out; no network, no globals, no unsafe code.

pub mod accesses;
pub mod announcements;
pub mod capture;
pub mod crack;
pub mod flows;
pub mod har;
pub mod job;
pub mod json;
pub mod leaves;
pub mod logs;
pub mod model;
pub mod peel;
pub mod protocol;

#[cfg(feature = "python")]
mod python;
pub mod scan;
pub mod secure;
pub mod seek;
pub mod solve;
pub mod table;
pub mod unlock;
pub mod until;
pub mod upnp;
pub mod wrapped;
