//! One layer by itself, without the search around it, for tests and the fuzzer: what it takes off, and the way back
//! to every child.

use super::REGISTRY;
use super::bench::Bench;
use super::layer::{Context, Flaw, Hint, Opened, Standing};
use super::look::Look;
use super::walk::{PathKey, Scalar, Visitor};
use crate::model::Limits;

/// Children that are followed.
const FOLLOWED: usize = 64;

/// What a layer said of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// Selectors and values of its children.
    pub children: Vec<(String, Vec<u8>)>,
    /// The limit that ended it, or what is missing.
    pub flaw: Option<String>,
}

/// How many layers there are.
pub fn count() -> usize {
    REGISTRY.len()
}

fn context(way: u8) -> Context {
    const HINTS: [Hint; Hint::COUNT] = [
        Hint::None,
        Hint::Form,
        Hint::Cookie,
        Hint::Events,
        Hint::Grpc,
        Hint::Protobuf,
        Hint::Path,
        Hint::Credentials,
    ];
    const STANDINGS: [Standing; 3] = [Standing::Given, Standing::Encoded, Standing::Unchecked];
    let way = usize::from(way);
    Context {
        hint: HINTS.get(way % HINTS.len()).copied().unwrap_or(Hint::None),
        standing: STANDINGS
            .get(way / HINTS.len() % STANDINGS.len())
            .copied()
            .unwrap_or(Standing::Given),
        depth_left: 12,
    }
}

/// Take one layer off (the number is its place in the order in which layers are asked); `way` chooses what the
/// surroundings say. `None`: it is not there.
///
/// # Errors
/// A child that its own selector does not lead to: a mistake in the layer.
pub fn open(layer: usize, way: u8, bytes: &[u8], limits: &Limits) -> Result<Option<Alone>, String> {
    let Some(layer) = REGISTRY.get(layer % REGISTRY.len()).copied() else {
        return Ok(None);
    };
    let context = context(way);
    let wanted = layer.hint().is_none_or(|hint| hint == context.hint);
    let mut bench = Bench::new(limits.clone());
    bench.begin();
    let look = Look::at(bytes);
    let possible = wanted
        && bytes.len() >= layer.shortest()
        && bytes.first().is_some_and(|&first| layer.begins_with(first))
        && !look.has(layer.never())
        && (layer.needs() == 0 || look.has(layer.needs()))
        && layer.can(&look, context);
    if !possible {
        return Ok(None);
    }
    let Some(opened) = layer.open(&look, context, &mut bench) else {
        return Ok(None);
    };
    let alone = children(opened, bytes, &mut bench);
    for (selector, value) in alone.children.iter().take(FOLLOWED) {
        let mut bench = Bench::new(limits.clone());
        let followed = layer.follow(bytes, selector, &mut bench);
        if followed.as_ref() != Some(value) {
            return Err(format!(
                "{}:{selector} leads to {followed:02x?} and not to {value:02x?}",
                layer.name()
            ));
        }
    }
    Ok(Some(alone))
}

/// What a layer takes off, `selector = value` of each child, for tests of single layers.
#[cfg(test)]
pub(crate) fn shown(layer: &str, bytes: &[u8]) -> Vec<String> {
    let place = REGISTRY.iter().position(|known| known.name() == layer);
    let opened = open(place.unwrap(), 0, bytes, &Limits::default()).unwrap();
    opened.map_or_else(Vec::new, |alone| {
        alone
            .children
            .iter()
            .map(|(selector, value)| format!("{selector} = {}", String::from_utf8_lossy(value)))
            .collect()
    })
}

/// Follow a layer by its name, as a replay does.
pub fn follow(layer: &str, selector: &str, bytes: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let layer = REGISTRY.iter().find(|known| known.name() == layer)?;
    let mut bench = Bench::new(limits.clone());
    bench.begin();
    layer.follow(bytes, selector, &mut bench)
}

fn children(opened: Opened, bytes: &[u8], bench: &mut Bench) -> Alone {
    let mut alone = Alone {
        children: Vec::new(),
        flaw: None,
    };
    let told = |flaw: Option<Flaw>| flaw.map(|flaw| format!("{flaw:?}"));
    match opened {
        Opened::One { bytes, flaw, .. } => {
            alone.children.push((String::new(), bytes));
            alone.flaw = told(flaw);
        }
        Opened::Many { fields, .. } => {
            for field in &fields.list {
                let selector = fields.words.get(field.selector.clone()).unwrap_or_default();
                let value = fields.value(field, bytes).to_vec();
                alone.children.push((selector.to_owned(), value));
            }
            alone.flaw = told(fields.flaw);
        }
        Opened::Tree { nodes, flaw, .. } => {
            let mut walker = bench.walker();
            let reached = walker.walk(PathKey::default(), &nodes, bytes, &mut alone);
            alone.flaw = told(flaw.or(reached.map(Flaw::Limit)));
        }
        Opened::Stopped { reached, .. } => alone.flaw = Some(format!("{reached:?}")),
    }
    alone
}

impl Visitor for Alone {
    fn scalar(&mut self, scalar: Scalar<'_>) -> bool {
        let mut path = String::new();
        scalar.path.write(&mut path);
        self.children.push((path, scalar.value.to_vec()));
        self.children.len() < 4 * FOLLOWED
    }
}
