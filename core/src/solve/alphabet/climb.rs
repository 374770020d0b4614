//! The best mapping: simulated annealing from what is known, then only steps that help.

use super::super::random::Random;
use super::board::Board;
use super::place::Mapping;
use super::texts::{NONE, SYMBOLS, Texts};

/// First and last temperature, in tenths of a bit: at the first nearly all is allowed, at the last nothing.
const HEAT: (f64, f64) = (55.0, 6.0);
/// Passes of the descent, at most.
const PASSES: usize = 16;

/// The symbols to be moved and the values they may take.
pub(super) struct Free {
    pub(super) symbols: Vec<u8>,
    pub(super) values: Vec<Vec<u8>>,
    /// The same as bits, by symbol; zero for those that are known.
    allowed: [u64; SYMBOLS],
}

impl Free {
    /// All symbols that `known` says nothing of.
    pub(super) fn of(texts: &Texts, known: &Mapping, domains: &[u64; SYMBOLS]) -> Self {
        let mut free = Free {
            symbols: Vec::new(),
            values: Vec::new(),
            allowed: [0; SYMBOLS],
        };
        let taken = (0..64u8)
            .filter(|&v| known.symbol[usize::from(v) % SYMBOLS] != NONE)
            .fold(0u64, |set, v| set | 1 << v);
        for ((symbol, &value), &domain) in (0u8..)
            .zip(&known.value)
            .zip(domains)
            .take(texts.characters.len())
        {
            if value == NONE {
                let allowed = domain & !taken;
                free.symbols.push(symbol);
                free.values
                    .push((0..64u8).filter(|v| allowed >> v & 1 == 1).collect());
                free.allowed[usize::from(symbol) % SYMBOLS] = allowed;
            }
        }
        free
    }

    /// True when some symbol can have no value: what is known is wrong.
    pub(super) fn impossible(&self) -> bool {
        self.values.iter().any(Vec::is_empty)
    }

    /// True when `symbol` may have `value`, and whoever has that value now may take its own instead.
    pub(super) fn may(&self, mapping: &Mapping, symbol: u8, value: u8) -> bool {
        let old = mapping.value[usize::from(symbol) % SYMBOLS];
        let other = mapping.symbol[usize::from(value) % SYMBOLS];
        old != value
            && self.allowed[usize::from(symbol) % SYMBOLS] >> (value & 63) & 1 == 1
            && (other == NONE || self.allowed[usize::from(other) % SYMBOLS] >> (old & 63) & 1 == 1)
    }

    /// Steps of one run of so many moves per symbol over texts of so many groups, as the budget counts them.
    pub(super) fn steps(&self, groups: usize, moves: u64) -> u64 {
        // A move looks at each group of two symbols, seven bytes each.
        let per_move = 1 + 14 * groups as u64 * 4 / (self.symbols.len() as u64 + 16);
        self.symbols.len() as u64 * moves * per_move
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

    /// One run of so many moves per symbol; the board ends near the best mapping.
    pub(super) fn anneal(
        &self,
        board: &mut Board,
        known: &Mapping,
        moves: u64,
        random: &mut Random,
    ) {
        board.restart(self.begin(known, random));
        let moves = moves * self.symbols.len() as u64;
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
            // A value that only one of the two may have is a wrong beginning that must be able to end.
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
    pub(super) fn descend(&self, board: &mut Board) {
        for _ in 0..PASSES {
            let before = board.total;
            for (&symbol, values) in self.symbols.iter().zip(&self.values) {
                for &value in values {
                    let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
                    if self.may(&board.mapping, symbol, value) && board.swap(symbol, value) >= 0 {
                        board.swap(symbol, old);
                    }
                }
            }
            if board.total == before {
                break;
            }
        }
    }
}
