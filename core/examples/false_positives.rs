//! How often the whole pipeline (peel, then unlock) opens what holds nothing.
//!
//! `false_positives [--keys FILE] [--seed N] [--blobs N] [--tokens N] [--values FILE] [--slow MS] [FILE|FOLDER…]`
//!
//! `--values`: JSON lines with `"hex"`, each taken as a value. `--slow`: values that take longer are shown.
//! Random blobs of 16 B to 64 KiB, their lengths log-uniform: whatever is taken off of them is wrong. Tokens
//! out of the files: words, lines, slices of binaries, a sample of all that are different; and all members of
//! the files (images, fonts, archives, scripts) up to 64 KiB whole. Of these, everything that was unlocked is
//! listed, and what was peeled is counted by layer with examples: much of that is right, and has to be looked
//! at. Lines of the report: what, bytes, chain, evidence in bits, what came out, the input in hexadecimal.

use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::HEXLOWER;
use waakzaam_core::model::{LimitHit, Limits, Problem};
use waakzaam_core::peel::{LeafSink, OwnedStep, Part, Peeler, Step};
use waakzaam_core::unlock::{Around, Unlocker};

/// Largest value, in bytes.
const LARGEST: usize = 1 << 16;
/// Longest word and line.
const LONGEST: usize = 4096;
/// Shortest token.
const SHORTEST: usize = 8;
/// Examples kept per layer.
const SHOWN: usize = 30;

/// xorshift64*, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Random((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// Log-uniform between two powers of two.
    fn length(&mut self, from: u32, to: u32) -> usize {
        let exponent = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (f64::from(from) + exponent * f64::from(to - from)).exp2() as usize
    }
}

/// Processor time of this process; wall time where the system does not tell it.
fn clock() -> Duration {
    let ticks = std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok());
    ticks.map_or_else(
        || std::time::UNIX_EPOCH.elapsed().unwrap_or_default(),
        Duration::from_nanos,
    )
}

#[derive(Default)]
struct Leaves(Vec<(Vec<OwnedStep>, Vec<u8>)>);

impl LeafSink for Leaves {
    fn leaf(&mut self, _part: &str, steps: &[Step<'_>], _name: Option<&str>, value: &[u8]) {
        let steps = steps.iter().map(|&step| step.into()).collect();
        self.0.push((steps, value.to_vec()));
    }
    fn limit(&mut self, _: LimitHit) {}
    fn problem(&mut self, _: Problem) {}
}

#[derive(Default)]
struct Tally {
    values: u64,
    opened: u64,
    unlocked: u64,
    tried: u64,
    cpu: Duration,
    slow: Vec<(Duration, usize, String)>,
    by_layer: BTreeMap<String, (u64, Vec<String>)>,
}

struct Pipeline {
    peeler: Peeler,
    unlocker: Unlocker,
    slow: Duration,
}

fn chain(steps: &[OwnedStep]) -> String {
    let one = |step: &OwnedStep| match step.selector.as_str() {
        "" => step.layer.clone(),
        selector => format!("{}:{}", step.layer, selector.get(..120).unwrap_or(selector)),
    };
    steps.iter().map(one).collect::<Vec<_>>().join(" | ")
}

fn preview(bytes: &[u8]) -> String {
    format!(
        "{:?}",
        String::from_utf8_lossy(bytes.get(..80).unwrap_or(bytes))
    )
}

impl Pipeline {
    fn leaves(&mut self, bytes: &[u8]) -> Leaves {
        let mut leaves = Leaves::default();
        self.peeler.peel(&Part::new("body", bytes), &mut leaves);
        leaves
    }

