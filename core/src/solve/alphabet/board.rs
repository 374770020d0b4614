//! The texts under one mapping, with the cost of every byte, so that a change costs only what it touches.

use super::super::language::{Model, START, cautious, class, model};
use super::place::Mapping;
use super::texts::{NONE, SYMBOLS, Texts, bytes_of, count};

/// Classes of the beginning before each text.
const LEAD: usize = 4;
/// Bytes behind a changed one whose cost changes with it.
const REACH: usize = 4;

/// Texts under a mapping.
pub(super) struct Board<'a> {
    model: &'static Model,
    texts: &'a Texts,
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

impl<'a> Board<'a> {
    /// The texts under a mapping, which must give a value to every symbol.
    pub(super) fn new(texts: &'a Texts, mapping: Mapping, view: View) -> Self {
        let mut board = Board {
            model: model(),
            texts,
            quads: texts.texts.iter().flatten().copied().collect(),
            begins: Vec::new(),
            uses: vec![Vec::new(); SYMBOLS],
            plain: Vec::new(),
            classes: Vec::new(),
            costs: Vec::new(),
            total: 0,
            mapping,
            touched: Vec::new(),
            change: 0,
            queue: Vec::new(),
            view,
        };
        for quads in &texts.texts {
            board.plain.extend([0; LEAD]);
            board.classes.extend([START; LEAD]);
            for quad in quads {
                let index = board.begins.len() as u32;
                let bytes = count(*quad);
                board.begins.push((board.plain.len() as u32, bytes as u8));
                board.plain.extend(std::iter::repeat_n(0, bytes));
                board.classes.extend(std::iter::repeat_n(0, bytes));
                for &symbol in quad {
                    if let Some(uses) = board.uses.get_mut(usize::from(symbol))
                        && uses.last() != Some(&index)
                    {
                        uses.push(index);
                    }
                }
            }
        }
        board.costs = vec![0; board.plain.len()];
        board.touched = vec![0; board.plain.len()];
        board.begin();
        board
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
            if let (Some(class), true) = (self.classes.get(at), at >= LEAD)
                && *class != START
            {
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
            if self.classes.get(at) == Some(&START) {
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

    /// The plaintext of each text.
    pub(super) fn plain(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::with_capacity(self.texts.texts.len());
        let mut at = 0;
        for quads in &self.texts.texts {
            let bytes: usize = quads.iter().map(|quad| count(*quad)).sum();
            at += LEAD;
            all.push(self.plain.get(at..at + bytes).unwrap_or_default().to_vec());
            at += bytes;
        }
        all
    }
}
