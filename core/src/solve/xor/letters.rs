//! Text whose letters, or whose printable characters, are moved by a fixed number: ROT13, ROT47 and the rest.

use super::super::language::model;
use super::super::proof;
use super::super::{ACCEPTED, Budget, Solved};
use super::beginnings;

/// log2 of 25 + 93 hypotheses, in tenths of a bit.
const CHOICES: i64 = 69;
/// By so much the second best must be worse, in tenths of a bit.
const MARGIN: i64 = 200;

/// Bytes of each text that are looked at for all turns, and turns that are then looked at closely.
const BEGINNING: usize = 128;
const CLOSER: usize = 3;

/// Which characters move.
#[derive(Clone, Copy)]
enum Ring {
    /// Letters, each in its case: modulo 26.
    Letters,
    /// 0x21–0x7e: modulo 94.
    Printable,
}

impl Ring {
    fn name(self) -> &'static str {
        match self {
            Ring::Letters => "letters-rot:",
            Ring::Printable => "ascii-rot:",
        }
    }

    fn size(self) -> u8 {
        match self {
            Ring::Letters => 26,
            Ring::Printable => 94,
        }
    }

    /// The text with every character moved back by `by`, which is below the size.
    fn back(self, text: &[u8], by: u8) -> Vec<u8> {
        let size = self.size();
        let turn = |byte: u8, first: u8| first + (byte - first + size - by) % size;
        text.iter()
            .map(|&byte| match (self, byte) {
                (Ring::Letters, b'a'..=b'z') => turn(byte, b'a'),
                (Ring::Letters, b'A'..=b'Z') => turn(byte, b'A'),
                (Ring::Printable, b'!'..=b'~') => turn(byte, b'!'),
                _ => byte,
            })
            .collect()
    }
}

/// Texts that only become telemetry when they are turned.
pub(super) fn solve(texts: &[&[u8]], budget: &mut Budget) -> Option<Solved> {
    // What is outside ASCII is not turned.
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let is_text = |text: &&[u8]| std::str::from_utf8(text).is_ok() && !text.iter().any(control);
    if !texts.iter().all(is_text) {
        return None;
    }
    let whole = texts;
    let texts: Vec<&[u8]> = beginnings(whole).collect();
    let length: usize = texts.iter().map(|text| text.len()).sum();
    if !budget.spend(length as u64 * 120) {
        return None;
    }
    // All of them by pairs of bytes in the beginning, and the best ones by the whole model.
    let mut rough: Vec<(i64, Ring, u8)> = Vec::new();
    for ring in [Ring::Letters, Ring::Printable] {
        for by in 1..ring.size() {
            let sum = texts.iter().map(|text| {
                let plain = ring.back(text.get(..BEGINNING).unwrap_or(text), by);
                let pairs = plain.windows(2);
                pairs
                    .map(|pair| match pair {
                        &[a, b] => i64::from(model().row(a)[usize::from(b)]),
                        _ => 0,
                    })
                    .sum::<i64>()
            });
            rough.push((sum.sum(), ring, by));
        }
    }
    rough.sort_by_key(|(cost, ..)| *cost);
    rough.truncate(CLOSER);
    let worth = |plain: &[Vec<u8>]| plain.iter().map(|p| model().evidence(p)).sum::<i64>();
    let same: Vec<Vec<u8>> = texts.iter().map(|text| text.to_vec()).collect();
    let mut second = worth(&same);
    let mut best: Option<(i64, Ring, u8)> = None;
    for (_, ring, by) in rough {
        let plain: Vec<Vec<u8>> = texts.iter().map(|text| ring.back(text, by)).collect();
        let evidence = worth(&plain);
        match &best {
            Some((most, ..)) if evidence <= *most => second = second.max(evidence),
            _ => {
                second = best.map_or(second, |(most, ..)| second.max(most));
                best = Some((evidence, ring, by));
            }
        }
    }
    let (evidence, ring, by) = best?;
    let margin = evidence - second;
    let length: usize = whole.iter().map(|text| text.len()).sum();
    if evidence - CHOICES < ACCEPTED || margin < MARGIN || !budget.spend(length as u64) {
        return None;
    }
    let plain: Vec<Vec<u8>> = whole.iter().map(|text| ring.back(text, by)).collect();
    let structured = plain.iter().all(|p| proof::structure(p).is_some());
    structured.then(|| Solved {
        selector: format!("{}{by}", ring.name()),
        plain,
        evidence,
        tried: CHOICES,
        margin,
    })
}

/// Turn a text back.
pub(super) fn follow(selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    [Ring::Letters, Ring::Printable]
        .into_iter()
        .find_map(|ring| {
            let by = selector.strip_prefix(ring.name())?.parse::<u8>().ok()?;
            (by > 0 && by < ring.size()).then(|| ring.back(bytes, by))
        })
}
