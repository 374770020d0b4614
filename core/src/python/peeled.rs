//! Peeling single values and many of them, for Python.

use arrow_array::{Array, BinaryArray};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::seek::{batches, column};
use super::wrong;
use crate::leaves::Leaves;
use crate::model::{LimitHit, Limits, Problem};
use crate::peel::{LeafSink, OwnedStep, Part, Peeler, Reading, Step};
use crate::table::{limits, problems};

/// Ambiguous values of which the readings are told.
const MOST_READINGS: usize = 200;

type Steps = Vec<(String, String)>;
/// The steps that lead to a leaf, the name of the innermost field, and its bytes.
type Leaf = (Steps, Option<String>, Vec<u8>);
/// A reading: the layer, its evidence in tenths of a bit, and what is inside where it is not followed.
type PyReading = (&'static str, i64, Vec<Leaf>);
/// (leaves, limits as (what, limit, place), problems, readings of ambiguous values).
type Told<'py> = (
    Vec<(Steps, Option<String>, Bound<'py, PyBytes>)>,
    Vec<(&'static str, u64, String)>,
    Vec<String>,
    Vec<(Steps, Vec<PyReading>)>,
);

/// The bytes of a leaf; the whole input is not copied.
enum Held {
    Whole,
    Copy(Vec<u8>),
}

fn pairs(steps: Vec<OwnedStep>) -> Steps {
    let pair = |step: OwnedStep| (step.layer, step.selector);
    steps.into_iter().map(pair).collect()
}

fn owned(steps: &[Step<'_>]) -> Steps {
    pairs(steps.iter().map(|&step| step.into()).collect())
}

struct Collected<'a> {
    data: &'a [u8],
    leaves: Vec<(Steps, Option<String>, Held)>,
    limits: Vec<(&'static str, u64, String)>,
    problems: Vec<String>,
    ambiguous: Vec<(Steps, Vec<PyReading>)>,
    readings: bool,
}

impl LeafSink for Collected<'_> {
    fn leaf(&mut self, _part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let held = if std::ptr::eq(value, self.data) {
            Held::Whole
        } else {
            Held::Copy(value.to_vec())
        };
        self.leaves
            .push((owned(steps), name.map(str::to_owned), held));
    }

    fn limit(&mut self, hit: LimitHit) {
        self.limits.push((hit.what, hit.limit, hit.place));
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem.text);
    }

    fn wants_readings(&self) -> bool {
        self.readings && self.ambiguous.len() < MOST_READINGS
    }

    fn readings(&mut self, _part: &str, steps: &[Step<'_>], readings: Vec<Reading>) {
        let readings = readings.into_iter().map(|reading| {
            let leaves = reading.leaves.into_iter();
            let leaves = leaves.map(|leaf| (pairs(leaf.steps), leaf.name, leaf.value));
            (reading.layer, reading.evidence, leaves.collect())
        });
        self.ambiguous.push((owned(steps), readings.collect()));
    }
}

/// Peel one value: (list of ([(layer, selector), …], name, leaf), list of (what, limit, place), list of
/// problems, and where `readings` are asked for, list of (steps to an ambiguous value, list of (layer, evidence
/// in tenths of a bit, leaves)), the reading that is followed first).
#[pyfunction]
#[pyo3(signature = (data, *, part="body", content_type=None, content_encoding=None, readings=false))]
pub(super) fn peel_part<'py>(
    py: Python<'py>,
    data: Bound<'py, PyBytes>,
    part: &str,
    content_type: Option<&str>,
    content_encoding: Option<&str>,
    readings: bool,
) -> Told<'py> {
    let bytes = data.as_bytes();
    let found = py.detach(|| {
        let mut collected = Collected {
            data: bytes,
            leaves: Vec::new(),
            limits: Vec::new(),
            problems: Vec::new(),
            ambiguous: Vec::new(),
            readings,
        };
        let part = declared(bytes, part, content_type, content_encoding);
        Peeler::new(Limits::default()).peel(&part, &mut collected);
        collected
    });
    let leaves = found.leaves.into_iter().map(|(steps, name, held)| {
        let value = match held {
            Held::Whole => data.clone(),
            Held::Copy(value) => PyBytes::new(py, &value),
        };
        (steps, name, value)
    });
    (
        leaves.collect(),
        found.limits,
        found.problems,
        found.ambiguous,
    )
}

fn declared<'a>(
    data: &'a [u8],
    part: &'a str,
    content_type: Option<&'a str>,
    content_encoding: Option<&'a str>,
) -> Part<'a> {
    let mut part = Part::new(part, data);
    part.content_type = content_type.map(Into::into);
    part.content_encoding = content_encoding.map(Into::into);
    part
}

/// Peels many values in one go. Paths, values and contents that recur get one number over all calls.
#[pyclass]
pub(super) struct Batch {
    leaves: Leaves,
    part: String,
    content_type: Option<String>,
    content_encoding: Option<String>,
    next: i64,
}

#[pymethods]
impl Batch {
    #[new]
    #[pyo3(signature = (*, part="body".to_owned(), content_type=None, content_encoding=None))]
    fn new(part: String, content_type: Option<String>, content_encoding: Option<String>) -> Self {
        Batch {
            leaves: Leaves::new(Limits::default()),
            part,
            content_type,
            content_encoding,
            next: 0,
        }
    }

    /// Peel the values of column `bytes` of an Arrow IPC stream; they are numbered on from call to call.
    ///
    /// Returns tables `contents`, `paths`, `values`, `leaves`, `limits` and `problems` as (name, Arrow IPC
    /// stream); one without rows is left out.
    fn peel<'py>(
        &mut self,
        py: Python<'py>,
        values: &[u8],
    ) -> PyResult<Vec<(&'static str, Bound<'py, PyBytes>)>> {
        let frames = py.detach(|| -> PyResult<Vec<(&'static str, Vec<u8>)>> {
            for batch in batches(values)? {
                let batch = batch.map_err(wrong)?;
                let bytes: &BinaryArray = column(&batch, "bytes")?;
                for row in 0..bytes.len() {
                    let part = declared(
                        bytes.value(row),
                        &self.part,
                        self.content_type.as_deref(),
                        self.content_encoding.as_deref(),
                    );
                    self.leaves.push_value(self.next, &part);
                    self.next += 1;
                }
            }
            let mut frames = self.leaves.take().map_err(wrong)?;
            let met = self.leaves.take_limits();
            if !met.is_empty() {
                frames.push(("limits", limits(&met).map_err(wrong)?));
            }
            let damaged = self.leaves.take_problems();
            if !damaged.is_empty() {
                frames.push(("problems", problems(&damaged).map_err(wrong)?));
            }
            Ok(frames)
        })?;
        let frames = frames.into_iter();
        Ok(frames
            .map(|(name, payload)| (name, PyBytes::new(py, &payload)))
            .collect())
    }
}
