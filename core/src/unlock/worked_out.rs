//! Keys that are worked out from one value: in its statistics, or from what is expected inside.

use super::chance::is_chance;
use super::expected::expected;
use super::undo::CUSTOM_BASE64;
use super::{Around, Form, Found, KNOWN_VALUES, Proof, STATISTICS, Unlocker, Way, follow};
use crate::peel::OwnedStep;
use crate::solve;

/// Steps a solver may take for one value: some milliseconds.
const SOLVER_STEPS: u64 = 4_000_000;
/// Steps for an alphabet: nearly all are taken only where a known value fits, which noise seldom lets it.
const ALPHABET_STEPS: u64 = 40_000_000;
/// Longest text for which an alphabet is sought: its words are compared again and again.
pub(super) const ALPHABET_BYTES: usize = 64 << 10;
/// The limit that a longer one meets.
pub(super) const ALPHABET_LIMIT: &str = "bytes of a text under an unknown alphabet";

impl Unlocker {
    /// Open a value without a candidate.
    pub(super) fn solve(
        &mut self,
        form: Form,
        bytes: &[u8],
        around: &Around<'_>,
        limits: &mut Vec<(&'static str, u64)>,
    ) -> Option<Found> {
        if !form.is_binary(bytes) {
            let judge = &mut self.judge;
            let found = self
                .alphabets
                .decode(bytes, &mut |plain| judge.evidence(plain));
            if let Some(found) = found {
                let step = OwnedStep {
                    layer: CUSTOM_BASE64.to_owned(),
                    selector: found.selector,
                };
                let proof = Proof {
                    evidence: Some(found.evidence),
                    tried: found.tried,
                    key: found.label,
                    derivation: "alphabet".to_owned(),
                };
                return Some((step.clone(), found.plain, proof, Way::Solved(step)));
            }
        }
        let binary = form.is_binary(bytes);
        let mut budget = solve::Budget::new(steps(binary));
        let (solved, key) = if binary {
            (
                solve::xor::solve(&[bytes], &self.cribs, &mut budget),
                STATISTICS,
            )
        } else if bytes.len() > ALPHABET_BYTES {
            limits.push((ALPHABET_LIMIT, ALPHABET_BYTES as u64));
            return None;
        } else {
            let cribs = expected(&self.cribs, around, bytes);
            let partly = solve::alphabet::solve_partly(&[bytes], &cribs, &mut budget);
            (
                partly.map(solve::alphabet::Partly::into_solved),
                KNOWN_VALUES,
            )
        };
        if budget.exhausted() {
            limits.push(("solver steps", budget.limit()));
        }
        self.spend_steps(&budget);
        let solved = solved?;
        let (layer, selector) = solved.selector.split_once(':')?;
        if is_chance(layer, bytes, solved.proven()) {
            return None;
        }
        let step = OwnedStep {
            layer: layer.to_owned(),
            selector: selector.to_owned(),
        };
        let plain = follow(layer, selector, bytes)?;
        let proof = Proof {
            evidence: Some(solved.proven()),
            tried: 0,
            key: key.to_owned(),
            derivation: told(in_part(&step, bytes).as_deref()),
        };
        Some((step.clone(), plain, proof, Way::Solved(step)))
    }
}

/// Steps that a solver may take.
pub(super) fn steps(binary: bool) -> u64 {
    if binary { SOLVER_STEPS } else { ALPHABET_STEPS }
}

/// The plaintext of a text under an alphabet that may be known in part.
pub(super) fn in_part(step: &OwnedStep, bytes: &[u8]) -> Option<Vec<Option<u8>>> {
    let selector = format!("{}:{}", step.layer, step.selector);
    solve::alphabet::follow_partly(&selector, bytes)
}

/// How much of a plaintext is decided, where it is not all.
pub(super) fn told(plain: Option<&[Option<u8>]>) -> String {
    let plain = plain.unwrap_or_default();
    match plain.iter().flatten().count() {
        decided if decided < plain.len() => {
            format!("{decided} of {} bytes decided", plain.len())
        }
        _ => String::new(),
    }
}
