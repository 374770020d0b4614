//! What is known of the messages of one endpoint: the kinds of fields of Protocol Buffers, decided over all of
//! them together.
//!
//! A message cannot be typed by messages that come after it, so it waits: [`Endpoints`] holds what was opened until
//! the evidence ends or there is too much of it. What is shown then depends on the order of messages in the
//! evidence and on nothing else.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::chain::Chain;
use super::fields::Fields;
use super::protobuf::{self, Typing};

/// Bytes that waiting messages take, with what was made of them; more are shown with what is known by then.
const MOST_BYTES: usize = 8 << 20;
/// Messages that wait.
const MOST_MESSAGES: usize = 1 << 15;
/// Places of messages: endpoint, part and fields around.
const MOST_PLACES: usize = 1 << 12;
/// Paths of fields over all places.
const MOST_PATHS: usize = 1 << 16;

/// What a sink needs to take leaves of a content later: its number, and that of the message.
pub type Ticket = (i64, i64);

/// A message that waits.
pub(crate) struct Held {
    pub(crate) ticket: Ticket,
    /// Place of its part in [`Endpoints::parts`].
    part: u64,
    /// Its endpoint.
    pub(crate) endpoint: u64,
    place: u64,
    /// The chain to it, without the layer itself.
    pub(crate) chain: Chain,
    /// How it is read alone.
    pub(crate) fields: Fields,
    pub(crate) bytes: Vec<u8>,
}

/// What was spent in a part of which messages wait.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) leaves: u32,
    pub(crate) bytes: u64,
    waiting: u32,
}

/// The memory of one evidence.
#[derive(Default)]
pub(crate) struct Endpoints {
    /// Endpoint of the parts to come.
    pub(crate) endpoint: Option<u64>,
    typings: HashMap<u64, Typing, FixedState>,
    paths: usize,
    waiting: VecDeque<Held>,
    bytes: usize,
    /// Serial number of the part that is peeled.
    part: u64,
    parts: HashMap<u64, Spent, FixedState>,
    /// The memory of kinds is full.
    pub(crate) full: bool,
}

/// Largest number of paths that are remembered, for the limit that tells so.
pub(crate) const REMEMBERED: u64 = MOST_PATHS as u64;

/// The endpoint of a message: which way, host, path.
pub(crate) fn endpoint(words: &[&str]) -> u64 {
    FixedState::default().hash_one(words)
}

/// Fields of one kind are one place: elements of lists are the same, and layers without a selector (encodings,
/// compression) say nothing.
fn place(endpoint: u64, chain: &Chain) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    endpoint.hash(&mut hasher);
    chain.with(|part, steps, _| {
        part.hash(&mut hasher);
        for step in steps.iter().filter(|step| !step.selector.is_empty()) {
            step.layer.hash(&mut hasher);
            // Digits are the places in lists.
            for word in step.selector.split(|c: char| c.is_ascii_digit()) {
                word.hash(&mut hasher);
            }
        }
    });
    hasher.finish()
}

/// What a message that waits takes of the memory, about.
fn size(fields: &Fields, bytes: &[u8]) -> usize {
    bytes.len()
        + fields.words.len()
        + fields.arena.len()
        + size_of_val(fields.list.as_slice())
        + size_of_val(fields.tallies.as_slice())
}

impl Endpoints {
    /// Begin a part.
    pub(crate) fn begin(&mut self) {
        self.part = self.part.wrapping_add(1);
    }

    /// Let a message wait.
    pub(crate) fn hold(&mut self, ticket: Ticket, chain: &Chain, fields: Fields, bytes: &[u8]) {
        let Some(endpoint) = self.endpoint else {
            return;
        };
        let place = place(endpoint, chain);
        if self.typings.len() < MOST_PLACES || self.typings.contains_key(&place) {
            let typing = self.typings.entry(place).or_default();
            let before = typing.len();
            let room = MOST_PATHS.saturating_sub(self.paths);
            self.full |= !typing.note(&fields.tallies, room);
            self.paths += typing.len() - before;
        } else {
            self.full = true;
        }
        self.bytes += size(&fields, bytes);
        self.parts.entry(self.part).or_default().waiting += 1;
        self.waiting.push_back(Held {
            ticket,
            part: self.part,
            endpoint,
            place,
            chain: chain.clone(),
            fields,
            bytes: bytes.to_vec(),
        });
    }

    /// The part that was peeled ends.
    pub(crate) fn end(&mut self, leaves: u32, bytes: u64) {
        if let Some(spent) = self.parts.get_mut(&self.part) {
            (spent.leaves, spent.bytes) = (leaves, bytes);
            if spent.waiting == 0 {
                self.parts.remove(&self.part);
            }
        }
    }

    /// True when more waits than should.
    pub(crate) fn is_over(&self) -> bool {
        self.bytes > MOST_BYTES || self.waiting.len() > MOST_MESSAGES
    }

    /// The message that waits longest, and what was spent in its part. Its part is peeled on.
    pub(crate) fn next(&mut self) -> Option<(Held, Spent)> {
        let held = self.waiting.pop_front()?;
        self.bytes = self.bytes.saturating_sub(size(&held.fields, &held.bytes));
        self.part = held.part;
        let spent = self.parts.entry(held.part).or_default();
        spent.waiting = spent.waiting.saturating_sub(1);
        Some((held, *spent))
    }

    /// What all messages at the place of this one say of its fields, where that is something else than what it
    /// says alone.
    pub(crate) fn typing(&self, held: &Held) -> Option<&Typing> {
        self.typings
            .get(&held.place)
            .filter(|typing| typing.differs(&held.fields.tallies))
    }
}

/// Only fields of Protocol Buffers are decided for all messages of an endpoint.
pub(crate) fn can_wait(layer: &str, fields: &Fields) -> bool {
    layer == protobuf::NAME && !fields.tallies.is_empty()
}
