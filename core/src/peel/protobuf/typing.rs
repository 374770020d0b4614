//! What the delimited fields of messages hold, decided for all occurrences of a field together.
//!
//! The wire does not say whether a field holds a string, bytes, packed numbers or a message. One occurrence
//! may look like either; many seldom do. [`Typing`] keeps what was seen per path of field numbers, over one
//! message or over all messages of an endpoint.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::evidence;
use super::wire::varint;

/// Paths one [`Typing`] keeps: more than any schema in use has; a sender of noise cannot fill the memory.
const MOST_PATHS: usize = 4096;
/// Evidence over that of a string that a message needs to be believed, in tenths of a bit.
const OVER_STRING: i64 = 50;
/// Evidence a message needs against bytes, in tenths of a bit.
const OVER_BYTES: i64 = 40;
/// Evidence packed numbers need against bytes, in tenths of a bit.
const PACKED: i64 = 30;

/// What a delimited field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UTF-8.
    String,
    /// A message.
    Message,
    /// A message with its length before it, as some libraries of Google write it.
    PrefixedMessage,
    /// Numbers one after the other.
    Packed,
    /// Anything.
    Bytes,
}

/// Evidence for each kind over all occurrences, in tenths of a bit; `None` once one of them cannot be it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    string: Option<i64>,
    message: Option<i64>,
    prefixed: Option<i64>,
    packed: Option<i64>,
}

impl Default for Tally {
    fn default() -> Self {
        Tally {
            string: Some(0),
            message: Some(0),
            prefixed: Some(0),
            packed: Some(0),
        }
    }
}

fn sum(total: Option<i64>, more: Option<i64>) -> Option<i64> {
    Some(total?.saturating_add(more?))
}

impl Tally {
    /// Count one occurrence.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let string = evidence::string(bytes);
        self.string = sum(self.string, string);
        if self.message.is_some() {
            self.message = sum(self.message, evidence::message(bytes, 0, bytes.len()));
        }
        if self.prefixed.is_some() {
            self.prefixed = sum(self.prefixed, prefixed(bytes));
        }
        // Any ASCII is packed numbers too.
        if string.is_some() {
            self.packed = None;
        } else if self.packed.is_some() {
            self.packed = sum(self.packed, evidence::packed(bytes));
        }
    }

    /// Both together.
    fn merged(self, other: Tally) -> Tally {
        Tally {
            string: sum(self.string, other.string),
            message: sum(self.message, other.message),
            prefixed: sum(self.prefixed, other.prefixed),
            packed: sum(self.packed, other.packed),
        }
    }

    /// What explains all occurrences best.
    pub(crate) fn kind(&self) -> Kind {
        let message = self.message.max(self.prefixed);
        let kind = if self.message >= self.prefixed {
            Kind::Message
        } else {
            Kind::PrefixedMessage
        };
        match (self.string, message, self.packed) {
            (Some(string), Some(message), _) if message > string.max(0) + OVER_STRING => kind,
            (Some(_), _, _) => Kind::String,
            // Messages of small numbers are packed numbers too; packed numbers are seldom messages.
            (None, Some(message), _) if message >= OVER_BYTES => kind,
            (None, _, Some(packed)) if packed >= PACKED => Kind::Packed,
            _ => Kind::Bytes,
        }
    }

    /// What strings add to the evidence of the message around them, and what packed numbers do.
    pub(super) fn content(&self, kind: Kind) -> (i64, i64) {
        match kind {
            Kind::String => (self.string.unwrap_or(0).max(0), 0),
            Kind::Packed => (0, self.packed.unwrap_or(0).max(0)),
            _ => (0, 0),
        }
    }
}

/// Evidence for a message with its length before it.
fn prefixed(bytes: &[u8]) -> Option<i64> {
    let (length, digits) = varint(bytes, 0, bytes.len())?;
    let left = bytes.len() - digits;
    if usize::try_from(length) != Ok(left) || left == 0 {
        return None;
    }
    let message = evidence::message(bytes, digits, bytes.len())?;
    Some(message + evidence::length(left, digits, left))
}

/// A path of field numbers, hashed.
pub(super) type PathHash = u64;

/// The path one field further.
pub(super) fn path(parent: PathHash, number: u32) -> PathHash {
    FixedState::default().hash_one((parent, number))
}

/// What was seen at each path of field numbers in the messages of one endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typing {
    seen: HashMap<PathHash, Tally, FixedState>,
}

impl Typing {
    /// What is known of a path.
    pub(super) fn with(&self, path: PathHash, own: Tally) -> Tally {
        self.seen.get(&path).map_or(own, |known| known.merged(own))
    }

    /// Keep what one message showed at a path.
    pub(super) fn note(&mut self, path: PathHash, own: Tally) {
        if let Some(known) = self.seen.get_mut(&path) {
            *known = known.merged(own);
        } else if self.seen.len() < MOST_PATHS {
            self.seen.insert(path, own);
        }
    }
}
