//! What is not decided: the other values that each symbol could have nearly as well.
//!
//! The best mapping is one of many. Those around it are looked at: every exchange of two symbols, every ring of
//! three of which one exchange already comes near, and those that a random walk through what comes near meets
//! (Metropolis and others, 1953, at the temperature at which a mapping is met as often as it is likely). A value
//! that any of them gives to a symbol stays possible, and a byte is decided when all its bits are.

use super::super::proof::structure;
use super::super::random::Random;
use super::board::Board;
use super::climb::Free;
use super::context::Context;
use super::place::Mapping;
use super::texts::{NONE, SYMBOLS, Texts};
use super::words::Pricer;

/// By so much another reading must be worse, in tenths of a bit.
const MARGIN: i64 = 125;
/// All others together may be so likely.
const DOUBT: f64 = 0.02;
/// Others that are worse by so much, in tenths of a bit, are not looked at.
const FAR: i64 = 200;
/// What is worse by so much is sure also where language has little to say, in tenths of a bit.
const SURE: i64 = 150;
/// Near mappings from which a second step is tried: so many, and none that is worse by so much.
const SECOND: usize = 64;
const RING: i64 = 160;
/// Steps of the walk, per move that it may make and at most.
const WALK: (usize, usize) = (40, 6000);
/// Steps of the walk that looks for a structure.
const REPAIR: usize = 2000;
/// Tenths of a bit that make a mapping e times less likely.
const HEAT: f64 = 14.427;

/// Values that symbols could have instead.
pub(super) struct Doubts {
    /// How much worse the best mapping is that gives a value to a symbol, in tenths of a bit.
    worse: Vec<[i64; SYMBOLS]>,
    /// Values that stay possible, one bit each; the best one always.
    pub(super) open: [u64; SYMBOLS],
    /// As `open`, with all that is less than [`SURE`] worse.
    pub(super) unsure: [u64; SYMBOLS],
    /// How much worse the nearest of the excluded readings is, in tenths of a bit.
    pub(super) margin: i64,
    /// A mapping that is better than the best, if one was met, and how much worse it is (less than zero).
    pub(super) better: Option<(i64, Mapping)>,
}

struct Near {
    worse: i64,
    symbol: u8,
    value: u8,
}

/// What a mapping costs word by word, in tenths of a bit; `None` when a text has no structure under it.
pub(super) fn price(
    texts: &Texts,
    mapping: &Mapping,
    pricer: &mut Pricer,
    context: &Context,
) -> Option<i64> {
    let plain = texts.plain(&mapping.value);
    plain
        .iter()
        .all(|plain| structure(plain).is_some())
        .then(|| pricer.price(&plain, context))
}

/// Go from mapping to mapping among those that come near until every text has a structure: the model alone does not
/// know that JSON has no number with a leading zero. True when one was found.
pub(super) fn repair(texts: &Texts, free: &Free, board: &mut Board, random: &mut Random) -> bool {
    let mut moves: Vec<(u8, u8)> = Vec::new();
    for (&symbol, values) in free.symbols.iter().zip(&free.values) {
        let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
        for &value in values {
            if free.may(&board.mapping, symbol, value) {
                if board.swap(symbol, value) < MARGIN {
                    moves.push((symbol, value));
                }
                board.swap(symbol, old);
            }
        }
        moves.push((symbol, old));
    }
    let before = board.total;
    for _ in 0..REPAIR {
        let Some(&(symbol, value)) = random.pick(&moves) else {
            break;
        };
        if !free.may(&board.mapping, symbol, value) {
            continue;
        }
        let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
        let worse = board.swap(symbol, value);
        if board.total - before > FAR || !metropolis(worse, random) {
            board.swap(symbol, old);
        } else if structured(texts, board) {
            return true;
        }
    }
    false
}

fn structured(texts: &Texts, board: &Board) -> bool {
    let plain = texts.plain(&board.mapping.value);
    plain.iter().all(|plain| structure(plain).is_some())
}

fn metropolis(worse: i64, random: &mut Random) -> bool {
    let drawn = (random.bits() >> 11) as f64 / (1u64 << 53) as f64;
    worse <= 0 || drawn < (-(worse as f64) / HEAT).exp()
}

struct Search<'a> {
    texts: &'a Texts,
    best: Mapping,
    total: i64,
    price: i64,
    pricer: Pricer,
    context: &'a Context,
    doubts: Doubts,
}

impl Doubts {
    /// Around the mapping of the board, which is left as it is.
    /// `others` are mappings that other searches ended with.
    pub(super) fn of(
        texts: &Texts,
        free: &Free,
        board: &mut Board,
        others: &[Mapping],
        random: &mut Random,
        context: &Context,
    ) -> Self {
        let best = board.mapping.clone();
        let mut pricer = Pricer::new();
        let mut search = Search {
            texts,
            total: board.total,
            price: pricer.price(&texts.plain(&best.value), context),
            pricer,
            context,
            doubts: Doubts {
                worse: vec![[FAR; SYMBOLS]; SYMBOLS],
                open: [0; SYMBOLS],
                unsure: [0; SYMBOLS],
                margin: FAR,
                better: None,
            },
            best,
        };
        let mut near = search.by_one(free, board, |_, _| true);
        near.sort_unstable_by_key(|near| (near.worse, near.symbol, near.value));
        for first in near
            .iter()
            .take_while(|near| near.worse < RING)
            .take(SECOND)
        {
            let old = board.mapping.value[usize::from(first.symbol) % SYMBOLS];
            let other = board.mapping.symbol[usize::from(first.value) % SYMBOLS];
            board.swap(first.symbol, first.value);
            search.by_one(free, board, |symbol, value| {
                symbol == first.symbol || symbol == other || value == old || value == first.value
            });
            board.swap(first.symbol, old);
        }
        search.walk(free, board, &near, random);
        for other in others {
            board.restart(other.clone());
            search.note(board);
        }
        let best = search.best.clone();
        board.restart(best);
        search.doubts.decide(&search.best);
        search.doubts
    }

