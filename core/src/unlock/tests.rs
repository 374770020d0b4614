use super::*;
use crate::crack::wire::Surroundings;

const KEY: &[u8] = b"0123456789abcdef";
const BODY: &[u8] = br#"{"imei":"869836900602677","event":"open"}"#;

fn candidates() -> Vec<(String, Vec<u8>)> {
    vec![
        ("wrong".to_owned(), b"a wrong constant".to_vec()),
        ("right".to_owned(), KEY.to_vec()),
    ]
}

/// AES-128-CBC with the key as vector, PKCS#7, in base64.
fn sealed(body: &[u8]) -> Vec<u8> {
    use aes::cipher::{BlockCipherEncrypt, KeyInit};
    let cipher = aes::Aes128::new_from_slice(KEY).unwrap();
    let fill = 16 - body.len() % 16;
    let padded = [body, &vec![fill as u8; fill]].concat();
    let mut before: [u8; 16] = KEY.try_into().unwrap();
    let mut out = Vec::new();
    for block in padded.as_chunks::<16>().0 {
        let mut mixed: [u8; 16] = std::array::from_fn(|i| block[i] ^ before[i]);
        cipher.encrypt_block((&mut mixed).into());
        out.extend_from_slice(&mixed);
        before = mixed;
    }
    data_encoding::BASE64.encode(&out).into_bytes()
}

fn unlocker() -> Unlocker {
    Unlocker::new(candidates(), &[], Limits::default())
}

#[test]
fn a_proposed_key_opens_and_the_chain_replays() {
    let value = sealed(BODY);
    let found = unlocker()
        .unlock(&value, &Around::default())
        .unlocked
        .unwrap();
    assert_eq!(found.proof.key, "right");
    assert!(found.proof.evidence.unwrap() >= 200);
    let leaf = &found.leaves[0];
    assert_eq!(leaf.value, b"869836900602677");
    assert_eq!(leaf.name.as_deref(), Some("imei"));
    let trail = replay(&value, &leaf.steps, &Limits::default()).unwrap();
    assert_eq!(trail.last().unwrap(), &leaf.value);
}

#[test]
fn one_of_few_candidates_may_be_the_vector_of_another() {
    use aes::cipher::{BlockCipherEncrypt, KeyInit};
    // AES-128-OFB: nothing but the right vector tells.
    let vector = *b"a vector, or not";
    let cipher = aes::Aes128::new_from_slice(KEY).unwrap();
    let mut stream = vector;
    let sealed: Vec<u8> = BODY
        .chunks(16)
        .flat_map(|block| {
            cipher.encrypt_block((&mut stream).into());
            let mixed: Vec<u8> = block.iter().zip(stream).map(|(a, b)| a ^ b).collect();
            mixed
        })
        .collect();
    let listed = vec![
        ("key".to_owned(), KEY.to_vec()),
        ("vector".to_owned(), vector.to_vec()),
    ];
    let mut unlocker = Unlocker::new(listed, &[], Limits::default());
    let found = unlocker
        .unlock(&sealed, &Around::default())
        .unlocked
        .unwrap();
    assert_eq!(found.proof.key, "key");
    assert_eq!(found.leaves[0].value, b"869836900602677");
}

#[test]
fn a_text_under_a_small_key_is_still_closed() {
    // Under this key all characters of it stay printable.
    let body = [BODY, BODY, BODY].join(&b' ');
    let hidden: Vec<u8> = body.iter().map(|byte| byte ^ 0x15).collect();
    assert!(
        hidden
            .iter()
            .all(|byte| byte.is_ascii_graphic() || *byte == b'#')
    );
    let value = data_encoding::BASE64.encode(&hidden).into_bytes();
    let mut unlocker = Unlocker::new(Vec::new(), &[], Limits::default());
    assert!(unlocker.is_closed(&value));
    let found = unlocker
        .unlock(&value, &Around::default())
        .unlocked
        .unwrap();
    assert_eq!(found.steps[1].layer, "xor");
}

#[test]
fn a_value_beside_is_a_key() {
    let mut unlocker = Unlocker::new(Vec::new(), &[], Limits::default());
    let around = Around {
        siblings: &[("k", KEY)],
        ..Around::default()
    };
    let found = unlocker.unlock(&sealed(BODY), &around).unlocked.unwrap();
    assert_eq!(found.proof.key, "k");
}

