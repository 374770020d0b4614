//! What goes into the opening of closed values, and what comes out of it.

use crate::crack::wire::{self, Surroundings};
use crate::peel::OwnedStep;

/// What the label of a candidate ends with that a hook logged: `peel/candidates.py`.
const LOGGED: &str = ", logged";

/// What is known around a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// Which values are of one kind: application, host, path and field, in any spelling. `None`: it is alone,
    /// and nothing is remembered.
    pub field: Option<&'a str>,
    /// Name of the field that holds the value; empty for a whole body.
    pub name: &'a str,
    /// Values beside it in the same message: name and bytes.
    pub siblings: &'a [(&'a str, &'a [u8])],
    /// When the message was sent, in seconds since 1970, where that is known.
    pub time: Option<u64>,
    /// The message.
    pub message: Surroundings<'a>,
}

/// A leaf inside an opened value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The steps that lead to it, outermost first.
    pub steps: Vec<OwnedStep>,
    /// Name of the innermost field, in lower case.
    pub name: Option<String>,
    /// Its bytes.
    pub value: Vec<u8>,
}

/// What proves that a value was opened rightly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Evidence in tenths of a bit, the hypotheses paid for. `None` for a known format, which proves itself by
    /// its own rules.
    pub evidence: Option<i64>,
    /// Hypotheses tried for this value; 0 where a key was carried over from the value before it.
    pub tried: u64,
    /// Where the key comes from: the label of a candidate, `statistics`, or `known values`.
    pub key: String,
    /// How the key was made of the candidate.
    pub derivation: String,
}

impl Proof {
    /// What kind of source the key has: `known format`, `worked out`, `beside it` (a value of the same
    /// message), `device` (a value of it), `logged` (by a hook), or `key file`.
    pub fn source(&self) -> &'static str {
        match self.key.as_str() {
            _ if self.evidence.is_none() => "known format",
            "statistics" | "known values" => "worked out",
            key if key.ends_with(super::stage::BESIDE_IT) => "beside it",
            key if key.ends_with(super::stage::OF_DEVICE) => "device",
            key if key.ends_with(LOGGED) => "logged",
            _ => "key file",
        }
    }
}

/// A value that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlocked {
    /// The steps taken here: the form of the value, then the cipher.
    pub steps: Vec<OwnedStep>,
    /// What is inside, peeled on.
    pub leaves: Vec<Leaf>,
    /// Its proof.
    pub proof: Proof,
    /// Limits that were met inside: name, value, place.
    pub limits: Vec<(&'static str, u64, String)>,
    /// What was damaged inside.
    pub problems: Vec<String>,
}

/// What came of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The value opened.
    pub unlocked: Option<Unlocked>,
    /// The known wire format that it has, opened or not.
    pub format: Option<Format>,
    /// Limits that were met on the way: name and value.
    pub limits: Vec<(&'static str, u64)>,
}

/// A known wire format, and why it stays closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Its id in the knowledge base.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// `to-recipient` when only the recipient has the key, `opaque` when that is not known, `None` when it
    /// needs no key or was opened.
    pub disguise: Option<&'static str>,
    /// A sentence about that; empty when there is nothing to say.
    pub text: &'static str,
}

/// The proof of a known format: it proves itself by its own rules.
pub(super) fn known_format(name: &str) -> Proof {
    Proof {
        evidence: None,
        tried: 0,
        key: name.to_owned(),
        derivation: "known format".to_owned(),
    }
}

/// The steps of a known format.
pub(super) fn owned(layers: Vec<wire::Layer>) -> Vec<OwnedStep> {
    layers
        .into_iter()
        .map(|layer| OwnedStep {
            layer: layer.layer.to_owned(),
            selector: layer.selector,
        })
        .collect()
}

/// What is tried in every way: what stands beside, and the candidates where they are few.
pub(super) fn beside<'a>(
    siblings: impl Iterator<Item = (&'a str, &'a [u8])>,
    candidates: &'a [(String, Vec<u8>)],
) -> Vec<(&'a str, &'a [u8])> {
    let few = if candidates.len() > super::FEW {
        &[]
    } else {
        candidates
    };
    let few = few
        .iter()
        .map(|(label, bytes)| (label.as_str(), bytes.as_slice()));
    siblings.chain(few).collect()
}
