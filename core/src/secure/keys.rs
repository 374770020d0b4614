//! Key files as evidence: they show nothing themselves, but what in them is not understood is told.

use std::io::{self, Read};

use super::secrets::{Found, Secrets};
use crate::model::{Problem, Sink, Stopped};
use crate::wrapped::{Input, unwrap};

/// Bytes of one key file that are read.
const KEY_BYTES: u64 = 64 << 20;

/// Adds what a key file holds, compressed or not, to `secrets`: what was found, whether the file is longer than
/// what is read of it, and the error that ended it early.
pub fn add_keys(input: Input, secrets: &mut Secrets) -> (Found, bool, io::Result<()>) {
    let mut text = Vec::new();
    let ended = unwrap(input).and_then(|(plain, _)| {
        plain
            .take(KEY_BYTES.saturating_add(1))
            .read_to_end(&mut text)
    });
    let cut = text.len() as u64 > KEY_BYTES;
    (secrets.add_key_file(&text), cut, ended.map(|_| ()))
}

/// Reads a key file only to tell what of it is of use.
///
/// # Errors
/// One sentence for a person when nothing in it is a key.
pub fn read_keys(input: Input, sink: &mut dyn Sink) -> Result<(), String> {
    let (found, cut, ended) = add_keys(input, &mut Secrets::default());
    let tell = |sink: &mut dyn Sink| -> Result<(), Stopped> {
        if found.strange > 0 {
            sink.problem(Problem {
                code: "malformed",
                text: "Lines or keys of the key file are not understood (a private key of a server must be RSA, and not encrypted); the others are used."
                    .to_owned(),
                place: "whole file".to_owned(),
                count: i64::try_from(found.strange).unwrap_or(i64::MAX),
            })?;
        }
        if let Err(error) = &ended {
            sink.problem(Problem {
                code: "file-truncated",
                text: format!(
                    "The key file cannot be read to its end: {error}; what was read is used."
                ),
                place: "whole file".to_owned(),
                count: 1,
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
        return Err("the file holds no key: expected lines such as CLIENT_RANDOM or LOCAL_EPHEMERAL_PRIVATE_KEY, or an RSA private key in PEM or DER that is not encrypted".to_owned());
    }
    Ok(())
}
