//! Every family and mode is found again, and its selector alone takes it off.

use aes::cipher::{KeyIvInit, StreamCipher};

use super::encode::{cbc, ecb, pad, stream};
use super::judge;
use crate::crack::cipher::BlockCipher;
use crate::crack::{Budget, Cracked, Extra, Keys, follow, layers, open};

pub(super) const TEXT: &[u8] = br#"{"imei":"869836900602677","android_id":"a4fe31cc09d2b7e1","url":"https://example.be/prive?q=test","city":"Leuven"}"#;

fn key(length: usize) -> Vec<u8> {
    (0..length).map(|at| b'a' + (at * 7 % 26) as u8).collect()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn attempt(
    sealed: &[u8],
    candidates: &[(&str, &[u8])],
    extra: &Extra<'_>,
) -> Option<Cracked> {
    let mut all: Vec<(&str, &[u8])> = vec![("decoy", b"0123456789abcdef"), ("decoy", b"secret")];
    all.extend_from_slice(candidates);
    let keys = Keys::new(all);
    let found = open(sealed, &keys, extra, &mut judge, &mut Budget::default())?;
    assert!(layers().any(|layer| layer == found.layer));
    let again = follow(found.layer, &found.selector, sealed);
    assert_eq!(
        again.as_deref(),
        Some(found.plain.as_slice()),
        "{}",
        found.selector
    );
    Some(found)
}

#[track_caller]
fn opens(layer: &str, sealed: &[u8], key: &[u8], plain: &[u8]) -> Cracked {
    let found = attempt(sealed, &[("here", key)], &Extra::default()).expect(layer);
    assert_eq!(
        (found.layer, found.plain.as_slice()),
        (layer, plain),
        "{found:?}"
    );
    assert_eq!(found.key_label, "here");
    found
}

fn modes<const B: usize, C: BlockCipher<B>>(name: &str, length: usize, streams: bool) {
    let key = key(length);
    let iv: Vec<u8> = (0..B).map(|at| at as u8 * 13 + 1).collect();
    let zero = vec![0; B];
    let padded = pad(TEXT, B);
    opens(
        &format!("{name}-ecb"),
        &ecb::<B, C>(&key, &padded),
        &key,
        TEXT,
    );
    let layer = format!("{name}-cbc");
    let found = opens(&layer, &cbc::<B, C>(&key, &zero, &padded), &key, TEXT);
    assert_eq!(found.iv_label.as_deref(), Some("zeros"));
    // The vector in front.
    let mut front = iv.clone();
    front.extend(cbc::<B, C>(&key, &iv, &padded));
    let found = opens(&layer, &front, &key, TEXT);
    assert!(found.selector.contains(&format!("iv=prefix{B}")));
    // The vector is another constant, and the plaintext compressed.
    let zipped = gzip(TEXT);
    let sealed = cbc::<B, C>(&key, &iv, &pad(&zipped, B));
    let found = attempt(
        &sealed,
        &[("here", &key), ("vector", &iv)],
        &Extra::default(),
    )
    .unwrap();
    assert_eq!((found.layer, found.plain), (layer.as_str(), zipped));
    // Key and vector stand beside the value, in hexadecimal.
    let text = data_encoding::HEXLOWER.encode(&iv);
    let sealed = cbc::<B, C>(&key, &iv, &padded);
    let siblings = [("field k", key.as_slice()), ("field v", text.as_bytes())];
    let extra = Extra {
        ivs: &[],
        siblings: &siblings,
    };
    let found = attempt(&sealed, &[], &extra).unwrap();
    assert_eq!(
        (found.plain.as_slice(), found.key_label.as_str()),
        (TEXT, "field k")
    );
    assert_eq!(found.iv_label.as_deref(), Some("field v"));
    for mode in ["ctr", "cfb", "ofb", "cfb8"] {
        let sealed = stream::<B, C>(mode, &key, &iv, TEXT);
        let found = attempt(&sealed, &[], &extra).unwrap_or_else(|| panic!("{name}-{mode}"));
        assert_eq!(found.layer, format!("{name}-{mode}"));
        assert_eq!(found.plain, TEXT);
        if streams {
            let mut front = iv.clone();
            front.extend(&sealed);
            opens(&format!("{name}-{mode}"), &front, &key, TEXT);
        }
    }
}

#[test]
fn block_ciphers_in_all_modes() {
    modes::<16, aes::Aes128>("aes-128", 16, true);
    modes::<16, aes::Aes192>("aes-192", 24, true);
    modes::<16, aes::Aes256>("aes-256", 32, true);
    modes::<8, ::des::Des>("des", 8, false);
    modes::<8, crate::crack::cipher::Ede>("3des", 24, false);
    modes::<16, ::sm4::Sm4>("sm4", 16, false);
    modes::<8, ::blowfish::Blowfish>("blowfish", 16, false);
}

/// Setting up a key of Blowfish is dear: of the forms of the values beside only some are tried, as they are first.
#[test]
fn a_blowfish_key_among_many_values_beside() {
    let many: Vec<Vec<u8>> = (0..10u32)
        .map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9)).into_bytes())
        .collect();
    let siblings: Vec<(&str, &[u8])> = many.iter().map(|key| ("field", key.as_slice())).collect();
    let extra = Extra {
        ivs: &[],
        siblings: &siblings,
    };
    let sealed = ecb::<8, ::blowfish::Blowfish>(&many[9], &pad(TEXT, 8));
    let found = attempt(&sealed, &[], &extra).unwrap();
    assert_eq!(
        (found.layer, found.plain.as_slice()),
        ("blowfish-ecb", TEXT)
    );
}

