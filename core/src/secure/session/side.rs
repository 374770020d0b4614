//! One direction: records put together from segments, keys, and what was lost.

use std::ops::Range;

use super::super::protection::{Header, Open};
use super::{FRAGMENT_BYTES, UNTOLD};
use crate::protocol::output::Arrival;

/// Bytes that may be decrypted in vain on one direction, while looking for the place after gaps.
const TRIALS: u64 = 64 << 20;
/// The fewest bytes of a protected record with its header: smaller ones carry nothing.
const LEAST_RECORD: u64 = 24;
/// Bytes of the header of a record.
const HEADER_BYTES: usize = 5;
/// Records looked for beyond a gap, at most.
const MOST_LOST: u64 = 4096;

/// Are records protected?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Protected {
    #[default]
    Clear,
    Sealed,
}

/// Keys that may fit.
#[derive(Debug)]
pub(super) struct Keys {
    /// What opens records under them.
    pub open: Box<dyn Open>,
    /// Which come after which; see `keys`.
    pub epoch: u32,
    /// The secret they come from.
    pub secret: Vec<u8>,
}

/// What passed unread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loss {
    /// Bytes of the stream since the last record that was opened.
    pub wire: u64,
    /// How many records they can be.
    pub most: u64,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// The beginning of a record.
    pub held: Vec<u8>,
    /// The packet it began in.
    pub at: Arrival,
    /// The beginning of a handshake message.
    pub message: Vec<u8>,
    /// Bytes of a handshake message that is too long to be read.
    pub discard: usize,
    pub protected: Protected,
    /// Keys that may fit, in the order in which they come into use.
    pub keys: Vec<Keys>,
    /// The epoch of the last record that was opened.
    pub epoch: Option<u32>,
    /// The number of the next record under these keys.
    pub sequence: u64,
    /// A record was opened under the present keys.
    pub proven: bool,
    pub failures: u32,
    /// Early data that could not be read.
    pub unread: u64,
    /// Takes the compression off (RFC 3749).
    pub inflate: Option<Box<flate2::Decompress>>,
    pub loss: Option<Loss>,
    /// The next record must be looked for.
    pub searching: bool,
    /// Bytes of a broken record that still come.
    pub skip: usize,
    /// The low byte of the version of the last record.
    pub minor: u8,
    trials: u64,
    /// A handshake message may go on whose start is missing.
    pub unaligned: bool,
    /// close_notify was seen.
    pub ended: bool,
    /// Of records that are not opened only the headers are looked at, for how the client leaves.
    pub watching: bool,
    /// Nothing more is read.
    pub over: bool,
}

/// The first record: its header, its fragment, and what follows.
pub(super) fn split(bytes: &[u8]) -> Option<(Header, &[u8], &[u8])> {
    let (&[kind, major, minor, high, low], rest) = bytes.split_first_chunk::<5>()?;
    let length = u16::from_be_bytes([high, low]);
    let (fragment, rest) = rest.split_at_checked(usize::from(length))?;
    let right = (20..=24).contains(&kind) && major == 3 && fragment.len() <= FRAGMENT_BYTES;
    let version = [major, minor];
    right.then_some((
        Header {
            kind,
            version,
            length,
        },
        fragment,
        rest,
    ))
}

/// Bytes of the record that begins in `held` and goes on in `input`, as far as they tell.
pub(super) fn need(held: &[u8], input: &[u8]) -> usize {
    let mut length = held.iter().chain(input).skip(3);
    match (length.next(), length.next()) {
        (Some(high), Some(low)) => 5 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => 5,
    }
}

/// Can these bytes not be the beginning of a record?
pub(super) fn is_broken(bytes: &[u8]) -> bool {
    match bytes {
        [kind, ..] if !(20..=24).contains(kind) => true,
        [_, major, ..] if *major != 3 => true,
        [_, _, _, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])) > FRAGMENT_BYTES,
        _ => false,
    }
}

impl Side {
    pub fn is_sealed(&self) -> bool {
        self.protected == Protected::Sealed
    }

    /// From the packet a record began in to the one it ended in.
    pub fn span(&self, last: &Arrival) -> Arrival {
        Arrival {
            end: last.end.max(self.at.end),
            acknowledged: last.acknowledged,
            ..self.at
        }
    }

    /// Sets up keys for records that begin anew.
    pub fn seal(&mut self, keys: Vec<Keys>) {
        self.protected = Protected::Sealed;
        self.keys = keys;
        self.epoch = None;
        self.sequence = 0;
        self.proven = false;
        self.failures = 0;
    }

    /// Records come in clear again: early data was refused.
    pub fn unseal(&mut self) {
        self.protected = Protected::Clear;
        self.keys = Vec::new();
        self.epoch = None;
        self.sequence = 0;
        self.proven = false;
    }

    /// Puts a record back in front.
    pub fn put_back(&mut self, header: Header, fragment: &[u8]) {
        let [major, minor] = header.version;
        let [high, low] = header.length.to_be_bytes();
        let mut held = vec![header.kind, major, minor, high, low];
        held.extend_from_slice(fragment);
        held.append(&mut self.held);
        self.held = held;
    }

