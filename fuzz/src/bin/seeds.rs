//! Writes the first inputs of every target: `seeds FOLDER` makes `FOLDER/<target>/<name>`.

use std::io::Cursor;
use std::path::PathBuf;

// Its runtime takes the calls that the compiler put into all code.
use libfuzzer_sys as _;
use waakzaam_core::capture::read_capture;
use waakzaam_core::model::Limits;
use waakzaam_fuzz::sink::Nothing;
use waakzaam_fuzz::{classic, quic_wire, seeds};

/// Messages that are read from an input of a target that protects what the fuzzer makes up.
fn messages(target: &str, input: &[u8]) -> Option<i64> {
    let (file, secrets) = match target {
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
        let closed = messages(target, &bytes) == Some(0);
        assert!(
            !closed || seeds::SILENT.contains(&name.as_str()),
            "{target}/{name} stays closed"
        );
        std::fs::write(place.join(name), bytes)?;
    }
    Ok(())
}
