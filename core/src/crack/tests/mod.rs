//! What is enciphered here is opened again, and nothing else is.

pub(crate) mod encode;
mod noise;
mod opens;
mod speed;
