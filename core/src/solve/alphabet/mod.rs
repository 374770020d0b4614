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
mod context;
mod doubt;
mod ends;
mod forced;
mod kinds;
mod partly;
mod place;
mod shapes;
#[cfg(test)]
mod tests;
mod texts;
mod words;

use super::random::Random;
use super::{ACCEPTED, Budget, Cribs, Solved, proof};
use board::{Board, View};
use climb::Free;
use context::Context;
use doubt::Doubts;
use ends::Found;
use forced::{Beyond, Forced, Set};
pub use partly::{Partly, UNDECIDED, evidence_with_gaps, follow, follow_partly, is_text_with_gaps};
use partly::{decode, parse, selector};
use place::{Mapping, Placement};
use texts::{NONE, SYMBOLS, Texts};
use words::Pricer;

/// Shorter texts (all together, in symbols) cannot tell that many symbols apart.
const SHORTEST: usize = 96;
/// Fewer symbols are no base64 of text.
const FEWEST: usize = 20;
/// Texts of so many symbols often have characters outside ASCII.
const LONG: usize = 400;
/// Placements of known values that are worth a search.
const PLACEMENTS: usize = 6;
/// Runs of annealing per placement, in moves per symbol.
const MOVES: [u64; 12] = [
    200, 200, 300, 500, 500, 1000, 1000, 2000, 2000, 2000, 3000, 3000,
];
/// Nodes of one question of what follows.
const NODES: u32 = 100;
/// In texts of fewer groups two runs may end in the same wrong place, so that there are at least so many.
const SHORT: usize = 64;
const FEWEST_RUNS: usize = 4;
/// Runs that may end in what is no text before the known value is taken not to be there.
const LOW: u32 = 2;
/// Ends of other runs that are mended word by word to see whether they end where the best does.
const MENDED: usize = 3;
/// Times that a better mapping may be met while doubts are looked for.
const BETTER: usize = 8;

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
        if let Some(solved) = cheap::solve(&read, budget) {
            return Some(Partly {
                plain: {
                    let (values, _) = parse(&solved.selector)?;
                    texts
                        .iter()
                        .map(|text| decode(text, &values, pad))
                        .collect::<Option<_>>()?
                },
                selector: solved.selector,
                evidence: solved.evidence,
                tried: solved.tried,
                margin: solved.margin,
            });
        }
        if let Some(mut partly) = by_cribs(&read, cribs, budget) {
            let (values, _) = parse(&partly.selector)?;
            for text in texts.get(read.texts.len()..).unwrap_or_default() {
                partly.plain.push(decode(text, &values, pad)?);
            }
            return Some(partly);
        }
    }
    None
}

fn by_cribs(texts: &Texts, cribs: &Cribs, budget: &mut Budget) -> Option<Partly> {
    let symbols: usize = texts.texts.iter().map(|quads| quads.len() * 4).sum();
    if symbols < SHORTEST || texts.characters.len() < FEWEST {
        return None;
    }
    let mut domains = place::domains(texts, false);
    let mut placements: Vec<Placement> = Vec::new();
    let mut places = 0;
    for others in [false, true] {
        if others {
            if !placements.is_empty() || symbols < LONG {
                break;
            }
            domains = place::domains(texts, true);
        }
        for value in cribs.values() {
            let (found, looked) = place::places(texts, value, &domains);
            places += looked;
            if !budget.spend(looked as u64 * 4) {
                return None;
            }
            placements.extend(found);
        }
    }
    // Those that fix more symbols are searched first, and are less likely to be chance.
    placements.sort_by_key(|m| m.known.value.iter().filter(|&&value| value == NONE).count());
    placements.truncate(PLACEMENTS);
    let context = Context::of(cribs);
    let mut best: Option<(Partly, [u64; SYMBOLS])> = None;
    for placement in &placements {
        // The same value in another text says the same.
        if let Some((_, open)) = &best
            && placement.agrees(open)
        {
            continue;
        }
        let mut domains = domains;
        for &(symbol, possible) in &placement.partly {
            domains[usize::from(symbol) % SYMBOLS] &= possible;
        }
        match (
            &best,
            search(texts, placement, places, &domains, &context, budget),
        ) {
            (Some(_), Some(_)) => return None,
            (None, found) => best = found,
            _ => {}
        }
    }
    best.map(|(partly, _)| partly)
}

