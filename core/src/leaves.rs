//! Leaves in normal form: contents, paths and values recur thousands of times in telemetry, so each is sent
//! once.
//!
//! Tables `contents`, `paths`, `values` and `leaves` of `tables.py`. A content is what one part of a message
//! holds (a body, a header), or one object or array in it; one that was seen before is not taken apart again,
//! only its number is repeated.

mod known;
mod recent;
mod sink;

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_schema::ArrowError;
use foldhash::quality::RandomState;
use hashbrown::HashMap;

use crate::crack::wire;
use crate::model::{Direction, LimitHit, Limits, Message, Problem};
use crate::peel::{self, Part, PathKey, Peeler, Step};
use crate::table::ipc;
use crate::unlock::stage::ProofRows;
use crate::unlock::{Hides, may_hide};
use recent::Recent;

/// Entries each memory may hold before it is emptied. Emptying costs a repeated row, never a result.
const MEMORY_ENTRIES: usize = 1 << 20;
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

/// A URL without its query and fragment.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// A path and a value as one key.
fn paired(path: PathKey, value: (u64, u64)) -> (u64, u64) {
    (
        path.0.rotate_left(32) ^ value.0,
        path.1.rotate_left(32) ^ value.1,
    )
}

/// The tables under construction. Separate from the peeler, so that the peeler can write into it.
struct Rows {
    hash: Hash128,
    message: i64,
    /// Content that leaves belong to now.
    content: i64,
    /// Contents of the part that is peeled now; the first is the part itself.
    part_contents: Vec<i64>,
    /// Leaves come after their part was peeled: no content begins in it any more.
    resumed: bool,
    /// Objects and arrays entered; only the outermost one is a content of its own.
    entered: Vec<(u64, u64)>,
    subtrees: Recent<i64>,
    next_content: i64,
    next_path: i64,
    next_value: i64,
    path_ids: HashMap<(u64, u64), i64>,
    value_ids: HashMap<(u64, u64), i64>,
    /// Paths in trees by the key of their chain.
    keyed_paths: HashMap<PathKey, i64>,
    /// Path and value of leaves in trees, by both.
    pairs: Recent<(i64, i64)>,
    /// Path and value of the last leaf.
    last: (i64, i64),
    limit_seen: HashMap<LimitHit, ()>,
    limits: Vec<LimitHit>,
    problems: Vec<Problem>,
    bytes: usize,
    rows: usize,
    // paths
    path: Int64Builder,
    part: StringBuilder,
    layers: ListBuilder<StringBuilder>,
    selectors: ListBuilder<StringBuilder>,
    name: StringBuilder,
    // values
    value: Int64Builder,
    value_bytes: BinaryBuilder,
    // closed
    closed: Int64Builder,
    alone: BooleanBuilder,
    proofs: ProofRows,
    // contents
    message_of: Int64Builder,
    content_of: Int64Builder,
    // leaves
    leaf_content: Int64Builder,
    leaf_path: Int64Builder,
    leaf_value: Int64Builder,
}

impl Rows {
    /// The number of a value; a new one is written.
    fn value_id(&mut self, key: (u64, u64), value: &[u8]) -> i64 {
        if let Some(&id) = self.value_ids.get(&key) {
            return id;
        }
        let id = self.next_value;
        self.next_value += 1;
        self.value_ids.insert(key, id);
        self.value.append_value(id);
        self.value_bytes.append_value(value);
        if let Some(hides) = may_hide(value) {
            self.closed.append_value(id);
            self.alone.append_value(hides == Hides::Alone);
        }
        self.bytes += value.len() + 16;
        id
    }

    /// A row of `paths`, and its number.
    fn new_path<'a>(
        &mut self,
        part: &str,
        steps: impl Iterator<Item = (&'a str, &'a str)>,
        name: Option<&str>,
    ) -> i64 {
        let id = self.next_path;
        self.next_path += 1;
        self.path.append_value(id);
        self.part.append_value(part);
        for (layer, selector) in steps {
            self.layers.values().append_value(layer);
            self.selectors.values().append_value(selector);
            self.bytes += selector.len() + 16;
        }
        self.layers.append(true);
        self.selectors.append(true);
        self.name.append_option(name);
        id
    }

    /// A leaf of the content that is taken apart now.
    fn row(&mut self, path: i64, value: i64) {
        self.leaf_content.append_value(self.content);
        self.leaf_path.append_value(path);
        self.leaf_value.append_value(value);
        self.rows += 1;
        self.last = (path, value);
    }

    /// Leaves from here on belong to a new content.
    fn begin_content(&mut self) {
        self.content = self.next_content;
        self.next_content += 1;
        self.part_contents.push(self.content);
    }

    fn content_rows(&mut self, contents: &[i64]) {
        for &content in contents {
            self.message_of.append_value(self.message);
            self.content_of.append_value(content);
        }
        self.rows += contents.len();
    }
}

