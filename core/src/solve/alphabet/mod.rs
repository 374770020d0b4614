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
#[cfg(test)]
mod tests;
mod texts;

use super::random::Random;
use super::{ACCEPTED, Budget, Cribs, Solved, proof};
use board::{Board, View};
use climb::Free;
use place::Mapping;
use texts::{NONE, SYMBOLS, Texts, bytes_of, count};

/// Beginning of selectors.
const NAME: &str = "base64-alphabet:";
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
const RUNS: usize = 6;
/// By so much the second best must be worse, in tenths of a bit.
const MARGIN: i64 = 70;
/// All others together may be so likely.
const DOUBT: f64 = 0.01;

/// Solve texts of one endpoint that share an unknown alphabet.
///
/// `texts` are the values of one field, `cribs` what is expected inside. `None` when nothing is proven: too
/// short, no known value fits, or some symbol is not decided.
pub fn solve(texts: &[&[u8]], cribs: &Cribs, budget: &mut Budget) -> Option<Solved> {
    for pad in Texts::paddings(texts) {
        let Some(read) = Texts::read(texts, pad) else {
            continue;
        };
        if let Some(solved) = cheap::solve(&read, budget).or_else(|| by_cribs(&read, cribs, budget))
        {
            return Some(solved);
        }
    }
    None
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

fn by_cribs(texts: &Texts, cribs: &Cribs, budget: &mut Budget) -> Option<Solved> {
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
    let mut best: Option<Solved> = None;
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
) -> Option<Solved> {
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
        // Found twice from different beginnings: nothing better is near.
        if again == 1 {
            break;
        }
    }
    let (_, mapping) = best?;
    board.look(View::Deep);
    board.restart(mapping);
    let total = board.total;
    board.look(View::Cautious);
    let (margin, odds) = free.margin(&mut board);
    #[cfg(test)]
    if std::env::var("SHOW").is_ok() {
        eprintln!(
            "total {} margin {margin} odds {odds} again {again} {}",
            board.total,
            String::from_utf8_lossy(&board.plain()[0])
        );
    }
    let plain = board.plain();
    if margin < MARGIN || odds > DOUBT {
        return None;
    }
    let evidence = 80 * plain.iter().map(|p| p.len() as i64).sum::<i64>() - total;
    if !plain.iter().all(|p| proof::structure(p).is_some()) {
        return None;
    }
    let tried = permutations(texts.characters.len());
    if evidence - tried < ACCEPTED {
        return None;
    }
    Some(Solved {
        selector: selector(texts, &board.mapping),
        plain,
        evidence,
        tried,
        margin,
    })
}

/// Ways to give values to so many symbols: log2 of 64!/(64 − n)!, in tenths of a bit.
fn permutations(symbols: usize) -> i64 {
    (0..symbols.min(SYMBOLS))
        .map(|taken| (10.0 * ((SYMBOLS - taken) as f64).log2()).ceil() as i64)
        .sum()
}

/// `base64-alphabet:` and the 64 symbols in the order of their values, `·` for those that do not occur;
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
