//! Many alphabets over much telemetry, with what anybody could decide beside it.

use super::super::super::language::model;
use super::super::super::samples::{Endpoint, Kind, Sample, cpu, identifier};
use super::super::doubt::decided_bytes;
use super::super::*;
use super::ceiling::{Told, open};
use super::{encode, shuffled, slices};

/// What was counted over many runs.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) runs: usize,
    pub(super) accepted: usize,
    /// All bytes of all texts.
    pub(super) whole: usize,
    /// All of grammar, names and words; what is open is open to language.
    pub(super) solved: usize,
    /// As much as the observer who knows the language.
    pub(super) as_language: usize,
    /// With a byte that is said to be decided and is another.
    pub(super) wrong: usize,
    /// The observer who is told all but what is drawn decides every byte; the one who knows the language.
    pub(super) ceilings: [usize; 2],
    /// Bytes by kind: all, decided.
    kinds: [[usize; 2]; 4],
    /// Of 100 bytes decided at least 99, 95, 90.
    nearly: [usize; 3],
    cpu: Vec<f64>,
}

fn kind(kind: Kind) -> usize {
    match kind {
        Kind::Structure => 0,
        Kind::Name => 1,
        Kind::Word => 2,
        _ => 3,
    }
}

/// One program, one device, one alphabet.
pub(super) fn one(seed: u64, size: usize, texts: usize, ceilings: bool, counts: &mut Counts) {
    let mut random = Random::new(1_000_003 + seed);
    let known = identifier(&mut random);
    let mut cribs = Cribs::new();
    let endpoint = if std::env::var("HARD").is_ok() {
        Endpoint::new(&mut random, size)
    } else {
        Endpoint::realistic(&mut random, size, &mut cribs)
    };
    let samples: Vec<Sample> = (0..texts)
        .map(|_| endpoint.message(&mut random, &known))
        .collect();
    let alphabet = shuffled(&mut random);
    let encoded: Vec<Vec<u8>> = samples
        .iter()
        .map(|sample| encode(&sample.text, &alphabet, Some(b'=')))
        .collect();
    cribs.add(known.as_bytes());
    let encoded = slices(&encoded);
    let begun = cpu();
    let found = solve_partly(&encoded, &cribs, &mut Budget::new(u64::MAX));
    counts.cpu.push(cpu() - begun);
    counts.runs += 1;
    let mut told = [const { Vec::new() }; 2];
    if ceilings {
        let read = Texts::read(&encoded, Some(b'=')).unwrap();
        let mut right = [0; SYMBOLS];
        for (to, character) in right.iter_mut().zip(&read.characters) {
            *to = alphabet.iter().position(|c| c == character).unwrap() as u8;
        }
        let plain: Vec<Vec<u8>> = samples.iter().map(|sample| sample.text.clone()).collect();
        for (index, who) in [Told::AllButChance, Told::Language].into_iter().enumerate() {
            let open = open(who, &samples, &read, &right);
            told[index] = decided_bytes(&read, &plain, &open).concat();
            counts.ceilings[index] += usize::from(told[index].iter().all(Option::is_some));
        }
    }
    let shown = std::env::var("SHOW").is_ok();
    let Some(found) = found else {
        if shown {
            let read = Texts::read(&encoded, Some(b'=')).unwrap();
            let mut mapping = Mapping::EMPTY;
            for (symbol, character) in (0u8..).zip(&read.characters) {
                mapping.set(
                    symbol,
                    alphabet.iter().position(|c| c == character).unwrap() as u8,
                );
            }
            let board = Board::new(&read, mapping, View::Deep);
            eprintln!(
                "REFUSED {seed} evidence {} {}",
                80 * board.counted() as i64 - board.total,
                String::from_utf8_lossy(&samples[0].text)
            );
        }
        return;
    };
    counts.accepted += 1;
    let (mut wrong, mut open, mut whole) = (false, false, true);
    let pairs = found.plain.iter().flatten();
    for (byte, (right, kinds)) in pairs.clone().zip(
        samples
            .iter()
            .flat_map(|sample| sample.text.iter().zip(&sample.kinds)),
    ) {
        wrong |= byte.is_some_and(|byte| byte != *right);
        whole &= byte.is_some();
        let count = &mut counts.kinds[kind(*kinds)];
        count[0] += 1;
        count[1] += usize::from(byte.is_some());
        open |= byte.is_none() && matches!(kinds, Kind::Structure | Kind::Name | Kind::Word);
    }
    let behind = pairs
        .clone()
        .zip(&told[1])
        .any(|(own, told)| own.is_none() && told.is_some());
    let (all, decided) = (pairs.clone().count(), pairs.clone().flatten().count());
    for (count, least) in counts.nearly.iter_mut().zip([99, 95, 90]) {
        *count += usize::from(!wrong && decided * 100 >= all * least);
    }
    counts.wrong += usize::from(wrong);
    counts.whole += usize::from(whole && !wrong);
    counts.solved += usize::from(!open && !wrong);
    counts.as_language += usize::from(!behind && !wrong);
    if wrong {
        let context = Context::of(&cribs);
        let read = Texts::read(&encoded, Some(b'=')).unwrap();
        let price = |alphabet: &[u8]| {
            let mut mapping = Mapping::EMPTY;
            for (symbol, character) in (0u8..).zip(&read.characters) {
                let value = alphabet.iter().position(|c| c == character);
                mapping.set(symbol, value.map_or(NONE, |v| v as u8));
            }
            doubt::price(&read, &mapping, &mut Pricer::new(), &context)
        };
        let own = found.plain[0]
            .iter()
            .map(|b| b.unwrap_or(b'?'))
            .collect::<Vec<u8>>();
        let right = samples.iter().flat_map(|sample| &sample.text);
        let differ: Vec<(usize, char, char)> = (0..)
            .zip(found.plain.iter().flatten().zip(right))
            .filter_map(|(at, (own, right))| {
                own.filter(|own| own != right)
                    .map(|own| (at, char::from(*right), char::from(own)))
            })
            .collect();
        eprintln!("{differ:?}");
        eprintln!(
            "price of the right one {:?}, about {}",
            price(&alphabet),
            Pricer::new().price(&[own], &context)
        );
    }
    if wrong || (shown && open) {
        let text: String = found.plain[0]
            .iter()
            .map(|byte| byte.map_or('¿', char::from))
            .collect();
        eprintln!(
            "{} {seed} margin {} evidence {} tried {}\n {}\n {text}",
            if wrong { "WRONG" } else { "open" },
            found.margin,
            found.evidence,
            found.tried,
            String::from_utf8_lossy(&samples[0].text),
        );
    }
}

