//! Vectors made here, with encoders of our own.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use md5::{Digest, Md5};
use sha2::Sha512;

use super::*;
use crate::crack::follow;
use crate::crack::tests::encode::{cbc, ecb, pad};

type Pairs<'a> = &'a [(&'a str, &'a [u8])];

fn around<'a>(
    host: &'a str,
    path: &'a str,
    headers: Pairs<'a>,
    fields: Pairs<'a>,
) -> Surroundings<'a> {
    Surroundings {
        host,
        path,
        headers,
        fields,
    }
}

/// What a format opened, after following its steps again.
fn opened(recognised: Option<Recognised>, id: &str, value: &[u8]) -> Vec<u8> {
    let recognised = recognised.expect(id);
    assert_eq!(recognised.id, id);
    let Outcome::Opened { layers, plain } = recognised.outcome else {
        panic!("{id}: {:?}", recognised.outcome);
    };
    let mut bytes = value.to_vec();
    for step in layers {
        bytes = match step.layer {
            "hex" => data_encoding::HEXLOWER_PERMISSIVE.decode(&bytes).unwrap(),
            "base64" => data_encoding::BASE64.decode(&bytes).unwrap(),
            _ => follow(step.layer, &step.selector, &bytes).unwrap(),
        };
    }
    assert_eq!(bytes, plain);
    plain
}

fn aes_cbc(key: &[u8], iv: &[u8], plain: &[u8]) -> Vec<u8> {
    cbc::<16, aes::Aes128>(key, iv, &pad(plain, 16))
}

#[test]
fn applog_proves_itself_by_its_digest() {
    let random = [7u8; 32];
    let selector = applog::selector(&random).unwrap();
    let crate::crack::selector::Iv::Bytes(iv) = &selector.iv else {
        panic!()
    };
    let plain = b"\x1f\x8b\x08 not really";
    let mut inside = Sha512::digest(plain).to_vec();
    inside.extend_from_slice(plain);
    let mut value = b"tc\x05\x10\0\0".to_vec();
    value.extend_from_slice(&random);
    value.extend(aes_cbc(&selector.key, iv, &inside));
    let here = around("log.example", "/service/2/app_log/", &[], &[]);
    assert_eq!(
        opened(recognise(&here, "", &value), "applog", &value),
        plain
    );
    // One wrong byte: nothing is claimed.
    value[50] ^= 1;
    assert_eq!(recognise(&here, "", &value), None);
}

#[test]
fn mistat2_takes_its_key_from_the_form() {
    let upper = |text: &str| data_encoding::HEXUPPER.encode(&Md5::digest(text))[..16].to_owned();
    let key = upper("seed:100-200-D0");
    let iv = upper("seed:D0-200-100");
    let plain = br#"[{"category":"test"}]"#;
    let value = data_encoding::HEXLOWER.encode(&aes_cbc(key.as_bytes(), iv.as_bytes(), plain));
    let fields: Pairs<'_> = &[
        ("app_id", b"100"),
        ("app_key", b"200"),
        ("device_id", b"D0"),
    ];
    let here = around("data.example", "/mistats/v2", &[], fields);
    let found = recognise(&here, "stat_value", value.as_bytes());
    assert_eq!(opened(found, "mistat2", value.as_bytes()), plain);
    let other: Pairs<'_> = &[
        ("app_id", b"101"),
        ("app_key", b"200"),
        ("device_id", b"D0"),
    ];
    let found = recognise(
        &around("", "/mistats/v2", &[], other),
        "stat_value",
        value.as_bytes(),
    );
    assert!(matches!(found.unwrap().outcome, Outcome::NotKnown(_)));
}

#[test]
fn mistat3_takes_its_key_from_sid() {
    let wrapping = data_encoding::HEXLOWER
        .decode(b"4ef8b4ac42dbc3f95320b73ae0edbd43")
        .unwrap();
    let iv = b"cfbsdfgsdfxccvd1";
    let key: Vec<u8> = (1..=16).collect();
    let inside = format!("{}_1588300000000", data_encoding::HEXLOWER.encode(&key));
    let sid = data_encoding::HEXLOWER.encode(&aes_cbc(&wrapping, iv, inside.as_bytes()));
    let plain = b"\x1f\x8b\x08\0 stands for a gzip member";
    let p = data_encoding::BASE64.encode(&aes_cbc(&key, iv, plain));
    let fields = [
        ("ai", &b"1"[..]),
        ("sv", b"3.0.16"),
        ("fc", b"1"),
        ("sid", sid.as_bytes()),
    ];
    let here = around("data.example", "/mistats/v3", &[], &fields);
    let found = recognise(&here, "p", p.as_bytes());
    assert_eq!(opened(found, "mistat3", p.as_bytes()), plain);
    let agreed = [
        ("ai", &b"1"[..]),
        ("sv", b"3"),
        ("fc", b"0"),
        ("sid", b"00"),
    ];
    let found = recognise(&around("", "/mistats/v3", &[], &agreed), "p", p.as_bytes());
    assert!(matches!(found.unwrap().outcome, Outcome::ToRecipient(_)));
}

