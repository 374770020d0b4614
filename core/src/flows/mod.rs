//! Sources that recorded opened traffic in a format of their own.

pub mod mitmproxy;
