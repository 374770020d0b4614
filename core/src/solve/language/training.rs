//! Training text, made on first use: messages as telemetry sends them, from words of our own.

use super::super::random::Random;
use super::words;

/// Messages of the training text.
const MESSAGES: usize = 2200;

/// The words, split once.
pub(super) struct Lists {
    fields: Vec<&'static str>,
    pub(super) parts: Vec<&'static str>,
    pub(super) values: Vec<&'static str>,
    pub(super) hosts: Vec<&'static str>,
    pub(super) plain: Vec<&'static str>,
    pub(super) wide: Vec<&'static str>,
    pub(super) agents: Vec<&'static str>,
    english: Vec<&'static str>,
    foreign: Vec<&'static str>,
}

/// Writes messages.
pub(super) struct Writer {
    pub(super) random: Random,
    lists: Lists,
    pub(super) out: String,
}

/// Several hundred messages, each ended by a zero byte.
pub(super) fn text() -> Vec<u8> {
    let split = |list: &'static str| list.split_ascii_whitespace().collect::<Vec<_>>();
    let mut writer = Writer {
        random: Random::new(0x7761_616b),
        lists: Lists {
            fields: words::names().collect(),
            parts: [split(words::PARTS), words::lexicon(1)].concat(),
            values: words::values().collect(),
            hosts: split(words::HOSTS),
            plain: split(words::PLAIN),
            wide: split(words::WIDE),
            agents: words::AGENTS.lines().collect(),
            english: words::lexicon(0),
            foreign: words::lexicon(2),
        },
        out: String::new(),
    };
    for _ in 0..MESSAGES {
        match writer.random.below(20) {
            0..=12 => {
                let spaced = writer.random.below(8) == 0;
                let members = 4 + writer.random.below(14);
                writer.object(members, 2, spaced);
            }
            13 => writer.array(),
            14 | 15 => writer.form(),
            16 => writer.sentence(20),
            17 => writer.url(),
            18 => writer.lines(),
            _ => writer.every_field(),
        }
        writer.out.push('\0');
    }
    writer.out.into_bytes()
}

impl Writer {
    pub(super) fn word(&mut self, list: fn(&Lists) -> &Vec<&'static str>) -> &'static str {
        let list = list(&self.lists);
        self.random.pick(list).copied().unwrap_or("")
    }

    /// A word of software, a common one rather than a rare one.
    fn english(&mut self) -> &'static str {
        let end = 1 + self.random.below(self.lists.english.len());
        let index = self.random.below(end);
        self.lists.english.get(index).copied().unwrap_or("")
    }

    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A name of a field: known, or made of one to three words in some style.
    pub(super) fn name(&mut self) -> String {
        if self.random.below(20) < 11 {
            return self.word(|l| &l.fields).to_owned();
        }
        let style = self.random.below(8);
        let count = 1 + self.random.below(3);
        let mut name = String::new();
        for index in 0..count {
            let word = match self.random.below(10) {
                0 => self.word(|l| &l.plain),
                1..=3 => self.english(),
                _ => self.word(|l| &l.parts),
            };
            match style {
                0..=3 if index > 0 => name.push('_'),
                6 if index > 0 => name.push('.'),
                7 if index > 0 => name.push('-'),
                _ => {}
            }
            let capital = (matches!(style, 4 | 5) && index > 0) || (style == 5 && count > 1);
            let mut letters = word.chars();
            match letters.next() {
                Some(first) if capital => {
                    name.extend(first.to_uppercase());
                    name.push_str(letters.as_str());
                }
                _ if style == 3 && count == 1 => name.push_str(&word.to_uppercase()),
                _ => name.push_str(word),
            }
        }
        name
    }

    pub(super) fn digits(&mut self, count: usize) {
        for _ in 0..count {
            let digit = b'0' + u8::try_from(self.random.below(10)).unwrap_or(0);
            self.out.push(char::from(digit));
        }
    }

