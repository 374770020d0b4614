//! `umeng-push`: helper of Umeng's push and share libraries.
//!
//! Facts: at least six independent decompiled copies. Base64 of AES-128-CBC with a constant key and vector,
//! unless the app set another key.

use super::open::{Value, is_gzip, is_json};
use super::{Outcome, Surroundings, WireFormat};
use crate::crack::padding::Padding;
use crate::crack::selector::{Iv, Selector};

/// The format.
pub(super) struct Push;

const KEY: &[u8; 16] = b"uLi4/f4+Pb39.T19";
const IV: &[u8; 16] = b"nmeug.f9/Om+L823";
const HOSTS: [&str; 2] = ["umeng.com", "msg.umengcloud.com"];

impl WireFormat for Push {
    fn id(&self) -> &'static str {
        "umeng-push"
    }

    fn name(&self) -> &'static str {
        "Umeng push and share"
    }

    fn vendor(&self) -> &'static str {
        "Umeng"
    }

    fn outcome(&self, around: &Surroundings<'_>, _field: &str, value: &[u8]) -> Option<Outcome> {
        let known = around.host_is(&HOSTS)
            && (around.path_has(&["/umpx_"]) || around.host_is(&["msg.umengcloud.com"]));
        if !known || value.len() < 16 {
            return None;
        }
        let value = Value::base64(value);
        let selector = Selector::key(KEY)
            .with_iv(Iv::Bytes(IV.to_vec()))
            .with_pad(Padding::Pkcs7);
        // Nothing is said of values that do not open: other fields of the message are no ciphertext.
        value.decipher("aes-128-cbc", &selector, |plain| {
            is_json(plain) || is_gzip(plain)
        })
    }
}
