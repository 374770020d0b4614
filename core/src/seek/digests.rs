//! Digests of known values, however they are written: they are decoded and looked up.
//!
//! Tokens are found by looking at every n-th byte only, n being the shortest token: a run of n bytes must
//! contain one of them. So text costs far less than a byte at a time.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use hashbrown::HashMap;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A digest and zeros behind it, and its length.
type Padded = ([u8; LONGEST], usize);
type Algorithm = fn(&[u8]) -> Padded;

/// The digests that are looked for. MD5: RFC 1321. SHA-1 and SHA-256: FIPS 180-4.
pub(super) const ALGORITHMS: [(&str, Algorithm); 3] = [
    ("md5", |bytes| padded(&Md5::digest(bytes))),
    ("sha1", |bytes| padded(&Sha1::digest(bytes))),
    ("sha256", |bytes| padded(&Sha256::digest(bytes))),
];

/// How a digest was written; the order is that of the form names of one digest.
pub(super) const WRITINGS: [&str; 3] = ["hex", "base64", "raw"];
const HEX: u32 = 0;
const BASE64: u32 = 1;
const RAW: u32 = 2;

/// Digest lengths in bytes.
const LENGTHS: [usize; 3] = [16, 20, 32];
/// Longest digest.
const LONGEST: usize = 32;
const NONE: u32 = u32::MAX;

struct Entry {
    digest: [u8; LONGEST],
    length: usize,
    known: u32,
    form: u32,
    /// The next entry that begins with the same eight bytes.
    next: u32,
}

/// Digest → known value and form.
#[derive(Default)]
pub(super) struct Digests {
    first: HashMap<u64, u32, foldhash::fast::RandomState>,
    entries: Vec<Entry>,
}

/// A digest that was found: known value (index), form and place.
pub(super) struct Found {
    pub known: u32,
    pub form: u32,
    pub offset: usize,
    pub length: usize,
}

impl Digests {
    /// Add a digest of known value number `known`; `form` is the first of its [`WRITINGS`].
    pub fn add(&mut self, (digest, length): Padded, known: u32, form: u32) {
        let (Some(prefix), Ok(number)) = (prefix(&digest), u32::try_from(self.entries.len()))
        else {
            return;
        };
        let next = self.first.insert(prefix, number).unwrap_or(NONE);
        self.entries.push(Entry {
            digest,
            length,
            known,
            form,
            next,
        });
    }

    fn look_up(
        &self,
        digest: &[u8],
        writing: u32,
        offset: usize,
        length: usize,
        found: &mut impl FnMut(Found),
    ) {
        let first = prefix(digest).and_then(|p| self.first.get(&p)).copied();
        let mut entry = first.and_then(|n| self.entries.get(n as usize));
        while let Some(e) = entry {
            if e.length == digest.len() && e.digest.starts_with(digest) {
                found(Found {
                    known: e.known,
                    form: e.form + writing,
                    offset,
                    length,
                });
            }
            entry = self.entries.get(e.next as usize);
        }
    }

    /// Report every digest in a value: as hex or base64 tokens, or the value itself.
    pub fn seek(&self, value: &[u8], mut found: impl FnMut(Found)) {
        if self.entries.is_empty() {
            return;
        }
        if LENGTHS.contains(&value.len()) {
            self.look_up(value, RAW, 0, value.len(), &mut found);
        }
        runs::<32>(value, HEX_DIGIT, |from, token| {
            let mut digest = [0; LONGEST];
            let length = token.len() / 2;
            if let (true, Some(digest)) = (
                token.len() % 2 == 0 && LENGTHS.contains(&length),
                digest.get_mut(..length),
            ) {
                for (byte, pair) in digest.iter_mut().zip(token.chunks_exact(2)) {
                    *byte = pair.iter().fold(0, |n, b| n << 4 | nibble(*b));
                }
                self.look_up(digest, HEX, from, token.len(), &mut found);
            }
        });
        for (class, encoding) in [(STANDARD, &BASE64_NOPAD), (URL_SAFE, &BASE64URL_NOPAD)] {
            runs::<22>(value, class, |from, token| {
                let mut digest = [0; LONGEST];
                let padding = match token.len() {
                    22 => 2,
                    27 | 43 => 1,
                    _ => return,
                };
                // What both alphabets read alike is looked up once.
                if class == URL_SAFE
                    && !token.iter().any(|b| b"-_".contains(b))
                    && in_standard_run(value, from, token)
                {
                    return;
                }
                let length = token.len() * 6 / 8;
                let Some(digest) = digest.get_mut(..length) else {
                    return;
                };
                if encoding.decode_mut(token, digest).is_ok() {
                    let end = from + token.len();
                    let after = value.get(end..).unwrap_or_default();
                    let signs = after
                        .iter()
                        .take(padding)
                        .take_while(|b| **b == b'=')
                        .count();
                    self.look_up(digest, BASE64, from, token.len() + signs, &mut found);
                }
            });
        }
    }
}

