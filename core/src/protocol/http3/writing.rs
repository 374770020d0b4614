//! From what was read of a message to the row.

use super::connection::Connection;
use super::stream::{Asked, Stream};
use crate::model::{Direction, Header, Message, Stopped};
use crate::protocol::http1::url;
use crate::protocol::http2::hpack::FieldList;
use crate::protocol::output::{Output, Peers};

/// URL and host of a request (RFC 9114 section 4.3.1), as far as they are known.
pub(super) fn asked(fields: &FieldList, peers: &Peers) -> Asked {
    let authority = fields
        .value(b":authority")
        .or_else(|| fields.value(b"host"))
        .filter(|value| !value.is_empty())
        .map(url::text);
    let sure = fields.missing == 0 && fields.cut == 0;
    let host = authority.as_deref().and_then(url::host_of);
    let scheme = match fields.value(b":scheme") {
        Some(b"http") => "http",
        _ => "https",
    };
    let path = match fields.value(b":path") {
        Some(b"*") => Some(String::new()),
        Some(path) => Some(url::text(path)),
        // A CONNECT request has none (section 4.4).
        None => sure.then(String::new),
    };
    let (authority, host) = match authority {
        Some(authority) => (Some(authority), host),
        None if sure => {
            let (address, port) = &peers.server;
            let shown = match address.contains(':') {
                true => format!("[{address}]"),
                false => address.clone(),
            };
            let shown = match *port {
                443 => shown,
                port => format!("{shown}:{port}"),
            };
            (Some(shown), Some(address.clone()))
        }
        None => (None, None),
    };
    let url = authority
        .zip(path)
        .map(|(authority, path)| format!("{scheme}://{authority}{path}"));
    Asked {
        id: None,
        url,
        host,
    }
}

impl Connection {
    /// Writes the message of one direction of a stream, and makes room for the next one.
    pub(super) fn write(
        &mut self,
        stream: &mut Stream,
        direction: Direction,
        out: &mut Output<'_>,
    ) -> Result<(), Stopped> {
        let up = direction == Direction::Up;
        let mut answers = None;
        let id = if up {
            *stream.asked.id.get_or_insert_with(|| out.reserve())
        } else {
            // A request that never came has no message to refer to.
            if stream.asked.id.is_some() || stream.up.begun {
                answers = Some(*stream.asked.id.get_or_insert_with(|| out.reserve()));
            }
            out.reserve()
        };
        let half = match direction {
            Direction::Up => &stream.up,
            Direction::Down => &stream.down,
        };
        let mut headers = half.fields.headers();
        if up && stream.asked.url.is_none() {
            // Without a host the rest of the address has no other place.
            let kept = half.fields.iter().filter(|(name, _)| *name == b":path");
            let kept: Vec<Header<'_>> = kept.map(|(n, v)| (n.into(), v.into())).collect();
            headers.splice(0..0, kept);
        }
        let method = half.fields.value(b":method").map(String::from_utf8_lossy);
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        out.message(&Message {
            id,
            connection: Some(self.peers.connection),
            answers,
            protocol: "http/3",
            direction,
            time: Some(half.start.time),
            app: self.peers.app.as_deref(),
            host: stream.asked.host.as_deref(),
            client: Some((&self.peers.client.0, self.peers.client.1)),
            server: Some((&self.peers.server.0, self.peers.server.1)),
            method: method.as_deref().filter(|_| up),
            url: stream.asked.url.as_deref(),
            status: (!up && half.status > 0).then_some(i64::from(half.status)),
            headers: &headers,
            body: &half.body,
            transport: self.transport,
            complete: half.is_complete(),
            missing: number(half.missing),
            frame: half.start.frame,
            offset: number(half.start.offset),
            length: number(half.end.saturating_sub(half.start.offset)),
        })?;
        drop(headers);
        let half = stream.half(direction);
        let (cut, fields_cut, frame) = (half.cut, half.fields.cut, half.start.frame);
        self.held = self.held.saturating_sub(half.fields.held());
        half.renew(out);
        let place = || {
            let connection = self.peers.connection;
            format!("connection {connection}, message from packet {frame}")
        };
        if cut > 0 {
            let place = format!("{}: {cut} more bytes of the body left out", place());
            out.limit("body bytes", out.limits.body_bytes, place)?;
        }
        if fields_cut > 0 {
            let place = format!("{}: {fields_cut} fields left out", place());
            out.limit("header bytes", super::connection::FIELD_BYTES as u64, place)?;
        }
        Ok(())
    }

    /// Writes the request that a promise describes. It was never sent by the client: its direction is that
    /// of the promise.
    pub(super) fn write_promise(
        &mut self,
        fields: &FieldList,
        at: &crate::protocol::output::Arrival,
        out: &mut Output<'_>,
    ) -> Result<Asked, Stopped> {
        let mut asked = asked(fields, &self.peers);
        let id = out.reserve();
        asked.id = Some(id);
        let method = fields.value(b":method").map(String::from_utf8_lossy);
        out.message(&Message {
            id,
            connection: Some(self.peers.connection),
            answers: None,
            protocol: "http/3",
            direction: Direction::Down,
            time: Some(at.time),
            app: self.peers.app.as_deref(),
            host: asked.host.as_deref(),
            client: Some((&self.peers.client.0, self.peers.client.1)),
            server: Some((&self.peers.server.0, self.peers.server.1)),
            method: method.as_deref(),
            url: asked.url.as_deref(),
            status: None,
            headers: &fields.headers(),
            body: &[],
            transport: self.transport,
            complete: fields.missing == 0 && fields.cut == 0,
            missing: 0,
            frame: at.frame,
            offset: i64::try_from(at.offset).unwrap_or(i64::MAX),
            length: i64::try_from(at.end.saturating_sub(at.offset)).unwrap_or(i64::MAX),
        })?;
        Ok(asked)
    }
}
