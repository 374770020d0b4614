//! Arrow tables of the sources and of the peel stage, and the frames that carry them.
//!
//! Column names and types are those of `tables.py` (without the column `evidence`, which the parent
//! adds). A frame is: one byte length of the name, the name, four bytes little-endian length of the
//! payload, the payload. The payload of a table is one Arrow IPC stream with one record batch.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;

use crate::model::{LimitHit, Message, Problem};

/// Header bytes as text, one character per byte (ISO-8859-1, as RFC 9110 section 5.5 has it for
/// `obs-text`), so that `explain` gets the very bytes back.
pub fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => bytes
            .iter()
            .map(|&b| char::from(b))
            .collect::<String>()
            .into(),
    }
}

/// Write one frame.
///
/// # Errors
/// Whatever the pipe says, and a payload above 4 GiB.
pub fn write_frame(out: &mut dyn Write, name: &str, payload: &[u8]) -> std::io::Result<()> {
    let too_large = |_| std::io::Error::other("frame too large");
    out.write_all(&[u8::try_from(name.len()).map_err(too_large)?])?;
    out.write_all(name.as_bytes())?;
    out.write_all(
        &u32::try_from(payload.len())
            .map_err(too_large)?
            .to_le_bytes(),
    )?;
    out.write_all(payload)
}

/// Room for schema and headers of an Arrow IPC stream; it grows where that is too little.
const HEADER_BYTES: usize = 16 << 10;

/// One record batch as an Arrow IPC stream.
///
/// # Errors
/// An [`ArrowError`] when columns do not fit together (a mistake of ours, never of the evidence).
pub fn ipc(columns: Vec<(&str, ArrayRef)>) -> Result<Vec<u8>, ArrowError> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))?;
    let room = batch.get_array_memory_size().saturating_add(HEADER_BYTES);
    let mut writer = StreamWriter::try_new(Vec::with_capacity(room), &batch.schema())?;
    writer.write(&batch)?;
    writer.into_inner()
}

/// A column builder that starts anew after `finish`.
macro_rules! columns {
    ($self:ident, $($name:ident),+ $(,)?) => {
        vec![$((stringify!($name), Arc::new($self.$name.finish()) as ArrayRef)),+]
    };
}

type Time = TimestampMicrosecondBuilder;

fn time_builder() -> Time {
    Time::new().with_timezone("UTC")
}

mod connections;
mod names;
mod texts;

pub use connections::Connections;
pub use names::Names;
use texts::Texts;

/// Rows of table `messages`.
pub struct Messages {
    with_body: bool,
    rows: usize,
    bytes: usize,
    message: Int64Builder,
    connection: Int64Builder,
    answers: Int64Builder,
    protocol: StringBuilder,
    direction: StringBuilder,
    time: Time,
    app: StringBuilder,
    host: StringBuilder,
    client_address: StringBuilder,
    client_port: Int64Builder,
    server_address: StringBuilder,
    server_port: Int64Builder,
    method: StringBuilder,
    url: StringBuilder,
    status: Int64Builder,
    header_names: Texts,
    header_values: Texts,
    content_type: StringBuilder,
    body_length: Int64Builder,
    body: BinaryBuilder,
    transport: StringBuilder,
    complete: BooleanBuilder,
    missing: Int64Builder,
    frame: Int64Builder,
    offset: Int64Builder,
    length: Int64Builder,
}

impl Messages {
    /// An empty table; `with_body`: keep the bodies.
    pub fn new(with_body: bool) -> Self {
        Messages {
            with_body,
            rows: 0,
            bytes: 0,
            message: Int64Builder::new(),
            connection: Int64Builder::new(),
            answers: Int64Builder::new(),
            protocol: StringBuilder::new(),
            direction: StringBuilder::new(),
            time: time_builder(),
            app: StringBuilder::new(),
            host: StringBuilder::new(),
            client_address: StringBuilder::new(),
            client_port: Int64Builder::new(),
            server_address: StringBuilder::new(),
            server_port: Int64Builder::new(),
            method: StringBuilder::new(),
            url: StringBuilder::new(),
            status: Int64Builder::new(),
            header_names: Texts::default(),
            header_values: Texts::default(),
            content_type: StringBuilder::new(),
            body_length: Int64Builder::new(),
            body: BinaryBuilder::new(),
            transport: StringBuilder::new(),
            complete: BooleanBuilder::new(),
            missing: Int64Builder::new(),
            frame: Int64Builder::new(),
            offset: Int64Builder::new(),
            length: Int64Builder::new(),
        }
    }

