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

/// A set of layers, one bit each in the order of the registry.
type Layers = u128;
const _: () = assert!(super::COUNT <= Layers::BITS as usize);

/// Bits of [`super::look::kind`], in groups that are looked up at once.
const KINDS: usize = 21;
const GROUP: usize = 7;
const GROUPS: usize = KINDS / GROUP;
const _: () = assert!(super::look::kind::HIGH == 1 << (KINDS - 1));

/// Layers that are impossible where some kinds of bytes are, and those that need one of them.
type ByKinds = [(Layers, Layers); 1 << GROUP];

/// Layers that are possible for a hint, first byte and length.
struct Gates {
    by_first: [[Layers; 256]; Hint::COUNT],
    by_length: [Layers; LONG + 1],
    by_kinds: [ByKinds; GROUPS],
    /// Those that need no kind of bytes.
    free: Layers,
    /// Those that no kind of bytes speaks against either, and whose child is not as large as their input.
    anything: Layers,
    /// Those whose child is as large as their input.
    copying: Layers,
}

impl Gates {
    /// Layers that are possible with these kinds of bytes.
    fn with_kinds(&self, kinds: u32) -> Layers {
        let (mut never, mut possible) = (0, self.free);
        for (group, by_kinds) in self.by_kinds.iter().enumerate() {
            let (excluded, needing) = by_kinds[(kinds >> (GROUP * group)) as usize % (1 << GROUP)];
            never |= excluded;
            possible |= needing;
        }
        possible & !never
    }
}

static GATES: LazyLock<Gates> = LazyLock::new(|| {
    let mut gates = Gates {
        by_first: [[0; 256]; Hint::COUNT],
        by_length: [0; LONG + 1],
        by_kinds: [[(0, 0); 1 << GROUP]; GROUPS],
        free: 0,
        anything: 0,
        copying: 0,
    };
    for (index, layer) in REGISTRY.iter().enumerate() {
        for (hint, by_first) in gates.by_first.iter_mut().enumerate() {
            if layer.hint().is_none_or(|needed| needed as usize == hint) {
                for (first, layers) in (0..=u8::MAX).zip(by_first) {
                    *layers |= Layers::from(layer.begins_with(first)) << index;
                }
            }
        }
        for (group, by_kinds) in gates.by_kinds.iter_mut().enumerate() {
            for (kinds, (never, needing)) in (0u32..).zip(by_kinds) {
                let kinds = kinds << (GROUP * group);
                *never |= Layers::from(layer.never() & kinds != 0) << index;
                *needing |= Layers::from(layer.needs() & kinds != 0) << index;
            }
        }
        gates.free |= Layers::from(layer.needs() == 0) << index;
        gates.copying |= Layers::from(layer.copies()) << index;
        let anything = layer.needs() == 0 && layer.never() == 0 && !layer.copies();
        gates.anything |= Layers::from(anything) << index;
        for layers in gates.by_length.iter_mut().skip(layer.shortest().min(LONG)) {
            *layers |= 1 << index;
        }
    }
    gates
});

/// Most values of a message are ruled out here, before anything looks at them.
fn candidates(bytes: &[u8], hint: Hint) -> Layers {
    bytes.first().map_or(0, |&first| {
        GATES.by_first[hint as usize][usize::from(first)] & GATES.by_length[bytes.len().min(LONG)]
    })
}

/// Of layers that were not tried because the value is too large, the first that may be there.
fn too_large(
    look: &Look<'_>,
    context: Context,
    bench: &Bench,
    mut untried: Layers,
) -> Option<Opened> {
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
    let candidates = candidates(bytes, context.hint) & GATES.with_kinds(look.kinds());
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
    // A large JSON text is known by its first byte: it is asked before all bytes are looked at.
    let mut sifted = false;
    let mut untried = 0;
    let opened = loop {
        let lowest = candidates & candidates.wrapping_neg();
        if !sifted && lowest & GATES.anything == 0 {
            candidates &= GATES.with_kinds(look.kinds());
            if bytes.len() as u64 > bench.limits.output_bytes {
                untried = candidates & GATES.copying;
                candidates &= !GATES.copying;
            }
            sifted = true;
            continue;
        }
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
