//! RFC 9204 appendix B, and what a listener may miss.

use super::{Decoder, Outcome};
use crate::protocol::http2::hpack::FieldList;
use proptest::prelude::*;

const LIMIT: usize = 1 << 16;

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    data_encoding::HEXLOWER.decode(digits.as_bytes()).unwrap()
}

fn read(decoder: &mut Decoder, section: &str, last: bool) -> (Outcome, Vec<(String, String)>, u32) {
    let mut list = FieldList::default();
    let outcome = decoder.section(&hex(section), &mut list, last, LIMIT);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let fields = list.iter().map(|(n, v)| (text(n), text(v))).collect();
    (outcome, fields, list.missing)
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect()
}

const SETUP: &str = "3fbd01 c00f 7777772e6578616d706c652e636f6d c10c 2f73616d706c652f70617468";
const CUSTOM: &str = "4a 637573746f6d2d6b6579 0c 637573746f6d2d76616c7565";

#[test]
fn published_examples() {
    let mut decoder = Decoder::default();
    decoder.allow(220);
    let literal = read(&mut decoder, "0000 510b 2f696e6465782e68746d6c", false);
    assert_eq!(
        literal,
        (Outcome::Done, pairs(&[(":path", "/index.html")]), 0)
    );
    // Before its instructions a section is blocked; they may come byte by byte.
    assert_eq!(read(&mut decoder, "0381 1011", false).0, Outcome::Blocked);
    for byte in hex(SETUP) {
        decoder.instructions(&[byte]);
    }
    let expected = pairs(&[(":authority", "www.example.com"), (":path", "/sample/path")]);
    assert_eq!(
        read(&mut decoder, "0381 1011", false),
        (Outcome::Done, expected, 0)
    );
    assert!(decoder.instructions(&hex(CUSTOM)));
    assert!(decoder.instructions(&hex("02")));
    let expected = pairs(&[
        (":authority", "www.example.com"),
        (":path", "/"),
        ("custom-key", "custom-value"),
    ]);
    assert_eq!(
        read(&mut decoder, "0500 80c181", false),
        (Outcome::Done, expected, 0)
    );
    // The last insertion evicts the first entry.
    assert!(decoder.instructions(&hex("81 0d 637573746f6d2d76616c756532")));
    let (outcome, fields, missing) = read(&mut decoder, "0600 80 84", false);
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(fields, pairs(&[("custom-key", "custom-value2")]));
    assert_eq!(missing, 1);
}

/// Early data uses the table before its size is told in this connection.
#[test]
fn without_settings() {
    let mut decoder = Decoder::default();
    decoder.instructions(&hex(SETUP));
    assert_eq!(read(&mut decoder, "0381 1011", false).0, Outcome::Done);
}

#[test]
fn what_never_comes_is_counted() {
    let mut decoder = Decoder::default();
    decoder.allow(220);
    decoder.lose();
    assert!(!decoder.instructions(&hex(SETUP)));
    assert_eq!(read(&mut decoder, "0500 80c181", false).0, Outcome::Blocked);
    let (outcome, fields, missing) = read(&mut decoder, "0500 80c181", true);
    assert_eq!((outcome, missing), (Outcome::Done, 2));
    assert_eq!(fields, pairs(&[(":path", "/")]));
}

proptest! {
    /// Nothing that comes makes it fail.
    #[test]
    fn any_bytes(
        instructions in prop::collection::vec(any::<u8>(), 0..300),
        section in prop::collection::vec(any::<u8>(), 0..300),
        allowed in prop::option::of(0u64..5_000),
    ) {
        let mut decoder = Decoder::default();
        if let Some(allowed) = allowed {
            decoder.allow(allowed);
        }
        decoder.instructions(&hex("3fe11f"));
        for part in instructions.chunks(7) {
            decoder.instructions(part);
        }
        for last in [false, true] {
            let mut list = FieldList::default();
            let outcome = decoder.section(&section, &mut list, last, 4_096);
            prop_assert!(!last || outcome != Outcome::Blocked);
        }
    }
}
