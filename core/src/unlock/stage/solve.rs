//! All values of one field together: a key in their statistics, and what they tell by themselves.

use super::super::chance::is_chance;
use super::super::forms::{Form, forms};
use super::super::worked_out::{ALPHABET_BYTES, ALPHABET_LIMIT};
use super::super::{Around, Recipe, Unlocker, Way, expected, steps};
use super::Target;
use super::weakness::{Weakness, weaknesses};
use crate::peel::OwnedStep;
use crate::solve;

/// Values from which a key is worked out, and bytes of each that show whether it repeats.
const MOST_TEXTS: usize = 16;
const MOST_BYTES: usize = 2048;
/// Bytes of all of them together below which nothing is tried: a key as long as they are fits anything.
const SHORTEST: usize = 64;
/// Values of which each is compared with the others.
const MOST_COMPARED: usize = 64;

impl Unlocker {
    /// Work out the key of a field from its values, and remember it for [`Unlocker::open`].
    pub(super) fn work_out(
        &mut self,
        around: &Around<'_>,
        values: &[&[u8]],
        limits: &mut Vec<(&'static str, u64)>,
    ) {
        let Some(first) = values.first() else {
            return;
        };
        for (form, bytes) in forms(first) {
            if form.is_decoded() && !self.judge.is_closed(&bytes) {
                continue;
            }
            let binary = form.is_binary(&bytes);
            let others = values.iter().skip(1).filter_map(|value| {
                let (_, bytes) = forms(value).into_iter().find(|(other, _)| *other == form)?;
                (form.is_binary(&bytes) == binary).then_some(bytes)
            });
            let texts: Vec<_> = std::iter::once(bytes.clone())
                .chain(others)
                .take(MOST_TEXTS)
                .collect();
            let texts: Vec<&[u8]> = texts.iter().map(AsRef::as_ref).collect();
            let starts: Vec<&[u8]> = texts
                .iter()
                .map(|text| text.get(..MOST_BYTES).unwrap_or(text))
                .collect();
            if starts.iter().map(|text| text.len()).sum::<usize>() < SHORTEST {
                continue;
            }
            let cribs = expected(&self.cribs, around, first);
            let some = cribs.values().next().is_some();
            if if binary { !repeats(&starts) } else { !some } {
                continue;
            }
            let mut budget = solve::Budget::new(steps(binary));
            let (texts, long): (Vec<&[u8]>, Vec<&[u8]>) = texts
                .iter()
                .partition(|text| binary || text.len() <= ALPHABET_BYTES);
            if !long.is_empty() {
                limits.push((ALPHABET_LIMIT, ALPHABET_BYTES as u64));
            }
            let mut solve = |texts: &[&[u8]]| {
                if binary {
                    return solve::xor::solve(texts, &self.cribs, &mut budget);
                }
                solve::alphabet::solve_partly(texts, &cribs, &mut budget)
                    .map(solve::alphabet::Partly::into_solved)
            };
            let solved = solve(&texts).or_else(|| {
                // One that was cut, or is of another kind, spoils them all.
                let longest = texts.iter().max_by_key(|text| text.len())?;
                let others = texts.iter().any(|text| text != longest);
                others.then(|| solve(&[longest]))?
            });
            if budget.exhausted() {
                limits.push(("solver steps", budget.limit()));
            }
            self.spend_steps(&budget);
            let proven = solved.as_ref().map_or(0, solve::Solved::proven);
            let step = solved
                .as_ref()
                .and_then(|solved| solved.selector.split_once(':'));
            if let Some((layer, selector)) = step
                && !is_chance(layer, &bytes, proven)
            {
                let step = OwnedStep {
                    layer: layer.to_owned(),
                    selector: selector.to_owned(),
                };
                self.remember(
                    around.field,
                    Some(Recipe {
                        form,
                        way: Way::Solved(step),
                    }),
                );
                return;
            }
        }
    }
}

/// Distances at which bytes are compared: the longest key.
const MOST_LAG: usize = 64;
/// Standard deviations by which equal bytes must exceed chance.
const BEYOND: f64 = 4.0;
/// Bytes of all texts below which too few pairs are compared to show that much, and the solver costs little.
const FEW_BYTES: usize = 512;

/// Whether bytes are equal more often than by chance at some distance within the texts, as they stand or with
/// the index taken off, or there are too few to tell. Under a key that repeats they are; noise shows nothing, and
/// is most of what is asked about.
fn repeats(texts: &[&[u8]]) -> bool {
    if texts.iter().map(|text| text.len()).sum::<usize>() < FEW_BYTES {
        return true;
    }
    let indexed: Vec<Vec<u8>> = texts
        .iter()
        .map(|text| {
            (0u8..=u8::MAX)
                .cycle()
                .zip(*text)
                .map(|(at, byte)| at ^ byte)
                .collect()
        })
        .collect();
    let indexed: Vec<&[u8]> = indexed.iter().map(Vec::as_slice).collect();
    [texts, &indexed].into_iter().any(|texts| {
        (1..=MOST_LAG).any(|lag| {
            let (mut equal, mut compared) = (0u64, 0u64);
            for text in texts {
                let later = text.get(lag..).unwrap_or_default();
                compared += later.len() as u64;
                equal += later.iter().zip(*text).filter(|(a, b)| a == b).count() as u64;
            }
            let chance = compared as f64 / 256.0;
            compared > 0 && equal as f64 > chance + BEYOND * chance.sqrt() + 1.0
        })
    })
}

/// A value and its place.
type Placed = (usize, Vec<u8>);

/// What closed values of one field tell; places are those in `closed`. With the layer of digits in which they
/// stood, or nothing.
pub(super) fn told(closed: &[&Target], unlocker: &mut Unlocker) -> Vec<(&'static str, Weakness)> {
    let mut by_form: Vec<(Form, Vec<Placed>)> = Vec::new();
    for (place, target) in closed.iter().take(MOST_COMPARED).enumerate() {
        let noise = forms(&target.bytes)
            .into_iter()
            .find(|(form, bytes)| form.is_binary(bytes) && unlocker.judge.is_closed(bytes));
        let Some((form, bytes)) = noise else {
            continue;
        };
        match by_form.iter_mut().find(|(known, _)| *known == form) {
            Some((_, list)) => list.push((place, bytes.into_owned())),
            None => by_form.push((form, vec![(place, bytes.into_owned())])),
        }
    }
    let mut found = Vec::new();
    for (form, list) in by_form {
        let values: Vec<&[u8]> = list.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        for mut weakness in weaknesses(&values) {
            for place in &mut weakness.values {
                if let Some((at, _)) = list.get(*place) {
                    *place = *at;
                }
            }
            let digits = match form {
                Form::Digits(layer) => layer,
                Form::Bytes => "",
            };
            found.push((digits, weakness));
        }
    }
    found
}
