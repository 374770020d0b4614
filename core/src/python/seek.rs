//! Seeking for Python: known values and their forms, shapes, digests that belong together.

use std::io::Cursor;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Int64Builder, StringBuilder};
use arrow_array::{Array, BinaryArray, Int64Array};
use arrow_ipc::reader::StreamReader;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::wrong;
use crate::seek::links::Linker;
use crate::seek::{Known, Seeker, shapes};
use crate::table::ipc;

/// Bytes of one match that are handed back (a URL, a search term, a digest).
const MATCH_BYTES: usize = 4096;

pub(super) fn batches(data: &[u8]) -> PyResult<StreamReader<Cursor<&[u8]>>> {
    StreamReader::try_new(Cursor::new(data), None).map_err(wrong)
}

pub(super) fn column<'a, T: 'static>(
    batch: &'a arrow_array::RecordBatch,
    name: &str,
) -> PyResult<&'a T> {
    batch
        .column_by_name(name)
        .and_then(|c| c.as_any().downcast_ref::<T>())
        .ok_or_else(|| {
            PyValueError::new_err(format!("column {name} is missing or of another type"))
        })
}

/// A limit that was met in one leaf: value, what, limit.
type LimitRow = (i64, String, u64);

/// Known values in all their forms, ready to be sought.
#[pyclass(name = "Seeker", frozen)]
pub(super) struct PySeeker(Seeker);

#[pymethods]
impl PySeeker {
    /// known: list of (id, datum, value).
    #[new]
    fn new(known: Vec<(i64, String, Vec<u8>)>) -> Self {
        let known: Vec<Known> = known
            .into_iter()
            .map(|(id, datum, value)| Known { id, datum, value })
            .collect();
        PySeeker(Seeker::new(&known))
    }

    /// Seek in a table `values` (Arrow IPC stream: value int64, bytes binary).
    ///
    /// Returns an Arrow IPC stream (value, known int64, form string, offset, length, size int64 of the whole
    /// leaf, match binary), and the limits that were met as (value, what, limit).
    fn seek<'py>(
        &self,
        py: Python<'py>,
        values: &[u8],
    ) -> PyResult<(Bound<'py, PyBytes>, Vec<LimitRow>)> {
        let (payload, limits) = py.detach(|| -> PyResult<(Vec<u8>, Vec<LimitRow>)> {
            let mut limits = Vec::new();
            let (mut value, mut known, mut form) = (
                Int64Builder::new(),
                Int64Builder::new(),
                StringBuilder::new(),
            );
            let (mut offset, mut length, mut size) = (
                Int64Builder::new(),
                Int64Builder::new(),
                Int64Builder::new(),
            );
            let mut matched = BinaryBuilder::new();
            let mut hits = Vec::new();
            for batch in batches(values)? {
                let batch = batch.map_err(wrong)?;
                let ids: &Int64Array = column(&batch, "value")?;
                let bytes: &BinaryArray = column(&batch, "bytes")?;
                for row in 0..batch.num_rows() {
                    let text = bytes.value(row);
                    hits.clear();
                    if let Some(met) = self.0.seek(text, &mut hits) {
                        limits.push((ids.value(row), met.what.to_owned(), met.limit));
                    }
                    for hit in &hits {
                        value.append_value(ids.value(row));
                        known.append_value(hit.known);
                        form.append_value(self.0.form_name(hit.form));
                        offset.append_value(hit.offset as i64);
                        length.append_value(hit.length as i64);
                        size.append_value(text.len() as i64);
                        let end = (hit.offset + hit.length.min(MATCH_BYTES)).min(text.len());
                        matched.append_value(&text[hit.offset.min(end)..end]);
                    }
                }
            }
            let payload = ipc(vec![
                ("value", Arc::new(value.finish())),
                ("known", Arc::new(known.finish())),
                ("form", Arc::new(form.finish())),
                ("offset", Arc::new(offset.finish())),
                ("length", Arc::new(length.finish())),
                ("size", Arc::new(size.finish())),
                ("match", Arc::new(matched.finish())),
            ])
            .map_err(wrong)?;
            Ok((payload, limits))
        })?;
        Ok((PyBytes::new(py, &payload), limits))
    }
}

/// Values that show by their shape what they are (e-mail addresses, MAC addresses, UUIDs …).
///
/// Takes a table `values`, returns an Arrow IPC stream: value int64, kind string, offset, length int64,
/// match binary.
#[pyfunction]
pub(super) fn find_shapes<'py>(py: Python<'py>, values: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let payload = py.detach(|| -> PyResult<Vec<u8>> {
        let (mut value, mut kind) = (Int64Builder::new(), StringBuilder::new());
        let (mut offset, mut length) = (Int64Builder::new(), Int64Builder::new());
        let mut matched = BinaryBuilder::new();
        let mut found = Vec::new();
        for batch in batches(values)? {
            let batch = batch.map_err(wrong)?;
            let ids: &Int64Array = column(&batch, "value")?;
            let bytes: &BinaryArray = column(&batch, "bytes")?;
            for row in 0..batch.num_rows() {
                let text = bytes.value(row);
                found.clear();
                shapes::shapes(text, &mut found);
                for shape in &found {
                    value.append_value(ids.value(row));
                    kind.append_value(shape.kind);
                    offset.append_value(shape.offset as i64);
                    length.append_value(shape.length as i64);
                    matched.append_value(&text[shape.offset..shape.offset + shape.length]);
                }
            }
        }
        ipc(vec![
            ("value", Arc::new(value.finish())),
            ("kind", Arc::new(kind.finish())),
            ("offset", Arc::new(offset.finish())),
            ("length", Arc::new(length.finish())),
            ("match", Arc::new(matched.finish())),
        ])
        .map_err(wrong)
    })?;
    Ok(PyBytes::new(py, &payload))
}

/// Finds values whose digest is in the same evidence.
#[pyclass(name = "Linker")]
#[derive(Default)]
pub(super) struct PyLinker(Linker);

#[pymethods]
impl PyLinker {
    #[new]
    fn new() -> Self {
        PyLinker::default()
    }

    /// How many digests were learnt.
    #[getter]
    fn digests(&self) -> usize {
        self.0.len()
    }

    /// Learn the digests in a table `values`.
    fn learn(&mut self, values: &[u8]) -> PyResult<()> {
        for batch in batches(values)? {
            let batch = batch.map_err(wrong)?;
            let bytes: &BinaryArray = column(&batch, "bytes")?;
            (0..batch.num_rows()).for_each(|row| self.0.learn(bytes.value(row)));
        }
        Ok(())
    }

    /// The values of a table `values` that are linked to a digest, by their id.
    fn link(
        &self,
        py: Python<'_>,
        values: &[u8],
    ) -> PyResult<std::collections::HashMap<i64, Vec<u8>>> {
        py.detach(|| {
            let mut found = std::collections::HashMap::new();
            for batch in batches(values)? {
                let batch = batch.map_err(wrong)?;
                let ids: &Int64Array = column(&batch, "value")?;
                let bytes: &BinaryArray = column(&batch, "bytes")?;
                for row in 0..batch.num_rows() {
                    if self.0.links(bytes.value(row)) {
                        found.insert(ids.value(row), bytes.value(row).to_vec());
                    }
                }
            }
            Ok(found)
        })
    }
}

/// All forms in which a known value is sought: list of (name of the form, bytes).
#[pyfunction]
pub(super) fn forms(datum: &str, value: &[u8]) -> Vec<(String, Vec<u8>)> {
    crate::seek::forms(&Known {
        id: 0,
        datum: datum.to_owned(),
        value: value.to_vec(),
    })
}
