//! The stage's tables: Arrow in, Arrow out. The parent's side is `peel/stage.py`.

use std::io::{Cursor, Write};
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{Array, ArrayRef, BinaryArray, Int64Array, ListArray, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_schema::ArrowError;

use super::{Input, Message, Sink, Target, Weakness};
use crate::table::{ipc, write_frame};
use crate::unlock::{Format, Opened};

/// What is wrong with the input (a mistake of ours, never of the evidence).
fn wrong(what: &str) -> ArrowError {
    ArrowError::SchemaError(format!("input of unlock: {what}"))
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, ArrowError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_any().downcast_ref::<T>())
        .ok_or_else(|| wrong(name))
}

/// The next frame: its name and payload, and what is behind it.
fn frame(bytes: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(length.into())?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (payload, rest) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(name).ok()?, payload, rest))
}

/// Texts of a list at one row.
fn texts(list: &ListArray, row: usize) -> Result<Vec<String>, ArrowError> {
    let values = list.value(row);
    let values = values
        .as_any()
        .downcast_ref::<StringArray>()
        .ok_or_else(|| wrong("list of texts"))?;
    Ok(values
        .iter()
        .map(|text| text.unwrap_or_default().to_owned())
        .collect())
}

fn blobs(list: &ListArray, row: usize) -> Result<Vec<Vec<u8>>, ArrowError> {
    let values = list.value(row);
    let values = values
        .as_any()
        .downcast_ref::<BinaryArray>()
        .ok_or_else(|| wrong("list of bytes"))?;
    Ok(values
        .iter()
        .map(|bytes| bytes.unwrap_or_default().to_vec())
        .collect())
}

/// Read frames `keys` and `known` (label, bytes), `around` (host, path, time, header_names, header_values,
/// field_names, field_values; one row a message) and `closed` (target, group, around, name, bytes).
///
/// # Errors
/// An [`ArrowError`] when the frames are not those.
pub fn read(mut bytes: &[u8]) -> Result<Input, ArrowError> {
    let mut input = Input::default();
    while !bytes.is_empty() {
        let (name, payload, rest) = frame(bytes).ok_or_else(|| wrong("frame"))?;
        bytes = rest;
        for batch in StreamReader::try_new(Cursor::new(payload), None)? {
            let batch = batch?;
            match name {
                "keys" => labelled(&batch, &mut input.keys)?,
                "known" => labelled(&batch, &mut input.known)?,
                "around" => around(&batch, &mut input.messages)?,
                "closed" => closed(&batch, &mut input.targets)?,
                _ => return Err(wrong(name)),
            }
        }
    }
    Ok(input)
}

fn labelled(batch: &RecordBatch, to: &mut Vec<(String, Vec<u8>)>) -> Result<(), ArrowError> {
    let labels: &StringArray = column(batch, "label")?;
    let bytes: &BinaryArray = column(batch, "bytes")?;
    for row in 0..batch.num_rows() {
        to.push((labels.value(row).to_owned(), bytes.value(row).to_vec()));
    }
    Ok(())
}

fn around(batch: &RecordBatch, to: &mut Vec<Message>) -> Result<(), ArrowError> {
    let hosts: &StringArray = column(batch, "host")?;
    let paths: &StringArray = column(batch, "path")?;
    let header_names: &ListArray = column(batch, "header_names")?;
    let header_values: &ListArray = column(batch, "header_values")?;
    let field_names: &ListArray = column(batch, "field_names")?;
    let field_values: &ListArray = column(batch, "field_values")?;
    let times: &Int64Array = column(batch, "time")?;
    for row in 0..batch.num_rows() {
        let headers = texts(header_names, row)?
            .into_iter()
            .zip(blobs(header_values, row)?);
        let fields = texts(field_names, row)?
            .into_iter()
            .zip(blobs(field_values, row)?);
        to.push(Message {
            host: hosts.value(row).to_owned(),
            path: paths.value(row).to_owned(),
            headers: headers.collect(),
            time: times
                .is_valid(row)
                .then(|| u64::try_from(times.value(row)).ok())
                .flatten(),
            fields: fields.collect(),
        });
    }
    Ok(())
}

fn closed(batch: &RecordBatch, to: &mut Vec<Target>) -> Result<(), ArrowError> {
    let targets: &Int64Array = column(batch, "target")?;
    let groups: &Int64Array = column(batch, "group")?;
    let messages: &Int64Array = column(batch, "around")?;
    let names: &StringArray = column(batch, "name")?;
    let bytes: &BinaryArray = column(batch, "bytes")?;
    for row in 0..batch.num_rows() {
        to.push(Target {
            id: targets.value(row),
            group: groups.value(row),
            message: usize::try_from(messages.value(row)).unwrap_or(usize::MAX),
            name: names.value(row).to_owned(),
            bytes: bytes.value(row).to_vec(),
        });
    }
    Ok(())
}

/// Rows of the tables that the stage gives.
#[derive(Default)]
pub struct Frames {
    unlocked: Unlocked,
    proofs: ProofRows,
    shut: Shut,
    formats: Formats,
    weaknesses: Weaknesses,
    limits: LimitRows,
    problems: Problems,
    /// Leaves with the same proofs have one number.
    unit: i64,
}

#[derive(Default)]
struct Unlocked {
    target: Int64Builder,
    unit: Int64Builder,
    layers: ListBuilder<StringBuilder>,
    selectors: ListBuilder<StringBuilder>,
    name: StringBuilder,
    bytes: BinaryBuilder,
}

/// Rows of table `proofs`, but for the evidence; `content` is what the proof belongs to.
#[derive(Default)]
pub struct ProofRows {
    content: Int64Builder,
    step: Int64Builder,
    layer: StringBuilder,
    bits: Float64Builder,
    tried: Int64Builder,
    key: StringBuilder,
    source: StringBuilder,
    derivation: StringBuilder,
    format: StringBuilder,
}

