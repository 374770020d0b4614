//! The inverse of every text-like layer, and what must come out again.

use proptest::prelude::*;

use super::{Keep, peel, peel_part};
use crate::model::Limits;
use crate::peel::{
    Part, base32, base58, base64_alphabet, base85, escape, frames, html, percent, quoted_printable,
    utf16,
};

const JSON: &str = r#"{"imei":"490154203237518","event":"page_load","props":{"ok":true,"list":[1,2,3]},"naam":"café"}"#;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE32_HEX: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Compress with the format of LZString, into bits.
fn lz_bits(text: &str) -> Vec<bool> {
    fn put(out: &mut Vec<bool>, value: u32, width: u32) {
        out.extend((0..width).map(|place| value >> place & 1 == 1));
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = Vec::new();
    // Entries and whether their first unit was written yet.
    let mut entries: Vec<Vec<u16>> = Vec::new();
    let mut fresh: Vec<bool> = Vec::new();
    let (mut width, mut left) = (2u32, 2u64);
    let find = |entries: &[Vec<u16>], wanted: &[u16]| entries.iter().position(|e| e == wanted);
    let mut held: Vec<u16> = Vec::new();
    let emit = |out: &mut Vec<bool>,
                held: &[u16],
                entries: &[Vec<u16>],
                fresh: &mut [bool],
                width: &mut u32,
                left: &mut u64| {
        let count = |left: &mut u64, width: &mut u32| {
            *left -= 1;
            if *left == 0 {
                *left = 1 << *width;
                *width += 1;
            }
        };
        let at = find(entries, held).unwrap();
        if fresh[at] {
            let unit = u32::from(held[0]);
            let (code, bits) = if unit < 256 { (0, 8) } else { (1, 16) };
            put(out, code, *width);
            put(out, unit, bits);
            fresh[at] = false;
            count(left, width);
        } else {
            put(out, at as u32 + 3, *width);
        }
        count(left, width);
    };
    for &unit in &units {
        if find(&entries, &[unit]).is_none() {
            entries.push(vec![unit]);
            fresh.push(true);
        }
        let longer = [&held[..], &[unit]].concat();
        if find(&entries, &longer).is_some() {
            held = longer;
            continue;
        }
        emit(&mut out, &held, &entries, &mut fresh, &mut width, &mut left);
        entries.push(longer);
        fresh.push(false);
        held = vec![unit];
    }
    emit(&mut out, &held, &entries, &mut fresh, &mut width, &mut left);
    put(&mut out, 2, width);
    out
}

/// Bits in units of some width, with zeros at the end and one unit more when they come out even.
fn lz_units(text: &str, width: usize) -> Vec<u32> {
    let mut bits = lz_bits(text);
    bits.resize((bits.len() / width + 1) * width, false);
    let unit = |bits: &[bool]| bits.iter().fold(0, |unit, &bit| unit << 1 | u32::from(bit));
    bits.chunks(width).map(unit).collect()
}

fn lz_digits(text: &str, last: [u8; 3]) -> Vec<u8> {
    let mut alphabet = data_encoding::BASE64.specification().symbols.into_bytes();
    alphabet[63] = last[0];
    let mut out: Vec<u8> = lz_units(text, 6)
        .iter()
        .map(|&unit| alphabet[unit as usize])
        .collect();
    while last[1] == b'=' && !out.len().is_multiple_of(4) {
        out.push(last[1]);
    }
    out
}

fn lz_characters(text: &str) -> Vec<u8> {
    let units = lz_units(text, 15)
        .into_iter()
        .map(|unit| char::from_u32(unit + 32).unwrap());
    units.chain([' ']).collect::<String>().into_bytes()
}

fn lz_bytes(text: &str) -> Vec<u8> {
    lz_units(text, 16)
        .iter()
        .flat_map(|&unit| (unit as u16).to_be_bytes())
        .collect()
}

fn bytewise(text: &str, before: &str, between: &str) -> Vec<u8> {
    let bytes: Vec<String> = text.bytes().map(|b| format!("{before}{b:02x}")).collect();
    bytes.join(between).into_bytes()
}

fn data_url(text: &str) -> Vec<u8> {
    format!(
        "data:application/json;base64,{}",
        data_encoding::BASE64.encode(text.as_bytes())
    )
    .into_bytes()
}

/// Every way to write a text, with the layers that must be found around it.
fn spellings(text: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("base32".into(), base32::encode(bytes, BASE32, true)),
        ("base32".into(), base32::encode(bytes, BASE32, false)),
        (
            "base32".into(),
            base32::encode(bytes, BASE32, false).to_ascii_lowercase(),
        ),
        ("base32hex".into(), base32::encode(bytes, BASE32_HEX, true)),
        (
            "base32crockford".into(),
            base32::encode(bytes, CROCKFORD, false),
        ),
        ("base58".into(), base58::encode(bytes)),
        ("base58check".into(), base58::encode_checked(bytes)),
        ("ascii85".into(), base85::encode(bytes, &base85::ASCII85)),
        (
            "ascii85".into(),
            [&b"<~"[..], &base85::encode(bytes, &base85::ASCII85), b"~>"].concat(),
        ),
        ("base85".into(), base85::encode(bytes, &base85::RFC1924)),
        ("html".into(), html::encode(text)),
        ("escape".into(), escape::encode(text, "\\u")),
        ("escape".into(), escape::encode(text, "%u")),
        (
            "escape".into(),
            text.replace('\\', "\\\\").replace('"', "\\\"").into_bytes(),
        ),
        ("hex-bytes".into(), bytewise(text, "", ":")),
        ("hex-bytes".into(), bytewise(text, "", " ")),
        ("hex-bytes".into(), bytewise(text, "0x", ", ")),
        ("hex-bytes".into(), bytewise(text, "\\x", "")),
        (
            "hex-bytes".into(),
            [&b"0x"[..], &bytewise(text, "", "")].concat(),
        ),
        ("utf-16".into(), utf16::encode(text, false, false)),
        ("utf-16".into(), utf16::encode(text, true, true)),
        ("lz-string".into(), lz_digits(text, *b"/==")),
        ("lz-string".into(), lz_digits(text, *b"-$$")),
        ("lz-string".into(), lz_characters(text)),
        ("lz-string".into(), lz_bytes(text)),
        ("data-url".into(), data_url(text)),
    ];
    if bytes.len().is_multiple_of(4) {
        all.push(("z85".into(), base85::encode(bytes, &base85::Z85)));
    }
    for (name, written) in base64_alphabet::encode_all(bytes) {
        all.push((format!("base64-alphabet:{name}"), written));
    }
    for kind in ["u32be", "u32le", "u16be", "u16le", "varint"] {
        // What begins with the code of its own length is a text already.
        if kind == "varint" && (0x20..0x80).contains(&bytes.len()) {
            continue;
        }
        all.push((
            format!("length-prefixed:{kind}[0]"),
            frames::encode(&[bytes], kind),
        ));
    }
    all
}

