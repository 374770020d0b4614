//! Alphabets that are known in part: what they decode, and the selector that tells them.

use std::fmt::Write;

use super::super::language::model;
use super::super::{ACCEPTED, Solved};
use super::doubt;
use super::place::Mapping;
use super::texts::{SYMBOLS, Texts};

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
pub(super) fn decode(text: &[u8], values: &[u64; 256], pad: Option<u8>) -> Option<Vec<Option<u8>>> {
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
pub(super) fn parse(selector: &str) -> Option<([u64; 256], u8)> {
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

/// `base64-custom:` and the 64 symbols in the order of their values, `·` for those that do not occur or are not
/// decided; `,pad=` and the padding character when it is not `=`; `,open=` and for each symbol that is not decided
/// its character and the values it can have, one bit each, as 16 hex digits.
pub(super) fn selector(texts: &Texts, mapping: &Mapping, open: &[u64; SYMBOLS]) -> String {
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
