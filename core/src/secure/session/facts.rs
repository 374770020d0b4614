//! What is told about a session.

use std::sync::Arc;

use super::super::certificate::Certificate;
use super::super::hello::{ClientHello, ServerHello, version_text};
use super::super::suites;
use crate::model::Connection;

/// The facts of one TLS connection.
#[derive(Debug, Default)]
pub struct Facts {
    /// The client's first hello.
    pub client: Option<ClientHello>,
    /// Its fingerprint.
    pub ja4: Option<String>,
    /// The server's hello.
    pub server: Option<ServerHello>,
    /// Its fingerprint.
    pub ja4s: Option<String>,
    /// The protocol the server chose (RFC 7301), where it could be read.
    pub alpn_chosen: Option<Vec<u8>>,
    /// The server's own certificate, where it could be read.
    pub certificate: Option<Arc<Certificate>>,
    /// The client sent a certificate.
    pub client_certificate: bool,
    /// Application data was opened.
    pub opened: bool,
    /// Why nothing more is read.
    pub shut: Option<&'static str>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Facts {
    /// Fills in what the connection's row says about TLS.
    pub fn describe(&self, row: &mut Connection) {
        if let Some(client) = &self.client {
            row.sni.clone_from(&client.server_name);
            row.alpn = client.alpn.iter().map(|p| text(p)).collect();
            row.ech = client.has_ech();
        }
        row.ja4.clone_from(&self.ja4);
        row.ja4s.clone_from(&self.ja4s);
        row.alpn_chosen = self.alpn_chosen.as_deref().map(text);
        if let Some(server) = &self.server {
            row.tls_version = version_text(server.version);
            row.cipher = Some(suites::name_or_number(server.cipher));
        }
        if let Some(certificate) = &self.certificate {
            certificate.describe(row);
        }
        row.client_certificate = self.client_certificate;
    }
}
