//! Secrets that open sessions, from key logs (draft-ietf-tls-keylogfile) and Decryption Secrets Blocks.

use hashbrown::HashMap;

/// Secrets kept; each is about 100 bytes. More is damage or an attack on memory.
pub const SECRETS: usize = 4 << 20;
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

/// All secrets known, found by the random value of the client's hello.
#[derive(Debug, Default)]
pub struct Secrets {
    by_random: HashMap<[u8; 32], Vec<Labelled>>,
    count: usize,
}

impl Secrets {
    /// True when there is nothing to try.
    pub fn is_empty(&self) -> bool {
        self.count == 0
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
        let (before, mut strange) = (self.count, 0usize);
        for line in text.split(|b| *b == b'\n' || *b == b'\r') {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if self.add_line(line).is_none() {
                strange = strange.saturating_add(1);
            }
        }
        (self.count.saturating_sub(before), strange)
    }

    /// One line: label, client random and secret, in hexadecimal. `None`: not understood.
    fn add_line(&mut self, line: &[u8]) -> Option<()> {
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|w| !w.is_empty());
        let label = words.next()?;
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
}
