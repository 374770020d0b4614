//! A closed value and everything that is closed inside it.

use super::{Around, Format, Proof, Unlocker};
use crate::peel::OwnedStep;

/// Ciphers within ciphers that are opened.
const MOST_ROUNDS: usize = 4;
/// Longer values beside a closed one are no keys.
const SIBLING: usize = 512;

/// A leaf inside a closed value.
#[derive(Clone, Debug)]
pub struct Inner {
    /// The steps that lead to it from the closed value, outermost first.
    pub steps: Vec<OwnedStep>,
    /// Name of the innermost field, in lower case.
    pub name: Option<String>,
    /// Its bytes.
    pub value: Vec<u8>,
    /// Which steps needed a key, by their place in `steps`, each with its proof and, for a known format, its
    /// id.
    pub proofs: Vec<(usize, Proof, Option<&'static str>)>,
}

/// What came of a closed value.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// The leaves inside; empty when it stayed closed.
    pub leaves: Vec<Inner>,
    /// The known wire format that the value has.
    pub format: Option<Format>,
    /// Limits that were met: name, value, place below the value.
    pub limits: Vec<(&'static str, u64, String)>,
    /// What was damaged inside.
    pub problems: Vec<String>,
}

/// Where something is, by the layers above it; keys stay out of it.
fn place(steps: &[OwnedStep]) -> String {
    let layers: Vec<&str> = steps.iter().map(|step| step.layer.as_str()).collect();
    layers.join(" | ")
}

impl Unlocker {
    /// Open a value, and what is closed inside it.
    pub fn open(&mut self, value: &[u8], around: &Around<'_>) -> Opened {
        let mut opened = Opened::default();
        opened.format = self.enter(value, around, &[], &[], &mut opened, 0);
        opened
    }

    fn enter(
        &mut self,
        value: &[u8],
        around: &Around<'_>,
        before: &[OwnedStep],
        proofs: &[(usize, Proof, Option<&'static str>)],
        to: &mut Opened,
        round: usize,
    ) -> Option<Format> {
        let outcome = self.unlock(value, around);
        let here = outcome
            .limits
            .iter()
            .map(|&(what, limit)| (what, limit, place(before)));
        to.limits.extend(here);
        let Some(unlocked) = outcome.unlocked else {
            return outcome.format;
        };
        let inside = |at: &str| format!("{}: {at}", place(before));
        to.limits.extend(
            unlocked
                .limits
                .iter()
                .map(|(what, limit, at)| (*what, *limit, inside(at))),
        );
        to.problems.extend(unlocked.problems);
        let mut proofs = proofs.to_vec();
        let step = before.len() + unlocked.steps.len().saturating_sub(1);
        proofs.push((
            step,
            unlocked.proof,
            outcome.format.as_ref().map(|format| format.id),
        ));
        let beside: Vec<(&str, &[u8])> = unlocked
            .leaves
            .iter()
            .map(|leaf| (leaf.name.as_deref().unwrap_or(""), leaf.value.as_slice()))
            .chain(around.siblings.iter().copied())
            .filter(|(_, bytes)| !bytes.is_empty() && bytes.len() <= SIBLING)
            .collect();
        for leaf in &unlocked.leaves {
            let steps: Vec<OwnedStep> = before.iter().chain(&leaf.steps).cloned().collect();
            if self.is_closed(&leaf.value) {
                if round + 1 < MOST_ROUNDS {
                    let others: Vec<(&str, &[u8])> = beside
                        .iter()
                        .copied()
                        .filter(|(_, bytes)| *bytes != leaf.value)
                        .collect();
                    let field = around.field.map(|field| {
                        let below: Vec<&str> =
                            leaf.steps.iter().map(|step| step.layer.as_str()).collect();
                        format!("{field} {} {:?}", below.join("|"), leaf.name)
                    });
                    let within = Around {
                        field: field.as_deref(),
                        name: leaf.name.as_deref().unwrap_or(""),
                        siblings: &others,
                        time: around.time,
                        message: around.message,
                    };
                    let found = to.leaves.len();
                    self.enter(&leaf.value, &within, &steps, &proofs, to, round + 1);
                    if to.leaves.len() > found {
                        continue;
                    }
                } else {
                    let limit = MOST_ROUNDS as u64;
                    to.limits.push(("ciphers in ciphers", limit, place(&steps)));
                }
            }
            to.leaves.push(Inner {
                steps,
                name: leaf
                    .name
                    .clone()
                    .or_else(|| Some(around.name.to_owned()).filter(|name| !name.is_empty())),
                value: leaf.value.clone(),
                proofs: proofs.clone(),
            });
        }
        outcome.format
    }
}
