//! Unlock: open the values that peeling left closed, by keys and by what is known to be inside.
//!
//! Peeling takes off what proves itself without any key. What is left as noise is tried here, in the form in
//! which it stands and with its base64 or hexadecimal digits undone: first as the last value of the same
//! field was opened, then with every key that was proposed, then by the solvers. A plaintext counts only with
//! its evidence, less the logarithm of what was tried; it is peeled on to its leaves.
//!
//! Every layer that is taken off here carries its key in its selector, so that [`replay`] takes
//! it off again without searching.

mod alphabets;
mod chance;
mod closed;
mod expected;
mod forms;
mod found;
mod nested;
pub mod stage;
#[cfg(test)]
mod tests;
mod undo;
mod whole;
mod worked_out;

use hashbrown::HashMap;

use crate::crack::wire;
use crate::crack::{self, Extra, Keys};
use crate::model::{LimitHit, Limits, Problem};
use crate::peel::{Judge, LeafSink, OwnedStep, Part, Peeler, Step};
use crate::solve::{self, Cribs};
pub use closed::{Hides, may_hide};
pub use found::{Around, Format, Leaf, Outcome, Proof, Unlocked};
pub use nested::{Inner, Opened};
pub use undo::{follow, layers, replay};
pub use whole::recognise;

use alphabets::Alphabets;
use chance::is_chance;
use expected::expected;
use forms::{Form, forms};
use found::{beside, known_format, owned};
use undo::CUSTOM_BASE64;
use worked_out::{in_part, steps, told};

/// Nanoseconds of a typical core that a step of a solver takes.
const STEP: u64 = 3;
/// Values of one field that are tried in vain before the rest of it is left closed.
const PATIENCE: u32 = 4;
/// So few candidates are tried in every way, as values that stand beside are: one may be the vector of another.
const FEW: usize = 32;
/// Longer values beside a closed one are not expected inside it.
const BESIDE_BYTES: usize = 256;
/// Where a key comes from that was worked out.
const STATISTICS: &str = "statistics";
const KNOWN_VALUES: &str = "known values";
/// Fields of which is remembered what opens them.
const MOST_FIELDS: usize = 1 << 14;

/// How a field was opened before.
#[derive(Clone, Debug)]
struct Recipe {
    form: Form,
    way: Way,
}

/// One way to open a value.
#[derive(Clone, Debug)]
enum Way {
    /// With this candidate: its label and bytes.
    Key(String, Vec<u8>),
    /// With the same step of a solver.
    Solved(OwnedStep),
}

/// What is known of one field.
#[derive(Clone, Debug, Default)]
struct Memory {
    recipe: Option<Recipe>,
    failed: u32,
}

/// Opens closed values. One for all values of an audit: it remembers, per field, what opened it and what
/// never did.
pub struct Unlocker {
    candidates: Vec<(String, Vec<u8>)>,
    keys: Keys,
    alphabets: Alphabets,
    cribs: Cribs,
    judge: Judge,
    peeler: Peeler,
    fields: HashMap<String, Memory>,
    /// Work done so far for all values, in nanoseconds of a typical core.
    spent: u64,
    /// Whether keys are also sought in statistics.
    solving: bool,
}

impl Unlocker {
    /// `candidates` are proposed keys with their labels; `known` are values of the device, which are tried as
    /// keys too and expected in plaintexts.
    pub fn new(
        candidates: Vec<(String, Vec<u8>)>,
        known: &[(String, Vec<u8>)],
        limits: Limits,
    ) -> Self {
        let mut cribs = Cribs::new();
        for (_, value) in known {
            cribs.add(value);
        }
        let candidates: Vec<_> = candidates
            .into_iter()
            .chain(known.iter().cloned())
            .collect();
        let keys = Keys::new(
            candidates
                .iter()
                .map(|(label, bytes)| (label.as_str(), bytes.as_slice())),
        );
        Unlocker {
            alphabets: Alphabets::of(&candidates),
            candidates,
            keys,
            cribs,
            judge: Judge::new(limits.clone()),
            peeler: Peeler::new(limits),
            fields: HashMap::new(),
            spent: 0,
            solving: true,
        }
    }

