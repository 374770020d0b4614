//! The inverse of every text-like layer.

use crate::peel::{base32, base58, base64_alphabet, base85, escape, frames, html, utf16};

/// What is written in every way.
pub(super) const JSON: &str = r#"{"imei":"490154203237518","event":"page_load","props":{"ok":true,"list":[1,2,3]},"naam":"café"}"#;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE32_HEX: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Compress with the format of LZString, into bits.
fn lz_bits(text: &str) -> Vec<bool> {
    fn put(out: &mut Vec<bool>, value: u32, width: u32) {
        out.extend((0..width).map(|place| value >> place & 1 == 1));
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = Vec::new();
    // Entries and whether their first unit was written yet.
    let mut entries: Vec<Vec<u16>> = Vec::new();
    let mut fresh: Vec<bool> = Vec::new();
    let (mut width, mut left) = (2u32, 2u64);
    let find = |entries: &[Vec<u16>], wanted: &[u16]| entries.iter().position(|e| e == wanted);
    let mut held: Vec<u16> = Vec::new();
    let emit = |out: &mut Vec<bool>,
                held: &[u16],
                entries: &[Vec<u16>],
                fresh: &mut [bool],
                width: &mut u32,
                left: &mut u64| {
        let count = |left: &mut u64, width: &mut u32| {
            *left -= 1;
            if *left == 0 {
                *left = 1 << *width;
                *width += 1;
            }
        };
        let at = find(entries, held).unwrap();
        if fresh[at] {
            let unit = u32::from(held[0]);
            let (code, bits) = if unit < 256 { (0, 8) } else { (1, 16) };
            put(out, code, *width);
            put(out, unit, bits);
            fresh[at] = false;
            count(left, width);
        } else {
            put(out, at as u32 + 3, *width);
        }
        count(left, width);
    };
    for &unit in &units {
        if find(&entries, &[unit]).is_none() {
            entries.push(vec![unit]);
            fresh.push(true);
        }
        let longer = [&held[..], &[unit]].concat();
        if find(&entries, &longer).is_some() {
            held = longer;
            continue;
        }
        emit(&mut out, &held, &entries, &mut fresh, &mut width, &mut left);
        entries.push(longer);
        fresh.push(false);
        held = vec![unit];
    }
    emit(&mut out, &held, &entries, &mut fresh, &mut width, &mut left);
    put(&mut out, 2, width);
    out
}

/// Bits in units of some width, with zeros at the end and one unit more when they come out even.
fn lz_units(text: &str, width: usize) -> Vec<u32> {
    let mut bits = lz_bits(text);
    bits.resize((bits.len() / width + 1) * width, false);
    let unit = |bits: &[bool]| bits.iter().fold(0, |unit, &bit| unit << 1 | u32::from(bit));
    bits.chunks(width).map(unit).collect()
}

pub(super) fn lz_digits(text: &str, last: [u8; 3]) -> Vec<u8> {
    let mut alphabet = data_encoding::BASE64.specification().symbols.into_bytes();
    alphabet[63] = last[0];
    let mut out: Vec<u8> = lz_units(text, 6)
        .iter()
        .map(|&unit| alphabet[unit as usize])
        .collect();
    while last[1] == b'=' && !out.len().is_multiple_of(4) {
        out.push(last[1]);
    }
    out
}

pub(super) fn lz_characters(text: &str) -> Vec<u8> {
    let units = lz_units(text, 15)
        .into_iter()
        .map(|unit| char::from_u32(unit + 32).unwrap());
    units.chain([' ']).collect::<String>().into_bytes()
}

pub(super) fn lz_bytes(text: &str) -> Vec<u8> {
    lz_units(text, 16)
        .iter()
        .flat_map(|&unit| (unit as u16).to_be_bytes())
        .collect()
}

fn bytewise(text: &str, before: &str, between: &str) -> Vec<u8> {
    let bytes: Vec<String> = text.bytes().map(|b| format!("{before}{b:02x}")).collect();
    bytes.join(between).into_bytes()
}

pub(super) fn data_url(text: &str) -> Vec<u8> {
    format!(
        "data:application/json;base64,{}",
        data_encoding::BASE64.encode(text.as_bytes())
    )
    .into_bytes()
}

/// Every way to write a text, with the layers that must be found around it.
pub(super) fn spellings(text: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("base32".into(), base32::encode(bytes, BASE32, true)),
        ("base32".into(), base32::encode(bytes, BASE32, false)),
        (
            "base32".into(),
            base32::encode(bytes, BASE32, false).to_ascii_lowercase(),
        ),
        ("base32hex".into(), base32::encode(bytes, BASE32_HEX, true)),
        (
            "base32crockford".into(),
            base32::encode(bytes, CROCKFORD, false),
        ),
        ("base58".into(), base58::encode(bytes)),
        ("base58check".into(), base58::encode_checked(bytes)),
        ("ascii85".into(), base85::encode(bytes, &base85::ASCII85)),
        (
            "ascii85".into(),
            [&b"<~"[..], &base85::encode(bytes, &base85::ASCII85), b"~>"].concat(),
        ),
        ("base85".into(), base85::encode(bytes, &base85::RFC1924)),
        ("html".into(), html::encode(text)),
        ("escape".into(), escape::encode(text, "\\u")),
        ("escape".into(), escape::encode(text, "%u")),
        (
            "escape".into(),
            text.replace('\\', "\\\\").replace('"', "\\\"").into_bytes(),
        ),
        ("hex-bytes".into(), bytewise(text, "", ":")),
        ("hex-bytes".into(), bytewise(text, "", " ")),
        ("hex-bytes".into(), bytewise(text, "0x", ", ")),
        ("hex-bytes".into(), bytewise(text, "\\x", "")),
        (
            "hex-bytes".into(),
            [&b"0x"[..], &bytewise(text, "", "")].concat(),
        ),
        ("utf-16".into(), utf16::encode(text, false, false)),
        ("utf-16".into(), utf16::encode(text, true, true)),
        ("lz-string".into(), lz_digits(text, *b"/==")),
        ("lz-string".into(), lz_digits(text, *b"-$$")),
        ("lz-string".into(), lz_characters(text)),
        ("lz-string".into(), lz_bytes(text)),
        ("data-url".into(), data_url(text)),
    ];
    if bytes.len().is_multiple_of(4) {
        all.push(("z85".into(), base85::encode(bytes, &base85::Z85)));
    }
    for (name, written) in base64_alphabet::encode_all(bytes) {
        all.push((format!("base64-alphabet:{name}"), written));
    }
    for kind in ["u32be", "u32le", "u16be", "u16le", "varint"] {
        // What begins with the code of its own length is a text already.
        if kind == "varint" && (0x20..0x80).contains(&bytes.len()) {
            continue;
        }
        all.push((
            format!("length-prefixed:{kind}[0]"),
            frames::encode(&[bytes], kind),
        ));
    }
    all
}
