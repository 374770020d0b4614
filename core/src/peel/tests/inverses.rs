//! Every layer has its inverse: alone, over and under every other layer.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::peel::inverse::{INVERSES, Inverse};
use crate::peel::proof::promising;
use crate::peel::{alone, layers};

/// Some of it repeats itself, so that every compressor makes it smaller.
const JSON: &[u8] = br#"{"imei":"869836900602677","event":"page_load","props":{"event":"page_load","imei":"869836900602677"}}"#;
const IMEI: &[u8] = b"869836900602677";

/// Layers that are recognised and have no child.
const CLOSED: [&str; 1] = ["flatbuffers"];

/// Decompressors and containers without a checksum, and codecs of which nearly any token could be a text: they are
/// believed because of what is inside, and it must be something that proves itself.
const UNPROVEN: [&str; 8] = [
    "deflate",
    "brotli",
    "snappy-block",
    "lz4-block",
    "lzma",
    "lznt1",
    "xpress",
    "xpress-huffman",
];

fn part<'a>(inverse: &Inverse, bytes: &'a [u8]) -> Part<'a> {
    let (name, content_type) = inverse.part;
    Part {
        name: Cow::Borrowed(name),
        content_type: content_type.map(Cow::Borrowed),
        ..Part::new("body", bytes)
    }
}

#[test]
fn every_layer_has_an_inverse() {
    for layer in layers().filter(|layer| !CLOSED.contains(layer)) {
        assert!(
            INVERSES.iter().any(|inverse| inverse.layer == layer),
            "{layer}"
        );
    }
    for inverse in INVERSES {
        assert!(
            layers().any(|layer| layer == inverse.layer),
            "{}",
            inverse.layer
        );
    }
}

#[test]
fn every_layer_opens_around_json() {
    for inverse in INVERSES {
        let json = if inverse.layer == "cookie" || inverse.layer == "segment" {
            data_encoding::BASE64URL_NOPAD.encode(JSON).into_bytes()
        } else if matches!(inverse.layer, "credentials" | "url") {
            crate::peel::percent::encode(JSON)
        } else if inverse.layer == "z85" {
            let mut padded = JSON.to_vec();
            padded.resize(JSON.len().next_multiple_of(4), b' ');
            padded
        } else {
            JSON.to_vec()
        };
        let Some(wrapped) = (inverse.wrap)(&json) else {
            panic!("{} cannot hold JSON", inverse.layer);
        };
        let found = peel_part(&part(inverse, &wrapped), &Limits::default());
        assert!(
            found.has_value(IMEI),
            "{}: {:?}",
            inverse.layer,
            found.shown()
        );
        // Digits that are in several alphabets are called by the first of them.
        let name = match inverse.layer {
            "base64url" | "base64-alphabet" => "base64",
            layer => layer,
        };
        assert!(
            found
                .leaves
                .iter()
                .any(|leaf| leaf.steps.iter().any(|step| step.layer == name)),
            "{}: {:?}",
            inverse.layer,
            found.shown()
        );
    }
}

/// Layers that prove themselves, or whose alphabet is asked for any child.
const SURE: [&str; 17] = [
    "json",
    "gzip",
    "zstd",
    "zlib",
    "lz4",
    "snappy",
    "bzip2",
    "xz",
    "zip",
    "bson",
    "multipart",
    "hex",
    "base64",
    "base32",
    "form",
    "msgpack",
    "cbor",
];

/// Codecs so rare that they are asked only where what comes out begins as text or a file does.
const RARE: [&str; 6] = [
    "ascii85",
    "z85",
    "base85",
    "base62",
    "base64-alphabet",
    "modhex",
];

