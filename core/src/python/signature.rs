//! Signatures of lists that are fetched: Ed25519 (RFC 8032).

use pyo3::prelude::*;
use ring::signature::{ED25519, UnparsedPublicKey};

/// True if `signature` (64 bytes) is one of `message` by `key` (32 bytes).
#[pyfunction]
pub(super) fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message, signature)
        .is_ok()
}
