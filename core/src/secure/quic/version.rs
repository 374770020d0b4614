//! Versions of QUIC: what differs between them, and their names.

/// What a long header packet is (RFC 9000 section 17.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Carries the first CRYPTO frames.
    Initial,
    /// Early data of the client.
    ZeroRtt,
    /// Carries the rest of the handshake.
    Handshake,
    /// Asks the client to begin again with another connection id.
    Retry,
}

/// Labels of key derivation (RFC 9001 section 5.1, RFC 9369 section 3.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Of the AEAD key.
    pub key: &'static str,
    /// Of its nonce.
    pub iv: &'static str,
    /// Of the header protection key.
    pub hp: &'static str,
    /// Of the next generation's secret.
    pub ku: &'static str,
}

const LABELS_1: Labels = Labels {
    key: "quic key",
    iv: "quic iv",
    hp: "quic hp",
    ku: "quic ku",
};
const LABELS_2: Labels = Labels {
    key: "quicv2 key",
    iv: "quicv2 iv",
    hp: "quicv2 hp",
    ku: "quicv2 ku",
};

/// A salt of Initial keys.
pub type Salt = [u8; 20];

/// RFC 9001 section 5.2; also drafts 33 and 34.
const SALT_1: Salt = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
/// RFC 9369 section 3.3.1.
const SALT_2: Salt = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
    0xf9, 0xbd, 0x2e, 0xd9,
];
/// draft-ietf-quic-tls-29 section 5.2.
const SALT_29: Salt = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0,
    0x43, 0x90, 0xa8, 0x99,
];
/// draft-ietf-quic-tls-23 section 5.2.
const SALT_23: Salt = [
    0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65,
    0xbe, 0xf9, 0xf5, 0x02,
];
/// draft-ietf-quic-tls-22 section 5.2.
const SALT_22: Salt = [
    0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd,
    0x7a, 0x02, 0x64, 0x4a,
];
/// Google's version Q050.
const SALT_Q050: Salt = [
    0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0,
    0xd3, 0xb5, 0x6b, 0x45,
];
/// Google's version T050.
const SALT_T050: Salt = [
    0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c,
    0x60, 0x48, 0x83, 0x10,
];
/// Google's version T051.
const SALT_T051: Salt = [
    0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc,
    0xda, 0x6e, 0x03, 0x3d,
];

/// Version 2 (RFC 9369).
pub const V2: u32 = 0x6b33_43cf;

/// What is needed to read packets of a version.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    /// Salts of its Initial keys; the one that opens a packet is right.
    pub salts: &'static [Salt],
    /// Labels of its key derivation.
    pub labels: Labels,
    /// True where the handshake is TLS, not Google's own.
    pub tls: bool,
    second: bool,
}

impl Version {
    /// What is known of a version; `None`: its packets cannot be opened.
    pub fn of(number: u32) -> Option<Version> {
        let salts: &'static [Salt] = match number {
            1 | 0xff00_0021 | 0xff00_0022 => &[SALT_1],
            V2 => &[SALT_2],
            0xff00_001d..=0xff00_0020 => &[SALT_29],
            0xff00_0017..=0xff00_001c => &[SALT_23],
            0xff00_0015..=0xff00_0016 => &[SALT_22],
            // Facebook's builds of drafts; which draft is not told in public for all of them.
            0xface_b000..=0xface_b0ff => &[SALT_22, SALT_23, SALT_29, SALT_1],
            0x5130_3530 => &[SALT_Q050],
            0x5430_3530 => &[SALT_T050],
            0x5430_3531 => &[SALT_T051],
            _ => return None,
        };
        Some(Version {
            salts,
            labels: if number == V2 { LABELS_2 } else { LABELS_1 },
            tls: number != 0x5130_3530,
            second: number == V2,
        })
    }

    /// What a long header packet with this first byte is (RFC 9369 section 3.2 for version 2).
    pub fn kind(self, first: u8) -> Kind {
        let bits = (first >> 4) & 3;
        match (bits.wrapping_sub(u8::from(self.second))) & 3 {
            0 => Kind::Initial,
            1 => Kind::ZeroRtt,
            2 => Kind::Handshake,
            _ => Kind::Retry,
        }
    }
}

/// Is this one of Google's own versions (`Q` or `T` and three digits)?
pub fn is_google(number: u32) -> bool {
    let [letter, digits @ ..] = number.to_be_bytes();
    matches!(letter, b'Q' | b'T') && digits.iter().all(u8::is_ascii_digit)
}

/// A version number as text: `1`, `2`, `draft 29`, `Q046`, `facebook 0xfaceb002`.
pub fn name(number: u32) -> String {
    match number {
        1 => "1".to_owned(),
        V2 => "2".to_owned(),
        n if n >> 8 == 0x00ff_0000 => format!("draft {}", n & 0xff),
        n if n >> 8 == 0x00fa_ceb0 => format!("facebook 0x{n:08x}"),
        n if is_google(n) => n.to_be_bytes().iter().map(|b| char::from(*b)).collect(),
        n => format!("0x{n:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds() {
        assert_eq!(name(0xff00_001d), "draft 29");
        assert_eq!(name(0x5130_3436), "Q046");
        assert_eq!(name(0xface_b002), "facebook 0xfaceb002");
        let one = Version::of(1).unwrap();
        let two = Version::of(V2).unwrap();
        assert_eq!(one.kind(0xc0), Kind::Initial);
        assert_eq!(one.kind(0xf0), Kind::Retry);
        assert_eq!(two.kind(0xd3), Kind::Initial);
        assert_eq!(two.kind(0xc0), Kind::Retry);
        assert!(Version::of(0x5130_3436).is_none());
    }
}
