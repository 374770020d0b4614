//! The enciphering way, for tests.

use crate::crack::cipher::BlockCipher;

/// PKCS #7.
pub(crate) fn pad(plain: &[u8], block: usize) -> Vec<u8> {
    let count = block - plain.len() % block;
    let mut out = plain.to_vec();
    out.resize(plain.len() + count, count as u8);
    out
}

fn blocks<const B: usize>(plain: &[u8]) -> Vec<[u8; B]> {
    plain
        .chunks(B)
        .map(|chunk| chunk.try_into().unwrap())
        .collect()
}

pub(crate) fn ecb<const B: usize, C: BlockCipher<B>>(key: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut blocks = blocks::<B>(plain);
    C::new(key).unwrap().encrypt(&mut blocks);
    blocks.concat()
}

pub(crate) fn cbc<const B: usize, C: BlockCipher<B>>(
    key: &[u8],
    iv: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let cipher = C::new(key).unwrap();
    let mut last: [u8; B] = iv.try_into().unwrap();
    let mut out = Vec::new();
    for mut block in blocks::<B>(plain) {
        for (byte, before) in block.iter_mut().zip(last) {
            *byte ^= before;
        }
        let mut one = [block];
        cipher.encrypt(&mut one);
        [last] = one;
        out.extend_from_slice(&last);
    }
    out
}

/// CFB with feedback of whole blocks, CFB8, OFB and CTR, written from their definitions.
pub(crate) fn stream<const B: usize, C: BlockCipher<B>>(
    mode: &str,
    key: &[u8],
    iv: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let cipher = C::new(key).unwrap();
    let mut register: [u8; B] = iv.try_into().unwrap();
    let step = if mode == "cfb8" { 1 } else { B };
    let mut out = Vec::new();
    for chunk in plain.chunks(step) {
        let mut block = [register];
        cipher.encrypt(&mut block);
        let [key] = block;
        let sealed: Vec<u8> = chunk.iter().zip(key).map(|(a, b)| a ^ b).collect();
        out.extend_from_slice(&sealed);
        match mode {
            "cfb8" => {
                register.rotate_left(1);
                register[B - 1] = sealed[0];
            }
            "cfb" if sealed.len() == B => register.copy_from_slice(&sealed),
            "ofb" => register = key,
            "ctr" => {
                for byte in register.iter_mut().rev() {
                    *byte = byte.wrapping_add(1);
                    if *byte != 0 {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    out
}
