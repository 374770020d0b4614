//! Following a selector through the bytes: the path says how each field is read, so nothing is decided here.

use super::number::meaning;
use super::reader::Held;
use super::typing::Width;
use super::wire::{Field, Fields, Value, varint};

/// The word for a message with its length before it.
pub(super) const LENGTH: &str = "length";

/// A word of a selector: a number or a name, and what stands in brackets behind it.
struct Word<'a> {
    name: &'a str,
    indices: [Option<u32>; 2],
}

impl<'a> Word<'a> {
    fn of(word: &'a str) -> Option<Self> {
        let end = word.find('[').unwrap_or(word.len());
        let (name, mut rest) = word.split_at_checked(end)?;
        let mut indices = [None; 2];
        for index in &mut indices {
            if rest.is_empty() {
                break;
            }
            let (digits, after) = rest.strip_prefix('[')?.split_once(']')?;
            *index = Some(number(digits)?);
            rest = after;
        }
        rest.is_empty().then_some(Word { name, indices })
    }
}

/// A number in decimal as selectors have it: digits only, none needless.
fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if plain { digits.parse().ok() } else { None }
}

/// The value at this path; `None` when there is none.
pub(super) fn follow(bytes: &[u8], selector: &str) -> Option<Vec<u8>> {
    let mut words = selector.split('.').peekable();
    let (mut start, mut end) = (0, bytes.len());
    if selector.starts_with('[') {
        let word = Word::of(words.next()?)?;
        let ("", [Some(index), None]) = (word.name, word.indices) else {
            return None;
        };
        (start, end) = in_stream(bytes, index)?;
    }
    loop {
        let word = Word::of(words.next()?)?;
        let (field, element) = field(bytes, start, end, &word)?;
        let next = words.peek().copied();
        let held = match (field.value, element, next) {
            (Value::Varint(value), None, _) => Held::Varint(value),
            (Value::Fixed64(value), None, _) => Held::Fixed64(value),
            (Value::Fixed32(value), None, _) => Held::Fixed32(value),
            (Value::Delimited(from, to), Some(element), _) => {
                Held::Varint(packed(bytes, from, to, element)?)
            }
            (Value::Delimited(from, to), None, None) => {
                return bytes.get(from..to).map(<[u8]>::to_vec);
            }
            (Value::Delimited(from, to), None, Some(LENGTH)) => {
                words.next();
                let (length, digits) = varint(bytes, from, to)?;
                (start, end) = (from + digits, to);
                if usize::try_from(length) != Ok(end.checked_sub(start)?) {
                    return None;
                }
                continue;
            }
            (Value::Delimited(from, to), None, Some(next)) => {
                let next = Word::of(next)?;
                let width = Width::ALL.into_iter().find(|it| it.word() == next.name);
                let Some(width) = width else {
                    (start, end) = (from, to);
                    continue;
                };
                words.next();
                let [Some(element), None] = next.indices else {
                    return None;
                };
                let all = bytes.get(from..to)?.chunks_exact(width.bytes());
                let number = all.into_iter().nth(element as usize)?;
                let bits = number.iter().rev();
                let bits = bits.fold(0, |value, &byte| value << 8 | u64::from(byte));
                Held::Element(width, bits)
            }
            (Value::Group(from, to), None, Some(_)) => {
                (start, end) = (from, to);
                continue;
            }
            _ => return None,
        };
        let word = words.next();
        return match words.next() {
            None => meaning(held, word),
            Some(_) => None,
        };
    }
}

/// Where the message with this number is in a stream.
fn in_stream(bytes: &[u8], index: u32) -> Option<(usize, usize)> {
    let mut at = 0;
    for place in 0..=index {
        let (length, digits) = varint(bytes, at, bytes.len())?;
        let start = at + digits;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        if end > bytes.len() {
            return None;
        }
        if place == index {
            return Some((start, end));
        }
        at = end;
    }
    None
}

/// The field of `bytes[start..end]` that a word names, and the element of packed numbers that it asks for.
fn field(bytes: &[u8], start: usize, end: usize, word: &Word<'_>) -> Option<(Field, Option<u32>)> {
    let wanted = number(word.name)?;
    let (mut first, mut second, mut count) = (None, None, 0u32);
    for field in Fields::of(bytes, start, end) {
        let field = field.ok()?;
        if field.number == wanted {
            if count == 0 {
                first = Some(field);
            }
            if word.indices.first() == Some(&Some(count)) {
                second = Some(field);
            }
            count = count.saturating_add(1);
        }
    }
    match (count, word.indices) {
        // What stands once has no ordinal: one bracket asks for an element.
        (1, [element, None]) => Some((first?, element)),
        (2.., [Some(_), element]) => Some((second?, element)),
        _ => None,
    }
}

/// One of packed varints.
fn packed(bytes: &[u8], mut at: usize, end: usize, element: u32) -> Option<u64> {
    for _ in 0..element {
        let (_, length) = varint(bytes, at, end)?;
        at += length;
    }
    varint(bytes, at, end).map(|(value, _)| value)
}
