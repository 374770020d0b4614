//! Published vectors, and packets that our own code protects.

pub(crate) mod build;
pub(crate) mod certificate;
mod vectors;
