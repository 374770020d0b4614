//! Every byte changed alone and in the same way: XOR with one byte (`xor`), addition (`add`) and rotation of
//! its bits to the left (`rotate`). No key has to be known, as there are 517 ways; therefore more is asked of
//! what comes out than of a real key: small numbers moved by a constant look like letters.

use super::Family;
use super::xor;
use crate::crack::derive::{Base, Derivation, Fit};
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::{HEAD, Key};
use crate::crack::selector::Selector;
use crate::crack::trial;

/// XOR with one byte, addition, rotation.
pub(crate) struct Rotate;

const ADD: &str = "add";
const ROTATE: &str = "rotate";
const PRIOR: i64 = 120;
/// Least message.
const SHORTEST: usize = 40;
/// Work per way, and per byte deciphered.
const PRICE: (u64, u64) = (20, 1);
/// Bytes that are looked at for words.
const SAMPLE: usize = 512;

fn change(layer: &str, by: u8, byte: u8) -> u8 {
    match layer {
        ADD => byte.wrapping_sub(by),
        ROTATE => byte.rotate_right(u32::from(by & 7)),
        _ => byte ^ by,
    }
}

/// True for text that has letters, vowels among them, the letters that are common in words, and enough of
/// what stands between words. Small numbers moved to where letters are have hardly any of it between them.
fn has_words(text: &[u8]) -> bool {
    let text = text.get(..SAMPLE).unwrap_or(text);
    let count = |test: fn(&u8) -> bool| text.iter().filter(|byte| test(byte)).count();
    let letters = count(u8::is_ascii_alphabetic);
    let vowels = count(|byte| b"aeiouAEIOU".contains(byte));
    let common = count(|byte| b"etaoinsrdcl".contains(&byte.to_ascii_lowercase()));
    let between = count(|byte| b" \",:=&/._-".contains(byte));
    let brackets = count(|byte| b"{}[]()\r\n'".contains(byte));
    let digits = count(u8::is_ascii_digit);
    let known = letters
        .saturating_add(between)
        .saturating_add(brackets)
        .saturating_add(digits);
    let other = text.len().saturating_sub(known);
    // Both ends of ASCII: numbers of a small range reach only one.
    let low = count(|byte| *byte < b'0');
    let lower = count(u8::is_ascii_lowercase);
    low * 16 >= text.len()
        && lower * 8 >= text.len()
        && letters * 4 >= text.len()
        && vowels * 6 >= letters
        && vowels * 3 <= letters * 2
        && common * 2 >= letters
        && between * 12 >= text.len()
        && other * 20 <= text.len()
}

impl Family for Rotate {
    fn layers(&self) -> &'static [&'static str] {
        &[ADD, ROTATE]
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        let bytes = hunt.bytes;
        if hunt.near || bytes.len() < SHORTEST {
            return;
        }
        let (once, per_byte) = PRICE;
        let ways = (1..=255u8)
            .map(|by| (xor::LAYER, by))
            .chain((1..=255).map(|by| (ADD, by)))
            .chain((1..8).map(|by| (ROTATE, by)));
        let start = bytes.get(..HEAD).unwrap_or(bytes);
        for (layer, by) in ways {
            if !hunt.spend(once, layer) {
                return;
            }
            hunt.tries(1);
            let mut head = [0u8; HEAD];
            for (to, from) in head.iter_mut().zip(start) {
                *to = change(layer, by, *from);
            }
            if !trial::head(&head) {
                continue;
            }
            if !hunt.spend(per_byte.saturating_mul(bytes.len() as u64), layer) {
                return;
            }
            let plain: Vec<u8> = bytes.iter().map(|byte| change(layer, by, *byte)).collect();
            // Compressed data are no text, whatever their first bytes are.
            let sample = plain.get(..SAMPLE).unwrap_or(&plain);
            let packed = trial::magic(&plain) && !trial::text(sample);
            if !packed && !has_words(&plain) {
                continue;
            }
            let key = [by];
            hunt.offer(Find {
                layer,
                selector: Selector::key(&key),
                plain,
                proof: 0,
                prior: PRIOR,
                key: Key {
                    bytes: &key,
                    candidate: u32::MAX,
                    derivation: Derivation {
                        base: Base::Raw,
                        fit: Fit::Exact,
                    },
                },
                iv: None,
                bytewise: true,
            });
        }
    }

    fn follow(&self, layer: &str, selector: &Selector, bytes: &[u8]) -> Option<Vec<u8>> {
        let &[by] = selector.key.as_slice() else {
            return None;
        };
        let body = selector.body(bytes)?;
        Some(body.iter().map(|byte| change(layer, by, *byte)).collect())
    }
}
