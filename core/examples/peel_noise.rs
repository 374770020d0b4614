//! How often the peeler finds layers where there are none: `peel_noise BLOBS [FILE…]`.
//!
//! Peels `BLOBS` random blobs (16 B to 4 kB), as many random tokens of each kind, and as many slices at random
//! places of the files together; prints how often each layer was the outermost one, with examples.

use std::collections::BTreeMap;
use std::time::Instant;

use waakzaam_core::model::{LimitHit, Limits, Problem};
use waakzaam_core::peel::{LeafSink, Part, Peeler, Step, chain_text};

/// Examples printed per layer.
const SHOWN: usize = 12;

#[derive(Default)]
struct Outermost {
    layer: Option<&'static str>,
    chain: String,
}

impl LeafSink for Outermost {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], _: Option<&str>, value: &[u8]) {
        if let (None, Some(first)) = (self.layer, steps.first()) {
            self.layer = Some(first.layer);
            let value = String::from_utf8_lossy(value.get(..40).unwrap_or(value)).into_owned();
            self.chain = format!("{} = {value:?}", chain_text(part, steps));
        }
    }
    fn limit(&mut self, _: LimitHit) {}
    fn problem(&mut self, _: Problem) {}
}

/// xorshift*, so that a run can be repeated.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end.max(1)
    }

    fn length(&mut self) -> usize {
        // Mostly short, where chance is greatest.
        let most = if self.below(8) == 0 { 4096 } else { 256 };
        16 + self.below(most - 15)
    }
}

#[derive(Default)]
struct Counts {
    tried: usize,
    found: BTreeMap<&'static str, (usize, Vec<String>)>,
}

fn try_one(bytes: &[u8], peeler: &mut Peeler, counts: &mut Counts) {
    let mut sink = Outermost::default();
    peeler.peel(&Part::new("body", bytes), &mut sink);
    counts.tried += 1;
    if let Some(layer) = sink.layer {
        let (count, shown) = counts.found.entry(layer).or_default();
        *count += 1;
        let line = format!("{} B: {}", bytes.len(), sink.chain);
        if shown.len() < SHOWN && !shown.contains(&line) {
            shown.push(line);
        }
    }
}

fn show(what: &str, counts: &Counts, start: Instant) {
    let each = start.elapsed().as_secs_f64() * 1e6 / counts.tried.max(1) as f64;
    println!("{what}: {} tried, {each:.2} µs each", counts.tried);
    for (layer, (count, shown)) in &counts.found {
        println!("  {layer}: {count}");
        for line in shown {
            println!("    {line}");
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(200_000);
    let (mut noise, mut peeler) = (Noise(7), Peeler::new(Limits::default()));
    let (mut counts, start) = (Counts::default(), Instant::now());
    for _ in 0..rounds {
        let length = noise.length();
        let blob: Vec<u8> = (0..length).map(|_| (noise.next() >> 40) as u8).collect();
        try_one(&blob, &mut peeler, &mut counts);
    }
    show("random blobs", &counts, start);
    let base64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let alphabets: [(&str, &[u8]); 6] = [
        ("base64", base64),
        (
            "base64url",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        ),
        ("hex", b"0123456789abcdef"),
        (
            "small numbers",
            b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
        ),
        (
            "zeros and bytes",
            b"\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x08\x0a\x12\x18\x20\x80\xff\x7f",
        ),
        (
            "printable",
            b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~\n\t",
        ),
    ];
    for (what, alphabet) in alphabets {
        let (mut counts, start) = (Counts::default(), Instant::now());
        for _ in 0..rounds {
            // Whole groups of four, so that base64 can be undone.
            let length = (8 + noise.below(120)) & !3;
            let token: Vec<u8> = (0..length)
                .map(|_| alphabet[noise.below(alphabet.len())])
                .collect();
            try_one(&token, &mut peeler, &mut counts);
        }
        show(what, &counts, start);
    }
    let files: Vec<String> = arguments.collect();
    let (mut counts, start) = (Counts::default(), Instant::now());
    for path in &files {
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        for _ in 0..rounds / files.len().max(1) {
            let length = noise.length().min(bytes.len());
            let from = noise.below(bytes.len() - length + 1);
            try_one(&bytes[from..from + length], &mut peeler, &mut counts);
        }
    }
    show("slices of files", &counts, start);
    let (mut counts, start) = (Counts::default(), Instant::now());
    for path in &files {
        if let Ok(bytes) = std::fs::read(path) {
            try_one(&bytes, &mut peeler, &mut counts);
        }
    }
    show("whole files", &counts, start);
    Ok(())
}
