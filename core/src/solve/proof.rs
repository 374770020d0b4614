//! What a plaintext must be for it to be believed: a structure read to its end, or a checksum.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::language::model;
use crate::json::{Token, Tokenizer};

/// Nesting of a JSON text that is still believed.
const DEEPEST: u32 = 64;
/// Bytes that are unpacked to check a checksum.
const UNPACKED: usize = 4 << 20;

thread_local! {
    /// Big to make and cheap to reset.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// What was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Structure {
    /// One JSON object or array, or several, one to a line.
    Json,
    /// `name=value&name=value`.
    Form,
    /// gzip (RFC 1952) with a right CRC-32 and length.
    Gzip,
    /// zlib (RFC 1950) with a right Adler-32.
    Zlib,
}

/// The structure of a whole plaintext, if it has one.
pub(crate) fn structure(plain: &[u8]) -> Option<Structure> {
    match plain.first()? {
        0x1f => gzip(plain).then_some(Structure::Gzip),
        // `h` and `x` begin streams and forms.
        first if first & 0x8f == 8 && zlib(plain) => Some(Structure::Zlib),
        b'{' | b'[' => json_lines(plain).then_some(Structure::Json),
        _ => form(plain).then_some(Structure::Form),
    }
}

/// Evidence in tenths of a bit that a plaintext is what it seems: the model of telemetry for text (negative
/// for noise); for compressed data the bits of its check values and fixed header fields.
pub(crate) fn evidence(plain: &[u8], structure: Structure) -> i64 {
    match structure {
        Structure::Json | Structure::Form => model().evidence(plain),
        // Magic and method 24, CRC 32, length: more than is counted.
        Structure::Gzip => 640,
        // Header 13, Adler 24 for short texts.
        Structure::Zlib => 370,
    }
}

/// JSON texts with an object or array that is not empty, in UTF-8.
fn json_lines(plain: &[u8]) -> bool {
    if std::str::from_utf8(plain).is_err() {
        return false;
    }
    if json(plain) {
        return true;
    }
    let mut lines = plain.split(|&byte| byte == b'\n').filter(|l| !l.is_empty());
    let mut count = 0;
    lines.all(|line| {
        count += 1;
        json(line)
    }) && count > 1
}

fn json(plain: &[u8]) -> bool {
    if has_control(plain) {
        return false;
    }
    let mut tokens = Tokenizer::new(plain, DEEPEST);
    let mut values = 0u32;
    loop {
        match tokens.next_token() {
            Ok(Token::End) => return values > 0,
            Ok(Token::Key(name)) if name.len() > 128 => return false,
            Ok(Token::ObjectStart | Token::ArrayStart | Token::ObjectEnd | Token::ArrayEnd) => {}
            Ok(_) => values += 1,
            Err(_) => return false,
        }
    }
}

/// Control characters inside of strings (RFC 8259 section 7): capitals become such where a key is added and one is
/// sought that XORs, and all else may be right.
fn has_control(plain: &[u8]) -> bool {
    let space = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r');
    plain.iter().any(|&byte| byte < b' ' && !space(byte))
        || plain.windows(3).any(|three| match *three {
            [a, b, c] => space(b) && a.is_ascii_alphanumeric() && c.is_ascii_alphanumeric(),
            _ => false,
        })
}

/// At least two fields, names of letters, and only what may stand in a query (RFC 3986).
fn form(plain: &[u8]) -> bool {
    let mut count = 0;
    plain.split(|&byte| byte == b'&').all(|field| {
        count += 1;
        let mut halves = field.splitn(2, |&byte| byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next();
        let named = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.$[]%".contains(byte);
        !name.is_empty()
            && name.len() <= 64
            && name.iter().all(named)
            && value.is_some_and(|value| {
                // `=` stands in a value only as the padding of base64.
                let end = value.iter().rposition(|&byte| byte != b'=');
                let value = value.get(..end.map_or(0, |end| end + 1)).unwrap_or(value);
                !value.contains(&b'=')
                    && value
                        .iter()
                        .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(byte))
            })
    }) && count > 1
}

