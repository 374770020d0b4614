//! A model of the bytes of telemetry: how many bits a byte costs after the bytes before it.
//!
//! Interpolated n-grams (Witten and Bell, 1991) over classes of bytes, learnt from [`training`] on first
//! use. All digits are one class and nothing before a digit is remembered, so that the model never
//! prefers one number to another: what only a number could tell stays open.

mod grams;
mod listed;
mod training;
mod values;
mod words;

use std::sync::LazyLock;

use grams::Grams;
pub(crate) use listed::{Known, known_name, known_value, part, word};
pub(crate) use words::PHRASES;

/// Classes of bytes.
pub(crate) const CLASSES: usize = 93;
const DIGIT: u8 = 86 - 1;
const LINE: u8 = 86;
const TAB: u8 = 87;
/// Second and later bytes of a character in UTF-8.
const FURTHER: u8 = 88;
/// First byte of a character of several.
const LEAD: u8 = 89;
/// Control characters, and bytes that UTF-8 never has.
const OTHER: u8 = 90;
/// Before the first byte.
pub(crate) const START: u8 = 91;
/// No matter which: before a digit.
const ANY: u8 = 92;

/// No byte costs more, in tenths of a bit: one wrong byte must not outweigh a whole text.
const DEAREST: i32 = 180;
/// Longer n-grams seen less often than this are chance.
const SEEN: u32 = 2;

/// Class of each byte.
static CLASS: [u8; 256] = classes();
/// Tenths of a bit to choose a byte once its class is known.
static WITHIN: [i16; 256] = within();

const fn classes() -> [u8; 256] {
    let mut table = [OTHER; 256];
    let mut next = 0;
    let mut byte = 0x20;
    while byte < 0x7f {
        if byte >= b'0' as usize && byte <= b'9' as usize {
            table[byte] = DIGIT;
        } else {
            table[byte] = next;
            next += 1;
        }
        byte += 1;
    }
    table[b'\n' as usize] = LINE;
    table[b'\r' as usize] = LINE;
    table[b'\t' as usize] = TAB;
    byte = 0x80;
    while byte < 0xf5 {
        if byte < 0xc0 {
            table[byte] = FURTHER;
        } else if byte > 0xc1 {
            table[byte] = LEAD;
        }
        byte += 1;
    }
    table
}

const fn within() -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match CLASS[byte] {
            DIGIT => 33,
            LINE => 10,
            FURTHER => 60,
            LEAD => 57,
            OTHER => 54,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The class of a byte.
pub(crate) fn class(byte: u8) -> u8 {
    CLASS[usize::from(byte)]
}

/// Cost of a byte from its cost by the model, as if one byte in eight were any character, both in tenths of a
/// bit: that the model has never seen something is no proof against it.
static CAUTIOUS: LazyLock<Vec<i16>> = LazyLock::new(|| {
    (0..512)
        .map(|cost| {
            let likely = 0.875 * (-f64::from(cost) / 10.0).exp2() + 0.125 / 95.0;
            (-10.0 * likely.log2()).round() as i16
        })
        .collect()
});

/// The cost by the model, made cautious; control characters and broken characters stay as dear as they are.
pub(crate) fn cautious(cost: i32, byte: u8) -> i32 {
    if byte.is_ascii_graphic() || byte == b' ' {
        let index = usize::try_from(cost).unwrap_or(0);
        CAUTIOUS.get(index).copied().map_or(cost, i32::from)
    } else {
        cost
    }
}

/// The model.
pub(crate) struct Model {
    unigram: [i16; 256],
    /// Cost of a byte after a byte: row before, column after.
    bigram: Box<[[i16; 256]; 256]>,
    /// Cost of a class after two classes.
    trigram: Vec<u8>,
    grams: Grams,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::learn(&training::text()));

/// The model, learnt on first use (some tens of milliseconds of processor time).
pub(crate) fn model() -> &'static Model {
    &MODEL
}

/// Classes before a byte, nearest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Before([u8; 4]);

impl Before {
    /// At the beginning of a text.
    pub(crate) const START: Before = Before([START; 4]);