    /// Leave open what comes near, until all that is left is unlikely.
    fn decide(&mut self, best: &Mapping) {
        let mut others: Vec<(i64, u8, u8)> = Vec::new();
        for (symbol, row) in (0u8..).zip(&self.worse) {
            for (value, &worse) in (0u8..).zip(row) {
                if worse < FAR {
                    others.push((worse, symbol, value));
                }
            }
        }
        others.sort_unstable();
        let odds = |worse: i64| (-(worse as f64) / 10.0).exp2();
        let mut rest: f64 = others.iter().map(|(worse, ..)| odds(*worse)).sum();
        for (open, &value) in self.open.iter_mut().zip(&best.value) {
            *open = 1u64.checked_shl(u32::from(value)).unwrap_or(0);
        }
        self.unsure = self.open;
        for &(worse, symbol, value) in &others {
            if worse < SURE {
                self.unsure[usize::from(symbol) % SYMBOLS] |= 1 << (value & 63);
            }
        }
        for (worse, symbol, value) in others {
            if worse >= MARGIN && rest <= DOUBT {
                self.margin = worse;
                break;
            }
            rest -= odds(worse);
            self.open[usize::from(symbol) % SYMBOLS] |= 1 << (value & 63);
        }
    }
}

impl Search<'_> {
    /// All mappings one step from that of the board that `asked` lets pass; those that come near are noted.
    fn by_one(
        &mut self,
        free: &Free,
        board: &mut Board,
        asked: impl Fn(u8, u8) -> bool,
    ) -> Vec<Near> {
        let mut near = Vec::new();
        for (&symbol, values) in free.symbols.iter().zip(&free.values) {
            for &value in values {
                if !asked(symbol, value) || !free.may(&board.mapping, symbol, value) {
                    continue;
                }
                let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
                board.swap(symbol, value);
                if let Some(worse) = self.note(board) {
                    near.push(Near {
                        worse,
                        symbol,
                        value,
                    });
                }
                board.swap(symbol, old);
            }
        }
        near
    }

    /// Note a mapping if it comes near and leaves every text its structure: how much worse it is.
    fn note(&mut self, board: &Board) -> Option<i64> {
        // The n-grams are quick and too sure: what they find far off is not looked at.
        if board.total - self.total >= 2 * FAR {
            return None;
        }
        let worse = price(self.texts, &board.mapping, &mut self.pricer, self.context)? - self.price;
        if worse >= FAR {
            return None;
        }
        if worse < self.doubts.better.as_ref().map_or(0, |(least, _)| *least) {
            self.doubts.better = Some((worse, board.mapping.clone()));
        }
        for ((row, value), best) in self
            .doubts
            .worse
            .iter_mut()
            .zip(&board.mapping.value)
            .zip(&self.best.value)
        {
            if value != best
                && let Some(known) = row.get_mut(usize::from(*value))
            {
                *known = worse.min(*known);
            }
        }
        Some(worse)
    }

    /// Go from mapping to mapping among what comes near.
    fn walk(&mut self, free: &Free, board: &mut Board, near: &[Near], random: &mut Random) {
        let moves: Vec<&Near> = near.iter().filter(|near| near.worse < FAR / 2).collect();
        if moves.len() < 2 {
            return;
        }
        for _ in 0..(moves.len() * WALK.0).min(WALK.1) {
            let Some(&&Near { symbol, value, .. }) = random.pick(&moves) else {
                break;
            };
            let old = board.mapping.value[usize::from(symbol) % SYMBOLS];
            // Back to what it was is a step too.
            let value = if old == value {
                self.best.value[usize::from(symbol) % SYMBOLS]
            } else {
                value
            };
            if !free.may(&board.mapping, symbol, value) {
                continue;
            }
            let worse = board.swap(symbol, value);
            let taken = metropolis(worse, random)
                && (board.mapping == self.best || self.note(board).is_some_and(|w| w < MARGIN));
            if !taken {
                board.swap(symbol, old);
            }
        }
    }
}

/// Bytes of texts under a mapping; `None` for those of which a bit is open.
pub(super) fn decided_bytes(
    texts: &Texts,
    plain: &[Vec<u8>],
    open: &[u64; SYMBOLS],
) -> Vec<Vec<Option<u8>>> {
    let fixed = |symbol: u8| -> u8 {
        if symbol == NONE {
            return 63;
        }
        fixed_bits(open.get(usize::from(symbol)).copied().unwrap_or(0))
    };
    texts
        .texts
        .iter()
        .zip(plain)
        .map(|(quads, plain)| {
            quads
                .iter()
                .flat_map(|&quad| {
                    let [a, b, c, d] = quad.map(fixed);
                    [
                        a == 63 && b & 0x30 == 0x30,
                        b & 0x0f == 0x0f && c & 0x3c == 0x3c,
                        c & 3 == 3 && d == 63,
                    ]
                })
                .zip(plain)
                .map(|(decided, &byte)| decided.then_some(byte))
                .collect()
        })
        .collect()
}

/// Bits in which all of these values agree.
pub(super) fn fixed_bits(values: u64) -> u8 {
    let (mut all, mut any) = (63u8, 0u8);
    for value in (0..64u8).filter(|value| values >> value & 1 == 1) {
        all &= value;
        any |= value;
    }
    !(all ^ any) & 63
}
