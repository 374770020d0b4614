//! What follows for certain: values that symbols can have when every byte is of a known kind.
//!
//! Each byte of the plaintext ties two neighbouring symbols together, and no two symbols have the same value. What is
//! left for a symbol is found by search with propagation (Mackworth's AC-3, 1977, and the rule that a value taken is
//! taken): exact as long as the search ends within its nodes.

use super::place::Placement;
use super::texts::{NONE, SYMBOLS, Texts};

/// Values of each symbol, one bit each.
pub(super) type Domains = [u64; SYMBOLS];

/// What a byte can be: a set of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Set([u64; 4]);

impl Set {
    /// Bytes that pass a test.
    pub(super) fn of(test: impl Fn(u8) -> bool) -> Self {
        let mut set = Set([0; 4]);
        for byte in (0..=u8::MAX).filter(|&byte| test(byte)) {
            set.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        set
    }

    /// One byte.
    pub(super) fn one(byte: u8) -> Self {
        Self::of(|other| other == byte)
    }

    /// More than one byte.
    #[cfg(test)]
    pub(super) fn many(self) -> bool {
        self.0.iter().map(|word| word.count_ones()).sum::<u32>() > 1
    }

    /// Whether a byte is in it.
    pub(super) fn has(self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }
}

/// Values of the first symbol, and those of the second that go with them.
type Halves = Vec<(u64, u64)>;

/// Two symbols that make a byte between them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tie {
    symbols: [u8; 2],
    /// Index of the halves.
    halves: u16,
}

/// The ties of texts.
pub(super) struct Forced {
    ties: Vec<Tie>,
    halves: Vec<Halves>,
    of_symbol: Vec<Vec<u32>>,
    /// Values that are possible at all.
    domains: Domains,
}

/// What a search that takes too long says of the value it was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    Possible,
    /// For a ceiling of what can be decided.
    #[cfg(test)]
    Excluded,
}

fn values(test: impl Fn(u8) -> bool) -> u64 {
    (0..64u8)
        .filter(|&value| test(value))
        .fold(0, |set, value| set | 1 << value)
}

fn halves(set: Set, place: usize) -> Halves {
    let mut found: Halves = Vec::new();
    for byte in (0..=u8::MAX).filter(|&byte| set.has(byte)) {
        let (a, b) = match place {
            0 => (values(|v| v == byte >> 2), values(|v| v >> 4 == byte & 3)),
            1 => (
                values(|v| v & 15 == byte >> 4),
                values(|v| v >> 2 == byte & 15),
            ),
            _ => (values(|v| v & 3 == byte >> 6), values(|v| v == byte & 63)),
        };
        match found.iter_mut().find(|(first, _)| *first == a) {
            Some((_, second)) => *second |= b,
            None => found.push((a, b)),
        }
    }
    found
}

impl Forced {
    /// Of texts whose bytes can each be a set: `sets` has one for every byte of every text.
    pub(super) fn new(texts: &Texts, sets: &[Vec<Set>]) -> Self {
        let mut forced = Forced {
            ties: Vec::new(),
            halves: Vec::new(),
            of_symbol: vec![Vec::new(); texts.characters.len()],
            domains: [u64::MAX; SYMBOLS],
        };
        let mut known: Vec<(Set, usize)> = Vec::new();
        let mut ties = Vec::new();
        for (quads, sets) in texts.texts.iter().zip(sets) {
            let pairs = quads
                .iter()
                .flat_map(|&[a, b, c, d]| [[a, b], [b, c], [c, d]]);
            for (at, (symbols, &set)) in pairs.zip(sets).enumerate() {
                let kind = (set, at % 3);
                let index = known.iter().position(|other| *other == kind);
                let index = index.unwrap_or_else(|| {
                    known.push(kind);
                    forced.halves.push(halves(set, at % 3));
                    known.len() - 1
                });
                ties.push(Tie {
                    symbols,
                    halves: index as u16,
                });
            }
            // Bits behind the end of a text are zero.
            let zeros = match quads.last() {
                Some(&[_, last, NONE, _]) => Some((last, 15)),
                Some(&[_, _, last, NONE]) => Some((last, 3)),
                _ => None,
            };
            if let Some((last, zeros)) = zeros
                && let Some(domain) = forced.domains.get_mut(usize::from(last))
            {
                *domain &= values(|value| value & zeros == 0);
            }
        }
        ties.sort_unstable();
        ties.dedup();
        for (index, tie) in (0u32..).zip(&ties) {
            for &symbol in &tie.symbols {
                if let Some(of) = forced.of_symbol.get_mut(usize::from(symbol))
                    && of.last() != Some(&index)
                {
                    of.push(index);
                }
            }
        }
        forced.ties = ties;
        forced
    }