/// True when the URL-safe token is a maximal run of the standard alphabet, too.
fn in_standard_run(value: &[u8], from: usize, token: &[u8]) -> bool {
    let is = |at: Option<usize>| {
        at.and_then(|at| value.get(at))
            .is_some_and(|b| classes(*b) & STANDARD != 0)
    };
    !is(from.checked_sub(1)) && !is(from.checked_add(token.len()))
}

fn padded(digest: &[u8]) -> Padded {
    let mut padded = [0; LONGEST];
    for (to, from) in padded.iter_mut().zip(digest) {
        *to = *from;
    }
    (padded, digest.len())
}

fn prefix(digest: &[u8]) -> Option<u64> {
    digest.first_chunk::<8>().map(|b| u64::from_le_bytes(*b))
}

fn nibble(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20).wrapping_sub(b'a').wrapping_add(10) & 15,
    }
}

const HEX_DIGIT: u8 = 1;
const STANDARD: u8 = 2;
const URL_SAFE: u8 = 4;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut i = 0;
    while i < 256 {
        classes[i] = match i as u8 {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => HEX_DIGIT | STANDARD | URL_SAFE,
            b'g'..=b'z' | b'G'..=b'Z' => STANDARD | URL_SAFE,
            b'+' | b'/' => STANDARD,
            b'-' | b'_' => URL_SAFE,
            _ => 0,
        };
        i += 1;
    }
    classes
};

#[inline]
fn classes(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Call `token(start, run)` for every maximal run of `class` that is at least `N` bytes long.
#[inline]
fn runs<const N: usize>(text: &[u8], class: u8, mut token: impl FnMut(usize, &[u8])) {
    let is = |at: usize| text.get(at).is_some_and(|b| classes(*b) & class != 0);
    let mut from = 0;
    // `from` is where a run may begin: nothing before it belongs to one.
    while from + N <= text.len() {
        let probe = from + N - 1;
        if !is(probe) {
            from = probe + 1;
            continue;
        }
        let mut start = probe;
        while start > from && is(start - 1) {
            start -= 1;
        }
        if start > from {
            // The run begins later than `from`; it is long enough only if it reaches its own probe.
            let reach = start + N - 1;
            if let Some(gap) = (probe + 1..=reach).find(|at| !is(*at)) {
                from = gap + 1;
                continue;
            }
        }
        let rest = text.get(start + N..).unwrap_or_default();
        let end = start
            + N
            + rest
                .iter()
                .position(|b| classes(*b) & class == 0)
                .unwrap_or(rest.len());
        token(start, text.get(start..end).unwrap_or_default());
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// RFC 1321 appendix A.5; FIPS 180 examples of NIST.
    #[test]
    fn published_vectors() {
        let of = |name: &str, text: &[u8]| {
            let (_, digest) = ALGORITHMS.iter().find(|(n, _)| *n == name).unwrap();
            let (digest, length) = digest(text);
            hex(&digest[..length])
        };
        assert_eq!(of("md5", b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(
            of("md5", b"message digest"),
            "f96b697d7cb7938d525a2f31aaf161d0"
        );
        assert_eq!(
            of("sha1", b"abc"),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            of("sha256", b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn finds_every_writing() {
        let mut digests = Digests::default();
        let digest = Md5::digest(b"x");
        digests.add(padded(&digest), 7, 100);
        digests.add(padded(&digest), 8, 200);
        let seek = |text: &[u8]| {
            let mut out = Vec::new();
            digests.seek(text, |f| out.push((f.known, f.form, f.offset, f.length)));
            out.sort_unstable();
            out
        };
        let lower = hex(&digest);
        assert_eq!(
            seek(format!("id={lower}&").as_bytes()),
            [(7, 100, 3, 32), (8, 200, 3, 32)]
        );
        assert_eq!(seek(lower.to_uppercase().as_bytes()).len(), 2);
        assert!(seek(format!("0{lower}").as_bytes()).is_empty());
        assert_eq!(seek(&digest), [(7, 102, 0, 16), (8, 202, 0, 16)]);
        let encoded = data_encoding::BASE64.encode(&digest);
        assert_eq!(
            seek(format!("\"{encoded}\"").as_bytes()),
            [(7, 101, 1, 24), (8, 201, 1, 24)]
        );
        assert_eq!(
            seek(encoded.trim_end_matches('=').as_bytes())[0],
            (7, 101, 0, 22)
        );
        let url_safe = data_encoding::BASE64URL_NOPAD.encode(&digest);
        assert_eq!(seek(format!("/{url_safe}/").as_bytes())[0], (7, 101, 1, 22));
        assert!(seek(format!("x{encoded}").as_bytes()).is_empty());
    }

    proptest! {
        #[test]
        fn runs_are_those_of_a_plain_scan(text in "[a-f0-9]{0,40}([ g-]{1,3}[a-f0-9]{0,40}){0,6}") {
            let mut found = Vec::new();
            runs::<32>(text.as_bytes(), HEX_DIGIT, |at, run| found.push((at, run.len())));
            let mut plain = Vec::new();
            let mut at = 0;
            for part in text.split(|c: char| !c.is_ascii_hexdigit()) {
                if part.len() >= 32 {
                    plain.push((at, part.len()));
                }
                at += part.len() + 1;
            }
            prop_assert_eq!(found, plain);
        }
    }
}
