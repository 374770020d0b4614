//! How much better bytes are explained as text than as noise, in bits.
//!
//! A small Markov model over kinds of characters (lower case stays lower case, digits come in runs):
//! evidence = Σ (8 − cost of the byte in the model). Random bytes, random printable bytes and compressed
//! data stay far below what is asked; names, numbers, sentences and addresses are far above.

/// Evidence a decoded text must reach, in tenths of a bit: 2⁻²⁸ per guess, one false text in a hundred
/// captures of a million tokens each.
pub(crate) const READABLE: i64 = 280;
/// Evidence per byte a decoded text must keep, in tenths of a bit, so that long noise cannot add up.
const PER_BYTE: i64 = 12;
/// A text shorter than this proves nothing.
pub(crate) const SHORTEST: usize = 8;

/// Kinds of characters in the model.
const LOWER: usize = 0;
const UPPER: usize = 1;
const DIGIT: usize = 2;
const SPACE: usize = 3;
const COMMON: usize = 4;
const RARE: usize = 5;
const START: usize = 6;

/// Tenths of a bit to choose the character once its kind is known: log2 of the size of the kind.
const WITHIN: [i64; 6] = [47, 47, 33, 0, 40, 45];

/// Tenths of a bit to go from one kind (row) to another (column): −log2 of rounded frequencies in names,
/// sentences, numbers and addresses.
const STEP: [[i64; 6]; 7] = [
    [4, 45, 45, 32, 32, 65],
    [18, 10, 35, 40, 35, 65],
    [40, 40, 5, 40, 28, 65],
    [12, 20, 25, 50, 40, 60],
    [12, 25, 20, 30, 30, 55],
    [20, 30, 30, 30, 40, 25],
    [15, 25, 25, 60, 35, 45],
];

fn kind(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => LOWER,
        b'A'..=b'Z' => UPPER,
        b'0'..=b'9' => DIGIT,
        b' ' | b'\n' | b'\r' | b'\t' => SPACE,
        b'.' | b',' | b':' | b';' | b'/' | b'-' | b'_' | b'=' | b'&' | b'\'' | b'"' | b'?'
        | b'%' | b'+' | b'@' | b'(' | b')' => COMMON,
        _ => RARE,
    }
}

/// Evidence for text in tenths of a bit; `None` when the bytes are not text at all.
pub(crate) fn evidence(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut total: i64 = 0;
    let mut before = START;
    let mut hex = true;
    let mut cases = (false, false);
    for c in text.chars() {
        let byte = match c {
            '\n' | '\r' | '\t' | ' '..='~' => c as u8,
            // A control, private or non-character: no text.
            '\0'..='\u{9f}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fff0}'..='\u{ffff}' => {
                return None;
            }
            // Well-formed sequences are rare in noise: 2⁻⁵, 2⁻⁸, 2⁻¹² for two, three, four bytes.
            _ => {
                total += match c.len_utf8() {
                    2 => 40,
                    3 => 70,
                    _ => 80,
                };
                before = LOWER;
                hex = false;
                continue;
            }
        };
        let now = kind(byte);
        total += 80 - WITHIN[now] - STEP[before][now];
        before = now;
        cases.0 |= byte.is_ascii_lowercase();
        cases.1 |= byte.is_ascii_uppercase();
        hex &= byte.is_ascii_hexdigit();
    }
    if hex && !(cases.0 && cases.1) {
        // Sixteen of 256 bytes, less the choice of this model.
        total = total.max(bytes.len() as i64 * 40 - 60);
    }
    Some(total)
}

/// True when the bytes are so much like text that a decoding is proven by them.
pub(crate) fn readable(bytes: &[u8], asked: i64) -> bool {
    bytes.len() >= SHORTEST
        && evidence(bytes)
            .is_some_and(|found| found >= asked && found >= PER_BYTE * bytes.len() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_noise() {
        let texts: [&str; 9] = [
            "869836900602677",
            "a4fe31cc09d2b7e1",
            "aa:bb:cc:dd:ee:ff",
            "jan.peeters@example.be",
            "https://example.be/prive?q=test",
            "Zoekopdracht van gisteren",
            "我在布鲁塞尔找工作",
            "ჩემი ტელეფონი",
            "11111111-2222-4333-8444-555555555555",
        ];
        for text in texts {
            assert!(
                readable(text.as_bytes(), READABLE),
                "{text} {:?}",
                evidence(text.as_bytes())
            );
        }
        for noise in ["k#9Z!q(7", "x^T]~aB{0Qz|", "short", "a\u{7}bcdefghijklmnop"] {
            assert!(
                !readable(noise.as_bytes(), READABLE),
                "{noise} {:?}",
                evidence(noise.as_bytes())
            );
        }
    }
}
