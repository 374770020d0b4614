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
mod forced;
mod kinds;
mod place;
mod shapes;
#[cfg(test)]
mod tests;
mod texts;
mod words;

use std::fmt::Write;

use super::language::model;
use super::random::Random;
use super::{ACCEPTED, Budget, Cribs, Solved, proof};
use board::{Board, View};
use climb::Free;
use context::Context;
use doubt::Doubts;
use forced::{Beyond, Forced, Set};
use place::{Mapping, Placement};
use texts::{NONE, SYMBOLS, Texts};
use words::Pricer;

/// Stands for a byte that is not decided: text in UTF-8 never has it, so no known value is ever found across it.
pub const UNDECIDED: u8 = 0xff;

/// Beginning of selectors.
const NAME: &str = "base64-custom:";
/// Stands for a symbol that does not occur and so is not known.
const ABSENT: char = '·';
/// Before the padding character when it is not `=`.
const PAD: &str = ",pad=";
/// Before the symbols that are not decided.
const OPEN: &str = ",open=";
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
/// Two runs whose ends differ by less than this, in tenths of a bit, have found the same.
const SAME: i64 = 50;
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

/// An alphabet of which some symbols may be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partly {
    /// The selector that [`follow`] takes: it tells what each symbol that is not decided could be.
    pub selector: String,
    /// The plaintext of each text; `None` for bytes that hang on a symbol that is not decided.
    pub plain: Vec<Vec<Option<u8>>>,
    /// Evidence in tenths of a bit; the hypotheses are not yet paid for.
    pub evidence: i64,
    /// Logarithm of the hypotheses, in tenths of a bit: where the known value stands, and the alphabets there are for
    /// the symbols that it does not fix.
    pub tried: i64,
    /// Tenths of a bit by which the nearest other reading of the decided bytes is worse.
    pub margin: i64,
}

impl Partly {
    /// As an answer in which [`UNDECIDED`] stands for what is not decided.
    #[must_use]
    pub fn into_solved(self) -> Solved {
        let whole = |plain: Vec<Option<u8>>| -> Vec<u8> {
            plain
                .into_iter()
                .map(|byte| byte.unwrap_or(UNDECIDED))
                .collect()
        };
        Solved {
            selector: self.selector,
            plain: self.plain.into_iter().map(whole).collect(),
            evidence: self.evidence,
            tried: self.tried,
            margin: self.margin,
        }
    }
}

/// True for text with bytes that are left open: nothing is hidden in it any more.
#[must_use]
pub fn is_text_with_gaps(plain: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    plain.contains(&UNDECIDED)
        && !plain.iter().any(control)
        && plain
            .split(|&byte| byte == UNDECIDED)
            .all(|piece| std::str::from_utf8(piece).is_ok())
}

/// Tenths of a bit by which the model explains the decided bytes of a plaintext better than chance does; `None` when
/// that is no proof, or nothing is open.
#[must_use]
pub fn evidence_with_gaps(plain: &[Option<u8>]) -> Option<i64> {
    let open = plain.iter().filter(|byte| byte.is_none()).count();
    if open == 0 || open * 2 > plain.len() {
        return None;
    }
    let evidence = plain
        .split(Option::is_none)
        .map(|piece| {
            let piece: Vec<u8> = piece.iter().flatten().copied().collect();
            model().evidence_within(&piece)
        })
        .sum();
    (evidence >= ACCEPTED).then_some(evidence)
}

/// Decode again: `selector` is that of [`Solved::selector`] or [`Partly::selector`]. A byte that hangs on a symbol
/// that is not decided becomes [`UNDECIDED`]. `None` when it is none of these, or a character is not in
/// its alphabet; where some of its characters are not known, one that it does not name may be one of those.
#[must_use]
pub fn follow(selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let plain = follow_partly(selector, bytes)?;
    let byte = |byte: Option<u8>| byte.unwrap_or(UNDECIDED);
    Some(plain.into_iter().map(byte).collect())
}

/// As [`follow`], with `None` for a byte that is not decided.
#[must_use]
pub fn follow_partly(selector: &str, bytes: &[u8]) -> Option<Vec<Option<u8>>> {
    let (values, pad) = parse(selector)?;
    let known = values.iter().filter(|set| **set != 0).count();
    let used = |byte: &u8| {
        *byte == pad
            || matches!(byte, b'\r' | b'\n')
            || (known < SYMBOLS && byte.is_ascii_graphic())
            || values.get(usize::from(*byte)).is_some_and(|set| *set != 0)
    };
    if !bytes.iter().all(used) {
        return None;
    }
    decode(bytes, &values, Some(pad)).or_else(|| decode(bytes, &values, None))
}

