//! What a text costs word by word.
//!
//! The model of n-grams is sure of itself where it should not be: a word that it has never seen is dear at every sign,
//! and that one seen word less is a reason to prefer another reading is counted five times. Here a word is one of three:
//! a word of the lexicon, what the n-grams make of it, or a word that nobody knows, whose letters are any. Words and
//! signs that come again, in the same text or another, count once.

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use std::hash::BuildHasher;

use super::super::language::{Before, model, word};
use super::shapes;

/// What it costs that a word is not of the lexicon, and that it is a new one; tenths of a bit.
const NOT_LISTED: i64 = 20;
const NEW: i64 = 50;
/// A letter of a new word.
const LETTER: i64 = 43;
/// A capital within a word, as in `deviceModel`, and what begins behind another sign.
const INSIDE: i64 = 20;
const BEGINS: i64 = 5;
/// A capital after `_`: two styles in one name.
const MIXED: i64 = 50;
/// Longer words are not looked up.
const LONGEST: usize = 20;

/// Costs of texts; keeps its memory between them.
pub(super) struct Pricer {
    seen: HashSet<u64, FixedState>,
    hasher: FixedState,
}

impl Pricer {
    /// One that has seen nothing.
    pub(super) fn new() -> Self {
        Pricer {
            seen: HashSet::with_hasher(FixedState::default()),
            hasher: FixedState::default(),
        }
    }

    /// Cost of texts, in tenths of a bit.
    pub(super) fn price(&mut self, texts: &[Vec<u8>]) -> i64 {
        self.seen.clear();
        texts.iter().map(|text| self.text(text)).sum()
    }

    fn text(&mut self, text: &[u8]) -> i64 {
        let model = model();
        let mut sum = -shapes::worth(text);
        let mut at = 0;
        while let Some(rest) = text.get(at..)
            && let Some(&first) = rest.first()
        {
            let letters = part(rest);
            let from = if letters == 0 {
                at.saturating_sub(3)
            } else {
                at
            };
            let end = at + letters.max(1);
            let piece = text.get(from..end).unwrap_or_default();
            if self.seen.insert(self.hasher.hash_one((letters, piece))) {
                let mut before = Before::of(text.get(..at).unwrap_or_default());
                sum += if letters == 0 {
                    i64::from(model.cautious(before, first))
                } else {
                    let mut grams = NOT_LISTED;
                    for &byte in piece {
                        grams += i64::from(model.cost(before, byte));
                        before = before.then(byte);
                    }
                    let last = at.checked_sub(1).and_then(|at| text.get(at));
                    let within = last.is_some_and(u8::is_ascii_alphabetic);
                    let capital = first.is_ascii_uppercase() && last == Some(&b'_') && letters > 1;
                    let begins = match (within, capital) {
                        (true, _) => INSIDE,
                        (_, true) => MIXED,
                        _ => BEGINS,
                    };
                    let new = NEW + begins + LETTER * letters as i64;
                    let listed = listed(piece).map_or(i64::MAX, |cost| cost + begins);
                    grams.min(new).min(listed)
                };
            }
            at = end;
        }
        sum
    }
}

/// Letters of the first part of a run of letters: `deviceModel` has two.
pub(super) fn part(text: &[u8]) -> usize {
    let capitals = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    if capitals > 1 {
        return capitals;
    }
    let small = text.iter().skip(capitals);
    capitals + small.take_while(|b| b.is_ascii_lowercase()).count()
}

fn listed(letters: &[u8]) -> Option<i64> {
    let mut lower = [0; LONGEST];
    for (to, from) in lower.iter_mut().zip(letters) {
        *to = from.to_ascii_lowercase();
    }
    word(lower.get(..letters.len())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cheaper_than_what_is_near() {
        let price = |text: &str| Pricer::new().price(&[text.as_bytes().to_vec()]);
        for (right, near) in [
            ("{\"deviceSource\":1}", "{\"devicegource\":1}"),
            ("{\"accountTier\":1}", "{\"account_ier\":1}"),
            ("{\"pending\":1}", "{\"penqing\":1}"),
        ] {
            assert!(price(right) + 60 < price(near), "{right} {near}");
        }
        // Twice the same is no more than once.
        let text = b"{\"device\":\"abc\"}".to_vec();
        let twice = [text.clone(), text.clone()];
        assert_eq!(Pricer::new().price(&twice), Pricer::new().price(&[text]));
    }
}
