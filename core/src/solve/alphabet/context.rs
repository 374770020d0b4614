//! What the place of a message makes likely to be inside: words that stand beside it, and the time it was sent.
//!
//! Neither is a proof. A word that fits is one of few instead of one of all; a time near that of the message is one of
//! few instead of one of ten billion. Both are paid for like words of the lexicon, so that a reading is never preferred
//! for what fits by chance.

use super::super::Cribs;
use super::super::language::PHRASES;

/// Ways to write a word.
const SPELLINGS: i64 = 30;
/// That something of the context stands at a place, in tenths of a bit; which one comes on top.
const LIKELY: i64 = 30;
/// A longer word is written in one way.
const LONGEST_STYLED: usize = 32;
/// Digits of a time that are compared: the last ones are the sender's own clock.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=7;
/// That a time is so near, in tenths of a bit.
const NEAR: i64 = 40;
/// What a digit costs that may be any, in tenths of a bit.
const DIGIT: i64 = 33;

/// Words and times of the context.
pub(super) struct Context {
    /// Longest first.
    words: Vec<Vec<u8>>,
    /// With which bytes a word begins.
    begins: [u8; 256],
    /// Seconds since 1970, as digits.
    times: Vec<Vec<u8>>,
    cost: i64,
}

impl Context {
    /// Of what is known.
    pub(super) fn of(cribs: &Cribs) -> Self {
        let mut words: Vec<Vec<u8>> = Vec::new();
        for word in cribs.words() {
            for style in styles(word) {
                words.push(in_form(&style));
                words.push(style);
            }
        }
        let mut times: Vec<Vec<u8>> = Vec::new();
        for &time in cribs.times() {
            words.push(day(time));
            times.push(time.to_string().into_bytes());
        }
        for phrase in PHRASES {
            words.push(phrase.as_bytes().to_vec());
            words.push(in_form(phrase.as_bytes()));
        }
        words.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        let given = cribs.words().count() + PHRASES.len() + times.len();
        let cost = LIKELY + SPELLINGS + (10.0 * (given as f64).log2()).ceil() as i64;
        let mut begins = [0; 256];
        for word in &words {
            if let Some(&first) = word.first() {
                begins[usize::from(first)] = 1;
            }
        }
        Context {
            words,
            begins,
            times,
            cost,
        }
    }

    /// What a word of the context costs, in tenths of a bit.
    pub(super) fn cost(&self) -> i64 {
        self.cost
    }

    /// Bytes of the longest word that stands alone at this place of a text.
    pub(super) fn word_at(&self, text: &[u8], at: usize) -> Option<usize> {
        let part = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        let begins = text.get(at).is_some_and(u8::is_ascii_alphanumeric);
        if begins && part(at.checked_sub(1)) {
            return None;
        }
        let rest = text.get(at..)?;
        let first = *rest.first()?;
        if self.begins[usize::from(first)] == 0 {
            return None;
        }
        let word = self.words.iter().find(|word| {
            let end = at + word.len();
            // A time of day may follow a date.
            let apart = || {
                !word.last().is_some_and(u8::is_ascii_alphanumeric)
                    || !part(Some(end))
                    || text.get(end) == Some(&b'T')
            };
            rest.starts_with(word) && apart()
        })?;
        Some(word.len())
    }

    /// Leading digits that a number of ten or thirteen has in common with a known time.
    pub(super) fn time(&self, number: &[u8]) -> Option<usize> {
        let common = |time: &Vec<u8>| time.iter().zip(number).take_while(|(a, b)| a == b).count();
        let most = self.times.iter().map(common).max()?;
        (matches!(number.len(), 10 | 13)
            && number.iter().all(u8::is_ascii_digit)
            && most >= *DIGITS.start())
        .then_some(most.min(*DIGITS.end()))
    }

    /// What so many common digits are worth, in tenths of a bit.
    pub(super) fn worth(&self, common: usize) -> i64 {
        let chosen = (10.0 * (self.times.len().max(1) as f64).log2()).ceil() as i64;
        DIGIT * common as i64 - NEAR - chosen
    }
}

/// A word as it may be written elsewhere: `nl-NL` is `nl_NL` and `nl_nl` too.
fn styles(word: &[u8]) -> Vec<Vec<u8>> {
    let signs = |to: u8| -> Vec<u8> {
        let sign = |byte: &u8| if b"-_.".contains(byte) { to } else { *byte };
        word.iter().map(sign).collect()
    };
    let mut found = vec![word.to_vec()];
    if word.len() <= LONGEST_STYLED {
        found.extend([signs(b'-'), signs(b'_'), signs(b'.')]);
        for index in 0..found.len() {
            found.push(found[index].to_ascii_lowercase());
            found.push(found[index].to_ascii_uppercase());
        }
    }
    found
}

/// As it stands in a form.
fn in_form(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => out.push(byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}

/// The day of a time, as in 2026-11-30 (days from the civil calendar, after Hinnant).
fn day(seconds: u64) -> Vec<u8> {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_735_689_599, "2024-12-31"),
            (1_735_689_600, "2025-01-01"),
        ] {
            assert_eq!(day(seconds), text.as_bytes());
        }
    }

    #[test]
    fn words_stand_alone_and_times_are_near() {
        let mut cribs = Cribs::new();
        assert!(cribs.add_word(b"SM-G991B") && !cribs.add_word(b"abc"));
        cribs.add_time(1_735_689_600);
        let context = Context::of(&cribs);
        assert_eq!(context.word_at(b"\"SM-G991B\"", 1), Some(8));
        assert_eq!(context.word_at(b"\"SM-G991BX\"", 1), None);
        assert_eq!(context.word_at(b"xSM-G991B\"", 1), None);
        assert_eq!(context.word_at(b"2025-01-01T01", 0), Some(10));
        assert_eq!(context.time(b"1735689712123"), Some(7));
        assert_eq!(context.time(b"1735601234"), Some(5));
        assert_eq!(context.time(b"1799999999"), None);
        assert_eq!(context.time(b"17356897"), None);
        assert!(context.worth(7) > context.worth(5));
    }
}
