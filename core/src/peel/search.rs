//! Which layer is on these bytes.
//!
//! Layers are asked in the order of the registry and the first that proves itself is taken, so the answer is
//! the same on every run.

use std::sync::LazyLock;

use super::REGISTRY;
use super::bench::Bench;
use super::layer::{Context, Hint, Opened, Reached};
use super::look::Look;

/// Length from which every layer is possible.
const LONG: usize = 32;

/// Bits of [`super::look::kind`].
const KINDS: usize = u32::BITS as usize;

/// Layers, one bit each in the order of the registry, that are possible for a hint, first byte and length.
struct Gates {
    by_first: [[u64; 256]; Hint::COUNT],
    by_length: [u64; LONG + 1],
    /// Those that are impossible where a kind of bytes is, and those that need it.
    by_kind: [(u64, u64); KINDS],
    /// Those that need no kind of bytes.
    free: u64,
    /// Those whose child is as large as their input.
    copying: u64,
}

impl Gates {
    /// Layers that are possible with these kinds of bytes.
    fn with_kinds(&self, mut kinds: u32) -> u64 {
        let (mut never, mut possible) = (0, self.free);
        while kinds != 0 {
            let (excluded, needing) = self.by_kind[kinds.trailing_zeros() as usize % KINDS];
            never |= excluded;
            possible |= needing;
            kinds &= kinds - 1;
        }
        possible & !never
    }
}

static GATES: LazyLock<Gates> = LazyLock::new(|| {
    let mut gates = Gates {
        by_first: [[0; 256]; Hint::COUNT],
        by_length: [0; LONG + 1],
        by_kind: [(0, 0); KINDS],
        free: 0,
        copying: 0,
    };
    for (index, layer) in REGISTRY.iter().enumerate() {
        for (hint, by_first) in gates.by_first.iter_mut().enumerate() {
            if layer.hint().is_none_or(|needed| needed as usize == hint) {
                for (first, layers) in (0..=u8::MAX).zip(by_first) {
                    *layers |= u64::from(layer.begins_with(first)) << index;
                }
            }
        }
        for (kind, (never, needing)) in gates.by_kind.iter_mut().enumerate() {
            *never |= u64::from(layer.never() >> kind & 1) << index;
            *needing |= u64::from(layer.needs() >> kind & 1) << index;
        }
        gates.free |= u64::from(layer.needs() == 0) << index;
        gates.copying |= u64::from(layer.copies()) << index;
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

/// Of layers that were not tried because the value is too large, the first that may be there.
fn too_large(look: &Look<'_>, context: Context, bench: &Bench, mut untried: u64) -> Option<Opened> {
    loop {
        let layer = REGISTRY.get(untried.trailing_zeros() as usize)?;
        if layer.can(look, context) {
            return Some(Opened::Stopped {
                layer: layer.name(),
                reached: Reached {
                    what: "output bytes",
                    limit: bench.limits.output_bytes,
                },
            });
        }
        untried &= untried - 1;
    }
}

/// Every layer on `bytes` that proves itself, in the order of the registry, but `taken`.
pub(crate) fn others(
    bytes: &[u8],
    context: Context,
    bench: &mut Bench,
    taken: &str,
) -> Vec<Opened> {
    let look = Look::at(bytes);
    let candidates = candidates(bytes, context.hint) & GATES.with_kinds(look.kinds);
    let named = REGISTRY.iter().enumerate();
    named
        .filter(|(at, layer)| candidates >> at & 1 == 1 && layer.name() != taken)
        .filter(|(_, layer)| layer.can(&look, context))
        .filter_map(|(_, layer)| layer.open(&look, context, bench))
        .collect()
}

/// The outermost layer on `bytes`, if one proves itself.
pub(crate) fn open(bytes: &[u8], context: Context, bench: &mut Bench) -> Option<Opened> {
    let mut candidates = candidates(bytes, context.hint);
    if candidates == 0 {
        return None;
    }
    let look = Look::at(bytes);
    candidates &= GATES.with_kinds(look.kinds);
    let mut untried = 0;
    if bytes.len() as u64 > bench.limits.output_bytes {
        untried = candidates & GATES.copying;
        candidates &= !GATES.copying;
    }
    let opened = loop {
        let Some(layer) = REGISTRY.get(candidates.trailing_zeros() as usize) else {
            return too_large(&look, context, bench, untried);
        };
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
