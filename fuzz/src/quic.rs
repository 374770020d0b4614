//! The other side of the reader: QUIC Initial packets (RFC 9001 section 5.2), whose keys everybody can compute.

use ring::aead::quic::{AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;

use crate::tls::expand_label;

/// RFC 9001 section 5.2.
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
/// Connection id of the server in every connection.
const ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// An Initial packet of version 1 with these frames, at least as long as one must be to be protected.
pub fn initial(up: bool, number: u32, frames: &[u8]) -> Vec<u8> {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &SALT), &ID);
    let secret = expand_label(
        extracted.as_ref(),
        if up { "client in" } else { "server in" },
        32,
    );
    let mut payload = frames[..frames.len().min(1_400)].to_vec();
    payload.resize(payload.len().max(20), 0);
    let (to, from): (&[u8], &[u8]) = if up { (&ID, &[]) } else { (&[], &ID) };
    let length = (4 + payload.len() + 16) as u16 | 0x4000;
    let mut head = [
        &[0xc3, 0, 0, 0, 1, to.len() as u8][..],
        to,
        &[from.len() as u8],
        from,
        &[0],
    ]
    .concat();
    head.extend(length.to_be_bytes());
    let at = head.len();
    head.extend(number.to_be_bytes());
    let key =
        UnboundKey::new(&AES_128_GCM, &expand_label(&secret, "quic key", 16)).expect("16 bytes");
    let mut nonce: [u8; 12] = expand_label(&secret, "quic iv", 12)
        .try_into()
        .expect("12 bytes");
    for (byte, part) in nonce[8..].iter_mut().zip(number.to_be_bytes()) {
        *byte ^= part;
    }
    let nonce = Nonce::assume_unique_for_key(nonce);
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::from(&head), &mut payload)
        .expect("small");
    let mut packet = [head, payload].concat();
    let guard = HeaderProtectionKey::new(&AES_128, &expand_label(&secret, "quic hp", 16))
        .expect("16 bytes");
    let mask = guard.new_mask(&packet[at + 4..at + 20]).expect("16 bytes");
    packet[0] ^= mask[0] & 0x0f;
    for (byte, mask) in packet[at..at + 4].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
    packet
}
