//! Values of a fixed shape: UUIDs (RFC 9562), MAC addresses, dates. The model forgets what stood before a digit;
//! these remember it: a sign between groups of digits is no matter of taste.

/// What another reading must be worth, in tenths of a bit, that breaks one value of a fixed shape: far less than
/// the odds that random signs make one.
pub(super) const EACH: i64 = 120;

/// Shapes: `x` is a hex digit, `d` a decimal digit, all else itself.
const SHAPES: [&[u8]; 4] = [
    b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    b"xx:xx:xx:xx:xx:xx",
    b"dddd-dd-dd",
    b"dd:dd:dd",
];

/// How many values of a fixed shape stand in a text.
pub(super) fn count(text: &[u8]) -> i64 {
    let mut found = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = SHAPES
            .iter()
            .find(|shape| begins(rest, shape))
            .map(|shape| shape.len());
        found += i64::from(length.is_some());
        at += length.unwrap_or(1);
    }
    found
}

fn begins(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && shape.iter().zip(text).all(|(&shape, byte)| match shape {
            b'x' => byte.is_ascii_hexdigit(),
            b'd' => byte.is_ascii_digit(),
            _ => *byte == shape,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_shapes() {
        let text = br#"{"a":"0f0e0d0c-1111-2222-3333-444455556666","m":"00:11:22:aa:bb:cc","t":"2026-02-03T04:05:06Z"}"#;
        assert_eq!(count(text), 4);
        assert_eq!(count(b"0f0e0d0c+1111-2222-3333-444455556666"), 0);
        assert_eq!(count(b""), 0);
    }
}
