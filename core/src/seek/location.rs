//! A known place, in another precision: two decimal numbers close to its latitude and longitude.

use super::kind::location;

/// Name of the form.
pub(super) const FORM: &str = "numbers within 0.001 degrees";

/// How far each number may be off, in degrees: about 110 m to the north, less to the east.
const NEAR: f64 = 0.001;
/// Decimals that a number needs: with fewer it says less than [`NEAR`].
const DECIMALS: usize = 3;
/// Longest number that is read, in bytes.
const LONGEST: usize = 24;
/// Bytes that may lie between the two numbers (names and punctuation of two JSON members).
const GAP: usize = 48;

/// One known place.
pub(super) struct Place {
    known: u32,
    form: u32,
    latitude: f64,
    longitude: f64,
}

impl Place {
    /// From `lat,lon` in degrees.
    pub fn new(value: &[u8], known: u32, form: u32) -> Option<Place> {
        location(value).map(|(latitude, longitude)| Place {
            known,
            form,
            latitude,
            longitude,
        })
    }
}

struct Number {
    degrees: f64,
    from: usize,
    to: usize,
}

/// Call `found(known, form, from, to)` where one number near the latitude and one near the longitude of a
/// place follow each other, in either order. Both must stand in the same leaf.
pub(super) fn near(places: &[Place], text: &[u8], mut found: impl FnMut(u32, u32, usize, usize)) {
    let mut before: Option<Number> = None;
    for dot in memchr::memchr_iter(b'.', text) {
        let Some(number) = number(text, dot) else {
            continue;
        };
        if let Some(first) = before
            .take()
            .filter(|first| number.from.saturating_sub(first.to) <= GAP)
        {
            for place in places {
                let is = |a: f64, b: f64| {
                    (a - place.latitude).abs() <= NEAR && (b - place.longitude).abs() <= NEAR
                };
                if is(first.degrees, number.degrees) || is(number.degrees, first.degrees) {
                    found(place.known, place.form, first.from, number.to);
                }
            }
        }
        before = Some(number);
    }
}

/// The decimal number around a dot.
fn number(text: &[u8], dot: usize) -> Option<Number> {
    let digits = |slice: &mut dyn Iterator<Item = &u8>| {
        slice
            .take(LONGEST)
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let whole = digits(&mut text.get(..dot)?.iter().rev());
    let decimals = digits(&mut text.get(dot + 1..)?.iter());
    let mut from = dot.checked_sub(whole)?;
    let to = dot + 1 + decimals;
    if whole == 0 || whole > 3 || !(DECIMALS..LONGEST).contains(&decimals) {
        return None;
    }
    // Neither part of a longer dotted thing (a version, an address) nor of a word.
    if text.get(to) == Some(&b'.') {
        return None;
    }
    match from.checked_sub(1).and_then(|at| text.get(at)) {
        Some(b'-') => from -= 1,
        Some(b'.') => return None,
        Some(b) if b.is_ascii_alphabetic() => return None,
        _ => {}
    }
    let degrees = std::str::from_utf8(text.get(from..to)?)
        .ok()?
        .parse()
        .ok()?;
    Some(Number { degrees, from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers_close_by() {
        let places = [Place::new(b"52.3702,-4.8952", 3, 9).unwrap()];
        let seek = |text: &str| {
            let mut out = Vec::new();
            near(&places, text.as_bytes(), |known, form, from, to| {
                out.push((known, form, from, to))
            });
            out
        };
        assert_eq!(seek("{\"lat\":52.37015,\"lon\":-4.89519}"), [(3, 9, 7, 30)]);
        assert_eq!(seek("-4.895,52.370").len(), 1);
        for no in [
            "52.3702",
            "52.37,-4.89",
            "52.3702,4.8952",
            "52.3722,-4.8952",
            "1.52.3702,-4.8952",
            "v52.3702 -4.8952.1",
        ] {
            assert!(seek(no).is_empty(), "{no}");
        }
    }
}