fn search(
    texts: &Texts,
    placement: &Placement,
    places: usize,
    domains: &[u64; SYMBOLS],
    context: &Context,
    budget: &mut Budget,
) -> Option<(Partly, [u64; SYMBOLS])> {
    let known = &placement.known;
    let free = Free::of(texts, known, domains);
    if free.impossible() {
        return None;
    }
    let groups: usize = texts.texts.iter().map(Vec::len).sum();
    // What the known value fixes was not searched for; where it stands was.
    let fixed = texts.characters.len() - free.symbols.len();
    let tried = permutations(fixed, texts.characters.len())
        + (10.0 * (places.max(1) as f64).log2()).ceil() as i64;
    let mut random = Random::new(1);
    let mut board = Board::new(texts, known.clone(), View::Quick);
    let mut pricer = Pricer::new();
    let mut found = Found::default();
    let mut low = 0;
    for moves in MOVES {
        let enough = if groups < SHORT { FEWEST_RUNS } else { 0 };
        if (found.confirmed() && found.totals.len() >= enough)
            || !budget.spend(free.steps(groups.min(board::MOST), moves))
        {
            break;
        }
        board.look(View::Quick);
        free.anneal(&mut board, known, moves, &mut random);
        board.look(View::Deep);
        free.descend(&mut board);
        let evidence = 80 * board.counted() as i64 - board.total;
        if evidence - tried < ACCEPTED {
            low += 1;
            // What is text of any kind comes nearer at once.
            if evidence < tried / 2 && low >= LOW && found.ends.is_empty() {
                return None;
            }
            continue;
        }
        let total = board.total;
        board.look(View::Cautious);
        free.descend(&mut board);
        let mut price = doubt::price(texts, &board.mapping, &mut pricer, context);
        if price.is_none() && doubt::repair(texts, &free, &mut board, &mut random) {
            price = doubt::price(texts, &board.mapping, &mut pricer, context);
        }
        found.add(price, total, &board.mapping);
    }
    let mut others = found.mappings();
    board.look(View::Cautious);
    let mut around = |board: &mut Board, others: &mut Vec<Mapping>, from: &Mapping| {
        board.restart(from.clone());
        let mut doubts = Doubts::of(texts, &free, board, others, &mut random, context);
        for _ in 0..BETTER {
            let Some((_, better)) = doubts.better.take() else {
                break;
            };
            others.push(board.mapping.clone());
            board.restart(better);
            doubts = Doubts::of(texts, &free, board, others, &mut random, context);
        }
        doubts
    };
    let best = others.first()?.clone();
    let mut doubts = around(&mut board, &mut others, &best);
    if !found.confirmed() {
        // What was found only once may be the best of its neighbourhood and no more: another run must end there too
        // when it is mended word by word.
        let first = board.mapping.clone();
        let mut same = false;
        for other in found.mappings().into_iter().skip(1).take(MENDED) {
            let mut alone = Vec::new();
            around(&mut board, &mut alone, &other);
            same = board.mapping == first || others.contains(&board.mapping);
            if same {
                break;
            }
        }
        if !same {
            return None;
        }
        board.restart(first.clone());
        doubts = around(&mut board, &mut others, &first);
    }
    let plain = texts.plain(&board.mapping.value);
    // What is decided must also follow from what is believed.
    let decided = doubt::decided_bytes(texts, &plain, &doubts.open);
    let sure = doubt::decided_bytes(texts, &plain, &doubts.unsure);
    let sets: Vec<Vec<Set>> = plain
        .iter()
        .zip(decided.iter().zip(&sure))
        .map(|(plain, (decided, sure))| kinds::sets(plain, decided, sure, context))
        .collect();
    let mut forced = Forced::new(texts, &sets);
    forced.know(placement);
    let follows = forced.open(&board.mapping.value, NODES, Beyond::Possible);
    for (open, follows) in doubts.open.iter_mut().zip(&follows) {
        *open |= follows;
    }
    board.look(View::Deep);
    let evidence = 80 * board.counted() as i64 - board.total;
    if evidence - tried < ACCEPTED || plain.iter().any(|p| proof::structure(p).is_none()) {
        return None;
    }
    let partly = Partly {
        selector: selector(texts, &board.mapping, &doubts.open),
        plain: doubt::decided_bytes(texts, &plain, &doubts.open),
        evidence,
        tried,
        margin: doubts.margin,
    };
    Some((partly, doubts.open))
}

/// Ways to give values to symbols up to `all` when `known` of them have theirs: log2 of (64 − known)!/(64 − all)!,
/// in tenths of a bit.
fn permutations(known: usize, all: usize) -> i64 {
    (known..all.min(SYMBOLS))
        .map(|taken| (10.0 * ((SYMBOLS - taken) as f64).log2()).ceil() as i64)
        .sum()
}
