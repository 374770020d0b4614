//! The Huffman code of HTTP header strings (RFC 7541 section 5.2 and appendix B), which HPACK and QPACK share.
//!
//! The code is canonical: the lengths of its codes say all of it, and both tables here are computed from
//! them at compile time.

/// Code lengths in bits of the 256 bytes and of the end-of-string symbol (RFC 7541 appendix B).
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

/// The symbol that ends strings and must never be sent (RFC 7541 section 5.2).
const END_OF_STRING: usize = 256;
/// So many bits are looked up at once: the codes of nearly all of ASCII text, and two of most letters.
const SHORT_BITS: u32 = 12;
/// The longest code, in bits.
const LONGEST_BITS: u32 = 30;

/// Why a string is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HuffmanError {
    /// It holds the end-of-string symbol.
    EndOfString,
    /// What fills the last byte is not the beginning of the end-of-string symbol, or is too long.
    Padding,
    /// It yields more bytes than the limit.
    Limit,
}

/// The code of each symbol, right-aligned, in the order of lengths and then of symbols.
const CODES: [u32; 257] = {
    let mut codes = [0; 257];
    let mut next = 0u32;
    let mut bits = 1;
    while bits <= LONGEST_BITS {
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as u32 == bits {
                codes[symbol] = next;
                next += 1;
            }
            symbol += 1;
        }
        next <<= 1;
        bits += 1;
    }
    codes
};

/// What the next [`SHORT_BITS`] bits hold.
#[derive(Clone, Copy)]
struct Short {
    /// The first symbol, and the one behind it.
    symbols: [u8; 2],
    /// Length of the first code; 0 if it is longer than the bits.
    first: u8,
    /// Length of both, or of the first where the second is not whole.
    both: u8,
}

/// By the next [`SHORT_BITS`] bits. Header fields are letters and digits, of which two fit.
static SHORT: [Short; 1 << SHORT_BITS] = {
    let none = Short {
        symbols: [0; 2],
        first: 0,
        both: 0,
    };
    let mut table = [none; 1 << SHORT_BITS];
    let mut symbol = 0;
    while symbol < END_OF_STRING {
        let bits = LENGTHS[symbol] as u32;
        if bits <= SHORT_BITS {
            let free = SHORT_BITS - bits;
            let first = (CODES[symbol] << free) as usize;
            let mut at = 0;
            while at < 1 << free {
                table[first + at] = Short {
                    symbols: [symbol as u8, 0],
                    first: LENGTHS[symbol],
                    both: LENGTHS[symbol],
                };
                at += 1;
            }
            let mut next = 0;
            while next < END_OF_STRING {
                let more = LENGTHS[next] as u32;
                if more <= free {
                    let left = free - more;
                    let begin = first + (CODES[next] << left) as usize;
                    let mut at = 0;
                    while at < 1 << left {
                        table[begin + at].symbols[1] = next as u8;
                        table[begin + at].both = LENGTHS[symbol] + LENGTHS[next];
                        at += 1;
                    }
                }
                next += 1;
            }
        }
        symbol += 1;
    }
    table
};

/// For each length: the first code that is longer, left-aligned in 32 bits (as 64, since the last one
/// is 2^32), and what to add to a code of this length for its place in [`ORDER`].
static LONG: [(u64, i64); LONGEST_BITS as usize + 1] = {
    let mut table = [(0, 0); LONGEST_BITS as usize + 1];
    let mut before = 0i64;
    let mut end = 0u64;
    let mut bits = 1;
    while bits <= LONGEST_BITS as usize {
        let mut count = 0;
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            count += (LENGTHS[symbol] as usize == bits) as u64;
            symbol += 1;
        }
        let first = end >> (32 - bits);
        end += count << (32 - bits);
        table[bits] = (end, before - first as i64);
        before += count as i64;
        bits += 1;
    }
    table
};

/// All symbols in the order of their codes.
static ORDER: [u16; 257] = {
    let mut order = [0; 257];
    let mut place = 0;
    let mut bits = 1;
    while bits <= LONGEST_BITS {
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as u32 == bits {
                order[place] = symbol as u16;
                place += 1;
            }
            symbol += 1;
        }
        bits += 1;
    }
    order
};

/// Decodes one string and appends it to `out`, at most `limit` bytes. On an error `out` holds what came
/// before it.
pub fn decode(input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), HuffmanError> {
    let begin = out.len();
    // The shortest codes have five bits.
    let room = limit.min(input.len().saturating_mul(8) / 5);
    out.resize(begin.saturating_add(room), 0);
    let mut written = 0;
    let to = out.get_mut(begin..).unwrap_or_default();
    let result = decode_into(input, to, &mut written, limit);
    out.truncate(begin.saturating_add(written));
    result
}

