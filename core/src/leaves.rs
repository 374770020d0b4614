//! Leaves in normal form: a path and a value recur thousands of times in telemetry, so each is sent once.
//!
//! Tables `paths`, `values` and `leaves` of `tables.py`. A whole part of a message (a body, a header)
//! that was peeled before is not peeled again: its leaves are repeated from memory.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BinaryBuilder, Int64Builder, ListBuilder, StringBuilder};
use arrow_schema::ArrowError;
use foldhash::quality::RandomState;
use hashbrown::HashMap;

use crate::model::{LimitHit, Limits, Message, Problem};
use crate::peel::{self, LeafSink, Part, Peeler, Step};
use crate::table::ipc;

/// Entries each memory may hold before it is emptied. Emptying costs a repeated row, never a result.
const MEMORY_ENTRIES: usize = 1 << 20;
/// Leaves one remembered part may have.
const REMEMBERED_LEAVES: usize = 256;
/// Different limits, and different problems, kept between two batches; the rest is of the same kinds.
const MAX_ROWS: usize = 1000;

/// Two independent hashes with random keys: 128 bits that nobody can aim at.
struct Hash128(RandomState, RandomState);

impl Hash128 {
    fn of(&self, value: &impl Hash) -> (u64, u64) {
        (self.0.hash_one(value), self.1.hash_one(value))
    }

    fn of_path(&self, part: &str, steps: &[Step<'_>]) -> (u64, u64) {
        let one = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            part.hash(&mut hasher);
            for step in steps {
                step.layer.hash(&mut hasher);
                step.selector.hash(&mut hasher);
            }
            hasher.finish()
        };
        (one(&self.0), one(&self.1))
    }
}

/// The tables under construction. Separate from the peeler, so that the peeler can write into it.
struct Rows {
    hash: Hash128,
    message: i64,
    next_path: i64,
    next_value: i64,
    path_ids: HashMap<(u64, u64), i64>,
    value_ids: HashMap<(u64, u64), i64>,
    pending: Vec<(i64, i64)>,
    limit_seen: HashMap<LimitHit, ()>,
    limits: Vec<LimitHit>,
    problems: Vec<Problem>,
    bytes: usize,
    leaf_rows: usize,
    // paths
    path: Int64Builder,
    part: StringBuilder,
    layers: ListBuilder<StringBuilder>,
    selectors: ListBuilder<StringBuilder>,
    name: StringBuilder,
    // values
    value: Int64Builder,
    value_bytes: BinaryBuilder,
    // leaves
    leaf_message: Int64Builder,
    leaf_path: Int64Builder,
    leaf_value: Int64Builder,
}

impl LeafSink for Rows {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let key = self.hash.of_path(part, steps);
        let path = if let Some(&id) = self.path_ids.get(&key) {
            id
        } else {
            let id = self.next_path;
            self.next_path += 1;
            self.path_ids.insert(key, id);
            self.path.append_value(id);
            self.part.append_value(part);
            for step in steps {
                self.layers.values().append_value(step.layer);
                self.selectors.values().append_value(step.selector);
                self.bytes += step.selector.len() + 16;
            }
            self.layers.append(true);
            self.selectors.append(true);
            self.name.append_option(name);
            id
        };
        let key = self.hash.of(&value);
        let value = if let Some(&id) = self.value_ids.get(&key) {
            id
        } else {
            let id = self.next_value;
            self.next_value += 1;
            self.value_ids.insert(key, id);
            self.value.append_value(id);
            self.value_bytes.append_value(value);
            self.bytes += value.len() + 16;
            id
        };
        self.pending.push((path, value));
    }

    fn limit(&mut self, mut hit: LimitHit) {
        if self.limits.len() >= MAX_ROWS {
            return;
        }
        hit.place = format!("message {}: {}", self.message, hit.place);
        if self.limit_seen.insert(hit.clone(), ()).is_none() {
            self.limits.push(hit);
        }
    }

    fn problem(&mut self, mut problem: Problem) {
        if let Some(same) = self.problems.iter_mut().find(|p| p.code == problem.code && p.text == problem.text) {
            same.count += problem.count;
        } else if self.problems.len() < MAX_ROWS {
            problem.place = format!("message {}: {}", self.message, problem.place);
            self.problems.push(problem);
        }
    }
}

impl Rows {
    fn flush_pending(&mut self) {
        for &(path, value) in &self.pending {
            self.leaf_message.append_value(self.message);
            self.leaf_path.append_value(path);
            self.leaf_value.append_value(value);
        }
        self.leaf_rows += self.pending.len();
        self.bytes += self.pending.len() * 24;
    }
}

