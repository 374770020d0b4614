//! Every limit ends the work, is told, and leaves what it kept closed as a leaf.

use data_encoding::BASE64;

use super::encode::{brotli, gzip, json, zlib, zstd};
use super::*;

fn peel_with(bytes: &[u8], limits: &Limits) -> Keep {
    peel_part(&Part::new("body", bytes), limits)
}

fn told(found: &Keep) -> Vec<(&'static str, &str)> {
    found
        .limits
        .iter()
        .map(|hit| (hit.what, hit.place.as_str()))
        .collect()
}

#[test]
fn bombs_stay_closed() {
    let limits = Limits {
        output_bytes: 1 << 20,
        ..Limits::default()
    };
    let zeros = vec![0; 3 << 20];
    for (layer, bomb) in [
        ("gzip", gzip(&zeros)),
        ("zlib", zlib(&zeros)),
        ("zstd", zstd(&zeros)),
    ] {
        let found = peel_with(BASE64.encode(&bomb).as_bytes(), &limits);
        assert_eq!(
            told(&found),
            [("output bytes", format!("body | base64 | {layer}").as_str())]
        );
        assert_eq!(found.leaves.len(), 1);
        assert_eq!(found.leaves[0].value, bomb);
    }
}

#[test]
fn growth_is_limited_above_a_mebibyte() {
    let limits = Limits {
        ratio: 10,
        ..Limits::default()
    };
    let found = peel_with(&gzip(&vec![b'a'; 3 << 20]), &limits);
    assert_eq!(told(&found), [("ratio", "body | gzip")]);
    assert!(
        peel_with(&gzip(&vec![b'a'; 1 << 19]), &limits)
            .limits
            .is_empty()
    );
}

#[test]
fn all_layers_of_a_part_share_one_budget() {
    let limits = Limits {
        part_bytes: 2 << 20,
        ..Limits::default()
    };
    let noise: Vec<u8> = (0..1u32 << 18)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let found = peel_with(&gzip(&gzip(&gzip(&noise))), &limits);
    assert_eq!(found.limits.len(), 1);
    assert_eq!(found.limits[0].what, "part bytes");
}

#[test]
fn declared_bombs_stay_closed() {
    let limits = Limits {
        output_bytes: 1 << 20,
        ..Limits::default()
    };
    let bomb = brotli(&vec![b'a'; 3 << 20]);
    let part = Part {
        content_encoding: Some("br".into()),
        ..Part::new("body", &bomb)
    };
    let found = peel_part(&part, &limits);
    assert_eq!(told(&found), [("output bytes", "body")]);
    assert_eq!(found.leaves[0].value, bomb);
}

#[test]
fn deep_json_is_read_as_far_as_allowed() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = [open.repeat(100_000), "1".to_owned(), close.repeat(100_000)].concat();
        let found = peel(text.as_bytes());
        assert_eq!(told(&found), [("depth", "body | json")]);
        assert_eq!(found.leaves.len(), 1);
    }
    let text = format!("{{\"x\":\"y\",\"z\":{}", "[".repeat(100_000));
    let found = peel(text.as_bytes());
    assert_eq!(found.value("body | json:$.x"), Some(&b"y"[..]));
    assert_eq!(told(&found), [("depth", "body | json")]);
}

#[test]
fn layers_are_counted() {
    let limits = Limits {
        depth: 3,
        ..Limits::default()
    };
    let inner = json("k", b"value");
    let found = peel_with(&gzip(&gzip(&inner)), &limits);
    assert!(found.limits.is_empty());
    let found = peel_with(&gzip(&gzip(&gzip(&inner))), &limits);
    assert_eq!(
        told(&found),
        [("depth", "body | gzip | gzip | gzip | json")]
    );
    assert_eq!(
        found.value("body | gzip | gzip | gzip"),
        Some(inner.as_slice())
    );
}

#[test]
fn leaves_are_counted() {
    let limits = Limits {
        leaves: 10,
        ..Limits::default()
    };
    let found = peel_with(b"[1,2,3,4,5,6,7,8,9,10,11,12]", &limits);
    assert_eq!(found.leaves.len(), 10);
    assert_eq!(told(&found), [("leaves", "body | json")]);
    let form: String = (0..20).map(|n| format!("k{n}=v&")).collect();
    let found = peel_with(form.as_bytes(), &limits);
    assert_eq!(found.leaves.len(), 10);
    assert_eq!(told(&found), [("leaves", "body | form")]);
}

#[test]
fn long_names_do_not_multiply() {
    let text = format!("{{\"{}\":[{}1]}}", "k".repeat(1 << 20), "1,".repeat(20));
    let found = peel(text.as_bytes());
    assert_eq!(found.leaves.len(), 21);
    assert!(found.leaves.iter().all(|leaf| leaf.chain.len() < 400));
    let deep = format!(
        "{}1{}",
        format!("{{\"{}\":", "k".repeat(300)).repeat(5),
        "}".repeat(5)
    );
    assert_eq!(
        told(&peel(deep.as_bytes())),
        [("path bytes", "body | json")]
    );
}
