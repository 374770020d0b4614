//! How much better bytes are explained as a protobuf message than as noise, in tenths of a bit.
//!
//! A code for messages: every tag, varint, length and string costs what −log2 of its share among messages is;
//! shares of one choice add up to no more than one. Evidence = 8 bits per byte − cost. So noise of any length
//! reaches *n* bits less often than once in 2ⁿ (Markov).

use super::typing::Width;
use super::wire::{Field, Fields, Value, varint};
use crate::peel::text;
use crate::peel::values::is_filler;

/// Layers are seldom protobuf where nothing says so: one in 2⁶ values that are no text.
pub(super) const PRIOR: i64 = 60;
/// Asked over the prior of what stands in the message or was proven: 20 bits.
pub(super) const ASKED: i64 = 200;
/// Asked more after a decompressor that proves nothing itself.
pub(super) const UNCHECKED: i64 = 60;
/// Part of the evidence that must come from tags, lengths and numbers: readable text alone is no message.
pub(super) const STRUCTURE: i64 = 70;

/// Evidence of strings from which on a message is no mere row of numbers.
const READABLE: i64 = 150;

/// That a message ends here: one in eight fields is the last.
const END: i64 = 30;
/// Which of string, bytes or message a delimited field holds: one in two is a string.
pub(super) const CHOICE: i64 = 10;

/// log2 in tenths, a little below for what is no power of two.
pub(super) fn log2(value: u64) -> i64 {
    let value = value.max(1);
    let whole = value.ilog2();
    let part = ((u128::from(value) * 10) >> whole) as i64 - 10;
    i64::from(whole) * 10 + part
}

/// Cost of the step from one field number to the next.
///
/// 20 % the same again, 35 % the next one, 23 % a jump ahead, 9 % back.
fn step(last: u32, number: u32) -> i64 {
    if number == last {
        23
    } else if number > last {
        15 + 2 * log2(u64::from(number - last))
    } else {
        35 + 2 * log2(u64::from(last - number) + 1)
    }
}

/// Evidence of a varint, 8 bits a byte less its cost: 0 and 1 are an eighth each, up to 16 together a
/// sixth, one byte another seventh, two bytes an eighth, each further length 3 %, small negative numbers 3 %.
pub(crate) fn number(value: u64, bytes: usize) -> i64 {
    let length = bytes as i64;
    let cost = match (value, bytes) {
        (0 | 1, _) => 30,
        (2..=16, _) => 65,
        (_, 1) => 95,
        (_, 2) => 170,
        (_, 10) if value > u64::MAX - (1 << 31) => 370,
        _ => 70 * length + 50,
    };
    (80 * length - cost).min(200)
}

/// Evidence of a length: an eighth of all fields fill what is left; else short ones are frequent, or any
/// that fits.
pub(crate) fn length(value: usize, bytes: usize, left: usize) -> i64 {
    let log = |number: usize| log2((number as u64).saturating_add(1));
    let cost = (15 + 2 * log(value)).min(20 + log(left));
    let cost = if value == left { cost.min(30) } else { cost };
    80 * bytes as i64 - cost
}

/// What places, prices, speeds and the like are between, without their sign.
const MEASURE: std::ops::Range<f64> = 1e-3..1e6;

fn fixed(measure: bool, gain: i64, zeros: u32) -> i64 {
    let zeros = i64::from(zeros / 8) * 60 - 20;
    -40 + if measure { gain } else { zeros.clamp(-20, 200) }
}

/// Evidence of tag and number or length of a field whose predecessor had the number `last`; `end` is where
/// its message ends. What a delimited field holds is not counted.
pub(super) fn head(field: &Field, last: u32, end: usize) -> i64 {
    let tag = 80 * field.tag as i64 - step(last, field.number);
    tag + match field.value {
        Value::Varint(value) => number(value, field.varint) - 15,
        Value::Delimited(start, stop) => {
            length(stop - start, field.varint, end.saturating_sub(start)) - 15
        }
        // Half are measures, of which noise is a sixteenth or a sixty-fourth; small whole numbers have zeros.
        Value::Fixed32(value) => {
            let measure = MEASURE.contains(&f64::from(f32::from_bits(value)).abs());
            fixed(measure, 20, value.leading_zeros())
        }
        Value::Fixed64(value) => {
            let measure = MEASURE.contains(&f64::from_bits(value).abs());
            fixed(measure, 50, value.leading_zeros())
        }
        // The tag at the end must be that of the beginning.
        Value::Group(..) => 80 * field.tag as i64 - 60,
    }
}

/// Evidence that `bytes` are a string; `None` when they are not.
pub(super) fn string(bytes: &[u8]) -> Option<i64> {
    // Most messages show themselves in their first bytes.
    let first = bytes.get(..8).unwrap_or(bytes);
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if first.iter().any(control) {
        return None;
    }
    let found = text::evidence(bytes)?;
    let filler = found > 0 && is_filler(bytes);
    Some(if filler { 0 } else { found })
}