#[test]
fn what_opened_a_field_is_tried_first_on_its_next_value() {
    let mut unlocker = unlocker();
    let around = Around {
        field: Some("app host path field"),
        ..Around::default()
    };
    let first = unlocker.unlock(&sealed(BODY), &around).unlocked.unwrap();
    let next = unlocker.unlock(&sealed(BODY), &around).unlocked.unwrap();
    assert!(next.proof.tried <= first.proof.tried);
    assert_eq!(next.leaves, first.leaves);
}

#[test]
fn without_the_key_it_stays_closed_and_a_field_is_given_up() {
    let mut unlocker = Unlocker::new(candidates()[..1].to_vec(), &[], Limits::default());
    let value = sealed(BODY);
    assert!(unlocker.is_closed(&value));
    let around = Around {
        field: Some("field"),
        ..Around::default()
    };
    for _ in 0..=PATIENCE {
        assert_eq!(unlocker.unlock(&value, &around).unlocked, None);
    }
    assert_eq!(unlocker.fields["field"].failed, PATIENCE + 1);
}

#[test]
fn text_and_structure_are_not_closed() {
    let mut unlocker = unlocker();
    for open in [
        &b"a sentence that anybody can read"[..],
        BODY,
        b"869836900602677",
        b"com.example.app",
    ] {
        assert!(
            !unlocker.is_closed(open),
            "{}",
            String::from_utf8_lossy(open)
        );
    }
}

#[test]
fn an_xor_without_a_known_key_is_solved_and_replays() {
    let body = [&b"["[..], &[BODY; 6].join(&b','), b"]"].concat();
    let hidden: Vec<u8> = body
        .iter()
        .zip(b"k3y!".iter().cycle())
        .map(|(a, b)| a ^ b)
        .collect();
    let mut unlocker = Unlocker::new(Vec::new(), &[], Limits::default());
    let found = unlocker
        .unlock(&hidden, &Around::default())
        .unlocked
        .unwrap();
    assert_eq!(found.steps[0].layer, "xor");
    assert_eq!(
        follow("xor", &found.steps[0].selector, &hidden).unwrap(),
        body
    );
}

#[test]
fn every_layer_has_one_name() {
    let mut names: Vec<_> = layers().collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    // `xor` is opened with a key and solved without one: the same selector serves both.
    assert!(count - names.len() <= 2, "{names:?}");
}

#[test]
fn a_known_format_is_opened_or_said_to_be_for_the_recipient() {
    let mut unlocker = Unlocker::new(Vec::new(), &[], Limits::default());
    let around = Around {
        message: Surroundings {
            host: "tracking.intl.miui.com",
            path: "/track/v4",
            headers: &[("OT_SID", b"1"), ("OT_protocol", b"3.0")],
            fields: &[],
        },
        ..Around::default()
    };
    let outcome = unlocker.unlock(&[0x9d; 64], &around);
    assert_eq!(outcome.unlocked, None);
    let format = outcome.format.unwrap();
    assert_eq!(
        (format.id, format.disguise),
        ("onetrack", Some("to-recipient"))
    );
    assert!(!format.text.is_empty());
}

#[test]
fn a_limit_that_is_met_inside_is_told() {
    let limits = Limits {
        leaves: 3,
        ..Limits::default()
    };
    let mut unlocker = Unlocker::new(candidates(), &[], limits);
    let body = br#"{"imei":"869836900602677","a":"one","b":"two","c":"three","d":"four"}"#;
    let found = unlocker
        .unlock(&sealed(body), &Around::default())
        .unlocked
        .unwrap();
    assert!(
        found
            .limits
            .iter()
            .any(|(what, limit, _)| (*what, *limit) == ("leaves", 3))
    );
}

/// A smaller version of `make noise`: random blobs of 16 B to 8 KiB, lengths log-uniform, half of them whole
/// blocks, with constants as candidates and without.
#[test]
fn noise_stays_closed() {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    };
    let candidates = (0..12)
        .map(|number| {
            let text = (0..16).map(|_| b'a' + (random() % 26) as u8).collect();
            (format!("constant {number}"), text)
        })
        .collect();
    let mut with = Unlocker::new(candidates, &[], Limits::default());
    let mut without = Unlocker::new(Vec::new(), &[], Limits::default());
    for number in 0..80 {
        let length = (1usize << (4 + random() % 9)) + random() as usize % 16;
        let length = if number % 2 == 0 {
            length / 16 * 16
        } else {
            length
        };
        let blob: Vec<u8> = (0..length).map(|_| random() as u8).collect();
        for unlocker in [&mut with, &mut without] {
            let outcome = unlocker.unlock(&blob, &Around::default());
            assert_eq!(outcome.unlocked, None, "{blob:02x?}");
        }
    }
}
