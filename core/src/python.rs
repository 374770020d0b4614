//! The seam to Python, and nothing else knows it: Arrow IPC in, Arrow IPC out.

mod peeled;
mod seek;
mod signature;
mod unlock;

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::job::{FrameSink, Wanted};
use crate::model::{Limits, Stopped};
use crate::peel::{self, OwnedStep};
use crate::secure::keys;
use crate::secure::secrets::Secrets;
use crate::table::write_frame;
use crate::until::Until;
use crate::{capture, flows, har, logs};

/// Bytes of a pipe write; fewer, larger writes cost less.
const PIPE_BUFFER: usize = 1 << 18;

fn stopped(error: Stopped) -> PyErr {
    PyOSError::new_err(error.0.to_string())
}

fn wrong(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// What is to be read: `sources/order.py`.
#[derive(FromPyObject)]
struct Order {
    bodies: bool,
    peel: bool,
    answers: bool,
    only: Option<Vec<i64>>,
    keys: Vec<Vec<u8>>,
    until: Option<u64>,
}

/// Read the evidence on standard input with reader `reader` and write frames to standard output.
///
/// Args: reader: `capture`, `har`, `keys`, `mitmproxy`, or one of `logs::reader`. order: see `sources/order.py`.
/// Raises: ValueError when the bytes are not of this format; OSError when the parent is gone.
#[pyfunction]
fn read(py: Python<'_>, reader: &str, order: Order) -> PyResult<()> {
    let Order {
        bodies,
        peel,
        answers,
        mut only,
        keys: texts,
        until,
    } = order;
    if let Some(ids) = &mut only {
        ids.sort_unstable();
    }
    py.detach(|| {
        let mut file = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
        let output = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
        let output = std::io::BufWriter::with_capacity(PIPE_BUFFER, output);
        let limits = Limits::default();
        let mut sink = FrameSink::new(
            output,
            Wanted {
                bodies,
                peel,
                answers,
                only,
            },
            &limits,
        );
        let secrets = match reader {
            "capture" => capture::blocks::all_secrets(&mut file, texts)?,
            _ => Secrets::default(),
        };
        // SIGINT is the parent's word that the person has seen enough.
        let input = Until::new(file, until, || {
            Python::attach(|py| py.check_signals().is_err())
        });
        let place = input.place();
        let result = match reader {
            "capture" => capture::read_capture(Box::new(input), &limits, secrets, &mut sink)
                .map(|_| ())
                .map_err(wrong),
            "har" => har::read_har(Box::new(input), &limits, &mut sink)
                .and_then(|told| Ok(sink.apps(&told.apps)?))
                .map_err(wrong),
            "keys" => keys::read_keys(Box::new(input), &mut sink).map_err(wrong),
            "mitmproxy" => flows::mitmproxy::read_mitmproxy(Box::new(input), &limits, &mut sink)
                .map(|_| ())
                .map_err(wrong),
            other => match logs::reader(other) {
                Some(read) => read(Box::new(input), &limits, &mut sink)
                    .map(|_| ())
                    .map_err(wrong),
                None => Err(PyValueError::new_err(format!("no reader named {other:?}"))),
            },
        };
        if let Some(bytes) = place.get() {
            sink.stopped(bytes).map_err(stopped)?;
        }
        // What was read before an error is kept.
        sink.finish().map_err(stopped)?;
        result
    })
}

/// Write one frame to standard output (for what the worker itself has to say).
#[pyfunction]
fn frame(name: &str, payload: &[u8]) -> PyResult<()> {
    let mut output = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    write_frame(&mut output, name, payload)?;
    output.flush()?;
    Ok(())
}

/// Do the steps of a chain again: the bytes after each step.
///
/// Raises: ValueError naming the step that does not hold.
#[pyfunction]
fn replay(py: Python<'_>, data: &[u8], steps: Vec<(String, String)>) -> PyResult<Vec<Vec<u8>>> {
    let steps: Vec<OwnedStep> = steps
        .into_iter()
        .map(|(layer, selector)| OwnedStep { layer, selector })
        .collect();
    py.detach(|| crate::unlock::replay(data, &steps, &Limits::default()))
        .map_err(wrong)
}

/// The parts of a message as `peel` sees them: list of (name, bytes).
#[pyfunction]
fn message_parts(
    url: Option<&str>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: &[u8],
) -> Vec<(String, Vec<u8>)> {
    let headers: Vec<crate::model::Header<'_>> =
        headers.iter().map(|(n, v)| (n.into(), v.into())).collect();
    let message = crate::model::Message {
        id: 0,
        connection: None,
        answers: None,
        protocol: "http/1.1",
        direction: crate::model::Direction::Up,
        time: None,
        app: None,
        host: None,
        client: None,
        server: None,
        method: None,
        url,
        status: None,
        headers: &headers,
        body,
        transport: crate::model::Transport::Unknown,
        complete: true,
        missing: 0,
        frame: 0,
        offset: 0,
        length: 0,
    };
    peel::parts(&message)
        .iter()
        .map(|p| (p.name.to_string(), p.bytes.to_vec()))
        .collect()
}

/// The first bytes of a file with an outer gzip or zstd taken off (at most `limit` bytes, never an error).
#[pyfunction]
fn plain_head<'py>(py: Python<'py>, data: &[u8], limit: usize) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &crate::wrapped::plain_head(data, limit))
}

/// Per-byte work of waakzaam.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<seek::PySeeker>()?;
    module.add_class::<seek::PyLinker>()?;
    module.add_function(wrap_pyfunction!(read, module)?)?;
    module.add_function(wrap_pyfunction!(frame, module)?)?;
    module.add_function(wrap_pyfunction!(seek::find_shapes, module)?)?;
    module.add_function(wrap_pyfunction!(seek::forms, module)?)?;
    module.add_function(wrap_pyfunction!(peeled::peel_part, module)?)?;
    module.add_function(wrap_pyfunction!(replay, module)?)?;
    module.add_function(wrap_pyfunction!(message_parts, module)?)?;
    module.add_function(wrap_pyfunction!(plain_head, module)?)?;
    module.add_function(wrap_pyfunction!(signature::verify_ed25519, module)?)?;
    module.add_class::<peeled::Batch>()?;
    module.add_class::<unlock::Unlocker>()?;
    module.add_function(wrap_pyfunction!(unlock::layers, module)?)?;
    module.add_function(wrap_pyfunction!(unlock::keyed_layers, module)?)?;
    module.add_function(wrap_pyfunction!(unlock::unlock_closed, module)?)?;
    module.add_function(wrap_pyfunction!(unlock::weaknesses, module)?)?;
    Ok(())
}