/// Header without optional fields (none of the writers of telemetry sets them), one member to the end.
fn gzip(plain: &[u8]) -> bool {
    let Some((header, rest)) = plain.split_at_checked(10) else {
        return false;
    };
    if header.get(..4) != Some(b"\x1f\x8b\x08\0") {
        return false;
    }
    let Some((body, trailer)) = rest.split_last_chunk::<8>() else {
        return false;
    };
    let mut check = flate2::Crc::new();
    let done = unpack(body, false, |out| check.update(out));
    let [a, b, c, d, e, f, g, h] = *trailer;
    done && check.sum() == u32::from_le_bytes([a, b, c, d])
        && check.amount() == u32::from_le_bytes([e, f, g, h])
}

fn zlib(plain: &[u8]) -> bool {
    let &[first, second, ..] = plain else {
        return false;
    };
    (u16::from(first) << 8 | u16::from(second)) % 31 == 0
        && second & 0x20 == 0
        && plain.len() > 8
        && unpack(plain, true, |_| {})
}

/// True when compressed data may begin so: nothing of it is broken, and it does not end.
pub(crate) fn may_begin(start: &[u8], structure: Structure) -> bool {
    let (body, zlib) = match structure {
        Structure::Gzip => (start.get(10..).unwrap_or_default(), false),
        Structure::Zlib => (start, true),
        Structure::Json | Structure::Form => return true,
    };
    INFLATER.with_borrow_mut(|stream| unpack_with(stream, body, zlib, &mut |_| {})) == Stream::Cut
}

/// What a stream of DEFLATE is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// It ends with the last byte of the input.
    Whole,
    /// More would have to come.
    Cut,
    /// It is none, it ends too early, or it unpacks to too much.
    Broken,
}

/// True when all of the input is one stream that ends with its last byte.
fn unpack(input: &[u8], zlib: bool, mut sink: impl FnMut(&[u8])) -> bool {
    INFLATER.with_borrow_mut(|stream| unpack_with(stream, input, zlib, &mut sink)) == Stream::Whole
}

fn unpack_with(
    stream: &mut Decompress,
    input: &[u8],
    zlib: bool,
    sink: &mut dyn FnMut(&[u8]),
) -> Stream {
    stream.reset(zlib);
    let mut buffer = [0; 4096];
    let mut given = 0;
    loop {
        let taken = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let rest = input.get(taken..).unwrap_or_default();
        let before = stream.total_out();
        let Ok(status) = stream.decompress(rest, &mut buffer, FlushDecompress::None) else {
            return Stream::Broken;
        };
        let out = usize::try_from(stream.total_out() - before).unwrap_or(0);
        sink(buffer.get(..out).unwrap_or_default());
        given += out;
        match status {
            Status::StreamEnd if stream.total_in() == input.len() as u64 => return Stream::Whole,
            Status::StreamEnd => return Stream::Broken,
            _ if given > UNPACKED => return Stream::Broken,
            _ if out == 0 && stream.total_in() == taken as u64 => return Stream::Cut,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn knows_structures() {
        assert_eq!(structure(br#"{"a":1}"#), Some(Structure::Json));
        assert_eq!(structure(b"{\"a\":1}\n{\"b\":2}\n"), Some(Structure::Json));
        assert_eq!(structure(b"{}"), None);
        assert_eq!(structure(b"{\"a\":\"\xff\"}"), None);
        assert_eq!(
            structure(b"{\n\t\"a\": [1,\r\n2\n]\n}"),
            Some(Structure::Json)
        );
        assert_eq!(structure(b"{\"a\x01b\":1}"), None);
        assert_eq!(structure(b"{\"android\tdentifier\":1}"), None);
        assert_eq!(structure(b"a=1&b=%20"), Some(Structure::Form));
        assert_eq!(structure(b"host=1&x=%20"), Some(Structure::Form));
        assert_eq!(structure(b"a=1==&b=2"), Some(Structure::Form));
        assert_eq!(structure(b"a=1=2&b=2"), None);
        assert_eq!(structure(b"a=1&b"), None);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(b"some text").unwrap();
        let mut gzip = gzip.finish().unwrap();
        assert_eq!(structure(&gzip), Some(Structure::Gzip));
        gzip[14] ^= 1;
        assert_eq!(structure(&gzip), None);
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(b"some text").unwrap();
        let zlib = zlib.finish().unwrap();
        assert_eq!(structure(&zlib), Some(Structure::Zlib));
        assert_eq!(structure(&zlib[..zlib.len() - 1]), None);
        assert_eq!(structure(b""), None);
    }
}
