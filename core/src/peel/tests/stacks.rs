//! Known JSON through random stacks of layers must come out again, and every chain must replay.

use proptest::prelude::*;

use super::encode::WRAPPERS;
use super::*;

/// What is wrapped: an object with the canary in it.
fn innermost(canary: &str) -> Vec<u8> {
    format!("{{\"imei\":\"{canary}\",\"event\":\"page_load\",\"props\":{{\"ok\":true,\"list\":[1,2,3]}}}}").into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stack_opens(layers in prop::collection::vec(0..WRAPPERS.len(), 0..6), canary in "[0-9]{15}") {
        let mut bytes = innermost(&canary);
        let mut names = Vec::new();
        for layer in layers {
            let (name, text_only, wrap) = WRAPPERS[layer];
            let before = names.iter().rev().copied().find(|&name| name != "percent").unwrap_or("");
            // Nothing without a checksum stands on another such: neither could prove the other.
            let bare = |name: &str| matches!(name, "deflate" | "brotli");
            if (text_only && std::str::from_utf8(&bytes).is_err()) || (bare(name) && bare(before)) {
                continue;
            }
            // A form and escaping undo each other's escapes in one step; nobody escapes bare plain text.
            if name == "percent" && !bytes.iter().any(|b| !b.is_ascii_alphanumeric() && !b"-._~".contains(b)) {
                continue;
            }
            bytes = wrap(&bytes);
            names.push(name);
        }
        let found = peel(&bytes);
        prop_assert!(found.limits.is_empty(), "{names:?} {:?}", found.limits);
        let leaf = found.leaves.iter().find(|leaf| leaf.value == canary.as_bytes());
        prop_assert!(leaf.is_some(), "{names:?} gave {:?}", found.shown());
        prop_assert_eq!(leaf.and_then(|leaf| leaf.name.as_deref()), Some("imei"));
    }

    #[test]
    fn hostile_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        peel(&bytes);
        for name in ["query", "path", "header:Cookie", "header:Authorization"] {
            peel_named(name, &bytes);
        }
    }

    #[test]
    fn hostile_text_does_no_harm(text in "[\\[\\]{}\":,=&%;a-f0-9/?#.+ \\-]{0,200}") {
        peel(text.as_bytes());
        for name in ["query", "path", "header:Set-Cookie", "header:Authorization"] {
            peel_named(name, text.as_bytes());
        }
    }

    #[test]
    fn damage_does_no_harm(layers in prop::collection::vec(0..WRAPPERS.len(), 1..4), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut bytes = innermost("869836900602677");
        for layer in layers {
            let (_, text_only, wrap) = WRAPPERS[layer];
            if !text_only || std::str::from_utf8(&bytes).is_ok() {
                bytes = wrap(&bytes);
            }
        }
        let cut = at.index(bytes.len());
        peel(&bytes[..cut]);
        bytes[cut] ^= 1 << bit;
        peel(&bytes);
    }
}

#[test]
fn each_layer_alone_opens() {
    for (name, _, wrap) in WRAPPERS {
        let found = peel(&wrap(&innermost("869836900602677")));
        assert!(
            found.has_value(b"869836900602677"),
            "{name}: {:?}",
            found.shown()
        );
    }
}
