//! Times as HAR files write them: ISO 8601 with any zone, or seconds since 1970.

/// Microseconds since 1970-01-01 UTC of an ISO 8601 / RFC 3339 time such as
/// `2023-03-29T16:58:59.303-07:00`. A space instead of `T`, a comma before the fraction, zones without
/// colon and no zone at all (taken as UTC) are accepted, since exporters write them.
pub(crate) fn iso8601(text: &[u8]) -> Option<i64> {
    let mut digits = Digits { text, at: 0 };
    let year = digits.number(4)?;
    digits.one_of(b"-")?;
    let month = digits.number(2)?;
    digits.one_of(b"-")?;
    let day = digits.number(2)?;
    digits.one_of(b"Tt ")?;
    let hour = digits.number(2)?;
    digits.one_of(b":")?;
    let minute = digits.number(2)?;
    let second = if digits.one_of(b":").is_some() {
        digits.number(2)?
    } else {
        0
    };
    if !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 24
        || minute > 59
        || second > 60
    {
        return None;
    }
    let micros = if digits.one_of(b".,").is_some() {
        digits.fraction()?
    } else {
        0
    };
    let zone = digits.zone()?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone;
    Some(seconds * 1_000_000 + micros)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar: years are counted from March, so that the
/// leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_month = (153 * month + 2) / 5;
    year * 365 + leaps + before_month + day - 1 - 719_468
}

/// Microseconds since 1970 of a number that counts seconds, milliseconds or microseconds; told apart by
/// size (each covers 1973 to 5138).
pub(crate) fn epoch(number: f64) -> Option<i64> {
    let micros = match number {
        n if !n.is_finite() || n <= 0.0 => return None,
        n if n < 1e11 => n * 1e6,
        n if n < 1e14 => n * 1e3,
        n if n < 1e17 => n,
        _ => return None,
    };
    Some(micros.round() as i64)
}

struct Digits<'a> {
    text: &'a [u8],
    at: usize,
}

impl Digits<'_> {
    fn number(&mut self, count: usize) -> Option<i64> {
        let mut n = 0;
        for _ in 0..count {
            n = n * 10 + self.digit()?;
        }
        Some(n)
    }

    fn digit(&mut self) -> Option<i64> {
        let byte = *self.text.get(self.at)?;
        if !byte.is_ascii_digit() {
            return None;
        }
        self.at += 1;
        Some(i64::from(byte - b'0'))
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = *self.text.get(self.at)?;
        if !bytes.contains(&byte) {
            return None;
        }
        self.at += 1;
        Some(byte)
    }

    fn fraction(&mut self) -> Option<i64> {
        let mut micros = 0;
        let mut unit = 100_000;
        let from = self.at;
        while let Some(digit) = self.digit() {
            micros += digit * unit;
            unit /= 10;
        }
        (self.at > from).then_some(micros)
    }

    fn zone(&mut self) -> Option<i64> {
        if self.at == self.text.len() {
            return Some(0);
        }
        let sign = match self.one_of(b"Zz+-")? {
            b'Z' | b'z' => 0,
            b'-' => -1,
            _ => 1,
        };
        let mut zone = 0;
        if sign != 0 {
            zone = self.number(2)? * 3600;
            let _ = self.one_of(b":");
            if self.at < self.text.len() {
                zone += self.number(2)? * 60;
            }
        }
        (self.at == self.text.len()).then_some(sign * zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_zone() {
        let at = 1_680_134_339_303_000;
        for text in [
            "2023-03-29T16:58:59.303-07:00",
            "2023-03-29T23:58:59.303Z",
            "2023-03-30T01:58:59.303000+0200",
            "2023-03-29 23:58:59,303",
            "2023-03-30T05:28:59.303+05:30",
        ] {
            assert_eq!(iso8601(text.as_bytes()), Some(at), "{text}");
        }
        assert_eq!(iso8601(b"1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(iso8601(b"2000-02-29T12:00Z"), Some(951_825_600_000_000));
        assert_eq!(iso8601(b"1969-12-31T23:59:59.5Z"), Some(-500_000));
        for bad in [
            "",
            "2023",
            "2023-13-01T00:00:00Z",
            "2023-03-29T16:58:59.Z",
            "2023-03-29T16:58:59Zx",
        ] {
            assert_eq!(iso8601(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn tells_seconds_from_milliseconds() {
        assert_eq!(epoch(1_693_314_200.336_985), Some(1_693_314_200_336_985));
        assert_eq!(epoch(1_693_314_200_336.0), Some(1_693_314_200_336_000));
        assert_eq!(epoch(f64::NAN), None);
        assert_eq!(epoch(-1.0), None);
    }
}