    /// After one more byte.
    pub(crate) fn then(self, byte: u8) -> Self {
        self.then_class(class(byte))
    }

    fn then_class(self, class: u8) -> Self {
        if class == DIGIT {
            return Before([ANY, ANY, ANY, DIGIT]);
        }
        let [_, a, b, c] = self.0;
        // Nothing before a digit is remembered.
        Before([a, b, c, class])
    }

    /// After these bytes of a text; only the last four matter.
    pub(crate) fn of(text: &[u8]) -> Self {
        let tail = text.len().saturating_sub(4);
        text.iter().skip(tail).fold(
            if tail == 0 {
                Before::START
            } else {
                Before([ANY; 4])
            },
            |before, &byte| before.then(byte),
        )
    }
}

fn tenths(probability: f64) -> u8 {
    let cost = (-10.0 * probability.log2()).round();
    cost.clamp(0.0, f64::from(DEAREST)) as u8
}

impl Model {
    /// Cost of a byte about which nothing else is known, in tenths of a bit.
    pub(crate) fn alone(&self, byte: u8) -> i32 {
        i32::from(self.unigram[usize::from(byte)])
    }

    /// Cost of each byte alone.
    pub(crate) fn unigrams(&self) -> &[i16; 256] {
        &self.unigram
    }

    /// Costs of all bytes after `before`, in tenths of a bit.
    pub(crate) fn row(&self, before: u8) -> &[i16; 256] {
        &self.bigram[usize::from(before)]
    }

    /// Cost of `byte` after two classes: quick, for searches.
    pub(crate) fn third(&self, before: Before, byte: u8) -> i32 {
        let class = class(byte);
        self.third_class(before, class) + i32::from(WITHIN[usize::from(byte)])
    }

    fn third_class(&self, before: Before, class: u8) -> i32 {
        let [_, _, a, b] = before.0;
        let index = (usize::from(a) * CLASSES + usize::from(b)) * CLASSES + usize::from(class);
        self.trigram.get(index).copied().map_or(DEAREST, i32::from)
    }

    /// Cost of `byte` after all that is remembered, in tenths of a bit.
    pub(crate) fn cost(&self, before: Before, byte: u8) -> i32 {
        let class = class(byte);
        let cost = self
            .grams
            .cost(before.0, class)
            .unwrap_or_else(|missing| missing + self.third_class(before, class));
        cost.min(DEAREST) + i32::from(WITHIN[usize::from(byte)])
    }

    /// As [`Model::cost`], by [`cautious`].
    pub(crate) fn cautious(&self, before: Before, byte: u8) -> i32 {
        cautious(self.cost(before, byte), byte)
    }

    /// As [`Model::cost`], after four classes that stand in a row.
    pub(crate) fn cost_after(&self, [a, b, c, d]: [u8; 4], byte: u8) -> i32 {
        let before = if d == DIGIT {
            [ANY, ANY, ANY, d]
        } else if c == DIGIT {
            [ANY, ANY, c, d]
        } else if b == DIGIT {
            [ANY, b, c, d]
        } else {
            [a, b, c, d]
        };
        self.cost(Before(before), byte)
    }

    /// As [`Model::third`], after two classes that stand in a row.
    pub(crate) fn third_after(&self, a: u8, b: u8, byte: u8) -> i32 {
        let a = if b == DIGIT { ANY } else { a };
        self.third(Before([ANY, ANY, a, b]), byte)
    }

    /// Tenths of a bit by which the model explains a text better than chance does.
    pub(crate) fn evidence(&self, text: &[u8]) -> i64 {
        let mut before = Before::START;
        let mut sum = 0;
        for &byte in text {
            sum += i64::from(80 - self.cost(before, byte));
            before = before.then(byte);
        }
        sum
    }

    /// As [`Model::evidence`], of a piece of which nobody knows what stands before it.
    pub(crate) fn evidence_within(&self, text: &[u8]) -> i64 {
        let mut before = Before([ANY; 4]);
        let mut sum = 0;
        for &byte in text {
            sum += i64::from(80 - self.cost(before, byte));
            before = before.then(byte);
        }
        sum
    }