    pub(super) fn random_of(&mut self, alphabet: &[u8], count: usize) {
        for _ in 0..count {
            if let Some(&byte) = self.random.pick(alphabet) {
                self.out.push(char::from(byte));
            }
        }
    }

    pub(super) fn hex(&mut self, count: usize) {
        let upper = self.random.below(5) == 0;
        self.random_of(
            if upper {
                b"0123456789ABCDEF"
            } else {
                b"0123456789abcdef"
            },
            count,
        );
    }

    fn object(&mut self, members: usize, depth: usize, spaced: bool) {
        self.put("{");
        for index in 0..members {
            if index > 0 {
                self.put(if spaced { ", " } else { "," });
            }
            let name = self.name();
            self.put("\"");
            self.put(&name);
            self.put(if spaced { "\": " } else { "\":" });
            self.value(depth, spaced);
        }
        self.put("}");
    }

    fn value(&mut self, depth: usize, spaced: bool) {
        match self.random.below(20) {
            0..=11 => {
                self.put("\"");
                self.string();
                self.put("\"");
            }
            12..=15 => self.number(),
            16 => {
                let word = *self
                    .random
                    .pick(&["true", "false", "null"])
                    .unwrap_or(&"null");
                self.put(word);
            }
            17 | 18 if depth > 0 => {
                let members = self.random.below(6);
                self.object(members, depth - 1, spaced);
            }
            19 if depth > 0 => {
                self.put("[");
                for index in 0..self.random.below(5) {
                    if index > 0 {
                        self.put(if spaced { ", " } else { "," });
                    }
                    self.value(depth - 1, spaced);
                }
                self.put("]");
            }
            _ => self.put("\"\""),
        }
    }

    fn array(&mut self) {
        self.put("[");
        for index in 0..1 + self.random.below(4) {
            if index > 0 {
                self.put(",");
            }
            let members = 1 + self.random.below(6);
            self.object(members, 1, false);
        }
        self.put("]");
    }

    pub(super) fn form(&mut self) {
        for index in 0..2 + self.random.below(10) {
            if index > 0 {
                self.put("&");
            }
            let name = self.name();
            self.put(&name);
            self.put("=");
            let from = self.out.len();
            self.string();
            let escaped = self.out.split_off(from);
            self.escape(&escaped);
        }
    }

    /// Percent-encoding as forms do it.
    fn escape(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    self.out.push(char::from(byte));
                }
                b' ' => self.put("+"),
                _ => self.put(&format!("%{byte:02X}")),
            }
        }
    }

    pub(super) fn sentence(&mut self, words: usize) {
        for index in 0..words {
            if index > 0 {
                self.put(" ");
            }
            let word = match self.random.below(30) {
                0 => self.word(|l| &l.wide),
                1..=12 => self.word(|l| &l.plain),
                13..=20 => self.english(),
                _ => self.word(|l| &l.foreign),
            };
            self.put(word);
            if self.random.below(12) == 0 {
                let mark = if self.random.below(2) == 0 { "," } else { "." };
                self.put(mark);
            }
        }
    }

    /// Names and values, one to a line.
    fn lines(&mut self) {
        for _ in 0..3 + self.random.below(6) {
            let name = self.name();
            self.put(&name);
            let between = *self.random.pick(&[": ", "=", "\t", ","]).unwrap_or(&"=");
            self.put(between);
            self.string();
            self.put("\n");
        }
    }

    /// Known names one after the other, so that each is seen with what stands around it in JSON.
    fn every_field(&mut self) {
        let from = self.random.below(self.lists.fields.len());
        self.put("{");
        for step in 0..24 {
            if step > 0 {
                self.put(",");
            }
            let index = (from + step * 17) % self.lists.fields.len().max(1);
            let name = self.lists.fields.get(index).copied().unwrap_or("");
            self.put("\"");
            self.put(name);
            self.put("\":");
            self.value(0, false);
        }
        self.put("}");
    }
}
