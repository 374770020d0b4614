//! Keys of WireGuard, from the lines of a key log: `NAME = base64`.

use data_encoding::BASE64;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use x25519_dalek::x25519;

use super::noise::{Key, mac, mac_key};

/// Private keys kept. There is one for each handshake, and a handshake every two minutes.
pub const PRIVATE_KEYS: usize = 1 << 16;
/// Keys that a first message may be for; each is tried on each.
pub const RESPONDERS: usize = 256;
/// Keys shared beforehand; each is tried on each handshake.
pub const PRESHARED_KEYS: usize = 256;

/// The generator of the curve (RFC 7748 section 4.1).
const BASE: Key = {
    let mut base = [0; 32];
    base[0] = 9;
    base
};

/// Of the key that is shared beforehand by those who share none.
const NO_KEY: Key = [0; 32];

/// The public key of a private one.
pub fn public(private: &Key) -> Key {
    x25519(*private, BASE)
}

#[derive(Debug)]
struct Responder {
    public: Key,
    mac_key: Key,
}

/// All keys known.
#[derive(Debug, Default)]
pub struct Keys {
    /// Private keys by their public ones.
    private: HashMap<Key, Key, RandomState>,
    responders: Vec<Responder>,
    preshared: Vec<Key>,
}

impl Keys {
    /// True when there is nothing to try.
    pub fn is_empty(&self) -> bool {
        self.private.is_empty()
    }

    /// Keys held.
    pub fn len(&self) -> usize {
        let names = self.responders.len().saturating_add(self.preshared.len());
        self.private.len().saturating_add(names)
    }

    /// One line of a key log. `None`: it is not one of these, or one more than are kept.
    pub fn add_line(&mut self, line: &[u8]) -> Option<()> {
        let at = memchr::memchr(b'=', line)?;
        let (name, value) = line.split_at_checked(at)?;
        let key: Key = BASE64
            .decode(value.get(1..)?.trim_ascii())
            .ok()?
            .try_into()
            .ok()?;
        match name.trim_ascii() {
            b"LOCAL_STATIC_PRIVATE_KEY" => {
                self.add_private(&key)?;
                self.add_responder(public(&key))
            }
            b"LOCAL_EPHEMERAL_PRIVATE_KEY" => self.add_private(&key),
            b"REMOTE_STATIC_PUBLIC_KEY" => self.add_responder(key),
            b"PRESHARED_KEY" => {
                if !self.preshared().any(|known| *known == key) {
                    (self.preshared.len() < PRESHARED_KEYS).then(|| self.preshared.push(key))?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn add_private(&mut self, private: &Key) -> Option<()> {
        if self.private.len() >= PRIVATE_KEYS {
            return None;
        }
        self.private.insert(public(private), *private);
        Some(())
    }

    fn add_responder(&mut self, public: Key) -> Option<()> {
        if self.responders.iter().any(|r| r.public == public) {
            return Some(());
        }
        let mac_key = mac_key(&public);
        (self.responders.len() < RESPONDERS)
            .then(|| self.responders.push(Responder { public, mac_key }))
    }

    /// Whom a first message is for, told by its MAC.
    pub fn named_by(&self, bytes: &[u8], tag: &[u8]) -> Option<Key> {
        if self.is_empty() {
            return None;
        }
        let found = self
            .responders
            .iter()
            .find(|r| mac(&r.mac_key, bytes) == tag);
        found.map(|r| r.public)
    }

    /// What the owners of two public keys share (RFC 7748 section 6.1), if the private key of one is known.
    pub fn shared(&self, one: &Key, other: &Key) -> Option<Key> {
        match (self.private.get(one), self.private.get(other)) {
            (Some(private), _) => Some(x25519(*private, *other)),
            (None, Some(private)) => Some(x25519(*private, *one)),
            (None, None) => None,
        }
    }

    /// The keys that may be shared beforehand; mostly there is none.
    pub fn preshared(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&NO_KEY).chain(&self.preshared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7748 section 5.2, after one iteration: the scalar is the base point itself.
    #[test]
    fn a_public_key_is_that_of_the_standard() {
        let hex = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
        let known = data_encoding::HEXLOWER.decode(hex.as_bytes());
        assert_eq!(public(&BASE).to_vec(), known.expect("hexadecimal"));
    }

    #[test]
    fn lines_are_read_with_and_without_spaces() {
        let mut keys = Keys::default();
        let one = BASE64.encode(&[1; 32]);
        let line = format!("LOCAL_STATIC_PRIVATE_KEY={one}");
        assert_eq!(keys.add_line(line.as_bytes()), Some(()));
        assert_eq!(keys.len(), 2, "a private key, and whom messages may be for");
        let line = format!("LOCAL_EPHEMERAL_PRIVATE_KEY = {one}");
        assert_eq!(keys.add_line(line.as_bytes()), Some(()));
        assert_eq!(keys.len(), 2, "known");
        for strange in [
            "PRESHARED_KEY = AAAA".to_owned(),
            format!("SOMETHING = {one}"),
            format!("PRESHARED_KEY {one}"),
        ] {
            assert_eq!(keys.add_line(strange.as_bytes()), None, "{strange}");
        }
        assert_eq!(keys.preshared().count(), 1, "none");
    }
}
