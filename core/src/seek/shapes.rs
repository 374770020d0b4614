//! Values that show by their shape what they are, known or not.
//!
//! A shape alone is a weak sign: kinds ending in `-candidate` mean something only beside a field name that
//! says the same. Placeholders that systems hand out instead of the value have a kind of their own.

/// Something that looks like a personal value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `email`, `mac`, `mac-placeholder`, `uuid`, `imei-candidate`, `imsi-candidate`, `iccid`.
    pub kind: &'static str,
    /// Byte offset in the leaf.
    pub offset: usize,
    /// Bytes of the leaf.
    pub length: usize,
}

/// Longest local part and longest domain of an address (RFC 5321 section 4.5.3.1).
const LOCAL_PART: usize = 64;
const DOMAIN: usize = 255;

/// Add all shapes in `value` to `out`, kind by kind.
pub fn shapes(value: &[u8], out: &mut Vec<Shape>) {
    emails(value, out);
    for separator in [b':', b'-'] {
        macs(value, separator, out);
    }
    uuids(value, out);
    numbers(value, out);
}

/// RFC 5322 addr-spec without quoting, with a domain of two labels or more that ends in letters.
fn emails(value: &[u8], out: &mut Vec<Shape>) {
    for at in memchr::memchr_iter(b'@', value) {
        let local_byte = |b: &&u8| b.is_ascii_alphanumeric() || b"._%+-".contains(*b);
        let (before, after) = (
            value.get(..at).unwrap_or_default(),
            value.get(at + 1..).unwrap_or_default(),
        );
        let mut local = before
            .iter()
            .rev()
            .take(LOCAL_PART + 1)
            .take_while(local_byte)
            .count();
        // What stands before a percent-encoded character is another part of the text: `%22name@…`.
        let text = value.get(at - local..at).unwrap_or_default();
        if let Some(escape) = memchr::memrchr(b'%', text) {
            local = local.saturating_sub(escape + 3);
        }
        let text = value.get(at - local..at).unwrap_or_default();
        local -= text.iter().take_while(|b| b"._%+-".contains(*b)).count();
        let domain_byte = |b: &&u8| b.is_ascii_alphanumeric() || b".-".contains(*b);
        let mut domain = after
            .iter()
            .take(DOMAIN + 1)
            .take_while(domain_byte)
            .count();
        while domain > 0 && after.get(domain - 1).is_some_and(|b| b".-".contains(b)) {
            domain -= 1;
        }
        if (1..=LOCAL_PART).contains(&local)
            && domain <= DOMAIN
            && value.get(at - 1) != Some(&b'.')
            && is_domain(after.get(..domain).unwrap_or_default())
        {
            out.push(Shape {
                kind: "email",
                offset: at - local,
                length: local + 1 + domain,
            });
        }
    }
}

fn is_domain(text: &[u8]) -> bool {
    let mut labels = text.split(|b| *b == b'.');
    let Some(top) = labels.next_back() else {
        return false;
    };
    let mut any = false;
    let sound = labels.all(|label| {
        any = true;
        (1..=63).contains(&label.len())
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
    });
    // File names such as `icon@2x.png` are no addresses.
    let file = [
        &b"png"[..],
        b"jpg",
        b"jpeg",
        b"gif",
        b"webp",
        b"svg",
        b"css",
        b"js",
        b"html",
    ];
    any && sound
        && (2..=24).contains(&top.len())
        && top.iter().all(u8::is_ascii_alphabetic)
        && !file.iter().any(|f| top.eq_ignore_ascii_case(f))
}

/// IEEE 802 EUI-48 in six pairs.
fn macs(value: &[u8], separator: u8, out: &mut Vec<Shape>) {
    let mut next = 0;
    for first in memchr::memchr_iter(separator, value) {
        let Some(from) = first.checked_sub(2).filter(|from| *from >= next) else {
            continue;
        };
        let Some(text) = value.get(from..from + 17) else {
            return;
        };
        let grouped = text.iter().enumerate().all(|(i, b)| match i % 3 {
            2 => *b == separator,
            _ => b.is_ascii_hexdigit(),
        });
        if !grouped
            || !alone(value, from, from + 17, |b| {
                b.is_ascii_hexdigit() || b == separator
            })
        {
            continue;
        }
        let mut bytes = [0u8; 6];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks(3)) {
            *byte = pair
                .iter()
                .take(2)
                .filter_map(|b| char::from(*b).to_digit(16))
                .fold(0, |n, d| n << 4 | d as u8);
        }
        let kind = match bytes {
            [0, 0, 0, 0, 0, 0] => continue,
            // Android since 6.0 hands this out to apps instead of the hardware address.
            [2, 0, 0, 0, 0, 0] => "mac-placeholder",
            // IEEE 802: the lowest bit of the first byte marks group addresses, broadcast among them.
            [first, ..] if first & 1 == 1 => continue,
            // Counting or all alike: a ruler, not an address.
            [first, rest @ ..] if rest.iter().all(|b| *b == first) => continue,
            _ => "mac",
        };
        next = from + 17;
        out.push(Shape {
            kind,
            offset: from,
            length: 17,
        });
    }
}

/// RFC 9562 section 4: 8-4-4-4-12 hex digits, neither nil nor max.
fn uuids(value: &[u8], out: &mut Vec<Shape>) {
    let mut next = 0;
    for dash in memchr::memchr_iter(b'-', value) {
        let Some(from) = dash.checked_sub(8).filter(|from| *from >= next) else {
            continue;
        };
        let Some(text) = value.get(from..from + 36) else {
            return;
        };
        let sound = text.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
        let first = text.first().copied().unwrap_or_default();
        let same = text.iter().all(|b| *b == b'-' || *b == first);
        if sound
            && !same
            && alone(value, from, from + 36, |b| {
                b.is_ascii_hexdigit() || b == b'-'
            })
        {
            next = from + 36;
            out.push(Shape {
                kind: "uuid",
                offset: from,
                length: 36,
            });
        }
    }
}

