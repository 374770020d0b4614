//! The candidates, prepared once for many values: every form, every length, every key once.

use std::sync::OnceLock;

use hashbrown::HashSet;

use super::cipher::{BlockCipher, Ede};
use super::derive::{self, Base, Derivation, Fit, rank};
use crate::secure::protection::Rc4;

/// Lengths of keys that ciphers ask.
pub(crate) const LENGTHS: [usize; 4] = [8, 16, 24, 32];
/// Bytes of keystream kept per key of a stream cipher.
pub(crate) const HEAD: usize = 32;
/// Candidates that are kept; the rest is told by [`Keys::left_out`].
const MOST: usize = 32_768;

/// One key.
#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    length: u16,
    rank: u8,
    candidate: u32,
    derivation: Derivation,
}

/// Keys set up for ciphers in which that takes long: once for all values, when the first one needs them. Each
/// goes with the key of the same number.
#[derive(Default)]
pub(crate) struct Schedules {
    pub(crate) aes_128: OnceLock<Vec<aes::Aes128>>,
    pub(crate) aes_192: OnceLock<Vec<aes::Aes192>>,
    pub(crate) aes_256: OnceLock<Vec<aes::Aes256>>,
    pub(crate) des: OnceLock<Vec<des::Des>>,
    pub(crate) triple_des: OnceLock<Vec<Ede>>,
    pub(crate) sm4: OnceLock<Vec<sm4::Sm4>>,
    pub(crate) blowfish: OnceLock<Vec<blowfish::Blowfish>>,
}

/// Keys by their bytes.
struct Sorted {
    /// Their numbers.
    numbers: Vec<u32>,
    /// One bit for each pair of bytes with which one begins.
    begins: Vec<u64>,
}

/// Keys of one length, or of any, the commonest forms first.
#[derive(Default)]
struct Group {
    entries: Vec<Entry>,
    /// Number of entries up to each rank.
    ends: [usize; rank::COUNT],
    arena: Vec<u8>,
    /// First bytes of the keystream of RC4, one per entry.
    rc4: OnceLock<Vec<[u8; HEAD]>>,
    /// The candidates that are keys as they are, by their bytes.
    sorted: OnceLock<Sorted>,
    schedules: Schedules,
}

/// A key and where it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'k> {
    /// The key.
    pub(crate) bytes: &'k [u8],
    /// Number of the candidate.
    pub(crate) candidate: u32,
    /// How it was made.
    pub(crate) derivation: Derivation,
}

/// Prepared candidates: built once, used for many values.
///
/// A candidate is a label (where it was found, for people) and bytes. Candidates of less than 2 or more than
/// 256 bytes are no keys and are left out.
pub struct Keys {
    labels: Vec<Box<str>>,
    raw: Vec<Box<[u8]>>,
    sized: [Group; LENGTHS.len()],
    any: Group,
    left_out: usize,
}

impl Default for Keys {
    fn default() -> Self {
        Keys::new([])
    }
}

