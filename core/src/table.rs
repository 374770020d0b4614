//! Arrow tables of the sources and of the peel stage, and the frames that carry them.
//!
//! Column names and types are those of `tables.py` (without the column `evidence`, which the parent
//! adds). A frame is: one byte length of the name, the name, four bytes little-endian length of the
//! payload, the payload. The payload of a table is one Arrow IPC stream with one record batch.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;

use crate::model::{Connection, LimitHit, Message, Problem};
pub use crate::names::Names;

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

/// One record batch as an Arrow IPC stream.
///
/// # Errors
/// An [`ArrowError`] when columns do not fit together (a mistake of ours, never of the evidence).
pub fn ipc(columns: Vec<(&str, ArrayRef)>) -> Result<Vec<u8>, ArrowError> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
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
    header_names: ListBuilder<StringBuilder>,
    header_values: ListBuilder<StringBuilder>,
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
            header_names: ListBuilder::new(StringBuilder::new()),
            header_values: ListBuilder::new(StringBuilder::new()),
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
            self.header_names.values().append_value(text(name));
            self.header_values.values().append_value(text(value));
            self.bytes += name.len() + value.len();
        }
        self.header_names.append(true);
        self.header_values.append(true);
        self.content_type
            .append_option(m.header("content-type").map(text));
        self.body_length
            .append_value(i64::try_from(m.body.len()).unwrap_or(i64::MAX));
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
        ipc(columns!(
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
            header_names,
            header_values,
            content_type,
            body_length,
            body,
            transport,
            complete,
            missing,
            frame,
            offset,
            length
        ))
        .map(Some)
    }
}

/// Rows of table `connections`.
pub struct Connections {
    rows: usize,
    connection: Int64Builder,
    protocol: StringBuilder,
    application: StringBuilder,
    client_address: StringBuilder,
    client_port: Int64Builder,
    server_address: StringBuilder,
    server_port: Int64Builder,
    first: Time,
    last: Time,
    sni: StringBuilder,
    alpn: ListBuilder<StringBuilder>,
    ja4: StringBuilder,
    tls_version: StringBuilder,
    alpn_chosen: StringBuilder,
    cipher: StringBuilder,
    ja4s: StringBuilder,
    certificate_subject: StringBuilder,
    certificate_issuer: StringBuilder,
    certificate_organisation: StringBuilder,
    certificate_names: ListBuilder<StringBuilder>,
    certificate_from: Time,
    certificate_until: Time,
    client_certificate: BooleanBuilder,
    ech: BooleanBuilder,
    bytes_up: Int64Builder,
    bytes_down: Int64Builder,
    packets_up: Int64Builder,
    packets_down: Int64Builder,
    missing: Int64Builder,
    transport: StringBuilder,
    opened: BooleanBuilder,
    not_opened: StringBuilder,
    frame: Int64Builder,
    app: StringBuilder,
    host: StringBuilder,
}

impl Default for Connections {
    fn default() -> Self {
        Connections {
            rows: 0,
            connection: Int64Builder::new(),
            protocol: StringBuilder::new(),
            application: StringBuilder::new(),
            client_address: StringBuilder::new(),
            client_port: Int64Builder::new(),
            server_address: StringBuilder::new(),
            server_port: Int64Builder::new(),
            first: time_builder(),
            last: time_builder(),
            sni: StringBuilder::new(),
            alpn: ListBuilder::new(StringBuilder::new()),
            ja4: StringBuilder::new(),
            tls_version: StringBuilder::new(),
            alpn_chosen: StringBuilder::new(),
            cipher: StringBuilder::new(),
            ja4s: StringBuilder::new(),
            certificate_subject: StringBuilder::new(),
            certificate_issuer: StringBuilder::new(),
            certificate_organisation: StringBuilder::new(),
            certificate_names: ListBuilder::new(StringBuilder::new()),
            certificate_from: time_builder(),
            certificate_until: time_builder(),
            client_certificate: BooleanBuilder::new(),
            ech: BooleanBuilder::new(),
            bytes_up: Int64Builder::new(),
            bytes_down: Int64Builder::new(),
            packets_up: Int64Builder::new(),
            packets_down: Int64Builder::new(),
            missing: Int64Builder::new(),
            transport: StringBuilder::new(),
            opened: BooleanBuilder::new(),
            not_opened: StringBuilder::new(),
            frame: Int64Builder::new(),
            app: StringBuilder::new(),
            host: StringBuilder::new(),
        }
    }
}

impl Connections {
    /// Add one row.
    pub fn push(&mut self, c: &Connection) {
        self.rows += 1;
        self.connection.append_value(c.id);
        self.protocol.append_value(c.protocol);
        self.application.append_option(c.application);
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        let port = |p: u16| (p > 0).then(|| i64::from(p));
        self.client_address.append_option(some(&c.client.0));
        self.client_port.append_option(port(c.client.1));
        self.server_address.append_option(some(&c.server.0));
        self.server_port.append_option(port(c.server.1));
        self.first.append_option((c.first != 0).then_some(c.first));
        self.last.append_option((c.last != 0).then_some(c.last));
        self.sni.append_option(c.sni.as_deref());
        for protocol in &c.alpn {
            self.alpn.values().append_value(protocol);
        }
        self.alpn.append(true);
        self.ja4.append_option(c.ja4.as_deref());
        self.tls_version.append_option(c.tls_version);
        self.alpn_chosen.append_option(c.alpn_chosen.as_deref());
        self.cipher.append_option(c.cipher.as_deref());
        self.ja4s.append_option(c.ja4s.as_deref());
        self.certificate_subject
            .append_option(c.certificate_subject.as_deref());
        self.certificate_issuer
            .append_option(c.certificate_issuer.as_deref());
        self.certificate_organisation
            .append_option(c.certificate_organisation.as_deref());
        for name in &c.certificate_names {
            self.certificate_names.values().append_value(name);
        }
        self.certificate_names.append(true);
        self.certificate_from.append_option(c.certificate_from);
        self.certificate_until.append_option(c.certificate_until);
        self.client_certificate.append_value(c.client_certificate);
        self.ech.append_value(c.ech);
        let told = |n: i64| (n >= 0).then_some(n);
        self.bytes_up.append_option(told(c.bytes_up));
        self.bytes_down.append_option(told(c.bytes_down));
        self.packets_up.append_option(told(c.packets_up));
        self.packets_down.append_option(told(c.packets_down));
        self.missing.append_value(c.missing);
        self.transport.append_value(c.transport);
        self.opened.append_value(c.opened);
        self.not_opened.append_option(c.not_opened);
        self.frame.append_value(c.frame);
        self.app.append_option(c.app.as_deref());
        self.host.append_option(c.host.as_deref());
    }

    /// True when a batch is worth sending.
    pub fn full(&self) -> bool {
        self.rows >= 8192
    }

    /// As [`Messages::take`].
    ///
    /// # Errors
    /// See [`ipc`].
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, ArrowError> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        ipc(columns!(
            self,
            connection,
            protocol,
            application,
            client_address,
            client_port,
            server_address,
            server_port,
            first,
            last,
            sni,
            alpn,
            ja4,
            tls_version,
            alpn_chosen,
            cipher,
            ja4s,
            certificate_subject,
            certificate_issuer,
            certificate_organisation,
            certificate_names,
            certificate_from,
            certificate_until,
            client_certificate,
            ech,
            bytes_up,
            bytes_down,
            packets_up,
            packets_down,
            missing,
            transport,
            opened,
            not_opened,
            frame,
            app,
            host
        ))
        .map(Some)
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
