//! Crack: open values that need a key, with keys that somebody proposed.
//!
//! Candidates come from outside (constants of an app's package, values beside the value in the same
//! message, values of the device). Every candidate is tried in the forms in which programs use strings as
//! keys ([`Keys`]), in every cipher of `cipher::CIPHERS`, cheapest test first, and without knowing the
//! initialisation vector where the mode allows it. What comes out is accepted by evidence: the bits by which
//! the plaintext is better explained than noise, less how rarely the cipher is used, less the logarithm of
//! the hypotheses that were tried, must reach [`ACCEPT`]. A plaintext that proves nothing is no plaintext.
//!
//! [`follow`] takes the same layer off again from its selector alone.

mod budget;
mod cipher;
mod derive;
mod evidence;
pub mod facts;
mod fernet;
mod glance;
mod hunt;
mod keys;
mod padding;
mod salted;
mod selector;
mod sha1prng;
mod trial;
pub mod wire;

#[cfg(test)]
pub(crate) mod tests;

pub use budget::{Budget, Met};
pub use cipher::{follow, layers};
pub use derive::Derivation;
pub use evidence::ACCEPT;
pub(crate) use evidence::hypotheses;
pub use hunt::{Cracked, Extra, open};
pub use keys::Keys;
