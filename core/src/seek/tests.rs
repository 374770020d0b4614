//! All forms of all kinds of values, found and named; and nothing found where nothing is.

use super::*;
use proptest::prelude::*;

const VALUES: [(&str, &str); 14] = [
    ("wifi-mac", "AC:de:48:00:11:22"),
    ("gaid", "38400000-8cf0-11bd-b23e-10b96e40000d"),
    ("imei", "490154203237518"),
    ("imsi", "204046123456789"),
    ("phone-number", "+31 6 12345678"),
    ("email", "Jan.Jansen@Example.com"),
    (
        "browsing-history/url",
        "https://Shop.example/a/b/?q=1&r=2#top",
    ),
    ("browsing-history/url", "https://example.org/"),
    ("search-query", "Rode fiets"),
    ("search-query", "café au lait"),
    ("android-id", "9774d56d682e549c"),
    ("serial", "XY12-34"),
    ("name", "Jan"),
    ("location", "52.3702,4.8952"),
];

fn known() -> Vec<Known> {
    (0..)
        .zip(VALUES)
        .map(|(id, (datum, value))| Known {
            id,
            datum: datum.into(),
            value: value.into(),
        })
        .collect()
}

fn seek(seeker: &Seeker, value: &[u8]) -> Vec<(i64, String, usize, usize)> {
    let mut hits = Vec::new();
    assert!(seeker.seek(value, &mut hits).is_none());
    hits.into_iter()
        .map(|h| {
            (
                h.known,
                seeker.form_name(h.form).to_owned(),
                h.offset,
                h.length,
            )
        })
        .collect()
}

fn one(datum: &str, value: &str) -> Seeker {
    Seeker::new(&[Known {
        id: 1,
        datum: datum.into(),
        value: value.into(),
    }])
}

#[test]
fn every_form_is_found_and_named() {
    let all = known();
    for value in &all {
        let seeker = Seeker::new(std::slice::from_ref(value));
        for (name, bytes) in forms(value) {
            let found = seek(&seeker, &bytes);
            assert!(
                found.iter().any(|f| f.1 == name),
                "{name} of {:?}: {found:?}",
                value.datum
            );
            if bytes.len() >= 4 && !name.ends_with("raw") {
                let inside = [b"{\"x\":\"", bytes.as_slice(), b"\"}"].concat();
                let found = seek(&seeker, &inside);
                assert!(
                    found.iter().any(|f| f.1 == name && f.2 == 6),
                    "{name} inside: {found:?}"
                );
            }
        }
    }
}

#[test]
fn the_most_direct_form_alone_is_reported() {
    let seeker = one("phone-number", "+31612345678");
    assert_eq!(
        seek(&seeker, b"tel=+31612345678"),
        [(1, "plain".into(), 4, 12)]
    );
    assert_eq!(
        seek(&seeker, b"tel=0031612345678"),
        [(1, "with 00".into(), 4, 13)]
    );
    assert_eq!(
        seek(&seeker, b"tel=0612345678&"),
        [(1, "national".into(), 4, 10)]
    );
    let seeker = one("x", "abcdefghijkl");
    assert_eq!(
        seek(&seeker, b"ABCdefghijkl"),
        [(1, "other case".into(), 0, 12)]
    );
    assert_eq!(
        seek(&seeker, b"ABCDEFGHIJKL-abcdefghijkl")
            .iter()
            .map(|f| f.1.as_str())
            .collect::<Vec<_>>(),
        ["upper case", "plain"]
    );
}

#[test]
fn short_values_must_stand_alone() {
    for (value, yes, no) in [
        (
            "Jan",
            &["jan", "JAN"][..],
            &["jan 1", "january", "\"jan\""][..],
        ),
        (
            "fiets",
            &["q=fiets&r", "fiets.", "een fiets", "q%3Dfiets%26"],
            &["fietsen", "e-fiets", "fiets.nl", "fiets_1", "éfiets"],
        ),
        (
            "abcd1234",
            &["x-abcd1234.", "%3Aabcd1234"],
            &["xabcd1234", "abcd12345"],
        ),
        (
            "490154203237518",
            &["a490154203237518b", "=490154203237518"],
            &["4901542032375189", "1490154203237518"],
        ),
        ("abcdefghijklm", &["xabcdefghijklmx"], &["abcdefghijkl"]),
    ] {
        let seeker = one("x", value);
        yes.iter()
            .for_each(|t| assert_eq!(seek(&seeker, t.as_bytes()).len(), 1, "{value} in {t}"));
        no.iter()
            .for_each(|t| assert!(seek(&seeker, t.as_bytes()).is_empty(), "{value} in {t}"));
    }
}

