//! The texts under one mapping, with the cost of every byte, so that a change costs only what it touches.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::super::language::{Model, START, cautious, class, model};
use super::place::Mapping;
use super::texts::{NONE, SYMBOLS, Texts, bytes_of, count};

/// Classes of the beginning before each text.
const LEAD: usize = 4;
/// Bytes behind a changed one whose cost changes with it.
const REACH: usize = 4;
/// Groups that are kept: more make every step dearer and say little more.
pub(super) const MOST: usize = 300;

/// Texts under a mapping.
///
/// At most [`MOST`] groups. One that was seen before after the same group is left out: telemetry is templated, and a repetition is no
/// second piece of evidence. What is kept stands in segments, each after [`LEAD`] classes of what came before.
pub(super) struct Board {
    model: &'static Model,
    /// Groups of all texts.
    quads: Vec<[u8; 4]>,
    /// Where the bytes of each group begin in `plain`, and how many there are.
    begins: Vec<(u32, u8)>,
    /// Groups in which each symbol stands, once each.
    uses: Vec<Vec<u32>>,
    /// Bytes; before each text [`LEAD`] that stand for its beginning.
    plain: Vec<u8>,
    classes: Vec<u8>,
    costs: Vec<i16>,
    /// Bytes whose cost counts.
    scored: Vec<bool>,
    /// Sum of the costs, in tenths of a bit.
    pub(super) total: i64,
    /// The mapping.
    pub(super) mapping: Mapping,
    /// Which bytes a change has touched: the number of the change at each byte.
    touched: Vec<u32>,
    change: u32,
    queue: Vec<u32>,
    view: View,
}

/// How the cost of a byte is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// From two bytes before it: quick.
    Quick,
    /// From four bytes before it.
    Deep,
    /// As [`Model::cautious`].
    Cautious,
}

impl Board {
    /// The texts under a mapping, which must give a value to every symbol.
    pub(super) fn new(texts: &Texts, mapping: Mapping, view: View) -> Self {
        let mut board = Board {
            model: model(),
            quads: Vec::new(),
            begins: Vec::new(),
            uses: vec![Vec::new(); SYMBOLS],
            plain: Vec::new(),
            classes: Vec::new(),
            costs: Vec::new(),
            scored: Vec::new(),
            total: 0,
            mapping,
            touched: Vec::new(),
            change: 0,
            queue: Vec::new(),
            view,
        };
        let mut seen = HashSet::with_hasher(FixedState::default());
        for quads in &texts.texts {
            board.begin_text();
            let mut before = [[NONE; 4]; 2];
            let mut gap = false;
            for quad in quads {
                if board.quads.len() >= MOST {
                    break;
                }
                if seen.insert((before[1], *quad)) {
                    if gap {
                        // What stood before is needed for its classes only.
                        board.begin_text();
                        for known in before {
                            board.add(known, false);
                        }
                        gap = false;
                    }
                    board.add(*quad, true);
                } else {
                    gap = true;
                }
                before = [before[1], *quad];
            }
        }
        board.costs = vec![0; board.plain.len()];
        board.touched = vec![0; board.plain.len()];
        board.begin();
        board
    }

    /// Classes that stand for the beginning of a text, or of what is known of it.
    fn begin_text(&mut self) {
        self.plain.extend([0; LEAD]);
        self.classes.extend([START; LEAD]);
        self.scored.extend([false; LEAD]);
    }

    fn add(&mut self, quad: [u8; 4], scored: bool) {
        let index = self.begins.len() as u32;
        let bytes = count(quad);
        self.quads.push(quad);
        self.begins.push((self.plain.len() as u32, bytes as u8));
        self.plain.extend(std::iter::repeat_n(0, bytes));
        self.classes.extend(std::iter::repeat_n(0, bytes));
        self.scored.extend(std::iter::repeat_n(scored, bytes));
        for &symbol in &quad {
            if let Some(uses) = self.uses.get_mut(usize::from(symbol))
                && uses.last() != Some(&index)
            {
                uses.push(index);
            }
        }
    }