    /// Work done so far for all values, in nanoseconds of a typical core: counted, not timed.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// Whether keys are sought in statistics where no candidate opens a value; they are at first.
    pub fn set_solving(&mut self, solving: bool) {
        self.solving = solving;
    }

    /// True for a value in which something may be hidden: noise, as it stands or below its digits.
    pub fn is_closed(&mut self, value: &[u8]) -> bool {
        if solve::alphabet::is_text_with_gaps(value) {
            return false;
        }
        forms(value)
            .iter()
            .any(|(form, bytes)| self.hides(*form, bytes))
            || forms::has_own_alphabet(value)
    }

    /// True for noise. What digits stood for must read as something: a text under a key of one byte is a text
    /// too, but none that anybody would write.
    fn hides(&mut self, form: Form, bytes: &[u8]) -> bool {
        if form.is_decoded() {
            self.judge.evidence(bytes).is_none()
        } else {
            self.judge.is_closed(bytes)
        }
    }

    /// Open a value, if something proves itself.
    pub fn unlock(&mut self, value: &[u8], around: &Around<'_>) -> Outcome {
        let memory = around
            .field
            .and_then(|field| self.fields.get(field))
            .cloned()
            .unwrap_or_default();
        let mut outcome = Outcome::default();
        (outcome.unlocked, outcome.format) = self.recognise(value, around);
        if outcome.unlocked.is_some() {
            return outcome;
        }
        let mut closed = false;
        for (form, bytes) in forms(value) {
            if form.is_decoded() && !self.hides(form, &bytes) {
                continue;
            }
            closed = true;
            let found = memory
                .recipe
                .as_ref()
                .filter(|recipe| recipe.form == form)
                .and_then(|recipe| self.again(&recipe.way, &bytes))
                .or_else(|| {
                    (memory.failed < PATIENCE)
                        .then(|| self.search(form, &bytes, around, &mut outcome.limits))?
                });
            if let Some((step, plain, proof, way)) = found {
                let mut steps: Vec<OwnedStep> = form.steps();
                steps.push(step);
                outcome.unlocked = Some(self.peel(steps, &plain, proof));
                self.remember(around.field, Some(Recipe { form, way }));
                return outcome;
            }
        }
        if closed {
            self.remember(around.field, None);
        }
        outcome
    }

    /// The known format of a value, and what is inside if that can be opened from the message alone.
    pub fn recognise(
        &mut self,
        value: &[u8],
        around: &Around<'_>,
    ) -> (Option<Unlocked>, Option<Format>) {
        let Some(known) = wire::recognise(&around.message, around.name, value) else {
            return (None, None);
        };
        let mut format = Format {
            id: known.id,
            name: known.name,
            vendor: known.vendor,
            disguise: None,
            text: "",
        };
        let unlocked = match known.outcome {
            wire::Outcome::Opened { layers, plain } => {
                Some(self.peel(owned(layers), &plain, known_format(known.name)))
            }
            wire::Outcome::Plain => None,
            wire::Outcome::ToRecipient(text) => {
                (format.disguise, format.text) = (Some("to-recipient"), text);
                None
            }
            wire::Outcome::NotKnown(text) => {
                (format.disguise, format.text) = (Some("opaque"), text);
                None
            }
        };
        (unlocked, Some(format))
    }

    fn remember(&mut self, field: Option<&str>, recipe: Option<Recipe>) {
        let Some(field) = field else {
            return;
        };
        if self.fields.len() >= MOST_FIELDS && !self.fields.contains_key(field) {
            self.fields.clear();
        }
        let memory = self.fields.entry(field.to_owned()).or_default();
        match recipe {
            Some(recipe) => {
                memory.recipe = Some(recipe);
                memory.failed = 0;
            }
            None => memory.failed = memory.failed.saturating_add(1),
        }
    }