#[test]
fn umeng_takes_its_key_from_the_envelope() {
    let signature: Vec<u8> = (0..32).collect();
    let iv = [10, 1, 11, 5, 4, 15, 7, 9, 23, 3, 1, 6, 8, 12, 13, 91];
    let zlib = b"\x78\x9c stands for zlib";
    let mut string = Vec::new();
    let mut field = |head: u8, content: &[u8]| {
        string.push(head);
        string.push(content.len() as u8);
        string.extend_from_slice(content);
    };
    field(0x18, b"1.0");
    field(0x18, b"5559e28267e58eb4c1000012");
    field(0x18, data_encoding::HEXUPPER.encode(&signature).as_bytes());
    string.extend_from_slice(&[0x15, 2, 0x15, 2, 0x15, 40]);
    let entity = aes_cbc(&signature[1..17], &iv, zlib);
    string.push(0x18);
    string.push(entity.len() as u8);
    string.extend_from_slice(&entity);
    string.extend_from_slice(b"\x18\x01g\x18\x01c\x15\x02\0");
    let here = around("ulogs.example", "/unify_logs", &[], &[]);
    assert_eq!(
        opened(recognise(&here, "", &string), "umeng-env", &string),
        zlib
    );
    string.pop();
    assert_eq!(recognise(&here, "", &string), None);
}

#[test]
fn umeng_push_has_a_constant_key() {
    let plain = br#"{"alias":"x"}"#;
    let sealed = aes_cbc(b"uLi4/f4+Pb39.T19", b"nmeug.f9/Om+L823", plain);
    let value = data_encoding::BASE64.encode(&sealed);
    let here = around("msg.umengcloud.com", "/v2/alias", &[], &[]);
    let found = recognise(&here, "", value.as_bytes());
    assert_eq!(opened(found, "umeng-push", value.as_bytes()), plain);
    let elsewhere = around("example.com", "/v2/alias", &[], &[]);
    assert_eq!(recognise(&elsewhere, "", value.as_bytes()), None);
}

#[test]
fn mta_drops_the_length() {
    let mut inside = b"\0\0\x01\0".to_vec();
    let gzip = b"\x1f\x8b\x08\0 stands for gzip";
    inside.extend_from_slice(gzip);
    crate::secure::protection::Rc4::new(b"03a976511e2cbe3a7f26808fb7af3c05")
        .unwrap()
        .apply(&mut inside);
    let headers: Pairs<'_> = &[("content-encoding", b"rc4,gzip")];
    let here = around("pingma.qq.com", "/mstat/report", headers, &[]);
    assert_eq!(opened(recognise(&here, "", &inside), "mta", &inside), gzip);
    inside[4] ^= 1;
    let found = recognise(&here, "", &inside).unwrap();
    assert!(matches!(found.outcome, Outcome::NotKnown(_)));
}

#[test]
fn pinyin_takes_its_key_from_the_time() {
    let value = ecb::<8, ::des::Des>(b"75476470", &pad(b"\x22\x05hello", 8));
    let fields: Pairs<'_> = &[("time", b"1692257511")];
    let here = around("pinyin.voicecloud.cn", "/x", &[], fields);
    assert_eq!(
        opened(recognise(&here, "", &value), "xf-ime", &value),
        b"\x22\x05hello"
    );
    // The vector printed with the fact: des is what it says it is.
    let mut block = [0u8; 8].into();
    ::des::Des::new_from_slice(b"75476470")
        .unwrap()
        .encrypt_block(&mut block);
    assert_ne!(block.as_slice(), [0; 8]);
}

