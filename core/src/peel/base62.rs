//! Layer `base62`: bytes as one number to the base 62, in digits and letters. There is no standard: the order of the
//! digits is one of three, and the selector says which (`0Aa`, `0aA`, `A0`).
//!
//! Any word is a number in all of them, so that only what is inside proves it, with its rarity and the orders paid for.

use num_bigint::BigUint;

use super::bench::Bench;
use super::layer::{Context, Hint, Layer, Opened};
use super::look::{Look, kind};
use super::proof::{opened, promising};

/// The layer.
pub(crate) struct Base62;

/// Fifteen bytes or so.
const SHORTEST: usize = 20;
/// Undoing it takes time that grows with the square of the length.
const LONGEST: usize = 1024;
/// Different digits in it.
const VARIED: u32 = 8;
/// How rare it is: one of some 1,000 encoded fields (10 bits), and one of three orders.
const PRIOR: i64 = 120;

/// The orders: what the digits are that count from 0 on.
const ORDERS: [(&str, [Kind; 3]); 3] = [
    ("0Aa", [Kind::Digit, Kind::Upper, Kind::Lower]),
    ("0aA", [Kind::Digit, Kind::Lower, Kind::Upper]),
    ("Aa0", [Kind::Upper, Kind::Lower, Kind::Digit]),
];

#[derive(Clone, Copy)]
enum Kind {
    Digit,
    Upper,
    Lower,
}

impl Kind {
    /// The first of them and how many there are.
    fn range(self) -> (u8, u8) {
        match self {
            Kind::Digit => (b'0', 10),
            Kind::Upper => (b'A', 26),
            Kind::Lower => (b'a', 26),
        }
    }
}

/// What a digit counts in an order.
fn value(order: &[Kind; 3], digit: u8) -> Option<u8> {
    let mut before = 0;
    for kind in order {
        let (first, count) = kind.range();
        match digit.checked_sub(first) {
            Some(place) if place < count => return Some(before + place),
            _ => before += count,
        }
    }
    None
}

/// Undo it; `None` beyond [`LONGEST`] or outside the alphabet. Zeros before the first byte are lost in the number.
fn decode(bytes: &[u8], order: &[Kind; 3]) -> Option<Vec<u8>> {
    if bytes.len() > LONGEST {
        return None;
    }
    let values: Option<Vec<u8>> = bytes.iter().map(|&digit| value(order, digit)).collect();
    Some(BigUint::from_radix_be(&values?, 62)?.to_bytes_be())
}

impl Layer for Base62 {
    fn name(&self) -> &'static str {
        "base62"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first.is_ascii_alphanumeric()
    }

    fn never(&self) -> u32 {
        !kind::ALNUM
    }

    fn needs(&self) -> u32 {
        kind::DIGIT
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.len() <= LONGEST
            && look.only(kind::ALNUM)
            && look.has(kind::DIGIT)
            && look.mixed_case()
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        for (name, order) in ORDERS {
            let Some(decoded) = decode(look.bytes, &order) else {
                continue;
            };
            if !promising(decoded.get(..8).unwrap_or(&decoded)) {
                continue;
            }
            let opened = opened(self.name(), decoded, context, bench, PRIOR);
            if let Some(Opened::One { bytes, .. }) = opened {
                // The order is said, so that the chain can be followed.
                let mut fields = bench.fields();
                let place = fields.store(&bytes);
                fields.add_unnamed(name, place, Hint::None);
                return Some(Opened::Many {
                    layer: self.name(),
                    fields,
                });
            }
        }
        None
    }

    fn follow(&self, bytes: &[u8], selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let (_, order) = ORDERS.iter().find(|(name, _)| *name == selector)?;
        decode(bytes, order)
    }
}

/// The inverse, for tests and the fuzzer; `None` for bytes that a number cannot keep.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8], order: &str) -> Option<Vec<u8>> {
    let (_, order) = ORDERS.iter().find(|(name, _)| *name == order)?;
    if bytes.first().is_none_or(|&first| first == 0) {
        return None;
    }
    let values = BigUint::from_bytes_be(bytes).to_radix_be(62);
    let digits = (b'0'..=b'z').filter(u8::is_ascii_alphanumeric);
    let digits: Vec<u8> = digits.collect();
    values
        .iter()
        .map(|&wanted| {
            let found = digits
                .iter()
                .find(|&&digit| value(order, digit) == Some(wanted));
            found.copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::alone::shown;
    use super::*;

    #[test]
    fn a_number_in_each_order() {
        let text = b"https://example.be/prive?q=Huisarts";
        let mut seen = Vec::new();
        for (name, _) in ORDERS {
            let digits = encode(text, name).unwrap();
            let wanted = format!("{name} = https://example.be/prive?q=Huisarts");
            assert_eq!(shown("base62", &digits), [wanted]);
            assert!(!seen.contains(&digits));
            seen.push(digits);
        }
        // In the order of GMP: a value that others publish.
        assert_eq!(
            shown("base62", b"BPDNbjoGvDCDzHbKT77eWg0vGQrJuWRXltuRVZ"),
            ["0Aa = ნუ პანიკას"]
        );
    }

    #[test]
    fn words_and_identifiers_are_none() {
        for token in [
            "ApplicationVersion2MainActivity",
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV1adQssw5c",
            "com1Android2Settings3Activity4Main",
            "a1B2c3D4e5F6g7H8i9J0k1L2m3N4",
        ] {
            assert!(shown("base62", token.as_bytes()).is_empty(), "{token}");
        }
    }
}