    /// Do what opened the value before it.
    fn again(&mut self, way: &Way, bytes: &[u8]) -> Option<Found> {
        match way {
            Way::Key(label, candidate) => {
                let worked = (label.as_str(), candidate.as_slice());
                let keys = Keys::new([worked]);
                // Among few candidates another one may have been the vector.
                let beside = match self.candidates.len() {
                    0..=FEW => beside([worked].into_iter(), &self.candidates),
                    _ => Vec::new(),
                };
                let extra = Extra {
                    ivs: &[],
                    siblings: &beside,
                };
                let mut budget = crack::Budget::default();
                let judge = &mut self.judge;
                let mut evidence = |plain: &[u8]| judge.evidence(plain);
                let found = crack::open(bytes, &keys, &extra, &mut evidence, &mut budget)?;
                Some(from_crack(found, way.clone()))
            }
            Way::Solved(step) => {
                let plain = follow(&step.layer, &step.selector, bytes)?;
                let partly = in_part(step, bytes);
                let found = partly
                    .as_deref()
                    .and_then(solve::alphabet::evidence_with_gaps);
                let evidence = Some(found.or_else(|| self.judge.evidence(&plain))?);
                let alphabet = step.layer == CUSTOM_BASE64;
                let proof = Proof {
                    evidence,
                    tried: 0,
                    key: if alphabet { KNOWN_VALUES } else { STATISTICS }.to_owned(),
                    derivation: told(partly.as_deref()),
                };
                Some((step.clone(), plain, proof, way.clone()))
            }
        }
    }

    fn search(
        &mut self,
        form: Form,
        bytes: &[u8],
        around: &Around<'_>,
        limits: &mut Vec<(&'static str, u64)>,
    ) -> Option<Found> {
        if form.is_binary(bytes) {
            let beside = beside(around.siblings.iter().copied(), &self.candidates);
            let extra = Extra {
                ivs: &[],
                siblings: &beside,
            };
            let mut budget = crack::Budget::default();
            let judge = &mut self.judge;
            let mut evidence = |plain: &[u8]| judge.evidence(plain);
            let found = crack::open(bytes, &self.keys, &extra, &mut evidence, &mut budget);
            limits.extend(budget.met().iter().map(|met| (met.what, met.limit)));
            self.spent = self.spent.saturating_add(budget.spent());
            if let Some(found) =
                found.filter(|found| !is_chance(found.layer, bytes, found.evidence))
            {
                let candidate = self
                    .candidates
                    .iter()
                    .map(|(label, bytes)| (label.as_str(), bytes.as_slice()))
                    .chain(around.siblings.iter().copied())
                    .find(|(label, _)| *label == found.key_label)
                    .map_or(&[][..], |(_, bytes)| bytes);
                let way = Way::Key(found.key_label.clone(), candidate.to_vec());
                return Some(from_crack(found, way));
            }
        }
        self.solving
            .then(|| self.solve(form, bytes, around, limits))
            .flatten()
    }

    fn spend_steps(&mut self, budget: &solve::Budget) {
        let work = budget.spent().saturating_mul(STEP);
        self.spent = self.spent.saturating_add(work);
    }

    /// Go on inside a plaintext.
    fn peel(&mut self, steps: Vec<OwnedStep>, plain: &[u8], proof: Proof) -> Unlocked {
        peel(&mut self.peeler, steps, plain, proof)
    }
}

fn peel(peeler: &mut Peeler, steps: Vec<OwnedStep>, plain: &[u8], proof: Proof) -> Unlocked {
    let mut inside = Inside(Unlocked {
        steps,
        leaves: Vec::new(),
        proof,
        limits: Vec::new(),
        problems: Vec::new(),
    });
    peeler.peel(&Part::new("value", plain), &mut inside);
    inside.0
}

type Found = (OwnedStep, Vec<u8>, Proof, Way);

fn from_crack(found: crack::Cracked, way: Way) -> Found {
    let step = OwnedStep {
        layer: found.layer.to_owned(),
        selector: found.selector,
    };
    let proof = Proof {
        evidence: Some(found.evidence),
        tried: found.tried,
        key: found.key_label,
        derivation: found.derivation,
    };
    (step, found.plain, proof, way)
}

/// Takes what the peeler finds in a plaintext.
struct Inside(Unlocked);

impl LeafSink for Inside {
    fn leaf(&mut self, _part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let around = self.0.steps.iter().cloned();
        self.0.leaves.push(Leaf {
            steps: around
                .chain(steps.iter().map(|&step| step.into()))
                .collect(),
            name: name.map(str::to_owned),
            value: value.to_vec(),
        });
    }

    fn limit(&mut self, hit: LimitHit) {
        self.0.limits.push((hit.what, hit.limit, hit.place));
    }

    fn problem(&mut self, problem: Problem) {
        self.0.problems.push(problem.text);
    }
}
