//! XXTEA (Needham and Wheeler, 1998): one block as long as the message. Words are little-endian, as in the
//! libraries that apps use, which put the length of the plaintext into one more word at the end.

use wide::u32x8;

use super::Family;
use super::lanes::{self, LANES, Word};
use super::tea::{DELTA, words};
use crate::crack::derive::rank;
use crate::crack::hunt::{Find, Hunt};
use crate::crack::keys::Key;
use crate::crack::selector::Selector;
use crate::crack::trial;

/// XXTEA.
pub(crate) struct Xxtea;

const LAYER: &str = "xxtea";
/// Rarer than AES by so much, in tenths of a bit.
const PRIOR: i64 = 60;
/// Work per word and round with many keys, which go through it together, and with few, in tenths of a
/// nanosecond.
const WORD: u64 = 6;
const WORD_ALONE: u64 = 40;
/// What a right length word proves: 32 bits, less the four lengths that fit.
const LENGTH_PROOF: i64 = 300;
/// Longest message, in bytes: every key deciphers all of it.
const LONGEST: usize = 1 << 16;

/// Mix of a word with its neighbours.
#[inline(always)]
fn mix<W: Word>(before: W, after: W, sum: u32, place: usize, key: &[W; 4]) -> W {
    let at = (place as u32 ^ (sum >> 2)) & 3;
    let [first, ..] = *key;
    let key = key.get(at as usize).copied().unwrap_or(first);
    ((before.right(5) ^ after.left(2)).plus(after.right(3) ^ before.left(4)))
        ^ ((W::of(sum) ^ after).plus(key ^ before))
}

/// Rounds for so many words.
fn rounds(words: usize) -> u32 {
    u32::try_from(52usize.checked_div(words).unwrap_or(0))
        .unwrap_or(52)
        .saturating_add(6)
}

fn decrypt<W: Word>(data: &mut [W], key: &[W; 4]) {
    let count = data.len();
    if count < 2 {
        return;
    }
    let at = |data: &[W], place: usize| data.get(place).copied().unwrap_or(W::of(0));
    let mut sum = DELTA.wrapping_mul(rounds(count));
    let mut after = at(data, 0);
    while sum != 0 {
        for place in (0..count).rev() {
            let before = at(data, place.checked_sub(1).unwrap_or(count - 1));
            if let Some(word) = data.get_mut(place) {
                *word = word.minus(mix(before, after, sum, place, key));
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
    let told = *plain.last()?;
    fits(told, plain.len()).then_some(told as usize)
}

/// True when so many bytes fill so many words, the last of which tells this.
fn fits(told: u32, words: usize) -> bool {
    let (told, room) = (u64::from(told), (words as u64).saturating_sub(1) * 4);
    told > 0 && told <= room && told + 4 > room
}

fn bytes(plain: &[u32], length_word: bool) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = plain.iter().flat_map(|word| word.to_le_bytes()).collect();
    if length_word {
        out.truncate(length(plain)?);
    }
    Some(out)
}

/// Under which keys the last word tells a length, or the first words can begin a plaintext.
fn passes(plain: &[u32x8]) -> [bool; LANES] {
    let word = |place: Option<&u32x8>| place.map_or([0; LANES], |word| word.to_array());
    let last = word(plain.last());
    let start: [[u32; LANES]; 4] = std::array::from_fn(|place| word(plain.get(place)));
    let most = plain.len().min(4);
    std::array::from_fn(|lane| {
        let told = last.get(lane).copied().unwrap_or_default();
        let mut head = [[0u8; 4]; 4];
        for (to, words) in head.iter_mut().zip(&start) {
            *to = words.get(lane).copied().unwrap_or_default().to_le_bytes();
        }
        let head = head.get(..most).unwrap_or_default().as_flattened();
        fits(told, plain.len()) || trial::head(head)
    })
}

impl Xxtea {
    /// A key that passed, or that was tried alone.
    fn offer(&self, hunt: &mut Hunt<'_>, key: Key<'_>, data: &[u32]) {
        let Some(schedule) = words::<true>(key.bytes) else {
            return;
        };
        let mut plain = data.to_vec();
        decrypt(&mut plain, &schedule);
        let length_word = length(&plain).is_some();
        let Some(out) = bytes(&plain, length_word) else {
            return;
        };
        if !length_word && !trial::head(&out) {
            return;
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
    }
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
            .saturating_mul(if hunt.near { WORD_ALONE } else { WORD })
            / 10;
        let keys = hunt.keys;
        let mut wide: Vec<u32x8> = Vec::with_capacity(data.len());
        let mut pass = [true; LANES];
        for (at, key) in keys.of_length(16, hunt.most(rank::COMMON)).enumerate() {
            if !hunt.spend(price, LAYER) {
                return;
            }
            hunt.tries(2);
            if at % LANES == 0 {
                pass = [true; LANES];
                let run = keys.run(16, at, LANES);
                if let Some(schedules) = run.and_then(|run| lanes::keys(run, u32::from_le_bytes)) {
                    wide.clear();
                    wide.extend(data.iter().map(|word| u32x8::of(*word)));
                    decrypt(&mut wide, &schedules);
                    pass = passes(&wide);
                }
            }
            if pass.get(at % LANES) == Some(&true) {
                self.offer(hunt, key, &data);
            }
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