    /// What is known beforehand.
    pub(super) fn know(&mut self, placement: &Placement) {
        for (domain, &value) in self.domains.iter_mut().zip(&placement.known.value) {
            if value != NONE {
                *domain &= values(|other| other == value);
            }
        }
        for &(symbol, possible) in &placement.partly {
            self.domains[usize::from(symbol) % SYMBOLS] &= possible;
        }
    }

    /// Values that each symbol can have, those of `right` among them, which must keep to the ties. A question takes
    /// at most so many `nodes`.
    pub(super) fn open(&self, right: &[u8; SYMBOLS], nodes: u32, beyond: Beyond) -> Domains {
        let symbols = self.of_symbol.len();
        let mut open = [0; SYMBOLS];
        for (open, &value) in open.iter_mut().zip(right).take(symbols) {
            *open = 1u64.checked_shl(u32::from(value)).unwrap_or(0);
        }
        let mut domains = self.domains;
        if !self.narrow(&mut domains, (0..symbols as u8).collect()) {
            return [u64::MAX; SYMBOLS];
        }
        for symbol in 0..symbols {
            for value in 0..64u8 {
                let (Some(&domain), Some(open)) = (domains.get(symbol), open.get_mut(symbol))
                else {
                    continue;
                };
                if domain & !*open & 1 << value == 0 {
                    continue;
                }
                let mut tried = domains;
                tried[symbol % SYMBOLS] = 1 << value;
                let mut left = nodes;
                let found = self.narrow(&mut tried, vec![symbol as u8])
                    && self.possible(&tried, &mut left, beyond);
                if found {
                    *open |= 1 << value;
                }
            }
        }
        open
    }

    /// Take out what cannot be, from these symbols on; false when nothing is left for one.
    fn narrow(&self, domains: &mut Domains, mut queue: Vec<u8>) -> bool {
        while let Some(symbol) = queue.pop() {
            let own = domains[usize::from(symbol) % SYMBOLS];
            if own == 0 {
                return false;
            }
            if own.count_ones() == 1 {
                for (other, domain) in (0u8..).zip(domains.iter_mut()).take(self.of_symbol.len()) {
                    if other != symbol && *domain & own != 0 {
                        *domain &= !own;
                        queue.push(other);
                    }
                }
            }
            let ties = self.of_symbol.get(usize::from(symbol));
            for &index in ties.into_iter().flatten() {
                let Some(&Tie { symbols, halves }) = self.ties.get(index as usize) else {
                    continue;
                };
                let [first, second] = symbols.map(|symbol| usize::from(symbol) % SYMBOLS);
                let (mut left, mut right) = (0, 0);
                for &(a, b) in self.halves.get(usize::from(halves)).into_iter().flatten() {
                    if first == second {
                        left |= a & b & domains[first];
                        right = left;
                    } else if a & domains[first] != 0 && b & domains[second] != 0 {
                        left |= a;
                        right |= b;
                    }
                }
                for (symbol, set) in [(first, left), (second, right)] {
                    if domains[symbol] & !set != 0 {
                        domains[symbol] &= set;
                        queue.push(symbol as u8);
                    }
                }
            }
        }
        true
    }

    /// Whether some assignment is left.
    fn possible(&self, domains: &Domains, nodes: &mut u32, beyond: Beyond) -> bool {
        let Some(left) = nodes.checked_sub(1) else {
            return beyond == Beyond::Possible;
        };
        *nodes = left;
        let next = domains
            .iter()
            .enumerate()
            .take(self.of_symbol.len())
            .filter(|(_, domain)| domain.count_ones() > 1)
            .min_by_key(|(_, domain)| domain.count_ones());
        let Some((symbol, domain)) = next else {
            return true;
        };
        (0..64u8)
            .filter(|value| domain >> value & 1 == 1)
            .any(|value| {
                let mut tried = *domains;
                tried[symbol % SYMBOLS] = 1 << value;
                self.narrow(&mut tried, vec![symbol as u8]) && self.possible(&tried, nodes, beyond)
            })
    }
}
