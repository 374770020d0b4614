//! Which layer is on these bytes.
//!
//! Layers are asked in the order of the registry and the first that proves itself is taken, so the answer is
//! the same on every run.

use std::sync::LazyLock;

use super::REGISTRY;
use super::bench::Bench;
use super::layer::{Context, Hint, Opened, Reached};
use super::look::{Look, kind};

/// Length from which every layer is possible.
const LONG: usize = 32;

/// Layers, one bit each in the order of the registry, that are possible for a hint, first byte and length.
struct Gates {
    by_first: [[u64; 256]; Hint::COUNT],
    by_length: [u64; LONG + 1],
    /// Layers that are never on printable ASCII.
    binary: u64,
}

static GATES: LazyLock<Gates> = LazyLock::new(|| {
    let mut gates = Gates {
        by_first: [[0; 256]; Hint::COUNT],
        by_length: [0; LONG + 1],
        binary: 0,
    };
    for (index, layer) in REGISTRY.iter().enumerate() {
        gates.binary |= u64::from(layer.is_binary()) << index;
        for (hint, by_first) in gates.by_first.iter_mut().enumerate() {
            if layer.hint().is_none_or(|needed| needed as usize == hint) {
                for (first, layers) in (0..=u8::MAX).zip(by_first) {
                    *layers |= u64::from(layer.begins_with(first)) << index;
                }
            }
        }
        for layers in gates.by_length.iter_mut().skip(layer.shortest().min(LONG)) {
            *layers |= 1 << index;
        }
    }
    gates
});

/// Most values of a message are ruled out here, before anything looks at them.
fn candidates(bytes: &[u8], hint: Hint) -> u64 {
    bytes.first().map_or(0, |&first| {
        GATES.by_first[hint as usize][usize::from(first)] & GATES.by_length[bytes.len().min(LONG)]
    })
}

/// The outermost layer on `bytes`, if one proves itself.
pub(crate) fn open(bytes: &[u8], context: Context, bench: &mut Bench) -> Option<Opened> {
    let mut candidates = candidates(bytes, context.hint);
    if candidates == 0 {
        return None;
    }
    let look = Look::at(bytes);
    if !look.has(kind::CONTROL | kind::HIGH) {
        candidates &= !GATES.binary;
    }
    let opened = loop {
        let layer = REGISTRY.get(candidates.trailing_zeros() as usize)?;
        if layer.can(&look, context)
            && let Some(opened) = layer.open(&look, context, bench)
        {
            break opened;
        }
        candidates &= candidates - 1;
    };
    if context.depth_left > 0 {
        return Some(opened);
    }
    let layer = opened.layer();
    bench.discard(opened);
    let limit = u64::from(bench.limits.depth);
    Some(Opened::Stopped {
        layer,
        reached: Reached {
            what: "depth",
            limit,
        },
    })
}
