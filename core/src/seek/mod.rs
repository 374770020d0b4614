//! Seek: known values in a leaf, in every form they are written in.
//!
//! Text forms (as is, other case, other separators, parts of a URL, words joined otherwise) are found
//! wherever they stand, short ones only where they stand alone; base64 of the value inside longer base64
//! at each of its three alignments; digests of every text form in hex, base64 or as bytes.

mod digests;
mod edges;
mod kind;
pub mod links;
mod location;
mod pattern;
pub mod shapes;
mod variants;
mod windows;

use hashbrown::HashMap;

use crate::model::LimitHit;
use digests::{ALGORITHMS, Digests, WRITINGS};
use kind::Kind;
use location::Place;
use pattern::{Names, Pattern, digest_name, in_base64, text_patterns};
use windows::Windows;

/// Longest known value that is looked for; anything longer is content, not an identifier or an address.
pub const MAX_KNOWN_BYTES: usize = 8 << 10;

/// Bytes that may be compared for one leaf, beside [`COMPARED_PER_BYTE`] for each of its bytes. Only text
/// made to look like a known value at every place comes near it.
const COMPARED_AT_LEAST: usize = 32 << 20;
const COMPARED_PER_BYTE: usize = 64;

/// Hits of one leaf; real ones have a handful.
pub const MAX_HITS: usize = 10_000;

/// A value that is known to be personal or to single out a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The caller's number for it; comes back in [`Hit::known`].
    pub id: i64,
    /// What it is, such as `imei` or `browsing-history/url`: tells notations apart that look alike.
    pub datum: String,
    /// The value as it was learnt.
    pub value: Vec<u8>,
}

/// A known value seen in a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// [`Known::id`].
    pub known: i64,
    /// Index for [`Seeker::form_name`].
    pub form: u32,
    /// Byte offset in the leaf.
    pub offset: usize,
    /// Bytes of the leaf.
    pub length: usize,
}

/// A hit before those within others are dropped.
struct Candidate {
    known: u32,
    form: u32,
    offset: usize,
    end: usize,
    rank: u32,
}

/// Rank of what is not text: after all text forms.
const RANK_INDIRECT: u32 = u32::MAX;

/// Looks for all forms of all known values at once.
pub struct Seeker {
    ids: Vec<i64>,
    forms: Vec<String>,
    patterns: Vec<Pattern>,
    long: Windows<8, 4>,
    medium: Windows<5, 4>,
    short: Windows<4, 1>,
    /// Folded text → patterns that must be the whole leaf.
    whole: HashMap<Vec<u8>, Vec<u32>, foldhash::fast::RandomState>,
    digests: Digests,
    places: Vec<Place>,
}

impl Seeker {
    /// Prepare for these values. Empty values and values above [`MAX_KNOWN_BYTES`] are not looked for.
    pub fn new(known: &[Known]) -> Self {
        let mut names = Names::default();
        let mut patterns = Vec::new();
        let mut digests = Digests::default();
        let mut places = Vec::new();
        for (number, value) in (0..).zip(known) {
            if value.value.len() > MAX_KNOWN_BYTES {
                continue;
            }
            let variants = variants::variants(value);
            for variant in &variants {
                let text = names.intern(variant.notation, variant.case);
                for ((_, digest), form) in ALGORITHMS.iter().zip(names.digests_of(text)) {
                    digests.add(digest(&variant.bytes), number, form);
                }
            }
            text_patterns(&variants, number, &mut names, &mut patterns);
            for (alignment, text) in in_base64(&value.value) {
                let form = names.intern(alignment, "");
                patterns.push(Pattern {
                    folded: text.to_ascii_lowercase(),
                    known: number,
                    edges: edges::Edges::default(),
                    rank: RANK_INDIRECT,
                    cases: vec![(text, form)],
                    other: None,
                });
            }
            if Kind::of(&value.datum, &value.value) == Kind::Location {
                places.extend(Place::new(
                    &value.value,
                    number,
                    names.intern(location::FORM, ""),
                ));
            }
        }
        let numbered = || {
            (0..)
                .zip(patterns.iter())
                .map(|(n, p): (u32, &Pattern)| (n, p.folded.as_slice()))
        };
        const LONG: usize = Windows::<8, 4>::SHORTEST;
        const MEDIUM: usize = Windows::<5, 4>::SHORTEST;
        const SHORT: usize = Windows::<4, 1>::SHORTEST;
        let long = Windows::new(numbered().filter(|(_, p)| p.len() >= LONG));
        let medium = Windows::new(numbered().filter(|(_, p)| (MEDIUM..LONG).contains(&p.len())));
        let short = Windows::new(numbered().filter(|(_, p)| (SHORT..MEDIUM).contains(&p.len())));
        let mut whole: HashMap<Vec<u8>, Vec<u32>, _> = HashMap::default();
        for (number, text) in numbered().filter(|(_, p)| p.len() < SHORT) {
            whole.entry(text.to_vec()).or_default().push(number);
        }
        Seeker {
            ids: known.iter().map(|k| k.id).collect(),
            forms: names.names,
            patterns,
            long,
            medium,
            short,
            whole,
            digests,
            places,
        }
    }

