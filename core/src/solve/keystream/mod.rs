//! A keystream that is used again (RC4, or a block cipher in counter mode, with the same key and nonce):
//! recognised, not opened.
//!
//! Two ciphertexts of one keystream differ only where their plaintexts differ. Telemetry is templated, so
//! they are equal at the same place far more often than once in 256 bytes; and the difference of two ASCII
//! texts never has its highest bit set. Both are tested against fresh keystreams, for which the odds are known
//! exactly. What a known value proves about single places is told as such, and as no more.

#[cfg(test)]
mod tests;

use super::{ACCEPTED, Budget, Cribs};

/// Messages that are compared.
const MOST: usize = 64;
/// Bytes of each that are compared.
const LOOKED_AT: usize = 4096;
/// Blocks of a cipher: what is equal in whole blocks may be ECB or a fixed IV instead.
const BLOCK: usize = 8;
/// Standard deviations by which equal bytes within a message may exceed chance: more is no ciphertext.
const UNEVEN: f64 = 5.0;
/// By so much the second best place of a value must be worse, in tenths of a bit.
const MARGIN: i64 = 100;
/// Fewer bytes compared prove nothing.
const FEWEST: u64 = 32;

/// That messages share a keystream.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// Messages compared, equal ones left out.
    pub messages: usize,
    /// Bytes compared with the byte at the same place in the message before.
    pub compared: u64,
    /// Of these, equal ones. One in 256 is chance.
    pub equal: u64,
    /// Of these, ones whose highest bits are equal. Half is chance.
    pub high_equal: u64,
    /// Evidence against fresh keystreams, in tenths of a bit: odds of chance are 2^(−evidence/10).
    pub evidence: i64,
}

/// Whether messages of one endpoint share a keystream; `None` when it is not proven.
///
/// Messages that are no noise in themselves (text, plain binary formats) are not judged. Whole blocks that are
/// equal are not counted, nor is anything up to the first difference: those may be a header, ECB or a fixed IV.
pub fn recognise(messages: &[&[u8]], budget: &mut Budget) -> Option<Recognised> {
    let mut different: Vec<&[u8]> = Vec::new();
    for message in messages.iter().take(MOST) {
        let message = message.get(..LOOKED_AT).unwrap_or(message);
        if !different.contains(&message) {
            different.push(message);
        }
    }
    let length: usize = different.iter().map(|message| message.len()).sum();
    if different.len() < 2 || !budget.spend(length as u64 * 3) || uneven(&different) {
        return None;
    }
    let (mut compared, mut equal, mut high_equal) = (0u64, 0u64, 0u64);
    for pair in different.windows(2) {
        let &[one, two] = pair else { continue };
        let mut begun = false;
        for (a, b) in one.chunks_exact(BLOCK).zip(two.chunks_exact(BLOCK)) {
            if !begun || a == b {
                // The block with the first difference is the last that is left out.
                begun |= a != b;
                continue;
            }
            for (a, b) in a.iter().zip(b) {
                compared += 1;
                equal += u64::from(a == b);
                high_equal += u64::from((a ^ b) & 0x80 == 0);
            }
        }
    }
    if compared < FEWEST {
        return None;
    }
    // One of the two tests may be chosen: one bit.
    let evidence = beyond(equal, compared, 1.0 / 256.0).max(beyond(high_equal, compared, 0.5)) - 10;
    (evidence >= ACCEPTED).then_some(Recognised {
        messages: different.len(),
        compared,
        equal,
        high_equal,
        evidence,
    })
}

/// True when bytes within most of the messages are equal more often than noise allows. Each is judged alone: under
/// one keystream, what is chance in one message is there in the others too.
fn uneven(messages: &[&[u8]]) -> bool {
    let count = messages.iter().filter(|message| {
        let mut equal = 0u64;
        let mut counts = [0u64; 256];
        for &byte in **message {
            let count = &mut counts[usize::from(byte)];
            equal += *count;
            *count += 1;
        }
        let length = message.len() as u64;
        let expected = (length * length.saturating_sub(1) / 2) as f64 / 256.0;
        equal as f64 > expected + UNEVEN * expected.sqrt().max(1.0)
    });
    count.count() * 2 > messages.len()
}

/// Bound on the odds (Chernoff) that so many of `all` happen when each does with `chance`, in tenths of a bit.
fn beyond(happened: u64, all: u64, chance: f64) -> i64 {
    let rate = happened as f64 / all as f64;
    if rate <= chance {
        return 0;
    }
    let part = |p: f64, q: f64| if p > 0.0 { p * (p / q).log2() } else { 0.0 };
    let divergence = part(rate, chance) + part(1.0 - rate, 1.0 - chance);
    (10.0 * all as f64 * divergence) as i64
}

