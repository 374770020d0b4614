//! XXTEA (Needham and Wheeler, 1998): one block as long as the message. Words are little-endian, as in the
//! libraries that apps use, which put the length of the plaintext into one more word at the end.

use super::Family;
use super::tea::{DELTA, words};
use crate::crack::derive::rank;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::selector::Selector;

/// XXTEA.
pub(crate) struct Xxtea;

const LAYER: &str = "xxtea";
/// Rarer than AES by so much, in tenths of a bit.
const PRIOR: i64 = 60;
/// Work per word and round, in nanoseconds.
const WORD: u64 = 8;
/// What a right length word proves: 32 bits, less the four lengths that fit.
const LENGTH_PROOF: i64 = 300;
/// Longest message, in bytes: every key deciphers all of it.
const LONGEST: usize = 1 << 16;

/// Mix of a word with its neighbours.
fn mix(before: u32, after: u32, sum: u32, place: usize, key: &[u32; 4]) -> u32 {
    let at = (place as u32 ^ (sum >> 2)) & 3;
    let key = key.get(at as usize).copied().unwrap_or_default();
    (((before >> 5) ^ (after << 2)).wrapping_add((after >> 3) ^ (before << 4)))
        ^ ((sum ^ after).wrapping_add(key ^ before))
}

/// Rounds for so many words.
fn rounds(words: usize) -> u32 {
    u32::try_from(52usize.checked_div(words).unwrap_or(0))
        .unwrap_or(52)
        .saturating_add(6)
}

fn decrypt(data: &mut [u32], key: &[u32; 4]) {
    let count = data.len();
    if count < 2 {
        return;
    }
    let at = |data: &[u32], place: usize| data.get(place).copied().unwrap_or_default();
    let mut sum = DELTA.wrapping_mul(rounds(count));
    let mut after = at(data, 0);
    while sum != 0 {
        for place in (0..count).rev() {
            let before = at(data, place.checked_sub(1).unwrap_or(count - 1));
            if let Some(word) = data.get_mut(place) {
                *word = word.wrapping_sub(mix(before, after, sum, place, key));
                after = *word;
            }
        }
        sum = sum.wrapping_sub(DELTA);
    }
}

fn load(bytes: &[u8]) -> Option<Vec<u32>> {
    let (words, rest) = bytes.as_chunks::<4>();
    (rest.is_empty() && words.len() >= 2)
        .then(|| words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

/// The length the last word tells, if it can be.
fn length(plain: &[u32]) -> Option<usize> {
    let told = usize::try_from(*plain.last()?).ok()?;
    let room = plain.len().checked_sub(1)?.checked_mul(4)?;
    (told <= room && told.checked_add(4)? > room && told > 0).then_some(told)
}

fn bytes(plain: &[u32], length_word: bool) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = plain.iter().flat_map(|word| word.to_le_bytes()).collect();
    if length_word {
        out.truncate(length(plain)?);
    }
    Some(out)
}

impl Family for Xxtea {
    fn layers(&self) -> &'static [&'static str] {
        &[LAYER]
    }

    fn search(&self, hunt: &mut Hunt<'_>) {
        let whole = hunt.bytes;
        if whole.len() > LONGEST {
            return;
        }
        let Some(data) = load(whole) else { return };
        let price = (data.len() as u64)
            .saturating_mul(u64::from(rounds(data.len())))
            .saturating_mul(WORD);
        let keys = hunt.keys;
        let mut plain = data.clone();
        for key in keys.of_length(16, hunt.most(rank::COMMON)) {
            if !hunt.spend(price, LAYER) {
                return;
            }
            let Some(schedule) = words::<true>(key.bytes) else {
                continue;
            };
            plain.copy_from_slice(&data);
            decrypt(&mut plain, &schedule);
            hunt.tries(2);
            let length_word = length(&plain).is_some();
            let Some(out) = bytes(&plain, length_word) else {
                continue;
            };
            if !length_word && !crate::crack::trial::head(&out) {
                continue;
            }
            let mut selector = Selector::key(key.bytes);
            selector.length_word = length_word;
            hunt.offer(Find {
                layer: LAYER,
                selector,
                plain: out,
                proof: if length_word { LENGTH_PROOF } else { 0 },
                prior: PRIOR,
                key,
                iv: None,
                bytewise: false,
            });
            if hunt.found() {
                return;
            }
        }
    }

    fn follow(&self, _layer: &str, selector: &Selector, data: &[u8]) -> Option<Vec<u8>> {
        let mut plain = load(selector.body(data)?)?;
        decrypt(&mut plain, &words::<true>(&selector.key)?);
        bytes(&plain, selector.length_word)
    }
}

#[cfg(test)]
pub(crate) fn encrypt(data: &mut [u32], key: &[u32; 4]) {
    let count = data.len();
    let mut sum = 0u32;
    let mut before = data[count - 1];
    for _ in 0..rounds(count) {
        sum = sum.wrapping_add(DELTA);
        for place in 0..count {
            let after = data[(place + 1) % count];
            data[place] = data[place].wrapping_add(mix(before, after, sum, place, key));
            before = data[place];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published vector: two words of zero under a key of zeros give ab043705 808c5d57.
    #[test]
    fn vector() {
        let mut data = [0u32; 2];
        encrypt(&mut data, &[0; 4]);
        assert_eq!(
            data.map(u32::to_le_bytes).as_flattened(),
            b"\xab\x04\x37\x05\x80\x8c\x5d\x57"
        );
        decrypt(&mut data, &[0; 4]);
        assert_eq!(data, [0, 0]);
    }
}