impl Counts {
    fn tell(&mut self, size: usize, texts: usize) {
        let part = |count: usize| 100.0 * count as f64 / self.runs.max(1) as f64;
        self.cpu.sort_by(f64::total_cmp);
        let mean = self.cpu.iter().sum::<f64>() / self.runs.max(1) as f64;
        let kinds = self
            .kinds
            .map(|[all, decided]| format!("{:.2}", 100.0 * decided as f64 / all.max(1) as f64));
        eprintln!(
            "{texts} x {size} B: solved {:.1} %, whole {:.1} % (ceilings {:.1} and {:.1} %), as language {:.1} %, \
             accepted {:.1} %, wrong {}; 99, 95, 90 % of bytes decided in {:.1}, {:.1}, {:.1} %; decided: grammar {} names {} words {} other {} %; CPU ms mean {mean:.0}, \
             95 % {:.0}, most {:.0}",
            part(self.solved),
            part(self.whole),
            part(self.ceilings[0]),
            part(self.ceilings[1]),
            part(self.as_language),
            part(self.accepted),
            self.wrong,
            part(self.nearly[0]),
            part(self.nearly[1]),
            part(self.nearly[2]),
            kinds[0],
            kinds[1],
            kinds[2],
            kinds[3],
            self.cpu[self.cpu.len() * 19 / 20],
            self.cpu.last().unwrap(),
        );
    }
}

