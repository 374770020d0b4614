//! Run the solvers over lines of JSON with `cat`, `hex` and perhaps `canary` (a value inside): what is opened,
//! and whether the value is there. By hand: `cargo run --release -p waakzaam-core --example solve_samples FILE…`

use std::collections::BTreeMap;
use std::time::Instant;

use waakzaam_core::json::{Token, Tokenizer};
use waakzaam_core::solve::{Budget, Cribs, alphabet, xor};

/// Strings of one object by name.
fn object(line: &str) -> BTreeMap<String, String> {
    let mut tokens = Tokenizer::new(line.as_bytes(), 8);
    let mut found = BTreeMap::new();
    let mut name = String::new();
    loop {
        match tokens.next_token() {
            Ok(Token::Key(key)) => name = String::from_utf8_lossy(key).into_owned(),
            Ok(Token::String(value)) => {
                found.insert(name.clone(), String::from_utf8_lossy(value).into_owned());
            }
            Ok(Token::End) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

#[derive(Default)]
struct Count {
    all: usize,
    xor: usize,
    whole: usize,
    partly: usize,
    right: usize,
    known: usize,
    bytes: usize,
    slowest: f64,
}

fn main() -> std::io::Result<()> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    // The model is learnt once.
    let _ = xor::solve(&[&[7; 64]], &Cribs::new(), &mut Budget::new(1 << 30));
    for path in std::env::args().skip(1) {
        for line in std::fs::read_to_string(path)?.lines() {
            let fields = object(line);
            let Some(bytes) = fields.get("hex").and_then(|hex| {
                data_encoding::HEXLOWER_PERMISSIVE
                    .decode(hex.as_bytes())
                    .ok()
            }) else {
                continue;
            };
            let canary = fields
                .get("canary")
                .map_or("0123456789012345", String::as_str);
            let mut cribs = Cribs::new();
            cribs.add(canary.as_bytes());
            let category = fields.get("cat").cloned().unwrap_or_default();
            let count = counts.entry(category).or_default();
            count.all += 1;
            let decoded = data_encoding::BASE64
                .decode(&bytes)
                .unwrap_or_else(|_| bytes.clone());
            let holds = |plain: &[u8]| plain.windows(canary.len()).any(|w| w == canary.as_bytes());
            let begun = Instant::now();
            // What is known beforehand is not used for XOR.
            let found = xor::solve(&[&decoded], &Cribs::new(), &mut Budget::new(1 << 32));
            if let Some(found) = found {
                count.xor += 1;
                count.right += usize::from(found.plain.iter().any(|plain| holds(plain)));
            } else if let Some(found) =
                alphabet::solve_partly(&[&bytes], &cribs, &mut Budget::new(1 << 32))
            {
                let known = found
                    .plain
                    .iter()
                    .flatten()
                    .filter(|byte| byte.is_some())
                    .count();
                let all = found.plain.iter().map(Vec::len).sum::<usize>();
                count.known += known;
                count.bytes += all;
                if known == all {
                    count.whole += 1;
                } else {
                    count.partly += 1;
                }
                let text: Vec<u8> = found
                    .plain
                    .iter()
                    .flatten()
                    .map(|b| b.unwrap_or(b'?'))
                    .collect();
                println!("{}", String::from_utf8_lossy(&text));
                count.right += usize::from(holds(&text));
            }
            count.slowest = count.slowest.max(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    for (category, count) in counts {
        println!(
            "{category}: {} values, XOR {}, alphabet {} whole and {} partly ({} of {} bytes), with the value {}, slowest {:.1} ms",
            count.all,
            count.xor,
            count.whole,
            count.partly,
            count.known,
            count.bytes,
            count.right,
            count.slowest
        );
    }
    Ok(())
}
