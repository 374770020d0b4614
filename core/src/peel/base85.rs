//! Layers `ascii85` (with or without `<~` and `~>`, with `z` for four zero bytes; Adobe PostScript Language
//! Reference, section 3.13), `z85` (<https://rfc.zeromq.org/spec/32/>) and `base85` (the alphabet of RFC 1924,
//! as in Git and in Python's `b85encode`).
//!
//! Nearly every text without spaces is made of such letters, so the child must prove the layer.

use super::bench::Bench;
use super::layer::{Context, Layer, Opened};
use super::look::{Look, kind};
use super::proof::{opened, promising};

/// One of the alphabets.
pub(crate) struct Base85 {
    name: &'static str,
    /// Value of each byte, [`NONE`] for bytes outside the alphabet.
    values: [u8; 256],
    /// Delimiters, `z` and line ends are allowed.
    adobe: bool,
    /// Only whole groups are allowed.
    whole: bool,
}

/// `!` to `u`.
pub(crate) static ASCII85: Base85 = Base85 {
    name: "ascii85",
    values: {
        let mut table = [NONE; 256];
        let mut i = 0;
        while i < 85 {
            table[b'!' as usize + i] = i as u8;
            i += 1;
        }
        table
    },
    adobe: true,
    whole: false,
};
/// The alphabet of ZeroMQ.
pub(crate) static Z85: Base85 = Base85 {
    name: "z85",
    values: values(
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    ),
    adobe: false,
    whole: true,
};
/// The alphabet of RFC 1924.
pub(crate) static RFC1924: Base85 = Base85 {
    name: "base85",
    values: values(
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
    ),
    adobe: false,
    whole: false,
};

const NONE: u8 = 0xff;
/// Digits of a group.
const GROUP: usize = 5;
/// Eleven bytes.
const SHORTEST: usize = 14;
/// Different digits in it.
const VARIED: u32 = 6;
/// How rare it is (10 bits).
const PRIOR: i64 = 100;

const fn values(alphabet: &[u8; 85]) -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 85 {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table
}

/// What the spelling shows by itself: both delimiters are four predicted bytes, the last one alone two.
fn evidence(bytes: &[u8]) -> i64 {
    let bytes = bytes.trim_ascii();
    160 * (i64::from(bytes.starts_with(b"<~")) + i64::from(bytes.ends_with(b"~>")))
}

impl Base85 {
    /// The digits without delimiters.
    fn digits<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        if !self.adobe {
            return bytes;
        }
        let bytes = bytes.trim_ascii();
        match bytes.strip_suffix(b"~>") {
            Some(bare) => bare.strip_prefix(b"<~").unwrap_or(bare),
            None => bytes,
        }
    }

    /// Undo it strictly: encoding again gives the same.
    fn decode(&self, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (mut number, mut held) = (0u64, 0usize);
        for &byte in self.digits(bytes) {
            match byte {
                b'\r' | b'\n' | b'\t' if self.adobe => continue,
                b'z' if self.adobe && held == 0 => {
                    out.extend_from_slice(&[0; 4]);
                    continue;
                }
                _ => {}
            }
            let value = self.values[usize::from(byte)];
            if value == NONE {
                return None;
            }
            number = number * 85 + u64::from(value);
            held += 1;
            if held == GROUP {
                out.extend_from_slice(&u32::try_from(number).ok()?.to_be_bytes());
                (number, held) = (0, 0);
            }
        }
        match held {
            0 => Some(()),
            1 => None,
            _ if self.whole => None,
            _ => {
                // A last group of n digits holds n - 1 bytes, filled up with zero bytes before it was written.
                let missing = GROUP - held;
                let scale = 85u64.pow(missing as u32);
                let full = u32::try_from(number * scale + scale - 1).ok()?;
                let bytes = full.to_be_bytes();
                let kept = bytes.get(..held - 1)?;
                let mut again = [0; 4];
                again.get_mut(..kept.len())?.copy_from_slice(kept);
                if u64::from(u32::from_be_bytes(again)) / scale != number {
                    return None;
                }
                out.extend_from_slice(kept);
                Some(())
            }
        }
    }

    /// A look at the first eight bytes that would come out.
    fn could_begin(&self, bytes: &[u8]) -> bool {
        let mut first = [0u8; 8];
        let digits = self.digits(bytes);
        for (group, four) in digits.chunks_exact(GROUP).zip(first.chunks_exact_mut(4)) {
            let mut number = 0u64;
            for &digit in group {
                let value = self.values[usize::from(digit)];
                if value == NONE {
                    // Line ends and `z` so early: rather decode.
                    return self.adobe && (digit.is_ascii_whitespace() || digit == b'z');
                }
                number = number * 85 + u64::from(value);
            }
            let Ok(number) = u32::try_from(number) else {
                return false;
            };
            four.copy_from_slice(&number.to_be_bytes());
        }
        digits.len() >= 2 * GROUP && promising(&first)
    }
}

