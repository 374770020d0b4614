//! TrackerControl for Android: the CSV export of contacts with known trackers.
//!
//! Columns: uid, daddr (name of the server), time (milliseconds), uncertain, Tracker, Category, Package, App.
//! Which trackers and categories there are is the app's own list; here the name of the server counts.

use super::output::{host, untold};
use super::rows::read_csv;
use super::{Input, LogError, Summary, Taken};
use crate::har::time::epoch;
use crate::model::{Connection, Limits, Sink};

/// Read an export. Each row is one contact.
///
/// # Errors
/// [`LogError`] when it is another table.
pub fn read_tracker_control(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    let needed = ["uid", "daddr", "time", "tracker", "package"];
    read_csv(
        input,
        limits,
        sink,
        "a TrackerControl export",
        &needed,
        &mut |record, place, out| {
            let Some(name) = record.get("daddr").and_then(host) else {
                return Ok(Taken::Damaged(
                    "a contact without a name; its row is left out",
                ));
            };
            if record.get("uncertain").is_some_and(|u| u != "0") {
                let text =
                    "TrackerControl marks the name as uncertain: others have the same address";
                out.problem("uncertain", text, place);
            }
            let time = record.get("time").and_then(|t| epoch(t.parse().ok()?));
            let connection = Connection {
                host: Some(name.into_owned()),
                app: record.any(&["package", "app"]).map(str::to_owned),
                first: time.unwrap_or_default(),
                last: time.unwrap_or_default(),
                ..untold()
            };
            out.connection(connection, place)?;
            Ok(Taken::Yes)
        },
    )
}
