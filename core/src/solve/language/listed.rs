//! What is listed: words with how common they are, names of fields, values.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::words;

/// All words in lower case, and what each costs in tenths of a bit: what is common costs less.
static LEXICON: LazyLock<HashMap<Vec<u8>, u8, FixedState>> = LazyLock::new(|| {
    let mut lexicon: HashMap<Vec<u8>, u8, FixedState> = HashMap::with_hasher(FixedState::default());
    let mut add = |words: Vec<&'static str>, cost: &dyn Fn(usize) -> f64| {
        for (rank, word) in words.into_iter().enumerate() {
            if word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                let cost = (10.0 * cost(rank)) as u8;
                let known = lexicon.entry_ref(word.as_bytes()).or_insert(cost);
                *known = cost.min(*known);
            }
        }
    };
    let split = |list: &'static str| list.split_ascii_whitespace().collect::<Vec<_>>();
    // Zipf's law for what is sorted by how common it is; the same for all where it is not.
    add(words::lexicon(0), &|rank| ((rank + 16) as f64).log2() + 2.5);
    add(split(words::PARTS), &|_| 10.0);
    add(words::lexicon(1), &|_| 10.5);
    add(split(words::FIELDS), &|_| 10.0);
    add(split(words::VALUES), &|_| 11.0);
    add(split(words::PLAIN), &|_| 11.0);
    add(split(words::HOSTS), &|_| 11.5);
    add(words::lexicon(2), &|_| 12.5);
    for (lists, cost) in [
        (words::names().collect::<Vec<_>>(), 110),
        (words::values().collect(), 115),
    ] {
        for text in lists {
            let mut rest = text.as_bytes();
            while !rest.is_empty() {
                let (word, after) = rest.split_at(part(rest).clamp(1, rest.len()));
                if word.len() > 3 && word.iter().all(u8::is_ascii_alphabetic) {
                    let lower = word.to_ascii_lowercase();
                    lexicon.entry_ref(lower.as_slice()).or_insert(cost);
                }
                rest = after;
            }
        }
    }
    lexicon
});

/// Letters of the first part of a run of letters: `deviceModel` has two.
pub(crate) fn part(text: &[u8]) -> usize {
    let capitals = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    if capitals > 1 {
        return capitals;
    }
    let small = text.iter().skip(capitals);
    capitals + small.take_while(|b| b.is_ascii_lowercase()).count()
}

/// How a name or value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// As it is.
    Exactly,
    /// In another style: `app_version` for `appVersion`.
    InStyle,
}

/// Texts as they are, and as they are once signs and capitals are gone.
struct Listed {
    exact: HashSet<&'static [u8], FixedState>,
    plain: HashSet<Vec<u8>, FixedState>,
}

impl Listed {
    fn of(texts: impl Iterator<Item = &'static str>) -> Self {
        let exact: HashSet<_, FixedState> = texts.map(str::as_bytes).collect();
        let plain = exact.iter().map(|text| plain(text)).collect();
        Listed { exact, plain }
    }

    fn knows(&self, text: &[u8]) -> Option<Known> {
        if self.exact.contains(text) {
            return Some(Known::Exactly);
        }
        // What nobody writes in several styles is as short as this.
        let ends = [text.first(), text.last()];
        let between = ends
            .iter()
            .flatten()
            .all(|byte| byte.is_ascii_alphanumeric());
        (text.len() > 2 && between && self.plain.contains(&plain(text))).then_some(Known::InStyle)
    }
}

fn plain(text: &[u8]) -> Vec<u8> {
    text.iter()
        .filter(|byte| !matches!(byte, b'_' | b'-' | b'.'))
        .map(u8::to_ascii_lowercase)
        .collect()
}

static NAMES: LazyLock<Listed> = LazyLock::new(|| Listed::of(words::names()));
static VALUES: LazyLock<Listed> = LazyLock::new(|| Listed::of(words::values()));

/// Whether a name of a field is known.
pub(crate) fn known_name(name: &[u8]) -> Option<Known> {
    NAMES.knows(name)
}

/// Whether a value is known.
pub(crate) fn known_value(value: &[u8]) -> Option<Known> {
    VALUES.knows(value)
}

/// What a word of the lexicon costs, in tenths of a bit; it must be in lower case.
pub(crate) fn word(letters: &[u8]) -> Option<i64> {
    LEXICON.get(letters).map(|&cost| i64::from(cost))
}
