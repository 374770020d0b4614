//! What the delimited fields of messages hold, decided for all occurrences of a field together.
//!
//! The wire does not say whether a field holds a string, bytes, packed numbers or a message. One occurrence
//! may look like either; many seldom do. [`Typing`] keeps what was seen per path of field numbers, over one
//! message or over all messages of an endpoint.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::proof::is_file;
use super::evidence;
use super::wire::{Fields, Value, varint};

/// Paths one [`Typing`] keeps: more than any schema in use has; a sender of noise cannot fill the memory.
const MOST_PATHS: usize = 4096;
/// Evidence over that of a string that a message needs to be believed, in tenths of a bit.
const OVER_STRING: i64 = 50;
/// Evidence a message needs against bytes, in tenths of a bit.
const OVER_BYTES: i64 = 40;
/// Evidence packed numbers need against bytes, in tenths of a bit.
const PACKED: i64 = 30;
/// Evidence packed numbers of fixed width need to be shown beside the bytes, in tenths of a bit.
const FIXED: i64 = 100;
/// A message whose text reads nearly as well keeps the text beside it, in tenths of a bit.
const NEARLY_STRING: i64 = 150;
/// A message that packed numbers explain nearly as well keeps them beside it, in tenths of a bit.
const NEARLY_PACKED: i64 = 100;

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

/// How packed numbers of fixed width are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// IEEE 754 binary32.
    Float,
    /// IEEE 754 binary64.
    Double,
    /// 32 bits, least significant byte first.
    Fixed32,
    /// 64 bits, least significant byte first.
    Fixed64,
}

impl Width {
    /// All, those that say most first.
    pub(super) const ALL: [Width; 4] =
        [Width::Double, Width::Float, Width::Fixed64, Width::Fixed32];

    /// Bytes of one number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Width::Float | Width::Fixed32 => 4,
            Width::Double | Width::Fixed64 => 8,
        }
    }
}

/// Readings of a field beside the one that explains it best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// As it stands.
    pub(super) raw: bool,
    /// As packed varints.
    pub(super) packed: bool,
    /// As packed numbers of fixed width.
    pub(super) fixed: Option<Width>,
}

/// Evidence for each kind over all occurrences, in tenths of a bit; `None` once one of them cannot be it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    string: Option<i64>,
    message: Option<i64>,
    prefixed: Option<i64>,
    packed: Option<i64>,
    /// As [`Width::ALL`].
    fixed: [Option<i64>; 4],
    /// As messages they hold nothing but varints.
    flat: bool,
}

impl Default for Tally {
    fn default() -> Self {
        Tally {
            string: Some(0),
            message: Some(0),
            prefixed: Some(0),
            packed: Some(0),
            fixed: [Some(0); 4],
            flat: true,
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
        // Any ASCII is packed numbers too, in bytes or in units of two, and so are small files.
        if string.is_some() || is_wide_text(bytes) || is_file(bytes) {
            self.packed = None;
            self.fixed = [None; 4];
            return;
        }
        for (total, width) in self.fixed.iter_mut().zip(Width::ALL) {
            if total.is_some() {
                *total = sum(*total, evidence::packed_fixed(bytes, width));
            }
        }
        if self.packed.is_some() {
            self.flat = self.flat && self.message.is_some() && is_flat(bytes);
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
            fixed: std::array::from_fn(|at| {
                let of = |tally: &Tally| tally.fixed.get(at).copied().flatten();
                sum(of(&self), of(&other))
            }),
            flat: self.flat && other.flat,
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

    /// What else is shown, because it explains the field nearly as well.
    pub(super) fn beside(&self, kind: Kind) -> Beside {
        let message = self.message.max(self.prefixed).unwrap_or(i64::MIN);
        let mut fixed = None;
        for (evidence, width) in self.fixed.iter().zip(Width::ALL) {
            let best = fixed.map_or(FIXED - 1, |(most, _)| most);
            if let Some(evidence) = *evidence
                && evidence > best
            {
                fixed = Some((evidence, width));
            }
        }
        let fixed = fixed.map(|(_, width)| width);
        match kind {
            Kind::String => Beside::default(),
            Kind::Message | Kind::PrefixedMessage => Beside {
                raw: self
                    .string
                    .is_some_and(|string| message < string.max(0).saturating_add(NEARLY_STRING)),
                packed: self.flat
                    && self
                        .packed
                        .is_some_and(|packed| packed >= PACKED && message < packed + NEARLY_PACKED),
                fixed: None,
            },
            Kind::Packed | Kind::Bytes => Beside {
                // Numbers of fixed width are anything as well.
                raw: kind == Kind::Packed && fixed.is_some(),
                packed: false,
                fixed,
            },
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

/// Text of ASCII in units of two bytes, in either order, with or without a byte order mark.
fn is_wide_text(bytes: &[u8]) -> bool {
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let all = |is: &dyn Fn(u8, u8) -> bool| {
        bytes
            .chunks(2)
            .enumerate()
            .all(|(place, unit)| match *unit {
                [0xff, 0xfe] | [0xfe, 0xff] => place == 0,
                [one, other] => is(one, other),
                _ => false,
            })
    };
    all(&|one, other| plain(one) && other == 0) || all(&|one, other| one == 0 && plain(other))
}

/// A message of varints alone, which packed numbers may be as well.
fn is_flat(bytes: &[u8]) -> bool {
    Fields::of(bytes, 0, bytes.len())
        .all(|field| field.is_ok_and(|field| matches!(field.value, Value::Varint(_))))
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

/// What one message showed at its paths.
pub(crate) type Tallies = Vec<(PathHash, Tally)>;

impl Typing {
    /// What all messages showed at a path; what this one showed where no other had it.
    pub(super) fn at(&self, path: PathHash, own: Tally) -> Tally {
        self.seen.get(&path).copied().unwrap_or(own)
    }

    /// Keep what one message showed; at most `room` paths more. False when some were left out.
    pub(crate) fn note(&mut self, tallies: &[(PathHash, Tally)], room: usize) -> bool {
        let most = MOST_PATHS.min(self.seen.len().saturating_add(room));
        let mut all = true;
        for &(path, own) in tallies {
            if let Some(known) = self.seen.get_mut(&path) {
                *known = known.merged(own);
            } else if self.seen.len() < most {
                self.seen.insert(path, own);
            } else {
                all = false;
            }
        }
        all
    }

    /// True when all messages together say something else of a field than this one alone.
    pub(crate) fn differs(&self, tallies: &[(PathHash, Tally)]) -> bool {
        tallies.iter().any(|&(path, own)| {
            let joint = self.at(path, own);
            let (kind, alone) = (joint.kind(), own.kind());
            kind != alone || joint.beside(kind) != own.beside(alone)
        })
    }

    /// Paths that are kept.
    pub(crate) fn len(&self) -> usize {
        self.seen.len()
    }
}
