//! Compressed data below XOR: nothing about it is like text, but the fixed fields of its header and trailer
//! give a short key, and its check value proves it.

use super::super::proof::{self, Structure};
use super::super::{ACCEPTED, Budget, Solved};
use super::chain::Known;
use super::cipher::Cipher;

/// Bytes that are unpacked before all are: with a wrong key they break.
const BEGINNING: usize = 1024;
/// Longest key that the fixed fields can give.
const LONGEST: usize = 12;
/// XFL as compressors write it: not said, best, fastest (RFC 1952 section 2.3.1).
const EXTRA: [u8; 3] = [0, 2, 4];
/// OS as they write it: FAT (Java), Unix, not known, macOS, NTFS.
const SYSTEM: [u8; 5] = [0, 3, 255, 19, 11];
/// First two bytes of zlib streams with a window of 32 KiB, by level (RFC 1950).
const ZLIB: [[u8; 2]; 4] = [[0x78, 0x9c], [0x78, 0x01], [0x78, 0xda], [0x78, 0x5e]];
/// log2 of all hypotheses, in tenths of a bit: 30 headers of gzip and 4 of zlib, 12 lengths each.
const CHOICES: i64 = 87;

/// The key below which every text is gzip or zlib.
pub(super) fn solve(texts: &[&[u8]], budget: &mut Budget) -> Option<Solved> {
    let text = *texts.first()?;
    let last = text.len();
    for extra in EXTRA {
        for system in SYSTEM {
            // Without a time the header is known from end to end.
            for timed in [false, true] {
                let fixed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, system];
                let mut known: Vec<(usize, u8)> = fixed
                    .into_iter()
                    .enumerate()
                    .filter(|(at, _)| !timed || !(4..8).contains(at))
                    .collect();
                // Less than 64 KiB inside.
                known.extend([(last.wrapping_sub(2), 0), (last.wrapping_sub(1), 0)]);
                if let Some(solved) = with(texts, text, &known, Structure::Gzip, budget) {
                    return Some(solved);
                }
            }
        }
    }
    ZLIB.iter()
        .find_map(|[a, b]| with(texts, text, &[(0, *a), (1, *b)], Structure::Zlib, budget))
}

/// The shortest key that follows from known bytes and is proven.
fn with(
    texts: &[&[u8]],
    text: &[u8],
    known: &[(usize, u8)],
    structure: Structure,
    budget: &mut Budget,
) -> Option<Solved> {
    (1..=LONGEST.min(known.len())).find_map(|length| {
        let key = key(text, known, length)?;
        let start = text.get(..BEGINNING).unwrap_or(text);
        if key.iter().all(|&byte| byte == 0) || !budget.spend(start.len() as u64 + 1000) {
            return None;
        }
        if start.len() < text.len() {
            let length: usize = texts.iter().map(|text| text.len()).sum();
            if !proof::may_begin(&Cipher::Xor.open(start, &key), structure)
                || !budget.spend(length as u64)
            {
                return None;
            }
        }
        let plain: Vec<Vec<u8>> = texts
            .iter()
            .map(|text| Cipher::Xor.open(text, &key))
            .collect();
        if plain.iter().any(|p| proof::structure(p) != Some(structure)) {
            return None;
        }
        let evidence = plain
            .iter()
            .map(|plain| proof::evidence(plain, structure))
            .sum();
        (evidence - CHOICES >= ACCEPTED).then(|| Solved {
            selector: Cipher::Xor.selector(&key),
            plain,
            evidence,
            tried: CHOICES,
            margin: evidence - CHOICES,
        })
    })
}

/// The key of this length, when the known bytes give all of it and agree.
fn key(text: &[u8], known: &[(usize, u8)], length: usize) -> Option<Vec<u8>> {
    let mut key: [Known; LONGEST] = [None; LONGEST];
    for &(at, plain) in known {
        let byte = text.get(at)? ^ plain;
        match key.get_mut(at % length)? {
            Some(known) if *known != byte => return None,
            place => *place = Some(byte),
        }
    }
    key.iter().take(length).copied().collect()
}
