//! Chains as they must be, by example.

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::encode::{brotli, deflate, form, gzip, multipart, zlib, zstd};
use super::*;
use crate::peel::percent;

/// A body declared as a form.
fn peel_form(bytes: &[u8]) -> Keep {
    let part = Part {
        content_type: Some("application/x-www-form-urlencoded; charset=UTF-8".into()),
        ..Part::new("body", bytes)
    };
    peel_part(&part, &Limits::default())
}

fn peel_coded(bytes: &[u8], codings: &str) -> Keep {
    let part = Part {
        content_encoding: Some(codings.to_owned().into()),
        ..Part::new("body", bytes)
    };
    peel_part(&part, &Limits::default())
}

#[test]
fn form_base64_gzip_json_as_sensors_analytics_sends_it() {
    let json =
        br#"[{"_track_id":1,"properties":{"url":"https://example.be/a?q=b c","$os":"Android"}}]"#;
    let list = percent::encode(BASE64.encode(&gzip(json)).as_bytes());
    let body = [b"crc=-12&gzip=1&data_list=", &list[..]].concat();
    let prefix = "body | form:data_list | base64 | gzip | json:$[0]";
    let expected = [
        "body | form:crc = -12".to_owned(),
        "body | form:gzip = 1".to_owned(),
        format!("{prefix}._track_id = 1"),
        format!("{prefix}.properties.url = https://example.be/a?q=b c"),
        format!("{prefix}.properties['$os'] = Android"),
    ];
    assert_eq!(peel_form(&body).shown(), expected);
    // Without a media type it is plain enough, and in a query it is declared.
    assert_eq!(peel(&body).shown(), expected);
    assert_eq!(peel_named("query", &body).leaves.len(), 5);
}

#[test]
fn a_control_character_in_one_field_does_not_hide_the_others() {
    let expected = [
        "query | form:a = 1",
        "query | form:b = \u{1b}",
        "query | form:imei = 490154203237518",
    ];
    assert_eq!(
        peel_named("query", b"a=1&b=\x1b&imei=490154203237518").shown(),
        expected
    );
    // What begins like no name is no form, whatever it was declared to be.
    let binary = b"\x08\x01\x12=\x00&\x01";
    assert_eq!(peel_form(binary).shown().len(), 1);
}

#[test]
fn form_base64_json_as_miui_tracks_sends_it() {
    let json = br#"{"imei":"0eaed834a1e6f4b2bf0c024e0013dea1","_logs_":[{"_ei_":"open"}]}"#;
    let body = [
        b"t=miui_apps&value=",
        BASE64.encode(json).as_bytes(),
        b"&s=x",
    ]
    .concat();
    let found = peel_form(&body);
    assert_eq!(
        found.value("body | form:value | base64 | json:$.imei"),
        Some(&b"0eaed834a1e6f4b2bf0c024e0013dea1"[..])
    );
    assert_eq!(found.leaves.len(), 4);
}

#[test]
fn a_plus_that_became_a_space_is_still_base64() {
    let json: Vec<u8> = br#"{"a":"?>?>?>~~~>>>","b":"~~~~>>>>"}"#.to_vec();
    let text = BASE64.encode(&json);
    assert!(text.contains('+'));
    let found = peel_form(format!("data={text}").as_bytes());
    assert_eq!(
        found.value("body | form:data | base64 | json:$.a"),
        Some(&b"?>?>?>~~~>>>"[..])
    );
}

