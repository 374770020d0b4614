//! The ways a known value is written as text, most direct first.

use super::Known;
use super::edges::{ALNUM, ANY, DASH, DIGIT, DOT, Edges, Mask, PATH, PLUS, WORD};
use super::kind::{Kind, hex_digits, scheme_end};

/// From this length on a value may stand in the middle of a word.
const STANDS_ANYWHERE: usize = 12;
/// From this length on a value may stand between any two bytes that are not letters or digits.
const STANDS_BETWEEN_WORDS: usize = 8;
/// Below this length a value must be the whole leaf.
const STANDS_AS_TOKEN: usize = 4;
/// A value without its separators is looked for if it keeps this length.
const SHORTEST_WITHOUT_SEPARATORS: usize = 6;

/// One way to write a value.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    /// The name without the case: `without separators`; empty for `plain`.
    pub notation: &'static str,
    /// `upper case`; empty where the notation says all.
    pub case: &'static str,
    pub bytes: Vec<u8>,
    pub edges: Edges,
}

impl Variant {
    /// Readable name, such as `without separators, upper case`.
    pub fn name(&self) -> String {
        name(self.notation, self.case)
    }
}

/// Name of a notation in a case; `plain` is called by its case alone.
pub(super) fn name(notation: &str, case: &str) -> String {
    match (notation, case) {
        ("", "") => "plain".to_owned(),
        ("", case) => case.to_owned(),
        (notation, "") => notation.to_owned(),
        (notation, case) => format!("{notation}, {case}"),
    }
}