#[test]
fn derived_keys() {
    let md5 = data_encoding::HEXLOWER
        .decode(b"5ebe2294ecd0e0f08eab7690d2a6ee69")
        .unwrap();
    let sealed = ecb::<16, aes::Aes128>(&md5, &pad(TEXT, 16));
    let found = attempt(&sealed, &[("a", b"secret")], &Extra::default()).unwrap();
    assert_eq!(
        (found.derivation.as_str(), found.key_label.as_str()),
        ("MD5", "decoy")
    );
    let sealed = ecb::<16, aes::Aes128>(b"5ebe2294ecd0e0f0", &pad(TEXT, 16));
    let found = attempt(&sealed, &[], &Extra::default()).unwrap();
    assert_eq!(found.derivation, "MD5 as hexadecimal text, truncated");
    let mut filled = *b"secret\0\0\0\0\0\0\0\0\0\0";
    let sealed = ecb::<16, aes::Aes128>(&filled, &pad(TEXT, 16));
    let found = attempt(&sealed, &[], &Extra::default()).unwrap();
    assert_eq!(found.derivation, "as it is, filled with zeros");
    filled = *b"NOPQRSTUVWXYZABC";
    let shifted: Vec<u8> = filled.iter().map(|byte| byte + 13).collect();
    let sealed = ecb::<16, aes::Aes128>(&filled, &pad(TEXT, 16));
    let found = attempt(&sealed, &[("constant", &shifted)], &Extra::default()).unwrap();
    assert_eq!(found.derivation, "every character -13");
    // Digests as others compute them: `printf secret | sha256sum`, `… | sha1sum`, and SHA-1 of SHA-1.
    for (key, derivation) in [
        (
            "text:2bb80d537b1da3e3",
            "SHA-256 as hexadecimal text, truncated",
        ),
        (
            "text:e5e9fa1ba31ecd1a",
            "SHA-1 as hexadecimal text, truncated",
        ),
        (
            "text:8eab7690d2a6ee69",
            "MD5 as hexadecimal text, the last half",
        ),
        (
            "hex:14e65567abdb5135d0cfd9a70b3032c1",
            "SHA1PRNG of Java, truncated",
        ),
    ] {
        let key = match key.split_once(':').unwrap() {
            ("hex", hex) => data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap(),
            (_, text) => text.as_bytes().to_vec(),
        };
        let sealed = ecb::<16, aes::Aes128>(&key, &pad(TEXT, 16));
        let found = attempt(&sealed, &[], &Extra::default()).expect(derivation);
        assert_eq!(found.derivation, derivation);
    }
}

#[test]
fn authenticated_modes_open_without_a_judge() {
    use ring::aead;
    let key = key(16);
    let nonce = [9u8; 12];
    let plain = [0xfeu8; 40];
    let seal = |plain: &[u8]| {
        let key = aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap();
        let once = aead::Nonce::assume_unique_for_key(nonce);
        let mut body = plain.to_vec();
        aead::LessSafeKey::new(key)
            .seal_in_place_append_tag(once, aead::Aad::empty(), &mut body)
            .unwrap();
        [&nonce[..], &body].concat()
    };
    let sealed = seal(&plain);
    let siblings = [("field", key.as_slice())];
    let extra = Extra {
        ivs: &[],
        siblings: &siblings,
    };
    let found = attempt(&sealed, &[], &extra).unwrap();
    assert_eq!(
        (found.layer, found.plain.as_slice()),
        ("aes-128-gcm", &plain[..])
    );
    // Among many keys the counter mode shows first, and the tag then proves it.
    let found = opens("aes-128-gcm", &seal(TEXT), &key, TEXT);
    assert!(found.evidence > 1280 + 200, "{found:?}");
    // A nonce of zeros is in no message.
    let once = aead::Nonce::assume_unique_for_key([0; 12]);
    let sealing = aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap();
    let mut body = TEXT.to_vec();
    aead::LessSafeKey::new(sealing)
        .seal_in_place_append_tag(once, aead::Aad::empty(), &mut body)
        .unwrap();
    opens("aes-128-gcm", &body, &key, TEXT);
    // With additional data the tag proves nothing, and the counter mode is told.
    let sealing = aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap();
    let once = aead::Nonce::assume_unique_for_key(nonce);
    let mut body = TEXT.to_vec();
    aead::LessSafeKey::new(sealing)
        .seal_in_place_append_tag(once, aead::Aad::from(b"v1"), &mut body)
        .unwrap();
    let found = opens("aes-128-ctr", &[&nonce[..], &body].concat(), &key, TEXT);
    assert!(
        found
            .selector
            .ends_with("iv=prefix12,counter=00000002,cut=16")
    );
}

