//! SEED (RFC 4269), decryption only. Its substitution tables are computed from their algebra.

/// The columns of the affine map of the first table, its constant, and the power before it.
const FIRST: [u8; 256] = table([0x2c, 0xd0, 0x69, 0xc2, 0x41, 0x44, 0x58, 0xe2], 169, 247);
/// The same of the second.
const SECOND: [u8; 256] = table([0xd0, 0x2a, 0xe1, 0x2c, 0x21, 0x30, 0xa2, 0x6c], 56, 251);
const ROUNDS: usize = 16;

/// `columns · x^power + constant` over the field of 256 elements with x^8 + x^6 + x^5 + x + 1.
const fn table(columns: [u8; 8], constant: u8, power: u32) -> [u8; 256] {
    let mut out = [0; 256];
    let mut x = 0;
    while x < 256 {
        let mut value = 1u16;
        let mut n = 0;
        while n < power {
            value = multiply(value, x as u16);
            n += 1;
        }
        let mut result = constant;
        let mut bit = 0;
        while bit < 8 {
            if value >> bit & 1 == 1 {
                result ^= columns[bit];
            }
            bit += 1;
        }
        out[x] = result;
        x += 1;
    }
    out
}

const fn multiply(a: u16, b: u16) -> u16 {
    let (mut a, mut b, mut out) = (a, b, 0);
    while b > 0 {
        if b & 1 == 1 {
            out ^= a;
        }
        a <<= 1;
        if a & 0x100 != 0 {
            a ^= 0x163;
        }
        b >>= 1;
    }
    out
}

/// Function G of section 2.2.
fn mix(word: u32) -> u32 {
    let [d, c, b, a] = word.to_be_bytes();
    let [a, b, c, d] = [
        FIRST[usize::from(a)],
        SECOND[usize::from(b)],
        FIRST[usize::from(c)],
        SECOND[usize::from(d)],
    ];
    let join = |m: [u8; 4]| (a & m[0]) ^ (b & m[1]) ^ (c & m[2]) ^ (d & m[3]);
    u32::from_be_bytes([
        join([0x3f, 0xfc, 0xf3, 0xcf]),
        join([0xcf, 0x3f, 0xfc, 0xf3]),
        join([0xf3, 0xcf, 0x3f, 0xfc]),
        join([0xfc, 0xf3, 0xcf, 0x3f]),
    ])
}

/// Function F of section 2.1.
fn round((left, right): (u32, u32), key: (u32, u32)) -> (u32, u32) {
    let (left, right) = (left ^ key.0, right ^ key.1);
    let right = mix(left ^ right);
    let left = mix(left.wrapping_add(right));
    let right = mix(left.wrapping_add(right));
    (left.wrapping_add(right), right)
}

/// A key that was set up.
pub(super) struct Seed {
    rounds: [(u32, u32); ROUNDS],
}

fn words(bytes: [u8; 16]) -> [u32; 4] {
    let all = u128::from_be_bytes(bytes);
    [96, 64, 32, 0].map(|shift| (all >> shift) as u32)
}

impl Seed {
    /// Sets up a key (section 2.3); `None` unless it has 16 bytes.
    pub fn new(key: &[u8]) -> Option<Seed> {
        let [mut a, mut b, mut c, mut d] = words(key.try_into().ok()?);
        let mut rounds = [(0, 0); ROUNDS];
        let mut constant = 0x9e37_79b9u32;
        for (index, round) in rounds.iter_mut().enumerate() {
            let first = a.wrapping_add(c).wrapping_sub(constant);
            let second = b.wrapping_sub(d).wrapping_add(constant);
            *round = (mix(first), mix(second));
            constant = constant.rotate_left(1);
            if index % 2 == 0 {
                let both = (u64::from(a) << 32 | u64::from(b)).rotate_right(8);
                (a, b) = ((both >> 32) as u32, both as u32);
            } else {
                let both = (u64::from(c) << 32 | u64::from(d)).rotate_left(8);
                (c, d) = ((both >> 32) as u32, both as u32);
            }
        }
        Some(Seed { rounds })
    }

    /// Decrypts one block.
    pub fn decrypt(&self, block: [u8; 16]) -> [u8; 16] {
        self.feistel(block, self.rounds.iter().rev())
    }

    /// Encrypts one block.
    #[cfg(any(test, feature = "seal"))]
    pub fn encrypt(&self, block: [u8; 16]) -> [u8; 16] {
        self.feistel(block, self.rounds.iter())
    }

    fn feistel<'a>(
        &self,
        block: [u8; 16],
        rounds: impl Iterator<Item = &'a (u32, u32)>,
    ) -> [u8; 16] {
        let [l0, l1, r0, r1] = words(block);
        let (mut left, mut right) = ((l0, l1), (r0, r1));
        for key in rounds {
            let mixed = round(right, *key);
            (left, right) = (right, (left.0 ^ mixed.0, left.1 ^ mixed.1));
        }
        let all = [right.0, right.1, left.0, left.1];
        all.into_iter()
            .fold(0u128, |sum, word| sum << 32 | u128::from(word))
            .to_be_bytes()
    }

    /// Decrypts whole blocks in place, chained.
    pub fn decrypt_chain(&self, iv: &[u8], data: &mut [u8]) -> Option<()> {
        let mut before: [u8; 16] = iv.try_into().ok()?;
        let (blocks, rest) = data.as_chunks_mut::<16>();
        for block in blocks {
            let sealed = *block;
            *block = self.decrypt(sealed);
            for (to, from) in block.iter_mut().zip(before) {
                *to ^= from;
            }
            before = sealed;
        }
        rest.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    /// RFC 4269 appendix B.1.
    #[test]
    fn first_vector_of_the_rfc() {
        let seed = Seed::new(&[0; 16]).unwrap();
        let sealed = 0x5eba_c6e0_054e_1668_19af_f1cc_6d34_6cdb_u128.to_be_bytes();
        let plain = 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f_u128.to_be_bytes();
        assert_eq!(seed.decrypt(sealed), plain);
        assert_eq!(seed.encrypt(plain), sealed);
    }
}
