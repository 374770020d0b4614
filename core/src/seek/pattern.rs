//! What is compared: one pattern for all cases of a text, and the names of the forms it stands for.

use hashbrown::HashMap;

use super::Candidate;
use super::digests::WRITINGS;
use super::edges::Edges;
use super::variants::{self, Variant};

/// Shortest value of which base64 inside longer base64 is recognised: shorter ones leave too few whole
/// characters to be told from chance.
const SHORTEST_IN_BASE64: usize = 8;

/// One text that is looked for, with ASCII case folded.
pub(super) struct Pattern {
    pub folded: Vec<u8>,
    pub known: u32,
    pub edges: Edges,
    /// Directness: the lower, the more direct.
    pub rank: u32,
    /// The cases that have names of their own.
    pub cases: Vec<(Vec<u8>, u32)>,
    /// The form of any other case; `None` if case matters (base64).
    pub other: Option<u32>,
}

/// Names of forms, each once.
#[derive(Default)]
pub(super) struct Names {
    pub names: Vec<String>,
    pub index: HashMap<String, u32, foldhash::fast::RandomState>,
}

impl Names {
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(known) = self.index.get(name) {
            return *known;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.index.insert(name.to_owned(), number);
        number
    }

    /// The names of one digest in all writings; the first one's number.
    pub fn intern_digest(&mut self, algorithm: &str, variant: &str) -> u32 {
        let numbers =
            WRITINGS.map(|writing| self.intern(&format!("{algorithm}({variant}) {writing}")));
        let [first, ..] = numbers;
        first
    }
}

impl Pattern {
    /// Is it here?
    pub fn at(&self, value: &[u8], start: usize) -> Option<Candidate> {
        let end = start.checked_add(self.folded.len())?;
        let text = value.get(start..end)?;
        if !text.eq_ignore_ascii_case(&self.folded) {
            return None;
        }
        let named = self
            .cases
            .iter()
            .find(|(case, _)| case == text)
            .map(|(_, form)| *form);
        let form = named.or(self.other)?;
        self.edges.allow(value, start, end).then_some(Candidate {
            known: self.known,
            form,
            offset: start,
            end,
            rank: self.rank,
        })
    }
}

/// One pattern for all cases of a text.
pub(super) fn text_patterns(
    variants: &[Variant],
    known: u32,
    names: &mut Names,
    patterns: &mut Vec<Pattern>,
) {
    let first = patterns.len();
    for (rank, variant) in (0..).zip(variants) {
        let form = names.intern(&variant.name);
        let case = (variant.bytes.clone(), form);
        let folded = variant.bytes.to_ascii_lowercase();
        let own = patterns.get_mut(first..).unwrap_or_default();
        match own.iter_mut().find(|p| p.folded == folded) {
            Some(pattern) => pattern.cases.push(case),
            None => {
                let other = names.intern(&variants::name(variant.notation, "other case"));
                let edges = variant.edges;
                patterns.push(Pattern {
                    folded,
                    known,
                    edges,
                    rank,
                    cases: vec![case],
                    other: Some(other),
                });
            }
        }
    }
}

/// Base64 of a value as it shows inside longer base64 (RFC 4648, both alphabets), for each number of bytes
/// before it modulo 3; characters that also hold bits of neighbours are left out.
pub(super) fn in_base64(value: &[u8]) -> Vec<(String, Vec<u8>)> {
    if value.len() < SHORTEST_IN_BASE64 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for alignment in 0..3usize {
        let padded = [&[0; 3][..alignment], value].concat();
        let whole = padded.len() * 8 / 6;
        let shared = (alignment * 8).div_ceil(6);
        let mut last = Vec::new();
        for encoding in [
            &data_encoding::BASE64_NOPAD,
            &data_encoding::BASE64URL_NOPAD,
        ] {
            let text = encoding.encode(&padded).into_bytes();
            let text = text.get(shared..whole).unwrap_or_default().to_vec();
            if text != last {
                out.push((format!("base64 (alignment {alignment})"), text.clone()));
                last = text;
            }
        }
    }
    out
}