/// Runs of 15, 19 or 20 digits: IMEI (3GPP TS 23.003 section 6), IMSI (ITU-T E.212), ICCID (ITU-T E.118).
fn numbers(value: &[u8], out: &mut Vec<Shape>) {
    let mut from = 0;
    while let Some(length) = value.get(from..).filter(|rest| rest.len() >= 15) {
        // A run of 15 digits must reach the 15th byte: look there first.
        let Some(probe) = length
            .get(..15)
            .and_then(|w| w.iter().rposition(|b| !b.is_ascii_digit()))
        else {
            let run = length.iter().take_while(|b| b.is_ascii_digit()).count();
            let fraction = from > 0
                && value.get(from - 1) == Some(&b'.')
                && from > 1
                && value.get(from - 2).is_some_and(u8::is_ascii_digit);
            if !fraction {
                number(length.get(..run).unwrap_or_default(), from, out);
            }
            from += run;
            continue;
        };
        from += probe + 1;
    }
}

fn number(digits: &[u8], offset: usize, out: &mut Vec<Shape>) {
    let mut add = |kind| {
        out.push(Shape {
            kind,
            offset,
            length: digits.len(),
        })
    };
    match digits {
        [first, second, third, ..] if digits.len() == 15 => {
            // The type allocation code: eight digits that are not all alike, of a reporting body that exists.
            let tac = digits.get(..8).unwrap_or_default();
            if luhn(digits) && tac.iter().any(|d| d != first) && tac != b"00000000" {
                add("imei-candidate");
            }
            // Mobile country codes begin with 2 (Europe) to 7 (South America).
            if (b'2'..=b'7').contains(first) && (*second, *third) != (b'0', b'0') {
                add("imsi-candidate");
            }
        }
        // 89: telecommunication; 18 or 19 digits and a check digit.
        [b'8', b'9', ..] if (19..=20).contains(&digits.len()) && luhn(digits) => add("iccid"),
        _ => {}
    }
}

/// ISO/IEC 7812-1 annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            match i % 2 {
                0 => digit,
                _ => digit * 2 / 10 + digit * 2 % 10,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn alone(value: &[u8], from: usize, to: usize, part: impl Fn(u8) -> bool) -> bool {
    let before = from.checked_sub(1).and_then(|at| value.get(at));
    let escaped = from >= 3 && value.get(from - 3) == Some(&b'%');
    (escaped || before.is_none_or(|b| !part(*b))) && value.get(to).is_none_or(|b| !part(*b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<(&'static str, &str)> {
        let mut out = Vec::new();
        shapes(text.as_bytes(), &mut out);
        out.into_iter()
            .map(|s| (s.kind, &text[s.offset..s.offset + s.length]))
            .collect()
    }

    #[test]
    fn shapes_that_are() {
        assert_eq!(
            all("mail=Jan.J+x@mail.example.com."),
            [("email", "Jan.J+x@mail.example.com")]
        );
        assert_eq!(all("%22a@b.nl%22"), [("email", "a@b.nl")]);
        assert_eq!(
            all("mac=aC:de:48:00:11:22;"),
            [("mac", "aC:de:48:00:11:22")]
        );
        assert_eq!(all("AC-DE-48-00-11-22"), [("mac", "AC-DE-48-00-11-22")]);
        assert_eq!(
            all("02:00:00:00:00:00"),
            [("mac-placeholder", "02:00:00:00:00:00")]
        );
        assert_eq!(
            all("{38400000-8cf0-11bd-b23e-10b96e40000d}"),
            [("uuid", "38400000-8cf0-11bd-b23e-10b96e40000d")]
        );
        assert_eq!(
            all("imei:490154203237518,"),
            [
                ("imei-candidate", "490154203237518"),
                ("imsi-candidate", "490154203237518")
            ]
        );
        assert_eq!(
            all("204046123456788"),
            [("imsi-candidate", "204046123456788")]
        );
        assert_eq!(
            all("x8931440400000000008x").len(),
            usize::from(luhn(b"8931440400000000008"))
        );
        assert_eq!(
            all("iccid=89148000000745809013"),
            [("iccid", "89148000000745809013")]
        );
    }

    #[test]
    fn shapes_that_are_not() {
        for text in [
            "a@b",
            "@b.nl",
            "a@.nl",
            "a@b.n",
            "a@b.n1",
            "icon@2x.png",
            "x.@b.nl",
            "user@-b.nl",
            "ff:ff:ff:ff:ff:ff",
            "00:00:00:00:00:00",
            "01:00:5e:00:00:01",
            "22:22:22:22:22:22",
            "aa:bb:cc:dd:ee",
            "aa:bb:cc:dd:ee:ff:00",
            "12:34:56:78:9a:bg",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "138400000-8cf0-11bd-b23e-10b96e40000d",
            "0.490154203237518",
            "4901542032375181",
            "000000000000000",
            "111111111111111",
            "890123456789012345",
        ] {
            assert!(all(text).is_empty(), "{text}: {:?}", all(text));
        }
    }

    proptest! {
        #[test]
        fn never_panics(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            shapes(&noise, &mut Vec::new());
        }

        #[test]
        fn never_panics_on_near_shapes(text in "[0-9a-f:@.%-]{0,80}") {
            let mut out = Vec::new();
            shapes(text.as_bytes(), &mut out);
            for s in out {
                prop_assert!(s.offset + s.length <= text.len());
            }
        }
    }
}