    /// One value through everything. `noise`: nothing at all may be taken off.
    fn run(&mut self, what: &str, bytes: &[u8], noise: bool, tally: &mut Tally) {
        let start = clock();
        let leaves = self.leaves(bytes);
        tally.values += 1;
        let line = |kind: &str, steps: &[OwnedStep], evidence: Option<i64>, value: &[u8]| {
            format!(
                "{kind} {what}\t{}\t{}\t{}\t{}\t{}",
                bytes.len(),
                chain(steps),
                evidence.map_or_else(String::new, |tenths| format!("{:.1}", tenths as f64 / 10.0)),
                preview(value),
                HEXLOWER.encode(bytes.get(..256).unwrap_or(bytes)),
            )
        };
        if let Some((steps, value)) = leaves.0.first()
            && let Some(outermost) = steps.first()
        {
            tally.opened += 1;
            let (count, shown) = tally.by_layer.entry(outermost.layer.clone()).or_default();
            *count += 1;
            let line = line("peeled", steps, None, value);
            if noise {
                println!("{line}");
            } else if shown.len() < SHOWN {
                shown.push(line);
            }
        }
        for (steps, value) in leaves.0.iter().take(200) {
            if value.len() < SHORTEST || !self.unlocker.is_closed(value) {
                continue;
            }
            tally.tried += 1;
            if let Some(found) = self.unlocker.unlock(value, &Around::default()).unlocked {
                tally.unlocked += 1;
                let all: Vec<OwnedStep> = steps.iter().chain(&found.steps).cloned().collect();
                let inner = found.leaves.first().map_or(&[][..], |leaf| &leaf.value);
                println!("{}", line("unlocked", &all, found.proof.evidence, inner));
            }
        }
        // The system counts in steps of some milliseconds.
        let took = clock().saturating_sub(start);
        if took >= self.slow && tally.slow.len() < 1000 {
            tally.slow.push((took, bytes.len(), preview(bytes)));
        }
    }
}

fn report(what: &str, tally: &mut Tally) {
    let each = tally.cpu.as_secs_f64() * 1e6 / tally.values.max(1) as f64;
    println!(
        "{what}: {} values, {} peeled, {} closed values tried, {} unlocked; {each:.1} µs of processor time each",
        tally.values, tally.opened, tally.tried, tally.unlocked
    );
    for (layer, (count, shown)) in &tally.by_layer {
        println!("  {layer}: {count}");
        for line in shown {
            println!("    {line}");
        }
    }
    tally.slow.sort();
    for (took, bytes, preview) in tally.slow.iter().rev().take(5) {
        println!("  {took:?} of processor time for {bytes} B: {preview}");
    }
}

/// The smallest hashes: a sample of all that are different, the same whatever their order.
struct Sample {
    most: usize,
    seed: u64,
    kept: BinaryHeap<(u64, Vec<u8>)>,
    known: HashSet<u64>,
    seen: u64,
}

impl Sample {
    fn new(most: usize, seed: u64) -> Self {
        Sample {
            most,
            seed,
            kept: BinaryHeap::new(),
            known: HashSet::new(),
            seen: 0,
        }
    }

    fn add(&mut self, token: &[u8]) {
        let mut hasher = DefaultHasher::new();
        (self.seed, token).hash(&mut hasher);
        let hash = hasher.finish();
        self.seen += 1;
        let full = self.kept.len() >= self.most;
        if self.most == 0
            || (full
                && self
                    .kept
                    .peek()
                    .is_some_and(|(largest, _)| hash >= *largest))
        {
            return;
        }
        if !self.known.insert(hash) {
            return;
        }
        self.kept.push((hash, token.to_vec()));
        if self.kept.len() > self.most
            && let Some((hash, _)) = self.kept.pop()
        {
            self.known.remove(&hash);
        }
    }
}

struct Tokens {
    words: Sample,
    lines: Sample,
    slices: Sample,
    random: Random,
}

impl Tokens {
    fn add(&mut self, bytes: &[u8]) {
        let printable = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~' | 0x80..);
        for line in bytes.split(|byte| !printable(byte)) {
            if line.len() < SHORTEST || std::str::from_utf8(line).is_err() {
                continue;
            }
            if line.len() <= LONGEST {
                self.lines.add(line);
            }
            for word in line.split(|byte| b" \t\"'<>(){}[],;&|".contains(byte)) {
                if (SHORTEST..=LONGEST).contains(&word.len()) {
                    self.words.add(word);
                }
                let value = word.splitn(2, |byte| b"=:".contains(byte)).nth(1);
                if let Some(value) = value
                    && value.len() >= SHORTEST
                {
                    self.words.add(value);
                }
            }
        }
        if std::str::from_utf8(bytes).is_err() {
            for chunk in bytes.chunks(LONGEST / 4) {
                let length = self.random.length(4, 12);
                let start = self.random.next() as usize % chunk.len().max(1);
                if let Some(slice) = chunk.get(start..(start + length).min(chunk.len()))
                    && slice.len() >= 16
                {
                    self.slices.add(slice);
                }
            }
        }
    }
}

fn files(path: &Path, to: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        inside.sort();
        for path in inside {
            files(&path, to);
        }
    } else {
        to.push(path.to_owned());
    }
}

