//! What stands around a message and may be inside its closed values: who sends it, to whom, when.

use super::{Around, BESIDE_BYTES};
use crate::solve::Cribs;

/// A value that is taken to be inside as it is, in bytes: a shorter one fits somewhere by chance.
const LONG: usize = 12;
/// No more of them, and no more words.
const MOST_LONG: usize = 16;
const MOST_WORDS: usize = 96;
/// Headers that tell of the device or the program.
const TELLING: [&str; 3] = ["user-agent", "x-requested-with", "accept-language"];

/// The known values, and what the message adds: whole values that are long enough open a value as known ones do, all
/// others are only preferred where they fit.
pub(super) fn expected(known: &Cribs, around: &Around<'_>, value: &[u8]) -> Cribs {
    let mut cribs = known.clone();
    if let Some(time) = around.time {
        cribs.add_time(time);
    }
    let message = &around.message;
    let headers = message.headers.iter().filter(|(name, _)| {
        TELLING
            .iter()
            .any(|telling| name.eq_ignore_ascii_case(telling))
    });
    let fields = message.fields.iter().chain(around.siblings);
    let whole = headers
        .chain(fields)
        .map(|(_, bytes)| *bytes)
        .filter(|bytes| bytes.len() <= BESIDE_BYTES && *bytes != value && readable(bytes));
    let whole: Vec<&[u8]> = [message.host.as_bytes()].into_iter().chain(whole).collect();
    let long = whole.iter().filter(|bytes| bytes.len() >= LONG);
    for bytes in long.take(MOST_LONG) {
        cribs.add(bytes);
    }
    let pieces = whole
        .iter()
        .copied()
        .chain([message.path.as_bytes()])
        .flat_map(|bytes| bytes.split(|byte| b" ;,()/?&=\"'".contains(byte)));
    let mut words = 0;
    for word in whole.iter().copied().chain(pieces) {
        if words < MOST_WORDS && cribs.add_word(word) {
            words += 1;
        }
    }
    cribs
}

/// Text that is no digits of something else: what is closed itself is not inside another value as it is.
fn readable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) && !super::forms::has_own_alphabet(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crack::wire::Surroundings;

    #[test]
    fn a_message_tells_of_its_device_its_program_and_its_time() {
        let agent = b"Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)";
        let around = Around {
            time: Some(1_735_689_600),
            message: Surroundings {
                host: "t.example",
                path: "/v1/collect",
                headers: &[("User-Agent", agent), ("Cookie", b"secret=of-the-session")],
                fields: &[("app", b"com.example.app"), ("v", b"1")],
            },
            ..Around::default()
        };
        let cribs = expected(&Cribs::new(), &around, b"closed");
        let words: Vec<&[u8]> = cribs.words().collect();
        for word in [
            &b"SM-G991B"[..],
            b"Dalvik",
            b"collect",
            b"com.example.app",
            b"t.example",
        ] {
            assert!(words.contains(&word), "{}", String::from_utf8_lossy(word));
        }
        assert!(!words.iter().any(|word| word.starts_with(b"secret")));
        let values: Vec<&[u8]> = cribs.values().collect();
        assert_eq!(values, [&agent[..64], b"com.example.app"]);
        assert_eq!(cribs.times(), [1_735_689_600]);
    }
}