/// The peel stage of one evidence.
pub struct Leaves {
    peeler: Peeler,
    rows: Rows,
    contents: HashMap<(u64, u64), Box<[i64]>>,
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
                content: 0,
                part_contents: Vec::new(),
                resumed: false,
                entered: Vec::new(),
                subtrees: Recent::default(),
                next_content: 0,
                next_path: 0,
                next_value: 0,
                path_ids: HashMap::new(),
                value_ids: HashMap::new(),
                keyed_paths: HashMap::new(),
                pairs: Recent::default(),
                last: (0, 0),
                limit_seen: HashMap::new(),
                limits: Vec::new(),
                problems: Vec::new(),
                bytes: 0,
                rows: 0,
                path: Int64Builder::new(),
                part: StringBuilder::new(),
                layers: ListBuilder::new(StringBuilder::new()),
                selectors: ListBuilder::new(StringBuilder::new()),
                name: StringBuilder::new(),
                value: Int64Builder::new(),
                value_bytes: BinaryBuilder::new(),
                closed: Int64Builder::new(),
                alone: BooleanBuilder::new(),
                proofs: ProofRows::default(),
                message_of: Int64Builder::new(),
                content_of: Int64Builder::new(),
                leaf_content: Int64Builder::new(),
                leaf_path: Int64Builder::new(),
                leaf_value: Int64Builder::new(),
            },
            contents: HashMap::new(),
        }
    }

    /// Peel every part of one message.
    pub fn push(&mut self, message: &Message<'_>) {
        self.rows.message = message.id;
        self.rows.resumed = false;
        let way = match message.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let server = message.server.map_or("", |(address, _)| address);
        let words = [
            way,
            message.host.unwrap_or(server),
            message.url.map_or("", without_query),
        ];
        self.peeler.set_endpoint(Some(&words));
        for part in peel::parts(message).iter() {
            let host = message.host.unwrap_or_default();
            let whole = part.name == "body" && wire::is_whole(host, &part.bytes);
            if !(whole && self.push_known(message, &part)) {
                self.push_part(&part);
            }
        }
    }

    /// Peel a value that is no message; `number` stands for it in column `message` of table `contents`.
    pub fn push_value(&mut self, number: i64, part: &Part<'_>) {
        self.rows.message = number;
        self.push_part(part);
    }

    fn push_part(&mut self, part: &Part<'_>) {
        let key = self.rows.hash.of(&(
            &part.name,
            &part.content_type,
            &part.content_encoding,
            &part.bytes,
        ));
        if let Some(known) = self.contents.get(&key) {
            self.rows.content_rows(known);
            return;
        }
        self.rows.part_contents.clear();
        self.rows.begin_content();
        self.peeler.peel(part, &mut self.rows);
        let found = std::mem::take(&mut self.rows.part_contents);
        self.rows.content_rows(&found);
        if self.contents.len() >= MEMORY_ENTRIES {
            self.contents.clear();
        }
        self.contents.insert(key, found.as_slice().into());
        self.rows.part_contents = found;
    }

    /// True when so many messages wait for others of their endpoint that [`Leaves::settle`] should be called.
    pub fn overdue(&self) -> bool {
        self.peeler.is_over()
    }

    /// Give the leaves of messages that wait for others of their endpoint, until a batch is full; false when none
    /// waits any more.
    pub fn settle(&mut self) -> bool {
        while !self.full() {
            if !self.peeler.settle(&mut self.rows) {
                return false;
            }
        }
        true
    }

    /// True when a batch is worth sending.
    pub fn full(&self) -> bool {
        self.rows.bytes >= 4 << 20 || self.rows.rows >= 1 << 17
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
        (rows.bytes, rows.rows) = (0, 0);
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
            frames.push((
                "values",
                ipc(vec![
                    ("value", value),
                    ("bytes", Arc::new(rows.value_bytes.finish())),
                ])?,
            ));
        }
        let closed: ArrayRef = Arc::new(rows.closed.finish());
        if !closed.is_empty() {
            let alone = Arc::new(rows.alone.finish());
            frames.push(("closed", ipc(vec![("value", closed), ("alone", alone)])?));
        }
        if let Some(payload) = rows.proofs.take()? {
            frames.push(("proofs", payload));
        }
        let content: ArrayRef = Arc::new(rows.leaf_content.finish());
        if !content.is_empty() {
            frames.push((
                "leaves",
                ipc(vec![
                    ("content", content),
                    ("path", Arc::new(rows.leaf_path.finish())),
                    ("value", Arc::new(rows.leaf_value.finish())),
                ])?,
            ));
        }
        let message: ArrayRef = Arc::new(rows.message_of.finish());
        if !message.is_empty() {
            let content: ArrayRef = Arc::new(rows.content_of.finish());
            frames.push((
                "contents",
                ipc(vec![("message", message), ("content", content)])?,
            ));
        }
        if rows.path_ids.len() >= MEMORY_ENTRIES || rows.value_ids.len() >= MEMORY_ENTRIES {
            // Ids that were given stay valid: none is given twice.
            rows.path_ids.clear();
            rows.value_ids.clear();
        }
        if rows.keyed_paths.len() >= MEMORY_ENTRIES {
            rows.keyed_paths.clear();
        }
        Ok(frames)
    }
}
