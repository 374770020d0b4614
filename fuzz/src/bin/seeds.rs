//! Writes the first inputs of every target: `seeds FOLDER` makes `FOLDER/<target>/<name>`.

use std::io::Cursor;
use std::path::PathBuf;

// Its runtime takes the calls that the compiler put into all code.
use libfuzzer_sys as _;
use waakzaam_core::capture::read_capture;
use waakzaam_core::model::Limits;
use waakzaam_core::unlock::stage::{Sink, Target, Weakness, run};
use waakzaam_core::unlock::{Format, Opened};
use waakzaam_fuzz::sink::Nothing;
use waakzaam_fuzz::{classic, closed, quic_wire, seeds};

/// Work for a case of closed values.
const WORK: u64 = 1_000_000_000;

/// Counts values that are opened.
struct Count(i64);

impl Sink for Count {
    fn opened(&mut self, _target: &Target, _opened: &Opened) {
        self.0 += 1;
    }
    fn shut(&mut self, _target: &Target) {}
    fn format(&mut self, _target: &Target, _format: &Format) {}
    fn weakness(&mut self, _targets: &[i64], _digits: &'static str, _weakness: &Weakness) {}
    fn limit(&mut self, _what: &str, _limit: u64, _target: i64, _times: u64) {}
    fn problem(&mut self, _target: i64, _text: &str) {}
}

/// Messages that are read from an input of a target that protects what the fuzzer makes up, or values that are opened.
fn found(target: &str, input: &[u8]) -> Option<i64> {
    let (file, secrets) = match target {
        "stage" => {
            let mut count = Count(0);
            run(&closed::case(input), WORK, &mut count);
            return Some(count.0);
        }
        "tls12" => classic::talk(input)?,
        "quic1rtt" => quic_wire::talk(input)?,
        _ => return None,
    };
    let input = Box::new(Cursor::new(file));
    let read = read_capture(input, &Limits::default(), secrets, &mut Nothing);
    Some(read.map_or(0, |summary| summary.messages))
}

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("usage: seeds FOLDER"));
    for (target, name, bytes) in seeds::all() {
        let place = folder.join(target);
        std::fs::create_dir_all(&place)?;
        // Else the target would never get behind protection, and nobody would notice.
        let closed = found(target, &bytes) == Some(0);
        assert!(
            !closed || seeds::SILENT.contains(&name.as_str()),
            "{target}/{name} stays closed"
        );
        std::fs::write(place.join(name), bytes)?;
    }
    Ok(())
}
