//! The way from a part of a message to a leaf.

use super::tree::push_lower;
use super::walk::Path;
use crate::model::LimitHit;

/// One layer that was removed on the way to a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step<'a> {
    /// Name of the layer: `form`, `base64`, `content-encoding(gzip)`, ….
    pub layer: &'static str,
    /// Which of the children: a field name, a path; empty where a layer has one child.
    pub selector: &'a str,
}

/// A [`Step`] that owns its words, as it comes back from a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnedStep {
    /// Name of the layer.
    pub layer: String,
    /// Which of the children.
    pub selector: String,
}

impl From<Step<'_>> for OwnedStep {
    fn from(step: Step<'_>) -> Self {
        OwnedStep {
            layer: step.layer.to_owned(),
            selector: step.selector.to_owned(),
        }
    }
}

/// Steps handed to a sink without an allocation: in most messages, and in nearly all.
const FEW: usize = 3;
const SOME: usize = 8;

/// The chain at this moment of the search; all words live in two buffers that are used again.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    part: String,
    steps: Vec<(&'static str, usize)>,
    selectors: String,
    names: String,
    name_starts: Vec<usize>,
}

impl Chain {
    /// Begin a part.
    pub(crate) fn begin(&mut self, part: &str) {
        self.part.clear();
        self.part.push_str(part);
        self.steps.clear();
        self.selectors.clear();
        self.names.clear();
        self.name_starts.clear();
    }

    /// Layers on the chain.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Put a layer on.
    pub(crate) fn push(&mut self, layer: &'static str) {
        self.steps.push((layer, self.selectors.len()));
    }

    /// Take the last layer off.
    pub(crate) fn pop(&mut self) {
        if let Some((_, start)) = self.steps.pop() {
            self.selectors.truncate(start);
        }
    }

    /// Replace the selector of the last layer.
    pub(crate) fn select(&mut self, selector: &str) {
        if let Some(&(_, start)) = self.steps.last() {
            self.selectors.truncate(start);
            self.selectors.push_str(selector);
        }
    }

    /// Enter a field; its name is kept in lower case.
    pub(crate) fn push_name(&mut self, name: &str) {
        self.name_starts.push(self.names.len());
        push_lower(&mut self.names, name);
    }

    /// Replace the selector of the last layer by a path, and enter the member it ends at, if there is one.
    /// True: there is, and it must be left again.
    pub(crate) fn select_path(&mut self, path: &Path<'_>) -> bool {
        if let Some(&(_, start)) = self.steps.last() {
            self.selectors.truncate(start);
            path.write(&mut self.selectors);
        }
        let start = self.names.len();
        let named = path.write_name(&mut self.names);
        if named {
            self.name_starts.push(start);
        }
        named
    }

    /// Leave a field.
    pub(crate) fn pop_name(&mut self) {
        if let Some(start) = self.name_starts.pop() {
            self.names.truncate(start);
        }
    }

    /// Name of the innermost field.
    fn name(&self) -> Option<&str> {
        self.name_starts.last().map(|&start| &self.names[start..])
    }

    fn step(&self, index: usize) -> Option<Step<'_>> {
        let &(layer, start) = self.steps.get(index)?;
        let end = self
            .steps
            .get(index + 1)
            .map_or(self.selectors.len(), |&(_, next)| next);
        Some(Step {
            layer,
            selector: &self.selectors[start..end],
        })
    }

    /// Hand part, steps and name to `take`.
    pub(crate) fn with<R>(&self, take: impl FnOnce(&str, &[Step<'_>], Option<&str>) -> R) -> R {
        let length = self.steps.len();
        if length <= FEW {
            return self.with_up_to::<FEW, R>(take);
        }
        if length <= SOME {
            return self.with_up_to::<SOME, R>(take);
        }

        let steps: Vec<Step<'_>> = (0..length).filter_map(|index| self.step(index)).collect();
        take(&self.part, &steps, self.name())
    }

    fn with_up_to<const N: usize, R>(
        &self,
        take: impl FnOnce(&str, &[Step<'_>], Option<&str>) -> R,
    ) -> R {
        let mut steps = [Step {
            layer: "",
            selector: "",
        }; N];
        let mut end = self.selectors.len();
        let used = self.steps.len().min(N);
        for (slot, &(layer, start)) in steps[..used].iter_mut().zip(&self.steps).rev() {
            *slot = Step {
                layer,
                selector: &self.selectors[start..end],
            };
            end = start;
        }
        take(&self.part, &steps[..used], self.name())
    }

    /// The chain in words, `body | form:data | base64`.
    pub(crate) fn place(&self) -> String {
        self.with(|part, steps, _| text(part, steps))
    }

    /// A limit met here.
    pub(crate) fn limit(&self, what: &'static str, limit: u64) -> LimitHit {
        LimitHit {
            what,
            limit,
            place: self.place(),
        }
    }
}

/// A chain in words: `part | layer:selector | layer`.
pub fn text(part: &str, steps: &[Step<'_>]) -> String {
    let mut out = part.to_owned();
    for step in steps {
        out.push_str(" | ");
        out.push_str(step.layer);
        if !step.selector.is_empty() {
            out.push(':');
            out.push_str(step.selector);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_share_one_buffer() {
        let mut chain = Chain::default();
        chain.begin("body");
        chain.push("form");
        chain.select("Data");
        chain.push_name("Data");
        chain.push("json");
        chain.select("$.a");
        chain.select("$.bc");
        chain.push_name("BC");
        assert_eq!(chain.place(), "body | form:Data | json:$.bc");
        assert_eq!(chain.name(), Some("bc"));
        chain.pop_name();
        chain.pop();
        assert_eq!(chain.place(), "body | form:Data");
        assert_eq!(chain.name(), Some("data"));
    }
}
