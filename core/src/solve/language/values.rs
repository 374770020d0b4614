//! Values of the training text: identifiers, times, addresses, words.

use super::training::Writer;

impl Writer {
    /// Text inside quotes.
    pub(super) fn string(&mut self) {
        match self.random.below(25) {
            24 => {
                let agent = self.word(|l| &l.agents);
                self.put(agent);
            }
            0..=6 => {
                let word = self.word(|l| &l.values);
                self.put(word);
            }
            7 | 8 => {
                let count = *self
                    .random
                    .pick(&[16, 16, 32, 32, 40, 64, 8])
                    .unwrap_or(&16);
                self.hex(count);
            }
            9 => {
                for (index, count) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                    if index > 0 {
                        self.out.push('-');
                    }
                    self.random_of(b"0123456789abcdef", count);
                }
            }
            10 => {
                let count = 1 + self.random.below(15);
                self.digits(count);
            }
            11 => {
                let parts = 2 + self.random.below(3);
                self.numbers('.', parts, 2);
            }
            12 => {
                for index in 0..6 {
                    if index > 0 {
                        self.out.push(':');
                    }
                    self.random_of(b"0123456789abcdef", 2);
                }
            }
            13 | 14 => self.url(),
            15 => {
                for index in 0..3 + self.random.below(2) {
                    if index > 0 {
                        self.out.push('.');
                    }
                    let word = self.word(|l| &l.parts);
                    self.put(word);
                }
            }
            16 => {
                self.digits(4);
                self.put("-");
                self.digits(2);
                self.put("-");
                self.digits(2);
                let between = if self.random.below(2) == 0 { "T" } else { " " };
                self.put(between);
                self.numbers(':', 3, 2);
                if between == "T" {
                    self.put("Z");
                }
            }
            17 => {
                let words = 1 + self.random.below(6);
                self.sentence(words);
            }
            18 => {
                for _ in 0..1 + self.random.below(3) {
                    let word = self.word(|l| &l.wide);
                    self.put(word);
                }
            }
            19 => {
                let count = 8 + self.random.below(16);
                self.random_of(
                    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                    count,
                );
            }
            20 => {
                self.random_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2);
                self.put("-");
                self.random_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 4);
            }
            _ => {
                let name = self.name();
                self.put(&name);
            }
        }
    }

    fn numbers(&mut self, between: char, count: usize, most: usize) {
        for index in 0..count {
            if index > 0 {
                self.out.push(between);
            }
            let digits = if between == ':' {
                most
            } else {
                1 + self.random.below(most)
            };
            self.digits(digits);
        }
    }

    pub(super) fn url(&mut self) {
        let scheme = if self.random.below(5) == 0 {
            "http://"
        } else {
            "https://"
        };
        self.put(scheme);
        let host = self.word(|l| &l.hosts);
        self.put(host);
        for _ in 0..self.random.below(4) {
            self.put("/");
            let word = if self.random.below(2) == 0 {
                self.word(|l| &l.parts)
            } else {
                self.word(|l| &l.plain)
            };
            self.put(word);
        }
        if self.random.below(3) == 0 {
            self.put("?");
            self.form();
        }
    }

    pub(super) fn number(&mut self) {
        match self.random.below(8) {
            0..=2 => {
                let count = 1 + self.random.below(5);
                self.digits(count);
            }
            3 | 4 => self.digits(13),
            5 => self.digits(10),
            6 => {
                if self.random.below(2) == 0 {
                    self.put("-");
                }
                self.digits(2);
                self.put(".");
                let count = 1 + self.random.below(7);
                self.digits(count);
            }
            _ => self.digits(1),
        }
    }
}
