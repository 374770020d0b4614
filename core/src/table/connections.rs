//! Rows of table `connections`.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, Int64Builder, ListBuilder, StringBuilder};
use arrow_schema::ArrowError;

use super::{Time, ipc, time_builder};
use crate::model::Connection;

/// Rows of table `connections`.
pub struct Connections {
    rows: usize,
    bytes: usize,
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
            bytes: 0,
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
        self.bytes += c.client.0.len() + c.server.0.len();
        let texts = [
            &c.host,
            &c.sni,
            &c.app,
            &c.certificate_subject,
            &c.certificate_issuer,
            &c.certificate_organisation,
        ];
        self.bytes += texts
            .map(|text| text.as_ref().map_or(0, String::len))
            .iter()
            .sum::<usize>();
        let lists = c.alpn.iter().chain(&c.certificate_names);
        self.bytes += lists.map(|text| text.len() + 4).sum::<usize>();
    }

    /// True when a batch is worth sending.
    pub fn full(&self) -> bool {
        self.rows >= 8192 || self.bytes >= 4 << 20
    }

    /// As [`super::Messages::take`].
    ///
    /// # Errors
    /// See [`super::ipc`].
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, ArrowError> {
        self.bytes = 0;
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
