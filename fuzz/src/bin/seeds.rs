//! Writes the first inputs of every target: `seeds FOLDER` makes `FOLDER/<target>/<name>`.

use std::path::PathBuf;

// Its runtime takes the calls that the compiler put into all code.
use libfuzzer_sys as _;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("usage: seeds FOLDER"));
    for (target, name, bytes) in waakzaam_fuzz::seeds::all() {
        let place = folder.join(target);
        std::fs::create_dir_all(&place)?;
        std::fs::write(place.join(name), bytes)?;
    }
    Ok(())
}
