//! Layers that are rare: strings of CBOR in pieces, FlatBuffers, uuencode, base45, base91.

use proptest::prelude::*;

use super::encode_text::JSON;
use super::*;
use crate::peel::{base45, base91, flatbuffers, uuencode};

const IMEI: &[u8] = b"490154203237518";

/// A text of CBOR in pieces.
fn in_pieces(pieces: &[&str]) -> Vec<u8> {
    let mut out = vec![0x7f];
    for piece in pieces {
        out.push(0x60 | piece.len() as u8);
        out.extend(piece.as_bytes());
    }
    out.push(0xff);
    out
}

#[test]
fn strings_of_cbor_in_pieces_are_put_together() {
    let bytes = [
        &b"\xbf\x64imei"[..],
        &in_pieces(&["490154", "203237", "518"]),
        &in_pieces(&["ev", "ent"]),
        b"\x69page_load\x64data\x5f\x43\x01\x02\x03\x41\x04\xff",
        b"\x65empty\x7f\xff\xff",
    ]
    .concat();
    let found = peel(&bytes);
    assert_eq!(
        found.value("body | cbor:$.imei"),
        Some(IMEI),
        "{:?}",
        found.shown()
    );
    assert_eq!(found.value("body | cbor:$.event"), Some(&b"page_load"[..]));
    assert_eq!(found.value("body | cbor:$.data"), Some(&[1, 2, 3, 4][..]));
    assert_eq!(found.leaves.len(), 3);
    // A piece of the other kind, one in pieces itself, one that is not UTF-8, no end.
    for wrong in [
        &b"\x7f\x41a\xff"[..],
        b"\x7f\x7f\x61a\xff\xff",
        b"\x7f\x61\xc3\x61\xa9\xff",
        b"\x7f\x61a",
        b"\x5f\x61a\xff",
    ] {
        let bytes = [&b"\xa2\x65event\x69page_load\x64data"[..], wrong].concat();
        assert_eq!(peel(&bytes).leaves.len(), 1, "{wrong:02x?}");
    }
}

#[test]
fn flatbuffers_are_recognised_and_said_not_to_be_read() {
    let strings = ["com.example.app", "490154203237518", "page_load"];
    let bytes = flatbuffers::encode(&strings, &[7, 1_700_000_000]);
    let found = peel(&bytes);
    assert_eq!(found.leaves.len(), 1);
    assert_eq!(found.leaves[0].value, bytes);
    let problem = &found.problems[0];
    assert_eq!(
        (problem.code, problem.place.as_str()),
        ("unsupported", "body | flatbuffers")
    );
    assert!(problem.text.contains("recognised"));
    // It proves what is around it.
    for (chain, around) in [
        (
            "body | base64",
            data_encoding::BASE64.encode(&bytes).into_bytes(),
        ),
        (
            "body | length-prefixed:u32le[0]",
            crate::peel::frames::encode(&[&bytes], "u32le"),
        ),
    ] {
        let found = peel(&around);
        assert_eq!(found.leaves[0].chain, chain);
        assert_eq!(found.leaves[0].value, bytes);
        assert!(found.problems[0].place.ends_with("| flatbuffers"));
    }
    // Numbers alone could be anything, and neither could a table that is cut.
    assert!(
        peel(&flatbuffers::encode(&[], &[1, 2, 3, 4, 5]))
            .problems
            .is_empty()
    );
    let whole = flatbuffers::encode(&strings, &[7]);
    assert!(peel(&whole[..24]).problems.is_empty());
}

#[test]
fn rare_codecs_open_around_json_and_text() {
    for (chain, bytes) in [
        ("body | uuencode", uuencode::encode(JSON.as_bytes(), b'`')),
        ("body | uuencode", uuencode::encode(JSON.as_bytes(), b' ')),
        ("body | base45", base45::encode(JSON.as_bytes())),
        ("body | base91", base91::encode(JSON.as_bytes())),
    ] {
        let found = peel(&bytes);
        let chain = format!("{chain} | json:$.imei");
        assert_eq!(found.value(&chain), Some(IMEI), "{:?}", found.shown());
        let zipped = super::encode::zlib(JSON.as_bytes());
        let again = match &chain {
            _ if chain.contains("uuencode") => uuencode::encode(&zipped, b'`'),
            _ if chain.contains("base45") => base45::encode(&zipped),
            _ => base91::encode(&zipped),
        };
        assert!(peel(&again).has_value(IMEI), "{chain}");
    }
}

#[test]
fn a_health_certificate_has_a_word_before_it() {
    let bytes = [
        b"HC1:",
        &base45::encode(&super::encode::zlib(JSON.as_bytes()))[..],
    ]
    .concat();
    let found = peel(&bytes);
    assert_eq!(
        found.value("body | base45 | zlib | json:$.imei"),
        Some(IMEI)
    );
}

/// Words in capitals, formulas, lines that begin with `begin`.
#[test]
fn what_only_looks_like_it_stays() {
    for text in [
        "SM-G991B/DS 12.0 BUILD:SP1A.210812.016",
        "THE QUICK BROWN FOX JUMPS OVER 13 DOGS.",
        "HC1:THIS IS NO CERTIFICATE",
        "begin the day with coffee\nand end it\nwith tea",
        "x+=y*(z-1)/{a:[b,c]};d|=e&f",
        "Mozilla/5.0(Linux;Android13;SM-G991B)",
        "AQIDBAUGBwgJ:CgsMDQ4P.EBESExQVFhcYGRob",
    ] {
        assert_eq!(peel(text.as_bytes()).leaves[0].chain, "body", "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_to_flatbuffers_does_no_harm(at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        let mut bytes = flatbuffers::encode(&["com.example.app", "page_load"], &[1, 2]);
        let place = at.index(bytes.len());
        bytes[place] = byte;
        peel(&bytes);
        peel(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn hostile_tables_do_no_harm(words in prop::collection::vec(prop_oneof![0..40u32, any::<u32>()], 7..40)) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        peel(&bytes);
    }

    #[test]
    fn pieces_of_any_length_are_one_string(text in "[a-z ]{8,60}", cuts in prop::collection::vec(1..20usize, 0..5)) {
        let mut rest = text.as_str();
        let mut pieces = Vec::new();
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        let rest: Vec<String> = rest.as_bytes().chunks(20).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
        pieces.extend(rest.iter().map(String::as_str));
        let bytes = [&b"\xa2\x65event\x69page_load\x64text"[..], &in_pieces(&pieces)].concat();
        let found = peel(&bytes);
        prop_assert_eq!(found.value("body | cbor:$.text"), Some(text.as_bytes()));
    }
}
