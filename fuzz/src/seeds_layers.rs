//! First inputs of the targets for single layers, ciphers, known formats and solvers.

use waakzaam_core::crack::follow;
use waakzaam_core::peel::inverse::INVERSES;
use waakzaam_core::peel::layers;

use crate::pieces::join;

const JSON: &[u8] =
    br#"{"imei":"869836900602677","event":"page_load","props":{"ok":true,"list":[1,2,3]}}"#;
const IMEI: &[u8] = b"869836900602677";

/// What the surroundings must say for a layer: `way` of `alone::open`.
fn way(layer: &str) -> u8 {
    match layer {
        "cookie" => 2,
        "sse" => 3,
        "grpc" | "grpc-web-text" => 4,
        "protobuf" => 5,
        "segment" => 6,
        "credentials" => 7,
        _ => 0,
    }
}

fn behind_length(value: &[u8]) -> Vec<u8> {
    [&[value.len() as u8][..], value].concat()
}

fn behind_two(value: &[u8]) -> Vec<u8> {
    [&(value.len() as u16).to_be_bytes()[..], value].concat()
}

/// (target, name, input).
pub fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut found: Vec<(&'static str, String, Vec<u8>)> = Vec::new();
    for (place, layer) in layers().enumerate() {
        for inverse in INVERSES.iter().filter(|inverse| inverse.layer == layer) {
            for (name, value) in [("json", JSON), ("word", IMEI)] {
                let Some(wrapped) = (inverse.wrap)(value) else {
                    continue;
                };
                let input = [&[place as u8, way(layer)][..], &wrapped].concat();
                found.push(("layer", format!("{layer}-{name}"), input));
                found.push((
                    "peel",
                    format!("{layer}-{name}"),
                    [&[0][..], &wrapped].concat(),
                ));
            }
        }
    }
    // The inverse is chosen by its place in its own list.
    for place in 0..INVERSES.len() {
        found.push((
            "layer",
            format!("inverse-{place}"),
            [&[place as u8, 0][..], JSON].concat(),
        ));
    }
    let key = b"0123456789abcdef";
    let hex = "30313233343536373839616263646566";
    for (cipher, selector) in [
        ("rc4", format!("key={hex}")),
        ("xor", format!("key={hex}")),
        (
            "aes-128-ctr",
            format!("key={hex},iv=00000000000000000000000000000000"),
        ),
        (
            "aes-128-ofb",
            format!("key={hex},iv=00000000000000000000000000000000"),
        ),
        (
            "aes-128-cbc",
            format!("key={hex},iv=00000000000000000000000000000000"),
        ),
    ] {
        let value = follow(cipher, &selector, &JSON[..80]).unwrap_or_default();
        for mode in [1u8, 0x89, 0x11] {
            let input = [&[mode][..], &behind_length(key), &value].concat();
            found.push(("unlock", format!("{cipher}-{mode}"), input));
        }
        // Decryption is its own inverse in all modes but this.
        if cipher.ends_with("-cbc") {
            continue;
        }
        // The key beside the value, brought, and of the device; the same key in another field.
        for place in 1..=3 {
            let other = follow(cipher, &selector, &JSON[..64]).unwrap_or_default();
            let case = [
                (place, &key[..]),
                (0, &value),
                (4, &other),
                (4, &other[..48]),
            ];
            found.push(("stage", format!("{cipher}-{place}"), join(&case)));
        }
    }
    let xored: Vec<u8> = JSON
        .iter()
        .zip(key.iter().cycle())
        .map(|(a, b)| a ^ b)
        .collect();
    let long = JSON.repeat(4);
    // A key that is worked out of all values of a field, and one more message.
    let case = [
        (4, &xored[..]),
        (4, &xored[..70]),
        (0x14, &xored),
        (0x10, JSON),
    ];
    found.push(("stage", "worked-out".to_owned(), join(&case)));
    for target in ["solve_xor", "keystream"] {
        let plain = [
            &[0x81][..],
            &behind_length(IMEI),
            &behind_length(&key[..8]),
            &behind_two(&long),
        ]
        .concat();
        found.push((target, "made".to_owned(), plain));
        let several = [
            &[0x80][..],
            &behind_length(key),
            &behind_two(JSON),
            &behind_two(&JSON[3..]),
        ]
        .concat();
        found.push((target, "several".to_owned(), several));
        let given = [&[0][..], &behind_two(&xored)].concat();
        found.push((target, "given".to_owned(), given));
    }
    if let Some(inverse) = INVERSES.iter().find(|inverse| inverse.layer == "base64")
        && let Some(text) = (inverse.wrap)(&long)
    {
        // Letters turned by seven places.
        let turned: Vec<u8> = text
            .iter()
            .map(|&letter| match letter {
                b'A'..=b'Z' => b'A' + (letter - b'A' + 7) % 26,
                b'a'..=b'z' => b'a' + (letter - b'a' + 7) % 26,
                other => other,
            })
            .collect();
        let input = [&[1][..], &behind_length(IMEI), &behind_two(&turned)].concat();
        found.push(("solve_alphabet", "turned".to_owned(), input));
    }
    let rc4 = "key=3033613937363531316532636265336137663236383038666237616633633035";
    let sealed = follow("rc4", rc4, b"[{\"et\":1000,\"ky\":\"A1\"}]").unwrap_or_default();
    let envelope = b"\x18\x031.0\x18\x185559e28267e58eb4c1000012\x18\x04abcd\x15\x02\x15\x02\x15\x28\x18\x0c\x78\x9cstands for\x18\x01g\x18\x01c\x15\x00\0";
    let wire: [(u8, &str, &[u8], &[u8]); 8] = [
        (0, "sensors", b"\x001\n\x02H4sIAAAA", b"H4sIAAAA"),
        (
            0,
            "sensors-enc",
            b"\x009",
            b"[{\"ekey\":\"a\",\"pkv\":1,\"payloads\":[\"b\"]}]",
        ),
        (
            1,
            "mistat2",
            b"\x03100\n\x04200\n\x05D0",
            b"00112233445566778899aabbccddeeff",
        ),
        (
            2,
            "mistat3",
            b"\x061\n\x073\n\x081\n\x0900112233445566778899aabbccddeeff",
            b"AAAAAAAAAAAAAAAAAAAAAA==",
        ),
        (
            3,
            "applog",
            b"",
            b"tc\x05\x10\0\0 thirty-two bytes of random text and more of it",
        ),
        (4, "umeng", b"", envelope),
        (6, "mta", b"\x0brc4", &sealed),
        (7, "pinyin", b"\x0a1692257511", b"0123456789abcdef"),
    ];
    for (place, name, head, value) in wire {
        let input = [&[place][..], head, &[0], value].concat();
        found.push(("wire", name.to_owned(), input));
    }
    found
}
