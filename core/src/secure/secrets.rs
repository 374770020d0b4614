//! Secrets that open sessions, from key logs (draft-ietf-tls-keylogfile, Wireshark for WireGuard) and Decryption
//! Secrets Blocks.

use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use super::rsa::{self, RsaKey};
use super::wireguard;

/// Secrets kept; each is about 100 bytes. More is damage or an attack on memory.
pub const SECRETS: usize = 4 << 20;
/// Sessions remembered for their resumption.
const SESSIONS: usize = 1 << 20;
/// RSA keys of servers; each may be tried on each session.
const RSA_KEYS: usize = 256;
/// Longest secret: a pre-master secret of finite-field Diffie-Hellman over 8192 bits.
const SECRET_BYTES: usize = 1024;

/// What a secret is for: the first word of its line in a key log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// `CLIENT_RANDOM`: the master secret of TLS up to 1.2.
    Master,
    /// `PMS_CLIENT_RANDOM`: the pre-master secret of TLS up to 1.2.
    PreMaster,
    /// `CLIENT_EARLY_TRAFFIC_SECRET` (RFC 8446 section 7.1): 0-RTT.
    ClientEarly,
    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`.
    ClientHandshake,
    /// `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    ServerHandshake,
    /// `CLIENT_TRAFFIC_SECRET_0`; later generations follow from it.
    ClientTraffic,
    /// `SERVER_TRAFFIC_SECRET_0`.
    ServerTraffic,
}

impl Label {
    fn read(word: &[u8]) -> Option<Label> {
        // QUIC implementations wrote their own prefix before the labels were shared with TLS.
        let word = word.strip_prefix(b"QUIC_").unwrap_or(word);
        Some(match word {
            b"CLIENT_RANDOM" => Label::Master,
            b"PMS_CLIENT_RANDOM" => Label::PreMaster,
            b"CLIENT_EARLY_TRAFFIC_SECRET" => Label::ClientEarly,
            b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Label::ClientHandshake,
            b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Label::ServerHandshake,
            b"CLIENT_TRAFFIC_SECRET_0" => Label::ClientTraffic,
            b"SERVER_TRAFFIC_SECRET_0" => Label::ServerTraffic,
            _ => return None,
        })
    }
}

type Labelled = (Label, Box<[u8]>);

/// What was found in a file of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Secrets of sessions that were new.
    pub secrets: usize,
    /// RSA keys that were new.
    pub rsa_keys: usize,
    /// Lines, or blocks of PEM, that were not understood.
    pub strange: usize,
}

/// All secrets known, found by the random value of the client's hello.
#[derive(Debug, Default)]
pub struct Secrets {
    by_random: HashMap<[u8; 32], Vec<Labelled>>,
    /// Pre-master secrets by the first eight bytes of what the client sent for them.
    by_prefix: HashMap<[u8; 8], Box<[u8]>>,
    /// Master secrets by session id or by the digest of a ticket, as far as they were given or seen.
    by_session: HashMap<Box<[u8]>, Box<[u8]>>,
    rsa_keys: Vec<RsaKey>,
    /// Keys of WireGuard.
    pub wireguard: wireguard::Keys,
    count: usize,
}

/// What a session ticket is remembered by: tickets are long.
pub fn ticket_key(ticket: &[u8]) -> [u8; 32] {
    Sha256::digest(ticket).into()
}