fn body(bytes: &[u8]) -> Keep {
    peel_part(&Part::new("body", bytes), &Limits::default())
}

#[test]
fn each_spelling_of_json_opens() {
    // With every remainder of three and four, so that padding and last groups differ.
    for more in 0..12 {
        let text = JSON.replace("page_load", &"p".repeat(more + 4));
        for (layer, written) in spellings(&text) {
            let found = body(&written);
            let shown = String::from_utf8_lossy(&written);
            let imei = found
                .leaves
                .iter()
                .find(|leaf| leaf.value == b"490154203237518");
            assert!(imei.is_some(), "{layer} {shown} {:?}", found.shown());
            let chain = &imei.unwrap().chain;
            let expected = format!("body | {layer} | json:$.imei");
            // The alphabets of names differ in two signs: which one it was cannot be told without them.
            let named = layer.starts_with("base64-alphabet") && chain.contains(" | base64");
            assert!(
                *chain == expected || named,
                "{chain} is not {expected}: {shown}"
            );
        }
    }
}

#[test]
fn text_in_every_codec_opens() {
    let text = "Zoekopdracht van gisteren in de stad";
    for (layer, written) in spellings(text) {
        // Nothing to escape here; and what begins with the code of its own length is a text already.
        if matches!(
            layer.as_str(),
            "html" | "escape" | "length-prefixed:varint[0]"
        ) {
            continue;
        }
        let found = body(&written);
        assert!(
            found.has_value(text.as_bytes()),
            "{layer} {} {:?}",
            String::from_utf8_lossy(&written),
            found.shown()
        );
    }
}