impl Keys {
    /// Prepare candidates; the first of several equal keys gives the label.
    pub fn new<'a>(candidates: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut keys = Keys {
            labels: Vec::new(),
            raw: Vec::new(),
            sized: Default::default(),
            any: Group::default(),
            left_out: 0,
        };
        let mut seen: HashSet<Box<[u8]>, foldhash::fast::RandomState> = HashSet::default();
        for (label, bytes) in candidates {
            if bytes.len() < derive::SHORTEST
                || bytes.len() > derive::LONGEST
                || seen.contains(bytes)
            {
                continue;
            }
            if keys.raw.len() >= MOST {
                keys.left_out = keys.left_out.saturating_add(1);
                continue;
            }
            seen.insert(bytes.into());
            keys.labels.push(label.into());
            keys.raw.push(bytes.into());
        }
        for (candidate, bytes) in (0u32..).zip(&keys.raw) {
            derive::forms(bytes, |base, rank, form| {
                if rank <= rank::COMMON {
                    keys.any.push(candidate, form, rank, base, Fit::Exact);
                }
                for (group, asked) in keys.sized.iter_mut().zip(LENGTHS) {
                    derive::fit((base, rank, form), asked, |fit, rank, key| {
                        group.push(candidate, key, rank, base, fit);
                    });
                }
            });
        }
        keys.any.finish();
        for group in &mut keys.sized {
            group.finish();
        }
        keys
    }

    /// Number of different candidates.
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// True without candidates.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Candidates beyond the first 32,768, which are not tried.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Number of keys of all forms and lengths.
    pub fn keys(&self) -> usize {
        self.sized
            .iter()
            .map(|group| group.entries.len())
            .sum::<usize>()
            .saturating_add(self.any.entries.len())
    }

    /// Where a candidate was found.
    pub(crate) fn label(&self, candidate: u32) -> &str {
        self.labels
            .get(candidate as usize)
            .map_or("", |label| label)
    }

    /// The candidates as they are.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = Key<'_>> {
        (0u32..).zip(&self.raw).map(|(candidate, bytes)| Key {
            bytes,
            candidate,
            derivation: Derivation {
                base: Base::Raw,
                fit: Fit::Exact,
            },
        })
    }

    fn group(&self, length: usize) -> Option<&Group> {
        let at = LENGTHS.iter().position(|&known| known == length)?;
        self.sized.get(at)
    }

    /// Keys of 8, 16, 24 or 32 bytes up to a rank, the commonest first.
    pub(crate) fn of_length(&self, length: usize, most: u8) -> impl Iterator<Item = Key<'_>> {
        let entries = self
            .group(length)
            .and_then(|group| group.entries.get(..group.end(most)))
            .unwrap_or_default();
        let arena = self.group(length).map_or(&[][..], |group| &group.arena);
        entries.iter().map(move |entry| key(arena, entry))
    }

    /// So many keys of a length up to a rank, set up; none for ciphers in which that is quick.
    pub(crate) fn set_up<const B: usize, C: BlockCipher<B>>(
        &self,
        length: usize,
        most: u8,
        count: usize,
    ) -> &[C] {
        let Some(group) = self.group(length) else {
            return &[];
        };
        let Some(kept) = C::kept(&group.schedules) else {
            return &[];
        };
        kept.get_or_init(|| {
            group
                .up_to(most)
                .take(count)
                .map_while(|key| C::new(key.bytes))
                .collect()
        })
    }

    /// The bytes of so many keys of a length from one on; `None` when there are less.
    pub(crate) fn run(&self, length: usize, from: usize, count: usize) -> Option<&[u8]> {
        // All of one length: they lie behind each other.
        let start = from.checked_mul(length)?;
        let end = start.checked_add(count.checked_mul(length)?)?;
        self.group(length)?.arena.get(start..end)
    }

    /// Keys of a length that are candidates as they are and begin with these bytes.
    pub(crate) fn beginning_with(
        &self,
        length: usize,
        start: &[u8],
    ) -> impl Iterator<Item = Key<'_>> + use<'_> {
        self.group(length)
            .map(|group| group.beginning_with(start))
            .into_iter()
            .flatten()
    }

    /// How many [`Keys::of_length`] gives.
    pub(crate) fn count(&self, length: usize, most: u8) -> usize {
        self.group(length).map_or(0, |group| group.end(most))
    }

    /// Keys of any length that are common forms, for ciphers that take any.
    pub(crate) fn of_any_length(&self) -> impl Iterator<Item = Key<'_>> {
        self.any.up_to(rank::COMMON)
    }

    /// The same with the first bytes of their RC4 keystream, which are made once.
    pub(crate) fn with_rc4(&self) -> impl Iterator<Item = (Key<'_>, &[u8; HEAD])> {
        let heads = self.any.rc4.get_or_init(|| {
            self.of_any_length()
                .map(|key| {
                    let mut head = [0u8; HEAD];
                    if let Some(mut stream) = Rc4::new(key.bytes) {
                        stream.apply(&mut head);
                    }
                    head
                })
                .collect()
        });
        self.of_any_length().zip(heads)
    }
}

