//! The best mapping: simulated annealing from what is known, then only steps that help.

use super::super::proof::structure;
use super::super::random::Random;
use super::board::Board;
use super::place::Mapping;
use super::texts::{NONE, SYMBOLS, Texts};

/// Moves of one run of annealing, per free symbol.
const MOVES: u64 = 1000;
/// First and last temperature, in tenths of a bit: at the first nearly all is allowed, at the last nothing.
const HEAT: (f64, f64) = (55.0, 6.0);

/// Others that are worse by so much, in tenths of a bit, are not looked at for their structure.
const SURE: i64 = 120;

/// The symbols to be moved and the values they may take.
pub(super) struct Free {
    symbols: Vec<u8>,
    values: Vec<Vec<u8>>,
}

impl Free {
    /// All symbols that `known` says nothing of.
    pub(super) fn of(texts: &Texts, known: &Mapping, domains: &[u64; SYMBOLS]) -> Self {
        let mut free = Free {
            symbols: Vec::new(),
            values: Vec::new(),
        };
        for ((symbol, &value), &domain) in (0u8..)
            .zip(&known.value)
            .zip(domains)
            .take(texts.characters.len())
        {
            if value == NONE {
                free.symbols.push(symbol);
                free.values.push(
                    (0..64u8)
                        .filter(|&v| domain >> v & 1 == 1)
                        .filter(|&v| known.symbol[usize::from(v) % SYMBOLS] == NONE)
                        .collect(),
                );
            }
        }
        free
    }

    /// True when some symbol can have no value: what is known is wrong.
    pub(super) fn impossible(&self) -> bool {
        self.values.iter().any(Vec::is_empty)
    }

    /// Steps of one run over texts of so many groups, as the budget counts them.
    pub(super) fn steps(&self, groups: usize) -> u64 {
        // A move looks at each group of two symbols, seven bytes each.
        let per_move = 1 + 14 * groups as u64 * 4 / (self.symbols.len() as u64 + 16);
        self.symbols.len() as u64 * MOVES * per_move
    }

    /// What is known and any values for the others.
    fn begin(&self, known: &Mapping, random: &mut Random) -> Mapping {
        let mut mapping = known.clone();
        let mut order: Vec<usize> = (0..self.symbols.len()).collect();
        order.sort_by_key(|&index| self.values.get(index).map_or(0, Vec::len));
        for index in order {
            let (Some(&symbol), Some(values)) = (self.symbols.get(index), self.values.get(index))
            else {
                continue;
            };
            let from = random.below(values.len());
            let untaken = |value: &u8| mapping.symbol[usize::from(*value) % SYMBOLS] == NONE;
            let value = values
                .iter()
                .cycle()
                .skip(from)
                .take(values.len())
                .copied()
                .find(untaken)
                .or_else(|| (0..64).find(untaken));
            if let Some(value) = value {
                mapping.set(symbol, value);
            }
        }
        mapping
    }

    /// One run; the board ends at the best mapping seen.
    pub(super) fn anneal(&self, board: &mut Board<'_>, known: &Mapping, random: &mut Random) {
        board.restart(self.begin(known, random));
        let moves = MOVES * self.symbols.len() as u64;
        let cooling = (HEAT.1 / HEAT.0).powf(1.0 / moves.max(1) as f64);
        let mut heat = HEAT.0;
        for _ in 0..moves {
            heat *= cooling;
            let index = random.below(self.symbols.len());
            let (Some(&symbol), Some(values)) = (self.symbols.get(index), self.values.get(index))
            else {
                break;
            };
            let Some(&value) = random.pick(values) else {
                continue;
            };
            let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
            if old == value {
                continue;
            }
            let worse = board.swap(symbol, value);
            if worse > 0 {
                let chance = (-(worse as f64) / heat).exp();
                let drawn = (random.bits() >> 11) as f64 / (1u64 << 53) as f64;
                if drawn >= chance {
                    board.swap(symbol, old);
                }
            }
        }
        self.descend(board);
    }

    /// Take every step that helps until none does.
    pub(super) fn descend(&self, board: &mut Board<'_>) {
        for _ in 0..16 {
            let before = board.total;
            for (&symbol, values) in self.symbols.iter().zip(&self.values) {
                for &value in values {
                    let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
                    if old != value && board.swap(symbol, value) >= 0 {
                        board.swap(symbol, old);
                    }
                }
            }
            if board.total == before {
                break;
            }
        }
    }

    /// How much worse the best other mapping is that differs in one symbol or in two that are exchanged, in
    /// tenths of a bit; and the joint odds of all of them, as Σ 2^(−bits).
    pub(super) fn margin(&self, board: &mut Board<'_>) -> (i64, f64) {
        let mut nearest = i64::MAX;
        let mut odds = 0.0;
        for (&symbol, values) in self.symbols.iter().zip(&self.values) {
            for &value in values {
                let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
                if old == value {
                    continue;
                }
                let worse = board.swap(symbol, value);
                // What breaks the structure is no answer at all.
                let possible = worse > SURE || board.plain().iter().all(|p| structure(p).is_some());
                board.swap(symbol, old);
                if possible {
                    nearest = nearest.min(worse);
                    odds += (-(worse as f64) / 10.0).exp2();
                }
            }
        }
        (nearest, odds)
    }
}
