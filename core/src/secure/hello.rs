//! ClientHello and ServerHello (RFC 8446 sections 4.1.2 and 4.1.3, RFC 5246 section 7.4.1).

use std::ops::RangeInclusive;

/// Values reserved to keep servers tolerant (RFC 8701): `0x?a?a`, both bytes equal.
pub fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// The parts of a ClientHello that are shown or fingerprinted. Reserved (GREASE) values are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// `legacy_version` of the message.
    pub legacy_version: u16,
    /// Cipher suites in the order offered.
    pub ciphers: Vec<u16>,
    /// Extension types in the order sent.
    pub extensions: Vec<u16>,
    /// Server name (RFC 6066), lower case.
    pub server_name: Option<String>,
    /// Protocols offered (RFC 7301), as sent.
    pub alpn: Vec<Vec<u8>>,
    /// Signature algorithms in the order offered.
    pub signature_algorithms: Vec<u16>,
    /// Versions offered (supported_versions).
    pub versions: Vec<u16>,
    /// The client's random value, by which key logs name the session.
    pub random: [u8; 32],
    /// The session to take up again, or bytes that only look like one.
    pub session_id: Vec<u8>,
    /// The ticket to take up again (RFC 5077).
    pub ticket: Vec<u8>,
}

impl ClientHello {
    /// Does the client send data before the server answers (RFC 8446 section 4.2.10)?
    pub fn has_early_data(&self) -> bool {
        self.extensions.contains(&42)
    }

    /// Is there an encrypted_client_hello extension? Some clients send one without meaning
    /// (draft-ietf-tls-esni, GREASE).
    pub fn has_ech(&self) -> bool {
        self.extensions.contains(&0xfe0d)
    }
}

/// The parts of a ServerHello that are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen.
    pub version: u16,
    /// The cipher suite chosen.
    pub cipher: u16,
    /// The server's random value.
    pub random: [u8; 32],
    /// The session's id.
    pub session_id: Vec<u8>,
    /// Compression method (RFC 3749); 0 is none.
    pub compression: u8,
    /// Extension types in the order sent.
    pub extensions: Vec<u16>,
    /// The protocol chosen (RFC 7301), where it is told in clear (up to TLS 1.2).
    pub alpn: Option<Vec<u8>>,
}

/// The random value that marks a HelloRetryRequest (RFC 8446 section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl ServerHello {
    /// Is it a HelloRetryRequest?
    pub fn is_retry(&self) -> bool {
        self.random == RETRY
    }
}

/// A cursor that never reads beyond its slice.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<usize> {
        self.take(1)?.first().map(|&b| usize::from(b))
    }

    fn word(&mut self) -> Option<u16> {
        match self.take(2)? {
            [high, low] => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        }
    }

    /// A vector with a length of one byte before it.
    fn short(&mut self) -> Option<Cursor<'a>> {
        let length = self.byte()?;
        self.take(length).map(Cursor)
    }

    /// A vector with a length of two bytes before it.
    fn long(&mut self) -> Option<Cursor<'a>> {
        let length = usize::from(self.word()?);
        self.take(length).map(Cursor)
    }

    fn words(mut self) -> Vec<u16> {
        let mut words = Vec::with_capacity(self.0.len() / 2);
        while let Some(word) = self.word() {
            if !is_grease(word) {
                words.push(word);
            }
        }
        words
    }
}

/// Reads the body of a ClientHello (after the four bytes of the handshake header).
pub fn client(body: &[u8]) -> Option<ClientHello> {
    read_client(body, false)
}

/// Do these bytes begin with a ClientHello in the form of SSL 2.0 that offers SSL 3.0 or TLS (RFC 5246 appendix
/// E.2)?
pub fn is_old_hello(bytes: &[u8]) -> bool {
    old_client(bytes).is_some()
}

/// Reads such a hello from the first bytes of a client. Returns it and its length, as soon as its first eleven
/// bytes are there; the random value is whole when all bytes are.
pub fn old_client(bytes: &[u8]) -> Option<(ClientHello, usize)> {
    let (start, rest) = bytes.split_first_chunk::<11>()?;
    let &[high, low, 1, 3, minor, c1, c2, s1, s2, r1, r2] = start else {
        return None;
    };
    let word = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
    let (ciphers, session, challenge) = (word(c1, c2), word(s1, s2), word(r1, r2));
    let length = word(high & 0x7f, low);
    let right = high & 0x80 != 0
        && minor <= 3
        && ciphers % 3 == 0
        && (16..=32).contains(&challenge)
        && length == 9 + ciphers + session + challenge;
    if !right {
        return None;
    }
    let part = |from: usize, bytes: usize| rest.get(from..from + bytes).unwrap_or_default();
    let mut random = [0; 32];
    let sent = part(ciphers + session, challenge);
    for (to, from) in random.iter_mut().rev().zip(sent.iter().rev()) {
        *to = *from;
    }
    let specs = part(0, ciphers)
        .chunks_exact(3)
        .filter_map(|spec| match spec {
            [0, high, low] => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        });
    let hello = ClientHello {
        legacy_version: u16::from_be_bytes([3, minor]),
        ciphers: specs.collect(),
        session_id: part(ciphers, session).to_vec(),
        random,
        ..ClientHello::default()
    };
    Some((hello, length + 2))
}

