//! Values drawn for a pattern, and the kind of each of their signs.

use super::super::random::Random;
use super::Kind;

/// 2025-01-01, and so many seconds after it.
const NOW: (u64, usize) = (1_735_689_600, 60_000_000);

/// Digits, letters and times for their signs in a pattern; what is drawn is marked by a private character
/// before it, so that it is known later.
///
/// Times are somewhere in two years, or in the two minutes before `now`; then only their last digits are chance.
pub(super) fn draw(random: &mut Random, pattern: &str, now: Option<u64>) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    let two = |number: u64| format!("{number:02}");
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        let seconds = match now {
            Some(now) => now - random.below(120) as u64,
            None => NOW.0 + random.below(NOW.1) as u64,
        };
        match sign {
            '#' => {
                out.push(DIGIT);
                out.push(char::from(b'0' + random.below(10) as u8));
            }
            '^' => {
                out.push(HEX);
                out.push(char::from(*random.pick(b"0123456789abcdef").unwrap()));
            }
            '{' => {
                let (kind, after) = rest.split_once('}').unwrap();
                rest = after;
                let text = match kind {
                    "s" => seconds.to_string(),
                    "ms" => format!("{seconds}{:03}", random.below(1000)),
                    kind => {
                        let day = match now {
                            Some(_) => day(seconds),
                            None => format!(
                                "{}-{}-{}",
                                2025 + random.below(2),
                                two(1 + random.below(12) as u64),
                                two(1 + random.below(28) as u64)
                            ),
                        };
                        let clock = format!(
                            "{}:{}:{}",
                            two(seconds / 3600 % 24),
                            two(seconds / 60 % 60),
                            two(seconds % 60)
                        );
                        match kind {
                            "rfc" => format!("{day}T{clock}.{:03}Z", random.below(1000)),
                            _ => format!("{day} {clock}"),
                        }
                    }
                };
                // The century and the year of a time are no chance.
                for (index, sign) in text.chars().enumerate() {
                    let sure = match (now, text.contains('-')) {
                        (None, _) => 2,
                        (_, false) => 6,
                        (_, true) => 9,
                    };
                    if sign.is_ascii_digit() && index > sure {
                        out.push(DIGIT);
                    }
                    out.push(sign);
                }
            }
            sign => out.push(sign),
        }
    }
    out
}

/// The day of a time in 2025 or 2026.
fn day(seconds: u64) -> String {
    let mut left = (seconds - NOW.0) / 86_400;
    let mut year = 2025;
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    loop {
        for (month, length) in (1..).zip(lengths) {
            if left < length {
                return format!("{year}-{month:02}-{:02}", left + 1);
            }
            left -= length;
        }
        year += 1;
    }
}

const DIGIT: char = '\u{e000}';
const HEX: char = '\u{e001}';

/// The bytes of a drawn value and the kind of each.
pub(super) fn kinds(drawn: &str) -> Vec<(char, Kind)> {
    let mut out: Vec<(char, Option<Kind>)> = Vec::new();
    let mut next = None;
    for sign in drawn.chars() {
        match sign {
            DIGIT => next = Some(Kind::Digit),
            HEX => next = Some(Kind::Hex),
            sign => out.push((sign, next.take())),
        }
    }
    let letter = |at: usize| {
        out.get(at)
            .is_some_and(|(s, k)| s.is_alphabetic() && k.is_none())
    };
    let mut found: Vec<Option<Kind>> = out.iter().map(|(_, kind)| *kind).collect();
    let mut at = 0;
    while at < out.len() {
        let length = (at..out.len()).take_while(|&i| letter(i)).count();
        for kind in found.iter_mut().skip(at).take(length) {
            *kind = Some(if length >= 4 { Kind::Word } else { Kind::Code });
        }
        at += length.max(1);
    }
    let chance = |kind: Option<&Option<Kind>>| matches!(kind, Some(Some(Kind::Digit | Kind::Hex)));
    let word = |kind: Option<&Option<Kind>>| matches!(kind, Some(Some(Kind::Word)));
    (0..out.len())
        .map(|at| {
            let (before, after) = (
                at.checked_sub(1).and_then(|i| found.get(i)),
                found.get(at + 1),
            );
            let kind = found[at].unwrap_or(if out[at].0.is_alphanumeric() {
                Kind::Code
            } else if chance(before) && chance(after) {
                Kind::Structure
            } else if word(before) || word(after) {
                Kind::Word
            } else {
                Kind::Code
            });
            (out[at].0, kind)
        })
        .collect()
}
