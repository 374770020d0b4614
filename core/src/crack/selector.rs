//! What a step of a chain says about a cipher, so that it can be taken off again from it alone.
//!
//! `name=value` pairs with commas between them, in this order, and only those that say something:
//!
//! | name | value |
//! |---|---|
//! | `key` | the key, hexadecimal |
//! | `iv` | initialisation vector or nonce, hexadecimal; or `prefixN`: the first N bytes are it |
//! | `counter` | what follows the nonce in the first counter block, hexadecimal |
//! | `pad` | `pkcs7`, `zero`, `x923`, `iso7816`, `iso10126` or `none` (block ciphers in ECB and CBC); `length` (XXTEA) |
//! | `tag` | the tag, hexadecimal, where it is not behind the ciphertext |
//! | `data` | what is authenticated besides, hexadecimal |
//! | `skip` | bytes before the first of these that are no ciphertext |
//! | `cut` | bytes after the ciphertext that are none of it |
//! | `drop` | bytes before the plaintext that are none of it (a digest, a length) |

use data_encoding::HEXLOWER;

use super::padding::Padding;

/// Where the initialisation vector or nonce is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Iv {
    /// There is none.
    None,
    /// The first bytes are it.
    Prefix(usize),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// Everything needed to decipher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The key.
    pub(crate) key: Vec<u8>,
    /// The initialisation vector or nonce.
    pub(crate) iv: Iv,
    /// The rest of the first counter block.
    pub(crate) counter: Vec<u8>,
    /// How the last block was filled; `None` where there are no blocks.
    pub(crate) pad: Option<Padding>,
    /// XXTEA: the last word tells the length.
    pub(crate) length_word: bool,
    /// Bytes before.
    pub(crate) skip: usize,
    /// Bytes after.
    pub(crate) cut: usize,
    /// Bytes before the plaintext.
    pub(crate) drop: usize,
    /// The tag, where it is elsewhere.
    pub(crate) tag: Vec<u8>,
    /// What is authenticated besides.
    pub(crate) data: Vec<u8>,
}

/// Longest text that is read: a key and data of 256 bytes each, a vector and a tag.
const LONGEST: usize = 2048;

impl Selector {
    /// With this key and nothing else.
    pub(crate) fn key(key: &[u8]) -> Self {
        Selector {
            key: key.to_vec(),
            iv: Iv::None,
            counter: Vec::new(),
            pad: None,
            length_word: false,
            skip: 0,
            cut: 0,
            drop: 0,
            tag: Vec::new(),
            data: Vec::new(),
        }
    }

    /// With this vector.
    pub(crate) fn with_iv(mut self, iv: Iv) -> Self {
        self.iv = iv;
        self
    }

    /// With this padding.
    pub(crate) fn with_pad(mut self, pad: Padding) -> Self {
        self.pad = Some(pad);
        self
    }

    /// The text in a chain.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("key={}", HEXLOWER.encode(&self.key));
        match &self.iv {
            Iv::None => {}
            Iv::Prefix(bytes) => out.push_str(&format!(",iv=prefix{bytes}")),
            Iv::Bytes(iv) => out.push_str(&format!(",iv={}", HEXLOWER.encode(iv))),
        }
        if !self.counter.is_empty() {
            out.push_str(&format!(",counter={}", HEXLOWER.encode(&self.counter)));
        }
        if self.length_word {
            out.push_str(",pad=length");
        } else if let Some(pad) = self.pad {
            out.push_str(&format!(",pad={}", pad.word()));
        }
        for (name, value) in [("tag", &self.tag), ("data", &self.data)] {
            if !value.is_empty() {
                out.push_str(&format!(",{name}={}", HEXLOWER.encode(value)));
            }
        }
        for (name, value) in [("skip", self.skip), ("cut", self.cut), ("drop", self.drop)] {
            if value > 0 {
                out.push_str(&format!(",{name}={value}"));
            }
        }
        out
    }

    /// Read the text of a chain; `None` for anything else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let hex = |value: &str| HEXLOWER.decode(value.as_bytes()).ok();
        let mut pairs = text.split(',');
        let mut selector = Selector::key(&hex(pairs.next()?.strip_prefix("key=")?)?);
        for pair in pairs {
            match pair.split_once('=')? {
                ("iv", value) => {
                    selector.iv = match value.strip_prefix("prefix") {
                        Some(bytes) => Iv::Prefix(bytes.parse().ok()?),
                        None => Iv::Bytes(hex(value)?),
                    };
                }
                ("counter", value) => selector.counter = hex(value)?,
                ("tag", value) => selector.tag = hex(value)?,
                ("data", value) => selector.data = hex(value)?,
                ("pad", "length") => selector.length_word = true,
                ("pad", value) => selector.pad = Some(Padding::by_word(value)?),
                ("skip", value) => selector.skip = value.parse().ok()?,
                ("cut", value) => selector.cut = value.parse().ok()?,
                ("drop", value) => selector.drop = value.parse().ok()?,
                _ => return None,
            }
        }
        Some(selector)
    }

    /// The bytes without what `skip` and `cut` leave out.
    pub(crate) fn body<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let end = bytes.len().checked_sub(self.cut)?;
        bytes.get(self.skip..end)
    }

    /// Vector (with the counter behind it) and ciphertext.
    pub(crate) fn split<'b>(&self, bytes: &'b [u8]) -> Option<(Vec<u8>, &'b [u8])> {
        let body = self.body(bytes)?;
        let (mut iv, body) = match &self.iv {
            Iv::None => (Vec::new(), body),
            Iv::Prefix(count) => {
                let (iv, body) = body.split_at_checked(*count)?;
                (iv.to_vec(), body)
            }
            Iv::Bytes(iv) => (iv.clone(), body),
        };
        iv.extend_from_slice(&self.counter);
        Some((iv, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let mut selector = Selector::key(b"\x01\xff")
            .with_iv(Iv::Prefix(16))
            .with_pad(Padding::Pkcs7);
        assert_eq!(selector.text(), "key=01ff,iv=prefix16,pad=pkcs7");
        assert_eq!(Selector::read(&selector.text()), Some(selector.clone()));
        selector.iv = Iv::Bytes(vec![0, 1]);
        selector.counter = vec![0, 2];
        selector.pad = None;
        selector.skip = 16;
        selector.cut = 3;
        selector.drop = 64;
        selector.tag = vec![7, 8];
        selector.data = b"a".to_vec();
        assert_eq!(
            selector.text(),
            "key=01ff,iv=0001,counter=0002,tag=0708,data=61,skip=16,cut=3,drop=64"
        );
        assert_eq!(Selector::read(&selector.text()), Some(selector));
        for wrong in [
            "",
            "key",
            "key=0",
            "key=zz",
            "iv=00",
            "key=00,iv",
            "key=00,pad=x",
        ] {
            assert_eq!(Selector::read(wrong), None, "{wrong}");
        }
    }
}
