//! Taking the layers of this stage off again, from their selectors alone.

use crate::model::Limits;
use crate::peel::{OwnedStep, ReplayError, replay_with};
use crate::{crack, solve};

/// Base64 with an alphabet of its own, which is the selector.
pub(super) const CUSTOM_BASE64: &str = "base64-custom";
/// Layers that the solvers take off.
const SOLVED: [&str; 6] = [
    "xor",
    "xor-index",
    "byte-add",
    "letters-rot",
    "ascii-rot",
    CUSTOM_BASE64,
];

/// The names of all layers of this stage.
pub fn layers() -> impl Iterator<Item = &'static str> {
    crack::layers().chain(SOLVED)
}

/// Take a layer of this stage off again. `None`: not a layer of it, or the bytes do not fit.
pub fn follow(layer: &str, selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    crack::follow(layer, selector, bytes)
        .or_else(|| solve::follow(&format!("{layer}:{selector}"), bytes))
}

/// Follow a chain whose steps may be of the peeler or of this stage; as [`crate::peel::replay`].
///
/// # Errors
/// As there.
pub fn replay(
    part_bytes: &[u8],
    steps: &[OwnedStep],
    limits: &Limits,
) -> Result<Vec<Vec<u8>>, ReplayError> {
    replay_with(part_bytes, steps, limits, &|step, bytes| {
        layers()
            .any(|layer| layer == step.layer)
            .then(|| follow(&step.layer, &step.selector, bytes))
    })
}
