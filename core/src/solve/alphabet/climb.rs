//! The best mapping: simulated annealing from what is known, then only steps that help.

use super::super::proof::structure;
use super::super::random::Random;
use super::board::Board;
use super::place::Mapping;
use super::shapes;
use super::texts::{NONE, SYMBOLS, Texts};

/// Moves of one run of annealing, per free symbol.
const MOVES: u64 = 1000;
/// First and last temperature, in tenths of a bit: at the first nearly all is allowed, at the last nothing.
const HEAT: (f64, f64) = (55.0, 6.0);

/// Others that are worse by so much, in tenths of a bit, are not looked at.
pub(super) const FAR: i64 = 200;

/// Doubtful mappings from which a second step is tried.
const SECOND: usize = 48;

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
    pub(super) fn anneal(&self, board: &mut Board, known: &Mapping, random: &mut Random) {
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
    pub(super) fn descend(&self, board: &mut Board) {
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

    /// Other mappings that come near by one step or by two: when a symbol is in doubt, so is whoever could take
    /// its value. As [`Free::near_by_one`]; of mappings two steps away all symbols are told.
    pub(super) fn near(&self, texts: &Texts, board: &mut Board, margin: i64) -> Vec<Near> {
        let mut all = self.near_by_one(texts, board);
        let doubted: Vec<Near> = all
            .iter()
            .take_while(|near| near.worse < margin)
            .take(SECOND)
            .cloned()
            .collect();
        for first in doubted {
            let [symbol, _, ..] = first.symbols;
            let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
            board.swap(symbol, first.value);
            for second in self.near_by_one(texts, board) {
                let worse = first.worse + second.worse;
                // Back to the best one is no other mapping.
                if worse < margin && second.symbols[0] != symbol && second.symbols[1] != symbol {
                    all.push(Near { worse, ..second });
                }
            }
            board.swap(symbol, old);
        }
        all.sort_unstable_by_key(|near| (near.worse, near.symbols, near.value));
        all
    }

    /// Other mappings that come near: those that differ in one symbol, or in two that are exchanged, and that
    /// leave every text its structure. Each with how much worse it is in tenths of a bit, nearest first.
    fn near_by_one(&self, texts: &Texts, board: &mut Board) -> Vec<Near> {
        let mut near = Vec::new();
        let shaped = |mapping: &Mapping| -> i64 {
            let plain = texts.plain(&mapping.value);
            plain.iter().map(|plain| shapes::count(plain)).sum()
        };
        let best = shaped(&board.mapping);
        for (&symbol, values) in self.symbols.iter().zip(&self.values) {
            for &value in values {
                let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
                let other = board.mapping.symbol[usize::from(value) % SYMBOLS];
                if old == value {
                    continue;
                }
                let worse = board.swap(symbol, value);
                if worse < FAR {
                    let plain = texts.plain(&board.mapping.value);
                    let worse = worse + shapes::EACH * (best - shaped(&board.mapping)).max(0);
                    if plain.iter().all(|plain| structure(plain).is_some()) {
                        near.push(Near {
                            worse,
                            symbols: [symbol, other],
                            value,
                        });
                    }
                }
                board.swap(symbol, old);
            }
        }
        near.sort_unstable_by_key(|near| (near.worse, near.symbols, near.value));
        near
    }
}

/// A mapping near the best one.
#[derive(Clone)]
pub(super) struct Near {
    /// How much worse it is, in tenths of a bit.
    pub(super) worse: i64,
    /// The symbols whose values differ; the second may be none.
    pub(super) symbols: [u8; 2],
    /// What the first of them is there.
    value: u8,
}
