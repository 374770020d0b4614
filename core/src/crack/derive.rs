//! How programs make keys of strings: the forms in which every candidate is tried.

use std::fmt;

use data_encoding::{
    BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE, HEXUPPER,
};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::sha1prng;

/// What was made of the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Base {
    /// Its bytes.
    Raw,
    /// It is hexadecimal text of the key.
    HexDecoded,
    /// It is base64 text of the key.
    Base64Decoded,
    /// Its hexadecimal text.
    HexText,
    /// MD5 of it.
    Md5,
    /// MD5 of it as hexadecimal text.
    Md5Hex,
    /// The same with capitals.
    Md5HexUpper,
    /// SHA-1 of it.
    Sha1,
    /// SHA-1 of it as hexadecimal text.
    Sha1Hex,
    /// SHA-256 of it.
    Sha256,
    /// SHA-256 of it as hexadecimal text.
    Sha256Hex,
    /// From the last byte to the first.
    Reversed,
    /// As UTF-16, little-endian.
    Utf16,
    /// As UTF-16, big-endian.
    Utf16Big,
    /// Every character moved by so much.
    Shifted(i8),
    /// What Android's generator of random numbers "SHA1PRNG" gave for this seed until Android 7 ("Crypto").
    Sha1Prng,
    /// What the generator "SHA1PRNG" of Java's own provider gives for this seed: SHA-1 of SHA-1 of it.
    Sha1Twice,
    /// `EVP_BytesToKey` of OpenSSL with this digest and the salt of the message.
    EvpMd5,
    /// The same with SHA-256.
    EvpSha256,
    /// PBKDF2 with HMAC-SHA-256, the salt of the message and the 10,000 rounds of OpenSSL.
    Pbkdf2,
}

/// How it was made as long as the cipher asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fit {
    /// It was.
    Exact,
    /// Its first bytes.
    Truncated,
    /// The bytes in its middle.
    Middle,
    /// The half at its end.
    Last,
    /// Zeros behind it.
    Zeros,
    /// Spaces behind it.
    Spaces,
}

/// How a key was made of a candidate. Its text is for people: `hexadecimal decoded, truncated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Derivation {
    pub(crate) base: Base,
    pub(crate) fit: Fit,
}

impl Derivation {
    /// True when the candidate is the key, or its digits are.
    pub(crate) fn is_spelling(self) -> bool {
        matches!(
            self.base,
            Base::Raw | Base::HexDecoded | Base::Base64Decoded
        ) && self.fit == Fit::Exact
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Base::Raw => f.write_str("as it is"),
            Base::HexDecoded => f.write_str("hexadecimal decoded"),
            Base::Base64Decoded => f.write_str("base64 decoded"),
            Base::HexText => f.write_str("as hexadecimal text"),
            Base::Md5 => f.write_str("MD5"),
            Base::Md5Hex => f.write_str("MD5 as hexadecimal text"),
            Base::Md5HexUpper => f.write_str("MD5 as hexadecimal text in capitals"),
            Base::Sha1 => f.write_str("SHA-1"),
            Base::Sha1Hex => f.write_str("SHA-1 as hexadecimal text"),
            Base::Sha256 => f.write_str("SHA-256"),
            Base::Sha256Hex => f.write_str("SHA-256 as hexadecimal text"),
            Base::Reversed => f.write_str("reversed"),
            Base::Utf16 => f.write_str("as UTF-16"),
            Base::Utf16Big => f.write_str("as UTF-16, big-endian"),
            Base::Shifted(by) => write!(f, "every character {by:+}"),
            Base::Sha1Prng => f.write_str("SHA1PRNG of Android"),
            Base::Sha1Twice => f.write_str("SHA1PRNG of Java"),
            Base::EvpMd5 => f.write_str("EVP_BytesToKey with MD5"),
            Base::EvpSha256 => f.write_str("EVP_BytesToKey with SHA-256"),
            Base::Pbkdf2 => f.write_str("PBKDF2 with SHA-256 and 10,000 rounds"),
        }?;
        f.write_str(match self.fit {
            Fit::Exact => "",
            Fit::Truncated => ", truncated",
            Fit::Middle => ", the middle",
            Fit::Last => ", the last half",
            Fit::Zeros => ", filled with zeros",
            Fit::Spaces => ", filled with spaces",
        })
    }
}

/// Ranks: how often programs do this. Ciphers that are slow to try take the first ranks only.
pub(crate) mod rank {
    /// The candidate is the key.
    pub(crate) const KEY: u8 = 0;
    /// Common: digests, cut or filled with zeros.
    pub(crate) const COMMON: u8 = 1;
    /// Rare.
    pub(crate) const RARE: u8 = 2;
    /// Seen once or twice.
    pub(crate) const ODD: u8 = 3;
    /// How many there are.
    pub(crate) const COUNT: usize = 4;
}

/// Movements of characters that are tried: those of ROT13 and of single steps. (A program for contacts kept
/// its DES key as a constant with every character moved by 13.)
const SHIFTS: [i8; 10] = [-13, 13, -1, 1, -2, 2, -3, 3, -5, 5];
/// Longest candidate, in bytes; no cipher takes a longer key.
pub(crate) const LONGEST: usize = 256;
/// Shortest candidate.
pub(crate) const SHORTEST: usize = 2;

/// The key a candidate in hexadecimal stands for.
pub(crate) fn from_hex(candidate: &[u8]) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(candidate).ok()
}

/// The key a candidate in base64 (either alphabet, with or without padding) stands for.
pub(crate) fn from_base64(candidate: &[u8]) -> Option<Vec<u8>> {
    if candidate.len() < 8 {
        return None;
    }
    [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(candidate).ok())
}

