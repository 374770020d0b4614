//! `xf-ime`: cloud pinyin of iFlytek Input, until version 12.1.14983.
//!
//! Facts: report of the Citizen Lab, 2024. The body is protobuf in DES-ECB; the key is made of the parameter
//! `time` of the same request.

use super::open::Value;
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::padding::{self, Padding};
use crate::crack::selector::Selector;

const HOST: &str = "pinyin.voicecloud.cn";

/// The format.
pub(super) struct Pinyin;

/// The eight digits for a time, as text.
fn key(time: u64) -> String {
    let digits = format!("{:08}", (time % 0x5F5_E100) ^ 0x100_1111);
    digits
        .get(digits.len().saturating_sub(8)..)
        .unwrap_or_default()
        .to_owned()
}

impl WireFormat for Pinyin {
    fn id(&self) -> &'static str {
        "xf-ime"
    }

    fn name(&self) -> &'static str {
        "iFlytek Input cloud pinyin"
    }

    fn vendor(&self) -> &'static str {
        "iFlytek"
    }

    fn is_whole(&self, host: &str, _body: &[u8]) -> bool {
        host.ends_with(HOST)
    }

    fn outcome(&self, around: &Surroundings<'_>, field: &str, value: &[u8]) -> Option<Outcome> {
        if !around.host_is(&[HOST]) || !field.is_empty() || value.is_empty() {
            return None;
        }
        let time = std::str::from_utf8(around.field("time")?)
            .ok()?
            .parse()
            .ok()?;
        let selector = Selector::key(key(time).as_bytes()).with_pad(Padding::Pkcs7);
        // Padding proves little, but the key is not guessed; the plaintext must also begin as protobuf does.
        let begins = |plain: &[u8]| {
            plain
                .first()
                .is_some_and(|tag| tag >> 3 > 0 && matches!(tag & 7, 0..=2 | 5))
        };
        let whole = Value::raw(value);
        let full = Selector {
            pad: Some(Padding::None),
            ..selector.clone()
        };
        let padded = whole
            .decipher("des-ecb", &full, |plain| padding::pkcs7(plain, 8) > 0)
            .is_some();
        let opened = padded
            .then(|| whole.decipher("des-ecb", &selector, begins))
            .flatten();
        Some(opened.unwrap_or(Outcome::NotKnown(
            "A request of iFlytek Input, but the key made of its time does not open it.",
        )))
    }
}
