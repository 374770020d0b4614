//! Alphabets that are made from the common one without a secret: its three runs in another order, the two
//! signs in front or behind, all of it reversed or rotated. A few thousand, so nothing need be known.

use super::super::proof::{self, Structure};
use super::super::{ACCEPTED, Budget, Solved};
use super::place::Mapping;
use super::texts::{NONE, Texts, bytes_of, count};

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
/// Orders of the three runs; the first is the common one.
const ORDERS: [[&[u8]; 3]; 6] = [
    [UPPER, LOWER, DIGITS],
    [LOWER, UPPER, DIGITS],
    [DIGITS, UPPER, LOWER],
    [DIGITS, LOWER, UPPER],
    [UPPER, DIGITS, LOWER],
    [LOWER, DIGITS, UPPER],
];
/// Pairs of signs where the texts do not show which: RFC 4648 sections 4 and 5, and crypt(3).
const SIGNS: [[u8; 2]; 3] = [*b"+/", *b"-_", *b"./"];
/// log2 of 6 orders × 2 places and 2 orders of the signs × 2 directions × 64 rotations, in tenths of a bit.
const CHOICES: i64 = 116;
/// Groups that must be text, or the beginning of compressed data, before all is decoded.
const FIRST: usize = 6;

/// Texts of one of these alphabets.
pub(super) fn solve(texts: &Texts, budget: &mut Budget) -> Option<Solved> {
    let signs = signs(texts)?;
    for order in ORDERS {
        for signs in [signs, [signs[1], signs[0]]] {
            for front in [false, true] {
                let mut alphabet: Vec<u8> = order.concat();
                let at = if front { 0 } else { alphabet.len() };
                alphabet.splice(at..at, signs);
                for reversed in [false, true] {
                    if reversed {
                        alphabet.reverse();
                    }
                    for _ in 0..alphabet.len() {
                        if !budget.spend(FIRST as u64 * 4) {
                            return None;
                        }
                        if !common(texts, &alphabet)
                            && let Some(solved) = with(texts, &alphabet)
                        {
                            return Some(solved);
                        }
                        alphabet.rotate_left(1);
                    }
                }
            }
        }
    }
    None
}

/// True when the characters that occur stand where RFC 4648 has them: that is for the layers of base64.
fn common(texts: &Texts, alphabet: &[u8]) -> bool {
    let usual = ORDERS[0].concat();
    texts.characters.iter().all(|character| {
        let place = alphabet.iter().position(|known| known == character);
        place
            == usual
                .iter()
                .position(|known| known == character)
                .or(match character {
                    b'+' | b'-' => Some(62),
                    b'/' | b'_' => Some(63),
                    _ => None,
                })
    })
}

/// The two signs that are no letters or digits; `None` when there are more.
fn signs(texts: &Texts) -> Option<[u8; 2]> {
    let mut own: Vec<u8> = texts
        .characters
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_alphanumeric())
        .collect();
    own.sort_unstable();
    match own.as_slice() {
        [] => Some(SIGNS[0]),
        [one] => Some(
            SIGNS
                .into_iter()
                .find(|signs| signs.contains(one))
                .unwrap_or([*one, if *one == b'/' { b'+' } else { b'/' }]),
        ),
        &[one, two] => Some([one, two]),
        _ => None,
    }
}

fn with(texts: &Texts, alphabet: &[u8]) -> Option<Solved> {
    let mut value = [NONE; 256];
    for (to, &character) in (0u8..).zip(alphabet) {
        value[usize::from(character)] = to;
    }
    let mut mapping = Mapping::EMPTY;
    for (symbol, &character) in (0u8..).zip(&texts.characters) {
        if !mapping.set(symbol, value[usize::from(character)]) {
            return None;
        }
    }
    let decode = |quads: &[[u8; 4]], most: usize| -> Vec<u8> {
        quads
            .iter()
            .take(most)
            .flat_map(|quad| {
                let values =
                    quad.map(|symbol| mapping.value.get(usize::from(symbol)).copied().unwrap_or(0));
                bytes_of(values).into_iter().take(count(*quad))
            })
            .collect()
    };
    let first = decode(texts.texts.first()?, FIRST);
    let text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    let packed = first.starts_with(b"\x1f\x8b\x08") || first.first() == Some(&0x78);
    if !packed && !first.iter().all(text) {
        return None;
    }
    let plain: Vec<Vec<u8>> = texts
        .texts
        .iter()
        .map(|quads| decode(quads, usize::MAX))
        .collect();
    let mut evidence = 0;
    for plain in &plain {
        let structure = proof::structure(plain)?;
        // A form needs so little that only a model far above chance would show it; JSON and checksums do not.
        if structure == Structure::Form && plain.len() < 48 {
            return None;
        }
        evidence += proof::evidence(plain, structure);
    }
    (evidence - CHOICES >= ACCEPTED).then(|| Solved {
        selector: super::selector(texts, &mapping, &certain(&mapping)),
        plain,
        evidence,
        tried: CHOICES,
        margin: evidence - CHOICES,
    })
}

/// No symbol is open.
fn certain(mapping: &Mapping) -> [u64; 64] {
    mapping
        .value
        .map(|value| 1u64.checked_shl(u32::from(value)).unwrap_or(0))
}
