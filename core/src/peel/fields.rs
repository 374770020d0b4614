//! A flat list of named children: what forms, cookies and multipart bodies open to.

use std::hash::BuildHasher;
use std::io::Write as _;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::layer::{Flaw, Hint, Reached};
use super::protobuf::Tallies;
use super::tree::push_word;
use crate::model::Limits;

/// Where the bytes of a field are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the bytes that were opened.
    Input(Range<usize>),
    /// In [`Fields::arena`].
    Arena(Range<usize>),
}

/// One named child.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its selector, in [`Fields::words`].
    pub(crate) selector: Range<usize>,
    /// Its name, in [`Fields::words`].
    pub(crate) name: Option<Range<usize>>,
    /// Its value.
    pub(crate) value: Place,
    /// What its place says about it.
    pub(crate) hint: Hint,
    /// True when it is no leaf by itself (the container is one already).
    pub(crate) only_if_opened: bool,
    /// True for numbers and the like, in which no layer can be.
    pub(crate) scalar: bool,
}

/// A flat list of named children.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// The children, in order.
    pub(crate) list: Vec<Field>,
    /// Selectors and names.
    pub(crate) words: String,
    /// Values that had to be decoded.
    pub(crate) arena: Vec<u8>,
    /// True when the container itself is a leaf too.
    pub(crate) keep: bool,
    /// What is missing.
    pub(crate) flaw: Option<Flaw>,
    /// What the fields of a message of Protocol Buffers showed, for those beside it.
    pub(crate) tallies: Tallies,
}

impl Fields {
    /// Append a child whose selector is its name.
    pub(crate) fn add(&mut self, name: &[u8], value: Place, hint: Hint) {
        let start = self.words.len();
        push_word(&mut self.words, &String::from_utf8_lossy(name));
        let end = self.words.len();
        let name = (end > start).then_some(start..end);
        self.list.push(Field {
            selector: start..end,
            name,
            value,
            hint,
            only_if_opened: false,
            scalar: false,
        });
    }

    /// Append a child that has a selector but no name and is no leaf by itself.
    pub(crate) fn add_quiet(&mut self, selector: &str, value: Place, hint: Hint) {
        let start = self.words.len();
        self.words.push_str(selector);
        let selector = start..self.words.len();
        self.list.push(Field {
            selector,
            name: None,
            value,
            hint,
            only_if_opened: true,
            scalar: false,
        });
    }

    /// Append a child that has a selector but no name.
    pub(crate) fn add_unnamed(&mut self, selector: &str, value: Place, hint: Hint) {
        self.add_quiet(selector, value, hint);
        if let Some(field) = self.list.last_mut() {
            field.only_if_opened = false;
        }
    }

    /// Append a number or the like, in which no layer can be.
    pub(crate) fn add_scalar(
        &mut self,
        selector: &str,
        name: Option<&str>,
        value: std::fmt::Arguments<'_>,
    ) {
        let start = self.arena.len();
        // Writing to a Vec cannot fail.
        let _ = self.arena.write_fmt(value);
        self.add_unnamed(selector, Place::Arena(start..self.arena.len()), Hint::None);
        let start = self.words.len();
        self.words.push_str(name.unwrap_or_default());
        if let Some(field) = self.list.last_mut() {
            field.name = name.map(|name| start..start + name.len());
            field.scalar = true;
        }
    }

    /// True when there are as many children as a part may have leaves; tells so.
    pub(crate) fn is_full(&mut self, limits: &Limits) -> bool {
        let full = self.list.len() >= limits.leaves as usize;
        if full {
            self.flaw = Some(Flaw::Limit(Reached {
                what: "leaves",
                limit: u64::from(limits.leaves),
            }));
        }
        full
    }

    /// Copy decoded bytes to the arena.
    pub(crate) fn store(&mut self, bytes: &[u8]) -> Place {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        Place::Arena(start..self.arena.len())
    }

    /// The value of a child.
    pub(crate) fn value<'a>(&'a self, field: &Field, input: &'a [u8]) -> &'a [u8] {
        match &field.value {
            Place::Input(range) => input.get(range.clone()),
            Place::Arena(range) => self.arena.get(range.clone()),
        }
        .unwrap_or_default()
    }

    /// Make every selector name one child only: `name`, `name#2`, `name#3`. A name that itself ends in
    /// `#` and digits always gets an ordinal.
    pub(crate) fn number_repeated(&mut self) {
        /// Up to here comparing all pairs is faster than hashing.
        const FEW: usize = 24;
        let few = self.list.len() <= FEW;
        let mut seen = HashMap::<u64, usize, FixedState>::default();
        // From the back, so that the selectors before are still as they were.
        if !few {
            for field in &self.list {
                let hash = seen.hasher().hash_one(&self.words[field.selector.clone()]);
                *seen.entry(hash).or_insert(0) += 1;
            }
        }
        for index in (0..self.list.len()).rev() {
            let word = &self.words[self.list[index].selector.clone()];
            let ordinal = if few {
                let same = |field: &&Field| self.words[field.selector.clone()] == *word;
                1 + self.list[..index].iter().filter(same).count()
            } else {
                let hash = seen.hasher().hash_one(word);
                seen.get_mut(&hash)
                    .map_or(1, |left| std::mem::replace(left, left.saturating_sub(1)))
            };
            if ordinal > 1 || ends_in_ordinal(word) {
                let numbered = format!("{word}#{ordinal}");
                let start = self.words.len();
                self.words.push_str(&numbered);
                self.list[index].selector = start..self.words.len();
            }
        }
    }

    /// The value of the child with this selector.
    pub(crate) fn select(&self, selector: &str, input: &[u8]) -> Option<Vec<u8>> {
        let field = self
            .list
            .iter()
            .find(|field| self.words[field.selector.clone()] == *selector)?;
        Some(self.value(field, input).to_vec())
    }
}

/// True for `a#2`: a name that looks like a numbered selector.
pub(crate) fn ends_in_ordinal(word: &str) -> bool {
    word.rsplit_once('#')
        .is_some_and(|(_, tail)| !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit()))
}
