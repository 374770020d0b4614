//! Text-like layers: any text comes back, damage does no harm, and tokens stay as they are.

use proptest::prelude::*;

use super::encode_text::{JSON, lz_bytes, lz_characters, lz_digits, spellings};
use super::peel;
use crate::model::Limits;
use crate::peel::bench::Bench;
use crate::peel::layer::{Context, Hint, Standing};

/// What identifiers, lists, addresses and program text look like, from a fixed seed.
fn token(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut below = move |end: usize| {
        // splitmix64
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 33) as usize % end
    };
    const WORDS: [&str; 24] = [
        "app", "view", "load", "start", "event", "page", "user", "device", "main", "config",
        "update", "error", "nl", "Button", "Service", "get", "set", "on", "com", "android", "x",
        "id", "session", "Activity",
    ];
    let all: Vec<u8> = (b'!'..=b'~').collect();
    let alphabets: [&[u8]; 9] = [
        &all,
        &all[..85],
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        b"0123456789ABCDEFGHIJKLMNOPQRSTUV",
        b"0123456789abcdefghjkmnpqrstvwxyz",
        b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-_",
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    ];
    let kind = below(alphabets.len() + 6);
    let length = 4 + below(if seed.is_multiple_of(16) { 300 } else { 40 });
    if let Some(alphabet) = alphabets.get(kind) {
        return (0..2 * length)
            .map(|_| alphabet[below(alphabet.len())])
            .collect();
    }
    let many = |between: &str, mut piece: Box<dyn FnMut() -> String + '_>| {
        (0..length)
            .map(|_| piece())
            .collect::<Vec<_>>()
            .join(between)
            .into_bytes()
    };
    match kind - alphabets.len() {
        0 => many(":", Box::new(|| format!("{:02x}", below(256)))),
        1 => many(" ", Box::new(|| format!("{:02}", below(100)))),
        2 => many(",", Box::new(|| format!("0x{:02x}", below(256)))),
        3 => many("", Box::new(|| WORDS[below(WORDS.len())].to_owned())),
        4 => many("_", Box::new(|| WORDS[below(WORDS.len())].to_owned())),
        _ => many(
            "",
            Box::new(|| {
                format!(
                    "{}{}",
                    WORDS[below(WORDS.len())],
                    ["(", ")", ".", ";", "\\n", "&&", "\"", "="][below(8)]
                )
            }),
        ),
    }
}

fn tokens_stay(seeds: std::ops::Range<u64>) {
    let mut bench = Bench::new(Limits::default());
    for seed in seeds {
        let token = token(seed);
        bench.begin();
        let context = Context {
            hint: Hint::None,
            standing: Standing::Given,
            depth_left: 12,
        };
        if let Some(opened) = crate::peel::search::open(&token, context, &mut bench) {
            // Signs by chance can make a form, a URL or an escape; that is no codec.
            let layer = opened.layer();
            assert!(
                matches!(layer, "form" | "url" | "percent"),
                "{layer}: {}",
                String::from_utf8_lossy(&token)
            );
            bench.discard(opened);
        }
    }
}

#[test]
fn random_tokens_stay() {
    tokens_stay(0..20_000);
}

#[test]
#[ignore = "minutes; for changes of what is asked as proof"]
fn very_many_random_tokens_stay() {
    tokens_stay(0..1_000_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_comes_back(value in "[ -~\u{e0}-\u{ff}\u{4e00}-\u{4eff}]{4,60}", number in 100_000_000u64..) {
        let text = serde(&value, number);
        let number = number.to_string();
        for (layer, written) in spellings(&text) {
            let found = peel(&written);
            prop_assert!(found.has_value(number.as_bytes()), "{} {:?}", layer, found.shown());
        }
    }

    #[test]
    fn lz_string_comes_back(text in "[a-e\u{4e00}-\u{4e05}]{16,400}") {
        let json = format!("{{\"text\":\"{text}\"}}");
        for written in [lz_digits(&json, *b"/=="), lz_digits(&json, *b"-$$"), lz_characters(&json), lz_bytes(&json)] {
            let found = peel(&written);
            prop_assert_eq!(found.value("body | lz-string | json:$.text"), Some(text.as_bytes()));
        }
    }

    #[test]
    fn any_markup_comes_back(values in prop::collection::vec("[!-~\u{e0}-\u{ff}]{1,20}", 1..9)) {
        let mut text = String::from("<list>");
        for value in &values {
            let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&#62;").replace('"', "&quot;");
            text.push_str(&format!("<item id=\"{escaped}\">{escaped}</item>"));
        }
        text.push_str("</list>");
        let found = peel(text.as_bytes());
        for (at, value) in values.iter().enumerate() {
            let at = if at == 0 { String::new() } else { format!("[{}]", at + 1) };
            for place in ["", "/@id"] {
                let start = format!("body | xml:/list/item{at}{place}");
                let leaf = found.leaves.iter().any(|leaf| leaf.chain.starts_with(&start));
                prop_assert!(leaf, "{} of {} in {:?}", start, value, found.shown());
            }
        }
    }

    #[test]
    fn hostile_text_does_no_harm(text in "[<>/=&;#x0-9a-fA-F:%\\\\u{}!\\[\\]CDATA\"'. \\r\\n~-]{0,200}") {
        peel(text.as_bytes());
    }

    #[test]
    fn damaged_spellings_do_no_harm(at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), bit in 0..8u8) {
        let all = spellings(JSON);
        let (_, written) = at.get(&all);
        let cut = cut.index(written.len());
        peel(&written[..cut]);
        let mut damaged = written.clone();
        damaged[cut] ^= 1 << bit;
        peel(&damaged);
    }
}

fn serde(value: &str, number: u64) -> String {
    let quoted = String::from_utf8(crate::peel::json::quote(value.as_bytes())).unwrap();
    format!("{{\"text\":{quoted},\"id\":{number}}}")
}
