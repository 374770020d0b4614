//! Key files as evidence: they show nothing themselves, but what in them is not understood is told.

use std::io::Read;

use super::secrets::Secrets;
use crate::model::{Problem, Sink, Stopped};

/// Bytes of one key file that are read.
const KEY_BYTES: u64 = 64 << 20;

/// Reads a key file only to tell what of it is of use.
///
/// # Errors
/// One sentence for a person when nothing in it is a key.
pub fn read_keys(input: Box<dyn Read + Send>, sink: &mut dyn Sink) -> Result<(), String> {
    let mut text = Vec::new();
    input
        .take(KEY_BYTES.saturating_add(1))
        .read_to_end(&mut text)
        .map_err(|error| format!("the key file cannot be read: {error}"))?;
    let cut = text.len() as u64 > KEY_BYTES;
    let mut secrets = Secrets::default();
    let found = secrets.add_key_file(&text);
    let tell = |sink: &mut dyn Sink| -> Result<(), Stopped> {
        if found.strange > 0 {
            sink.problem(Problem {
                code: "malformed",
                text: "Lines or keys of the key file are not understood (a private key must be RSA, and not encrypted); the others are used."
                    .to_owned(),
                place: "whole file".to_owned(),
                count: i64::try_from(found.strange).unwrap_or(i64::MAX),
            })?;
        }
        if cut {
            sink.limit(crate::model::LimitHit {
                what: "key bytes",
                limit: KEY_BYTES,
                place: "whole file".to_owned(),
            })?;
        }
        Ok(())
    };
    tell(sink).map_err(|stopped| stopped.0.to_string())?;
    if found.secrets == 0 && found.rsa_keys == 0 {
        return Err("the file holds no key: expected lines such as CLIENT_RANDOM, or an RSA private key in PEM or DER that is not encrypted".to_owned());
    }
    Ok(())
}