#[test]
fn repeated_names_are_numbered() {
    let found = peel_form(b"a=1&a=2&b=3&a=4&a%232=5&token");
    assert_eq!(
        found.shown(),
        [
            "body | form:a = 1",
            "body | form:a#2 = 2",
            "body | form:b = 3",
            "body | form:a#3 = 4",
            "body | form:a#2#1 = 5",
            "body | form:token = token"
        ]
    );
    assert_eq!(found.leaves[1].name.as_deref(), Some("a"));
    assert_eq!(found.leaves[5].name, None);
    let found = peel(br#"{"a":1,"a":{"b":2},"a":{"b":3},"x":[null,"",4]}"#);
    let chains: Vec<_> = found
        .leaves
        .iter()
        .map(|leaf| leaf.chain.as_str())
        .collect();
    assert_eq!(
        chains,
        [
            "body | json:$.a",
            "body | json:$.a.b",
            "body | json:$.a.b#2",
            "body | json:$.x[2]"
        ]
    );
    let many: Vec<String> = (0..40).map(|n| format!("k{}=v{n}", n % 20)).collect();
    let found = peel_form(many.join("&").as_bytes());
    assert_eq!(found.value("body | form:k7"), Some(&b"v7"[..]));
    assert_eq!(found.value("body | form:k7#2"), Some(&b"v27"[..]));
}

#[test]
fn names_are_of_the_nearest_field_in_lower_case() {
    let found = peel_form(br#"Data={"Device_ID":["x1","x2"],"n":[[1]]}"#);
    let names: Vec<_> = found
        .leaves
        .iter()
        .map(|leaf| leaf.name.as_deref())
        .collect();
    assert_eq!(names, [Some("device_id"), Some("device_id"), Some("n")]);
    let found = peel_form(b"Data=[7]");
    assert_eq!(found.leaves[0].name.as_deref(), Some("data"));
    assert_eq!(
        peel_named("header:User-Agent", b"x y").leaves[0]
            .name
            .as_deref(),
        Some("user-agent")
    );
    assert_eq!(peel(b"plain").leaves[0].name, None);
}

#[test]
fn json_texts() {
    let found = peel(b"{\"a\":1}\n{\"a\":\"two\"}\n\n{\"a\":[3]}\n");
    assert_eq!(
        found.shown(),
        [
            "body | json:0:$.a = 1",
            "body | json:1:$.a = two",
            "body | json:3:$.a[0] = 3"
        ]
    );
    assert_eq!(
        peel(b"\xef\xbb\xbf {\"a\":true}").shown(),
        ["body | json:$.a = true"]
    );
    assert_eq!(
        peel(br#"{"a":"{\"b\":\"{\\\"c\\\":5}\"}"}"#).shown(),
        ["body | json:$.a | json:$.b | json:$.c = 5"]
    );
    assert_eq!(
        peel(br#""{\"b\":\"x\"}""#).shown(),
        ["body | json:$ | json:$.b = x"]
    );
    assert_eq!(
        peel(br#""just a string""#).shown(),
        [r#"body = "just a string""#]
    );
    assert_eq!(
        peel(br#"{"caf\u00e9 x":"\u00e9"}"#).shown(),
        ["body | json:$['café x'] = é"]
    );
}

#[test]
fn cut_off_json_is_read_and_told() {
    let found = peel(br#"{"a":"first","b":"sec"#);
    assert_eq!(found.value("body | json:$.a"), Some(&b"first"[..]));
    assert_eq!(found.problems.len(), 1);
    assert_eq!(
        (found.problems[0].code, found.problems[0].place.as_str()),
        ("truncated", "body | json")
    );
    assert_eq!(
        found.leaves.last().map(|leaf| leaf.chain.as_str()),
        Some("body")
    );
}

#[test]
fn cookies() {
    let found = peel_named(
        "header:Cookie",
        b"uid=869836900602677; Prefs=%7B%22lang%22%3A%22nl%22%7D; q=\"x y\"; uid=2",
    );
    assert_eq!(
        found.shown(),
        [
            "header:Cookie | cookie:uid = 869836900602677",
            "header:Cookie | cookie:Prefs | percent | json:$.lang = nl",
            "header:Cookie | cookie:q = x y",
            "header:Cookie | cookie:uid#2 = 2"
        ]
    );
    let found = peel_named("header:Set-Cookie", b"id=abc; Path=/; Secure");
    assert_eq!(
        found.shown(),
        [
            "header:Set-Cookie | cookie:id = abc",
            "header:Set-Cookie | cookie:Path = /"
        ]
    );
}

#[test]
fn multipart_bodies() {
    let found = peel(&multipart("upload", &gzip(b"{\"k\":\"v\"}")));
    assert_eq!(
        found.shown(),
        [
            "body | multipart:upload | gzip | json:$.k = v",
            "body | multipart:upload;filename = f.bin"
        ]
    );
    let mixed = b"--x\nContent-Type: application/json\n\n{\"a\":1}\n--x\nContent-Type: text/plain\n\nhello\n--x--";
    assert_eq!(
        peel(mixed).shown(),
        [
            "body | multipart:1 | json:$.a = 1",
            "body | multipart:2 = hello"
        ]
    );
    let cut = multipart("upload", b"some text");
    let found = peel(&cut[..cut.len() - 20]);
    assert_eq!(found.problems[0].code, "truncated");
}

#[test]
fn urls_stay_and_open() {
    let found = peel_form(b"u=https%3A%2F%2Fa.be%2Fp%3Fq%3Dzoek%2520dit%26r%3Dhttps%253A%252F%252Fb.be%252F%253Fs%253D1");
    assert_eq!(
        found.shown(),
        [
            "body | form:u = https://a.be/p?q=zoek%20dit&r=https%3A%2F%2Fb.be%2F%3Fs%3D1",
            "body | form:u | url:query | form:q = zoek dit",
            "body | form:u | url:query | form:r = https://b.be/?s=1",
            "body | form:u | url:query | form:r | url:query | form:s = 1"
        ]
    );
    let json = BASE64URL_NOPAD.encode(br#"{"imei":"869836900602677"}"#);
    let found = peel_named("path", format!("/v1/{json}/x").as_bytes());
    assert_eq!(
        found.value("path | segment:2 | base64 | json:$.imei"),
        Some(&b"869836900602677"[..])
    );
    assert!(found.leaves.iter().any(|leaf| leaf.chain == "path"));
}

#[test]
fn tokens_stay_and_open() {
    let token = [br#"{"alg":"HS256"}"#, &br#"{"sub":"user-17"}"#[..]]
        .map(|json| BASE64URL_NOPAD.encode(json))
        .join(".");
    let token = format!("{token}.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
    let found = peel_named("header:Authorization", format!("Bearer {token}").as_bytes());
    let prefix = "header:Authorization";
    assert_eq!(
        found.value(prefix),
        Some(format!("Bearer {token}").as_bytes())
    );
    let payload = format!("{prefix} | credentials:bearer | jwt:payload | json:$.sub");
    assert_eq!(found.value(&payload), Some(&b"user-17"[..]));
    let found = peel_named(
        "header:Authorization",
        b"Basic amFuLnBlZXRlcnM6Z2VoZWltIHdvb3Jk",
    );
    let text = found.value("header:Authorization | credentials:basic | base64");
    assert_eq!(text, Some(&b"jan.peeters:geheim woord"[..]));
}

#[test]
fn identifiers_in_base64_and_hex() {
    for (value, layer) in [
        (BASE64.encode(b"a4fe31cc09d2b7e1"), "base64"),
        (BASE64.encode(b"869836900602677"), "base64"),
        (BASE64.encode("zoektocht naar iets".as_bytes()), "base64"),
        (
            data_encoding::HEXLOWER.encode(b"jan.peeters@example.be"),
            "hex",
        ),
    ] {
        let found = peel(value.as_bytes());
        assert_eq!(found.leaves.len(), 1);
        assert_eq!(found.leaves[0].chain, format!("body | {layer}"), "{value}");
    }
}

#[test]
fn declared_codings() {
    let json = br#"{"imei":"869836900602677"}"#;
    for (codings, body, layers) in [
        ("gzip", gzip(json), "content-encoding(gzip)"),
        ("X-GZIP", gzip(json), "content-encoding(gzip)"),
        ("deflate", zlib(json), "content-encoding(deflate)"),
        ("deflate", deflate(json), "content-encoding(deflate)"),
        ("br", brotli(json), "content-encoding(br)"),
        ("zstd", zstd(json), "content-encoding(zstd)"),
        (
            "identity, gzip , br",
            brotli(&gzip(json)),
            "content-encoding(br) | content-encoding(gzip)",
        ),
    ] {
        let found = peel_coded(&body, codings);
        assert_eq!(
            found.shown(),
            [format!("body | {layers} | json:$.imei = 869836900602677")],
            "{codings}"
        );
        assert!(found.problems.is_empty());
        // The recorder has removed it already.
        let found = peel_coded(json, codings);
        assert_eq!(
            found.shown(),
            ["body | json:$.imei = 869836900602677"],
            "{codings}"
        );
        assert!(found.problems.is_empty());
    }
    let found = peel_coded(json, "rc4");
    assert_eq!(found.problems[0].code, "unsupported");
    assert_eq!(found.leaves.len(), 1);
}

#[test]
fn damaged_codings_are_read_as_far_as_they_go() {
    let text: String = (0..200)
        .map(|n| format!("{{\"id\":{n},\"name\":\"value {}\"}}\n", n * 7919))
        .collect();
    let body = gzip(text.as_bytes());
    let found = peel_coded(&body[..body.len() / 2], "gzip");
    assert_eq!(
        found.value("body | content-encoding(gzip) | json:0:$.name"),
        Some(&b"value 0"[..])
    );
    assert_eq!(found.problems[0].code, "truncated");
    let mut body = gzip(text.as_bytes());
    let crc = body.len() - 8;
    body[crc] ^= 0xff;
    let found = peel_coded(&body, "gzip");
    assert_eq!(found.problems[0].code, "malformed");
    assert!(found.leaves.len() > 300);
    let found = peel_coded(b"\x1f\x8b\x08broken", "gzip");
    assert_eq!(found.leaves.len(), 1);
    assert_eq!(found.problems.len(), 1);
}

#[test]
fn lone_pairs_open_only_around_something() {
    let json = BASE64.encode(br#"{"imei":"869836900602677"}"#);
    let body = format!(
        "payload={}",
        String::from_utf8(percent::encode(json.as_bytes())).unwrap()
    );
    assert_eq!(
        peel(body.as_bytes()).shown(),
        ["body | form:payload | base64 | json:$.imei = 869836900602677"]
    );
    assert_eq!(
        peel(b"payload=some_ordinary_value_here").leaves[0].chain,
        "body"
    );
    assert_eq!(peel(&form("p", b"x")).leaves.len(), 3);
}

#[test]
fn a_changed_byte_does_not_replay_to_the_same_value() {
    let body = BASE64.encode(&gzip(br#"{"imei":"869836900602677"}"#));
    let found = peel(body.as_bytes());
    let steps = &found.leaves[0].steps;
    let mut changed = body.into_bytes();
    changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
    assert!(replay(&changed, steps, &Limits::default()).is_err());
    let unknown = [OwnedStep {
        layer: "rot13".to_owned(),
        selector: String::new(),
    }];
    let error = replay(b"x", &unknown, &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "step 1: no layer is called \"rot13\"");
}
