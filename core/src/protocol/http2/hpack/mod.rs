//! Header compression of HTTP/2 (RFC 7541), read by somebody who may have missed a part.
//!
//! When bytes of a direction are missing, so may be insertions into its dynamic table. What was known is
//! then forgotten and the table is unsure: fields that refer to entries from before are counted as missing,
//! never guessed; static entries, literals and entries inserted since are read.

mod decoder;
mod dynamic;
mod fields;
mod fixed;
mod integer;
#[cfg(test)]
pub(crate) mod tests;

pub use decoder::{BlockError, Decoder};
pub use fields::FieldList;
