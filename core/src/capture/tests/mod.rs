//! Tests of the whole way from bytes of a file to rows, with captures built here.

pub(crate) mod build;
pub(crate) mod collect;
mod damage;
mod dns;
mod formats;
mod http;
mod links;
mod order;
mod properties;
mod tls;
mod tls_open;
mod tls_script;
