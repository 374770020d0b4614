//! The ciphers, one file per family, and their explicit registry.

mod aes;
mod block;
mod blowfish;
mod chacha;
mod ciphersaber;
mod des;
mod gcm;
mod gcm_apart;
mod lanes;
mod modes;
mod rc4;
mod rotate;
mod sm4;
mod tea;
mod xor;
mod xxtea;

pub(crate) use des::Ede;
pub(crate) use modes::BlockCipher;

use super::hunt::Hunt;
use super::selector::Selector;

/// One family of ciphers. Each has its own file and its own place in [`CIPHERS`].
pub(crate) trait Family: Sync {
    /// The names of its layers.
    fn layers(&self) -> &'static [&'static str];

    /// Try all keys that are due, and offer to the hunt what looks like plaintext.
    fn search(&self, hunt: &mut Hunt<'_>);

    /// Take a layer of the family off again.
    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>>;
}

/// All families, in the order in which they are tried: common and cheap ones first.
pub(crate) static CIPHERS: &[&dyn Family] = &[
    &rotate::Rotate,
    &aes::Aes128,
    &rc4::Rc4,
    &xor::Xor,
    &aes::Aes256,
    &aes::Aes192,
    &chacha::ChaCha,
    &des::Des,
    &des::TripleDes,
    &tea::Tea,
    &tea::Xtea,
    &tea::TeaLe,
    &tea::XteaLe,
    &sm4::Sm4,
    &xxtea::Xxtea,
    &blowfish::Blowfish,
    &ciphersaber::CipherSaber,
];

/// The names of all layers that [`super::open`] can find and [`follow`] takes off.
pub fn layers() -> impl Iterator<Item = &'static str> {
    CIPHERS.iter().flat_map(|family| family.layers()).copied()
}

/// Take a layer off again from its name and selector alone: for a replay. `None` when the name is not known
/// here, the selector is malformed, or the bytes do not fit it.
pub fn follow(layer: &str, selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    take_off(layer, &Selector::read(selector)?, bytes)
}

/// The same with a selector that was read.
pub(crate) fn take_off(layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = CIPHERS
        .iter()
        .find(|family| family.layers().contains(&layer))?
        .follow(layer, selector, bytes)?;
    if selector.drop > 0 {
        plain = plain.get(selector.drop..)?.to_vec();
    }
    Some(plain)
}
