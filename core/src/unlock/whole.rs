//! Whole bodies in a known format, recognised while a message is read.

use super::{Unlocked, known_format, owned, peel};
use crate::crack::wire;
use crate::model::{LimitHit, Message, Problem};
use crate::peel::{LeafSink, Peeler, Step, parts};

/// A whole body in a known format that opens by its message alone: the format's id, and what is inside.
pub fn recognise(
    peeler: &mut Peeler,
    message: &Message<'_>,
    body: &[u8],
) -> Option<(&'static str, Unlocked)> {
    let parts = parts(message);
    let mut fields = Fields::default();
    if let Some(query) = parts.get("query") {
        peeler.peel(&query, &mut fields);
    }
    let fields: Vec<(&str, &[u8])> = fields
        .0
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect();
    let path = parts.get("path");
    let path = path
        .as_ref()
        .and_then(|path| std::str::from_utf8(&path.bytes).ok());
    let around = wire::Surroundings {
        host: message.host.unwrap_or_default(),
        path: path.unwrap_or("/"),
        headers: &[],
        fields: &fields,
    };
    let known = wire::recognise(&around, "", body)?;
    let wire::Outcome::Opened { layers, plain } = known.outcome else {
        return None;
    };
    let unlocked = peel(peeler, owned(layers), &plain, known_format(known.name));
    Some((known.id, unlocked))
}

/// The fields of a query.
#[derive(Default)]
struct Fields(Vec<(String, Vec<u8>)>);

impl LeafSink for Fields {
    fn leaf(&mut self, _part: &str, steps: &[Step<'_>], _name: Option<&str>, value: &[u8]) {
        if let [field] = steps
            && field.layer == "form"
        {
            self.0.push((field.selector.to_owned(), value.to_vec()));
        }
    }

    fn limit(&mut self, _hit: LimitHit) {}

    fn problem(&mut self, _problem: Problem) {}
}
