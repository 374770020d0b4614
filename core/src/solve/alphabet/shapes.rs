//! Values of a fixed shape: UUIDs (RFC 9562), MAC addresses, dates, times. The model forgets what stood before a digit;
//! these remember it: a sign between groups of digits is no matter of taste.

use super::context::Context;

/// Worth of a value of a fixed shape, in tenths of a bit: far less than the odds that random signs make one.
const SHAPE: i64 = 120;
/// Shapes, longer ones first: `x` is a hex digit, `d` a decimal digit, all else itself.
const SHAPES: [&[u8]; 8] = [
    b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    b"dddd-dd-ddTdd:dd:dd.dddZ",
    b"dddd-dd-ddTdd:dd:ddZ",
    b"dddd-dd-ddTdd:dd:dd",
    b"dddd-dd-dd dd:dd:dd",
    b"xx:xx:xx:xx:xx:xx",
    b"dddd-dd-dd",
    b"dd:dd:dd",
];
/// What few others have at some place of these: a random UUID (RFC 9562), a day of this or the last century, a time of
/// day. `v`, `c` and the like stand for what may be there; worth in tenths of a bit, less than the odds of chance.
const NARROWER: [(usize, &[u8], i64); 4] = [
    (0, b"xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx", 40),
    (0, b"ccdd-md-td", 60),
    (11, b"hd:sd:sd", 145),
    (0, b"hd:sd:sd", 25),
];
/// What URLs begin with, in JSON and in forms.
const SCHEMES: [&[u8]; 4] = [b"https://", b"http://", b"https%3A%2F%2F", b"http%3A%2F%2F"];
/// Worth of a number of ten or thirteen digits that is a time of 2016 to 2030: seconds or milliseconds since 1970.
const TIME: i64 = 50;
/// Worth of a version in quotes: numbers with points between.
const VERSION: i64 = 50;
/// Bytes of the longest one.
const LONGEST_VERSION: usize = 16;

/// Bytes of a version that begins after a quote and ends before one: two to four numbers of up to four digits.
fn version(text: &[u8], before: Option<u8>) -> Option<usize> {
    if before != Some(b'"') {
        return None;
    }
    let rest = text.get(..text.len().min(LONGEST_VERSION + 1))?;
    let run = rest.get(..rest.iter().position(|&byte| byte == b'"')?)?;
    let mut parts = 0;
    let numbers = run.split(|&byte| byte == b'.').all(|part| {
        parts += 1;
        let zero = part.len() > 1 && part.first() == Some(&b'0');
        !zero && (1..=4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit)
    });
    (numbers && (2..=4).contains(&parts)).then_some(run.len())
}

/// What values of a fixed shape in a text are worth, in tenths of a bit.
pub(super) fn worth(text: &[u8], context: &Context) -> i64 {
    let mut sum = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(&first) = rest.first()
    {
        let before = at.checked_sub(1).and_then(|i| text.get(i)).copied();
        let length = if first.is_ascii_hexdigit()
            && let Some(shape) = SHAPES.iter().find(|shape| begins(rest, shape))
        {
            sum += SHAPE;
            let own = rest.get(..shape.len()).unwrap_or_default();
            sum += NARROWER
                .iter()
                .filter(|(at, narrow, _)| {
                    let alone = *at > 0 || narrow.contains(&b'-') || narrow.len() == own.len();
                    alone && own.get(*at..).is_some_and(|own| begins(own, narrow))
                })
                .map(|(.., worth)| *worth)
                .sum::<i64>();
            shape.len()
        } else if let Some(length) = version(rest, before) {
            sum += VERSION;
            length
        } else if first.is_ascii_digit() && !before.is_some_and(|b| b.is_ascii_alphanumeric()) {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let alone = !rest.get(digits).is_some_and(u8::is_ascii_alphanumeric);
            let near = rest.get(..digits).and_then(|number| context.time(number));
            if let Some(common) = near.filter(|_| alone) {
                sum += context.worth(common);
            } else if matches!(digits, 10 | 13) && alone && matches!(rest, [b'1', b'5'..=b'8', ..])
            {
                sum += TIME;
            }
            digits
        } else {
            1
        };
        at += length;
    }
    sum
}

/// Bytes of the value of a fixed shape that a text begins with.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let shape = SHAPES.iter().find(|shape| begins(text, shape));
    shape.map(|shape| shape.len())
}

/// True when a shape of this length has hex digits.
pub(super) fn is_hex(length: usize) -> bool {
    let shape = SHAPES.iter().find(|shape| shape.len() == length);
    shape.is_some_and(|shape| shape.contains(&b'x'))
}

/// Bytes of the scheme that a URL begins with.
pub(super) fn scheme(text: &[u8]) -> Option<usize> {
    let scheme = SCHEMES.iter().find(|scheme| text.starts_with(scheme));
    scheme.map(|scheme| scheme.len())
}

fn begins(text: &[u8], shape: &[u8]) -> bool {
    let own = text.get(..shape.len()).unwrap_or_default();
    // Nobody writes hex digits in both cases.
    let mixed = shape.contains(&b'x')
        && own.iter().any(|byte| matches!(byte, b'a'..=b'f'))
        && own.iter().any(|byte| matches!(byte, b'A'..=b'F'));
    text.len() >= shape.len()
        && !mixed
        && shape.iter().zip(text).all(|(&shape, byte)| match shape {
            b'x' => byte.is_ascii_hexdigit(),
            b'd' => byte.is_ascii_digit(),
            b'v' => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            b'c' => matches!(byte, b'0'..=b'2' | b'9'),
            b'm' => matches!(byte, b'0' | b'1'),
            b't' => matches!(byte, b'0'..=b'3'),
            b'h' => matches!(byte, b'0'..=b'2'),
            b's' => matches!(byte, b'0'..=b'5'),
            _ => *byte == shape,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_shapes() {
        let context = Context::of(&super::super::super::Cribs::new());
        let worth = |text: &[u8]| worth(text, &context);
        assert_eq!(worth(b"0f0e0d0c-1111-2222-3333-444455556666"), SHAPE);
        assert_eq!(worth(b"0f0e0d0c-1111-4222-b333-444455556666"), SHAPE + 40);
        assert_eq!(worth(b"0f0e0d0c+1111-2222-3333-444455556666") % SHAPE, 0);
        assert_eq!(worth(b"00:11:22:aa:bb:cc"), SHAPE);
        assert_eq!(worth(b"2026-02-03T04:05:06Z"), SHAPE + 60 + 145);
        assert_eq!(worth(b"\"ts\":1760000000,"), TIME);
        assert_eq!(worth(b"\"ts\":9760000000,"), 0);
        assert_eq!(worth(b"0f0e0d0c-1111-2222-3333-44445555666A"), 0);
        assert_eq!(worth(b""), 0);
    }
}
