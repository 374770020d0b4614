//! How fast the peeler is: `peel_speed FILE…` peels each file as one body, many times, and prints the processor
//! time.
//!
//! With `--lines` each line of a file is one body in hex.

#[path = "cpu/clock.rs"]
mod clock;

use waakzaam_core::model::{LimitHit, Limits, Problem};
use waakzaam_core::peel::{LeafSink, Part, Peeler, Step};

#[derive(Default)]
struct Count {
    leaves: usize,
    bytes: usize,
}

impl LeafSink for Count {
    fn leaf(&mut self, _: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        self.leaves += 1;
        self.bytes += value.len() + steps.len() + name.map_or(0, str::len);
    }
    fn limit(&mut self, _: LimitHit) {}
    fn problem(&mut self, _: Problem) {}
}

/// Bytes peeled per file, unless the environment says otherwise (under a profiler less is enough).
const WORK: usize = 64 << 20;

fn work() -> usize {
    std::env::var("WORK")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(WORK)
}

fn unhex(line: &str) -> Option<Vec<u8>> {
    (0..line.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(line.get(i..i + 2)?, 16).ok())
        .collect()
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let lines = arguments.first().is_some_and(|first| first == "--lines");
    for path in &arguments[usize::from(lines)..] {
        let bodies: Vec<Vec<u8>> = if lines {
            std::fs::read_to_string(path)?
                .lines()
                .filter_map(|line| unhex(line.trim()))
                .collect()
        } else {
            vec![std::fs::read(path)?]
        };
        let size: usize = bodies.iter().map(Vec::len).sum();
        let rounds = (work() / size.max(1)).max(1);
        let mut peeler = Peeler::new(Limits::default());
        let mut count = Count::default();
        let start = clock::seconds();
        for _ in 0..rounds {
            for body in &bodies {
                peeler.peel(&Part::new("body", body), &mut count);
            }
        }
        let seconds = clock::seconds() - start;
        let messages = (rounds * bodies.len()) as f64;
        println!(
            "{path}: {} bodies of {} B on average, {:.2} µs and {:.1} leaves each, {:.0} MB/s",
            bodies.len(),
            size / bodies.len().max(1),
            seconds * 1e6 / messages,
            count.leaves as f64 / messages,
            (size * rounds) as f64 / seconds / 1e6
        );
    }
    Ok(())
}
