//! Words that stand across one byte of the key: where n-grams leave two keys near each other, a word that people know
//! speaks for one of them.

use super::super::language::{part, word};

/// Letters of a word that count at all: shorter ones come by chance.
const SHORTEST: usize = 4;
/// Letters around a place that are looked at.
const LONGEST: usize = 24;
/// What a letter of a word is worth, in tenths of a bit: much less than it would be by chance, because words also stand
/// in the model.
const LETTER: i64 = 30;

/// What the word that covers a place of a text is worth, in tenths of a bit; 0 if nobody knows it.
pub(super) fn worth(text: &[u8], at: usize) -> i64 {
    let letter = |byte: &&u8| byte.is_ascii_alphabetic();
    let (before, after) = text.split_at(at.min(text.len()));
    let left = before.iter().rev().take(LONGEST).take_while(letter).count();
    let right = after.iter().take(LONGEST).take_while(letter).count();
    if right == 0 {
        return 0;
    }
    let mut run = text.get(at - left..at + right).unwrap_or_default();
    let mut left = left;
    loop {
        let (one, rest) = run.split_at(part(run).clamp(1, run.len()));
        if left < one.len() {
            let known = one.len() >= SHORTEST && word(&one.to_ascii_lowercase()).is_some();
            return if known { LETTER * one.len() as i64 } else { 0 };
        }
        left -= one.len();
        run = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_around_a_place() {
        let text = b"\"landingOverview\":\"https://a.example/overwiew\"";
        let worth = |at: usize| worth(text, at) / LETTER;
        assert_eq!((worth(1), worth(7), worth(8), worth(15)), (7, 7, 8, 8));
        // A sign, letters that are too few, the same with a slip, the end, and what is behind it.
        let rest = [0, 16, 27, 38, text.len() - 1, text.len(), text.len() + 9];
        assert_eq!(rest.map(worth), [0; 7]);
    }
}
