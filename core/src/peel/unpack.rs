//! What decompressors that are read like files have in common.

use std::io::Read;

use super::bench::Bench;
use super::layer::{Context, Flaw, Inner, Opened, Standing};
use super::search;

/// Bytes read at a time.
const STEP: usize = 1 << 16;

/// Append all of `reader` to `out`, at most as much as [`Bench::room`] allows for `input` bytes. On an error
/// `out` holds what came before it, and nothing after a limit.
pub(crate) fn all(
    mut reader: impl Read,
    input: usize,
    out: &mut Vec<u8>,
    bench: &mut Bench,
) -> Result<(), Flaw> {
    let (room, reached) = bench.room(input);
    let mut result = Ok(());
    loop {
        let before = out.len();
        out.resize(before + STEP.min(room.saturating_add(1)), 0);
        let read = reader.read(out.get_mut(before..).unwrap_or_default());
        out.truncate(before + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => break,
            Ok(_) if out.len() > room => {
                result = Err(Flaw::Limit(reached));
                break;
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => {
                result = Err(Flaw::Malformed);
                break;
            }
        }
    }
    bench.spend(out.len());
    if matches!(result, Err(Flaw::Limit(_))) {
        *out = Vec::new();
    }
    result
}

/// The layer of a decompressor whose check value vouches for what came out.
pub(crate) fn checked(
    layer: &'static str,
    out: Vec<u8>,
    result: Result<(), Flaw>,
    bench: &mut Bench,
) -> Option<Opened> {
    match result {
        Ok(()) if !out.is_empty() => Some(Opened::One {
            layer,
            bytes: out,
            inner: Inner::Unknown,
            flaw: None,
        }),
        Err(Flaw::Limit(reached)) => Some(Opened::Stopped { layer, reached }),
        _ => {
            bench.give_back(out);
            None
        }
    }
}

/// The layer of a decompressor that proves nothing: what came out must have a structure.
pub(crate) fn unchecked(
    layer: &'static str,
    out: Vec<u8>,
    result: Result<(), Flaw>,
    context: Context,
    bench: &mut Bench,
) -> Option<Opened> {
    let inner = result
        .ok()
        .and_then(|()| search::open(&out, context.child(Standing::Unchecked), bench));
    match inner {
        Some(inner) => Some(Opened::One {
            layer,
            bytes: out,
            inner: Inner::Known(Box::new(inner)),
            flaw: None,
        }),
        None => {
            bench.give_back(out);
            None
        }
    }
}
