//! Kinds of files that show themselves in their first bytes: not layers, but proof that base64 was right.

/// Signatures of at least six bytes: shorter ones turn up in noise. `None` is any byte.
const SIGNATURES: &[&[Option<u8>]] = &[
    // PNG (ISO/IEC 15948)
    &[
        Some(0x89),
        Some(b'P'),
        Some(b'N'),
        Some(b'G'),
        Some(0x0d),
        Some(0x0a),
        Some(0x1a),
        Some(0x0a),
    ],
    // JPEG with JFIF or Exif (ISO/IEC 10918-5)
    &[
        Some(0xff),
        Some(0xd8),
        Some(0xff),
        Some(0xe0),
        None,
        None,
        Some(b'J'),
        Some(b'F'),
        Some(b'I'),
        Some(b'F'),
    ],
    &[
        Some(0xff),
        Some(0xd8),
        Some(0xff),
        Some(0xe1),
        None,
        None,
        Some(b'E'),
        Some(b'x'),
        Some(b'i'),
        Some(b'f'),
    ],
    // GIF
    &[
        Some(b'G'),
        Some(b'I'),
        Some(b'F'),
        Some(b'8'),
        Some(b'9'),
        Some(b'a'),
    ],
    &[
        Some(b'G'),
        Some(b'I'),
        Some(b'F'),
        Some(b'8'),
        Some(b'7'),
        Some(b'a'),
    ],
    // WebP (RFC 9649)
    &[
        Some(b'R'),
        Some(b'I'),
        Some(b'F'),
        Some(b'F'),
        None,
        None,
        None,
        None,
        Some(b'W'),
        Some(b'E'),
        Some(b'B'),
        Some(b'P'),
    ],
    // PDF (ISO 32000), bplist, SQLite
    &[
        Some(b'%'),
        Some(b'P'),
        Some(b'D'),
        Some(b'F'),
        Some(b'-'),
        Some(b'1'),
        Some(b'.'),
    ],
    &[
        Some(b'b'),
        Some(b'p'),
        Some(b'l'),
        Some(b'i'),
        Some(b's'),
        Some(b't'),
        Some(b'0'),
        Some(b'0'),
    ],
    &[
        Some(b'S'),
        Some(b'Q'),
        Some(b'L'),
        Some(b'i'),
        Some(b't'),
        Some(b'e'),
        Some(b' '),
        Some(b'f'),
    ],
];

/// True when the bytes begin like one of these files.
pub(crate) fn known(bytes: &[u8]) -> bool {
    SIGNATURES.iter().any(|signature| {
        bytes.len() >= signature.len()
            && signature
                .iter()
                .zip(bytes)
                .all(|(wanted, byte)| wanted.is_none_or(|wanted| wanted == *byte))
    })
}
