//! Application protocols: what the bytes above TCP and UDP say.
//!
//! Nothing here knows packets. A protocol is fed bytes in order, gaps and the end of a direction, and
//! hands messages to [`output::Output`].

pub mod detect;
pub mod dns;
pub mod http1;
pub mod http2;
pub mod http3;
pub mod huffman;
pub mod mqtt;
pub mod output;
pub mod raw;
pub mod varint;
pub mod websocket;
