//! Every byte changed alone and in the same way: XOR with one byte (`xor`), addition (`add`) and rotation of
//! its bits to the left (`rotate`). No key has to be known, as there are 517 ways; therefore more is asked of
//! what comes out than of a real key: small numbers moved by a constant look like letters. What is neither JSON nor
//! a form must be better explained as words than by how often each byte stands in it: a table of few kinds of bytes,
//! such as UTF-16 of one script, is a table whatever letters they become.

use super::Family;
use super::xor;
use crate::crack::derive::{Base, Derivation, Fit};
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::{HEAD, Key};
use crate::crack::selector::Selector;
use crate::crack::trial;
use crate::solve::{language::model, proof};

/// XOR with one byte, addition, rotation.
pub(crate) struct Rotate;

const ADD: &str = "add";
const ROTATE: &str = "rotate";
const PRIOR: i64 = 120;
/// Least message.
const SHORTEST: usize = 40;
/// Work per way, and per byte deciphered.
const PRICE: (u64, u64) = (20, 1);
/// Work per byte that the model of telemetry looks at.
const MODEL: u64 = 20;
/// What a pair of bytes that came before takes away, in tenths of a bit: as much as a character of text brings.
const AGAIN: i64 = 30;
/// Different pairs that a text has at least.
const PATTERN: usize = 32;
/// Characters of a string.
const STRING: usize = 4;
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

/// What the value is worth as a record of plain strings, in tenths of a bit: its runs of printable characters, each in
/// the case that is worth more, one after the other. Strings with lengths or zeros between them are still text when a
/// bit of every byte is changed.
fn strings(bytes: &[u8]) -> i64 {
    let runs: Vec<Vec<u8>> = bytes
        .split(|byte| !matches!(byte, b' '..=b'~'))
        .filter(|run| run.len() >= STRING)
        .map(|run| [run.to_vec(), run.to_ascii_lowercase()])
        .filter_map(|both| both.into_iter().max_by_key(|run| trial::as_it_is(run)))
        .collect();
    trial::as_it_is(&runs.join(&b' '))
}

/// Pairs of bytes that came before, where there are few different ones: a pattern says the same again and again.
fn again(plain: &[u8]) -> i64 {
    let mut seen = vec![0u64; 1024];
    let new = |pair: &&[u8]| {
        let [a, b] = **pair else { return false };
        let number = usize::from(u16::from_be_bytes([a, b]));
        let Some(word) = seen.get_mut(number / 64) else {
            return false;
        };
        let before = *word;
        *word |= 1 << (number % 64);
        *word != before
    };
    let different = plain.windows(2).filter(new).count();
    if different >= PATTERN {
        return 0;
    }
    plain.len().saturating_sub(1).saturating_sub(different) as i64
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
            if !packed && proof::structure(&plain).is_none() {
                if !hunt.spend(MODEL.saturating_mul(sample.len() as u64), layer) {
                    return;
                }
                if model().evidence_within(sample) < trial::frequencies(sample) {
                    continue;
                }
            }
            let key = [by];
            let against = if packed {
                0
            } else {
                // What it is worth as one text is taken off already.
                let strings = strings(bytes).saturating_sub(trial::as_it_is(bytes));
                strings
                    .max(0)
                    .saturating_add(again(&plain).saturating_mul(AGAIN))
            };
            hunt.offer(Find {
                layer,
                selector: Selector::key(&key),
                plain,
                proof: 0,
                prior: PRIOR.saturating_add(against),
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

#[cfg(test)]
mod tests {
    use crate::crack::{Budget, Extra, Keys, open};
    use crate::model::Limits;
    use crate::peel::Judge;

    fn opened(hex: &str) -> Option<Vec<u8>> {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        let mut judge = Judge::new(Limits::default());
        let mut evidence = |plain: &[u8]| judge.evidence(plain);
        let found = open(
            &bytes,
            &Keys::default(),
            &Extra::default(),
            &mut evidence,
            &mut Budget::default(),
        );
        found.map(|found| found.plain)
    }

    /// Names with their lengths and zeros between them, as in the table of strings of a DEX file: XOR with a
    /// space makes a text of it whose letters have the other case.
    #[test]
    fn plain_strings_of_a_record_are_not_hidden() {
        assert_eq!(
            opened(
                "6c696e65536574000c6d447261776572496d61676500146d447261776572496d6167655265736f75\
                 72636500176d447261776572496e64696361746f72456e61626c6564000d6d447261776572"
            ),
            None
        );
        assert_eq!(
            opened(
                "200a0b6163636573732431333030000b6163636573732431343030000b6163636573732431353030\
                 000b6163636573732431363030000b616363657373243137303000"
            ),
            None
        );
    }

    /// Points of a picture: three bytes that repeat.
    #[test]
    fn a_pattern_that_repeats_is_no_text() {
        let hex = format!(
            "fffffffffffffffffffa01c06ffc00cbff{}",
            "0000ccff".repeat(12)
        );
        assert_eq!(opened(&hex), None);
    }

    /// Telugu and Cyrillic in UTF-16, where every second byte is the same; names in capitals with zeros between them;
    /// rows of numbers that count up. All became letters by XOR or addition.
    #[test]
    fn tables_are_no_text() {
        for hex in [
            "0c170c3f0c370c4d00000c380c4d0c150c4b0c320c4d0c1f0c4d00200c380c3e0c2e0c3f00000c380c4d0c300c3e0c280c280c4d\
             00200c1f0c4b0c320c4d0c1f0c4d00200c380c3e0c2e0c3f00000c38",
            "58494120004e554e4156494b200045594542524f57532000444f44454b41544100454e434c4f53555245005155414452414e5400\
             454947485445454e004f5645524c494e4500434952434c455320004e494e455445454e0043524f535345442000494e4449434154\
             4f5200544f57415244532000535645544c41",
            "34343000030337343500030337343600030337343700040437343730000303373438000303373439000202373500030337353000\
             04043735303000030337353100030337353200030337353300040437353330000303373534000303373535000303373536000404\
             3735363000030337353700030337353800030337353900040437",
            "3711000038110000391100003a1100003b1100003c1100003d1100003e1100003f11000040110000411100004211000043110000\
             44110000451100004611000047110000481100004911",
            "340438043d043004400000040f04380431044304420441043a04380020044404400430043d0446043800000410043b0436043804",
        ] {
            assert_eq!(opened(hex), None, "{hex}");
        }
    }

    #[test]
    fn texts_open() {
        let text = br#"{"imei":"869836900602677","city":"Leuven","event":"page shown"}"#;
        let sealed: Vec<u8> = text.iter().map(|byte| byte ^ 0xb5).collect();
        let found = opened(&data_encoding::HEXLOWER.encode(&sealed));
        assert_eq!(found.as_deref(), Some(&text[..]));
        let long: Vec<u8> = (0..60)
            .flat_map(|number| {
                format!(
                    "{{\"n\":{number},\"city\":\"Leuven\",\"t\":{}}}\n",
                    number * 7919
                )
                .into_bytes()
            })
            .collect();
        let sealed: Vec<u8> = long.iter().map(|byte| byte.wrapping_add(0x91)).collect();
        assert_eq!(opened(&data_encoding::HEXLOWER.encode(&sealed)), Some(long));
    }
}
