//! Peel standard input and print the leaves: `peel_stdin [PART [CONTENT-TYPE [CONTENT-ENCODING]]]`.
//!
//! With `--lines` every line is one value in hex, and each output line begins with its number.

use std::borrow::Cow;
use std::io::{self, BufRead, Read, Write};

use waakzaam_core::model::{LimitHit, Limits, Problem};
use waakzaam_core::peel::{LeafSink, Part, Peeler, Step, chain_text};

struct Print<W> {
    out: W,
    prefix: String,
}

impl<W: Write> LeafSink for Print<W> {
    fn leaf(&mut self, part: &str, steps: &[Step<'_>], name: Option<&str>, value: &[u8]) {
        let chain = chain_text(part, steps);
        let shown = String::from_utf8_lossy(value.get(..200).unwrap_or(value)).into_owned();
        let name = name.unwrap_or("-");
        // A closed pipe is no reason to stop an example.
        let _ = writeln!(
            self.out,
            "{}{chain}\t{name}\t{} B\t{shown:?}",
            self.prefix,
            value.len()
        );
    }

    fn limit(&mut self, hit: LimitHit) {
        let _ = writeln!(
            self.out,
            "{}limit {} {} at {}",
            self.prefix, hit.what, hit.limit, hit.place
        );
    }

    fn problem(&mut self, problem: Problem) {
        let _ = writeln!(
            self.out,
            "{}problem {} at {}: {}",
            self.prefix, problem.code, problem.place, problem.text
        );
    }
}

fn unhex(line: &str) -> Option<Vec<u8>> {
    (0..line.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(line.get(i..i + 2)?, 16).ok())
        .collect()
}

fn main() -> io::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let lines = arguments.first().is_some_and(|first| first == "--lines");
    if lines {
        arguments.remove(0);
    }
    let name = arguments
        .first()
        .cloned()
        .unwrap_or_else(|| "body".to_owned());
    let part = |bytes: Vec<u8>| Part {
        name: Cow::Owned(name.clone()),
        bytes: Cow::Owned(bytes),
        content_type: arguments
            .get(1)
            .filter(|text| !text.is_empty())
            .cloned()
            .map(Cow::Owned),
        content_encoding: arguments.get(2).cloned().map(Cow::Owned),
    };
    let mut sink = Print {
        out: io::BufWriter::new(io::stdout().lock()),
        prefix: String::new(),
    };
    let mut peeler = Peeler::new(Limits::default());
    if lines {
        for (number, line) in io::stdin().lock().lines().enumerate() {
            sink.prefix = format!("{number}\t");
            if let Some(bytes) = unhex(line?.trim()) {
                peeler.peel(&part(bytes), &mut sink);
            }
        }
    } else {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        peeler.peel(&part(bytes), &mut sink);
    }
    sink.out.flush()
}
