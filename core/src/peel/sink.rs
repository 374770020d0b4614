//! Who takes what the peeler finds.

use super::chain::Step;
use super::endpoint::Ticket;
use super::readings::Reading;
use super::walk::PathKey;
use crate::model::{LimitHit, Problem};

/// Takes what the peeler finds.
pub trait LeafSink {
    /// A value at the end of a chain: the part, the layers taken off (outermost first), the name of the
    /// innermost field in lower case, and the bytes.
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]);
    /// A limit that was met; what it kept closed is a leaf as it is.
    fn limit(&mut self, hit: LimitHit);
    /// A layer that breaks off or is damaged; what could be read of it has been peeled.
    fn problem(&mut self, problem: Problem);
    /// A subtree of a tree (an object or array of middling size) begins, with its raw bytes. Who has seen the
    /// same bytes under the same key before answers true, and its leaves are not given again.
    fn enter(&mut self, _key: PathKey, _raw: &[u8]) -> bool {
        false
    }
    /// A value in a tree whose chain has this key. Who was told by [`LeafSink::learn`] that it is a leaf there
    /// takes it again and answers true.
    fn again(&mut self, _key: PathKey, _value: &[u8]) -> bool {
        false
    }
    /// A leaf whose chain has this key. Who has learnt the chain takes it and answers true.
    fn under(&mut self, _key: PathKey, _value: &[u8]) -> bool {
        false
    }
    /// The leaf that was just given is this value, and its chain has this key.
    fn learn(&mut self, _key: PathKey, _value: &[u8]) {}
    /// Leaves of the content that is peeled will come later, after [`LeafSink::resume`] with what is given here.
    /// A sink that cannot take them later gives nothing, and gets them now.
    fn hold(&mut self) -> Option<Ticket> {
        None
    }
    /// Leaves from here on belong to the content for which [`LeafSink::hold`] gave this.
    fn resume(&mut self, _ticket: Ticket) {}
    /// The subtree that was entered ends; `whole`: all its leaves were given.
    fn leave(&mut self, _whole: bool) {}
    /// True when other readings of values are wanted too. Each value that is opened then costs a look at every
    /// layer, so only who looks at single values asks for it.
    fn wants_readings(&self) -> bool {
        false
    }
    /// More than one layer proves itself on the value at the end of this chain; the first is the one that is
    /// followed.
    fn readings(&mut self, _part: &str, _steps: &[Step<'_>], _readings: Vec<Reading>) {}
}
