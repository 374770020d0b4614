//! What the row of a connection says of what is spoken on it.

use super::{Application, First};
use crate::model::Connection;
use crate::secure::session::End;

impl Application {
    /// Fills in what the connection's row says about the protocol. `end`: who ended the connection.
    pub fn describe(&self, row: &mut Connection, end: Option<End>) {
        let (application, transport, opened, not_opened) = match self {
            Application::Http2(exchange) => {
                (Some("http2"), exchange.transport().as_str(), true, None)
            }
            Application::WebSocket(socket) => {
                (Some("websocket"), socket.transport().as_str(), true, None)
            }
            Application::Mqtt(session) => (Some("mqtt"), session.transport().as_str(), true, None),
            Application::Raw(raw) => match raw.name {
                Some(name) => (Some(name), "clear", false, Some("not read")),
                None => (None, "unknown", false, Some("unknown protocol")),
            },
            Application::Http(exchange) => {
                (Some("http"), exchange.transport().as_str(), true, None)
            }
            Application::Dns(lookups) => (Some("dns"), lookups.transport().as_str(), true, None),
            Application::Tls(tls) => return tls.describe(row, end),
            Application::WireGuard(path) => return path.describe(row),
            Application::Dtls(dtls) => return dtls.describe(row),
            // The rest is told by the connections themselves.
            Application::Quic(_) => (Some("quic"), "tls", false, Some("gap")),
            Application::Named(name @ ("ssh" | "mmtls")) => {
                (Some(*name), "unknown", false, Some("no keys"))
            }
            Application::Named(name) => (Some(*name), "clear", false, Some("not read")),
            Application::Undecided(firsts, _)
                if firsts.iter().any(|f| matches!(f, First::Searching))
                    && row.bytes_up.saturating_add(row.bytes_down) > 0 =>
            {
                (None, "unknown", false, Some("gap"))
            }
            Application::Undecided(..) | Application::Unknown => {
                let silent = row.bytes_up.saturating_add(row.bytes_down) == 0;
                let why = if silent {
                    "no data"
                } else {
                    "unknown protocol"
                };
                (None, "unknown", false, Some(why))
            }
        };
        row.application = application;
        row.transport = transport;
        row.opened = opened;
        row.not_opened = not_opened;
    }

    /// Bytes of an HTTP or WebSocket connection that belonged to no message.
    pub fn skipped(&self) -> u64 {
        match self {
            Application::Http(exchange) => exchange.skipped(),
            Application::Http2(exchange) => exchange.skipped(),
            Application::WebSocket(socket) => socket.skipped(),
            Application::Tls(tls) => tls.skipped(),
            _ => 0,
        }
    }
}
