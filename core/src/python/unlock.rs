//! Opening closed values, for Python.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::crack::wire::Surroundings;
use crate::model::Limits;
use crate::peel::OwnedStep;
use crate::unlock::{self, Around, Unlocked, Unlocker as Inner, stage};

type Steps = Vec<(String, String)>;
type Leaf = (Steps, Option<String>, Vec<u8>);
type Limit = (String, u64);

fn steps(steps: Vec<OwnedStep>) -> Steps {
    steps
        .into_iter()
        .map(|step| (step.layer, step.selector))
        .collect()
}

/// What proves an opened value: (evidence in tenths of a bit, hypotheses tried, key, derivation).
type Proof = (Option<i64>, u64, String, String);

/// A known wire format: (id, name, vendor, disguise, sentence).
type Format = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
);

/// (steps, leaves, proof, limits, problems).
type Inside = (
    Steps,
    Vec<Leaf>,
    Proof,
    Vec<(&'static str, u64, String)>,
    Vec<String>,
);

fn inside(unlocked: Unlocked) -> Inside {
    let proof = unlocked.proof;
    let leaves = unlocked.leaves.into_iter();
    (
        steps(unlocked.steps),
        leaves
            .map(|leaf| (steps(leaf.steps), leaf.name, leaf.value))
            .collect(),
        (proof.evidence, proof.tried, proof.key, proof.derivation),
        unlocked.limits,
        unlocked.problems,
    )
}

fn format(known: unlock::Format) -> Format {
    (
        known.id,
        known.name,
        known.vendor,
        known.disguise,
        known.text,
    )
}

/// What is known of a message: `peel/unlock.py`.
#[derive(FromPyObject)]
struct Message {
    host: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    fields: Vec<(String, Vec<u8>)>,
}

fn pairs(list: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    list.iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}

/// Opens values that peeling left closed. `candidates` and `known`: lists of (label, bytes).
#[pyclass]
pub(super) struct Unlocker(Inner);

#[pymethods]
impl Unlocker {
    #[new]
    fn new(
        py: Python<'_>,
        candidates: Vec<(String, Vec<u8>)>,
        known: Vec<(String, Vec<u8>)>,
    ) -> Self {
        Unlocker(py.detach(|| Inner::new(candidates, &known, Limits::default())))
    }

    /// True for a value in which something may be hidden.
    fn is_closed(&mut self, value: &[u8]) -> bool {
        self.0.is_closed(value)
    }

    /// (`None` or (steps, leaves, proof, limits, problems), `None` or the known format) of a whole body.
    fn recognise(
        &mut self,
        py: Python<'_>,
        value: &[u8],
        message: Message,
    ) -> (Option<Inside>, Option<Format>) {
        let inner = &mut self.0;
        let (unlocked, known) = py.detach(|| {
            inner.recognise(
                value,
                &Around {
                    message: Surroundings {
                        host: &message.host,
                        path: &message.path,
                        headers: &pairs(&message.headers),
                        fields: &pairs(&message.fields),
                    },
                    ..Around::default()
                },
            )
        });
        (unlocked.map(inside), known.map(format))
    }

    /// (`None` or (steps, leaves, proof, limits, problems), `None` or the known format, limits). `field` says which values are of
    /// one kind, `name` is that of the field, `siblings` are (name, bytes) beside the value, `message` is what
    /// is known of its message.
    #[allow(clippy::too_many_arguments)]
    fn unlock(
        &mut self,
        py: Python<'_>,
        value: &[u8],
        field: Option<&str>,
        name: &str,
        siblings: Vec<(String, Vec<u8>)>,
        message: Message,
    ) -> (Option<Inside>, Option<Format>, Vec<Limit>) {
        let inner = &mut self.0;
        let outcome = py.detach(|| {
            inner.unlock(
                value,
                &Around {
                    field,
                    name,
                    siblings: &pairs(&siblings),
                    time: None,
                    message: Surroundings {
                        host: &message.host,
                        path: &message.path,
                        headers: &pairs(&message.headers),
                        fields: &pairs(&message.fields),
                    },
                },
            )
        });
        let limits = outcome
            .limits
            .into_iter()
            .map(|(what, limit)| (what.to_owned(), limit))
            .collect();
        (
            outcome.unlocked.map(inside),
            outcome.format.map(format),
            limits,
        )
    }
}

/// Names of the layers that come off by themselves.
#[pyfunction]
pub(super) fn layers() -> Vec<&'static str> {
    crate::peel::layers().collect()
}

/// Names of the layers that need a key, an alphabet or a rotation.
#[pyfunction]
pub(super) fn keyed_layers() -> Vec<&'static str> {
    crate::unlock::layers().collect()
}

/// Unlock the closed values on standard input, and write what comes out as frames to standard output.
///
/// Args: work: what all values together may cost, in nanoseconds of a typical core.
/// Raises: ValueError when the input is not what `peel/stage.py` writes; OSError when the parent is gone.
#[pyfunction]
pub(super) fn unlock_closed(py: Python<'_>, work: u64) -> PyResult<()> {
    py.detach(|| {
        let mut bytes = Vec::new();
        File::from(std::io::stdin().as_fd().try_clone_to_owned()?).read_to_end(&mut bytes)?;
        let input =
            stage::read(&bytes).map_err(|error| PyValueError::new_err(error.to_string()))?;
        drop(bytes);
        let mut frames = stage::Frames::default();
        stage::run(&input, work, &mut frames);
        let mut output = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
        Ok(frames.write(&mut output)?)
    })
}

/// A fact about ciphertexts: (kind, bytes of a block, count, of, log2 of the probability under chance).
type Weakness = (&'static str, u64, u64, u64, f64);

/// What closed values of one field tell without being opened.
#[pyfunction]
pub(super) fn weaknesses(py: Python<'_>, values: Vec<Vec<u8>>) -> Vec<Weakness> {
    py.detach(|| {
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        stage::weaknesses(&values)
            .into_iter()
            .map(|found| {
                (
                    found.kind,
                    found.block,
                    found.count,
                    found.of,
                    found.log2_chance,
                )
            })
            .collect()
    })
}