#[test]
fn constants_are_vectors_of_cfb_before_the_prefix_is() {
    let (key, iv) = (key(16), *b"a vector as text");
    let sealed = stream::<16, aes::Aes128>("cfb", &key, &iv, TEXT);
    let candidates: [(&str, &[u8]); 2] = [("here", &key), ("vector", &iv)];
    let found = attempt(&sealed, &candidates, &Extra::default()).unwrap();
    assert_eq!((found.layer, found.plain.as_slice()), ("aes-128-cfb", TEXT));
    assert_eq!(found.iv_label.as_deref(), Some("vector"));
    // Without it all but the first block is read.
    let found = attempt(&sealed, &candidates[..1], &Extra::default()).unwrap();
    assert_eq!(
        (found.layer, found.plain.as_slice()),
        ("aes-128-cfb", &TEXT[16..])
    );
    assert!(found.selector.ends_with("iv=prefix16"));
}

#[test]
fn chacha_with_and_without_tag() {
    let key = key(32);
    let mut sealed = vec![5u8; 12];
    let mut body = TEXT.to_vec();
    chacha20::ChaCha20::new_from_slices(&key, &sealed)
        .unwrap()
        .apply_keystream(&mut body);
    sealed.extend(body);
    let found = opens("chacha20", &sealed, &key, TEXT);
    assert!(found.selector.ends_with("iv=prefix12,counter=00000000"));
    let nonce = [5u8; 12];
    let sealing = ring::aead::LessSafeKey::new(
        ring::aead::UnboundKey::new(&ring::aead::CHACHA20_POLY1305, &key).unwrap(),
    );
    let mut body = TEXT.to_vec();
    sealing
        .seal_in_place_append_tag(
            ring::aead::Nonce::assume_unique_for_key(nonce),
            ring::aead::Aad::empty(),
            &mut body,
        )
        .unwrap();
    let mut sealed = nonce.to_vec();
    sealed.extend(body);
    opens("chacha20-poly1305", &sealed, &key, TEXT);
}

#[test]
fn streams_without_a_vector() {
    let key = key(11);
    let mut sealed = TEXT.to_vec();
    crate::secure::protection::Rc4::new(&key)
        .unwrap()
        .apply(&mut sealed);
    opens("rc4", &sealed, &key, TEXT);
    let sealed: Vec<u8> = TEXT
        .iter()
        .zip(key.iter().cycle())
        .map(|(a, b)| a ^ b)
        .collect();
    opens("xor", &sealed, &key, TEXT);
    let sealed: Vec<u8> = (0u8..)
        .zip(TEXT)
        .zip(key.iter().cycle())
        .map(|((at, a), b)| a ^ b ^ at)
        .collect();
    opens("xor-index", &sealed, &key, TEXT);
    for (layer, sealed) in [
        (
            "xor",
            TEXT.iter().map(|byte| byte ^ 0xa7).collect::<Vec<u8>>(),
        ),
        (
            "add",
            TEXT.iter().map(|byte| byte.wrapping_add(0x91)).collect(),
        ),
        (
            "rotate",
            TEXT.iter().map(|byte| byte.rotate_left(3)).collect(),
        ),
    ] {
        let found = attempt(&sealed, &[], &Extra::default()).expect(layer);
        assert_eq!((found.layer, found.plain.as_slice()), (layer, TEXT));
    }
}

#[test]
fn salted_passphrases() {
    use crate::crack::derive::evp_bytes_to_key;
    let salt = b"12345678";
    let made = evp_bytes_to_key::<md5::Md5>(b"secret", salt);
    let mut sealed = b"Salted__12345678".to_vec();
    sealed.extend(cbc::<16, aes::Aes256>(
        &made[..32],
        &made[32..],
        &pad(TEXT, 16),
    ));
    let found = attempt(&sealed, &[], &Extra::default()).unwrap();
    assert_eq!(found.plain, TEXT);
    assert_eq!(found.derivation, "EVP_BytesToKey with MD5");
}

#[test]
fn follow_refuses_what_it_does_not_know() {
    assert_eq!(follow("aes-128-ecb", "key=00", &[0; 16]), None);
    assert_eq!(follow("enigma", "key=00", &[0; 16]), None);
    assert_eq!(
        follow("aes-128-cbc", &format!("key={}", "00".repeat(16)), &[0; 16]),
        None
    );
    assert_eq!(follow("xor", "key=", &[0; 16]), None);
    assert_eq!(follow("rc4", "key=00,skip=99", &[0; 16]), None);
    assert_eq!(follow("rc4", "key=00,drop=99", &[0; 16]), None);
    assert_eq!(follow("rotate", "key=0000", &[0; 16]), None);
}
