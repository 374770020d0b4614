//! Layer `modhex`: hexadecimal in the sixteen letters that stand at the same place on most keyboards, as Yubico's
//! keys type it (<https://docs.yubico.com/yesdk/users-manual/application-otp/modhex.html>), whole or byte by byte
//! with a separator.
//!
//! Words can be made of these letters too, so the child must prove the layer.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::proof::{opened, promising};

/// The layer.
pub(crate) struct ModHex;

/// Eight bytes.
const SHORTEST: usize = 16;
/// How rare it is: one of some 1000 encoded fields (10 bits).
const PRIOR: i64 = 100;
/// The digits in the order of their values.
const DIGITS: &[u8; 16] = b"cbdefghijklnrtuv";
/// What may stand between bytes.
const SEPARATORS: &[u8] = b",;:%- \r\n";

fn digit(byte: u8) -> Option<u8> {
    let place = DIGITS.iter().position(|digit| *digit == byte)?;
    u8::try_from(place).ok()
}

/// Undo it strictly: no separator, or at least one between any two bytes and perhaps behind the last.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let apart = bytes.get(2).is_some_and(|byte| SEPARATORS.contains(byte));
    let mut rest = bytes;
    while let [high, low, after @ ..] = rest {
        out.push(digit(*high)? << 4 | digit(*low)?);
        let gap = after.iter().take_while(|byte| SEPARATORS.contains(byte));
        let gap = gap.count();
        if (gap > 0) != apart && !after.is_empty() {
            return None;
        }
        rest = after.get(gap..)?;
    }
    rest.is_empty().then_some(())
}

impl Layer for ModHex {
    fn name(&self) -> &'static str {
        "modhex"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        digit(first).is_some()
    }

    fn never(&self) -> u32 {
        kind::DIGIT | kind::UPPER | kind::UPPER_HEX | kind::BINARY | kind::DOT | kind::SLASH
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        let mut first = Vec::with_capacity(SHORTEST);
        let start: Vec<u8> = look
            .bytes
            .iter()
            .copied()
            .filter(|byte| !SEPARATORS.contains(byte))
            .take(8)
            .collect();
        decode(&start, &mut first).is_some() && promising(&first)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if decode(look.bytes, &mut decoded).is_none() {
            bench.give_back(decoded);
            return None;
        }
        opened(self.name(), decoded, context, bench, PRIOR)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let digit = |value: u8| DIGITS[usize::from(value)];
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(text, &mut out).map(|()| out)
    }

    #[test]
    fn published_values() {
        // Yubico's documentation of ModHex: 0x2d344e83 is dteffuje.
        assert_eq!(decoded(b"dteffuje"), Some(b"\x2d\x34\x4e\x83".to_vec()));
        assert_eq!(
            decoded(b"dt,ef,\nfu,je"),
            Some(b"\x2d\x34\x4e\x83".to_vec())
        );
    }

    #[test]
    fn it_is_strict() {
        for text in [&b"dtefx"[..], b"dte", b"dtef,fuje", b"dt,effu", b"DTEF"] {
            assert_eq!(decoded(text), None, "{}", String::from_utf8_lossy(text));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decoded(&encode(&all)), Some(all));
    }
}
