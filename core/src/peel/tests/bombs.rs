//! Bombs of every compressor, nesting of every container: each ends at a limit that is named, and costs no more
//! than what its limit says.

use super::*;
use crate::peel::inverse::INVERSES;

/// Small, so that the test is quick; the default is 64 MiB.
fn limits() -> Limits {
    Limits {
        output_bytes: 1 << 16,
        part_bytes: 1 << 17,
        ..Limits::default()
    }
}

fn wrap(layer: &str, bytes: &[u8]) -> Vec<u8> {
    let inverse = INVERSES.iter().find(|inverse| inverse.layer == layer);
    inverse
        .and_then(|inverse| (inverse.wrap)(bytes))
        .expect(layer)
}

fn told(found: &Keep) -> Vec<&'static str> {
    let mut all: Vec<_> = found.limits.iter().map(|hit| hit.what).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// JSON that becomes very small.
fn large() -> Vec<u8> {
    let mut json = b"{\"k\":\"".to_vec();
    json.resize(1 << 20, b'a');
    json.extend(b"\"}");
    json
}

/// Compressors that say themselves what they are: the limit is told, and the container is a leaf.
const SURE: [&str; 9] = [
    "gzip",
    "zlib",
    "zstd",
    "lz4",
    "snappy",
    "bzip2",
    "xz",
    "zip",
    "lz-string",
];
/// Compressors that are believed because of what is inside, which is not seen: the value stays as it is.
const UNSURE: [&str; 5] = ["deflate", "brotli", "snappy-block", "lz4-block", "lzma"];

#[test]
fn bombs_of_every_compressor_stay_closed() {
    let large = large();
    for layer in SURE.into_iter().chain(UNSURE) {
        let bomb = match layer {
            "xz" => super::encode_binary::xz(&large),
            "lzma" => super::encode_binary::lzma(&large),
            "zip" => super::encode_binary::zip(&[("data.bin", &large, true)]),
            "lz4-block" => lz4_flex::block::compress_prepend_size(&large),
            "lz-string" => wrap(layer, &large[..1 << 17]),
            _ => wrap(layer, &large),
        };
        let found = peel_part(&Part::new("body", &bomb), &limits());
        let whole = found.leaves.iter().any(|leaf| leaf.value == bomb);
        assert!(whole, "{layer}: {} leaves", found.leaves.len());
        if SURE.contains(&layer) {
            assert_eq!(told(&found), ["output bytes"], "{layer}");
        }
    }
}

#[test]
fn bombs_in_bombs_share_the_budget_of_their_part() {
    let noise: Vec<u8> = (0..1u32 << 16)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    for layer in ["gzip", "zlib", "zstd", "lz4", "snappy", "bzip2"] {
        let mut bomb = noise[..40_000].to_vec();
        for _ in 0..8 {
            bomb = wrap(layer, &bomb);
        }
        let found = peel_part(&Part::new("body", &bomb), &limits());
        let said = told(&found);
        let named = said
            .iter()
            .all(|what| ["part bytes", "output bytes"].contains(what));
        assert!(named && !said.is_empty(), "{layer} {said:?}");
    }
}

/// Wrap JSON in one layer again and again.
fn nested(layer: &str, times: usize) -> Option<Vec<u8>> {
    let inverse = INVERSES.iter().find(|inverse| inverse.layer == layer)?;
    let mut bytes = br#"{"imei":"869836900602677","event":"page_load"}"#.to_vec();
    for _ in 0..times {
        bytes = (inverse.wrap)(&bytes)?;
        if bytes.len() > 1 << 16 {
            return None;
        }
    }
    Some(bytes)
}

#[test]
fn nesting_of_every_layer_ends_at_a_named_limit() {
    for inverse in INVERSES
        .iter()
        .filter(|inverse| inverse.part == ("body", None))
    {
        let layer = inverse.layer;
        // What doubles its size is nested as deep as 64 KiB allow.
        let Some(bytes) = (0..=16)
            .rev()
            .step_by(4)
            .find_map(|times| nested(layer, times))
        else {
            continue;
        };
        let depth = Limits::default().depth as usize;
        let found = peel(&bytes);
        assert!(!found.leaves.is_empty(), "{layer}");
        for leaf in &found.leaves {
            assert!(leaf.steps.len() <= depth, "{layer}: {}", leaf.chain);
        }
        // Either it was all opened, or a limit says why not; or the rest is no longer proven by what is inside.
        let open = found.has_value(b"869836900602677");
        let said = told(&found);
        let named = said.iter().all(|what| {
            [
                "depth",
                "output bytes",
                "part bytes",
                "leaves",
                "path bytes",
                "ratio",
            ]
            .contains(what)
        });
        assert!(named, "{layer} {said:?}");
        assert!(
            open || !said.is_empty() || !found.leaves.is_empty(),
            "{layer}"
        );
    }
}

