//! Apple's App Privacy Report and the record of app activity before it: one JSON object per line.
//!
//! `type` is `access` (an app used a sensor or personal data; begin and end are two lines with one
//! `identifier`) or `networkActivity` (an app contacted a domain, `hits` times between `firstTimeStamp` and
//! `timeStamp`). Lines of the first generation have no `type`, write `timestamp`, and name the resource in
//! `stream` or `tccService`.

use super::lines::Place;
use super::output::{Output, host, signed, untold};
use super::record::Record;
use super::rows::read_json_lines;
use super::{Input, LogError, Summary, Taken};
use crate::har::time::iso8601;
use crate::model::{Access, Connection, Limits, Sink, Stopped};

/// Read a report.
///
/// # Errors
/// [`LogError`] when no line is of such a report.
pub fn read_app_privacy(
    input: Input,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Summary, LogError> {
    read_json_lines(
        input,
        limits,
        sink,
        "an App Privacy Report",
        &mut |record, place, out| {
            if record.has("domain") && record.has("bundleID") {
                return contact(record, place, out);
            }
            if record.has("accessor.identifier") || record.has("accessor") {
                return access(record, place, out);
            }
            // Apple's first line may describe the file.
            Ok(if record.has("type") || record.has("version") {
                Taken::Other
            } else {
                Taken::Damaged("a line that is neither an access nor a contact; it is left out")
            })
        },
    )
}

fn time(record: &Record, names: &[&str]) -> Option<i64> {
    iso8601(record.any(names)?.as_bytes())
}

fn contact(record: &Record, place: Place, out: &mut Output<'_>) -> Result<Taken, Stopped> {
    let Some(name) = record.get("domain").and_then(host) else {
        return Ok(Taken::Damaged("a contact without a domain; it is left out"));
    };
    let last = time(record, &["timeStamp", "timestamp"]);
    let first = time(record, &["firstTimeStamp"]).or(last);
    out.connection(
        Connection {
            host: Some(name.into_owned()),
            app: record.get("bundleID").map(str::to_owned),
            first: first.unwrap_or_default(),
            last: last.or(first).unwrap_or_default(),
            ..untold()
        },
        place,
    )?;
    Ok(Taken::Yes)
}

fn access(record: &Record, place: Place, out: &mut Output<'_>) -> Result<Taken, Stopped> {
    let Some(category) = category(record) else {
        return Ok(Taken::Damaged(
            "an access that does not say to what; it is left out",
        ));
    };
    let app = record.any(&["accessor.identifier", "accessor"]);
    let moment = time(record, &["timeStamp", "timestamp"]);
    let kind = record.get("kind").unwrap_or_default();
    // The identifier is that of the interval; where it is missing, app and resource must do.
    let key = format!(
        "{}\0{}\0{category}",
        record.get("identifier").unwrap_or_default(),
        app.unwrap_or_default()
    );
    if kind == "intervalEnd"
        && let Some(mut begun) = out.ended(&key)
    {
        begun.last = moment;
        out.access(&begun)?;
        return Ok(Taken::Yes);
    }
    let access = Access {
        id: out.next_access(),
        app: app.map(str::to_owned),
        category,
        kind: if kind.starts_with("interval") {
            "interval"
        } else {
            "event"
        },
        // An end whose begin is not in the file says when it ended, not when it began.
        first: moment.filter(|_| kind != "intervalEnd"),
        last: moment.filter(|_| kind == "intervalEnd"),
        frame: signed(place.line),
    };
    if kind == "intervalBegin" {
        out.begin(&key, access, place)?;
    } else {
        out.access(&access)?;
    }
    Ok(Taken::Yes)
}

/// `category`; in the first generation the last part of `stream`, or `tccService` without its prefix.
fn category(record: &Record) -> Option<String> {
    if let Some(word) = record.get("category") {
        return Some(word.to_owned());
    }
    if let Some(service) = record.get("tccService") {
        let word = service.strip_prefix("kTCCService").unwrap_or(service);
        let mut letters = word.chars();
        let first = letters.next()?.to_ascii_lowercase();
        return Some(first.to_string() + letters.as_str());
    }
    let stream = record.get("stream")?;
    let last = stream.rsplit('.').next().unwrap_or(stream);
    (!last.is_empty()).then(|| last.to_owned())
}
