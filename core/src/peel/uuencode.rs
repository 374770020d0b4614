//! Layer `uuencode` (POSIX, `uuencode`, historical algorithm): `begin 644 name`, lines with their length, `end`.
//!
//! The frame and the lengths of all lines prove it. Zero is written as a space or a grave accent.

use super::bench::Bench;
use super::layer::{Context, Inner, Layer, Opened};
use super::look::{Look, kind};

/// The layer.
pub(crate) struct Uuencode;

/// The beginning, one line, the empty line, the end.
const SHORTEST: usize = 24;
/// Bytes of a line; most lines are full.
const FULL: usize = 45;

fn value(digit: u8) -> Option<u8> {
    (b' '..=b'`')
        .contains(&digit)
        .then(|| digit.wrapping_sub(b' ') & 0x3f)
}

fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Three octal digits, a space and a name.
fn is_beginning(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"begin ") else {
        return false;
    };
    let (Some(mode), Some(name)) = (rest.get(..3), rest.get(3..)) else {
        return false;
    };
    mode.iter().all(|digit| matches!(digit, b'0'..=b'7'))
        && name.len() > 1
        && name.starts_with(b" ")
}

/// Undo it strictly: only the last line may be short, and nothing stands behind the end.
fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').map(bare);
    if !is_beginning(lines.next()?) {
        return None;
    }
    let mut last = false;
    for line in &mut lines {
        let (&length, digits) = line.split_first()?;
        let length = usize::from(value(length)?);
        if length == 0 {
            let ended = digits.is_empty() && lines.next() == Some(b"end") && lines.next().is_none();
            return ended.then_some(());
        }
        if last || length > FULL || digits.len() != length.div_ceil(3) * 4 {
            return None;
        }
        last = length < FULL;
        let end = out.len() + length;
        for group in digits.chunks_exact(4) {
            let mut bits = 0u32;
            for &digit in group {
                bits = bits << 6 | u32::from(value(digit)?);
            }
            out.extend_from_slice(bits.to_be_bytes().get(1..)?);
        }
        out.truncate(end);
    }
    None
}

impl Layer for Uuencode {
    fn name(&self) -> &'static str {
        "uuencode"
    }

    fn shortest(&self) -> usize {
        SHORTEST
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'b'
    }

    fn never(&self) -> u32 {
        kind::CONTROL
    }

    fn needs(&self) -> u32 {
        kind::LINE
    }

    fn copies(&self) -> bool {
        true
    }

    fn can(&self, look: &Look<'_>, _context: Context) -> bool {
        look.bytes.starts_with(b"begin ")
    }

    fn open(&self, look: &Look<'_>, _context: Context, bench: &mut Bench) -> Option<Opened> {
        let mut decoded = bench.buffer();
        if decode(look.bytes, &mut decoded).is_none() || decoded.is_empty() {
            bench.give_back(decoded);
            return None;
        }
        bench.spend(decoded.len());
        Some(Opened::One {
            layer: self.name(),
            bytes: decoded,
            inner: Inner::Unknown,
            flaw: None,
        })
    }

    fn follow(&self, bytes: &[u8], _selector: &str, _bench: &mut Bench) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }
}

/// The inverse, for tests and the fuzzer; `zero` is how zero is written.
#[cfg(any(test, feature = "seal"))]
pub(crate) fn encode(bytes: &[u8], zero: u8) -> Vec<u8> {
    let digit = |value: u8| if value == 0 { zero } else { value + b' ' };
    let mut out = b"begin 644 data.bin\n".to_vec();
    for line in bytes.chunks(FULL) {
        out.push(digit(line.len() as u8));
        for group in line.chunks(3) {
            let mut all = [0u8; 4];
            all[1..=group.len()].copy_from_slice(group);
            let bits = u32::from_be_bytes(all);
            out.extend(
                (0..4)
                    .rev()
                    .map(|place| digit((bits >> (6 * place)) as u8 & 0x3f)),
            );
        }
        out.push(b'\n');
    }
    out.extend([zero, b'\n']);
    out.extend(b"end\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(text, &mut out).map(|()| out)
    }

    #[test]
    fn a_published_value() {
        let text = b"begin 644 cat.txt\n#0V%T\n`\nend\n";
        assert_eq!(decoded(text).as_deref(), Some(&b"Cat"[..]));
        for text in [
            &b"begin 644 cat.txt\n#0V%T\nend\n"[..],
            b"begin 644 cat.txt\n$0V%T\n`\nend\n",
            b"begin 644 cat.txt\n#0V%T\n`\nend\nmore\n",
            b"begin 844 cat.txt\n#0V%T\n`\nend\n",
            b"begin 644 cat.txt\n#0V%T\n#0V%T\n`\nend\n",
            b"begin 644 cat.txt\n",
            b"begin the day with a line\n and another one\n",
        ] {
            assert_eq!(decoded(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn every_length_comes_back() {
        for length in 1..140usize {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37) as u8).collect();
            for zero in [b' ', b'`'] {
                assert_eq!(decoded(&encode(&bytes, zero)), Some(bytes.clone()));
            }
        }
    }
}
