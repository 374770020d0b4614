//! Base64 with an alphabet of its own (RFC 4648 section 4 with other symbols): six bits to a symbol, no key
//! but the order of 64 symbols.
//!
//! A value that is known to be inside fixes the symbols it covers, wherever it can stand at all; the rest
//! follows from what telemetry looks like (annealing over the model of [`super::language`]). An answer is
//! given only when every text has a structure read to its end and no other assignment of any symbol comes
//! near.

mod board;
mod cheap;
mod climb;
mod place;
mod shapes;
#[cfg(test)]
mod tests;
mod texts;

use super::random::Random;
use super::{ACCEPTED, Budget, Cribs, Solved, proof};
use board::{Board, View};
use climb::{Free, Near};
use place::Mapping;
use texts::{NONE, SYMBOLS, Texts, bytes_of, count};

/// Beginning of selectors.
const NAME: &str = "base64-custom:";
/// Stands for a symbol that does not occur and so is not known.
const ABSENT: char = '·';
/// Before the padding character when it is not `=`.
const PAD: &str = ",pad=";
/// Shorter texts (all together, in symbols) cannot tell that many symbols apart.
const SHORTEST: usize = 96;
/// Fewer symbols are no base64 of text.
const FEWEST: usize = 20;
/// Placements of known values that are worth a search.
const PLACEMENTS: usize = 6;
/// Runs of annealing per placement, at most.
const RUNS: usize = 12;
/// Times that the best must be found again.
const AGAIN: usize = 2;
/// By so much the second best must be worse, in tenths of a bit.
const MARGIN: i64 = 90;
/// All others together may be so likely.
const DOUBT: f64 = 0.01;

/// Solve texts of one endpoint that share an unknown alphabet.
///
/// `texts` are the values of one field, `cribs` what is expected inside. `None` when nothing is proven: too
/// short, no known value fits, or some symbol is not decided (see [`solve_partly`]).
pub fn solve(texts: &[&[u8]], cribs: &Cribs, budget: &mut Budget) -> Option<Solved> {
    let partly = solve_partly(texts, cribs, budget)?;
    let plain: Option<Vec<Vec<u8>>> = partly
        .plain
        .into_iter()
        .map(|plain| plain.into_iter().collect())
        .collect();
    Some(Solved {
        selector: partly.selector,
        plain: plain?,
        evidence: partly.evidence,
        tried: partly.tried,
        margin: partly.margin,
    })
}

/// As [`solve`], but what is not decided is left open: one message seldom holds every digit in every place
/// often enough.
///
/// `None` when the alphabet as a whole is not proven.
pub fn solve_partly(texts: &[&[u8]], cribs: &Cribs, budget: &mut Budget) -> Option<Partly> {
    for pad in Texts::paddings(texts) {
        let Some(read) = Texts::read(texts, pad) else {
            continue;
        };
        if read.texts.len() < texts.len() {
            continue;
        }
        if let Some(solved) = cheap::solve(&read, budget) {
            return Some(Partly {
                selector: solved.selector,
                plain: solved
                    .plain
                    .into_iter()
                    .map(|plain| plain.into_iter().map(Some).collect())
                    .collect(),
                evidence: solved.evidence,
                tried: solved.tried,
                margin: solved.margin,
            });
        }
        if let Some(partly) = by_cribs(&read, cribs, budget) {
            return Some(partly);
        }
    }
    None
}

/// An alphabet of which some symbols may be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partly {
    /// The selector that [`follow`] takes; `·` also for symbols that are not decided, so that it only follows
    /// what is decided.
    pub selector: String,
    /// The plaintext of each text; `None` for bytes that hang on a symbol that is not decided.
    pub plain: Vec<Vec<Option<u8>>>,
    /// Evidence in tenths of a bit; the hypotheses are not yet paid for.
    pub evidence: i64,
    /// Logarithm of the alphabets there are for so many symbols, in tenths of a bit.
    pub tried: i64,
    /// Tenths of a bit by which the nearest other reading of the decided symbols is worse.
    pub margin: i64,
}

/// Decode again: `selector` is that of [`Solved::selector`]. `None` when it is none of these, or a character
/// is not in its alphabet.
#[must_use]
pub fn follow(selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = selector.strip_prefix(NAME)?.chars();
    let mut mapping = [NONE; 256];
    for value in 0..64u8 {
        let character = rest.next()?;
        if character != ABSENT {
            *mapping.get_mut(usize::from(u8::try_from(character).ok()?))? = value;
        }
    }
    let pad = match rest.as_str() {
        "" => b'=',
        other => match other.strip_prefix(PAD)?.as_bytes() {
            &[pad] => pad,
            _ => return None,
        },
    };
    let texts = Texts::read(&[bytes], Some(pad)).or_else(|| Texts::read(&[bytes], None))?;
    let values = |quad: &[u8; 4]| -> Option<[u8; 4]> {
        let mut values = [0; 4];
        for (to, &symbol) in values.iter_mut().zip(quad) {
            if symbol != NONE {
                let character = *texts.characters.get(usize::from(symbol))?;
                *to = *mapping.get(usize::from(character))?;
                if *to == NONE {
                    return None;
                }
            }
        }
        Some(values)
    };
    let mut out = Vec::new();
    for quad in texts.texts.first()? {
        out.extend(bytes_of(values(quad)?).into_iter().take(count(*quad)));
    }
    Some(out)
}

