//! What a text costs word by word.
//!
//! The model of n-grams is sure of itself where it should not be: a word that it has never seen is dear at every sign,
//! and that one seen word less is a reason to prefer another reading is counted five times. Here a word is one of three:
//! a word of the lexicon, what the n-grams make of it, or a word that nobody knows, whose letters are any. Words and
//! signs that come again, in the same text or another, count once.

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use std::hash::BuildHasher;

use super::super::language::{Before, Known, known_name, known_value, model, part, word};
use super::context::Context;
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
/// A known name or value, and a short one: tenths of a bit, and for each character.
const KNOWN: i64 = 120;
const SHORT: i64 = 45;
const SHORT_LETTER: i64 = 22;
/// The same in another style.
const STYLE: i64 = 50;
/// No longer name or value is looked up.
const LONGEST_WHOLE: usize = 48;
/// Stands for what is known as a whole among what was seen.
const WHOLE: usize = usize::MAX;
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
    pub(super) fn price(&mut self, texts: &[Vec<u8>], context: &Context) -> i64 {
        self.seen.clear();
        texts.iter().map(|text| self.text(text, context)).sum()
    }

    fn text(&mut self, text: &[u8], context: &Context) -> i64 {
        let mut sum = -shapes::worth(text, context);
        let form = !matches!(text.first(), Some(b'{' | b'['));
        let mut at = 0;
        while at < text.len() {
            if let Some((end, cost)) = whole(text, at, form, context) {
                let piece = text.get(at..end).unwrap_or_default();
                let parts = self.parts(text, at..end);
                if self.seen.insert(self.hasher.hash_one((WHOLE, piece))) {
                    sum += parts.min(cost);
                }
                at = end;
            } else {
                let end = at + Self::next(text, at);
                sum += self.parts(text, at..end);
                at = end;
            }
        }
        sum
    }

    /// Bytes of the word or sign at a place.
    fn next(text: &[u8], at: usize) -> usize {
        part(text.get(at..).unwrap_or_default()).max(1)
    }

    /// What words and signs one after the other cost that were not seen yet.
    fn parts(&mut self, text: &[u8], range: std::ops::Range<usize>) -> i64 {
        let model = model();
        let mut sum = 0;
        let mut at = range.start;
        while at < range.end
            && let Some(rest) = text.get(at..range.end)
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
                    let small = first.is_ascii_lowercase();
                    let begins = match (within, capital) {
                        // `geoLOn`: nobody goes on in small letters behind capitals.
                        (true, _) if small => MIXED,
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

/// The end of what is known as a whole at a place, a name of a field, a value or a word of the context, and what it
/// costs.
fn whole(text: &[u8], at: usize, form: bool, context: &Context) -> Option<(usize, i64)> {
    if let Some(length) = context.word_at(text, at) {
        return Some((at + length, context.cost()));
    }
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    let (begins, ends): (bool, &[u8]) = if form {
        (matches!(before, None | Some(b'&' | b'=')), b"&=")
    } else {
        (before == Some(&b'"'), b"\"")
    };
    if !begins {
        return None;
    }
    let rest = text.get(at..)?.get(..LONGEST_WHOLE.min(text.len() - at))?;
    let length = rest.iter().position(|byte| ends.contains(byte));
    let run = match length {
        Some(length) => rest.get(..length)?,
        None if form && at + rest.len() == text.len() => rest,
        None => return None,
    };
    let name = match form {
        true => before != Some(&b'='),
        false => text.get(at + run.len() + 1) == Some(&b':'),
    };
    let known = match run.len() {
        0 => None,
        _ if name => known_name(run),
        1 => None,
        _ => known_value(run),
    }?;
    // Of short ones there are fewer.
    let cost = KNOWN.min(SHORT + SHORT_LETTER * run.len() as i64);
    let style = match known {
        Known::Exactly => 0,
        Known::InStyle => STYLE,
    };
    Some((at + run.len(), cost + style))
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
    use super::super::super::Cribs;
    use super::*;

    #[test]
    fn words_are_cheaper_than_what_is_near() {
        let context = Context::of(&Cribs::new());
        let price = |text: &str| Pricer::new().price(&[text.as_bytes().to_vec()], &context);
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
        assert_eq!(
            Pricer::new().price(&twice, &context),
            Pricer::new().price(&[text], &context)
        );
    }
}