/// A text under an alphabet: `values` are those that each character can have, one bit each; none at all for one of
/// which nothing is known.
fn decode(text: &[u8], values: &[u64; 256], pad: Option<u8>) -> Option<Vec<Option<u8>>> {
    let texts = Texts::read(&[text], pad)?;
    let mut open = [0u64; SYMBOLS];
    let mut mapping = [0u8; SYMBOLS];
    for ((open, value), character) in open.iter_mut().zip(&mut mapping).zip(&texts.characters) {
        *open = match *values.get(usize::from(*character))? {
            0 => u64::MAX,
            set => set,
        };
        *value = (open.trailing_zeros() & 63) as u8;
    }
    let plain = texts.plain(&mapping);
    doubt::decided_bytes(&texts, &plain, &open)
        .into_iter()
        .next()
}

/// Values that each character can have, one bit each, and the padding character.
fn parse(selector: &str) -> Option<([u64; 256], u8)> {
    let mut rest = selector.strip_prefix(NAME)?.chars();
    let mut values = [0u64; 256];
    for value in 0..64u8 {
        let character = rest.next()?;
        if character != ABSENT {
            *values.get_mut(usize::from(u8::try_from(character).ok()?))? |= 1 << value;
        }
    }
    let mut rest = rest.as_str();
    let mut pad = b'=';
    if let Some(after) = rest.strip_prefix(PAD) {
        pad = *after.as_bytes().first()?;
        rest = after.get(1..)?;
    }
    if let Some(mut after) = rest.strip_prefix(OPEN) {
        while !after.is_empty() {
            let character = *after.as_bytes().first()?;
            let set = u64::from_str_radix(after.get(1..17)?, 16).ok()?;
            *values.get_mut(usize::from(character))? = set;
            after = after.get(17..)?;
        }
        rest = "";
    }
    rest.is_empty().then_some((values, pad))
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
            || !budget.spend(free.steps(groups, moves))
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

/// What runs of the search ended with.
#[derive(Default)]
struct Found {
    /// What each costs word by word, and the mapping; only those under which every text has a structure.
    ends: Vec<(i64, i64, Mapping)>,
    /// What each costs by the n-grams.
    totals: Vec<i64>,
}

impl Found {
    fn add(&mut self, price: Option<i64>, total: i64, mapping: &Mapping) {
        self.totals.push(total);
        if let Some(price) = price {
            self.ends.push((price, total, mapping.clone()));
            self.ends.sort_by_key(|(price, ..)| *price);
        }
    }

    /// True when two runs ended in what is as good as the best by the n-grams: they do not tell numbers apart.
    fn confirmed(&self) -> bool {
        let Some(best) = self.ends.iter().map(|(_, total, _)| *total).min() else {
            return false;
        };
        let near = |total: &&i64| (**total - best).abs() < SAME;
        self.totals.iter().filter(near).count() > 1
    }

    /// The mappings, the best one first.
    fn mappings(&self) -> Vec<Mapping> {
        self.ends
            .iter()
            .map(|(.., mapping)| mapping.clone())
            .collect()
    }
}

/// Ways to give values to symbols up to `all` when `known` of them have theirs: log2 of (64 − known)!/(64 − all)!,
/// in tenths of a bit.
fn permutations(known: usize, all: usize) -> i64 {
    (known..all.min(SYMBOLS))
        .map(|taken| (10.0 * ((SYMBOLS - taken) as f64).log2()).ceil() as i64)
        .sum()
}

/// `base64-custom:` and the 64 symbols in the order of their values, `·` for those that do not occur or are not
/// decided; `,pad=` and the padding character when it is not `=`; `,open=` and for each symbol that is not decided
/// its character and the values it can have, one bit each, as 16 hex digits.
fn selector(texts: &Texts, mapping: &Mapping, open: &[u64; SYMBOLS]) -> String {
    let character = |symbol: u8| texts.characters.get(usize::from(symbol)).copied();
    let values = |symbol: u8| open.get(usize::from(symbol)).copied().unwrap_or(0);
    let mut selector = String::from(NAME);
    for &symbol in &mapping.symbol {
        let decided = character(symbol).filter(|_| values(symbol).count_ones() == 1);
        selector.push(decided.map_or(ABSENT, char::from));
    }
    if let Some(pad) = texts.pad
        && pad != b'='
    {
        selector.push_str(PAD);
        selector.push(char::from(pad));
    }
    let mut named = false;
    for (symbol, &character) in (0u8..).zip(&texts.characters) {
        if values(symbol).count_ones() > 1 {
            if !named {
                selector.push_str(OPEN);
                named = true;
            }
            selector.push(char::from(character));
            // Writing to a string cannot fail.
            let _ = write!(selector, "{:016x}", values(symbol));
        }
    }
    selector
}