    fn learn(text: &[u8]) -> Model {
        let mut counts = grams::Counts::of(text);
        let unigram = counts.unigram();
        let mut rows: Vec<f32> = unigram.repeat(CLASSES);
        counts.each(1, |followers| {
            let row = rows
                .chunks_exact_mut(CLASSES)
                .nth(followers.context as usize);
            if let Some(row) = row {
                followers.interpolate(&unigram, row);
            }
        });
        let plain: Vec<u8> = rows.iter().map(|&p| tenths(f64::from(p))).collect();
        // Rows of two classes never seen together are rows of the nearer one.
        let mut trigram = plain.repeat(CLASSES);
        let mut probabilities = vec![0f32; CLASSES];
        counts.each(2, |followers| {
            let (a, b) = (
                followers.context as usize >> 7,
                followers.context as usize & 0x7f,
            );
            let lower = rows.chunks_exact(CLASSES).nth(b);
            let to = trigram.chunks_exact_mut(CLASSES).nth(a * CLASSES + b);
            if let (Some(lower), Some(to)) = (lower, to) {
                followers.interpolate(lower, &mut probabilities);
                for (to, &p) in to.iter_mut().zip(&probabilities) {
                    *to = tenths(f64::from(p));
                }
            }
        });
        let grams = counts.higher(SEEN, |a, b, c| {
            let index = (usize::from(a) * CLASSES + usize::from(b)) * CLASSES + usize::from(c);
            trigram.get(index).copied().map_or(DEAREST, i32::from)
        });
        let byte_cost =
            |row: &dyn Fn(u8) -> u8, byte: usize| i16::from(row(CLASS[byte])) + WITHIN[byte];
        let alone: Vec<u8> = unigram.iter().map(|&p| tenths(f64::from(p))).collect();
        let alone_of = |class: u8| alone.get(usize::from(class)).copied().unwrap_or(180);
        let mut by_byte = [0; 256];
        for (byte, to) in by_byte.iter_mut().enumerate() {
            *to = byte_cost(&alone_of, byte);
        }
        let mut bigram = Box::new([[0; 256]; 256]);
        for (before, to) in bigram.iter_mut().enumerate() {
            let class = usize::from(CLASS[before]);
            let row = |next: u8| {
                plain
                    .get(class * CLASSES + usize::from(next))
                    .copied()
                    .unwrap_or(180)
            };
            for (byte, to) in to.iter_mut().enumerate() {
                *to = byte_cost(&row, byte);
            }
        }
        Model {
            unigram: by_byte,
            bigram,
            trigram,
            grams,
        }
    }
}

/// Names of fields that the model has learnt, for tests.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    words::names().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_telemetry_from_noise() {
        let model = model();
        let per_byte = |text: &[u8]| model.evidence(text) / text.len() as i64;
        assert!(per_byte(br#"{"device":"abc","os_version":"13","ts":1700000000123}"#) > 40);
        assert!(per_byte(b"user=jan&lang=nl&version=3.1") > 35);
        assert!(per_byte("{\"城市\":\"北京市\"}".as_bytes()) > 10);
        assert!(per_byte(b"\x01\x93\xf7\x11\x80\x02\xfe\x99") < 0);
    }

    #[test]
    fn prefers_no_number() {
        let model = model();
        for text in [&br#"{"a":"1234","b":15}"#[..], br#"{"a":"9071","b":62}"#] {
            assert_eq!(
                model.evidence(text),
                model.evidence(br#"{"a":"5555","b":55}"#)
            );
        }
    }

    #[test]
    #[ignore = "measurement, by hand in release"]
    fn time_to_learn() {
        for _ in 0..5 {
            let begun = crate::solve::samples::cpu();
            let text = training::text();
            let written = crate::solve::samples::cpu();
            let model = Model::learn(&text);
            eprintln!(
                "{} bytes written in {:.1} ms, learnt in {:.1} ms of CPU, {} n-grams",
                text.len(),
                written - begun,
                crate::solve::samples::cpu() - written,
                model.grams.len()
            );
        }
    }
}
