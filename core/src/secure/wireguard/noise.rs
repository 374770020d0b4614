//! The handshake `Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s`, as far as a listener can follow it.

use blake2::digest::consts::U16;
use blake2::digest::{FixedOutput, KeyInit, Mac};
use blake2::{Blake2s256, Blake2sMac, Digest};
use hmac::SimpleHmac;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::keys::Keys;
use super::wire::{Initiation, Response};

/// A key of any kind, or a digest.
pub type Key = [u8; 32];

/// Name of the construction.
const CONSTRUCTION: &[u8] = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
/// Name of the protocol.
const IDENTIFIER: &[u8] = b"WireGuard v1 zx2c4 Jason@zx2c4.com";
/// What the key of the first MAC begins with.
const LABEL_MAC1: &[u8] = b"mac1----";

/// The digest of parts, one after the other.
pub fn hash(parts: &[&[u8]]) -> Key {
    let mut digest = Blake2s256::new();
    for part in parts {
        Digest::update(&mut digest, part);
    }
    digest.finalize_fixed().into()
}

/// The key of the MAC in what is sent to the owner of `public`.
pub fn mac_key(public: &Key) -> Key {
    hash(&[LABEL_MAC1, public])
}

/// The MAC of handshake messages.
pub fn mac(key: &Key, bytes: &[u8]) -> [u8; 16] {
    // A key of 32 bytes always fits.
    let Ok(mut mac) = <Blake2sMac<U16> as KeyInit>::new_from_slice(key) else {
        return [0; 16];
    };
    Mac::update(&mut mac, bytes);
    mac.finalize_fixed().into()
}

fn hmac(key: &Key, parts: &[&[u8]]) -> Key {
    let Ok(mut mac) = <SimpleHmac<Blake2s256> as KeyInit>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        Mac::update(&mut mac, part);
    }
    mac.finalize_fixed().into()
}

/// `N` keys out of a chaining key and an input (HKDF, RFC 5869).
pub fn derive<const N: usize>(chain: &Key, input: &[u8]) -> [Key; N] {
    let secret = hmac(chain, &[input]);
    let mut keys = [[0; 32]; N];
    let mut before: &[u8] = &[];
    let mut number = 0u8;
    for key in &mut keys {
        number = number.saturating_add(1);
        *key = hmac(&secret, &[before, &[number]]);
        before = key;
    }
    keys
}

/// What opens packets of one direction, or a part of a handshake.
pub fn sealing_key(key: &Key) -> Option<LessSafeKey> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).ok()?;
    Some(LessSafeKey::new(key))
}

/// The nonce of a counter.
pub fn nonce(counter: u64) -> Nonce {
    let mut bytes = [0; 12];
    for (to, from) in bytes.iter_mut().skip(4).zip(counter.to_le_bytes()) {
        *to = from;
    }
    Nonce::assume_unique_for_key(bytes)
}

fn open(key: &Key, sealed: &[u8], authenticated: &Key) -> Option<Vec<u8>> {
    let mut plain = sealed.to_vec();
    let aad = Aad::from(authenticated);
    let length = sealing_key(key)?
        .open_in_place(nonce(0), aad, &mut plain)
        .ok()?
        .len();
    plain.truncate(length);
    Some(plain)
}

/// Chaining key and transcript, on both sides of the handshake.
#[derive(Clone, Debug)]
pub struct State {
    /// The chaining key.
    pub chain: Key,
    /// The digest of all that was said.
    pub said: Key,
}

impl State {
    /// Before the first message to the owner of this key.
    pub fn new(responder: &Key) -> State {
        let chain = hash(&[CONSTRUCTION]);
        let said = hash(&[&hash(&[&chain, IDENTIFIER]), responder]);
        State { chain, said }
    }

    /// Adds something to the transcript.
    pub fn say(&mut self, bytes: &[u8]) {
        self.said = hash(&[&self.said, bytes]);
    }

    /// Mixes an input into the chaining key.
    pub fn mix(&mut self, input: &[u8]) {
        [self.chain] = derive(&self.chain, input);
    }

    /// Mixes an input into the chaining key and gets a key for what comes next.
    pub fn key(&mut self, input: &[u8]) -> Key {
        let key;
        [self.chain, key] = derive(&self.chain, input);
        key
    }

    /// Mixes the key that both sides share beforehand.
    pub fn share(&mut self, shared: &Key) -> Key {
        let (said, key);
        [self.chain, said, key] = derive(&self.chain, shared);
        self.say(&said);
        key
    }

    fn open(&mut self, key: &Key, sealed: &[u8]) -> Option<Vec<u8>> {
        let plain = open(key, sealed, &self.said)?;
        self.say(sealed);
        Some(plain)
    }
}

/// A handshake whose first message was opened.
#[derive(Clone, Debug)]
pub struct Begun {
    state: State,
    ephemeral: Key,
    identity: Key,
}

/// Follows a first message, if there are keys for it.
pub fn begin(keys: &Keys, message: &Initiation<'_>) -> Option<Begun> {
    let responder = keys.named_by(message.before_mac, message.mac)?;
    let mut state = State::new(&responder);
    state.say(&message.ephemeral);
    state.mix(&message.ephemeral);
    let key = state.key(&keys.shared(&message.ephemeral, &responder)?);
    let identity: Key = state.open(&key, message.identity)?.try_into().ok()?;
    let key = state.key(&keys.shared(&identity, &responder)?);
    state.open(&key, message.timestamp)?;
    Some(Begun {
        state,
        ephemeral: message.ephemeral,
        identity,
    })
}

/// Follows the answer: keys of what the initiator sends, and of what it is sent.
pub fn answer(begun: &Begun, keys: &Keys, message: &Response<'_>) -> Option<[Key; 2]> {
    let mut state = begun.state.clone();
    state.say(&message.ephemeral);
    state.mix(&message.ephemeral);
    state.mix(&keys.shared(&message.ephemeral, &begun.ephemeral)?);
    state.mix(&keys.shared(&message.ephemeral, &begun.identity)?);
    keys.preshared().find_map(|shared| {
        let mut state = state.clone();
        let key = state.share(shared);
        state.open(&key, message.empty)?;
        Some(derive(&state.chain, &[]))
    })
}
