//! The two shapes most logs have: one JSON object per line, and a table of comma-separated values.

use super::csv::{self, End};
use super::lines::{Found, Place};
use super::output::Output;
use super::record::{MAX_FIELDS, Record, fill_from_json};
use super::{Input, LogError, Reading, Summary, Taken};
use crate::model::{Limits, Sink, Stopped};

/// Lines one quoted CSV field may go over. Every further line costs a look at all before it.
const MAX_CONTINUED: usize = 64;

/// Reads one row.
pub type OnRow<'r> = &'r mut dyn FnMut(&Record, Place, &mut Output<'_>) -> Result<Taken, Stopped>;

const NOT_JSON: &str = "a line is not a JSON object; it is left out";
const OPEN_QUOTE: &str = "a quoted field is not closed; its row is left out";
const COLUMNS: &str = "a row has not as many fields as the header has columns; it is left out";

/// Read a file of JSON objects, one per line (ndjson.org). Blank lines are nothing.
///
/// # Errors
/// [`LogError`] when no line could be read; `expected` says what the file should be.
pub fn read_json_lines(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
    expected: &str,
    on_row: OnRow<'_>,
) -> Result<Summary, LogError> {
    let mut reading = Reading::open(input, limits, sink)?;
    let mut record = Record::default();
    loop {
        match reading.lines.advance() {
            Found::End => return reading.finish(expected),
            Found::TooLong => reading.too_long(),
            Found::Line => {
                json_line(&mut reading, limits, &mut record, on_row)?;
            }
        }
    }
}

/// Read the line that was found as a JSON object.
///
/// # Errors
/// [`Stopped`].
pub fn json_line(
    reading: &mut Reading<'_>,
    limits: &Limits,
    record: &mut Record,
    on_row: OnRow<'_>,
) -> Result<(), Stopped> {
    let text = reading.lines.text();
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    let place = reading.lines.place();
    let taken = if fill_from_json(text, limits.json_depth, record) {
        if record.cut() {
            reading.out.limit("fields", MAX_FIELDS as u64, place);
        }
        on_row(record, place, &mut reading.out)?
    } else {
        Taken::Damaged(NOT_JSON)
    };
    reading.count(taken)
}

/// Read comma-separated values whose first line names the columns. All of `needed` must be there; names
/// of columns are lower case here, however they are written.
///
/// # Errors
/// [`LogError`] when the columns are not there; `expected` says what the file should be.
pub fn read_csv(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
    expected: &str,
    needed: &[&str],
    on_row: OnRow<'_>,
) -> Result<Summary, LogError> {
    let mut reading = Reading::open(input, limits, sink)?;
    let mut names = Vec::new();
    if reading.lines.advance() == Found::Line {
        csv::split(reading.lines.text(), &mut names);
    }
    for name in &mut names {
        *name = name.trim().to_ascii_lowercase();
    }
    if let Some(missing) = needed.iter().find(|n| !names.iter().any(|name| name == *n)) {
        return Err(LogError::NotThis(format!(
            "this is not {expected}: its first line names no column {missing}"
        )));
    }
    let mut record = Record::default();
    let mut fields = Vec::new();
    loop {
        match reading.lines.advance() {
            Found::End => return reading.finish(expected),
            Found::TooLong => reading.too_long(),
            Found::Line => {
                let taken = csv_row(&mut reading, &names, &mut fields, &mut record, on_row)?;
                if let Some(taken) = taken {
                    reading.count(taken)?;
                }
            }
        }
    }
}

fn csv_row(
    reading: &mut Reading<'_>,
    names: &[String],
    fields: &mut Vec<String>,
    record: &mut Record,
    on_row: OnRow<'_>,
) -> Result<Option<Taken>, Stopped> {
    if reading.lines.text().trim_ascii().is_empty() {
        return Ok(None);
    }
    let mut end = csv::split(reading.lines.text(), fields);
    for _ in 0..MAX_CONTINUED {
        if end != End::Open || reading.lines.append() != Found::Line {
            break;
        }
        end = csv::split(reading.lines.text(), fields);
    }
    if end == End::Open {
        // One stray quote must not cost the rows after it.
        reading.lines.give_back();
        return Ok(Some(Taken::Damaged(OPEN_QUOTE)));
    }
    let place = reading.lines.place();
    if end == End::Cut {
        reading.out.limit("columns", csv::MAX_COLUMNS as u64, place);
    }
    if fields.len() != names.len() {
        reading.lines.give_back();
        return Ok(Some(Taken::Damaged(COLUMNS)));
    }
    record.clear();
    for (name, value) in names.iter().zip(fields.iter()) {
        record.push(name, value);
    }
    on_row(record, place, &mut reading.out).map(Some)
}