/// Pairs in which the layers cannot be told from the bytes, with the reason.
fn cannot(outer: &str, inner: &str, inside: &[u8], wrapped: &[u8]) -> bool {
    let unproven = |layer: &str| UNPROVEN.contains(&layer);
    // Neither of the two could prove the other.
    (unproven(outer) && unproven(inner))
        // A block without a header that is no smaller than what is in it says nothing.
        || (unproven(outer) && wrapped.len() >= inside.len())
        || (RARE.contains(&outer) && !promising(inside.get(..8).unwrap_or(inside)))
        || (outer == "base64-offset" && !inside.is_ascii())
        // What stands before the digits stays unexplained, and a URL stays a URL: they prove nothing around them.
        || matches!(inner, "base64-offset" | "url")
        // By chance an escape: percent encoding is asked first.
        || (outer == "base45" && wrapped.contains(&b'%'))
        // A row is believed for its texts: among bytes of all kinds nothing tells where its lengths stand.
        || (outer == "tlv" && inside.iter().any(|byte| byte.is_ascii_control() || !byte.is_ascii()))
        // The payload of a token is JSON.
        || (outer == "signed-token" && inner == "quoted-printable")
        // Mostly zeros: a row of few values explains it better.
        || (outer == "protobuf" && inner == "tar")
        // These separate the pairs of a query.
        || (outer == "url" && inside.iter().any(|byte| b"&=%+".contains(byte)))
}

#[test]
fn every_layer_opens_over_and_under_every_other() {
    let mut failed = Vec::new();
    let mut tried = 0;
    for inner in INVERSES
        .iter()
        .filter(|inverse| inverse.part == ("body", None))
    {
        let Some(inside) = (inner.wrap)(JSON) else {
            continue;
        };
        for outer in INVERSES {
            let Some(wrapped) = (outer.wrap)(&inside) else {
                continue;
            };
            if cannot(outer.layer, inner.layer, &inside, &wrapped) {
                continue;
            }
            tried += 1;
            let found = peel_part(&part(outer, &wrapped), &Limits::default());
            if !found.has_value(IMEI) {
                let chain = &found.leaves[0].chain;
                failed.push(format!("{} | {}: {chain}", outer.layer, inner.layer));
            }
        }
    }
    assert!(tried > 1500, "{tried}");
    assert!(
        failed.is_empty(),
        "{} of {tried}: {failed:#?}",
        failed.len()
    );
}

/// Values that layers may hold: bytes, text, JSON.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "[ -~]{0,200}".prop_map(String::into_bytes),
        "[a-zA-Z0-9_.-]{1,80}".prop_map(String::into_bytes),
        "\\PC{0,60}".prop_map(String::into_bytes),
        "[a-z ]{0,40}".prop_map(|text| format!("{{\"k\":\"{text}\"}}").into_bytes()),
        prop::collection::vec(Just(0u8), 0..300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_an_inverse_puts_on_comes_off(place in 0..INVERSES.len(), value in value()) {
        let inverse = &INVERSES[place];
        // Shorter values prove nothing, so no layer is on them; what is in `grpc-web-text` is the frame around the value.
        if let Some(wrapped) = (inverse.wrap)(&value).filter(|_| value.len() >= 24 && inverse.layer != "grpc-web-text") {
            let again = alone::follow(inverse.layer, inverse.selector, &wrapped, &Limits::default());
            prop_assert_eq!(again, Some(value), "{}", inverse.layer);
        }
    }

    #[test]
    fn any_four_sure_layers_open(places in prop::collection::vec(0..SURE.len(), 4), canary in "[0-9]{15}") {
        let mut bytes = format!("{{\"imei\":\"{canary}\",\"event\":\"page_load\",\"n\":[1,2,3]}}").into_bytes();
        let mut names: Vec<&str> = Vec::new();
        for place in places {
            let inverse = INVERSES.iter().find(|inverse| inverse.layer == SURE[place]);
            if let Some(wrapped) = inverse.and_then(|inverse| (inverse.wrap)(&bytes)) {
                bytes = wrapped;
                names.push(SURE[place]);
            }
        }
        let found = peel(&bytes);
        prop_assert!(found.has_value(canary.as_bytes()), "{names:?} {:?}", found.shown());
    }

    #[test]
    fn each_layer_alone_leads_back_to_its_children(layer in 0..alone::count(), way: u8, bytes in value(), place in 0..INVERSES.len()) {
        prop_assert!(alone::open(layer, way, &bytes, &Limits::default()).is_ok());
        let wrapped = (INVERSES[place].wrap)(&bytes).unwrap_or_default();
        for layer in (layer % 7..alone::count()).step_by(7) {
            let opened = alone::open(layer, way, &wrapped, &Limits::default());
            prop_assert!(opened.is_ok(), "{opened:?}");
        }
    }
}
