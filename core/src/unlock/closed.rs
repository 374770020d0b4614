//! A quick look: could something be hidden in this value? Asked once for every value of an audit, so it looks
//! at the beginning first and mostly stops there. What it lets through is judged by
//! [`super::Unlocker::is_closed`].

use crate::peel::{is_file, is_media};

/// Bytes below which nothing can be proven of what comes out: a block of most ciphers.
const SHORTEST: usize = 16;
/// Characters of the shortest text in digits that stand for so many bytes.
const SHORTEST_DIGITS: usize = 22;
/// Digits of the shortest hexadecimal text.
const SHORTEST_HEX: usize = 32;
/// Bytes that are looked at first.
const BEGINNING: usize = 64;
/// Different characters below which a text in digits is no noise: a ruler, a counter, a mask.
const FEWEST: u32 = 8;

/// What kinds of characters a text of digits has.
#[derive(Default)]
struct Digits {
    decimal: bool,
    lower: bool,
    upper: bool,
    /// A letter that is no hexadecimal digit, or a sign.
    beyond_hex: bool,
    seen: u128,
}

impl Digits {
    /// Add characters; false when one is no digit of base64, base64url or hexadecimal, or of an alphabet of
    /// its own that uses the same characters.
    fn add(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            match byte {
                b'0'..=b'9' => self.decimal = true,
                b'a'..=b'f' => self.lower = true,
                b'A'..=b'F' => self.upper = true,
                b'g'..=b'z' => (self.lower, self.beyond_hex) = (true, true),
                b'G'..=b'Z' => (self.upper, self.beyond_hex) = (true, true),
                b'+' | b'/' | b'-' | b'_' | b'=' | b'.' | b'*' | b'!' | b'~' | b'\r' | b'\n' => {
                    self.beyond_hex = true;
                }
                _ => return false,
            }
            self.seen |= 1 << (byte & 127);
        }
        true
    }

    fn stands_for_noise(&self, length: usize) -> bool {
        if self.seen.count_ones() < FEWEST {
            return false;
        }
        if self.beyond_hex {
            // Noise of this length has all three kinds; names and words do not.
            self.decimal && self.lower && self.upper
        } else {
            self.decimal
                && (self.lower || self.upper)
                && length >= SHORTEST_HEX
                && length.is_multiple_of(2)
        }
    }
}

/// Whether something may be hidden in a value, and whether it may be found without a key at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hides {
    /// It is long enough that a key beside it, or one that is worked out, proves itself.
    Alone,
    /// It is short, or as long as a digest: only a key that somebody brings is worth trying.
    WithKey,
}

/// Bytes from which a key proves itself that nobody brought; in digits a third more.
const LONG: usize = 48;
/// Hexadecimal digits of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512.
const DIGESTS: [usize; 6] = [32, 40, 56, 64, 96, 128];

/// Whether something may be hidden in a value. No promise: the answer errs to this side, but for texts in which
/// letters only changed places.
pub fn may_hide(value: &[u8]) -> Option<Hides> {
    if !looks_closed(value) {
        return None;
    }
    let digits = value.is_ascii();
    let digest = DIGESTS.contains(&value.len()) && value.iter().all(u8::is_ascii_hexdigit);
    let long = value.len() >= if digits { LONG / 3 * 4 } else { LONG };
    Some(if long && !digest {
        Hides::Alone
    } else {
        Hides::WithKey
    })
}

fn looks_closed(value: &[u8]) -> bool {
    if value.len() < SHORTEST {
        return false;
    }
    let (start, rest) = value.split_at(value.len().min(BEGINNING));
    let mut digits = Digits::default();
    if digits.add(start) {
        return value.len() >= SHORTEST_DIGITS
            && digits.stands_for_noise(value.len())
            && digits.add(rest);
    }
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if start.is_ascii() && !start.iter().any(control) {
        return false;
    }
    // What begins as a compressor writes it is no cipher: a limit or damage kept it from being unpacked.
    !is_text(start) && !is_media(value) && !is_file(value)
}

/// True for UTF-8 that may be cut at its end, without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default()
        }
        Err(_) => return false,
    };
    !whole.chars().any(|c| c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_names_and_numbers_hide_nothing() {
        for text in [
            &b"short"[..],
            b"a_long_name_of_an_event_in_an_app",
            b"com.example.app.MainActivity",
            b"Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36",
            b"https://example.be/prive?q=test&lang=nl",
            b"1588300000000000000000000000000000000000",
            b"0000000000000000000000000000000000000000000000aA",
            b"d8c5d86c-2754-4dca-a962-5af5184dbea1",
            "Een zin met één letter die geen ASCII is".as_bytes(),
            b"869836900602677869836900602677",
        ] {
            assert_eq!(may_hide(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn noise_and_its_digits_may_hide_something() {
        let noise: Vec<u8> = (0..64u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let hex = data_encoding::HEXLOWER.encode(&noise);
        assert_eq!(may_hide(&noise), Some(Hides::Alone));
        assert_eq!(may_hide(noise.get(..40).unwrap()), Some(Hides::WithKey));
        assert_eq!(may_hide(hex.as_bytes()), Some(Hides::WithKey), "SHA-512");
        assert_eq!(
            may_hide(hex.as_bytes().get(..100).unwrap()),
            Some(Hides::Alone)
        );
        for digits in [data_encoding::BASE64, data_encoding::BASE64URL_NOPAD] {
            let text = digits.encode(&noise);
            assert_eq!(may_hide(text.as_bytes()), Some(Hides::Alone));
        }
        assert_eq!(may_hide(noise.get(..15).unwrap()), None);
        let packed = [b"\x1f\x8b\x08", &noise[..]].concat();
        assert_eq!(may_hide(&packed), None, "gzip that a limit kept closed");
        assert_eq!(
            may_hide(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10"),
            None
        );
    }
}
