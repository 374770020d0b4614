//! RSA keys of servers: they open sessions whose key exchange is RSA (RFC 5246 section 7.4.7.1).

use num_bigint::BigUint;

/// Largest modulus in bytes. Larger keys take seconds.
const MODULUS_BYTES: usize = 1024;

/// A private key.
#[derive(Debug)]
pub struct RsaKey {
    modulus: BigUint,
    exponent: BigUint,
    bytes: usize,
}

/// One element of DER: its tag, its contents, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], mut rest) = bytes.split_first_chunk::<2>()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (digits, after) = rest.split_at_checked(count)?;
        length = digits.iter().fold(0, |sum, d| sum << 8 | usize::from(*d));
        rest = after;
    }
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

fn of_kind(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, contents, rest) = element(bytes)?;
    (found == tag).then_some((contents, rest))
}

impl RsaKey {
    /// Reads a private key in DER: PKCS#1 (RFC 8017 appendix A.1.2) or PKCS#8 (RFC 5208).
    pub fn from_der(der: &[u8]) -> Option<RsaKey> {
        let (fields, _) = of_kind(0x30, der)?;
        let (_, rest) = of_kind(0x02, fields)?;
        if rest.first() == Some(&0x30) {
            // PKCS#8: algorithm, then the key itself as an octet string.
            let (algorithm, rest) = of_kind(0x30, rest)?;
            let (identifier, _) = of_kind(0x06, algorithm)?;
            // 1.2.840.113549.1.1: RSA.
            if !identifier.starts_with(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1]) {
                return None;
            }
            let (inner, _) = of_kind(0x04, rest)?;
            let (fields, _) = of_kind(0x30, inner)?;
            let (_, rest) = of_kind(0x02, fields)?;
            return RsaKey::from_integers(rest);
        }
        RsaKey::from_integers(rest)
    }

    /// Modulus, public exponent, private exponent.
    fn from_integers(bytes: &[u8]) -> Option<RsaKey> {
        let (modulus, rest) = of_kind(0x02, bytes)?;
        let (_, rest) = of_kind(0x02, rest)?;
        let (exponent, _) = of_kind(0x02, rest)?;
        let modulus = BigUint::from_bytes_be(modulus);
        let bytes = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
        let exponent = BigUint::from_bytes_be(exponent);
        // An even modulus is none, and would take a slow path.
        let right = (16..=MODULUS_BYTES).contains(&bytes) && modulus.bit(0) && exponent < modulus;
        right.then_some(RsaKey {
            modulus,
            exponent,
            bytes,
        })
    }

    /// Decrypts a pre-master secret: 48 bytes with PKCS#1 v1.5 padding (RFC 8017 section 7.2.2).
    pub fn premaster(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        if encrypted.len() > self.bytes {
            return None;
        }
        let number = BigUint::from_bytes_be(encrypted);
        if number >= self.modulus {
            return None;
        }
        let plain = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // The leading zero is gone.
        let text = plain.strip_prefix(&[2])?;
        let end = text.iter().position(|b| *b == 0)?;
        let secret = text.get(end + 1..)?;
        (secret.len() == 48 && plain.len() + 1 == self.bytes).then(|| secret.to_vec())
    }
}

/// The private keys in a text with PEM blocks (RFC 7468). Returns them and how many blocks named a private key
/// that could not be read (encrypted, or not RSA).
pub fn from_pem(text: &[u8]) -> (Vec<RsaKey>, usize) {
    let (mut keys, mut strange) = (Vec::new(), 0usize);
    let text = String::from_utf8_lossy(text);
    let mut block: Option<String> = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(label) = line.strip_prefix("-----BEGIN ") {
            block = label.contains("PRIVATE KEY").then(String::new);
        } else if line.starts_with("-----END ") {
            if let Some(body) = block.take() {
                let der = data_encoding::BASE64.decode(body.as_bytes()).ok();
                match der.and_then(|der| RsaKey::from_der(&der)) {
                    Some(key) => keys.push(key),
                    None => strange = strange.saturating_add(1),
                }
            }
        } else if let Some(body) = &mut block
            && !line.contains(':')
        {
            body.push_str(line);
        }
    }
    (keys, strange)
}