fn numbers(name: &str, otherwise: &[usize]) -> Vec<usize> {
    std::env::var(name).map_or(otherwise.to_vec(), |text| {
        text.split(',')
            .map(|number| number.parse().unwrap())
            .collect()
    })
}

#[test]
#[ignore = "measurement, by hand in release"]
fn many_alphabets() {
    model();
    let runs = numbers("RUNS", &[50])[0];
    for &texts in &numbers("TEXTS", &[1, 2, 4, 8]) {
        for &size in &numbers("SIZES", &[120, 200, 400, 800, 2000]) {
            let mut counts = Counts::default();
            for seed in 0..runs {
                one(
                    seed as u64,
                    size,
                    texts,
                    std::env::var("QUICK").is_err(),
                    &mut counts,
                );
            }
            counts.tell(size, texts);
        }
    }
}

#[test]
#[ignore = "measurement, by hand in release"]
fn noise_with_known_values() {
    model();
    let runs = numbers("RUNS", &[2000])[0];
    let mut random = Random::new(77);
    let mut spent = Vec::new();
    for run in 0..runs {
        let length = 60 + random.below(2000);
        let bytes: Vec<u8> = match run % 3 {
            // Compressed or enciphered, as base64; a token; text of which no value is known.
            0 => (0..length).map(|_| random.bits() as u8).collect(),
            1 => (0..length)
                .map(|_| *random.pick(b"0123456789abcdef").unwrap())
                .collect(),
            _ => {
                let known = identifier(&mut random);
                Endpoint::new(&mut random, length)
                    .message(&mut random, &known)
                    .text
            }
        };
        let text = encode(&bytes, &shuffled(&mut random), Some(b'='));
        let mut cribs = Cribs::new();
        for _ in 0..40 {
            cribs.add(identifier(&mut random).as_bytes());
        }
        let begun = cpu();
        assert_eq!(
            solve_partly(&[&text], &cribs, &mut Budget::new(4_000_000)),
            None
        );
        spent.push(cpu() - begun);
    }
    spent.sort_by(f64::total_cmp);
    eprintln!(
        "{runs} values, 40 known values that are not inside: 0 solved; CPU ms mean {:.2}, 99 % {:.2}, most {:.2}",
        spent.iter().sum::<f64>() / runs as f64,
        spent[runs * 99 / 100],
        spent[runs - 1]
    );
}

/// Real messages: each line of the file `MESSAGES` is a message as hex digits, a space, and a value known to be in it.
#[test]
#[ignore = "measurement, by hand in release, over messages that are not part of the project"]
fn messages_of_a_file() {
    let Ok(file) = std::env::var("MESSAGES") else {
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let (mut runs, mut accepted, mut whole, mut wrong) = (0, 0, 0, 0);
    let (mut bytes, mut decided, mut spent) = (0, 0, 0.0);
    for (seed, line) in (0u64..).zip(text.lines()) {
        let (message, known) = line.split_once(' ').unwrap();
        let plain = data_encoding::HEXLOWER.decode(message.as_bytes()).unwrap();
        let alphabet = shuffled(&mut Random::new(seed));
        let encoded = encode(&plain, &alphabet, Some(b'='));
        let mut cribs = Cribs::new();
        cribs.add(known.as_bytes());
        let begun = cpu();
        let found = solve_partly(&[&encoded], &cribs, &mut Budget::new(u64::MAX));
        spent += cpu() - begun;
        runs += 1;
        let Some(found) = found else { continue };
        accepted += 1;
        let pairs = || found.plain.iter().flatten().zip(&plain);
        bytes += plain.len();
        decided += pairs().filter(|(byte, _)| byte.is_some()).count();
        whole += usize::from(pairs().all(|(byte, _)| byte.is_some()));
        wrong += usize::from(pairs().any(|(byte, right)| byte.is_some_and(|b| b != *right)));
    }
    eprintln!(
        "{runs} messages: accepted {accepted}, whole {whole}, wrong {wrong}; of their bytes {:.2} % decided; CPU ms mean {:.0}",
        100.0 * decided as f64 / bytes.max(1) as f64,
        spent / f64::from(runs.max(1))
    );
}
