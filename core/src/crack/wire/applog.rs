//! `applog`: the container of ByteDance's AppLog.
//!
//! Facts: container decompiled by third parties and checked on a sample that was printed in public; paths and
//! names from the vendor's published source. The key is made of 32 bytes in the message and a constant, and
//! the plaintext begins with its own SHA-512, so a reading is proven.

use sha2::{Digest, Sha512};

use super::open::Value;
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::padding::Padding;
use crate::crack::selector::{Iv, Selector};

/// The format.
pub(super) struct AppLog;

const MAGIC: &[u8] = b"\x74\x63\x05\x10\x00\x00";
const OTHER_MAGIC: &[u8] = b"\x12\x39\x20\x20\x02\x03";
const RANDOM: usize = 32;
const DIGEST: usize = 64;
/// The constant of the container.
const SALT: [u8; 64] = [
    0x4d, 0xd4, 0xc2, 0xe6, 0xb8, 0x31, 0x62, 0x09, 0x0e, 0x52, 0xb3, 0xc7, 0xa6, 0x73, 0x3b, 0xa4,
    0x1c, 0xb2, 0x46, 0x2b, 0x82, 0x9a, 0xb5, 0x8a, 0x19, 0x6b, 0x39, 0xdb, 0x57, 0x17, 0x75, 0x24,
    0xf4, 0x9b, 0xaf, 0x7f, 0x08, 0xe8, 0xd6, 0x8d, 0x26, 0xa7, 0x2e, 0x37, 0xc1, 0xa9, 0x5a, 0x2f,
    0x1f, 0x05, 0xa5, 0x18, 0x92, 0xae, 0xf2, 0x94, 0x97, 0x32, 0xb6, 0x2a, 0x38, 0xaa, 0xdd, 0x58,
];

/// The selector for a container that begins with these random bytes.
pub(super) fn selector(random: &[u8]) -> Option<Selector> {
    let inner = Sha512::digest(random);
    let outer = Sha512::new()
        .chain_update(inner)
        .chain_update(SALT)
        .finalize();
    let mut selector = Selector::key(outer.get(..16)?)
        .with_iv(Iv::Bytes(outer.get(16..32)?.to_vec()))
        .with_pad(Padding::Pkcs7);
    selector.skip = MAGIC.len() + RANDOM;
    Some(selector)
}

impl WireFormat for AppLog {
    fn id(&self) -> &'static str {
        "applog"
    }

    fn name(&self) -> &'static str {
        "AppLog"
    }

    fn vendor(&self) -> &'static str {
        "ByteDance"
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        // Whole bodies are binary, `tt_info` is base64 without padding.
        let value = if value.starts_with(MAGIC) || value.starts_with(OTHER_MAGIC) {
            Value::raw(value)
        } else if value.starts_with(b"dGMFEAAA") {
            Value::base64(value)
        } else {
            let declared = around
                .header("Content-Type")
                .is_some_and(|media| memchr::memmem::find(media, b"tt-data=a").is_some());
            return (declared && field.is_empty() && !super::open::is_json(value)).then_some(
                Outcome::NotKnown("Declared as AppLog, but not in the container that is known."),
            );
        };
        if value.bytes().starts_with(OTHER_MAGIC) {
            return (field.is_empty() && value.bytes().len() > 64).then_some(Outcome::NotKnown(
                "A container of ByteDance whose constant is not known.",
            ));
        }
        let random = value.bytes().get(MAGIC.len()..)?.get(..RANDOM)?;
        let mut selector = selector(random)?;
        // The digest is checked once with the digest still there, and dropped from the chain.
        value.decipher("aes-128-cbc", &selector, |plain| {
            plain
                .split_at_checked(DIGEST)
                .is_some_and(|(digest, rest)| Sha512::digest(rest)[..] == *digest)
        })?;
        selector.drop = DIGEST;
        value.decipher("aes-128-cbc", &selector, |plain| !plain.is_empty())
    }
}