    /// The name of a form, such as `lower case` or `sha256(plain) base64`.
    pub fn form_name(&self, form: u32) -> &str {
        self.forms.get(form as usize).map_or("", String::as_str)
    }

    /// Find all known values in `value` and add them to `hits`: per known value by offset, and where forms
    /// lie within each other only the longest, most direct one.
    ///
    /// Returns the limit that was met, if one was (its place is the caller's to fill in); hits found until
    /// then stand.
    pub fn seek(&self, value: &[u8], hits: &mut Vec<Hit>) -> Option<LimitHit> {
        let mut found: Vec<Candidate> = Vec::new();
        let most = value
            .len()
            .saturating_mul(COMPARED_PER_BYTE)
            .saturating_add(COMPARED_AT_LEAST);
        let mut compared = 0usize;
        let mut look = |number: u32, start: usize| {
            if compared <= most
                && found.len() < MAX_HITS
                && let Some(pattern) = self.patterns.get(number as usize)
            {
                compared = compared.saturating_add(pattern.folded.len());
                found.extend(pattern.at(value, start));
            }
        };
        self.long.scan(value, &mut look);
        self.medium.scan(value, &mut look);
        self.short.scan(value, &mut look);
        if value.len() < Windows::<4, 1>::SHORTEST && !self.whole.is_empty() {
            let numbers = self.whole.get(&value.to_ascii_lowercase());
            numbers.into_iter().flatten().for_each(|n| look(*n, 0));
        }
        let mut add = |known, form, offset, end| {
            if found.len() < MAX_HITS {
                found.push(Candidate {
                    known,
                    form,
                    offset,
                    end,
                    rank: RANK_INDIRECT,
                });
            }
        };
        self.digests.seek(value, |f| {
            add(f.known, f.form, f.offset, f.offset + f.length)
        });
        if !self.places.is_empty() {
            location::near(&self.places, value, add);
        }
        let limit = |what, limit| {
            Some(LimitHit {
                what,
                limit,
                place: String::new(),
            })
        };
        let limit = match found.len() {
            MAX_HITS => limit("hits", MAX_HITS as u64),
            _ if compared > most => limit("compared bytes", most as u64),
            _ => None,
        };
        if !found.is_empty() {
            self.keep_most_direct(found, hits);
        }
        limit
    }

    fn keep_most_direct(&self, mut found: Vec<Candidate>, hits: &mut Vec<Hit>) {
        found.sort_unstable_by_key(|c| {
            (c.known, c.offset, std::cmp::Reverse(c.end), c.rank, c.form)
        });
        let mut last: Option<(u32, usize)> = None;
        for candidate in found {
            // Sorted so: whatever ends no later than one before it lies within that one.
            if last.is_some_and(|(known, end)| known == candidate.known && candidate.end <= end) {
                continue;
            }
            last = Some((candidate.known, candidate.end));
            hits.push(Hit {
                known: self
                    .ids
                    .get(candidate.known as usize)
                    .copied()
                    .unwrap_or_default(),
                form: candidate.form,
                offset: candidate.offset,
                length: candidate.end - candidate.offset,
            });
        }
    }
}

/// Every form of a known value with its name, as bytes that [`Seeker::seek`] would find: for tests and
/// documentation.
pub fn forms(known: &Known) -> Vec<(String, Vec<u8>)> {
    let variants = variants::variants(known);
    let mut out: Vec<_> = variants
        .iter()
        .map(|v| (v.name(), v.bytes.clone()))
        .collect();
    let in_base64 = in_base64(&known.value).into_iter();
    out.extend(in_base64.map(|(name, text)| (name.to_owned(), text)));
    for variant in &variants {
        for (algorithm, digest) in ALGORITHMS {
            let (digest, length) = digest(&variant.bytes);
            let digest = &digest[..length];
            let [hex, base64, raw] =
                WRITINGS.map(|writing| digest_name(algorithm, &variant.name(), writing));
            out.push((
                hex.clone(),
                data_encoding::HEXLOWER.encode(digest).into_bytes(),
            ));
            out.push((hex, data_encoding::HEXUPPER.encode(digest).into_bytes()));
            for encoding in [
                data_encoding::BASE64,
                data_encoding::BASE64_NOPAD,
                data_encoding::BASE64URL_NOPAD,
            ] {
                out.push((base64.clone(), encoding.encode(digest).into_bytes()));
            }
            out.push((raw, digest.to_vec()));
        }
    }
    out
}

#[cfg(test)]
mod tests;