/// All variants, none twice, the most direct first.
pub(super) fn variants(known: &Known) -> Vec<Variant> {
    if known.value.is_empty() {
        return Vec::new();
    }
    let kind = Kind::of(&known.datum, &known.value);
    let mut notations: Vec<(&'static str, Vec<u8>)> = vec![("", known.value.clone())];
    notate(kind, &known.value, &mut notations);
    let encoded = percent_encoded(&known.value, b"%20");
    if encoded != known.value {
        notations.push(("percent-encoded", encoded));
        notations.push(("form-encoded", percent_encoded(&known.value, b"+")));
    }
    let mut out: Vec<Variant> = Vec::new();
    for (notation, bytes) in notations {
        let edges = edges(kind, notation, &bytes);
        let cases = [
            ("", bytes.clone()),
            ("lower case", bytes.to_ascii_lowercase()),
            ("upper case", bytes.to_ascii_uppercase()),
        ];
        for (case, bytes) in cases {
            if !out.iter().any(|v| v.bytes == bytes) {
                out.push(Variant {
                    notation,
                    case,
                    bytes,
                    edges,
                });
            }
        }
    }
    out
}

type Notations = Vec<(&'static str, Vec<u8>)>;

fn notate(kind: Kind, value: &[u8], out: &mut Notations) {
    let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
    match kind {
        Kind::Mac => {
            let hex = hex_digits(value);
            out.push(("with colons", grouped(&hex, &[2, 2, 2, 2, 2, 2], b":")));
            out.push(("with dashes", grouped(&hex, &[2, 2, 2, 2, 2, 2], b"-")));
            out.push(("with dots", grouped(&hex, &[4, 4, 4], b".")));
            out.push(("without separators", hex));
        }
        Kind::Uuid => {
            let hex = hex_digits(value);
            let dashed = grouped(&hex, &[8, 4, 4, 4, 12], b"-");
            out.push(("with braces", [b"{", dashed.as_slice(), b"}"].concat()));
            out.push(("with dashes", dashed));
            out.push(("without separators", hex));
        }
        Kind::Imei => {
            // 3GPP TS 23.003 section 6.2: networks and many APIs leave the check digit out.
            if let Some(body) = digits.get(..14).filter(|_| digits.len() > 14) {
                out.push(("without check digit", body.to_vec()));
            }
            out.push(("without separators", digits));
        }
        Kind::Phone => phone(value, &digits, out),
        Kind::Url => url(value, out),
        Kind::Email => {}
        Kind::Location | Kind::Other => {
            let words: Vec<&[u8]> = value
                .split(|b| *b == b' ')
                .filter(|w| !w.is_empty())
                .collect();
            if words.len() > 1 {
                out.push(("words joined by +", words.join(&b"+"[..])));
                out.push(("words joined by %20", words.join(&b"%20"[..])));
                out.push(("words joined by _", words.join(&b"_"[..])));
                out.push(("words joined by -", words.join(&b"-"[..])));
            }
            let bare: Vec<u8> = value
                .iter()
                .copied()
                .filter(|b| !b" -:".contains(b))
                .collect();
            if kind == Kind::Other
                && bare.len() < value.len()
                && bare.len() >= SHORTEST_WITHOUT_SEPARATORS
            {
                out.push(("without separators", bare));
            }
        }
    }
}

fn grouped(text: &[u8], sizes: &[usize], separator: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut groups = Vec::new();
    for size in sizes {
        let (group, after) = rest.split_at((*size).min(rest.len()));
        groups.push(group);
        rest = after;
    }
    groups.join(separator)
}

/// E.164 numbers with and without the international prefix, and with the trunk prefix 0 of most countries.
fn phone(value: &[u8], digits: &[u8], out: &mut Notations) {
    out.push((
        "without separators",
        value
            .iter()
            .copied()
            .filter(|b| b.is_ascii_digit() || *b == b'+')
            .collect(),
    ));
    let international = match digits.strip_prefix(b"00") {
        Some(rest) => rest,
        None if value.starts_with(b"+") => digits,
        // A national number: its country is not known.
        None => return,
    };
    out.push(("with +", [b"+", international].concat()));
    out.push(("with 00", [b"00", international].concat()));
    out.push(("without +", international.to_vec()));
    if let Some(national) = international
        .get(country_code(international)..)
        .filter(|n| n.len() >= 6)
    {
        out.push(("national", [b"0", national].concat()));
    }
}

/// Digits of the country code (ITU-T E.164, list of assigned codes): 1 and 7 alone, the two-digit codes as
/// listed, all others three.
fn country_code(number: &[u8]) -> usize {
    match number {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// A URL without fragment, trailing slash or scheme. What is left when all is gone, the host alone, is not
/// a form of the URL.
fn url(value: &[u8], out: &mut Notations) {
    let base = value.split(|b| *b == b'#').next().unwrap_or_default();
    let trimmed = base.strip_suffix(b"/").unwrap_or(base);
    if base.len() < value.len() {
        out.push(("without fragment", base.to_vec()));
    }
    let Some(host) = scheme_end(value) else {
        return;
    };
    if trimmed.len() < base.len() && trimmed.len() > host {
        out.push(("without trailing slash", trimmed.to_vec()));
    }
    let has_path = trimmed
        .get(host..)
        .is_some_and(|rest| rest.iter().any(|b| b"/?".contains(b)));
    if has_path {
        for (notation, text) in [
            ("without scheme", value),
            ("without scheme and fragment", base),
            ("without scheme and trailing slash", trimmed),
        ] {
            out.push((notation, text.get(host..).unwrap_or_default().to_vec()));
        }
    }
    for (notation, text) in [
        ("without fragment, percent-encoded", base),
        ("without trailing slash, percent-encoded", trimmed),
    ] {
        if text.len() < value.len() && text.len() > host {
            out.push((notation, percent_encoded(text, b"%20")));
        }
    }
}

/// RFC 3986 section 2.1, all but unreserved characters, as `encodeURIComponent` and form posts do.
fn percent_encoded(text: &[u8], space: &[u8]) -> Vec<u8> {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len() * 2);
    for &byte in text {
        match byte {
            b' ' => out.extend_from_slice(space),
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => out.push(b),
            b => out.extend([
                b'%',
                DIGITS[usize::from(b >> 4)],
                DIGITS[usize::from(b & 15)],
            ]),
        }
    }
    out
}

/// What may stand beside a variant.
fn edges(kind: Kind, notation: &str, bytes: &[u8]) -> Edges {
    let short: Mask = match bytes.len() {
        n if n < STANDS_AS_TOKEN => ANY | DOT,
        n if n < STANDS_BETWEEN_WORDS => ALNUM | DASH | WORD | DOT,
        n if n < STANDS_ANYWHERE => ALNUM,
        _ => 0,
    };
    let mut edges = Edges {
        left: short,
        right: short,
    };
    let numeric = bytes
        .iter()
        .all(|b| b.is_ascii_digit() || b"+ -.()/,".contains(b));
    if numeric && bytes.first().is_some_and(u8::is_ascii_digit) {
        edges.left |= DIGIT;
    }
    if numeric && bytes.last().is_some_and(u8::is_ascii_digit) {
        edges.right |= DIGIT;
    }
    match kind {
        // `x.name@example.com` and `name@example.com.au` are other addresses than `name@example.com`.
        Kind::Email => {
            edges.left |= ALNUM | DASH | WORD | DOT | PLUS;
            edges.right |= ALNUM | DASH | DOT;
        }
        // A URL that goes on is another page; `?`, `#` and `&` add to the same one.
        Kind::Url => {
            edges.right |= ALNUM | DASH | WORD | DOT | PATH;
            if notation.starts_with("without scheme") {
                edges.left |= ALNUM | DASH | WORD | DOT;
            }
        }
        _ => {}
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(datum: &str, value: &str) -> Vec<(String, String)> {
        let known = Known {
            id: 0,
            datum: datum.into(),
            value: value.into(),
        };
        let text = |v: Variant| (v.name(), String::from_utf8(v.bytes).unwrap());
        variants(&known).into_iter().map(text).collect()
    }

    fn has(all: &[(String, String)], name: &str, text: &str) -> bool {
        all.iter().any(|(n, t)| n == name && t == text)
    }

    #[test]
    fn separators_and_case() {
        let mac = of("wifi-mac", "Aa:bb:CC:00:11:22");
        assert_eq!(mac[0], ("plain".into(), "Aa:bb:CC:00:11:22".into()));
        assert!(has(&mac, "lower case", "aa:bb:cc:00:11:22"));
        assert!(has(&mac, "with dashes, upper case", "AA-BB-CC-00-11-22"));
        assert!(has(&mac, "with dots, lower case", "aabb.cc00.1122"));
        assert!(has(&mac, "without separators, upper case", "AABBCC001122"));
        let uuid = of("gaid", "384000008CF011BDB23E10B96E40000D");
        assert!(has(
            &uuid,
            "with dashes, lower case",
            "38400000-8cf0-11bd-b23e-10b96e40000d"
        ));
        assert!(has(
            &uuid,
            "with braces",
            "{38400000-8CF0-11BD-B23E-10B96E40000D}"
        ));
        let imei = of("imei", "35-209900-176148-1");
        assert!(
            has(&imei, "without check digit", "35209900176148")
                && has(&imei, "without separators", "352099001761481")
        );
        assert!(has(
            &of("serial", "AB-12 cd:34"),
            "without separators, lower case",
            "ab12cd34"
        ));
    }

    #[test]
    fn phone_numbers() {
        let phone = of("phone-number", "+31 6 1234 5678");
        for (name, text) in [
            ("without separators", "+31612345678"),
            ("with 00", "0031612345678"),
            ("without +", "31612345678"),
            ("national", "0612345678"),
            ("percent-encoded", "%2B31%206%201234%205678"),
        ] {
            assert!(has(&phone, name, text), "{name}: {phone:?}");
        }
        assert!(has(
            &of("phone-number", "00352 621 123 456"),
            "national",
            "0621123456"
        ));
        assert!(
            !of("phone-number", "06 12345678")
                .iter()
                .any(|(n, _)| n == "with +")
        );
    }

    #[test]
    fn urls_are_never_a_host_alone() {
        let page = of("url", "https://Example.org/a/?q=1#top");
        assert!(has(&page, "without fragment", "https://Example.org/a/?q=1"));
        assert!(has(
            &page,
            "without scheme and fragment",
            "Example.org/a/?q=1"
        ));
        assert!(has(
            &page,
            "percent-encoded",
            "https%3A%2F%2FExample.org%2Fa%2F%3Fq%3D1%23top"
        ));
        let home = of("url", "https://example.org/");
        assert!(has(&home, "without trailing slash", "https://example.org"));
        assert!(
            !home
                .iter()
                .any(|(_, t)| !t.to_ascii_lowercase().starts_with("https"))
        );
    }

    #[test]
    fn words() {
        let words = of("search-query", "Rode fiets");
        for text in [
            "Rode+fiets",
            "rode%20fiets",
            "RODE_FIETS",
            "Rode-fiets",
            "Rodefiets",
        ] {
            assert!(words.iter().any(|(_, t)| t == text), "{text}");
        }
        assert!(of("x", "").is_empty());
    }
}