#[test]
fn checked_base58_needs_no_proof_by_its_child() {
    let found = peel(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    assert_eq!(found.leaves[0].chain, "body | base58check");
    assert_eq!(found.leaves[0].value.len(), 21);
}

#[test]
fn references_in_markup() {
    let shown = |text: &str| peel(text.as_bytes()).shown();
    assert_eq!(shown("Jan &amp; Piet"), ["body | html = Jan & Piet"]);
    assert_eq!(
        shown("a=1&amp;b=2&amp;c=3"),
        [
            "body | html | form:a = 1",
            "body | html | form:b = 2",
            "body | html | form:c = 3"
        ]
    );
    assert_eq!(shown("{&quot;a&quot;:1}"), ["body | html | json:$.a = 1"]);
    assert_eq!(
        shown("&lt;a&gt;tekst&lt;/a&gt;"),
        ["body | html | xml:/a = tekst"]
    );
    for text in [
        "AT&T",
        "a & b;",
        "Q&A; more",
        "&notreal;x",
        "x &lt y",
        "<b>a &amp; b</b",
        "R&D &amp; sales",
    ] {
        assert_eq!(shown(text), [format!("body = {text}")]);
    }
}

#[test]
fn markup_opens_to_its_texts_and_attributes() {
    let text = "<?xml version=\"1.0\"?>\n<!DOCTYPE m [<!ENTITY e \"x\">]>\n<m:map xmlns:m='urn:x' version='1'>\n\
        <string name=\"imei\">490154203237518</string><string name='b'/>\n<!-- no --><string>a &amp; b&#33;<![CDATA[<c>]]> &e;</string>\n\
        <dict><key>udid</key><data>ZZ</data></dict></m:map>";
    let found = peel(text.as_bytes());
    assert_eq!(
        found.shown(),
        [
            "body | xml:/m:map/@version = 1",
            "body | xml:/m:map/string/@name = imei",
            "body | xml:/m:map/string = 490154203237518",
            "body | xml:/m:map/string[2]/@name = b",
            "body | xml:/m:map/string[3] = a & b!<c> &e;",
            "body | xml:/m:map/dict/key = udid",
            "body | xml:/m:map/dict/data = ZZ",
        ]
    );
    let names: Vec<_> = found
        .leaves
        .iter()
        .map(|leaf| leaf.name.as_deref())
        .collect();
    assert_eq!(names[2], Some("imei"));
    assert_eq!(names[6], Some("udid"));
    let inside = peel(b"<a><b>{\"k\":\"v\"}</b><b>{\"k\":\"w\"}</b></a>");
    assert_eq!(
        inside.value("body | xml:/a/b[2] | json:$.k"),
        Some(&b"w"[..])
    );
    for text in [
        "<3 you",
        "<a>b",
        "<a>b</c>",
        "<a></a>",
        "<a>b</a><a>c</a>",
        "<a>b</a> and more",
        "<a b=1>c</a>",
        "<a>&</a>",
        "a <b>c</b>",
        "<!-- only -->",
        "<br>one<br>two",
    ] {
        assert_eq!(peel(text.as_bytes()).shown(), [format!("body = {text}")]);
    }
    let cut = peel(b"<?xml version='1.0'?><a><bb>value</bb><c>oth");
    assert_eq!(cut.value("body | xml:/a/bb"), Some(&b"value"[..]));
    assert_eq!(cut.problems[0].code, "truncated");
}

#[test]
fn markup_keeps_to_the_limits() {
    let deep = [
        "<a>".repeat(100_000),
        "x".to_owned(),
        "</a>".repeat(100_000),
    ]
    .concat();
    let found = peel(deep.as_bytes());
    assert_eq!((found.limits[0].what, found.leaves.len()), ("depth", 1));
    let long = format!(
        "<{0}><{0}><{0}><{0}><{0}>x</{0}></{0}></{0}></{0}></{0}>",
        "n".repeat(250)
    );
    let found = peel(long.as_bytes());
    assert_eq!(found.limits[0].what, "path bytes");
    let limits = Limits {
        leaves: 10,
        ..Limits::default()
    };
    let wide = format!("<a>{}</a>", "<b>x</b>".repeat(20));
    let found = peel_part(&Part::new("body", wide.as_bytes()), &limits);
    assert_eq!((found.limits[0].what, found.leaves.len()), ("leaves", 10));
    // Nothing of a DTD is read: this would be a billion letters.
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><long>&b;&b;</long>";
    assert_eq!(
        peel(laughs.as_bytes()).value("body | xml:/long"),
        Some(&b"&b;&b;"[..])
    );
}

#[test]
fn a_compressed_bomb_of_text_stays_closed() {
    let limits = Limits {
        output_bytes: 1 << 16,
        ..Limits::default()
    };
    let bomb = lz_digits(&"a".repeat(1 << 18), *b"/==");
    let found = peel_part(&Part::new("body", &bomb), &limits);
    assert_eq!(
        (found.limits[0].what, found.limits[0].place.as_str()),
        ("output bytes", "body | lz-string")
    );
}

#[test]
fn base64_with_something_before_it_or_cut_off() {
    let json = data_encoding::BASE64.encode(JSON.as_bytes());
    for before in ["v1:", "x", "ab", "abc", "enc.", "prefix_of_seven_", "data="] {
        let found = peel(format!("{before}{json}").as_bytes());
        assert!(
            found.has_value(b"490154203237518"),
            "{before} {:?}",
            found.shown()
        );
    }
    for cut in 1..4 {
        let found = peel(&json.as_bytes()[cut..]);
        let skip = 4 - cut;
        let rest = found.value(&format!("body | base64-offset:{skip}"));
        assert_eq!(rest, Some(&JSON.as_bytes()[3..]), "{:?}", found.shown());
        // What stands before is not explained, so the value stays as well.
        assert!(found.has_value(&json.as_bytes()[cut..]));
        let bare = json.trim_end_matches('=');
        let found = peel(&bare.as_bytes()[..bare.len() - cut]);
        assert!(
            found.leaves.len() > 1 || found.leaves[0].chain != "body",
            "{cut} {:?}",
            found.shown()
        );
    }
}

#[test]
fn base64_with_mixed_line_ends() {
    let json = data_encoding::BASE64.encode(JSON.as_bytes());
    let (a, b) = json.split_at(40);
    let (b, c) = b.split_at(30);
    for between in ["\n", "\r\n", "\r", "\n\r", "\n  ", "\t", " \r\n\t"] {
        let text = format!("{a}{between}{b}\n{c}\n");
        let found = peel(text.as_bytes());
        assert!(
            found.has_value(b"490154203237518"),
            "{between:?} {:?}",
            found.shown()
        );
    }
}

#[test]
fn quoted_printable_text() {
    let text = "Het café in de stad = gezellig, zei Zoë, en wij gingen er naartoe met de fiets.";
    let found = peel(&quoted_printable::encode(text.as_bytes()));
    assert_eq!(found.shown(), [format!("body | quoted-printable = {text}")]);
    let json = peel(&quoted_printable::encode(
        br#"{"a":"b=c","d":"some longer text, so that the line has to be broken here"}"#,
    ));
    assert_eq!(
        json.value("body | quoted-printable | json:$.a"),
        Some(&b"b=c"[..])
    );
    for form in [
        "dim=3D&mode=3D",
        "a=20&b=30",
        "x=41",
        "color=FF00AA",
        "a=C3",
    ] {
        assert!(
            !peel(form.as_bytes())
                .leaves
                .iter()
                .any(|leaf| leaf.chain.contains("quoted")),
            "{form}"
        );
    }
}

#[test]
fn escaped_text() {
    let shown = |text: &str| peel(text.as_bytes()).shown();
    assert_eq!(shown(r"\u4f60\u597d"), ["body | escape = 你好"]);
    assert_eq!(shown("%u4f60%u597d%20x"), ["body | escape = 你好 x"]);
    assert_eq!(
        shown(r"Caf\u00e9 de Flore"),
        ["body | escape = Café de Flore"]
    );
    assert_eq!(
        shown(r"{\x22a\x22:\x22b\x22}"),
        ["body | escape | json:$.a = b"]
    );
    assert_eq!(shown(r#"{\"a\":\"b\"}"#), ["body | escape | json:$.a = b"]);
    for text in [
        r"C:\new\table\bin",
        r"/[\u4e00-\u9fa5]+/g",
        r"a\nb",
        r"\d+\.\d+",
        r"x.replace(/\u00a0/g, y)",
        r"\\server\share",
    ] {
        assert_eq!(shown(text), [format!("body = {text}")]);
    }
}

#[test]
fn many_messages_behind_their_lengths() {
    let messages = [
        &br#"{"a":"first"}"#[..],
        br#"{"a":"second"}"#,
        b"plain readable text here",
    ];
    for kind in ["u32be", "u32le", "u16be", "u16le", "varint"] {
        let found = peel(&frames::encode(&messages, kind));
        assert_eq!(
            found.shown(),
            [
                format!("body | length-prefixed:{kind}[0] | json:$.a = first"),
                format!("body | length-prefixed:{kind}[1] | json:$.a = second"),
                format!("body | length-prefixed:{kind}[2] = plain readable text here"),
            ]
        );
        let noise = frames::encode(&[messages[0], &[0x91; 20]], kind);
        assert_eq!(peel(&noise).leaves.len(), 1);
    }
    // A text that begins with the code of its length.
    let text = format!("!{}", "x".repeat(33));
    assert_eq!(peel(text.as_bytes()).leaves[0].chain, "body");
}

#[test]
fn data_urls() {
    let form = format!(
        "icon={}&z=1",
        String::from_utf8(percent::encode(&data_url(JSON))).unwrap()
    );
    let found = peel(form.as_bytes());
    assert_eq!(
        found.value("body | form:icon | data-url | json:$.imei"),
        Some(&b"490154203237518"[..])
    );
    assert_eq!(
        peel(b"data:text/plain,hello").shown(),
        ["body | data-url = hello"]
    );
    for text in ["data: x, y", "data:x", "database:,x", "data:foo,bar"] {
        assert_eq!(peel(text.as_bytes()).shown(), [format!("body = {text}")]);
    }
}

#[test]
fn identifiers_and_words_stay() {
    let values = [
        "aa:bb:cc:dd:ee:ff:00:11",
        "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B",
        "10 20 30 40 50 60 70 80 90 10 20 30",
        "36 37 36 37 38 36 37 36 38 36 37 36 37",
        "12:34:56:12:34:56:12:34:56",
        "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984",
        "0xdac17f958d2ee523a2206206994597c13d831ec7",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPBdG",
        "INTERNATIONALIZATIONSERVICE",
        "APPLICATION_CONTEXT_LISTENER",
        "getElementsByClassNameOrTagName",
        "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
        "com.example.app.MainActivity$onCreate$1",
        "arn:aws:s3:::bucket/key",
        "fe80::1ff:fe23:4567:890a",
        "!function(e,t){return e[t]}(this,0);",
        "#header>.nav:first-child{color:#fff}",
        "rgba(0,0,0,.5)",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "-O8x7fG2kLmN3pQrStUv",
        "2024-01-01T00:00:00.000+01:00",
    ];
    for value in values {
        assert_eq!(peel(value.as_bytes()).shown(), [format!("body = {value}")]);
    }
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
