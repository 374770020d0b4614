//! Files from the shared inputs, where they are at hand.

use super::*;

/// The shared inputs, where they are at hand.
fn shared(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = std::env::var_os("WAAKZAAM_SHARED_INPUTS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/inputs"),
        std::path::PathBuf::from,
    );
    let Ok(files) = std::fs::read_dir(root.join(folder)) else {
        return Vec::new();
    };
    let paths = files
        .flatten()
        .map(|f| f.path())
        .filter(|p| p.extension().is_some_and(|e| e == "har" || e == "zhar"));
    paths
        .map(|p| (p.display().to_string(), std::fs::read(p).unwrap()))
        .collect()
}

#[test]
fn real_files_are_read_however_they_arrive() {
    for (name, bytes) in ["flows/mitmproxy", "flows/har", "captures/http"]
        .into_iter()
        .flat_map(shared)
    {
        let (result, whole) = read(&bytes);
        if name.ends_with("brokenfile.har") {
            assert!(result.is_err());
            continue;
        }
        assert!(result.unwrap().complete, "{name}");
        if bytes.len() < 300_000 {
            let mut dripped = Keep::default();
            read_har(
                Box::new(Drip(Cursor::new(bytes), 61)),
                &Limits::default(),
                &mut dripped,
            )
            .unwrap();
            assert_eq!(dripped.messages, whole.messages, "{name}");
        }
    }
}

#[test]
fn real_files_cut_at_every_hundredth_byte() {
    for (name, bytes) in shared("flows/mitmproxy")
        .into_iter()
        .filter(|(_, b)| b.len() < 30_000)
    {
        let whole = read(&bytes).1.messages;
        for end in (0..bytes.len()).step_by(100) {
            let (result, keep) = read(&bytes[..end]);
            assert!(whole.starts_with(&keep.messages), "{name} cut at {end}");
            if let Ok(summary) = result {
                assert!(
                    !summary.complete && !keep.problems.is_empty(),
                    "{name} cut at {end}"
                );
            }
        }
    }
}

#[test]
fn score_knows_real_files() {
    for (name, bytes) in shared("flows/mitmproxy")
        .into_iter()
        .filter(|(n, _)| !n.contains("broken") && n.ends_with(".har"))
    {
        assert!(score(&bytes[..bytes.len().min(4096)]) > 0.7, "{name}");
    }
}