/// The peel stage of one evidence.
pub struct Leaves {
    peeler: Peeler,
    rows: Rows,
    parts: HashMap<(u64, u64), Box<[(i64, i64)]>>,
}

/// What [`Leaves::take`] gives: frames by table name.
pub type Frames = Vec<(&'static str, Vec<u8>)>;

impl Leaves {
    /// Empty tables with these limits.
    pub fn new(limits: Limits) -> Self {
        Leaves {
            peeler: Peeler::new(limits),
            rows: Rows {
                hash: Hash128(RandomState::default(), RandomState::default()),
                message: 0,
                next_path: 0,
                next_value: 0,
                path_ids: HashMap::new(),
                value_ids: HashMap::new(),
                pending: Vec::new(),
                limit_seen: HashMap::new(),
                limits: Vec::new(),
                problems: Vec::new(),
                bytes: 0,
                leaf_rows: 0,
                path: Int64Builder::new(),
                part: StringBuilder::new(),
                layers: ListBuilder::new(StringBuilder::new()),
                selectors: ListBuilder::new(StringBuilder::new()),
                name: StringBuilder::new(),
                value: Int64Builder::new(),
                value_bytes: BinaryBuilder::new(),
                leaf_message: Int64Builder::new(),
                leaf_path: Int64Builder::new(),
                leaf_value: Int64Builder::new(),
            },
            parts: HashMap::new(),
        }
    }

    /// Peel every part of one message.
    pub fn push(&mut self, message: &Message<'_>) {
        self.rows.message = message.id;
        for part in peel::parts(message).iter() {
            self.push_part(&part);
        }
    }

    fn push_part(&mut self, part: &Part<'_>) {
        let key = self.rows.hash.of(&(&part.name, &part.content_type, &part.content_encoding, &part.bytes));
        if let Some(known) = self.parts.get(&key) {
            self.rows.pending.clear();
            self.rows.pending.extend_from_slice(known);
            self.rows.flush_pending();
            return;
        }
        self.rows.pending.clear();
        self.peeler.peel(part, &mut self.rows);
        if self.rows.pending.len() <= REMEMBERED_LEAVES {
            if self.parts.len() >= MEMORY_ENTRIES {
                self.parts.clear();
            }
            self.parts.insert(key, self.rows.pending.as_slice().into());
        }
        self.rows.flush_pending();
    }

    /// True when a batch is worth sending.
    pub fn full(&self) -> bool {
        self.rows.bytes >= 4 << 20 || self.rows.leaf_rows >= 1 << 17
    }

    /// Limits met since the last call.
    pub fn take_limits(&mut self) -> Vec<LimitHit> {
        std::mem::take(&mut self.rows.limits)
    }

    /// What was damaged, since the last call.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.rows.problems)
    }

    /// The rows so far; paths and values always before the leaves that name them.
    ///
    /// # Errors
    /// See [`ipc`].
    pub fn take(&mut self) -> Result<Frames, ArrowError> {
        let rows = &mut self.rows;
        (rows.bytes, rows.leaf_rows) = (0, 0);
        let mut frames = Frames::new();
        let path: ArrayRef = Arc::new(rows.path.finish());
        if !path.is_empty() {
            frames.push((
                "paths",
                ipc(vec![
                    ("path", path),
                    ("part", Arc::new(rows.part.finish())),
                    ("layers", Arc::new(rows.layers.finish())),
                    ("selectors", Arc::new(rows.selectors.finish())),
                    ("name", Arc::new(rows.name.finish())),
                ])?,
            ));
        }
        let value: ArrayRef = Arc::new(rows.value.finish());
        if !value.is_empty() {
            frames.push(("values", ipc(vec![("value", value), ("bytes", Arc::new(rows.value_bytes.finish()))])?));
        }
        let message: ArrayRef = Arc::new(rows.leaf_message.finish());
        if !message.is_empty() {
            frames.push((
                "leaves",
                ipc(vec![
                    ("message", message),
                    ("path", Arc::new(rows.leaf_path.finish())),
                    ("value", Arc::new(rows.leaf_value.finish())),
                ])?,
            ));
        }
        if rows.path_ids.len() >= MEMORY_ENTRIES || rows.value_ids.len() >= MEMORY_ENTRIES {
            // Remembered parts name ids that stay valid: ids are never given twice.
            rows.path_ids.clear();
            rows.value_ids.clear();
        }
        Ok(frames)
    }
}
