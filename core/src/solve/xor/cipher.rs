//! What is done with a key that repeats: the variants, their tables, and doing it again from a selector.

use std::fmt::Write;
use std::sync::LazyLock;

use super::super::language::model;

/// Longest key that is looked for or followed.
pub(super) const LONGEST_KEY: usize = 64;

/// How a byte of the text, its place and a byte of the key give a byte of the plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    /// `c ^ k[i mod n]`
    Xor,
    /// `c ^ k[i mod n] ^ (i mod 256)`
    XorIndex,
    /// `c − k[i mod n]`: a Caesar cipher on bytes, or a Vigenère cipher.
    Add,
}

/// All variants, commonest first.
pub(super) const CIPHERS: [Cipher; 3] = [Cipher::Xor, Cipher::XorIndex, Cipher::Add];

/// Cost of the plaintext byte alone, for each byte of the text (row) and of the key (column).
pub(super) type Table = Vec<i16>;

fn table(plain: fn(u8, u8) -> u8) -> Table {
    let alone = model().unigrams();
    (0..=u8::MAX)
        .flat_map(|byte| (0..=u8::MAX).map(move |key| (byte, key)))
        .map(|(byte, key)| alone[usize::from(plain(byte, key))])
        .collect()
}

static XOR: LazyLock<Table> = LazyLock::new(|| table(|byte, key| byte ^ key));
static ADD: LazyLock<Table> = LazyLock::new(|| table(u8::wrapping_sub));

impl Cipher {
    /// The name in selectors.
    fn name(self) -> &'static str {
        match self {
            Cipher::Xor => "xor:key=",
            Cipher::XorIndex => "xor-index:key=",
            Cipher::Add => "byte-add:key=",
        }
    }

    /// The costs of single bytes.
    pub(super) fn table(self) -> &'static Table {
        match self {
            Cipher::Xor | Cipher::XorIndex => &XOR,
            Cipher::Add => &ADD,
        }
    }

    /// The text without what does not depend on the key.
    pub(super) fn prepare(self, text: &[u8]) -> Vec<u8> {
        match self {
            Cipher::Xor | Cipher::Add => text.to_vec(),
            Cipher::XorIndex => text
                .iter()
                .zip((0..=u8::MAX).cycle())
                .map(|(byte, index)| byte ^ index)
                .collect(),
        }
    }

    /// A byte of the plaintext, from one of the prepared text.
    #[inline]
    pub(super) fn plain(self, byte: u8, key: u8) -> u8 {
        match self {
            Cipher::Xor | Cipher::XorIndex => byte ^ key,
            Cipher::Add => byte.wrapping_sub(key),
        }
    }

    /// The byte of the key that makes `plain` of `byte`.
    pub(super) fn key(self, byte: u8, plain: u8) -> u8 {
        match self {
            Cipher::Xor | Cipher::XorIndex => byte ^ plain,
            Cipher::Add => byte.wrapping_sub(plain),
        }
    }

    /// The plaintext of a prepared text.
    pub(super) fn open(self, prepared: &[u8], key: &[u8]) -> Vec<u8> {
        prepared
            .iter()
            .zip(key.iter().cycle())
            .map(|(&byte, &key)| self.plain(byte, key))
            .collect()
    }

    /// The selector.
    pub(super) fn selector(self, key: &[u8]) -> String {
        let mut selector = String::from(self.name());
        for byte in key {
            // Writing to a string cannot fail.
            let _ = write!(selector, "{byte:02x}");
        }
        selector
    }

    /// Variant and key of a selector.
    pub(super) fn parse(selector: &str) -> Option<(Cipher, Vec<u8>)> {
        CIPHERS.into_iter().find_map(|cipher| {
            let digits = selector.strip_prefix(cipher.name())?;
            let key = data_encoding::HEXLOWER_PERMISSIVE
                .decode(digits.as_bytes())
                .ok()?;
            (!key.is_empty() && key.len() <= LONGEST_KEY).then_some((cipher, key))
        })
    }
}