fn main() -> std::io::Result<()> {
    let (mut keys, mut values, mut seed, mut blobs, mut tokens) = (None, None, 1u64, 0u64, 0usize);
    let mut slow = Duration::from_millis(50);
    let mut paths = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
        match argument.as_str() {
            "--keys" => keys = arguments.next(),
            "--seed" => seed = number().unwrap_or(seed),
            "--blobs" => blobs = number().unwrap_or(0),
            "--tokens" => tokens = number().unwrap_or(0) as usize,
            "--values" => values = arguments.next(),
            "--slow" => slow = Duration::from_millis(number().unwrap_or(50)),
            _ => files(Path::new(&argument), &mut paths),
        }
    }
    let text = keys
        .map(std::fs::read_to_string)
        .transpose()?
        .unwrap_or_default();
    let candidates: Vec<(String, Vec<u8>)> = (1..)
        .zip(text.lines())
        .map(|(number, line)| (format!("line {number}"), line.as_bytes().to_vec()))
        .collect();
    println!("{} candidates, seed {seed}", candidates.len());
    let mut pipeline = Pipeline {
        peeler: Peeler::new(Limits::default()),
        unlocker: Unlocker::new(candidates, &[], Limits::default()),
        slow,
    };
    let mut random = Random::new(seed);
    // What is made once (models of language, key schedules) is not counted.
    pipeline.run("warm-up", &random.bytes(1024), true, &mut Tally::default());
    if let Some(values) = values {
        let mut tally = Tally::default();
        let start = clock();
        for line in std::fs::read_to_string(values)?.lines() {
            let hex = line
                .split("\"hex\":")
                .nth(1)
                .and_then(|rest| rest.split('"').nth(1));
            let Ok(value) = HEXLOWER.decode(hex.unwrap_or_default().as_bytes()) else {
                continue;
            };
            pipeline.run("value", &value, false, &mut tally);
        }
        tally.cpu = clock().saturating_sub(start);
        report("values", &mut tally);
    }
    let mut tally = Tally::default();
    let mut start = clock();
    for done in 1..=blobs {
        let length = random.length(4, 16).min(LARGEST);
        let blob = random.bytes(length);
        pipeline.run("random", &blob, true, &mut tally);
        if done.is_multiple_of(2_000) || done == blobs {
            tally.cpu = clock().saturating_sub(start);
            report(&format!("random, {done} of {blobs}"), &mut tally);
        }
    }
    if paths.is_empty() {
        return Ok(());
    }
    let mut all = Tokens {
        words: Sample::new(tokens / 2, seed),
        lines: Sample::new(tokens / 4, seed),
        slices: Sample::new(tokens / 4, seed),
        random,
    };
    let mut members = Tally::default();
    let mut seen = HashSet::new();
    start = clock();
    for path in &paths {
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for (steps, value) in pipeline.leaves(&bytes).0 {
            let mut hasher = DefaultHasher::new();
            value.hash(&mut hasher);
            if !seen.insert(hasher.finish()) {
                continue;
            }
            if tokens > 0 {
                all.add(&value);
            }
            // What a file consists of, not what the layers of a text are.
            let is_member = steps
                .iter()
                .all(|step| ["zip", "tar", "gzip"].contains(&&*step.layer));
            if is_member && (SHORTEST..=LARGEST).contains(&value.len()) {
                let what = format!("member of {name} {}", chain(&steps));
                pipeline.run(&what, &value, false, &mut members);
            }
        }
    }
    members.cpu = clock().saturating_sub(start);
    report(&format!("members of {} files", paths.len()), &mut members);
    for (what, sample) in [
        ("words", all.words),
        ("lines", all.lines),
        ("slices", all.slices),
    ] {
        let mut tally = Tally::default();
        start = clock();
        for (_, token) in sample.kept.into_sorted_vec() {
            pipeline.run(what, &token, false, &mut tally);
        }
        tally.cpu = clock().saturating_sub(start);
        report(&format!("{what} (sample of {})", sample.seen), &mut tally);
    }
    Ok(())
}
