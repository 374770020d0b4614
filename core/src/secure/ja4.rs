//! JA4: a fingerprint of the software that sent a ClientHello.
//!
//! Written after FoxIO's description (`technical_details/JA4.md` of the repository FoxIO-LLC/ja4; JA4
//! itself is under BSD-3-Clause). `a_b_c`: readable part, hash of the sorted ciphers, hash of the
//! sorted extensions and the signature algorithms.

use sha2::{Digest, Sha256};

use super::hello::{ClientHello, ServerHello};

/// What carried the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// TLS over TCP.
    Tcp,
    /// QUIC.
    Quic,
    /// DTLS.
    Datagram,
}

impl Carrier {
    fn letter(self) -> char {
        match self {
            Carrier::Tcp => 't',
            Carrier::Quic => 'q',
            Carrier::Datagram => 'd',
        }
    }
}

/// JA4S, the fingerprint of a server's answer, such as `t130200_1301_234ea6891581` (`technical_details/JA4S.md`
/// of the same repository): readable part, cipher, hash of the extensions in the order sent.
pub fn ja4s(hello: &ServerHello, carrier: Carrier) -> String {
    let (letter, version) = (carrier.letter(), version_code(hello.version));
    let extensions = hello.extensions.len().min(99);
    let (first, last) = alpn(hello.alpn.as_deref().unwrap_or_default());
    let cipher = hello.cipher;
    let hash = hash(&hex_list(&hello.extensions, false));
    format!("{letter}{version}{extensions:02}{first}{last}_{cipher:04x}_{hash}")
}

/// The fingerprint, such as `t13d1516h2_8daaf6152771_e5627efa2ab1`.
pub fn ja4(hello: &ClientHello, carrier: Carrier) -> String {
    let letter = carrier.letter();
    let version = hello
        .versions
        .iter()
        .copied()
        .max()
        .unwrap_or(hello.legacy_version);
    let named = if hello.extensions.contains(&0) {
        'd'
    } else {
        'i'
    };
    let ciphers = hello.ciphers.len().min(99);
    let extensions = hello.extensions.len().min(99);
    let (first, last) = alpn(hello.alpn.first().map_or(&[], Vec::as_slice));
    let b = hash(&hex_list(&hello.ciphers, true));
    let rest: Vec<u16> = hello
        .extensions
        .iter()
        .copied()
        .filter(|kind| !matches!(kind, 0 | 16))
        .collect();
    let mut c = hex_list(&rest, true);
    if !c.is_empty() && !hello.signature_algorithms.is_empty() {
        c.push('_');
        c.push_str(&hex_list(&hello.signature_algorithms, false));
    }
    let c = hash(&c);
    let version = version_code(version);
    format!("{letter}{version}{named}{ciphers:02}{extensions:02}{first}{last}_{b}_{c}")
}

fn version_code(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// First and last character of a protocol name, or of its hexadecimal form where one is not a letter
/// or digit.
fn alpn(protocol: &[u8]) -> (char, char) {
    let (Some(&first), Some(&last)) = (protocol.first(), protocol.last()) else {
        return ('0', '0');
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return (char::from(first), char::from(last));
    }
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    (digit(first >> 4), digit(last & 0x0f))
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn push_hex(text: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        let letter = DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0');
        text.push(char::from(letter));
    }
}

fn hex_list(values: &[u16], sorted: bool) -> String {
    let mut values = values.to_vec();
    if sorted {
        values.sort_unstable();
    }
    let mut text = String::with_capacity(values.len() * 5);
    for value in values {
        if !text.is_empty() {
            text.push(',');
        }
        let [high, low] = value.to_be_bytes();
        push_hex(&mut text, high);
        push_hex(&mut text, low);
    }
    text
}

/// The first twelve digits of SHA-256; zeros for an empty list.
fn hash(text: &str) -> String {
    if text.is_empty() {
        return "000000000000".to_owned();
    }
    let digest = Sha256::digest(text.as_bytes());
    let mut first = String::with_capacity(12);
    digest.iter().take(6).for_each(|b| push_hex(&mut first, *b));
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the description.
    #[test]
    fn example_of_the_description() {
        let hello = ClientHello {
            legacy_version: 0x0303,
            ciphers: vec![
                0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            server_name: Some("example.org".to_owned()),
            alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            signature_algorithms: vec![
                0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
            ],
            versions: vec![0x0304, 0x0303],
            ..ClientHello::default()
        };
        assert_eq!(
            ja4(&hello, Carrier::Tcp),
            "t13d1516h2_8daaf6152771_e5627efa2ab1"
        );
    }

    #[test]
    fn protocol_names_that_are_not_text() {
        assert_eq!(alpn(&[0xab]), ('a', 'b'));
        assert_eq!(alpn(&[0xab, 0xcd]), ('a', 'd'));
        assert_eq!(alpn(&[0x30, 0xab]), ('3', 'b'));
        assert_eq!(alpn(&[0x30, 0x31, 0xab, 0xcd]), ('3', 'd'));
        assert_eq!(alpn(&[0x30, 0xab, 0xcd, 0x31]), ('0', '1'));
        assert_eq!(alpn(b""), ('0', '0'));
        assert_eq!(alpn(b"x"), ('x', 'x'));
    }

    /// The worked example of JA4S.
    #[test]
    fn example_of_the_description_of_ja4s() {
        let hello = ServerHello {
            version: 0x0304,
            cipher: 0x1301,
            extensions: vec![0x0033, 0x002b],
            ..ServerHello::default()
        };
        assert_eq!(ja4s(&hello, Carrier::Tcp), "t130200_1301_234ea6891581");
    }

    #[test]
    fn nothing_offered() {
        let hello = ClientHello::default();
        assert_eq!(
            ja4(&hello, Carrier::Quic),
            "q00i000000_000000000000_000000000000"
        );
    }
}