#[test]
fn another_page_or_address_is_no_hit() {
    let page = one("url", "https://shop.example/a");
    for yes in [
        "https://shop.example/a",
        "u=https://shop.example/a?x=1",
        "shop.example/a#b",
        "//shop.example/a&c",
        "HTTPS%3a%2f%2fshop.example%2fa",
    ] {
        assert_eq!(seek(&page, yes.as_bytes()).len(), 1, "{yes}");
    }
    for no in [
        "https://shop.example/ab",
        "https://shop.example/a/b",
        "my.shop.example/a",
        "https%3A%2F%2Fshop.example%2Fa%2Fb",
        "shop.example",
        "https://shop.example/a.html",
    ] {
        assert!(seek(&page, no.as_bytes()).is_empty(), "{no}");
    }
    let home = one("url", "https://shop.example/");
    assert_eq!(seek(&home, b"https://shop.example").len(), 1);
    for no in [
        "shop.example",
        "shop.example/",
        "https://shop.example.org/",
        "https://shop.example/a",
        "https://shop.example:8443/",
    ] {
        assert!(seek(&home, no.as_bytes()).is_empty(), "{no}");
    }
    let mail = one("email", "jan@example.com");
    assert_eq!(seek(&mail, b"mailto:JAN@example.com.").len(), 1);
    for no in [
        "x.jan@example.com",
        "jan@example.com.au",
        "jan@example.community",
        "bigjan@example.com",
    ] {
        assert!(seek(&mail, no.as_bytes()).is_empty(), "{no}");
    }
}

#[test]
fn base64_of_a_value_inside_other_base64() {
    let seeker = one("android-id", "9774d56d682e549c");
    for before in 0..6 {
        let text = [&b"prefix"[..before], b"9774d56d682e549c", b"tail"].concat();
        let encoded = data_encoding::BASE64.encode(&text);
        let found = seek(&seeker, encoded.as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, format!("base64 (alignment {})", before % 3));
    }
    let other_case = data_encoding::BASE64
        .encode(b"9774d56d682e549c")
        .to_ascii_lowercase();
    assert!(seek(&seeker, other_case.as_bytes()).is_empty());
}

#[test]
fn the_same_value_of_two_owners_is_two_hits() {
    let value = |id, datum: &str| Known {
        id,
        datum: datum.into(),
        value: b"ac:de:48:00:11:22".to_vec(),
    };
    let seeker = Seeker::new(&[value(5, "wifi-mac"), value(6, "bssid")]);
    let ids: Vec<_> = seek(&seeker, b"ACDE48001122")
        .into_iter()
        .map(|h| h.0)
        .collect();
    assert_eq!(ids, [5, 6]);
}

#[test]
fn text_made_to_be_slow_meets_a_limit() {
    let text = vec![b'1'; 1 << 20];
    let mut hits = Vec::new();
    let limit = one("x", &"1".repeat(8000)).seek(&text, &mut hits).unwrap();
    assert_eq!(limit.what, "compared bytes");
    let repeated = b"fiets ".repeat(MAX_HITS + 1);
    hits.clear();
    let limit = one("x", "fiets").seek(&repeated, &mut hits).unwrap();
    assert_eq!((limit.what, hits.len()), ("hits", MAX_HITS));
    let long = Known {
        id: 1,
        datum: String::new(),
        value: vec![b'1'; MAX_KNOWN_BYTES + 1],
    };
    assert!(Seeker::new(&[long]).seek(&text, &mut hits).is_none());
}

#[test]
fn nothing_known_finds_nothing() {
    assert!(seek(&Seeker::new(&[]), b"anything").is_empty());
    assert!(seek(&one("x", ""), b"").is_empty());
    assert_eq!(one("x", "y").form_name(u32::MAX), "");
}

proptest! {
    #[test]
    fn any_form_in_any_text_is_found(which in 0..VALUES.len(), form in any::<prop::sample::Index>(),
                                     before in "[ -~é]{0,40}", after in "[ -~é]{0,40}") {
        let all = known();
        let value = all[which].clone();
        let forms: Vec<_> = forms(&value).into_iter().filter(|(n, b)| b.len() >= 4 && !n.ends_with("raw")).collect();
        prop_assume!(!forms.is_empty());
        let (name, bytes) = &forms[form.index(forms.len())];
        let text = [before.as_bytes(), b"\"", bytes, b"\"", after.as_bytes()].concat();
        let from = before.len() + 1;
        let hits = seek(&Seeker::new(&all), &text);
        let covers = |h: &(i64, String, usize, usize)| h.0 == value.id && h.2 <= from && h.2 + h.3 >= from + bytes.len();
        prop_assert!(hits.iter().any(covers), "{} {:?}", name, hits);
    }

    #[test]
    fn random_text_has_no_hits(text in "[ -~]{0,400}", noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let seeker = Seeker::new(&known());
        prop_assert!(seek(&seeker, text.as_bytes()).is_empty());
        prop_assert!(seek(&seeker, &noise).is_empty());
    }

    #[test]
    fn any_known_value_never_panics(datum in "[a-z-]{0,12}", value in proptest::collection::vec(any::<u8>(), 0..60),
                                    text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let value = Known { id: 1, datum, value };
        let seeker = Seeker::new(std::slice::from_ref(&value));
        let _ = seek(&seeker, &text);
        for (name, bytes) in forms(&value) {
            prop_assert!(!seek(&seeker, &bytes).is_empty(), "{}", name);
        }
    }
}
