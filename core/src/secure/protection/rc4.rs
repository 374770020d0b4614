//! RC4: a stream whose place must be kept, so it is cheap to copy and to move on.

/// The state of the generator.
#[derive(Clone)]
pub(crate) struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    /// Sets up a key; `None` for an empty one.
    pub fn new(key: &[u8]) -> Option<Rc4> {
        let mut state = [0; 256];
        for (at, value) in (0..=u8::MAX).zip(state.iter_mut()) {
            *value = at;
        }
        let mut j = 0u8;
        for (at, key) in (0..=u8::MAX).zip(key.iter().cycle()) {
            let one = state[usize::from(at)];
            j = j.wrapping_add(one).wrapping_add(*key);
            state.swap(usize::from(at), usize::from(j));
        }
        (!key.is_empty()).then_some(Rc4 { state, i: 0, j: 0 })
    }

    fn next(&mut self) -> u8 {
        self.i = self.i.wrapping_add(1);
        let one = self.state[usize::from(self.i)];
        self.j = self.j.wrapping_add(one);
        let two = self.state[usize::from(self.j)];
        self.state.swap(usize::from(self.i), usize::from(self.j));
        self.state[usize::from(one.wrapping_add(two))]
    }

    /// Encrypts or decrypts in place.
    pub fn apply(&mut self, data: &mut [u8]) {
        for byte in data {
            *byte ^= self.next();
        }
    }

    /// Moves on.
    pub fn skip(&mut self, bytes: u64) {
        for _ in 0..bytes {
            self.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rc4;

    /// RFC 6229 section 2: key 0102030405, offsets 0 and 1008.
    #[test]
    fn vectors_of_rfc_6229() {
        let mut first = Rc4::new(&[1, 2, 3, 4, 5]).unwrap();
        let mut later = first.clone();
        let mut data = [0; 4];
        first.apply(&mut data);
        assert_eq!(data, [0xb2, 0x39, 0x63, 0x05]);
        later.skip(1008);
        let mut data = [0; 8];
        later.apply(&mut data);
        assert_eq!(data, [0x45, 0x12, 0x90, 0x48, 0xe6, 0xa0, 0xed, 0x0b]);
    }
}
