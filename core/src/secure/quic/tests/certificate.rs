//! A certificate in DER (RFC 5280), as small as one may be. Its signature is none.

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut out = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    out.extend(contents);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A name of one attribute; the last byte of the attribute's identifier 2.5.4.x.
fn name(attribute: u8, text: &str) -> Vec<u8> {
    let pair = sequence(&[
        element(6, &[0x55, 4, attribute]),
        element(12, text.as_bytes()),
    ]);
    sequence(&[element(0x31, &pair)])
}

/// A certificate of organisation `Example` for `host`, issued by `Test CA`, valid through 2026.
pub(crate) fn certificate(host: &str) -> Vec<u8> {
    // ecdsa-with-SHA256
    let algorithm = sequence(&[element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]);
    let names = sequence(&[element(0x82, host.as_bytes())]);
    let alternative = sequence(&[element(6, &[0x55, 0x1d, 17]), element(4, &names)]);
    let body = sequence(&[
        element(0xa0, &element(2, &[2])),
        element(2, &[1]),
        algorithm.clone(),
        name(3, "Test CA"),
        sequence(&[element(23, b"260101000000Z"), element(23, b"261231235959Z")]),
        name(10, "Example"),
        sequence(&[algorithm.clone(), element(3, &[0, 4, 5])]),
        element(0xa3, &sequence(&[alternative])),
    ]);
    sequence(&[body, algorithm, element(3, &[0, 1, 2])])
}