/// Evidence that `bytes[at..end]` is a message, without looking into its messages; `None` when it is not one.
pub(super) fn message(bytes: &[u8], at: usize, end: usize) -> Option<i64> {
    let (mut total, mut last) = (-END, 0);
    for field in Fields::of(bytes, at, end) {
        let field = field.ok()?;
        total += head(&field, last, end);
        if let Value::Delimited(start, stop) = field.value {
            let held = bytes.get(start..stop).and_then(string);
            total += held.unwrap_or(0).max(0) - CHOICE;
        }
        last = field.number;
    }
    Some(total)
}

/// Evidence that all of `bytes` is packed numbers; `None` when it is not.
pub(super) fn packed(bytes: &[u8]) -> Option<i64> {
    let (mut total, mut at) = (0i64, 0);
    while at < bytes.len() {
        let (value, length) = varint(bytes, at, bytes.len())?;
        total += number(value, length);
        at += length;
    }
    Some(total)
}

/// Evidence that all of `bytes` is two or more packed numbers of fixed width; `None` when it is not.
///
/// Of noise one in nine numbers of 32 bits is a measure, one in seventy of 64 bits; a leading byte that is zero is
/// one in 256. Each number costs a bit.
pub(super) fn packed_fixed(bytes: &[u8], width: Width) -> Option<i64> {
    let size = width.bytes();
    if bytes.len() < 2 * size || !bytes.len().is_multiple_of(size) {
        return None;
    }
    let mut total = 0i64;
    for number in bytes.chunks_exact(size) {
        let value = number
            .iter()
            .rev()
            .fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        let zeros = i64::from(value.leading_zeros()) / 8 - (8 - size as i64);
        total += match width {
            _ if value == 0 => 0,
            Width::Float if MEASURE.contains(&f64::from(f32::from_bits(value as u32)).abs()) => 20,
            Width::Double if MEASURE.contains(&f64::from_bits(value).abs()) => 45,
            Width::Fixed32 | Width::Fixed64 if zeros > 0 => 80 * zeros - 20,
            _ => return None,
        };
    }
    Some(total)
}

/// Evidence that `bytes` are mere small numbers: three of eight are 0, one of four is below 16, and a byte of any
/// value is one of three; less 8 bits for choosing this explanation.
fn small_numbers(bytes: &[u8]) -> i64 {
    let gain = |&byte: &u8| match byte {
        0 => 66,
        1..=15 => 20,
        _ => -16,
    };
    bytes.iter().map(gain).sum::<i64>() - 80
}

/// Evidence that `bytes` are drawn from a few values: 8 bits a byte, less their entropy, less what it costs to say
/// which values and how often.
fn few_values(bytes: &[u8]) -> i64 {
    let mut counts = [0u64; 256];
    for &byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = bytes.len() as u64;
    let values = counts.iter().filter(|&&count| count > 0).count() as i64;
    let entropy: i64 = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| count as i64 * (log2(total) - log2(count)))
        .sum();
    let which = values * (80 - log2(values as u64) + 14);
    80 * total as i64 - entropy - which - values * log2(total) / 2
}

/// Evidence of a whole message from its parts, less the prior: `structure` from tags, lengths and numbers of
/// all its messages, `strings` from its strings. `None` when structure alone is too little.
///
/// A message without strings is a row of small numbers, and must explain them better than that they are small or
/// few.
pub(super) fn evidence(structure: i64, strings: i64, bytes: &[u8]) -> Option<i64> {
    if structure < STRUCTURE {
        return None;
    }
    let otherwise = if strings < READABLE {
        small_numbers(bytes).max(few_values(bytes)).max(0)
    } else {
        0
    };
    Some(structure + strings - otherwise - PRIOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_explain_words_better() {
        for word in ["image.png", "xs", "PLAYERGROUP", "name", "email", "de_DE"] {
            let bytes = word.as_bytes();
            let string = string(bytes).unwrap();
            let message = message(bytes, 0, bytes.len()).unwrap_or(-1000);
            assert!(string > message, "{word} {string} {message}");
        }
    }

    #[test]
    fn shares_of_a_step_and_of_a_number_add_up_to_no_more_than_one() {
        let share = |cost: i64| 2f64.powf(-cost as f64 / 10.0);
        let steps: f64 = (1..1_000_000).map(|next| share(step(40, next))).sum();
        assert!(steps + share(END) < 1.02, "{steps}");
        // One number of each length stands for all of it.
        let mut numbers: f64 = (0..128).map(|value| share(80 - number(value, 1))).sum();
        for bytes in 2..10usize {
            let least = 1u64 << (7 * (bytes - 1));
            let count = (least as f64) * 127.0;
            numbers += count * share(80 * bytes as i64 - number(least, bytes));
        }
        assert!(numbers < 1.0, "{numbers}");
    }
}