/// Containers in containers, each the way its own format nests.
#[test]
fn trees_of_any_depth_end_at_a_named_limit() {
    const DEEP: usize = 3000;
    let repeated = |open: &[u8], inside: &[u8], close: &[u8]| {
        [open.repeat(DEEP), inside.to_vec(), close.repeat(DEEP)].concat()
    };
    let mut bson = b"\x0e\0\0\0\x02k\0\x02\0\0\0v\0\0".to_vec();
    for _ in 0..600 {
        let size = (bson.len() as u32 + 8).to_le_bytes();
        bson = [&size[..], b"\x03a\0", &bson, b"\0"].concat();
    }
    let mut tar = b"some text in the middle".to_vec();
    for _ in 0..20 {
        tar = super::encode_binary::tar(&[("a.tar", &tar)]);
    }
    let mut form = b"k=some+text".to_vec();
    for _ in 0..12 {
        form = super::encode::form("a", &form);
    }
    let mut multipart = b"some text in the middle".to_vec();
    for _ in 0..40 {
        multipart = super::encode::multipart("a", &multipart);
    }
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("json arrays", repeated(b"[", b"1", b"]")),
        ("json objects", repeated(b"{\"a\":", b"1", b"}")),
        ("xml", repeated(b"<a>", b"text", b"</a>")),
        ("xml open", b"<a b=\"c\">".repeat(DEEP)),
        ("html", b"<div><p>".repeat(DEEP)),
        ("msgpack arrays", repeated(b"\x91", b"\xa5words", b"")),
        (
            "msgpack maps",
            repeated(b"\x81\xa5event", b"\xa5words", b""),
        ),
        ("cbor arrays", repeated(b"\x81", b"\x65words", b"")),
        ("cbor maps", repeated(b"\xa1\x65event", b"\x65words", b"")),
        ("cbor endless", repeated(b"\x9f", b"\x65words", b"\xff")),
        (
            "cbor tags",
            repeated(b"\xc1", b"\xa1\x65event\x65words", b""),
        ),
        (
            "cbor pieces",
            [
                b"\xa1\x65event\x7f".to_vec(),
                b"\x61w".repeat(DEEP),
                vec![0xff],
            ]
            .concat(),
        ),
        ("bson", bson),
        ("thrift", repeated(b"\x1c", b"\x18\x05words", b"\0")),
        (
            "thrift-binary",
            repeated(b"\x0c\0\x01", b"\x0b\0\x02\0\0\0\x05words", b"\0"),
        ),
        ("tars", repeated(b"\x1a", b"\x16\x05words", b"\x0b")),
        (
            "protobuf groups",
            repeated(b"\x0b", b"\x12\x05words", b"\x0c"),
        ),
        ("tar", tar),
        ("form", form),
        ("multipart", multipart),
        ("percent", [b"%25".repeat(DEEP), b"20".to_vec()].concat()),
        (
            "utf-16",
            crate::peel::utf16::encode(&"[".repeat(DEEP), false, true),
        ),
        (
            "brackets of many kinds",
            b"[{(<\"'%=&;:\\u".repeat(DEEP / 4),
        ),
    ];
    for (name, bytes) in cases {
        for part in ["body", "query", "header:Cookie"] {
            let found = peel_part(&Part::new(part, &bytes), &Limits::default());
            assert!(!found.leaves.is_empty(), "{name}");
            for what in told(&found) {
                assert!(
                    [
                        "depth",
                        "leaves",
                        "path bytes",
                        "output bytes",
                        "part bytes",
                        "ratio"
                    ]
                    .contains(&what),
                    "{name} {what}"
                );
            }
        }
    }
}

/// Property lists name their objects by number, so that few bytes can stand for very much.
#[test]
fn references_that_multiply_or_turn_in_circles_are_limited() {
    // Every array holds the next one twice: 2³⁰ leaves.
    let levels = 30u8;
    let mut objects: Vec<Vec<u8>> = (0..levels).map(|n| vec![0xa2, n + 1, n + 1]).collect();
    objects.push(b"\x55words".to_vec());
    let list = |objects: &[Vec<u8>]| {
        let mut out = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for object in objects {
            offsets.push(out.len() as u8);
            out.extend(object);
        }
        let table = out.len() as u64;
        out.extend(&offsets);
        out.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        for number in [offsets.len() as u64, 0, table] {
            out.extend(number.to_be_bytes());
        }
        out
    };
    let few = Limits {
        leaves: 200,
        ..Limits::default()
    };
    let found = peel_part(&Part::new("body", &list(&objects)), &few);
    assert!(found.leaves.len() <= 201);
    assert_eq!(told(&found), ["leaves"]);
    // An array that holds itself.
    let found = peel(&list(&[vec![0xa1, 0]]));
    assert_eq!(found.leaves.len(), 1);
    let mut zip = Vec::new();
    for _ in 0..200 {
        zip.push(("same", &b"some text in every member"[..], true));
    }
    let found = peel(&super::encode_binary::zip(&zip));
    assert_eq!(found.leaves.len(), 200);
}
