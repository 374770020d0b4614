//! Blocks of pcapng that are no packets: Decryption Secrets Blocks.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};

use super::pcapng::{OtherBlock, Pcapng, SECRETS};
use super::window::Window;
use crate::secure::keys::add_keys;
use crate::secure::secrets::Secrets;
use crate::wrapped::unwrap;

/// Secrets types that are read (draft-ietf-opsawg-pcapng section 4.7): key logs of TLS and of WireGuard, told
/// apart by their lines.
const KEY_LOGS: [u32; 2] = [0x544c_534b, 0x5747_4b4c];

/// Takes the secrets out of a block, if it holds any.
pub fn take_secrets(block: OtherBlock<'_>, secrets: &mut Secrets) {
    if block.kind != SECRETS {
        return;
    }
    let word = |at: usize| {
        let bytes: [u8; 4] = block.body.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match block.big {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        })
    };
    let (Some(kind), Some(length)) = (word(0), word(4)) else {
        return;
    };
    if !KEY_LOGS.contains(&kind) {
        return;
    }
    let data = block.body.get(8..).unwrap_or_default();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    secrets.add_key_log(data.get(..length).unwrap_or(data));
}

/// Reads a capture only for the secrets it carries: a Decryption Secrets Block may stand after the packets
/// it opens. Whatever cannot be read is left to the reader of the packets, which tells it.
pub fn find_secrets(input: Box<dyn Read + Send>, secrets: &mut Secrets) {
    let Ok((input, _)) = unwrap(input) else {
        return;
    };
    let mut window = Window::new(input);
    window.need(12);
    if !Pcapng::knows(window.peek()) {
        return;
    }
    let mut pcapng = Pcapng::default();
    while let Ok(Some(_)) = pcapng.next(&mut window, &mut |block| take_secrets(block, secrets)) {}
}

/// What opens a capture: the contents of key files, and the secrets that it carries itself.
///
/// # Errors
/// The capture cannot be read from its beginning again.
pub fn all_secrets(capture: &mut File, key_files: Vec<Vec<u8>>) -> io::Result<Secrets> {
    let mut secrets = Secrets::default();
    for contents in key_files {
        // A key file is evidence of its own: what is wrong with it is told there.
        let _ = add_keys(Box::new(Cursor::new(contents)), &mut secrets);
    }
    // A pipe cannot be read twice; what it carries is then used from where it stands.
    if capture.stream_position().is_ok() {
        find_secrets(Box::new(capture.try_clone()?), &mut secrets);
        capture.rewind()?;
    }
    Ok(secrets)
}
