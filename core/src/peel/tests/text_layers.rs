//! Text-like layers: what they open, and what only looks like them.

use super::encode_text::{JSON, data_url, lz_digits, spellings};
use super::{Keep, peel, peel_part};
use crate::model::Limits;
use crate::peel::{Part, frames, percent, quoted_printable};

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
        let found = peel(&noise);
        assert!(!found.leaves[0].chain.contains("length-prefixed"));
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