impl Secrets {
    /// True when there is nothing to try on TLS.
    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.rsa_keys.is_empty()
    }

    /// True when the session of this client random can only be opened with a pre-master secret that may be
    /// found: the messages of the handshake may then be needed.
    pub fn needs_premaster(&self, random: &[u8; 32]) -> bool {
        !self.is_empty() && self.get(Label::Master, random).next().is_none()
    }

    /// Adds the contents of a file: a key log, or RSA keys in PEM or DER, whichever they are.
    pub fn add_key_file(&mut self, bytes: &[u8]) -> Found {
        // Editors of Windows begin a text with a byte order mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut found = Found::default();
        let (before, keys) = (self.rsa_keys.len(), bytes.first() == Some(&0x30));
        if let Some(key) = keys.then(|| RsaKey::from_der(bytes)).flatten() {
            self.add_rsa_key(key);
        } else if memchr::memmem::find(bytes, b"-----BEGIN ").is_some() {
            let (keys, strange) = rsa::from_pem(bytes);
            found.strange = strange;
            keys.into_iter().for_each(|key| self.add_rsa_key(key));
        } else {
            (found.secrets, found.strange) = self.add_key_log(bytes);
        }
        found.rsa_keys = self.rsa_keys.len().saturating_sub(before);
        found
    }

    /// Adds the private key of a server.
    pub fn add_rsa_key(&mut self, key: RsaKey) {
        if self.rsa_keys.len() < RSA_KEYS {
            self.rsa_keys.push(key);
        }
    }

    /// The pre-master secret that a client sent encrypted, if it was given or can be decrypted.
    pub fn premaster(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        let prefix = encrypted.first_chunk::<8>()?;
        if let Some(known) = self.by_prefix.get(prefix) {
            return Some(known.to_vec());
        }
        self.rsa_keys
            .iter()
            .find_map(|key| key.premaster(encrypted))
    }

    /// The master secret of a session that is taken up again, by its id or by [`ticket_key`].
    pub fn session(&self, key: &[u8]) -> Option<&[u8]> {
        self.by_session.get(key).map(AsRef::as_ref)
    }

    /// Remembers the master secret of a session that was opened.
    pub fn remember(&mut self, key: &[u8], master: &[u8]) {
        if !key.is_empty() && key.len() <= 32 && self.by_session.len() < SESSIONS {
            self.by_session.insert(key.into(), master.into());
        }
    }

    /// Secrets held.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Is anything known of the session of this client random?
    pub fn knows(&self, random: &[u8; 32]) -> bool {
        self.by_random.contains_key(random)
    }

    /// The secrets of one kind for a session, in the order they were added. Normally one; a client random
    /// that came twice with different secrets has several, and the one that opens the session is right.
    pub fn get(&self, label: Label, random: &[u8; 32]) -> impl Iterator<Item = &[u8]> {
        self.by_random
            .get(random)
            .into_iter()
            .flatten()
            .filter(move |(known, _)| *known == label)
            .map(|(_, secret)| secret.as_ref())
    }

    /// Adds the lines of a key log. Returns how many secrets were new, and how many lines that are neither
    /// blank nor a comment were not understood.
    pub fn add_key_log(&mut self, text: &[u8]) -> (usize, usize) {
        let kept = |all: &Secrets| all.count.saturating_add(all.wireguard.len());
        let (before, mut strange) = (kept(self), 0usize);
        for line in text.split(|b| *b == b'\n' || *b == b'\r') {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if self.add_line(line).is_none() {
                strange = strange.saturating_add(1);
            }
        }
        (kept(self).saturating_sub(before), strange)
    }

    /// One line: label, client random and secret, in hexadecimal; or a key of WireGuard. `None`: not understood.
    fn add_line(&mut self, line: &[u8]) -> Option<()> {
        if self.wireguard.add_line(line).is_some() {
            return Some(());
        }
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|w| !w.is_empty());
        let label = words.next()?;
        if label == b"RSA" {
            return self.add_rsa_line(words.next()?, words.next()?);
        }
        let random: [u8; 32] = hex(words.next()?)?.try_into().ok()?;
        // Logs copied out of shells and source code may have a stray character after the digits.
        let word = words.next()?;
        let digits = word.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        let secret = hex(word.get(..digits)?).filter(|secret| !secret.is_empty())?;
        let Some(label) = Label::read(label) else {
            // Exporter secrets and later generations are right, and not needed.
            let needless = [
                &b"EXPORTER_SECRET"[..],
                b"EARLY_EXPORTER",
                b"CLIENT_TRAFFIC",
                b"SERVER_TRAFFIC",
                b"ECH_",
            ];
            return needless.iter().any(|n| label.starts_with(n)).then_some(());
        };
        self.add(label, random, &secret);
        Some(())
    }

    /// `RSA` and either the first eight bytes of the encrypted pre-master secret and the secret itself, or
    /// `Session-ID:` and `Master-Key:` with their values.
    fn add_rsa_line(&mut self, one: &[u8], two: &[u8]) -> Option<()> {
        if let Some(id) = one.strip_prefix(b"Session-ID:") {
            let (id, master) = (hex(id)?, hex(two.strip_prefix(b"Master-Key:")?)?);
            if master.len() > SECRET_BYTES || id.len() > 32 {
                return None;
            }
            let before = self.by_session.len();
            self.remember(&id, &master);
            self.count = self
                .count
                .saturating_add(self.by_session.len().saturating_sub(before));
            return Some(());
        }
        let prefix: [u8; 8] = hex(one)?.try_into().ok()?;
        let secret = hex(two)?;
        if secret.len() <= SECRET_BYTES && self.count < SECRETS {
            let new = self.by_prefix.insert(prefix, secret.into()).is_none();
            self.count = self.count.saturating_add(usize::from(new));
        }
        Some(())
    }

    /// Adds one secret; one that is known already changes nothing.
    pub fn add(&mut self, label: Label, random: [u8; 32], secret: &[u8]) {
        if self.count >= SECRETS || secret.len() > SECRET_BYTES {
            return;
        }
        let known = self.by_random.entry(random).or_default();
        if known
            .iter()
            .any(|(l, s)| *l == label && s.as_ref() == secret)
        {
            return;
        }
        known.push((label, secret.into()));
        self.count = self.count.saturating_add(1);
    }
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_strange_ones_counted() {
        let random = "ab".repeat(32);
        let text = format!(
            "# made by a test\r\nCLIENT_RANDOM {random} 0102\n\nCLIENT_RANDOM {random} 0102\n\
             EXPORTER_SECRET {random} 03\nCLIENT_RANDOM {random} 0\nCLIENT_RANDOM {random} 0102\\\nnonsense\n"
        );
        let mut secrets = Secrets::default();
        assert_eq!(secrets.add_key_log(text.as_bytes()), (1, 2));
        assert!(secrets.knows(&[0xab; 32]));
        let found: Vec<&[u8]> = secrets.get(Label::Master, &[0xab; 32]).collect();
        assert_eq!(found, [&[1u8, 2][..]]);
        assert_eq!(secrets.get(Label::PreMaster, &[0xab; 32]).count(), 0);
    }

    #[test]
    fn keys_of_wireguard_count_and_open_no_tls() {
        let key = "A".repeat(43);
        let text = format!("LOCAL_STATIC_PRIVATE_KEY = {key}=\nLOCAL_STATIC_PRIVATE_KEY = {key}\n");
        let mut secrets = Secrets::default();
        let found = secrets.add_key_file(text.as_bytes());
        assert!(found.secrets > 0);
        assert_eq!(found.strange, 1);
        assert!(secrets.is_empty());
        assert!(!secrets.wireguard.is_empty());
    }
}
