//! What kind of value a known value is: it decides how else the value may be written.

/// The kinds that have notations of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// EUI-48 (IEEE 802): six pairs of hex digits.
    Mac,
    /// RFC 9562.
    Uuid,
    /// 3GPP TS 23.003 section 6.2: 14 digits and a check digit.
    Imei,
    /// E.164.
    Phone,
    /// RFC 5322 addr-spec.
    Email,
    /// RFC 3986, with a scheme.
    Url,
    /// Two decimal numbers, latitude and longitude in degrees (WGS 84).
    Location,
    /// Words, an opaque id, anything else.
    Other,
}

impl Kind {
    /// Tell the kind by the value's shape, and by the datum's name where the shape alone would not do.
    pub fn of(datum: &str, value: &[u8]) -> Kind {
        let datum = datum.to_ascii_lowercase();
        let named = |words: &[&str]| words.iter().any(|w| datum.contains(w));
        let hex = hex_digits(value);
        let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
        let only = |extra: &[u8]| {
            value
                .iter()
                .all(|b| b.is_ascii_digit() || extra.contains(b))
        };
        if scheme_end(value).is_some() {
            Kind::Url
        } else if hex.len() == 12 && (is_mac(value) || named(&["mac", "bssid", "bluetooth"])) {
            Kind::Mac
        } else if hex.len() == 32
            && (is_uuid(value)
                || named(&[
                    "uuid",
                    "advertising",
                    "gaid",
                    "idfa",
                    "idfv",
                    "oaid",
                    "aaid",
                ]))
        {
            Kind::Uuid
        } else if named(&["imei"]) && (14..=16).contains(&digits) && only(b" -/") {
            Kind::Imei
        } else if named(&["phone", "msisdn", "mobile"])
            && (7..=17).contains(&digits)
            && only(b"+ -.()/")
        {
            Kind::Phone
        } else if is_email(value) {
            Kind::Email
        } else if named(&["location", "coordinate", "position"]) && location(value).is_some() {
            Kind::Location
        } else {
            Kind::Other
        }
    }
}

/// The hex digits of a value in which there is nothing else but separators; else nothing.
pub(super) fn hex_digits(value: &[u8]) -> Vec<u8> {
    let separator = |b: &u8| b":-. {}".contains(b);
    if !value.iter().all(|b| b.is_ascii_hexdigit() || separator(b)) {
        return Vec::new();
    }
    value
        .iter()
        .copied()
        .filter(u8::is_ascii_hexdigit)
        .collect()
}

fn is_mac(value: &[u8]) -> bool {
    value.len() == 17
        && value.chunks(3).all(|c| {
            c.iter().take(2).all(u8::is_ascii_hexdigit)
                && c.get(2)
                    .is_none_or(|s| (*s == b':' || *s == b'-') && value.get(2) == Some(s))
        })
}

fn is_uuid(value: &[u8]) -> bool {
    let inner = value
        .strip_prefix(b"{")
        .and_then(|v| v.strip_suffix(b"}"))
        .unwrap_or(value);
    inner.len() == 36
        && inner.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn is_email(value: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', value) else {
        return false;
    };
    let (local, domain) = value.split_at(at);
    !local.is_empty()
        && domain.len() > 3
        && domain.get(1..).is_some_and(|d| {
            d.contains(&b'.')
                && d.iter()
                    .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(b))
        })
        && local.iter().all(|b| b.is_ascii_graphic())
}

/// Where the `://` after a URL's scheme ends.
pub(super) fn scheme_end(value: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(value, b"://")?;
    let scheme = value.get(..at)?;
    let sound = scheme.first()?.is_ascii_alphabetic()
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    (sound && value.len() > at + 3 && !value.contains(&b' ')).then_some(at + 3)
}

/// Latitude and longitude of `lat,lon`.
pub(super) fn location(value: &[u8]) -> Option<(f64, f64)> {
    let text = std::str::from_utf8(value).ok()?;
    let (lat, lon) = text.split_once([',', ' ', ';'])?;
    let (lat, lon): (f64, f64) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
    (lat.abs() <= 90.0 && lon.abs() <= 180.0).then_some((lat, lon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_kinds() {
        for (datum, value, kind) in [
            ("x", "https://a.example/b", Kind::Url),
            ("wifi-mac", "AA:BB:CC:00:11:22", Kind::Mac),
            ("bssid", "aabb.cc00.1122", Kind::Mac),
            ("x", "AABBCC001122", Kind::Other),
            ("x", "{38400000-8cf0-11bd-b23e-10b96e40000d}", Kind::Uuid),
            (
                "advertising-id",
                "384000008cf011bdb23e10b96e40000d",
                Kind::Uuid,
            ),
            ("x", "384000008cf011bdb23e10b96e40000d", Kind::Other),
            ("device-id/imei", "35-209900-176148-1", Kind::Imei),
            ("phone-number", "+31 6 1234 5678", Kind::Phone),
            ("x", "Jan.Jansen@Example.com", Kind::Email),
            ("location", "52.3702, 4.8952", Kind::Location),
            ("search-query", "rode fiets", Kind::Other),
            ("x", "a b://c", Kind::Other),
            ("", "", Kind::Other),
        ] {
            assert_eq!(Kind::of(datum, value.as_bytes()), kind, "{value}");
        }
    }
}
