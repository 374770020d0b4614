//! The wire format: header, names with compression, questions and records (RFC 1035 section 4).

/// Longest name in wire form (RFC 1035 section 3.1) and most jumps through compression pointers.
const NAME_BYTES: usize = 255;
const JUMPS: usize = 64;

/// The fixed part of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixed {
    pub id: u16,
    pub flags: u16,
    pub questions: u16,
    pub answers: u16,
}

impl Fixed {
    /// Reads it.
    pub fn read(bytes: &[u8]) -> Option<Fixed> {
        let word = |at: usize| -> Option<u16> {
            Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
        };
        bytes.get(..12)?;
        Some(Fixed {
            id: word(0)?,
            flags: word(2)?,
            questions: word(4)?,
            answers: word(6)?,
        })
    }

    /// Is it an answer?
    pub fn is_answer(self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// The response code.
    pub fn code(self) -> i64 {
        i64::from(self.flags & 0x000f)
    }
}

/// Does this look like the start of a DNS message? At least its first 12 bytes must be there.
pub fn looks_right(bytes: &[u8]) -> bool {
    let Some(fixed) = Fixed::read(bytes) else {
        return false;
    };
    let operation = (fixed.flags >> 11) & 0xf;
    let reserved = fixed.flags & 0x0040 != 0;
    operation <= 6
        && !reserved
        && fixed.questions <= 64
        && (fixed.questions > 0 || fixed.is_answer() || operation >= 4)
}

/// The name of a query type; unknown ones as in RFC 3597.
pub(crate) fn type_name(kind: u16) -> std::borrow::Cow<'static, str> {
    let known = match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        10 => "NULL",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        29 => "LOC",
        33 => "SRV",
        35 => "NAPTR",
        39 => "DNAME",
        41 => "OPT",
        43 => "DS",
        44 => "SSHFP",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        50 => "NSEC3",
        52 => "TLSA",
        64 => "SVCB",
        65 => "HTTPS",
        99 => "SPF",
        249 => "TKEY",
        250 => "TSIG",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        256 => "URI",
        257 => "CAA",
        _ => return format!("TYPE{kind}").into(),
    };
    known.into()
}

/// Reads a name at `at` into `text` (lower case, escapes as in RFC 4343): the position after it.
/// Pointers may only go backwards, and only so often.
pub(super) fn read_name(bytes: &[u8], mut at: usize, text: &mut String) -> Option<usize> {
    text.clear();
    let mut after = None;
    let (mut jumps, mut length) = (0, 0);
    loop {
        let first = usize::from(*bytes.get(at)?);
        match first {
            0 => {
                if text.is_empty() {
                    text.push('.');
                }
                return Some(after.unwrap_or(at + 1));
            }
            1..=63 => {
                length += first + 1;
                if length > NAME_BYTES {
                    return None;
                }
                if !text.is_empty() {
                    text.push('.');
                }
                for &byte in bytes.get(at + 1..at + 1 + first)? {
                    match byte {
                        b'.' | b'\\' => text.extend(['\\', char::from(byte)]),
                        0x21..=0x7e => text.push(char::from(byte.to_ascii_lowercase())),
                        _ => text.push_str(&format!("\\{byte:03}")),
                    }
                }
                at += 1 + first;
            }
            0xc0..=0xff => {
                let target = (first & 0x3f) << 8 | usize::from(*bytes.get(at + 1)?);
                after.get_or_insert(at + 2);
                jumps += 1;
                if jumps > JUMPS || target >= at {
                    return None;
                }
                at = target;
            }
            _ => return None,
        }
    }
}

/// Reads a question: the position after it, and the type asked for.
pub(super) fn read_question(bytes: &[u8], at: usize, name: &mut String) -> Option<(usize, u16)> {
    let end = read_name(bytes, at, name)?;
    let kind = bytes.get(end..end + 4)?;
    Some((end + 4, u16::from_be_bytes([*kind.first()?, *kind.get(1)?])))
}

/// One resource record (RFC 1035 section 4.1.3).
pub(super) struct Record {
    pub kind: u16,
    pub data: usize,
    pub end: usize,
}

/// Reads a record's fixed part at `at`, its owner into `owner`.
pub(super) fn read_record(bytes: &[u8], at: usize, owner: &mut String) -> Option<Record> {
    let at = read_name(bytes, at, owner)?;
    let fixed: &[u8; 10] = bytes.get(at..at + 10)?.try_into().ok()?;
    let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
    let end = at + 10 + length;
    bytes.get(at..end)?;
    Some(Record {
        kind: u16::from_be_bytes([fixed[0], fixed[1]]),
        data: at + 10,
        end,
    })
}
