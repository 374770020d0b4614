//! Two ends of a tunnel that write what they would send; for tests and the fuzzer.

use ring::aead::{Aad, LessSafeKey};

use super::keys::public;
use super::noise::{Key, State, derive, mac, mac_key, nonce, sealing_key};

/// Keys and numbers of both ends.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Private keys of initiator and responder.
    pub identities: [Key; 2],
    /// Private keys of this handshake.
    pub ephemerals: [Key; 2],
    /// The key they share beforehand; zeros for none.
    pub preshared: Key,
    /// What they want to be called.
    pub numbers: [u32; 2],
}

/// A tunnel that is open.
pub struct Tunnel {
    /// The messages of the handshake.
    pub handshake: [Vec<u8>; 2],
    keys: [LessSafeKey; 2],
    numbers: [u32; 2],
    counters: [u64; 2],
}

fn seal(key: &Key, state: &mut State, plain: &[u8]) -> Vec<u8> {
    let mut sealed = plain.to_vec();
    sealing_key(key)
        .expect("a key")
        .seal_in_place_append_tag(nonce(0), Aad::from(&state.said), &mut sealed)
        .expect("fits");
    state.say(&sealed);
    sealed
}

fn finish(message: &mut Vec<u8>, receiver: &Key) {
    let tag = mac(&mac_key(receiver), message);
    message.extend(tag);
    message.extend([0; 16]);
}

/// Both ends talk.
pub fn open(ends: &Ends) -> Tunnel {
    let [initiator, responder] = ends.identities;
    let [ephemeral, answer] = ends.ephemerals;
    let theirs = public(&responder);
    let shared = |private: &Key, other: &Key| x25519_dalek::x25519(*private, *other);

    let mut state = State::new(&theirs);
    let mine = public(&ephemeral);
    let mut first = vec![1, 0, 0, 0];
    first.extend(ends.numbers[0].to_le_bytes());
    first.extend(mine);
    state.say(&mine);
    state.mix(&mine);
    let key = state.key(&shared(&ephemeral, &theirs));
    first.extend(seal(&key, &mut state, &public(&initiator)));
    let key = state.key(&shared(&initiator, &theirs));
    first.extend(seal(&key, &mut state, &[7; 12]));
    finish(&mut first, &theirs);

    let other = public(&answer);
    let mut second = vec![2, 0, 0, 0];
    second.extend(ends.numbers[1].to_le_bytes());
    second.extend(ends.numbers[0].to_le_bytes());
    second.extend(other);
    state.say(&other);
    state.mix(&other);
    state.mix(&shared(&answer, &mine));
    state.mix(&shared(&answer, &public(&initiator)));
    let key = state.share(&ends.preshared);
    second.extend(seal(&key, &mut state, &[]));
    finish(&mut second, &public(&initiator));

    let keys: [Key; 2] = derive(&state.chain, &[]);
    Tunnel {
        handshake: [first, second],
        keys: keys.map(|key| sealing_key(&key).expect("a key")),
        numbers: ends.numbers,
        counters: [0, 0],
    }
}

impl Tunnel {
    /// What side 0 (the initiator) or 1 sends around an IP packet.
    pub fn send(&mut self, side: usize, packet: &[u8]) -> Vec<u8> {
        let mut sealed = packet.to_vec();
        sealed.resize(packet.len().next_multiple_of(16), 0);
        let counter = self.counters[side];
        self.counters[side] += 1;
        self.keys[side]
            .seal_in_place_append_tag(nonce(counter), Aad::empty(), &mut sealed)
            .expect("fits");
        let mut datagram = vec![4, 0, 0, 0];
        datagram.extend(self.numbers[1 - side].to_le_bytes());
        datagram.extend(counter.to_le_bytes());
        datagram.extend(sealed);
        datagram
    }
}
