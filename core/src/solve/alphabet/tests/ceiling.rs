//! What anybody could decide: an observer who is told all but what is drawn at random.
//!
//! The observer knows the kind of every drawn byte (a decimal digit, a hex digit), the signs of everything else,
//! and that no two symbols have the same value. A question that takes too long counts as decided, so that the
//! ceiling is never too low.

use super::super::super::samples::{Kind, Sample};
use super::super::forced::{Beyond, Domains, Forced, Set};
use super::super::texts::{SYMBOLS, Texts};

/// Nodes that one question may take.
const NODES: u32 = 1000;

/// What the observer knows of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// All that is not drawn: no program and no person knows as much.
    AllButChance,
    /// The grammar, names of fields, words. Of codes only which signs are digits and which letters.
    Language,
}

fn can_be(told: Told, kind: Kind, byte: u8) -> Set {
    let class = |class: fn(&u8) -> bool| Set::of(|other| class(&other));
    match kind {
        Kind::Digit => class(u8::is_ascii_digit),
        Kind::Hex => Set::of(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        Kind::Code if told == Told::Language => match byte {
            b'0'..=b'9' => class(u8::is_ascii_digit),
            b'a'..=b'z' => class(u8::is_ascii_lowercase),
            b'A'..=b'Z' => class(u8::is_ascii_uppercase),
            _ => Set::one(byte),
        },
        _ => Set::one(byte),
    }
}

/// Values that each symbol of the texts can have for the observer; the texts are those of the samples.
pub(super) fn open(
    told: Told,
    samples: &[Sample],
    texts: &Texts,
    right: &[u8; SYMBOLS],
) -> Domains {
    let sets: Vec<Vec<Set>> = samples
        .iter()
        .map(|sample| {
            let bytes = sample.text.iter().zip(&sample.kinds);
            bytes
                .map(|(&byte, &kind)| can_be(told, kind, byte))
                .collect()
        })
        .collect();
    Forced::new(texts, &sets).open(right, NODES, Beyond::Excluded)
}
