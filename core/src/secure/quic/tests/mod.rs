//! Published vectors, and packets that our own code protects.

pub(crate) mod build;
mod vectors;
