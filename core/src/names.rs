//! Arrow table `names`: names learnt for addresses (columns in `tables.py`).

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_schema::ArrowError;

use crate::model::Name;
use crate::table::ipc;

/// Rows of table `names`.
#[derive(Default)]
pub struct Names {
    rows: usize,
    name: StringBuilder,
    canonical: StringBuilder,
    address: StringBuilder,
    message: Int64Builder,
}

impl Names {
    /// Add one row.
    pub fn push(&mut self, n: &Name<'_>) {
        self.rows += 1;
        self.name.append_value(n.name);
        self.canonical.append_option(n.canonical);
        self.address.append_value(n.address);
        self.message.append_value(n.message);
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
            ("name", Arc::new(self.name.finish())),
            ("canonical", Arc::new(self.canonical.finish())),
            ("address", Arc::new(self.address.finish())),
            ("message", Arc::new(self.message.finish())),
        ];
        ipc(columns).map(Some)
    }
}
