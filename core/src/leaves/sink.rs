//! What the peeler finds, as rows.

use super::{MAX_ROWS, Rows, paired};
use crate::model::{LimitHit, Problem};
use crate::peel::{LeafSink, PathKey, Step, Ticket};

impl LeafSink for Rows {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let key = self.hash.of_path(part, steps);
        let path = if let Some(&id) = self.path_ids.get(&key) {
            id
        } else {
            let steps = steps.iter().map(|step| (step.layer, step.selector));
            let id = self.new_path(part, steps, name);
            self.path_ids.insert(key, id);
            id
        };
        let value = self.value_id(self.hash.of(&value), value);
        self.row(path, value);
    }

    fn again(&mut self, key: PathKey, value: &[u8]) -> bool {
        let pair = paired(key, self.hash.of(&value));
        let Some((path, value)) = self.pairs.get(pair) else {
            return false;
        };
        self.row(path, value);
        true
    }

    fn under(&mut self, key: PathKey, value: &[u8]) -> bool {
        let Some(&path) = self.keyed_paths.get(&key) else {
            return false;
        };
        let hashed = self.hash.of(&value);
        let value = self.value_id(hashed, value);
        self.pairs.insert(paired(key, hashed), (path, value));
        self.row(path, value);
        true
    }

    fn learn(&mut self, key: PathKey, value: &[u8]) {
        self.keyed_paths.insert(key, self.last.0);
        let pair = paired(key, self.hash.of(&value));
        self.pairs.insert(pair, self.last);
    }

    fn hold(&mut self) -> Option<Ticket> {
        Some((self.content, self.message))
    }

    fn resume(&mut self, ticket: Ticket) {
        (self.content, self.message) = ticket;
        self.resumed = true;
    }

    fn enter(&mut self, key: PathKey, raw: &[u8]) -> bool {
        if self.resumed {
            return false;
        }
        let key = self.hash.of(&(key, raw));
        if self.entered.is_empty() {
            if let Some(known) = self.subtrees.get(key) {
                self.part_contents.push(known);
                return true;
            }
            self.begin_content();
            self.subtrees.insert(key, self.content);
        }
        self.entered.push(key);
        false
    }

    fn leave(&mut self, whole: bool) {
        if let Some(key) = self.entered.pop()
            && self.entered.is_empty()
        {
            if !whole {
                self.subtrees.remove(key);
            }
            self.content = self.part_contents.first().copied().unwrap_or_default();
        }
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
        if let Some(same) = self
            .problems
            .iter_mut()
            .find(|p| p.code == problem.code && p.text == problem.text)
        {
            same.count += problem.count;
        } else if self.problems.len() < MAX_ROWS {
            problem.place = format!("message {}: {}", self.message, problem.place);
            self.problems.push(problem);
        }
    }
}