/// Decodes to the front of `out`, which has room for all that `input` can hold or for `limit` bytes.
fn decode_into(
    input: &[u8],
    out: &mut [u8],
    written: &mut usize,
    limit: usize,
) -> Result<(), HuffmanError> {
    let mut window = 0u64;
    let mut filled = 0u32;
    let mut rest = input;
    let mut place = 0;
    let result = loop {
        // Left-aligned bits; refilled so that the longest code fits.
        if filled <= 32 {
            if let Some((four, after)) = rest.split_first_chunk::<4>() {
                window |= u64::from(u32::from_be_bytes(*four)) << (32 - filled);
                filled += 32;
                rest = after;
            } else {
                for &byte in rest {
                    window |= u64::from(byte) << (56 - filled);
                    filled += 8;
                }
                rest = &[];
            }
        }
        let mut short = short(window);
        while short.first > 0
            && filled >= SHORT_BITS
            && let Some(two) = out.get_mut(place..).and_then(<[u8]>::first_chunk_mut::<2>)
        {
            *two = short.symbols;
            place += 1 + usize::from(short.both > short.first);
            window <<= short.both;
            filled -= u32::from(short.both);
            short = self::short(window);
        }
        if filled < LONGEST_BITS && !rest.is_empty() {
            continue;
        }
        let ([mut symbol, _], mut bits) = (short.symbols, short.first);
        if bits == 0 {
            if filled < 8 && rest.is_empty() {
                break Ok(());
            }
            match long(window) {
                Ok(long) => (symbol, bits) = long,
                Err(error) => break Err(error),
            }
        }
        if u32::from(bits) > filled {
            break Ok(());
        }
        match out.get_mut(place) {
            Some(to) if place < limit => *to = symbol,
            _ => break Err(HuffmanError::Limit),
        }
        place += 1;
        window <<= bits;
        filled -= u32::from(bits);
    };
    *written = place;
    // Less than a byte is left, all ones.
    if result.is_ok() && (filled >= 8 || filled > 0 && window.leading_ones() < filled) {
        return Err(HuffmanError::Padding);
    }
    result
}

#[inline]
fn short(window: u64) -> Short {
    let index = (window >> (64 - SHORT_BITS)) as usize;
    SHORT.get(index).copied().unwrap_or(Short {
        symbols: [0; 2],
        first: 0,
        both: 0,
    })
}

/// A symbol whose code is not in [`SHORT`], and its length.
#[cold]
fn long(window: u64) -> Result<(u8, u8), HuffmanError> {
    let top = window >> 32;
    for (bits, (end, add)) in LONG.iter().enumerate().skip(SHORT_BITS as usize + 1) {
        if top < *end {
            let code = (top >> (32 - bits)) as i64;
            let place = usize::try_from(code.saturating_add(*add)).unwrap_or(END_OF_STRING);
            let symbol = ORDER.get(place).copied().unwrap_or_default();
            let symbol = u8::try_from(symbol).map_err(|_| HuffmanError::EndOfString)?;
            return Ok((symbol, u8::try_from(bits).unwrap_or(u8::MAX)));
        }
    }
    Err(HuffmanError::EndOfString)
}

/// Encodes one string: for tests.
#[cfg(test)]
pub fn encode(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut window, mut filled) = (0u64, 0u32);
    for &byte in input {
        let bits = u32::from(LENGTHS[usize::from(byte)]);
        window = window << bits | u64::from(CODES[usize::from(byte)]);
        filled += bits;
        while filled >= 8 {
            filled -= 8;
            out.push((window >> filled) as u8);
        }
    }
    if filled > 0 {
        out.push((window << (8 - filled)) as u8 | (0xff >> filled));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(input: &[u8]) -> Result<Vec<u8>, HuffmanError> {
        let mut out = Vec::new();
        decode(input, &mut out, 1 << 20).map(|()| out)
    }

    #[test]
    fn strings_of_the_rfc() {
        // RFC 7541 appendices C.4 and C.6.
        let cases: [(&[u8], &[u8]); 6] = [
            (
                b"www.example.com",
                b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff",
            ),
            (b"no-cache", b"\xa8\xeb\x10\x64\x9c\xbf"),
            (b"custom-key", b"\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f"),
            (b"302", b"\x64\x02"),
            (b"private", b"\xae\xc3\x77\x1a\x4b"),
            (
                b"https://www.example.com",
                b"\x9d\x29\xad\x17\x18\x63\xc7\x8f\x0b\x97\xc8\xe9\xae\x82\xae\x43\xd3",
            ),
        ];
        for (text, code) in cases {
            assert_eq!(decoded(code).unwrap(), text);
            assert_eq!(encode(text), code);
        }
    }

    #[test]
    fn codes_of_the_rfc() {
        // RFC 7541 appendix B: one of each end of the table.
        for (symbol, code, bits) in [
            (0, 0x1ff8, 13),
            (b' ', 0x14, 6),
            (b'0', 0, 5),
            (b'~', 0x1ffd, 13),
            (128, 0xf_ffe6, 20),
            (195, 0x7_fff1, 19),
            (249, 0xfff_fffe, 28),
            (255, 0x3ff_ffee, 26),
        ] {
            let symbol = usize::from(symbol);
            assert_eq!((CODES[symbol], LENGTHS[symbol]), (code, bits));
        }
        assert_eq!(CODES[END_OF_STRING], (1 << 30) - 1);
        assert_eq!(LONG[30].0, 1 << 32);
    }

    #[test]
    fn what_is_not_a_string() {
        assert_eq!(decoded(b""), Ok(Vec::new()));
        assert_eq!(decoded(&[0xff]), Err(HuffmanError::Padding));
        assert_eq!(decoded(&[0xff, 0xff]), Err(HuffmanError::Padding));
        assert_eq!(decoded(&[0xff; 4]), Err(HuffmanError::EndOfString));
        assert_eq!(decoded(&[0x00]), Err(HuffmanError::Padding));
        assert_eq!(decoded(&[0x07]), Ok(b"0".to_vec()));
        let mut out = b"x".to_vec();
        assert_eq!(
            decode(&encode(b"abc"), &mut out, 2),
            Err(HuffmanError::Limit)
        );
        assert_eq!(out, b"xab");
    }

    proptest! {
        #[test]
        fn all_strings_come_back(text: Vec<u8>) {
            prop_assert_eq!(decoded(&encode(&text)), Ok(text));
        }

        #[test]
        fn nothing_panics(code: Vec<u8>, limit in 0usize..64) {
            let mut out = Vec::new();
            let _ = decode(&code, &mut out, limit);
            prop_assert!(out.len() <= limit);
        }
    }
}
