//! Numbers of messages in words, and what else they may mean.

use std::fmt::Arguments;

use super::reader::Held;
use super::typing::Width;

/// Numbers from here on are no counts, times or sizes.
const IDENTIFIER: u64 = 1 << 48;

/// Its bits in hexadecimal, most significant byte first.
const HEX: &str = "hex";
/// A number of 32 bits as IEEE 754.
const FLOAT: &str = "float";
/// A number of 64 bits as IEEE 754.
const DOUBLE: &str = "double";

impl Width {
    /// The word in selectors.
    pub(super) fn word(self) -> &'static str {
        match self {
            Width::Float => FLOAT,
            Width::Double => DOUBLE,
            Width::Fixed32 => "fixed32",
            Width::Fixed64 => "fixed64",
        }
    }
}

/// Tell every meaning of a number, its plain one first: the word in selectors, and the value.
pub(super) fn meanings(held: Held, mut tell: impl FnMut(Option<&'static str>, Arguments<'_>)) {
    match held {
        Held::Raw(..) => {}
        Held::Varint(value) => {
            if value > u64::MAX >> 1 {
                tell(None, format_args!("{}", value.cast_signed()));
            } else {
                tell(None, format_args!("{value}"));
            }
            if (IDENTIFIER..=u64::MAX - IDENTIFIER).contains(&value) {
                tell(Some(HEX), format_args!("{value:016x}"));
            }
        }
        Held::Fixed64(value) => {
            if value > u64::MAX - IDENTIFIER {
                tell(None, format_args!("{}", value.cast_signed()));
                return;
            }
            tell(None, format_args!("{value}"));
            if value < IDENTIFIER {
                return;
            }
            let double = f64::from_bits(value);
            if (1e-9..1e18).contains(&double.abs()) {
                tell(Some(DOUBLE), format_args!("{double}"));
            }
            tell(Some(HEX), format_args!("{value:016x}"));
        }
        Held::Fixed32(value) => {
            if value > u32::MAX - (1 << 24) {
                tell(None, format_args!("{}", value.cast_signed()));
                return;
            }
            tell(None, format_args!("{value}"));
            let float = f32::from_bits(value);
            if (1e-6..1e9).contains(&float.abs()) {
                tell(Some(FLOAT), format_args!("{float}"));
            }
        }
        // The selector already says which.
        Held::Element(Width::Float, bits) => {
            tell(None, format_args!("{}", f32::from_bits(bits as u32)));
        }
        Held::Element(Width::Double, bits) => tell(None, format_args!("{}", f64::from_bits(bits))),
        Held::Element(_, value) => tell(None, format_args!("{value}")),
    }
}

/// The meaning with this word.
pub(super) fn meaning(held: Held, word: Option<&str>) -> Option<Vec<u8>> {
    let mut found = None;
    meanings(held, |meaning, value| {
        if meaning == word {
            found = Some(value.to_string().into_bytes());
        }
    });
    found
}