#[derive(Default)]
struct Shut {
    target: Int64Builder,
}

#[derive(Default)]
struct Formats {
    target: Int64Builder,
    id: StringBuilder,
    name: StringBuilder,
    vendor: StringBuilder,
    disguise: StringBuilder,
    text: StringBuilder,
}

#[derive(Default)]
struct Weaknesses {
    targets: ListBuilder<Int64Builder>,
    digits: StringBuilder,
    kind: StringBuilder,
    block: Int64Builder,
    count: Int64Builder,
    of: Int64Builder,
    log2_chance: Float64Builder,
}

#[derive(Default)]
struct LimitRows {
    target: Int64Builder,
    what: StringBuilder,
    limit: Int64Builder,
    times: Int64Builder,
}

#[derive(Default)]
struct Problems {
    target: Int64Builder,
    text: StringBuilder,
}

/// Columns by name, from builders that begin anew.
macro_rules! columns {
    ($rows:expr; $($name:ident),+) => {
        vec![$((stringify!($name), Arc::new($rows.$name.finish()) as ArrayRef)),+]
    };
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl ProofRows {
    /// Add one.
    pub fn add(
        &mut self,
        content: i64,
        step: usize,
        layer: &str,
        proof: &crate::unlock::Proof,
        format: Option<&str>,
    ) {
        self.content.append_value(content);
        self.step.append_value(whole(step as u64));
        self.layer.append_value(layer);
        self.bits
            .append_option(proof.evidence.map(|tenths| tenths as f64 / 10.0));
        self.tried.append_value(whole(proof.tried));
        self.key.append_value(&proof.key);
        self.source.append_value(proof.source());
        self.derivation.append_value(&proof.derivation);
        self.format.append_option(format);
    }

    /// The rows so far, if there are any.
    ///
    /// # Errors
    /// See [`ipc`].
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, ArrowError> {
        use arrow_array::builder::ArrayBuilder;
        if self.content.is_empty() {
            return Ok(None);
        }
        ipc(columns!(self; content, step, layer, bits, tried, key, source, derivation, format))
            .map(Some)
    }
}

impl Sink for Frames {
    fn opened(&mut self, target: &Target, opened: &Opened) {
        let mut before = None;
        for leaf in &opened.leaves {
            if before != Some(&leaf.proofs) {
                self.unit += 1;
                for (step, proof, format) in &leaf.proofs {
                    let layer = leaf.steps.get(*step).map_or("", |step| step.layer.as_str());
                    self.proofs.add(self.unit, *step, layer, proof, *format);
                }
                before = Some(&leaf.proofs);
            }
            let rows = &mut self.unlocked;
            rows.target.append_value(target.id);
            rows.unit.append_value(self.unit);
            for step in &leaf.steps {
                rows.layers.values().append_value(&step.layer);
                rows.selectors.values().append_value(&step.selector);
            }
            rows.layers.append(true);
            rows.selectors.append(true);
            rows.name.append_option(leaf.name.as_deref());
            rows.bytes.append_value(&leaf.value);
        }
    }

    fn shut(&mut self, target: &Target) {
        self.shut.target.append_value(target.id);
    }

    fn format(&mut self, target: &Target, format: &Format) {
        let rows = &mut self.formats;
        rows.target.append_value(target.id);
        rows.id.append_value(format.id);
        rows.name.append_value(format.name);
        rows.vendor.append_value(format.vendor);
        rows.disguise.append_option(format.disguise);
        rows.text.append_value(format.text);
    }

    fn weakness(&mut self, targets: &[i64], digits: &'static str, weakness: &Weakness) {
        let rows = &mut self.weaknesses;
        rows.targets.values().append_slice(targets);
        rows.targets.append(true);
        rows.digits.append_value(digits);
        rows.kind.append_value(weakness.kind);
        rows.block.append_value(whole(weakness.block));
        rows.count.append_value(whole(weakness.count));
        rows.of.append_value(whole(weakness.of));
        rows.log2_chance.append_value(weakness.log2_chance);
    }

    fn limit(&mut self, what: &str, limit: u64, target: i64, times: u64) {
        let rows = &mut self.limits;
        rows.target.append_value(target);
        rows.what.append_value(what);
        rows.limit.append_value(whole(limit));
        rows.times.append_value(whole(times));
    }

    fn problem(&mut self, target: i64, text: &str) {
        self.problems.target.append_value(target);
        self.problems.text.append_value(text);
    }
}

impl Frames {
    /// Write all rows as frames.
    ///
    /// # Errors
    /// Whatever the pipe says.
    pub fn write(mut self, out: &mut dyn Write) -> std::io::Result<()> {
        let tables = [
            (
                "unlocked",
                columns!(self.unlocked; target, unit, layers, selectors, name, bytes),
            ),
            ("shut", columns!(self.shut; target)),
            (
                "formats",
                columns!(self.formats; target, id, name, vendor, disguise, text),
            ),
            (
                "weaknesses",
                columns!(self.weaknesses; targets, digits, kind, block, count, of, log2_chance),
            ),
            ("limits", columns!(self.limits; target, what, limit, times)),
            ("problems", columns!(self.problems; target, text)),
        ];
        for (name, columns) in tables {
            if columns
                .first()
                .is_some_and(|(_, column)| !column.is_empty())
            {
                let payload = ipc(columns).map_err(std::io::Error::other)?;
                write_frame(out, name, &payload)?;
            }
        }
        if let Some(payload) = self.proofs.take().map_err(std::io::Error::other)? {
            write_frame(out, "proofs", &payload)?;
        }
        out.flush()
    }
}
