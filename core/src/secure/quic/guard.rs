//! What opens the packets of one direction at one level, over key updates (RFC 9001 section 6).

use super::keys::{HeaderKey, PacketKey, Suite, next_secret};
use super::version::Labels;

/// Packets that fit neither the present, the next nor the last keys, for which later generations are
/// tried: each costs a few decryptions.
const STRAYS: u32 = 64;
/// Generations tried ahead when updates were not captured.
const AHEAD: usize = 4;

/// Keys of one direction at one level.
pub struct Guard {
    suite: Suite,
    labels: Labels,
    secret: Vec<u8>,
    header: HeaderKey,
    key: PacketKey,
    previous: Option<PacketKey>,
    next: Option<(PacketKey, Vec<u8>)>,
    /// The key phase bit of the present keys.
    phase: bool,
    /// Lowest packet number opened with the present keys.
    since: u64,
    strays: u32,
}

/// A packet that was opened: where its payload lies in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Packet number.
    pub number: u64,
    /// Start of the payload.
    pub start: usize,
    /// Its end.
    pub end: usize,
}

/// The key phase bit of a short header (RFC 9000 section 17.3.1).
const PHASE: u8 = 0x04;

impl Guard {
    /// From a traffic secret.
    pub fn new(suite: Suite, secret: &[u8], labels: &Labels) -> Option<Guard> {
        Some(Guard {
            suite,
            labels: *labels,
            secret: secret.to_vec(),
            header: HeaderKey::new(suite, secret, labels)?,
            key: PacketKey::new(suite, secret, labels)?,
            previous: None,
            next: None,
            phase: false,
            since: 0,
            strays: 0,
        })
    }

    /// Opens a packet into `scratch`. `at`: where its number begins; `largest`: the largest number opened
    /// before in its number space.
    #[inline]
    pub fn open(
        &mut self,
        packet: &[u8],
        at: usize,
        largest: Option<u64>,
        scratch: &mut Vec<u8>,
    ) -> Option<Opened> {
        let bare = self.header.remove(packet, at, scratch)?;
        let number = bare.whole(largest);
        let found = |payload: &[u8]| Opened {
            number,
            start: bare.end,
            end: bare.end.saturating_add(payload.len()),
        };
        let short = bare.first & 0x80 == 0;
        let phase = short && bare.first & PHASE != 0;
        if phase == self.phase {
            if let Some(payload) = self.key.open(scratch, bare.end, number) {
                let opened = found(payload);
                self.since = self.since.min(number);
                return Some(opened);
            }
            if !short {
                return None;
            }
        } else {
            if number < self.since
                && let Some(previous) = &self.previous
            {
                if let Some(payload) = previous.open(scratch, bare.end, number) {
                    return Some(found(payload));
                }
                self.header.remove(packet, at, scratch)?;
            }
            self.prepare()?;
            let (next, _) = self.next.as_ref()?;
            if let Some(payload) = next.open(scratch, bare.end, number) {
                let opened = found(payload);
                self.turn(number);
                return Some(opened);
            }
        }
        self.stray(packet, at, number, phase, scratch)
    }

    /// Makes the keys of the next generation.
    fn prepare(&mut self) -> Option<()> {
        if self.next.is_none() {
            let secret = next_secret(self.suite, &self.secret, &self.labels)?;
            let key = PacketKey::new(self.suite, &secret, &self.labels)?;
            self.next = Some((key, secret));
        }
        Some(())
    }

    /// The next generation becomes the present one.
    fn turn(&mut self, number: u64) {
        if let Some((key, secret)) = self.next.take() {
            self.previous = Some(std::mem::replace(&mut self.key, key));
            self.secret = secret;
            self.phase = !self.phase;
            self.since = number;
        }
    }

    /// Updates may have happened while nothing was captured.
    fn stray(
        &mut self,
        packet: &[u8],
        at: usize,
        number: u64,
        phase: bool,
        scratch: &mut Vec<u8>,
    ) -> Option<Opened> {
        if self.strays >= STRAYS {
            return None;
        }
        self.strays += 1;
        let mut secret = self.secret.clone();
        for ahead in 1..=AHEAD {
            secret = next_secret(self.suite, &secret, &self.labels)?;
            // One generation ahead was tried.
            if ahead == 1 || (ahead % 2 == 0) != (phase == self.phase) {
                continue;
            }
            let key = PacketKey::new(self.suite, &secret, &self.labels)?;
            let bare = self.header.remove(packet, at, scratch)?;
            if let Some(payload) = key.open(scratch, bare.end, number) {
                let end = bare.end.saturating_add(payload.len());
                self.key = key;
                self.secret = secret;
                self.phase = phase;
                self.since = number;
                (self.previous, self.next) = (None, None);
                return Some(Opened {
                    number,
                    start: bare.end,
                    end,
                });
            }
        }
        None
    }
}