fn by_cribs(texts: &Texts, cribs: &Cribs, budget: &mut Budget) -> Option<Partly> {
    let symbols: usize = texts.texts.iter().map(|quads| quads.len() * 4).sum();
    if symbols < SHORTEST || texts.characters.len() < FEWEST {
        return None;
    }
    let domains = place::domains(texts);
    let mut placements: Vec<Mapping> = Vec::new();
    for value in cribs.values() {
        let (found, looked) = place::places(texts, value, &domains);
        if !budget.spend(looked as u64 * 4) {
            return None;
        }
        placements.extend(found);
    }
    // Those that fix more symbols are searched first, and are less likely to be chance.
    placements.sort_by_key(|m| m.value.iter().filter(|&&value| value == NONE).count());
    placements.truncate(PLACEMENTS);
    let mut best: Option<Partly> = None;
    for known in &placements {
        let found = search(texts, known, &domains, budget);
        match (&best, found) {
            (Some(old), Some(new)) if old.plain != new.plain => return None,
            (None, Some(new)) => best = Some(new),
            _ => {}
        }
    }
    best
}

fn search(
    texts: &Texts,
    known: &Mapping,
    domains: &[u64; SYMBOLS],
    budget: &mut Budget,
) -> Option<Partly> {
    let free = Free::of(texts, known, domains);
    if free.impossible() {
        return None;
    }
    let groups: usize = texts.texts.iter().map(Vec::len).sum();
    let mut random = Random::new(1);
    let mut board = Board::new(texts, known.clone(), View::Quick);
    let mut best: Option<(i64, Mapping)> = None;
    let mut again = 0;
    for _ in 0..RUNS {
        if !budget.spend(free.steps(groups)) {
            break;
        }
        free.anneal(&mut board, known, &mut random);
        board.look(View::Deep);
        free.descend(&mut board);
        let total = board.total;
        match &best {
            Some((least, mapping)) if total == *least && *mapping == board.mapping => again += 1,
            Some((least, _)) if total >= *least => {}
            _ => {
                best = Some((total, board.mapping.clone()));
                again = 0;
            }
        }
        board.look(View::Quick);
        // Found again from other beginnings: nothing better is near.
        if again == AGAIN {
            break;
        }
    }
    let (total, mapping) = best.filter(|_| again == AGAIN)?;
    let plain = texts.plain(&mapping.value);
    let evidence = 80 * board.counted() as i64 - total;
    let tried = permutations(texts.characters.len());
    if evidence - tried < ACCEPTED || plain.iter().any(|p| proof::structure(p).is_none()) {
        return None;
    }
    board.look(View::Cautious);
    board.restart(mapping);
    let near = free.near(texts, &mut board, MARGIN);
    let (open, margin) = undecided(&near);
    let mut decided = board.mapping.clone();
    for symbol in decided.symbol.iter_mut() {
        if *symbol != NONE && open >> *symbol & 1 == 1 {
            *symbol = NONE;
        }
    }
    Some(Partly {
        selector: selector(texts, &decided),
        plain: known_bytes(texts, &plain, open),
        evidence,
        tried,
        margin,
    })
}

/// Symbols that are not decided, one bit each: those by which a near mapping differs, until all other mappings
/// together are unlikely; and how much worse the nearest of these is.
fn undecided(near: &[Near]) -> (u64, i64) {
    let mut rest: f64 = near.iter().map(|near| odds(near.worse)).sum();
    let mut open = 0u64;
    for near in near {
        if near.worse >= MARGIN && rest <= DOUBT {
            return (open, near.worse);
        }
        rest -= odds(near.worse);
        for symbol in near.symbols {
            open |= 1u64.checked_shl(u32::from(symbol)).unwrap_or(0);
        }
    }
    (open, climb::FAR)
}

fn odds(worse: i64) -> f64 {
    (-(worse as f64) / 10.0).exp2()
}

/// Bytes none of whose symbols are open.
fn known_bytes(texts: &Texts, plain: &[Vec<u8>], open: u64) -> Vec<Vec<Option<u8>>> {
    let is_open = |symbol: u8| {
        open.checked_shr(u32::from(symbol))
            .is_some_and(|bit| bit & 1 == 1)
    };
    texts
        .texts
        .iter()
        .zip(plain)
        .map(|(quads, plain)| {
            quads
                .iter()
                .flat_map(|&[a, b, c, d]| [[a, b], [b, c], [c, d]])
                .zip(plain)
                .map(|(symbols, &byte)| (!symbols.into_iter().any(is_open)).then_some(byte))
                .collect()
        })
        .collect()
}

/// Ways to give values to so many symbols: log2 of 64!/(64 − n)!, in tenths of a bit.
fn permutations(symbols: usize) -> i64 {
    (0..symbols.min(SYMBOLS))
        .map(|taken| (10.0 * ((SYMBOLS - taken) as f64).log2()).ceil() as i64)
        .sum()
}

/// `base64-custom:` and the 64 symbols in the order of their values, `·` for those that do not occur;
/// `,pad=` and the padding character when it is not `=`.
fn selector(texts: &Texts, mapping: &Mapping) -> String {
    let mut selector = String::from(NAME);
    for &symbol in &mapping.symbol {
        selector.push(
            texts
                .characters
                .get(usize::from(symbol))
                .map_or(ABSENT, |&character| char::from(character)),
        );
    }
    if let Some(pad) = texts.pad
        && pad != b'='
    {
        selector.push_str(PAD);
        selector.push(char::from(pad));
    }
    selector
}