#[test]
fn formats_without_a_key_are_named() {
    let text = b"H4sIAAAAAAAA";
    let hash = text
        .iter()
        .fold(0i32, |hash, &byte| {
            hash.wrapping_mul(31).wrapping_add(i32::from(byte))
        })
        .to_string();
    let fields = [
        ("crc", hash.as_bytes()),
        ("gzip", b"1"),
        ("data_list", text),
    ];
    let here = around("sa.example", "/x", &[], &fields);
    let found = recognise(&here, "data_list", text).unwrap();
    assert_eq!((found.id, found.outcome), ("sensors", Outcome::Plain));
    let wrong = [("crc", &b"1"[..]), ("gzip", b"1"), ("data_list", text)];
    assert_eq!(
        recognise(&around("sa.example", "/sa", &[], &wrong), "data_list", text),
        None
    );
    let groups = br#"[{"ekey":"a","pkv":1,"payloads":["b"]}]"#;
    let fields = [("gzip", &b"9"[..]), ("data_list", groups)];
    let found = recognise(&around("", "/sa", &[], &fields), "data_list", groups).unwrap();
    assert!(matches!(found.outcome, Outcome::ToRecipient(_)));
    for (host, path, id) in [
        ("app-measurement.com", "/a", "google-fa"),
        ("app.eu.adjust.com", "/event", "adjust"),
        ("graph.facebook.com", "/v9.0/1/activities", "fb-app"),
        ("in.appcenter.ms", "/logs", "ms-appcenter"),
        ("api2.branch.io", "/v1/open", "branch"),
        ("otheve.beacon.qq.com", "/analytics/v2_upload", "beacon-js"),
    ] {
        let found = recognise(&around(host, path, &[], &[]), "", b"x").unwrap();
        assert_eq!((found.id, found.outcome), (id, Outcome::Plain));
    }
    for host in ["notapp-measurement.com", "app-measurement.com.example", ""] {
        assert_eq!(recognise(&around(host, "/a", &[], &[]), "", b"x"), None);
    }
    let found = recognise(&around("a.getui.com", "/", &[], &[]), "", b"x").unwrap();
    assert!(matches!(found.outcome, Outcome::NotKnown(_)));
    let record = b"\x16\xf1\x04\0\x02ab\x17\xf1\x04\0\x01c";
    let found = recognise(&Surroundings::default(), "", record).unwrap();
    assert_eq!(found.id, "mmtls");
    assert_eq!(recognise(&Surroundings::default(), "", &record[..9]), None);
    let event = br#"{"header":{"chifer":"abc"},"event":"00"}"#;
    let found = recognise(&around("", "/common/hmshioperqrt", &[], &[]), "", event).unwrap();
    assert!(matches!(found.outcome, Outcome::ToRecipient(_)));
}

#[test]
fn heytap_is_plain_or_framed() {
    let here = around("dragate-eu.dc.heytapmobi.com", "/v1/stat/3dcs", &[], &[]);
    let said = |around: &Surroundings<'_>, body: &[u8]| {
        recognise(around, "", body).map(|found| (found.id, found.outcome))
    };
    for plain in [
        &br#"{"head":{},"body":[]}"#[..],
        b"\x1f\x8b\x08\0 and ten bytes more",
    ] {
        assert_eq!(said(&here, plain), Some(("heytap-stat", Outcome::Plain)));
        let elsewhere = around("dragate-eu.example", "/v1/stat/3dcs", &[], &[]);
        assert_eq!(said(&elsewhere, plain), None);
        let other = around(here.host, "/v2/other", &[], &[]);
        assert_eq!(said(&other, plain), None);
    }
    let ciphertext = [0x9bu8; 32];
    let mut framed = 40u32.to_le_bytes().to_vec();
    framed.extend_from_slice(&7u32.to_le_bytes());
    framed.extend_from_slice(&ciphertext);
    assert!(matches!(
        said(&here, &framed),
        Some((_, Outcome::NotKnown(_)))
    ));
    framed.pop();
    assert_eq!(said(&here, &framed), None);
}

#[test]
fn mta_alone_must_be_json() {
    let sealed = |plain: &[u8]| {
        let mut bytes = plain.to_vec();
        crate::secure::protection::Rc4::new(b"03a976511e2cbe3a7f26808fb7af3c05")
            .unwrap()
            .apply(&mut bytes);
        bytes
    };
    let headers: Pairs<'_> = &[("Content-Encoding", b"RC4")];
    let here = around("pingma.qq.com", "/mstat/report", headers, &[]);
    let plain = br#"[{"et":1000,"ky":"A1"}]"#;
    let value = sealed(plain);
    assert_eq!(opened(recognise(&here, "", &value), "mta", &value), plain);
    let found = recognise(&here, "", &sealed(b"no json at all")).unwrap();
    assert!(matches!(found.outcome, Outcome::NotKnown(_)));
    let undeclared = around("pingma.qq.com", "/mstat/report", &[], &[]);
    assert_eq!(recognise(&undeclared, "", &value), None);
}

/// A byte changed anywhere in what is enciphered must not give another plaintext that is believed whole.
#[test]
fn what_does_not_fit_is_not_opened() {
    let plain = br#"[{"category":"test","key":"value"}]"#;
    let sealed = aes_cbc(b"uLi4/f4+Pb39.T19", b"nmeug.f9/Om+L823", plain);
    let here = around("msg.umengcloud.com", "/v2/alias", &[], &[]);
    for at in [0, 15, sealed.len() - 1] {
        let mut damaged = sealed.clone();
        damaged[at] ^= 0x80;
        let value = data_encoding::BASE64.encode(&damaged);
        assert_eq!(recognise(&here, "", value.as_bytes()), None, "{at}");
    }
    for length in [0, 1, 15, 16, 17] {
        assert_eq!(recognise(&here, "", &sealed[..length]), None);
    }
}

#[test]
fn ids_are_there() {
    for id in [
        "sensors",
        "mistat2",
        "miui-tracks",
        "heytap-stat",
        "umeng-env",
        "yandex",
    ] {
        assert!(ids().any(|known| known == id), "{id}");
    }
}
