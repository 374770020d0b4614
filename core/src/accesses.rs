//! Arrow table `accesses`: what apps used of sensors and personal data (columns in `tables.py`).

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_schema::ArrowError;

use crate::model::Access;
use crate::table::ipc;

/// Rows of a batch.
const BATCH: usize = 8192;

/// Rows of table `accesses`.
pub struct Accesses {
    rows: usize,
    access: Int64Builder,
    app: StringBuilder,
    category: StringBuilder,
    kind: StringBuilder,
    first: TimestampMicrosecondBuilder,
    last: TimestampMicrosecondBuilder,
    frame: Int64Builder,
}

impl Default for Accesses {
    fn default() -> Self {
        let time = || TimestampMicrosecondBuilder::new().with_timezone("UTC");
        Accesses {
            rows: 0,
            access: Int64Builder::new(),
            app: StringBuilder::new(),
            category: StringBuilder::new(),
            kind: StringBuilder::new(),
            first: time(),
            last: time(),
            frame: Int64Builder::new(),
        }
    }
}

impl Accesses {
    /// Add one row.
    pub fn push(&mut self, a: &Access) {
        self.rows += 1;
        self.access.append_value(a.id);
        self.app.append_option(a.app.as_deref());
        self.category.append_value(&a.category);
        self.kind.append_value(a.kind);
        self.first.append_option(a.first);
        self.last.append_option(a.last);
        self.frame.append_value(a.frame);
    }

    /// True when a batch is worth sending.
    pub fn full(&self) -> bool {
        self.rows >= BATCH
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
            ("access", Arc::new(self.access.finish())),
            ("app", Arc::new(self.app.finish())),
            ("category", Arc::new(self.category.finish())),
            ("kind", Arc::new(self.kind.finish())),
            ("first", Arc::new(self.first.finish())),
            ("last", Arc::new(self.last.finish())),
            ("frame", Arc::new(self.frame.finish())),
        ];
        ipc(columns).map(Some)
    }
}
