//! The connections below HAR entries: one row per server address, connection name and host.

use hashbrown::HashMap;

use super::notes::{Notes, Place};
use crate::model::{Connection, Sink, Stopped, Transport};

/// What an entry tells about the connection it used.
pub(super) struct Used<'a> {
    pub address: &'a str,
    pub port: u16,
    /// HAR's `connection`: any text that tells connections to one server apart.
    pub name: &'a [u8],
    pub host: &'a str,
    pub transport: Transport,
    pub protocol: &'static str,
    pub time: Option<i64>,
    pub app: Option<&'a str>,
}

/// The connections seen so far.
#[derive(Default)]
pub(super) struct Connections {
    open: HashMap<Vec<u8>, Connection, foldhash::fast::RandomState>,
    next: i64,
    key: Vec<u8>,
}

impl Connections {
    /// The id of the connection, made if it is new. When there are more than `most`, those so far are
    /// handed over and the counting of bytes begins anew.
    pub fn id(
        &mut self,
        used: &Used<'_>,
        place: Place,
        most: u32,
        notes: &mut Notes,
        sink: &mut dyn Sink,
    ) -> Result<i64, Stopped> {
        self.key.clear();
        for part in [
            used.address.as_bytes(),
            used.name,
            used.host.as_bytes(),
            &used.port.to_be_bytes(),
        ] {
            self.key.extend_from_slice(part);
            self.key.push(0);
        }
        if let Some(known) = self.open.get_mut(self.key.as_slice()) {
            if let Some(time) = used.time {
                known.first = if known.first == 0 {
                    time
                } else {
                    known.first.min(time)
                };
                known.last = known.last.max(time);
            }
            return Ok(known.id);
        }
        if self.open.len() >= most as usize {
            notes.limit("open connections", u64::from(most), place);
            self.flush(sink)?;
        }
        let id = self.next;
        self.next += 1;
        let connection = Connection {
            id,
            protocol: if used.protocol == "http/3" {
                "udp"
            } else {
                "tcp"
            },
            application: Some("http"),
            server: (used.address.to_owned(), used.port),
            first: used.time.unwrap_or_default(),
            last: used.time.unwrap_or_default(),
            transport: used.transport.as_str(),
            opened: true,
            frame: place.entry,
            app: used.app.map(str::to_owned),
            ..Connection::default()
        };
        self.open.insert(self.key.clone(), connection);
        Ok(id)
    }

    /// Add to the connection that was looked up last.
    pub fn add(&mut self, up: i64, down: i64, missing: i64) {
        if let Some(connection) = self.open.get_mut(self.key.as_slice()) {
            connection.bytes_up = connection.bytes_up.saturating_add(up);
            connection.bytes_down = connection.bytes_down.saturating_add(down);
            connection.missing = connection.missing.saturating_add(missing);
        }
    }

    /// How many there were.
    pub fn count(&self) -> i64 {
        self.next
    }

    /// Hand all over, in the order they were first seen.
    pub fn flush(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut all: Vec<Connection> = self.open.drain().map(|(_, c)| c).collect();
        all.sort_unstable_by_key(|c| c.id);
        all.iter().try_for_each(|c| sink.connection(c))
    }
}