/// The same for DTLS, which has a cookie (RFC 6347 section 4.2.1).
pub fn client_datagram(body: &[u8]) -> Option<ClientHello> {
    read_client(body, true)
}

fn read_client(body: &[u8], cookie: bool) -> Option<ClientHello> {
    let mut at = Cursor(body);
    let mut hello = ClientHello {
        legacy_version: at.word()?,
        random: at.take(32)?.try_into().ok()?,
        session_id: at.short()?.0.to_vec(),
        ..ClientHello::default()
    };
    if cookie {
        at.short()?;
    }
    hello.ciphers = at.long()?.words();
    at.short()?;
    // Before RFC 3546 there were no extensions.
    let Some(mut extensions) = at.long() else {
        return Some(hello);
    };
    while let (Some(kind), Some(data)) = (extensions.word(), extensions.long()) {
        if is_grease(kind) {
            continue;
        }
        hello.extensions.push(kind);
        let mut data = data;
        match kind {
            0 => hello.server_name = server_name(data),
            13 => hello.signature_algorithms = data.long().map(Cursor::words).unwrap_or_default(),
            16 => {
                let mut list = data.long().unwrap_or(Cursor(&[]));
                while let Some(protocol) = list.short() {
                    hello.alpn.push(protocol.0.to_vec());
                }
            }
            35 => hello.ticket = data.0.to_vec(),
            43 => hello.versions = data.short().map(Cursor::words).unwrap_or_default(),
            _ => {}
        }
    }
    Some(hello)
}

fn server_name(mut data: Cursor<'_>) -> Option<String> {
    let mut list = data.long()?;
    loop {
        let kind = list.byte()?;
        let name = list.long()?;
        if kind == 0 {
            return Some(String::from_utf8_lossy(name.0).to_ascii_lowercase());
        }
    }
}

/// Reads the body of a ServerHello (or HelloRetryRequest).
pub fn server(body: &[u8]) -> Option<ServerHello> {
    let mut at = Cursor(body);
    let version = at.word()?;
    let random = at.take(32)?.try_into().ok()?;
    // Drafts up to 21 had neither session nor compression.
    let short = (0x7f00..=0x7f15).contains(&version);
    let session_id = if short {
        Vec::new()
    } else {
        at.short()?.0.to_vec()
    };
    let mut hello = ServerHello {
        version,
        cipher: at.word()?,
        random,
        session_id,
        ..ServerHello::default()
    };
    if !short {
        hello.compression = u8::try_from(at.byte()?).ok()?;
    }
    if let Some(mut extensions) = at.long() {
        while let (Some(kind), Some(mut data)) = (extensions.word(), extensions.long()) {
            hello.extensions.push(kind);
            match kind {
                16 => hello.alpn = data.long().and_then(|mut l| Some(l.short()?.0.to_vec())),
                43 => hello.version = data.word()?,
                _ => {}
            }
        }
    }
    Some(hello)
}

/// Reads EncryptedExtensions (RFC 8446 section 4.3.1) for the protocol chosen.
pub fn encrypted_extensions(body: &[u8]) -> Option<Vec<u8>> {
    let mut extensions = Cursor(body).long()?;
    while let (Some(kind), Some(mut data)) = (extensions.word(), extensions.long()) {
        if kind == 16 {
            return Some(data.long()?.short()?.0.to_vec());
        }
    }
    None
}

/// Drafts of TLS 1.3 that were used on the open internet.
const DRAFTS: RangeInclusive<u16> = 0x7f00..=0x7f1c;

/// A version number as text.
pub fn version_text(version: u16) -> Option<&'static str> {
    Some(match version {
        0x0300 => "SSL 3.0",
        0x0301 => "1.0",
        0x0302 => "1.1",
        0x0303 => "1.2",
        0x0304 => "1.3",
        0xfeff => "DTLS 1.0",
        0xfefd => "DTLS 1.2",
        0xfefc => "DTLS 1.3",
        // Facebook's own build of a draft.
        0xfb17..=0xfb1a => "1.3 draft",
        v if DRAFTS.contains(&v) => "1.3 draft",
        _ => return None,
    })
}
