//! Layers of messages in a row: gRPC and event streams.

use std::borrow::Cow;

use proptest::prelude::*;

use super::encode::gzip;
use super::{Keep, peel, peel_part};
use crate::model::Limits;
use crate::peel::Part;
use crate::peel::grpc::encode;

fn body(bytes: &[u8], content_type: &str) -> Keep {
    let part = Part {
        content_type: Some(Cow::Borrowed(content_type)),
        ..Part::new("body", bytes)
    };
    peel_part(&part, &Limits::default())
}

#[test]
fn grpc_messages_compressed_or_not() {
    let json = br#"{"imei":"490154203237518"}"#;
    let bytes = [encode(0, json), encode(1, &gzip(json)), encode(0, b"")].concat();
    for found in [peel(&bytes), body(&bytes, "application/grpc+json")] {
        let shown = found.shown();
        assert_eq!(
            shown,
            [
                "body | grpc:[0] | json:$.imei = 490154203237518",
                "body | grpc:[1] | gzip | json:$.imei = 490154203237518",
            ]
        );
    }
}

#[test]
fn grpc_web_with_trailers_also_in_base64() {
    let bytes = [
        encode(0, b"message one"),
        encode(0x80, b"grpc-status:0\r\n"),
    ]
    .concat();
    let binary = body(&bytes, "application/grpc-web+proto");
    assert_eq!(binary.value("body | grpc:[0]"), Some(&b"message one"[..]));
    assert_eq!(
        binary.value("body | grpc:trailers"),
        Some(&b"grpc-status:0\r\n"[..])
    );
    // Sent in two parts, each with its padding.
    let text = [&bytes[..16], &bytes[16..]]
        .map(|part| data_encoding::BASE64.encode(part))
        .concat();
    let found = body(text.as_bytes(), "application/grpc-web-text");
    assert_eq!(
        found.value("body | grpc-web-text | grpc:[0]"),
        Some(&b"message one"[..])
    );
}

#[test]
fn grpc_that_breaks_off_is_read_if_it_is_declared() {
    let bytes = [encode(0, b"first message"), encode(0, b"second message")].concat();
    let cut = &bytes[..bytes.len() - 4];
    let found = body(cut, "application/grpc");
    assert_eq!(found.value("body | grpc:[1]"), Some(&b"second mes"[..]));
    assert_eq!(found.problems[0].code, "truncated");
    assert_eq!(peel(cut).leaves.len(), 1);
}

/// Numbers in tables have lengths that lead to the end too: out of slices of packages.
#[test]
fn tables_of_numbers_are_no_grpc_unless_it_is_declared() {
    for hex in [
        "010000000e0000000000000000000000000000",
        "010000000a000000000000001900000000000000",
        "000000000000000000080045280059000040",
        "010000002000000002000100000000000de73600030000005410d83a110000000100010001",
    ] {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        let layers = peel(&bytes).shown().concat();
        assert!(!layers.contains("grpc"), "{layers}");
    }
    let declared = body(b"\0\0\0\0\x02\0\x01\0\0\0\0\x01\x07", "application/grpc");
    assert!(declared.value("body | grpc:[0]").is_some());
}

/// Each message in another one; only so many are looked into.
#[test]
fn grpc_in_grpc_without_end() {
    let mut bytes = b"the innermost message".to_vec();
    for _ in 0..50_000 {
        bytes = [&[0][..], &(bytes.len() as u32).to_be_bytes(), &bytes].concat();
        if bytes.len() > 20_000 {
            break;
        }
    }
    assert!(!peel(&bytes).limits.is_empty());
}

#[test]
fn events_of_a_stream() {
    let stream = b"\xef\xbb\xbf: comment\r\nevent: login\r\ndata: {\"id\":7}\r\n\r\ndata:one\ndata: two\nid: 9\n\ndata: last";
    let found = body(stream, "text/event-stream; charset=utf-8");
    assert_eq!(
        found.shown(),
        [
            "body | sse:event = login",
            "body | sse:data | json:$.id = 7",
            "body | sse:id = 9",
            "body | sse:data#2 = one\ntwo",
            "body | sse:data#3 = last",
        ]
    );
    assert_eq!(peel(b"data: x\n\n").leaves.len(), 1);
}

proptest! {
    #[test]
    fn all_messages_come_back(messages in proptest::collection::vec("[a-z ]{2,40}", 1..9)) {
        let bytes: Vec<u8> = messages.iter().flat_map(|m| encode(0, m.as_bytes())).collect();
        let found = body(&bytes, "application/grpc");
        for (index, message) in messages.iter().enumerate() {
            let chain = format!("body | grpc:[{index}]");
            prop_assert_eq!(found.value(&chain), Some(message.as_bytes()));
        }
    }

    #[test]
    fn nothing_panics(bytes: Vec<u8>) {
        for kind in ["application/grpc", "application/grpc-web-text", "text/event-stream"] {
            body(&bytes, kind);
        }
    }
}
