//! Tests of the whole way from bytes of a file to rows, with captures built here.

pub(crate) mod build;
pub(crate) mod collect;
mod damage;
mod dns;
mod dtls;
mod formats;
mod http;
mod http2;
mod http2_any;
mod links;
mod order;
mod other;
mod properties;
mod quic;
mod quic_large;
mod refusal;
mod tls;
mod tls_open;
mod tls_script;
mod websocket;
mod wireguard;
