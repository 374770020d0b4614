//! Where a known value can stand, and what that says about the alphabet.

use super::texts::{NONE, SYMBOLS, Texts};

/// Values of symbols as far as known, one way and the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// Value of each symbol.
    pub(super) value: [u8; SYMBOLS],
    /// Symbol of each value.
    pub(super) symbol: [u8; SYMBOLS],
}

impl Mapping {
    /// Nothing known.
    pub(super) const EMPTY: Mapping = Mapping {
        value: [NONE; SYMBOLS],
        symbol: [NONE; SYMBOLS],
    };

    /// Let a symbol have a value; false when either has another partner.
    pub(super) fn set(&mut self, symbol: u8, value: u8) -> bool {
        let (Some(to), Some(from)) = (
            self.value.get_mut(usize::from(symbol)),
            self.symbol.get_mut(usize::from(value)),
        ) else {
            return false;
        };
        if (*to != NONE && *to != value) || (*from != NONE && *from != symbol) {
            return false;
        }
        *to = value;
        *from = symbol;
        true
    }
}

impl Placement {
    /// True when every value that it gives is among the possible ones of its symbol.
    pub(super) fn agrees(&self, open: &[u64; SYMBOLS]) -> bool {
        let mut known = self.known.value.iter().zip(open);
        known.all(|(&value, open)| value == NONE || open >> (value & 63) & 1 == 1)
    }
}

/// Values that each symbol can have, one bit each, if the plaintext is printable ASCII: a symbol's places in
/// its groups of four say what its bits can be.
///
/// With `others`, a few places may be in characters outside ASCII.
pub(super) fn domains(texts: &Texts, others: bool) -> [u64; SYMBOLS] {
    let allowed = |test: fn(u8) -> bool| {
        (0..64u8)
            .filter(|&value| test(value))
            .fold(0u64, |set, value| set | 1 << value)
    };
    let by_place = [
        // 0x20–0x7f begin with 8–31.
        allowed(|value| (8..32).contains(&value)),
        // The second byte's high half is 2–7.
        allowed(|value| (2..8).contains(&(value & 15))),
        // The third byte's two highest bits are 00 or 01.
        allowed(|value| value & 2 == 0),
        u64::MAX,
    ];
    // A last group of two or three has zero bits behind its end.
    let ends = [
        allowed(|value| value & 15 == 0),
        allowed(|value| value & 3 == 0),
    ];
    let mut domains = [u64::MAX; SYMBOLS];
    // How often each symbol stands, and how often in a place where ASCII has none of a value.
    let mut counts = [0u32; SYMBOLS];
    let mut against = vec![[0u32; 64]; SYMBOLS];
    for quad in texts.texts.iter().flatten() {
        for (place, (&symbol, &set)) in quad.iter().zip(&by_place).enumerate() {
            let set = match (place, quad) {
                (1, [_, _, NONE, _]) => ends[0],
                (2, [_, _, _, NONE]) => ends[1],
                _ => set,
            };
            let index = usize::from(symbol);
            if let (Some(domain), Some(count), Some(against)) = (
                domains.get_mut(index),
                counts.get_mut(index),
                against.get_mut(index),
            ) {
                *domain &= set;
                *count += 1;
                for (value, against) in against.iter_mut().enumerate() {
                    *against += u32::from(set >> value & 1 == 0);
                }
            }
        }
    }
    // A symbol that no value fits stands in characters outside ASCII; then others do too, now and then.
    if others || domains.contains(&0) {
        for ((domain, count), against) in domains.iter_mut().zip(&counts).zip(&against) {
            *domain = (0..64)
                .filter(|&value| {
                    against
                        .get(value)
                        .is_some_and(|&against| against <= count / 5 + 1)
                })
                .fold(0, |set, value| set | 1 << value);
        }
    }
    domains
}

/// What a known value at one place says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// Symbols all of whose bits are in the value.
    pub(super) known: Mapping,
    /// Values of the symbols of which only some bits are in it, at its two ends.
    pub(super) partly: Vec<(u8, u64)>,
}

/// What follows from `value` standing at byte `at` of a text, if it is consistent.
fn placed(
    quads: &[[u8; 4]],
    at: usize,
    value: &[u8],
    domains: &[u64; SYMBOLS],
) -> Option<Placement> {
    let mut mapping = Mapping::EMPTY;
    let bit = at * 8;
    let end = bit + value.len() * 8;
    let bits_at = |from: usize| -> Option<u8> {
        let from = from.checked_sub(bit)?;
        let high = u16::from(*value.get(from / 8)?);
        let low = u16::from(value.get(from / 8 + 1).copied().unwrap_or(0));
        Some(((high << 8 | low) >> (10 - from % 8) & 63) as u8)
    };
    for sextet in bit.div_ceil(6)..end / 6 {
        let symbol = *quads.get(sextet / 4)?.get(sextet % 4)?;
        let value = bits_at(sextet * 6)?;
        let domain = domains.get(usize::from(symbol))?;
        if domain >> value & 1 == 0 || !mapping.set(symbol, value) {
            return None;
        }
    }
    // Bits of a symbol that is only partly covered must be possible too.
    let partly = |sextet: usize, fits: &dyn Fn(u8) -> bool| -> Option<(u8, u64)> {
        let symbol = *quads.get(sextet / 4)?.get(sextet % 4)?;
        if symbol == NONE {
            return None;
        }
        let known = *mapping.value.get(usize::from(symbol))?;
        let domain = *domains.get(usize::from(symbol))?;
        let possible = (0..64u8)
            .filter(|&value| {
                domain >> value & 1 == 1
                    && (known == NONE || known == value)
                    && mapping
                        .symbol
                        .get(usize::from(value))
                        .is_some_and(|&other| other == NONE || other == symbol)
                    && fits(value)
            })
            .fold(0u64, |set, value| set | 1 << value);
        (possible != 0).then_some((symbol, possible))
    };
    let mut ends = Vec::new();
    if !bit.is_multiple_of(6) {
        let covered = 6 - bit % 6;
        let first = *value.first()?;
        ends.push(partly(bit / 6, &|v| {
            v & ((1 << covered) - 1) == first >> (8 - covered)
        })?);
    }
    if !end.is_multiple_of(6) {
        let covered = end % 6;
        let last = *value.last()?;
        ends.push(partly(end / 6, &|v| {
            v >> (6 - covered) == last & ((1 << covered) - 1)
        })?);
    }
    Some(Placement {
        known: mapping,
        partly: ends,
    })
}

/// All ways in which `value` can stand in one of the texts, with the number of places looked at.
pub(super) fn places(
    texts: &Texts,
    value: &[u8],
    domains: &[u64; SYMBOLS],
) -> (Vec<Placement>, usize) {
    let mut found = Vec::new();
    let mut looked = 0;
    for quads in &texts.texts {
        let bytes = quads.len() * 3;
        for at in 0..bytes.saturating_sub(value.len()).saturating_add(1) {
            looked += 1;
            if let Some(placement) = placed(quads, at, value, domains)
                && !found.contains(&placement)
            {
                found.push(placement);
            }
        }
    }
    (found, looked)
}
