//! Tests of the tokenizer.

use super::*;
use proptest::prelude::*;

fn tokens(text: &[u8]) -> Result<Vec<String>, Error> {
    let mut t = Tokenizer::new(text, 64);
    let mut out = Vec::new();
    loop {
        let token = t.next_token()?;
        if token == Token::End {
            return Ok(out);
        }
        out.push(match token {
            Token::Key(k) => format!("k:{}", String::from_utf8_lossy(k)),
            Token::String(s) => format!("s:{}", String::from_utf8_lossy(s)),
            Token::Number(n) => format!("n:{}", String::from_utf8_lossy(n)),
            other => format!("{other:?}"),
        });
    }
}

#[test]
fn walks_a_document() {
    let found = tokens(br#" {"a":[1,-2.5e3,"x\"y"],"b":{},"c":null} "#).unwrap();
    assert_eq!(
        found,
        [
            "ObjectStart",
            "k:a",
            "ArrayStart",
            "n:1",
            "n:-2.5e3",
            "s:x\\\"y",
            "ArrayEnd",
            "k:b",
            "ObjectStart",
            "ObjectEnd",
            "k:c",
            "Null",
            "ObjectEnd"
        ]
    );
}

#[test]
fn refuses_what_is_not_json() {
    for bad in [
        &b"{"[..],
        b"[1,]",
        b"{\"a\" 1}",
        b"01",
        b"1 2",
        b"nul",
        b"\"a",
        b"[1}",
        b"",
        b"{,}",
        b"1.",
        b"-",
    ] {
        assert!(tokens(bad).is_err(), "{}", String::from_utf8_lossy(bad));
    }
}

#[test]
fn depth_is_a_limit_not_a_crash() {
    let deep = vec![b'['; 100_000];
    assert_eq!(tokens(&deep).unwrap_err().kind, ErrorKind::Depth);
}

#[test]
fn unescapes_pairs_bytes_and_lone_surrogates() {
    assert_eq!(
        unescape(br"a\u00e9\ud83d\ude00\udc80\ud800z\n")
            .unwrap()
            .as_ref(),
        "aé😀"
            .bytes()
            .chain([0x80])
            .chain("\u{fffd}z\n".bytes())
            .collect::<Vec<u8>>()
    );
    assert!(unescape(br"\x").is_none());
    assert!(unescape(br"\u+123").is_none());
}

/// The same escape by escape.
fn slow(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        if byte != b'\\' {
            out.push(byte);
            at += 1;
            continue;
        }
        out.push(match raw.get(at + 1)? {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            &same @ (b'"' | b'\\' | b'/') => same,
            b'u' => {
                let (used, bytes, length) = unicode(raw, at)?;
                out.extend_from_slice(&bytes[..length]);
                at += used;
                continue;
            }
            _ => return None,
        });
        at += 2;
    }
    Some(out)
}

proptest! {
    #[test]
    fn unescapes_as_a_loop_does(
        pieces in prop::collection::vec(
            (
                "[a-zé]{0,40}",
                prop::sample::select(
                    &["", "\\\"", "\\\\", "\\n", "\\t", "\\/", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\udc80"][..],
                ),
            ),
            0..40,
        ),
        broken in prop::sample::select(&["", "", "", "\\", "\\u12", "\\x"][..]),
    ) {
        let mut raw: String = pieces.iter().flat_map(|(text, escape)| [text, *escape]).collect();
        raw.push_str(broken);
        let quick = unescape(raw.as_bytes()).map(Cow::into_owned);
        prop_assert_eq!(quick, slow(raw.as_bytes()));
    }
}

#[test]
fn digits_may_be_open_where_that_is_asked_for() {
    let text = b"{\"a\":1\xff3,\"b\":\xff.5,\"c\":\"x\xffy\"}";
    let mut strict = Tokenizer::new(text, 8);
    assert!(
        std::iter::repeat_with(|| strict.next_token())
            .take(4)
            .any(|token| token.is_err())
    );
    let mut lenient = Tokenizer::new(text, 8).with_gaps();
    let mut numbers = Vec::new();
    loop {
        match lenient.next_token().unwrap() {
            Token::Number(number) => numbers.push(number),
            Token::End => break,
            _ => {}
        }
    }
    assert_eq!(numbers, [&b"1\xff3"[..], b"\xff.5"]);
}
