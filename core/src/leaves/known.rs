//! Bodies in a known format: opened while their message is at hand.

use super::{Leaves, Rows};
use crate::model::{LimitHit, Message, Problem};
use crate::peel::{LeafSink, Part};
use crate::unlock::{Leaf, Unlocked, recognise};

impl Leaves {
    /// A body in a known format; false when it is none, or did not open. It is no content that others share:
    /// what opens it may stand elsewhere in its message.
    pub(super) fn push_known(&mut self, message: &Message<'_>, part: &Part<'_>) -> bool {
        let Some((format, unlocked)) = recognise(&mut self.peeler, message, &part.bytes) else {
            return false;
        };
        self.rows.part_contents.clear();
        self.rows.begin_content();
        let Unlocked {
            steps,
            leaves,
            proof,
            limits,
            problems,
        } = unlocked;
        let step = steps.len().saturating_sub(1);
        let layer = steps.last().map_or("", |step| step.layer.as_str());
        let content = self.rows.content;
        self.rows
            .proofs
            .add(content, step, layer, &proof, Some(format));
        for leaf in leaves {
            self.rows.owned_leaf(&part.name, &leaf);
        }
        for (what, limit, place) in limits {
            self.rows.limit(LimitHit { what, limit, place });
        }
        for text in problems {
            self.rows.problem(Problem {
                code: "malformed",
                text,
                place: part.name.to_string(),
                count: 1,
            });
        }
        self.rows.content_rows(&[content]);
        true
    }
}

impl Rows {
    /// A leaf of an opened format; its chain holds a key and is hardly ever the same twice.
    fn owned_leaf(&mut self, part: &str, leaf: &Leaf) {
        let steps = leaf.steps.iter();
        let steps = steps.map(|step| (step.layer.as_str(), step.selector.as_str()));
        let path = self.new_path(part, steps, leaf.name.as_deref());
        let value = self.value_id(self.hash.of(&leaf.value.as_slice()), &leaf.value);
        self.row(path, value);
    }
}
