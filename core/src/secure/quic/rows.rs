//! What the rows of the output tell of a connection.

use super::session::Session;
use crate::model::{Connection, Problem};
use crate::protocol::output::Output;
use crate::secure::ja4::{self, Carrier};
use crate::secure::{hello, suites};

/// Bytes of streams are missing.
pub(super) fn gap(session: &Session) -> Problem {
    Problem {
        code: "gap",
        text: format!(
            "Connection {} (QUIC): {} bytes of its streams are missing from the capture; messages they belong to are marked incomplete or not shown.",
            session.peers.connection, session.streams.lost
        ),
        place: format!("packet {}", session.streams.gap_frame),
        count: i64::from(session.streams.gaps),
    }
}

/// Fills in what a connection tells. Where several share a path, the first hello and any success count.
pub(super) fn describe(session: &Session, row: &mut Connection, out: &Output<'_>) {
    if let Some(client) = &session.tls.client
        && row.ja4.is_none()
    {
        row.sni.clone_from(&client.server_name);
        row.alpn = client
            .alpn
            .iter()
            .map(|p| String::from_utf8_lossy(p).into_owned())
            .collect();
        row.ja4.clone_from(&session.tls.ja4);
        row.ech = client.has_ech();
    }
    if row.sni.is_none() {
        row.sni.clone_from(&session.google_name);
    }
    if row.tls_version.is_none()
        && let Some(server) = &session.tls.server
    {
        row.tls_version = hello::version_text(server.version);
        row.cipher = Some(suites::name_or_number(server.cipher));
        row.ja4s = (!server.is_retry()).then(|| ja4::ja4s(server, Carrier::Quic));
    }
    if row.alpn_chosen.is_none() {
        let chosen = session.tls.alpn.as_deref();
        row.alpn_chosen = chosen.map(|p| String::from_utf8_lossy(p).into_owned());
    }
    if row.certificate_subject.is_none()
        && let Some(certificate) = &session.tls.certificate
    {
        certificate.describe(row);
    }
    row.client_certificate |= session.tls.client_certificate;
    if !row.opened {
        row.not_opened = session.not_opened(out);
        row.opened = row.not_opened.is_none();
    }
    let lost = i64::try_from(session.streams.lost).unwrap_or(i64::MAX);
    if session.peers.connection == row.id {
        row.missing = row.missing.saturating_add(lost);
    }
}