    /// Tries to open a record, with the keys in turn, up to `more` records ahead. On success the plaintext is in
    /// `scratch`.
    pub fn open(
        &mut self,
        header: Header,
        fragment: &[u8],
        more: u64,
        scratch: &mut Vec<u8>,
    ) -> Option<Range<usize>> {
        for at in 0..self.keys.len() {
            let (epoch, present) = (self.epoch, self.sequence);
            let lost = self.loss.map_or(0, |loss| loss.wire);
            let keys = self.keys.get_mut(at)?;
            let first = if epoch == Some(keys.epoch) {
                present
            } else {
                0
            };
            for ahead in 0..=more {
                scratch.clear();
                scratch.extend_from_slice(fragment);
                let number = first.saturating_add(ahead);
                // A stream cipher must be moved on.
                let moved = if lost > 0 {
                    keys.open.after(lost, ahead)
                } else {
                    None
                };
                let opened = match moved {
                    Some(mut moved) => {
                        let opened = moved.open(number, header, scratch);
                        if opened.is_some() {
                            keys.open = moved;
                        }
                        self.trials = self.trials.saturating_add(lost);
                        opened
                    }
                    None => keys.open.open(number, header, scratch),
                };
                if opened.is_some() {
                    let epoch = keys.epoch;
                    self.settle(at, epoch, number);
                    return opened;
                }
                if more > 0 {
                    self.trials = self.trials.saturating_add(fragment.len() as u64);
                    if self.trials > TRIALS {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Is there nothing to try, so that a record need not be kept as it came?
    pub fn opens_in_place(&self) -> bool {
        self.is_sealed() && self.keys.len() == 1 && self.loss.is_none()
    }

    /// Opens a record that lies in `record` behind its header, with the only keys there are.
    pub fn open_in_place(&mut self, header: Header, record: &mut [u8]) -> Option<Range<usize>> {
        let keys = self.keys.first_mut()?;
        let epoch = keys.epoch;
        let number = if self.epoch == Some(epoch) {
            self.sequence
        } else {
            0
        };
        let fragment = record.get_mut(HEADER_BYTES..)?;
        let plain = keys.open.open(number, header, fragment)?;
        self.settle(0, epoch, number);
        Some(plain.start.saturating_add(HEADER_BYTES)..plain.end.saturating_add(HEADER_BYTES))
    }

    /// Keys opened a record: those before them, and others for the same records, are done with.
    fn settle(&mut self, at: usize, epoch: u32, number: u64) {
        if self.keys.len() > 1 {
            self.keys.drain(..at);
            let mut first = true;
            self.keys
                .retain(|keys| std::mem::take(&mut first) || keys.epoch > epoch);
        }
        self.epoch = Some(epoch);
        self.sequence = number.saturating_add(1);
        self.failures = 0;
    }

    /// Was too much tried in vain?
    pub fn is_tired(&self) -> bool {
        self.trials > TRIALS
    }

    /// `wire` bytes of records could not be opened; the next record that can must be looked for.
    pub fn lose(&mut self, wire: u64, most: u64) {
        let before = self.loss.unwrap_or_default();
        self.loss = Some(Loss {
            wire: before.wire.saturating_add(wire),
            most: before.most.saturating_add(most).min(MOST_LOST),
        });
        self.searching = true;
    }

    /// Bytes are missing.
    pub fn gap(&mut self, mut bytes: u64) {
        if self.over {
            return;
        }
        let skipped = (self.skip as u64).min(bytes);
        self.skip = self
            .skip
            .saturating_sub(usize::try_from(skipped).unwrap_or(usize::MAX));
        bytes = bytes.saturating_sub(skipped);
        if bytes == 0 {
            return;
        }
        let held = std::mem::take(&mut self.held);
        let mut wire = bytes.saturating_add(held.len() as u64);
        let mut most = (wire / LEAST_RECORD).saturating_add(2);
        let rest = need(&held, &[]).saturating_sub(held.len()) as u64;
        if held.len() >= 5 && !self.searching && bytes <= rest {
            // All within one record: the place of the next one is known.
            let skip = rest.saturating_sub(bytes);
            self.skip = usize::try_from(skip).unwrap_or(usize::MAX);
            wire = wire.saturating_add(skip);
            most = 1;
        }
        self.message = Vec::new();
        self.discard = 0;
        self.unaligned = true;
        self.lose(wire, most);
    }

    /// Plaintext in so many bytes of so many records.
    pub fn plain_of(&self, wire: u64, records: u64) -> u64 {
        let overhead = self.keys.first().map_or(0, |keys| keys.open.overhead()) as u64;
        wire.saturating_sub(records.saturating_mul(overhead.saturating_add(5)))
    }

    /// Can a record of this session begin with these five bytes?
    pub fn is_plausible(&self, start: &[u8], modern: bool) -> bool {
        let Some([kind, 3, minor, high, low]) = start.first_chunk::<5>() else {
            return false;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let kinds = if modern && self.is_sealed() {
            23..=23
        } else {
            20..=24
        };
        kinds.contains(kind)
            && (1..=FRAGMENT_BYTES).contains(&length)
            && (*minor == self.minor || !self.is_sealed() && *minor <= 4)
    }

    /// Records that may be missing at most.
    pub fn most_lost(&self) -> u64 {
        self.loss.map_or(UNTOLD, |loss| loss.most)
    }
}
