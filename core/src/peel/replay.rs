//! Taking the same layers off again: the proof behind a finding.

use super::REGISTRY;
use super::bench::Bench;
use super::chain::OwnedStep;
use super::content_encoding::{Coding, Removed};
use crate::model::Limits;

/// Why a chain could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// No layer has this name.
    UnknownLayer {
        /// Number of the step, from 0.
        step: usize,
        /// The name.
        layer: String,
    },
    /// The bytes before this step do not have the layer, or it has no such child.
    NotThere {
        /// Number of the step, from 0.
        step: usize,
        /// The layer.
        layer: String,
        /// The child.
        selector: String,
    },
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReplayError::UnknownLayer { step, layer } => {
                write!(
                    f,
                    "step {}: no layer is called {layer:?}",
                    step.saturating_add(1)
                )
            }
            ReplayError::NotThere {
                step,
                layer,
                selector,
            } if selector.is_empty() => {
                write!(
                    f,
                    "step {}: the bytes are not {layer}",
                    step.saturating_add(1)
                )
            }
            ReplayError::NotThere {
                step,
                layer,
                selector,
            } => {
                write!(
                    f,
                    "step {}: the bytes are not {layer} or have no {selector:?}",
                    step.saturating_add(1)
                )
            }
        }
    }
}

impl std::error::Error for ReplayError {}

/// Follow `steps` from the bytes of a part (as [`super::parts`] cuts it) and return the bytes after each step.
///
/// With the limits of the run the last bytes are exactly what the sink was given.
///
/// # Errors
/// [`ReplayError`] at the first step that cannot be followed: the evidence or the chain has changed.
pub fn replay(
    part_bytes: &[u8],
    steps: &[OwnedStep],
    limits: &Limits,
) -> Result<Vec<Vec<u8>>, ReplayError> {
    replay_with(part_bytes, steps, limits, &|_, _| None)
}

/// Undoes a step that is not of this stage: the bytes after it. `None`: the step is not known there either;
/// `Some(None)`: it is, but the bytes are not it.
pub type Undo<'a> = &'a dyn Fn(&OwnedStep, &[u8]) -> Option<Option<Vec<u8>>>;

/// As [`replay`], with steps of other stages.
///
/// # Errors
/// As [`replay`].
pub fn replay_with(
    part_bytes: &[u8],
    steps: &[OwnedStep],
    limits: &Limits,
    undo: Undo<'_>,
) -> Result<Vec<Vec<u8>>, ReplayError> {
    let mut bench = Bench::new(limits.clone());
    let mut trail: Vec<Vec<u8>> = Vec::with_capacity(steps.len());
    for (step, wanted) in steps.iter().enumerate() {
        let OwnedStep { layer, selector } = wanted;
        bench.begin();
        let bytes = trail.last().map_or(part_bytes, Vec::as_slice);
        let next = if let Some(coding) = Coding::by_layer(layer) {
            match coding.remove(bytes, &mut bench) {
                Removed::Content(content, _) => Some(content),
                Removed::Absent | Removed::Unreadable(_) => None,
            }
        } else {
            match REGISTRY.iter().find(|known| known.name() == layer) {
                Some(known) => known.follow(bytes, selector, &mut bench),
                None => undo(wanted, bytes).ok_or_else(|| ReplayError::UnknownLayer {
                    step,
                    layer: layer.clone(),
                })?,
            }
        };
        let missing = || ReplayError::NotThere {
            step,
            layer: layer.clone(),
            selector: selector.clone(),
        };
        trail.push(next.ok_or_else(missing)?);
    }
    Ok(trail)
}
