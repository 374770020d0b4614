//! What each byte of a plaintext can be when only its grammar, its shapes and its words are believed.
//!
//! A digit can be any digit, a hex digit any hex digit, a letter of a word that is not in the lexicon anything. What is
//! decided in the end follows from the rest alone, so that no number and no name is ever guessed.

use std::sync::LazyLock;

use super::super::language::{Before, known_name, known_value, model, part, word};
use super::context::Context;
use super::forced::Set;
use super::shapes;

/// Letters that a word must have to be believed, in a name of a field and elsewhere.
const NAME: usize = 4;
const VALUE: usize = 6;
/// Letters and digits in a row that are an identifier and no word.
const IDENTIFIER: usize = 8;

/// A word that is not in the lexicon is believed when its letters cost no more, in tenths of a bit.
const USUAL: i64 = 40;
/// What a word of the lexicon costs that is common, in tenths of a bit.
const COMMON: i64 = 110;
/// Signs that are believed between words.
const SIGNS: &[u8] = b"_-./:+%&?=,; @";

struct Sets {
    digit: Set,
    hex: [Set; 2],
    any: [Set; 2],
}

static SETS: LazyLock<Sets> = LazyLock::new(|| Sets {
    digit: Set::of(|byte| byte.is_ascii_digit()),
    hex: [
        Set::of(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        Set::of(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')),
    ],
    any: [
        Set::of(|byte| byte >= b' ' && byte != 0x7f && !b"\"\\".contains(&byte)),
        Set::of(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#&=".contains(&byte)),
    ],
});

/// Sets of a text. What is not `decided` can be any byte of its place; what is `sure` is itself also where it is no word
/// of the lexicon, unless it is a digit.
pub(super) fn sets(
    text: &[u8],
    decided: &[Option<u8>],
    sure: &[Option<u8>],
    context: &Context,
) -> Vec<Set> {
    let form = !matches!(text.first(), Some(b'{' | b'['));
    let any = SETS.any[usize::from(form)];
    let mut sets: Vec<Set> = text.iter().map(|&byte| Set::one(byte)).collect();
    let all = |range: &std::ops::Range<usize>| {
        sure.get(range.clone())
            .is_some_and(|sure| !sure.is_empty() && sure.iter().all(Option::is_some))
    };
    for (run, name) in runs(text, form) {
        let whole = text.get(run.clone()).unwrap_or_default();
        let known = match name {
            true => known_name(whole),
            false => known_value(whole),
        };
        if known.is_some() && (all(&run) || name && whole.len() >= NAME) {
            // Another style of it was priced.
            listed_as(text, run, &mut sets);
        } else {
            within(
                text,
                run,
                name,
                any,
                &mut sets,
                &|at| {
                    let word = context
                        .word_at(text, at)
                        .filter(|length| all(&(at..at + length)));
                    let rest = text.get(at..).unwrap_or_default();
                    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                    let time = rest.get(..digits).and_then(|number| context.time(number));
                    word.or(time.filter(|length| all(&(at..at + length))))
                },
                &all,
            );
        }
    }
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let letters = part(rest);
        let piece = at..at + letters.max(1);
        let spelt = match letters {
            0 => {
                // A sign between words that are sure.
                let letter = |at: Option<usize>| {
                    at.and_then(|at| text.get(at))
                        .is_some_and(u8::is_ascii_alphabetic)
                };
                SIGNS.contains(rest.first().unwrap_or(&0))
                    && letter(at.checked_sub(1))
                    && letter(Some(at + 1))
                    && all(&(at.saturating_sub(1)..(at + 2).min(text.len())))
            }
            1..NAME => false,
            NAME..VALUE => {
                // A short word is believed when it is all there is, and a common one.
                let ends = |byte: Option<&u8>| byte.is_none_or(|byte| b"\"=&".contains(byte));
                let before = at.checked_sub(1).and_then(|at| text.get(at));
                let common = word(&rest.get(..letters).unwrap_or_default().to_ascii_lowercase());
                all(&piece)
                    && ends(before)
                    && ends(text.get(piece.end))
                    && common.is_some_and(|cost| cost <= COMMON)
            }
            _ => all(&piece) && per_letter(text, piece.clone()) <= USUAL,
        };
        if spelt {
            for at in piece.clone() {
                if let (Some(set), Some(&byte)) = (sets.get_mut(at), text.get(at))
                    && *set == any
                {
                    *set = Set::one(byte);
                }
            }
        }
        at = piece.end;
    }
    for (set, &byte) in sets.iter_mut().zip(text) {
        if !set.has(byte) {
            *set = Set::of(|_| true);
        }
    }
    for ((set, byte), text) in sets.iter_mut().zip(decided).zip(text) {
        if byte.is_none() && *set == Set::one(*text) {
            *set = any;
        }
    }
    sets
}

/// What is believed of a name or value that is listed: all but numbers and codes, of which there are others like it.
fn listed_as(text: &[u8], run: std::ops::Range<usize>, sets: &mut [Set]) {
    let whole = text.get(run.clone()).unwrap_or_default();
    if !whole.iter().any(u8::is_ascii_digit) {
        return;
    }
    for at in run.clone() {
        let Some(&byte) = text.get(at) else { break };
        let word = letters_around(text, at, &run).len() >= NAME;
        let set = match byte {
            b'0'..=b'9' => SETS.digit,
            b'A'..=b'Z' if !word => Set::of(|byte| byte.is_ascii_uppercase()),
            b'a'..=b'z' if !word => Set::of(|byte| byte.is_ascii_lowercase()),
            _ => continue,
        };
        if let Some(to) = sets.get_mut(at) {
            *to = set;
        }
    }
}

/// What a letter costs on average by the n-grams, in tenths of a bit.
fn per_letter(text: &[u8], range: std::ops::Range<usize>) -> i64 {
    let mut before = Before::of(text.get(..range.start).unwrap_or_default());
    let letters = text.get(range).unwrap_or_default();
    let mut sum = 0;
    for &byte in letters {
        sum += i64::from(model().cost(before, byte));
        before = before.then(byte);
    }
    sum / (letters.len() as i64).max(1)
}

/// Runs of bytes that are no grammar, and whether each is the name of a field.
fn runs(text: &[u8], form: bool) -> Vec<(std::ops::Range<usize>, bool)> {
    let mut runs = Vec::new();
    let mut from = 0;
    let mut quoted = false;
    let mut escaped = false;
    for at in 0..=text.len() {
        let byte = text.get(at);
        let ends = match byte {
            None => true,
            Some(b'=' | b'&') if form => true,
            Some(b'"') if !form && !escaped => true,
            Some(b'{' | b'}' | b'[' | b']' | b',' | b':' | b' ' | b'\n') if !form => !quoted,
            _ => false,
        };
        escaped = byte == Some(&b'\\') && !escaped;
        if ends {
            if at > from {
                let name = match form {
                    true => byte == Some(&b'='),
                    false => quoted && text.get(at + 1) == Some(&b':'),
                };
                // `true`, `false` and `null` are grammar; numbers are not.
                let bare = text.get(from).is_some_and(u8::is_ascii_lowercase);
                if form || quoted || !bare {
                    runs.push((from..at, name));
                }
            }
            from = at + 1;
            quoted ^= byte == Some(&b'"');
        }
    }
    runs
}

/// The letters in a row around a place of a run.
fn letters_around(text: &[u8], at: usize, run: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let letter = |&at: &usize| text.get(at).is_some_and(u8::is_ascii_alphabetic);
    let before = (run.start..at).rev().take_while(letter).count();
    let after = (at..run.end).take_while(letter).count();
    at - before..at + after
}

/// True when all parts of a row of letters are words of the lexicon.
fn listed(mut letters: &[u8]) -> bool {
    while !letters.is_empty() {
        let (first, rest) = letters.split_at(part(letters).clamp(1, letters.len()));
        if word(&first.to_ascii_lowercase()).is_none() {
            return false;
        }
        letters = rest;
    }
    true
}

/// Sets of the bytes of one run; `expected` tells how many bytes at a place are believed for what stands around the
/// message.
fn within(
    text: &[u8],
    run: std::ops::Range<usize>,
    name: bool,
    any: Set,
    sets: &mut [Set],
    expected: &dyn Fn(usize) -> Option<usize>,
    all: &dyn Fn(&std::ops::Range<usize>) -> bool,
) {
    let bare = text
        .get(run.clone())
        .is_some_and(|run| run.iter().all(|byte| b"0123456789.-+eE".contains(byte)))
        && matches!(text.first(), Some(b'{' | b'['))
        && run.start.checked_sub(1).and_then(|at| text.get(at)) != Some(&b'"');
    let believed = |letters: &[u8]| {
        letters.len() >= if name { NAME } else { VALUE }
            && word(&letters.to_ascii_lowercase()).is_some()
    };
    let end = run.end;
    let begins = text.get(run.clone()).and_then(shapes::scheme);
    let mut at = run.start + begins.unwrap_or(0);
    let mut sure = true;
    while at < end {
        let rest = text.get(at..end).unwrap_or_default();
        let alphanumeric = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let piece = rest.get(..alphanumeric).unwrap_or_default();
        let has_digit = piece.iter().any(u8::is_ascii_digit);
        let of = |hex: fn(u8) -> bool| piece.iter().all(|&b| b.is_ascii_digit() || hex(b));
        let mut set = |range: std::ops::Range<usize>, with: &dyn Fn(u8) -> Set| {
            for at in range {
                if let (Some(to), Some(&byte)) = (sets.get_mut(at), text.get(at)) {
                    *to = with(byte);
                }
            }
        };
        if let Some(length) = expected(at).map(|length| length.min(rest.len())) {
            at += length;
            sure = true;
            // What follows of a number may be any digits.
            while at < end && text.get(at).is_some_and(u8::is_ascii_digit) {
                set(at..at + 1, &|_| SETS.digit);
                at += 1;
            }
            continue;
        }
        if let Some(length) = shapes::length(rest) {
            let upper = rest.iter().take(length).any(u8::is_ascii_uppercase);
            let hex = shapes::is_hex(length);
            set(at..at + length, &|byte| match byte {
                _ if byte.is_ascii_hexdigit() && hex => SETS.hex[usize::from(upper)],
                _ if byte.is_ascii_digit() => SETS.digit,
                _ => Set::one(byte),
            });
            at += length;
            sure = true;
            continue;
        }
        let length = if alphanumeric >= IDENTIFIER && has_digit {
            let hex = [
                of(|b| matches!(b, b'a'..=b'f')),
                of(|b| matches!(b, b'A'..=b'F')),
            ];
            let with = hex.iter().position(|hex| *hex).map(|at| SETS.hex[at]);
            let digits = piece.iter().all(u8::is_ascii_digit);
            set(at..at + alphanumeric, &|_| match with {
                _ if digits => SETS.digit,
                Some(with) => with,
                None => any,
            });
            sure = true;
            alphanumeric
        } else if let Some(b'%') = rest.first() {
            set(at + 1..(at + 3).min(end), &|_| SETS.hex[1]);
            sure = true;
            3.min(rest.len())
        } else {
            let letters = part(rest);
            let first = rest.first().copied().unwrap_or(0);
            if letters > 0 {
                sure = believed(rest.get(..letters).unwrap_or_default())
                    && listed(text.get(letters_around(text, at, &run)).unwrap_or_default());
                if !sure {
                    set(at..at + letters, &|_| any);
                } else if !name && at == run.start {
                    // Nothing tells whether a value begins with a capital.
                    set(at..at + 1, &|byte| {
                        Set::of(|other| other.eq_ignore_ascii_case(&byte))
                    });
                }
                letters
            } else if first.is_ascii_digit() {
                set(at..at + 1, &|_| SETS.digit);
                sure = true;
                1
            } else {
                // A sign is as sure as what stands on both sides of it.
                let after = rest.get(1..).unwrap_or_default();
                let next = part(after);
                let digit = after.first().is_none_or(u8::is_ascii_digit);
                let next = digit || believed(after.get(..next).unwrap_or_default());
                // Between digits it may be a digit too, but for the point of a number.
                let before = at.checked_sub(1).and_then(|at| text.get(at));
                let digits = digit && before.is_some_and(u8::is_ascii_digit);
                let point = bare && first == b'.';
                if !sure || !next || (digits && !point && !all(&(at..at + 1))) {
                    set(at..at + 1, &|_| any);
                }
                1
            }
        };
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` for what is believed, `d`, `h` and `?` for what can be any digit, hex digit, byte.
    fn shown(text: &str) -> String {
        let decided: Vec<Option<u8>> = text.bytes().map(Some).collect();
        let context = Context::of(&super::super::super::Cribs::new());
        sets(text.as_bytes(), &decided, &[], &context)
            .into_iter()
            .map(|set| match set {
                set if set == SETS.digit => 'd',
                set if SETS.hex.contains(&set) => 'h',
                set if SETS.any.contains(&set) => '?',
                set if set.many() => 'c',
                _ => '.',
            })
            .collect()
    }

    #[test]
    fn believes_grammar_and_words() {
        for (text, kinds) in [
            (
                r#"{"device":12.5,"ok":true}"#,
                r"..........dd.d..??........",
            ),
            (
                r#"{"source":"KPN-Cast","name":"Android"}"#,
                r"...........????????..........c........",
            ),
            (r#"{"name":"0f0e0d0c1b"}"#, r".........hhhhhhhhhh.."),
            (
                r#"{"t":"2026-02-03T04:05:06Z"}"#,
                r"..?...dddd.dd.dd.dd.dd.dd...",
            ),
            (r#"{"name":"https://x.y"}"#, r".................???..."),
            ("device=android&name=a%20b", ".......c............?.hh?"),
        ] {
            let kinds = kinds.to_owned();
            assert_eq!(
                shown(text)[..],
                kinds[..text.len().min(kinds.len())],
                "{text}"
            );
        }
    }
}
