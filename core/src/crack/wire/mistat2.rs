//! `mistat2`: MiStat, the SDK "mistatistic" 2.1.
//!
//! Facts: a build of 2019, decompiled by a third party. `stat_value` is hexadecimal AES-128-CBC; key and
//! vector are MD5s of other fields of the same form, so anyone who sees the request can read it.

use data_encoding::HEXUPPER;
use md5::{Digest, Md5};

use super::open::{Value, is_json};
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::padding::Padding;
use crate::crack::selector::{Iv, Selector};

/// The format.
pub(super) struct MiStat2;

const PATHS: [&str; 4] = ["/mistats/v2", "/micrash", "/realtime_network", "/getconfig"];

/// The first half of the MD5 of `seed:` and the parts, as hexadecimal text in capitals.
fn half(seed: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    let mut digest = Md5::new();
    digest.update(b"seed:");
    digest.update(seed);
    for part in rest {
        digest.update(b"-");
        digest.update(part);
    }
    let mut text = HEXUPPER.encode(&digest.finalize()).into_bytes();
    text.truncate(16);
    text
}

impl WireFormat for MiStat2 {
    fn id(&self) -> &'static str {
        "mistat2"
    }

    fn name(&self) -> &'static str {
        "MiStat 2"
    }

    fn vendor(&self) -> &'static str {
        "Xiaomi"
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        if field != "stat_value" || !around.path_is(&PATHS) {
            return None;
        }
        let app = around.field("app_id")?;
        let key = around.field("app_key")?;
        let device = around.field("device_id")?;
        let selector = Selector::key(&half(app, &[key, device]))
            .with_iv(Iv::Bytes(half(device, &[key, app])))
            .with_pad(Padding::Pkcs7);
        let opened = Value::hex(value).decipher("aes-128-cbc", &selector, is_json);
        Some(opened.unwrap_or(Outcome::NotKnown(
            "Looks like MiStat 2, but the key made of its fields does not open it.",
        )))
    }
}