    /// Bytes that are counted.
    pub(super) fn counted(&self) -> usize {
        self.scored.iter().filter(|scored| **scored).count()
    }

    /// Look at it in another way.
    pub(super) fn look(&mut self, view: View) {
        self.view = view;
        self.begin();
    }

    /// Take another mapping.
    pub(super) fn restart(&mut self, mapping: Mapping) {
        self.mapping = mapping;
        self.begin();
    }

    fn begin(&mut self) {
        for index in 0..self.quads.len() {
            self.decode(index);
        }
        self.total = 0;
        for at in 0..self.plain.len() {
            if self.scored.get(at) == Some(&true) {
                let cost = self.cost(at);
                self.total += i64::from(cost);
                if let Some(to) = self.costs.get_mut(at) {
                    *to = cost;
                }
            }
        }
    }

    /// Write the bytes of a group.
    fn decode(&mut self, index: usize) {
        let (Some(quad), Some(&(begin, bytes))) = (self.quads.get(index), self.begins.get(index))
        else {
            return;
        };
        let values = quad.map(|symbol| {
            self.mapping
                .value
                .get(usize::from(symbol))
                .copied()
                .unwrap_or(0)
        });
        let begin = begin as usize;
        for ((to, kind), byte) in self
            .plain
            .iter_mut()
            .zip(&mut self.classes)
            .skip(begin)
            .take(usize::from(bytes))
            .zip(bytes_of(values))
        {
            *to = byte;
            *kind = class(byte);
        }
    }

    fn cost(&self, at: usize) -> i16 {
        let (Some(&[a, b, c, d]), Some(&byte)) = (
            self.classes
                .get(at.wrapping_sub(4)..at)
                .and_then(|before| before.first_chunk::<4>()),
            self.plain.get(at),
        ) else {
            return 0;
        };
        match self.view {
            View::Quick => self.model.third_after(c, d, byte) as i16,
            View::Deep => self.model.cost_after([a, b, c, d], byte) as i16,
            View::Cautious => cautious(self.model.cost_after([a, b, c, d], byte), byte) as i16,
        }
    }

    /// Give `symbol` the value `value`; the symbol that had it takes the old one. Returns the change of the
    /// total in tenths of a bit; done again with the old value it is undone.
    pub(super) fn swap(&mut self, symbol: u8, value: u8) -> i64 {
        let before = self.total;
        let old = self.mapping.value[usize::from(symbol) % SYMBOLS];
        let other = self.mapping.symbol[usize::from(value) % SYMBOLS];
        self.mapping.value[usize::from(symbol) % SYMBOLS] = value;
        self.mapping.symbol[usize::from(value) % SYMBOLS] = symbol;
        self.mapping.symbol[usize::from(old) % SYMBOLS] = other;
        if other != NONE {
            self.mapping.value[usize::from(other) % SYMBOLS] = old;
        }
        self.change = self.change.wrapping_add(1);
        self.queue.clear();
        for changed in [symbol, other] {
            let count = self.uses.get(usize::from(changed)).map_or(0, Vec::len);
            for index in 0..count {
                let quad = self
                    .uses
                    .get(usize::from(changed))
                    .and_then(|uses| uses.get(index))
                    .map_or(usize::MAX, |&quad| quad as usize);
                self.decode(quad);
                let Some(&(begin, bytes)) = self.begins.get(quad) else {
                    continue;
                };
                let reach = if self.view == View::Quick { 2 } else { REACH };
                for at in begin..begin + u32::from(bytes) + reach as u32 {
                    let Some(touched) = self.touched.get_mut(at as usize) else {
                        break;
                    };
                    if *touched != self.change {
                        *touched = self.change;
                        self.queue.push(at);
                    }
                }
            }
        }
        for index in 0..self.queue.len() {
            let Some(&at) = self.queue.get(index) else {
                break;
            };
            let at = at as usize;
            if self.scored.get(at) != Some(&true) {
                continue;
            }
            let cost = self.cost(at);
            if let Some(to) = self.costs.get_mut(at) {
                self.total += i64::from(cost) - i64::from(*to);
                *to = cost;
            }
        }
        self.total - before
    }
}
