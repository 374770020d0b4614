//! `mistat3`: MiStat 3.
//!
//! Facts: builds of 2019 and 2021, decompiled by third parties, with the same constants. `p` is base64 of
//! AES-128-CBC of gzip of JSON, with a constant vector. With `fc=1` the key is in `sid`, wrapped with a
//! constant key; with `fc=0` it was agreed with the server.

use super::open::{Value, hex, is_gzip};
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::cipher::take_off;
use crate::crack::padding::Padding;
use crate::crack::selector::{Iv, Selector};

/// The format.
pub(super) struct MiStat3;

const PATHS: [&str; 2] = ["/mistats/v3", "/idservice/deviceid_get"];
const LAYER: &str = "aes-128-cbc";
/// The constant vector.
const IV: &[u8; 16] = b"cfbsdfgsdfxccvd1";
/// What wraps the key in `sid`.
const WRAPPING: &str = "4ef8b4ac42dbc3f95320b73ae0edbd43";
/// The key where no key could be made.
const FALLBACK: &str = "050f03d86eeafeb29cf38986462d957c";

fn selector(key: &[u8]) -> Selector {
    Selector::key(key)
        .with_iv(Iv::Bytes(IV.to_vec()))
        .with_pad(Padding::Pkcs7)
}

/// The key in `sid`: 32 hexadecimal digits, an underscore and a time follow after deciphering.
fn session_key(sid: &[u8]) -> Option<Vec<u8>> {
    let wrapped = hex(std::str::from_utf8(sid).ok()?)?;
    let plain = take_off(LAYER, &selector(&hex(WRAPPING)?), &wrapped)?;
    let text = String::from_utf8(plain).ok()?;
    let (key, time) = text.split_once('_')?;
    time.parse::<u64>().ok()?;
    hex(key).filter(|key| key.len() == 16)
}

impl WireFormat for MiStat3 {
    fn id(&self) -> &'static str {
        "mistat3"
    }

    fn name(&self) -> &'static str {
        "MiStat 3"
    }

    fn vendor(&self) -> &'static str {
        "Xiaomi"
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        if field != "p" || !around.path_is(&PATHS) || !around.has(&["ai", "sv", "sid"]) {
            return None;
        }
        let value = Value::base64(value);
        let keys = [around.field("sid").and_then(session_key), hex(FALLBACK)];
        let opened = keys
            .iter()
            .flatten()
            .find_map(|key| value.decipher(LAYER, &selector(key), is_gzip));
        Some(opened.unwrap_or(match around.field("fc") {
            Some(b"0") => {
                Outcome::ToRecipient("The key was agreed with the server in an earlier message.")
            }
            _ => Outcome::NotKnown("Looks like MiStat 3, but the key in it does not open it."),
        }))
    }
}
