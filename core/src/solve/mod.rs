//! Solve: open what was hidden without a secret of the recipient, from the bytes alone.
//!
//! Unknown base64 alphabets, repeating keys of XOR, and static keystreams (which are only recognised). A
//! solver answers only with proof: the evidence in bits, less the logarithm of the hypotheses it could have
//! chosen from, is at least [`ACCEPTED`], and no other answer explains the bytes nearly as well. It takes
//! no input or output, has no clock and no chance in it: the same input gives the same answer.

pub mod alphabet;
pub mod keystream;
pub(crate) mod language;
pub(crate) mod proof;
mod random;
#[cfg(test)]
mod samples;
pub mod xor;

/// Evidence that must remain once the hypotheses are paid for, in tenths of a bit: one wrong answer in a
/// million blobs of noise.
pub const ACCEPTED: i64 = 200;

/// Work that a solver may do, counted in steps (about one look at one byte), never in time: so that the
/// answer does not hang on the machine.
#[derive(Clone, Debug)]
pub struct Budget {
    limit: u64,
    left: u64,
    exhausted: bool,
}

impl Budget {
    /// A budget of so many steps; a million are some milliseconds.
    #[must_use]
    pub fn new(steps: u64) -> Self {
        Budget {
            limit: steps,
            left: steps,
            exhausted: false,
        }
    }

    /// Steps it began with.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Steps taken.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.limit - self.left
    }

    /// True when a solver stopped because of it. The caller makes this a row of the limits met
    /// (`solver steps`), never a silent cut.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// Take steps; false when they are more than what is left.
    fn spend(&mut self, steps: u64) -> bool {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                self.exhausted = true;
                false
            }
        }
    }
}

/// Values that are expected inside: identifiers of the device, values seen in the same app's other messages.
#[derive(Clone, Debug, Default)]
pub struct Cribs {
    values: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    times: Vec<u64>,
}

impl Cribs {
    /// A shorter value says too little about where it stands.
    pub const SHORTEST: usize = 8;
    /// No longer part of a value is used.
    pub const LONGEST: usize = 64;
    /// A shorter word fits by chance.
    pub const SHORTEST_WORD: usize = 4;
    /// A longer one is more than one word.
    pub const LONGEST_WORD: usize = 256;
    /// No more times are kept.
    pub const MOST_TIMES: usize = 16;
    /// No more values are kept.
    pub const MOST: usize = 256;

    /// None known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Add a value; short ones and those beyond [`Cribs::MOST`] are left out, which is told by `false`.
    pub fn add(&mut self, value: &[u8]) -> bool {
        let kept = value.get(..Self::LONGEST).unwrap_or(value);
        if kept.len() < Self::SHORTEST
            || self.values.len() >= Self::MOST
            || self.values.iter().any(|known| known == kept)
        {
            return false;
        }
        self.values.push(kept.to_vec());
        true
    }

    /// Add what stands around a message and may well be in it, such as the model in its user agent: it opens
    /// nothing, but is preferred where it fits. Short and very long ones are left out, which is told by `false`.
    pub fn add_word(&mut self, word: &[u8]) -> bool {
        let fits = (Self::SHORTEST_WORD..=Self::LONGEST_WORD).contains(&word.len())
            && self.words.len() < Self::MOST
            && word.iter().all(|byte| matches!(byte, b' '..=b'~'))
            && !self.words.iter().any(|known| known == word);
        if fits {
            self.words.push(word.to_vec());
        }
        fits
    }

    /// Add when a message was sent, in seconds since 1970: times inside are mostly near it.
    pub fn add_time(&mut self, seconds: u64) {
        if self.times.len() < Self::MOST_TIMES && !self.times.contains(&seconds) {
            self.times.push(seconds);
        }
    }

    /// Words of the context.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.words.iter().map(Vec::as_slice)
    }

    /// Times of the messages.
    pub fn times(&self) -> &[u64] {
        &self.times
    }

    /// The values, in the order in which they were added.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.values.iter().map(Vec::as_slice)
    }
}

/// Take off again what a solver found: `selector` is that of [`Solved::selector`] or
/// [`alphabet::Partly::selector`]. `None` when it is none of them, or does not fit the bytes.
#[must_use]
pub fn follow(selector: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    alphabet::follow(selector, bytes).or_else(|| xor::follow(selector, bytes))
}

/// An answer with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solved {
    /// How to do it again: the selector that `follow` of the same solver takes.
    pub selector: String,
    /// What was inside each text, in their order.
    pub plain: Vec<Vec<u8>>,
    /// Evidence that this is it, in tenths of a bit; the hypotheses are not yet paid for.
    pub evidence: i64,
    /// Logarithm of the hypotheses that could have been chosen from, in tenths of a bit.
    pub tried: i64,
    /// Tenths of a bit by which the second best answer is worse, at least.
    pub margin: i64,
}

impl Solved {
    /// Evidence once the hypotheses are paid for, in tenths of a bit.
    #[must_use]
    pub fn proven(&self) -> i64 {
        self.evidence.saturating_sub(self.tried)
    }
}