/// Plaintext at one place of one message, proven by a known value in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Index of the message.
    pub message: usize,
    /// Byte offset in it.
    pub offset: usize,
    /// The bytes there.
    pub plain: Vec<u8>,
    /// Evidence with the places that were tried paid for, in tenths of a bit.
    pub evidence: i64,
}

/// What known values prove about single places of messages that share a keystream (see [`recognise`]).
///
/// A value at some place gives the keystream there; it is believed when it makes values of the same kind of
/// enough other messages at the same place that differ from each other. The messages are not opened by this: the rest stays unknown.
pub fn places(messages: &[&[u8]], cribs: &Cribs, budget: &mut Budget) -> Vec<Proven> {
    let messages = messages.get(..MOST).unwrap_or(messages);
    let mut sure: Vec<(i64, usize, Vec<u8>)> = Vec::new();
    let mut tried = 0u64;
    'values: for value in cribs.values() {
        let Some(kind) = kind(value) else { continue };
        let mut best: Option<(i64, usize, Vec<u8>)> = None;
        let mut second = 0;
        for message in messages {
            let message = message.get(..LOOKED_AT).unwrap_or(message);
            for (offset, window) in message.windows(value.len()).enumerate() {
                if !budget.spend(4 + messages.len() as u64) {
                    break 'values;
                }
                tried += 1;
                let stream: Vec<u8> = window.iter().zip(value).map(|(a, b)| a ^ b).collect();
                let Some(evidence) = fits(messages, offset, window, &stream, kind) else {
                    continue;
                };
                match &mut best {
                    // The same value in another message.
                    Some((most, at, known)) if *at == offset && *known == stream => {
                        *most = evidence.max(*most);
                    }
                    Some((most, ..)) if evidence <= *most => second = second.max(evidence),
                    _ => {
                        second = best.map_or(second, |(most, ..)| second.max(most));
                        best = Some((evidence, offset, stream));
                    }
                }
            }
        }
        // A number over another number looks much like a number: only the best place counts, and only when
        // no other comes near.
        sure.extend(best.filter(|(evidence, ..)| evidence - second >= MARGIN));
    }
    let cost = (10.0 * (tried.max(1) as f64).log2()).ceil() as i64;
    let mut proven = Vec::new();
    sure.retain(|(evidence, ..)| evidence - cost >= ACCEPTED);
    let clear: Vec<_> = sure
        .iter()
        .filter(|one| !sure.iter().any(|other| clash(one, other)))
        .collect();
    for (evidence, offset, stream) in clear {
        for (index, message) in messages.iter().enumerate() {
            if let Some(window) = message.get(*offset..*offset + stream.len()) {
                proven.push(Proven {
                    message: index,
                    offset: *offset,
                    plain: window.iter().zip(stream).map(|(a, b)| a ^ b).collect(),
                    evidence: evidence - cost,
                });
            }
        }
    }
    proven
}

/// True when two pieces of keystream contradict each other: then neither is proven.
fn clash(one: &(i64, usize, Vec<u8>), other: &(i64, usize, Vec<u8>)) -> bool {
    let at = |piece: &(i64, usize, Vec<u8>), place: usize| {
        let index = place.checked_sub(piece.1)?;
        piece.2.get(index).copied()
    };
    (one.1..one.1 + one.2.len())
        .any(|place| matches!((at(one, place), at(other, place)), (Some(a), Some(b)) if a != b))
}

/// Evidence that this keystream is right: what it makes of other messages at the same place is always of the
/// kind of the known value, each byte at a place counted once. In tenths of a bit; `None` when it is not.
///
/// That it is text proves nothing: a digit laid over two other digits gives 0x30–0x3f. Against such wrong places
/// a right one stands out only by never leaving its kind, by half a bit a byte or more (log2(16/10) for digits).
fn fits(messages: &[&[u8]], offset: usize, from: &[u8], stream: &[u8], kind: Kind) -> Option<i64> {
    let mut seen: Vec<&[u8]> = vec![from];
    let mut new = 0;
    for message in messages {
        let Some(window) = message.get(offset..offset + stream.len()) else {
            continue;
        };
        if seen.contains(&window) {
            continue;
        }
        for (index, (&byte, &key)) in window.iter().zip(stream).enumerate() {
            if !kind(byte ^ key) {
                return None;
            }
            new += i64::from(!seen.iter().any(|known| known.get(index) == Some(&byte)));
        }
        seen.push(window);
    }
    Some(new * 5)
}

/// What a byte of identifiers of one kind can be.
type Kind = fn(u8) -> bool;

/// The narrowest kind that a value is of; `None` for what is no identifier of one kind.
fn kind(value: &[u8]) -> Option<Kind> {
    let kinds: [Kind; 4] = [
        |byte| byte.is_ascii_digit(),
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        |byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        |byte| byte.is_ascii_alphanumeric(),
    ];
    kinds
        .into_iter()
        .find(|kind| value.iter().all(|&byte| kind(byte)))
}
