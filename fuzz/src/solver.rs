//! What the targets of the solvers make of an input: texts that share something, and values expected inside.

use waakzaam_core::solve::{Budget, Cribs};

/// Texts and values.
pub struct Texts<'a> {
    owned: Vec<Vec<u8>>,
    plain: Vec<&'a [u8]>,
    /// Values that are expected inside.
    pub cribs: Cribs,
}

impl<'a> Texts<'a> {
    /// The first byte says how many values come first, each behind its length. Texts follow, each behind two bytes
    /// of length, the last one as long as it is. If the highest bit of the first byte is set, the texts are XORed
    /// with a key whose length is in the second byte, so that there is something to find.
    pub fn of(input: &'a [u8]) -> Self {
        let mut texts = Texts {
            owned: Vec::new(),
            plain: Vec::new(),
            cribs: Cribs::new(),
        };
        let Some((&mode, mut rest)) = input.split_first() else {
            return texts;
        };
        for _ in 0..mode & 7 {
            let Some((&length, after)) = rest.split_first() else {
                return texts;
            };
            let Some((value, after)) = after.split_at_checked(usize::from(length & 31)) else {
                return texts;
            };
            texts.cribs.add(value);
            rest = after;
        }
        let mut key: &[u8] = &[];
        if mode & 0x80 != 0
            && let Some((&length, after)) = rest.split_first()
            && let Some((bytes, after)) = after.split_at_checked(usize::from(length & 31))
        {
            (key, rest) = (bytes, after);
        }
        while !rest.is_empty() {
            let length = rest.first_chunk::<2>().map_or(rest.len(), |two| {
                usize::from(u16::from_be_bytes(*two) & 0x3ff)
            });
            let after = rest.get(2..).unwrap_or_default();
            let (text, after) = after.split_at_checked(length).unwrap_or((after, &[]));
            if key.is_empty() {
                texts.plain.push(text);
            } else {
                let keys = key.iter().cycle();
                texts
                    .owned
                    .push(text.iter().zip(keys).map(|(a, b)| a ^ b).collect());
            }
            rest = after;
        }
        texts
    }

    /// All texts.
    pub fn all(&self) -> Vec<&[u8]> {
        let owned = self.owned.iter().map(Vec::as_slice);
        owned.chain(self.plain.iter().copied()).collect()
    }
}

/// A budget of so many steps.
pub fn budget(steps: u64) -> Budget {
    Budget::new(steps)
}