    /// Add one row.
    pub fn push(&mut self, m: &Message<'_>) {
        self.push_sized(m, i64::try_from(m.body.len()).unwrap_or(i64::MAX));
    }

    /// Add one row of a message whose body has so many bytes, whether or not they are in it.
    pub fn push_sized(&mut self, m: &Message<'_>, body_length: i64) {
        self.rows += 1;
        self.message.append_value(m.id);
        self.connection.append_option(m.connection);
        self.answers.append_option(m.answers);
        self.protocol.append_value(m.protocol);
        self.direction.append_value(m.direction.as_str());
        self.time.append_option(m.time);
        self.app.append_option(m.app);
        self.host.append_option(m.host);
        self.client_address.append_option(m.client.map(|c| c.0));
        self.client_port
            .append_option(m.client.map(|c| i64::from(c.1)));
        self.server_address.append_option(m.server.map(|s| s.0));
        self.server_port
            .append_option(m.server.map(|s| i64::from(s.1)).filter(|&p| p > 0));
        self.method.append_option(m.method);
        self.url.append_option(m.url);
        self.status.append_option(m.status);
        for (name, value) in m.headers {
            self.header_names.push(name);
            self.header_values.push(value);
            self.bytes += name.len() + value.len();
        }
        self.header_names.end();
        self.header_values.end();
        self.content_type
            .append_option(m.header("content-type").map(text));
        self.body_length.append_value(body_length);
        if self.with_body {
            self.body.append_value(m.body);
            self.bytes += m.body.len();
        } else {
            self.body.append_null();
        }
        self.transport.append_value(m.transport.as_str());
        self.complete.append_value(m.complete);
        self.missing.append_value(m.missing);
        self.frame.append_value(m.frame);
        self.offset.append_value(m.offset);
        self.length.append_value(m.length);
    }

    /// True when a batch is worth sending.
    pub fn full(&self) -> bool {
        self.rows >= 8192 || self.bytes >= 4 << 20
    }

    /// The rows so far as an Arrow IPC stream, `None` if there are none.
    ///
    /// # Errors
    /// See [`ipc`].
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, ArrowError> {
        if self.rows == 0 {
            return Ok(None);
        }
        (self.rows, self.bytes) = (0, 0);
        let mut columns = columns!(
            self,
            message,
            connection,
            answers,
            protocol,
            direction,
            time,
            app,
            host,
            client_address,
            client_port,
            server_address,
            server_port,
            method,
            url,
            status,
        );
        columns.push(("header_names", self.header_names.finish()?));
        columns.push(("header_values", self.header_values.finish()?));
        columns.extend(columns!(
            self,
            content_type,
            body_length,
            body,
            transport,
            complete,
            missing,
            frame,
            offset,
            length
        ));
        ipc(columns).map(Some)
    }
}

/// Table `problems` as an Arrow IPC stream.
///
/// # Errors
/// See [`ipc`].
pub fn problems(rows: &[Problem]) -> Result<Vec<u8>, ArrowError> {
    let (mut code, mut text, mut place) = (
        StringBuilder::new(),
        StringBuilder::new(),
        StringBuilder::new(),
    );
    let mut count = Int64Builder::new();
    for row in rows {
        code.append_value(row.code);
        text.append_value(&row.text);
        place.append_value(&row.place);
        count.append_value(row.count);
    }
    ipc(vec![
        ("code", Arc::new(code.finish())),
        ("text", Arc::new(text.finish())),
        ("place", Arc::new(place.finish())),
        ("count", Arc::new(count.finish())),
    ])
}

/// Table `limits` as an Arrow IPC stream.
///
/// # Errors
/// See [`ipc`].
pub fn limits(rows: &[LimitHit]) -> Result<Vec<u8>, ArrowError> {
    let (mut what, mut limit, mut place) = (
        StringBuilder::new(),
        Int64Builder::new(),
        StringBuilder::new(),
    );
    for row in rows {
        what.append_value(row.what);
        limit.append_value(i64::try_from(row.limit).unwrap_or(i64::MAX));
        place.append_value(&row.place);
    }
    ipc(vec![
        ("what", Arc::new(what.finish())),
        ("limit", Arc::new(limit.finish())),
        ("place", Arc::new(place.finish())),
    ])
}