impl Group {
    fn push(&mut self, candidate: u32, key: &[u8], rank: u8, base: Base, fit: Fit) {
        let (Ok(start), Ok(length)) = (u32::try_from(self.arena.len()), u16::try_from(key.len()))
        else {
            return;
        };
        if length == 0 {
            return;
        }
        self.arena.extend_from_slice(key);
        self.entries.push(Entry {
            start,
            length,
            rank,
            candidate,
            derivation: Derivation { base, fit },
        });
    }

    /// Sort by rank, drop what was there already, and put the bytes in order.
    fn finish(&mut self) {
        self.entries.sort_by_key(|entry| entry.rank);
        let arena = std::mem::take(&mut self.arena);
        let mut packed = Vec::with_capacity(arena.len());
        let mut seen: HashSet<&[u8], foldhash::fast::RandomState> =
            HashSet::with_capacity_and_hasher(self.entries.len(), Default::default());
        self.entries.retain_mut(|entry| {
            let Some(bytes) = slice(&arena, entry) else {
                return false;
            };
            let new = seen.insert(bytes);
            if new {
                entry.start = u32::try_from(packed.len()).unwrap_or(u32::MAX);
                packed.extend_from_slice(bytes);
            }
            new
        });
        self.arena = packed;
        self.entries.shrink_to_fit();
        self.ends = std::array::from_fn(|most| {
            self.entries
                .partition_point(|entry| usize::from(entry.rank) <= most)
        });
    }

    fn end(&self, most: u8) -> usize {
        self.ends
            .get(usize::from(most))
            .copied()
            .unwrap_or(self.entries.len())
    }

    fn up_to(&self, most: u8) -> impl Iterator<Item = Key<'_>> {
        self.entries
            .iter()
            .take(self.end(most))
            .map(|entry| key(&self.arena, entry))
    }

    fn beginning_with(&self, start: &[u8]) -> impl Iterator<Item = Key<'_>> + use<'_> {
        let bytes = |number: &u32| {
            let entry = self.entries.get(*number as usize);
            entry
                .and_then(|entry| slice(&self.arena, entry))
                .unwrap_or_default()
        };
        let sorted = self.sorted.get_or_init(|| {
            let end = u32::try_from(self.end(rank::KEY)).unwrap_or(u32::MAX);
            let mut numbers: Vec<u32> = (0..end).collect();
            numbers.sort_by(|one, other| bytes(one).cmp(bytes(other)));
            let mut begins = vec![0u64; PAIRS / 64];
            for number in &numbers {
                if let Some((word, bit)) = pair(bytes(number))
                    && let Some(word) = begins.get_mut(word)
                {
                    *word |= bit;
                }
            }
            Sorted { numbers, begins }
        });
        // Nearly always no key begins so.
        let none = pair(start).is_some_and(|(word, bit)| {
            sorted
                .begins
                .get(word)
                .is_none_or(|begins| begins & bit == 0)
        });
        let from = if none {
            sorted.numbers.len()
        } else {
            sorted
                .numbers
                .partition_point(|number| bytes(number) < start)
        };
        let start = start.to_vec();
        sorted
            .numbers
            .get(from..)
            .unwrap_or_default()
            .iter()
            .filter_map(move |number| self.entries.get(*number as usize))
            .map(|entry| key(&self.arena, entry))
            .take_while(move |key| key.bytes.starts_with(&start))
    }
}

/// Pairs of bytes.
const PAIRS: usize = 1 << 16;

/// The place of the first two bytes in a table of [`PAIRS`] bits.
fn pair(bytes: &[u8]) -> Option<(usize, u64)> {
    let [a, b] = *bytes.first_chunk()?;
    let number = usize::from(u16::from_be_bytes([a, b]));
    Some((number / 64, 1 << (number % 64)))
}

fn key<'a>(arena: &'a [u8], entry: &Entry) -> Key<'a> {
    Key {
        bytes: slice(arena, entry).unwrap_or_default(),
        candidate: entry.candidate,
        derivation: entry.derivation,
    }
}

fn slice<'a>(arena: &'a [u8], entry: &Entry) -> Option<&'a [u8]> {
    let start = entry.start as usize;
    arena.get(start..start.checked_add(usize::from(entry.length))?)
}
