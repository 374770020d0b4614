//! Key derivation of SSL 3.0 (RFC 6101 sections 6.1 and 6.2).

use super::super::hmac::Hash;

/// `MD5(secret + SHA(letters + secret + seed))` with `A`, `BB`, `CCC`, …
pub(super) fn derive(secret: &[u8], seed: [&[u8]; 2], length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (count, letter) in (b'A'..=b'Z').enumerate() {
        if out.len() >= length {
            break;
        }
        let letters = vec![letter; count + 1];
        let [one, two] = seed;
        let inner = Hash::Sha1.digest(&[&letters, secret, one, two]);
        out.extend(Hash::Md5.digest(&[secret, &inner]));
    }
    out.truncate(length);
    out
}
