//! Arrow table `announcements`: what devices told of themselves (columns in `tables.py`).

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_schema::ArrowError;

use crate::model::Announcement;
use crate::table::ipc;

/// Rows of table `announcements`. There are never many: sources keep each statement once.
pub struct Announcements {
    rows: usize,
    mac: StringBuilder,
    address: StringBuilder,
    kind: StringBuilder,
    name: StringBuilder,
    value: StringBuilder,
    first: TimestampMicrosecondBuilder,
    last: TimestampMicrosecondBuilder,
    count: Int64Builder,
    frame: Int64Builder,
}

impl Default for Announcements {
    fn default() -> Self {
        let time = || TimestampMicrosecondBuilder::new().with_timezone("UTC");
        Announcements {
            rows: 0,
            mac: StringBuilder::new(),
            address: StringBuilder::new(),
            kind: StringBuilder::new(),
            name: StringBuilder::new(),
            value: StringBuilder::new(),
            first: time(),
            last: time(),
            count: Int64Builder::new(),
            frame: Int64Builder::new(),
        }
    }
}

impl Announcements {
    /// Add one row.
    pub fn push(&mut self, a: &Announcement) {
        self.rows += 1;
        self.mac.append_option(a.mac.as_deref());
        self.address.append_option(a.address.as_deref());
        self.kind.append_value(a.kind);
        self.name.append_value(&a.name);
        self.value.append_value(&a.value);
        self.first.append_option(a.first);
        self.last.append_option(a.last);
        self.count.append_value(a.count);
        self.frame.append_value(a.frame);
    }

    /// Rows that are held.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True when none is held.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows so far as an Arrow IPC stream, `None` if there are none.
    ///
    /// # Errors
    /// See [`ipc`].
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, ArrowError> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("mac", Arc::new(self.mac.finish())),
            ("address", Arc::new(self.address.finish())),
            ("kind", Arc::new(self.kind.finish())),
            ("name", Arc::new(self.name.finish())),
            ("value", Arc::new(self.value.finish())),
            ("first", Arc::new(self.first.finish())),
            ("last", Arc::new(self.last.finish())),
            ("count", Arc::new(self.count.finish())),
            ("frame", Arc::new(self.frame.finish())),
        ];
        ipc(columns).map(Some)
    }
}
