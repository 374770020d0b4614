//! Candidates that are alphabets: 64 different characters in the order of their values, as base64 with an
//! alphabet of its own ships them in an app.

use super::CUSTOM_BASE64;
use crate::crack::{ACCEPT, hypotheses};
use crate::solve;

/// Tenths of a bit by which such an encoding is rarer than base64.
const PRIOR: i64 = 60;
/// Alphabets that are tried on a value.
const MOST: usize = 10_000;
/// Characters of a text below which nothing is proven.
const SHORTEST: usize = 24;
/// Characters that are decoded first: most wrong alphabets show in them.
const BEGINNING: usize = 64;

/// Alphabets among the candidates.
#[derive(Default)]
pub(super) struct Alphabets {
    /// Label and selector of each, and which characters it has.
    list: Vec<(String, String, u128)>,
}

/// A text that one of them decodes.
pub(super) struct Decoded {
    /// Place in the candidates' own labels.
    pub(super) label: String,
    /// What the solver's `follow` takes, without the name of the layer.
    pub(super) selector: String,
    pub(super) plain: Vec<u8>,
    /// Evidence with the hypotheses paid for, and how many there were.
    pub(super) evidence: i64,
    pub(super) tried: u64,
}

/// One bit for each ASCII character; `None` when another one is in it.
fn characters(text: &[u8]) -> Option<u128> {
    text.iter().try_fold(0u128, |set, &byte| {
        byte.is_ascii_graphic().then_some(set | 1 << (byte & 127))
    })
}

impl Alphabets {
    /// Those among the candidates: 64 different printable characters, and perhaps one more for padding.
    pub(super) fn of(candidates: &[(String, Vec<u8>)]) -> Self {
        let list = candidates
            .iter()
            .filter_map(|(label, bytes)| {
                let set = characters(bytes)?;
                let text = std::str::from_utf8(bytes).ok()?;
                let selector = match (bytes.len(), set.count_ones()) {
                    (64, 64) => text.to_owned(),
                    (65, 65) => format!("{},pad={}", text.get(..64)?, text.get(64..)?),
                    _ => return None,
                };
                Some((label.clone(), selector, set))
            })
            .take(MOST)
            .collect();
        Alphabets { list }
    }

    /// Decode a text with the alphabet that explains it.
    pub(super) fn decode(
        &self,
        text: &[u8],
        judge: &mut dyn FnMut(&[u8]) -> Option<i64>,
    ) -> Option<Decoded> {
        if self.list.is_empty() || text.len() < SHORTEST {
            return None;
        }
        let set = characters(text)?;
        let equal = 1u128 << b'=';
        let mut tried = 0u64;
        for (label, selector, known) in &self.list {
            if set & !(known | equal) != 0 {
                continue;
            }
            tried += 1;
            let follow = |bytes: &[u8]| {
                solve::alphabet::follow(&format!("{CUSTOM_BASE64}:{selector}"), bytes)
            };
            let start = text.get(..BEGINNING.min(text.len() / 4 * 4))?;
            if start.len() < text.len() && follow(start).is_some_and(|bytes| !could_begin(&bytes)) {
                continue;
            }
            let Some(plain) = follow(text) else {
                continue;
            };
            let paid = PRIOR + hypotheses(tried);
            if let Some(evidence) = judge(&plain).map(|evidence| evidence - paid)
                && evidence >= ACCEPT
            {
                return Some(Decoded {
                    label: label.clone(),
                    selector: selector.clone(),
                    plain,
                    evidence,
                    tried,
                });
            }
        }
        None
    }
}

/// Text, or the signature of a compressor.
fn could_begin(bytes: &[u8]) -> bool {
    let readable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    bytes.iter().all(readable)
        || bytes.starts_with(b"\x1f\x8b\x08")
        || bytes.starts_with(b"\x28\xb5\x2f\xfd")
        || (bytes.first() == Some(&0x78) && matches!(bytes.get(1), Some(0x01 | 0x5e | 0x9c | 0xda)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peel::Judge;

    const ALPHABET: &[u8] = b"7XPOkEKL5u01egJdi98AGU+Drny/VfcQHaZoR2bSMxT3WhCm4jsp6lNBqtwvIYzF";

    fn encode(bytes: &[u8]) -> Vec<u8> {
        const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        data_encoding::BASE64
            .encode(bytes)
            .bytes()
            .map(|digit| {
                STANDARD
                    .iter()
                    .position(|known| *known == digit)
                    .map_or(digit, |value| ALPHABET[value])
            })
            .collect()
    }

    #[test]
    fn an_alphabet_among_the_candidates_decodes() {
        let candidates = vec![
            ("other".to_owned(), b"a constant".to_vec()),
            ("alphabet".to_owned(), ALPHABET.to_vec()),
        ];
        let alphabets = Alphabets::of(&candidates);
        let mut judge = Judge::new(crate::model::Limits::default());
        let body = br#"{"imei":"869836900602677","event":"page","time":1588300000}"#;
        let found = alphabets
            .decode(&encode(body), &mut |plain| judge.evidence(plain))
            .unwrap();
        assert_eq!(found.plain, body);
        assert_eq!(found.label, "alphabet");
        assert!(
            alphabets
                .decode(b"QmVzdCByZWdhcmRzIGZyb20gYWxsIG9mIHVz", &mut |plain| judge
                    .evidence(plain))
                .is_none()
        );
    }

    #[test]
    fn only_alphabets_are_taken() {
        let not = |bytes: &[u8]| {
            Alphabets::of(&[("x".to_owned(), bytes.to_vec())])
                .list
                .is_empty()
        };
        assert!(not(b"short"));
        assert!(not(&[b'a'; 64]));
        assert!(!not(ALPHABET));
        assert!(!not(&[ALPHABET, b"-"].concat()));
        assert!(not(&[ALPHABET, b"7"].concat()));
    }
}
