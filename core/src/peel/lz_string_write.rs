//! The inverse of layer `lz-string`, for tests and the fuzzer.

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

/// In base64 with this last digit and sign of padding.
pub(crate) fn lz_digits(text: &str, last: [u8; 3]) -> Vec<u8> {
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

/// In characters of 15 bits.
#[cfg(test)]
pub(crate) fn lz_characters(text: &str) -> Vec<u8> {
    let units = lz_units(text, 15)
        .into_iter()
        .map(|unit| char::from_u32(unit + 32).unwrap());
    units.chain([' ']).collect::<String>().into_bytes()
}

/// In bytes.
#[cfg(test)]
pub(crate) fn lz_bytes(text: &str) -> Vec<u8> {
    lz_units(text, 16)
        .iter()
        .flat_map(|&unit| (unit as u16).to_be_bytes())
        .collect()
}
