//! The stage of an audit: closed values of a whole case, with what is known around them, in one go.
//!
//! Values come in groups: those of one field of one endpoint. What opens one is tried first on the next; what
//! never opens is left. In a group that stays closed the key is sought in all its values together, and what
//! the ciphertexts tell by themselves is told. The work is counted, so the answer does not depend on the
//! machine.

mod frames;
mod solve;
mod weakness;

pub use frames::{Frames, ProofRows, read};
pub use weakness::{Weakness, weaknesses};

use hashbrown::HashMap;

use super::{Around, Format, Opened, Unlocker};
use crate::crack::wire::Surroundings;
use crate::model::Limits;

/// Values of one message that are tried as keys.
const MOST_BESIDE: usize = 64;
/// Longer values beside a closed one are no keys, shorter ones are words and numbers.
const BESIDE: std::ops::RangeInclusive<usize> = 4..=256;
/// What the name of a key ends with that stands beside the value.
pub const BESIDE_IT: &str = ", beside it";
/// What the name of a key ends with that is a value of the device.
pub const OF_DEVICE: &str = ", of the device";

/// A message with closed values.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Host that the client asked for.
    pub host: String,
    /// Path of the URL.
    pub path: String,
    /// Header fields, names as sent.
    pub headers: Vec<(String, Vec<u8>)>,
    /// When it was sent, in seconds since 1970, where that is known.
    pub time: Option<u64>,
    /// Values in it, by the names of their fields.
    pub fields: Vec<(String, Vec<u8>)>,
}

/// A closed value.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Its number, given back with what comes out.
    pub id: i64,
    /// Values of one field of one endpoint have one number.
    pub group: i64,
    /// Place of its message in [`Input::messages`].
    pub message: usize,
    /// Name of its field; empty for a whole body.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Everything that the stage is given.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Candidates for keys that a person brought: where from, and the bytes.
    pub keys: Vec<(String, Vec<u8>)>,
    /// Values of the device: kind and bytes.
    pub known: Vec<(String, Vec<u8>)>,
    /// Messages.
    pub messages: Vec<Message>,
    /// Closed values, those of one group together.
    pub targets: Vec<Target>,
}

/// Takes what the stage finds.
pub trait Sink {
    /// A value that was opened.
    fn opened(&mut self, target: &Target, opened: &Opened);
    /// A value that stayed closed.
    fn shut(&mut self, target: &Target);
    /// A known format of a value.
    fn format(&mut self, target: &Target, format: &Format);
    /// What the values of a group tell without being opened, and the layer of digits they stood in.
    fn weakness(&mut self, targets: &[i64], digits: &'static str, weakness: &Weakness);
    /// A limit that was met, the first time, at this value, and how often in all.
    fn limit(&mut self, what: &str, limit: u64, target: i64, times: u64);
    /// Something damaged inside an opened value.
    fn problem(&mut self, target: i64, text: &str);
}

/// A limit by name and value: where it was met first, and how often.
type Met = HashMap<(String, u64), (i64, u64)>;

struct Stage<'a> {
    input: &'a Input,
    unlocker: Unlocker,
    work: u64,
    met: Met,
    /// Limits in the order in which they were met.
    order: Vec<(String, u64)>,
}

/// Open what can be opened.
///
/// `work` is what all values together may cost, in nanoseconds of a typical core.
pub fn run(input: &Input, work: u64, sink: &mut dyn Sink) {
    let label = |(name, bytes): &(String, Vec<u8>)| (format!("{name}{OF_DEVICE}"), bytes.clone());
    let known: Vec<_> = input.known.iter().map(label).collect();
    let mut unlocker = Unlocker::new(input.keys.clone(), &known, Limits::default());
    unlocker.set_solving(false);
    let mut stage = Stage {
        input,
        unlocker,
        work,
        met: Met::new(),
        order: Vec::new(),
    };
    for group in input.targets.chunk_by(|a, b| a.group == b.group) {
        stage.group(group, sink);
    }
    for (what, limit) in stage.order {
        if let Some((target, times)) = stage.met.get(&(what.clone(), limit)) {
            sink.limit(&what, limit, *target, *times);
        }
    }
}