impl Layer for Base85 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        self.values[usize::from(first)] != NONE || (self.adobe && first == b'z')
    }

    fn never(&self) -> u32 {
        kind::CONTROL | kind::HIGH | kind::SPACE
    }

    fn needs(&self) -> u32 {
        !kind::ALNUM
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        let never = if self.adobe {
            kind::CONTROL | kind::HIGH | kind::SPACE
        } else {
            kind::CONTROL | kind::HIGH | kind::SPACE | kind::LINE
        };
        // More than a quarter of the digits are signs, and nearly a third each are letters of one case.
        !look.has(never)
            && look.mixed_case()
            && !look.only(kind::ALNUM)
            && (!self.whole || look.bytes.len().is_multiple_of(GROUP))
            && self.could_begin(look.bytes)
            && look.varied(VARIED)
    }

    fn open(&self, look: &Look<'_>, context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if self.decode(look.bytes, &mut decoded).is_none() {
            bench.give_back(decoded);
            return None;
        }
        let missing = PRIOR - evidence(look.bytes);
        opened(self.name, decoded, context, bench, missing)
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        self.decode(bytes, &mut out).map(|()| out)
    }
}

/// The inverse, for tests and the fuzzer.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8], layer: &Base85) -> Vec<u8> {
    let digit =
        |value: u64| (0..=255u8).find(|&b| u64::from(layer.values[usize::from(b)]) == value);
    let mut out = Vec::new();
    for group in bytes.chunks(4) {
        let mut all = [0u8; 4];
        all[..group.len()].copy_from_slice(group);
        let number = u64::from(u32::from_be_bytes(all));
        if layer.adobe && number == 0 && group.len() == 4 {
            out.push(b'z');
            continue;
        }
        for place in 0..=group.len() as u32 {
            out.push(digit(number / 85u64.pow(4 - place) % 85).unwrap());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(layer: &Base85, text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        layer.decode(text, &mut out).map(|()| out)
    }

    #[test]
    fn published_values() {
        // ZeroMQ RFC 32, test case.
        let bytes = b"\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b".to_vec();
        assert_eq!(decoded(&Z85, b"HelloWorld"), Some(bytes));
        assert_eq!(decoded(&ASCII85, b"<~9jqo^~>"), Some(b"Man ".to_vec()));
        assert_eq!(decoded(&ASCII85, b"9jq\no^"), Some(b"Man ".to_vec()));
        assert_eq!(decoded(&ASCII85, b"z"), Some(vec![0; 4]));
        assert_eq!(decoded(&ASCII85, b"uuuuu"), None);
        assert_eq!(decoded(&Z85, b"Hello1"), None);
    }

    #[test]
    fn every_length_comes_back() {
        for length in 0..40usize {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37) as u8).collect();
            for layer in [&ASCII85, &RFC1924] {
                let text = encode(&bytes, layer);
                assert_eq!(decoded(layer, &text), Some(bytes.clone()), "{}", layer.name);
            }
        }
    }
}
