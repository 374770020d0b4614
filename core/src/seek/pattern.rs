//! What is compared: one pattern for all cases of a text, and the names of the forms it stands for.

use hashbrown::HashMap;

use super::Candidate;
use super::digests::{ALGORITHMS, WRITINGS};
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
    /// By notation and case.
    texts: HashMap<(&'static str, &'static str), u32, foldhash::fast::RandomState>,
    /// By the number of the text that was hashed: of each of [`ALGORITHMS`] the first of its [`WRITINGS`].
    digests: HashMap<u32, [u32; ALGORITHMS.len()], foldhash::fast::RandomState>,
}

impl Names {
    /// The number of a way to write a value.
    pub fn intern(&mut self, notation: &'static str, case: &'static str) -> u32 {
        if let Some(known) = self.texts.get(&(notation, case)) {
            return *known;
        }
        let number = self.add(variants::name(notation, case));
        self.texts.insert((notation, case), number);
        number
    }

    /// The numbers of the digests of a text with this number.
    pub fn digests_of(&mut self, text: u32) -> [u32; ALGORITHMS.len()] {
        if let Some(known) = self.digests.get(&text) {
            return *known;
        }
        let variant = self.names.get(text as usize).cloned().unwrap_or_default();
        let numbers = ALGORITHMS.map(|(algorithm, _)| {
            let [first, ..] =
                WRITINGS.map(|writing| self.add(digest_name(algorithm, &variant, writing)));
            first
        });
        self.digests.insert(text, numbers);
        numbers
    }

    fn add(&mut self, name: String) -> u32 {
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name);
        number
    }
}

/// The name of a digest of a variant, such as `md5(upper case) hex`.
pub(super) fn digest_name(algorithm: &str, variant: &str, writing: &str) -> String {
    format!("{algorithm}({variant}) {writing}")
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
        let form = names.intern(variant.notation, variant.case);
        let case = (variant.bytes.clone(), form);
        let folded = variant.bytes.to_ascii_lowercase();
        let own = patterns.get_mut(first..).unwrap_or_default();
        match own.iter_mut().find(|p| p.folded == folded) {
            Some(pattern) => pattern.cases.push(case),
            None => {
                let other = names.intern(variant.notation, "other case");
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

/// Names of a value inside longer base64, by the number of bytes before it modulo 3.
const IN_BASE64: [&str; 3] = [
    "base64 (alignment 0)",
    "base64 (alignment 1)",
    "base64 (alignment 2)",
];

/// Base64 of a value as it shows inside longer base64 (RFC 4648, both alphabets), for each number of bytes
/// before it modulo 3; characters that also hold bits of neighbours are left out.
pub(super) fn in_base64(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    if value.len() < SHORTEST_IN_BASE64 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (alignment, name) in IN_BASE64.into_iter().enumerate() {
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
                out.push((name, text.clone()));
                last = text;
            }
        }
    }
    out
}