impl Stage<'_> {
    fn meet(&mut self, what: &str, limit: u64, target: i64) {
        // The unlocker tells which cipher had to stop; for an audit it is one limit.
        let of_keys = what == "salted" || crate::crack::layers().any(|layer| layer == what);
        let what = if of_keys {
            "keys tried on one value"
        } else {
            what
        };
        let key = (what.to_owned(), limit);
        if let Some((_, times)) = self.met.get_mut(&key) {
            *times += 1;
        } else {
            self.order.push(key.clone());
            self.met.insert(key, (target, 1));
        }
    }

    fn spent(&mut self, target: i64) -> bool {
        let over = self.unlocker.spent() >= self.work;
        if over {
            self.meet("work of unlocking", self.work, target);
        }
        over
    }

    fn group(&mut self, group: &[Target], sink: &mut dyn Sink) {
        self.work_out(group);
        let mut closed: Vec<&Target> = Vec::new();
        for target in group {
            if self.unlocker.is_closed(&target.bytes)
                && (self.spent(target.id) || !self.open(target, sink))
            {
                closed.push(target);
            }
        }
        for target in &closed {
            sink.shut(target);
        }
        for (digits, weakness) in solve::told(&closed, &mut self.unlocker) {
            let targets: Vec<i64> = weakness
                .values
                .iter()
                .filter_map(|place| closed.get(*place).map(|target| target.id))
                .collect();
            sink.weakness(&targets, digits, &weakness);
        }
    }

    /// Seek a key in the values of a group: it costs next to nothing where they are noise.
    fn work_out(&mut self, group: &[Target]) {
        let Some(first) = group.first() else {
            return;
        };
        if self.spent(first.id) {
            return;
        }
        let values: Vec<&[u8]> = group.iter().map(|target| target.bytes.as_slice()).collect();
        let mut limits = Vec::new();
        let nothing = Message::default();
        let message = self.input.messages.get(first.message).unwrap_or(&nothing);
        let headers = pairs(&message.headers);
        let fields = pairs(&message.fields);
        let around = Around {
            field: Some(&field(first.group)),
            name: &first.name,
            siblings: &[],
            time: message.time,
            message: Surroundings {
                host: &message.host,
                path: &message.path,
                headers: &headers,
                fields: &fields,
            },
        };
        self.unlocker.work_out(&around, &values, &mut limits);
        for (what, limit) in limits {
            self.meet(what, limit, first.id);
        }
    }

    /// True when it was opened.
    fn open(&mut self, target: &Target, sink: &mut dyn Sink) -> bool {
        let nothing = Message::default();
        let message = self.input.messages.get(target.message).unwrap_or(&nothing);
        let beside: Vec<(String, &[u8])> = message
            .fields
            .iter()
            .filter(|(_, bytes)| BESIDE.contains(&bytes.len()) && *bytes != target.bytes)
            .take(MOST_BESIDE)
            .map(|(name, bytes)| (format!("{name}{BESIDE_IT}"), bytes.as_slice()))
            .collect();
        let siblings: Vec<(&str, &[u8])> = beside
            .iter()
            .map(|(name, bytes)| (name.as_str(), *bytes))
            .collect();
        let headers = pairs(&message.headers);
        let fields = pairs(&message.fields);
        let opened = self.unlocker.open(
            &target.bytes,
            &Around {
                field: Some(&field(target.group)),
                name: &target.name,
                siblings: &siblings,
                time: message.time,
                message: Surroundings {
                    host: &message.host,
                    path: &message.path,
                    headers: &headers,
                    fields: &fields,
                },
            },
        );
        for (what, limit, _) in &opened.limits {
            self.meet(what, *limit, target.id);
        }
        for text in &opened.problems {
            sink.problem(target.id, text);
        }
        if let Some(format) = &opened.format {
            sink.format(target, format);
        }
        if !opened.leaves.is_empty() {
            sink.opened(target, &opened);
        }
        !opened.leaves.is_empty()
    }
}

/// The name under which the unlocker remembers a group.
fn field(group: i64) -> String {
    group.to_string()
}

fn pairs(list: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    list.iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}
