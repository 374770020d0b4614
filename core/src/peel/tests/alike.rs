//! Texts that are like earlier ones give the same leaves as by themselves.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use proptest::prelude::*;

use super::*;
use crate::leaves::Leaves;
use crate::peel::bench::Bench;
use crate::peel::json::Json;
use crate::peel::layer::{Context, Hint, Layer, Opened, Standing};
use crate::peel::look::Look;
use crate::peel::tree::{Kind, Node};

/// An event of a report; what is told of it depends on these numbers.
fn event(number: u32, kind: u8) -> String {
    let words = "a longer text that says what was shown ".repeat(usize::from(kind % 4));
    match kind % 5 {
        0 => format!(
            r#"{{"id":{number},"shown":["{words}",null,"",true,{number}],"of":{{"a":"{words}"}}}}"#
        ),
        1 => format!(r#"{{"shown":[[],{{}},"{words}\u0041\"{number}"],"id":{number}}}"#),
        2 => format!(r#"["{words}",{number},[[["{words}"]]],null]"#),
        3 => format!(r#"{{"a":"{number}","a":"{words}","odd name":{{"b":[{number},{number}]}}}}"#),
        _ => format!("{number}"),
    }
}

fn report(events: &[(u32, u8)]) -> Vec<u8> {
    let events: Vec<String> = events
        .iter()
        .map(|&(number, kind)| event(number, kind))
        .collect();
    format!(
        r#"{{"report":"{}","events":[{}],"settings":{{"on":true,"list":[{}]}}}}"#,
        events.len(),
        events.join(","),
        vec![r#""a setting""#; 400].join(",")
    )
    .into_bytes()
}

fn nodes(bytes: &[u8], bench: &mut Bench) -> Vec<Node> {
    let context = Context {
        hint: Hint::None,
        standing: Standing::Given,
        depth_left: 8,
    };
    match Json.open(&Look::at(bytes), context, bench) {
        Some(Opened::Tree { nodes, .. }) => nodes,
        _ => panic!("no tree"),
    }
}

/// What each message has, by the tables: chain and value of every leaf.
fn told(leaves: &mut Leaves) -> HashMap<i64, Vec<(i64, Vec<u8>)>> {
    let mut tables: HashMap<&str, Vec<RecordBatch>> = HashMap::new();
    for (name, payload) in leaves.take().unwrap() {
        let reader = StreamReader::try_new(payload.as_slice(), None).unwrap();
        tables
            .entry(name)
            .or_default()
            .extend(reader.map(Result::unwrap));
    }
    let numbers = |table: &str, column: &str| -> Vec<i64> {
        let batches = tables.get(table).into_iter().flatten();
        batches
            .flat_map(|batch| batch[column].as_primitive::<Int64Type>().values().to_vec())
            .collect()
    };
    let bytes: Vec<Vec<u8>> = tables["values"]
        .iter()
        .flat_map(|batch| {
            let column = Arc::clone(&batch["bytes"]);
            (0..column.len())
                .map(|at| column.as_binary::<i32>().value(at).to_vec())
                .collect::<Vec<_>>()
        })
        .collect();
    let values: HashMap<i64, Vec<u8>> = numbers("values", "value").into_iter().zip(bytes).collect();
    let mut of_content: HashMap<i64, Vec<(i64, Vec<u8>)>> = HashMap::new();
    let rows = numbers("leaves", "content")
        .into_iter()
        .zip(numbers("leaves", "path"));
    for ((content, path), value) in rows.zip(numbers("leaves", "value")) {
        of_content
            .entry(content)
            .or_default()
            .push((path, values[&value].clone()));
    }
    let mut found: HashMap<i64, Vec<(i64, Vec<u8>)>> = HashMap::new();
    for (message, content) in numbers("contents", "message")
        .into_iter()
        .zip(numbers("contents", "content"))
    {
        let leaves = of_content.get(&content).into_iter().flatten().cloned();
        found.entry(message).or_default().extend(leaves);
    }
    found.values_mut().for_each(|leaves| leaves.sort());
    found
}

fn reports() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let first = prop::collection::vec((0u32..50, 0u8..20), 1..60);
    // What is changed, put in, left out.
    let change = (0usize..60, 0u8..3, 0u32..50, 0u8..20);
    (
        first,
        prop::collection::vec(prop::collection::vec(change, 0..4), 1..5),
    )
        .prop_map(|(mut events, steps)| {
            let mut all = vec![report(&events)];
            for step in steps {
                for (at, what, number, kind) in step {
                    let at = at % events.len().max(1);
                    match what {
                        0 if at < events.len() => events[at] = (number, kind),
                        1 if events.len() > 1 => drop(events.remove(at)),
                        _ => events.insert(at.min(events.len()), (number, kind)),
                    }
                }
                all.push(report(&events));
            }
            all
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_same_tree_as_alone(texts in reports()) {
        let mut bench = Bench::new(Limits::default());
        for text in &texts {
            let alone = nodes(text, &mut Bench::new(Limits::default()));
            let beside = nodes(text, &mut bench);
            prop_assert_eq!(alone.len(), beside.len());
            for (alone, beside) in alone.iter().zip(&beside) {
                prop_assert_eq!(alone.range(), beside.range());
                prop_assert!(alone.kind == beside.kind || (beside.kind == Kind::Again && alone.kind.opens()));
            }
        }
    }

    #[test]
    fn the_same_leaves_as_alone(texts in reports()) {
        let mut peeler = Peeler::new(Limits::default());
        let mut leaves = Leaves::new(Limits::default());
        let mut counts = Vec::new();
        for (number, text) in (0..).zip(&texts) {
            let part = Part::new("body", text);
            let (mut alone, mut beside) = (Keep::default(), Keep::default());
            Peeler::new(Limits::default()).peel(&part, &mut alone);
            peeler.peel(&part, &mut beside);
            prop_assert_eq!(&alone.leaves, &beside.leaves);
            leaves.push_value(number, &part);
            counts.push(alone.leaves.into_iter().map(|leaf| leaf.value).collect::<Vec<_>>());
        }
        let told = told(&mut leaves);
        for (number, mut values) in (0..).zip(counts) {
            let mut found: Vec<Vec<u8>> = told[&number].iter().map(|(_, value)| value.clone()).collect();
            values.sort();
            found.sort();
            prop_assert_eq!(values, found);
        }
    }

    #[test]
    fn the_same_limit_as_alone(texts in reports(), most in 1u32..600) {
        let limits = Limits { leaves: most, ..Limits::default() };
        let mut peeler = Peeler::new(limits.clone());
        for text in &texts {
            let part = Part::new("body", text);
            let (mut alone, mut beside) = (Keep::default(), Keep::default());
            Peeler::new(limits.clone()).peel(&part, &mut alone);
            peeler.peel(&part, &mut beside);
            prop_assert_eq!(alone.leaves, beside.leaves);
            prop_assert_eq!(alone.limits, beside.limits);
        }
    }
}

#[test]
fn what_came_again_is_one_content() {
    let mut events: Vec<(u32, u8)> = (0..40).map(|number| (number, number as u8)).collect();
    let mut leaves = Leaves::new(Limits::default());
    for message in 0..6 {
        events[7].0 = 1000 + message as u32;
        leaves.push_value(message, &Part::new("body", &report(&events)));
    }
    let rows = |table: &str, frames: &[(&str, Vec<u8>)]| -> usize {
        let payloads = frames.iter().filter(|(name, _)| *name == table);
        payloads
            .flat_map(|(_, payload)| StreamReader::try_new(payload.as_slice(), None).unwrap())
            .map(|batch| batch.unwrap().num_rows())
            .sum()
    };
    let first = rows("leaves", &leaves.take().unwrap());
    for message in 6..12 {
        events[7].0 = 1000 + message as u32;
        leaves.push_value(message, &Part::new("body", &report(&events)));
    }
    let later = rows("leaves", &leaves.take().unwrap());
    assert!(later * 4 < first, "{later} rows after {first}");
}

/// Each object must be compared anew, and each comparison goes on to the end.
#[test]
fn texts_that_are_only_nearly_alike_end_the_comparing() {
    let mut bench = Bench::new(Limits::default());
    for last in ["0", "12"] {
        let deep = 3000;
        let text = format!(
            "{}{}{}",
            r#"{"a":[1,"#.repeat(deep),
            last,
            "]}".repeat(deep)
        )
        .into_bytes();
        let beside = nodes(&text, &mut bench);
        let alone = nodes(&text, &mut Bench::new(Limits::default()));
        assert_eq!(alone.len(), beside.len());
    }
}