/// All forms of a candidate that do not depend on the length asked: (form, rank, bytes), and of any length.
pub(crate) fn forms(candidate: &[u8], mut give: impl FnMut(Base, u8, &[u8])) {
    give(Base::Raw, rank::KEY, candidate);
    let text = std::str::from_utf8(candidate).ok();
    if let Some(key) = from_hex(candidate) {
        give(Base::HexDecoded, rank::KEY, &key);
    }
    if let Some(key) = from_base64(candidate) {
        give(Base::Base64Decoded, rank::KEY, &key);
    }
    let md5 = Md5::digest(candidate);
    give(Base::Md5, rank::COMMON, &md5);
    give(Base::Md5Hex, rank::COMMON, HEXLOWER.encode(&md5).as_bytes());
    let (sha256, sha1) = (Sha256::digest(candidate), Sha1::digest(candidate));
    give(Base::Sha256, rank::COMMON, &sha256);
    give(Base::Sha1, rank::COMMON, &sha1);
    give(
        Base::Sha256Hex,
        rank::RARE,
        HEXLOWER.encode(&sha256).as_bytes(),
    );
    give(Base::Sha1Hex, rank::RARE, HEXLOWER.encode(&sha1).as_bytes());
    give(
        Base::Md5HexUpper,
        rank::RARE,
        HEXUPPER.encode(&md5).as_bytes(),
    );
    let mut other: Vec<u8> = candidate.iter().rev().copied().collect();
    give(Base::Reversed, rank::RARE, &other);
    match text {
        Some(text) => {
            other.clear();
            other.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            give(Base::Utf16, rank::RARE, &other);
            other.clear();
            other.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            give(Base::Utf16Big, rank::ODD, &other);
        }
        None => give(
            Base::HexText,
            rank::RARE,
            HEXLOWER.encode(candidate).as_bytes(),
        ),
    }
    if candidate.is_ascii() {
        for by in SHIFTS {
            other.clear();
            other.extend(candidate.iter().map(|byte| byte.wrapping_add_signed(by)));
            give(Base::Shifted(by), rank::ODD, &other);
        }
    }
    if let Some(key) = sha1prng::derive::<32>(candidate) {
        give(Base::Sha1Prng, rank::RARE, &key);
    }
    give(Base::Sha1Twice, rank::RARE, &Sha1::digest(sha1));
}

/// A form made `asked` bytes long, with how and with the rank that follows, if it can be.
pub(crate) fn fit(
    (base, first, bytes): (Base, u8, &[u8]),
    asked: usize,
    mut give: impl FnMut(Fit, u8, &[u8]),
) {
    let is_digest = matches!(
        base,
        Base::Md5 | Base::Sha1 | Base::Sha256 | Base::Sha1Prng | Base::Sha1Twice
    );
    if bytes.len() == asked {
        return give(Fit::Exact, first, bytes);
    }
    if let Some(start) = bytes.get(..asked) {
        let rank = match base {
            Base::Raw => rank::COMMON,
            Base::HexDecoded | Base::Base64Decoded => rank::RARE,
            Base::Shifted(_) | Base::Utf16Big => return,
            Base::Sha1Hex | Base::Sha256Hex if !matches!(asked, 16 | 32) => return,
            _ => first,
        };
        give(Fit::Truncated, rank, start);
        if matches!(base, Base::Md5Hex | Base::Md5HexUpper) {
            if base == Base::Md5Hex
                && bytes.len() == asked.saturating_mul(2)
                && let Some(last) = bytes.get(asked..)
            {
                give(Fit::Last, rank::RARE, last);
            }
            let at = bytes.len().saturating_sub(asked) / 2;
            if let Some(middle) = bytes.get(at..at.saturating_add(asked)) {
                give(Fit::Middle, rank::RARE, middle);
            }
        }
        return;
    }
    let is_text_of_digest = matches!(
        base,
        Base::Md5Hex | Base::Md5HexUpper | Base::Sha1Hex | Base::Sha256Hex
    );
    if is_digest || is_text_of_digest || matches!(base, Base::Shifted(_) | Base::Utf16Big) {
        return;
    }
    let mut filled = [0u8; 32];
    let Some(filled) = filled.get_mut(..asked) else {
        return;
    };
    let Some(start) = filled.get_mut(..bytes.len()) else {
        return;
    };
    start.copy_from_slice(bytes);
    let rank = if base == Base::Raw {
        rank::COMMON
    } else {
        rank::ODD
    };
    give(Fit::Zeros, rank, filled);
    if base == Base::Raw {
        if let Some(end) = filled.get_mut(bytes.len()..) {
            end.fill(b' ');
        }
        give(Fit::Spaces, rank::RARE, filled);
    }
}

/// `EVP_BytesToKey` of OpenSSL with one round: 32 bytes of key and 16 of vector, as `openssl enc` and
/// CryptoJS make them of a passphrase and the eight bytes behind `Salted__`.
pub(crate) fn evp_bytes_to_key<D: Digest>(passphrase: &[u8], salt: &[u8]) -> [u8; 48] {
    let mut out = [0u8; 48];
    let mut filled = 0;
    let mut last = Vec::new();
    while filled < out.len() {
        last = D::new()
            .chain_update(&last)
            .chain_update(passphrase)
            .chain_update(salt)
            .finalize()
            .to_vec();
        for (to, from) in out.iter_mut().skip(filled).zip(&last) {
            *to = *from;
        }
        filled = filled.saturating_add(last.len().max(1));
    }
    out
}
